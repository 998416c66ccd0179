"""Whose records are whose: what a record's owner is compared with, day by day.

What it accepts: the model that records name their owner in.

How to use it::

    SQL("SELECT … FROM hr_employee e JOIN %s who ON who.employee_id = e.id", who("res.users"))

How it works: the rows of `who` have ``employee_id`` and ``company_id``; ``owner``, the
number of the login, contact or employee (none: nothing can be theirs); ``date_from``
and ``date_to``, the local days on which that is so, both within. An employee whose
login never changed has one row for all time, and is also known by the work contact;
of the others `expat.login` says which login was whose, and each row lasts until the
next. The work contact, which a successor may have too, says nothing of them.
"""

from odoo.tools import SQL


def who(owner_model):
    if owner_model == "hr.employee":
        return SQL(
            """(SELECT id AS employee_id, company_id, id AS owner,
                       '-infinity'::date AS date_from, 'infinity'::date AS date_to
                  FROM hr_employee)"""
        )
    owner, contacts = SQL("CASE WHEN login.id IS NULL THEN e.user_id ELSE login.user_id END"), SQL()
    if owner_model == "res.partner":
        contacts = SQL("LEFT JOIN res_users u ON u.id = %s", owner)
        owner = SQL(
            "CASE WHEN login.id IS NULL THEN COALESCE(u.partner_id, e.work_contact_id)"
            " ELSE u.partner_id END"
        )
    return SQL(
        """(SELECT e.id AS employee_id, e.company_id, %s AS owner,
                   COALESCE(login.date_from, '-infinity') AS date_from,
                   COALESCE(login.next_from - 1, 'infinity') AS date_to
              FROM hr_employee e
              LEFT JOIN (SELECT id, employee_id, user_id, date_from,
                                LEAD(date_from) OVER (PARTITION BY employee_id
                                                      ORDER BY date_from NULLS FIRST) AS next_from
                           FROM expat_login) login ON login.employee_id = e.id %s)""",
        owner,
        contacts,
    )
