from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class ExpatLogin(models.Model):
    """From which local day on which login is whose.

    Opportunities, orders and meetings belong to logins, results to people. As long as
    the login of an employee never changed there is nothing here, and all that it ever
    did is theirs. From the first change on each row lasts until the next of the same
    employee: what the predecessor did stays with the predecessor.

    Rows appear by themselves (see ``hr.employee``); HR officers correct their days.
    """

    _name = "expat.login"
    _description = "Login of an Employee"
    _order = "employee_id, date_from desc, id desc"
    _rec_name = "user_id"

    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True, precompute=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Login",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: no login, so that nothing of a login counts.",
    )
    date_from = fields.Date(string="From", help="Empty: since ever.")
    date_to = fields.Date(
        string="To",
        compute="_compute_date_to",
        help="The day before the next row of this person begins. Empty: until now.",
    )

    _day_uniq = models.UniqueIndex(
        "(employee_id, COALESCE(date_from, '-infinity'::date))",
        "Another row of this person begins on that day.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        logins = super().create(vals_list)
        logins._log(logins.employee_id)
        return logins

    def write(self, vals):
        employees = self.employee_id
        result = super().write(vals)
        self._log(employees | self.employee_id)
        return result

    def unlink(self):
        employees = self.employee_id
        result = super().unlink()
        self._log(employees)
        return result

    def _log(self, employees):
        """Say in the employee's history whose results are whose: numbers hang on it."""
        employees = employees.exists()
        bodies = {}
        for employee in employees:
            rows = employee.login_ids.sorted(lambda login: login.date_from or date.min)
            told = [
                self.env._(
                    "%(login)s from %(day)s",
                    login=login.user_id.name or "–",
                    day=format_date(self.env, login.date_from) if login.date_from else "…",
                )
                for login in rows
            ]
            bodies[employee.id] = self.env._(
                "Results count by login: %(logins)s", logins="; ".join(told) or "–"
            )
        if bodies:
            employees._message_log_batch(bodies=bodies)

    @api.depends("date_from", "employee_id.login_ids.date_from")
    def _compute_date_to(self):
        for login in self:
            days = [row.date_from for row in login.employee_id.login_ids if row.date_from]
            later = [day for day in days if day > (login.date_from or date.min)]
            login.date_to = fields.Date.subtract(min(later), days=1) if later else False

    @api.constrains("employee_id", "user_id", "date_from")
    def _check_one_person(self):
        """What a login does counts for one employee of each company."""
        # A row also ends where the next begins: all of these people are looked at.
        rows = self.sudo().employee_id.login_ids
        others = self.sudo().search([("user_id", "in", rows.user_id.ids)])
        for login in rows.filtered("user_id"):
            for other in others:
                if (
                    other.user_id == login.user_id
                    and other.company_id == login.company_id
                    and other.employee_id != login.employee_id
                    and (other.date_from or date.min) <= (login.date_to or date.max)
                    and (login.date_from or date.min) <= (other.date_to or date.max)
                ):
                    raise ValidationError(
                        self.env._(
                            "“%(login)s” would be the login of %(one)s and of %(other)s on the "
                            "same days. Let it end with the one first, by a row without a login.",
                            login=login.user_id.name,
                            one=login.employee_id.name,
                            other=other.employee_id.name,
                        )
                    )

    @api.model
    def _follow(self, before):
        """Write down whose logins changed: today is still the former one's.

        :param before: {employee: the login until now}; new employees had none
        """
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        changed = {e: former for e, former in before.items() if e.user_id != former}
        employees = self.env["hr.employee"].union(*changed)
        rows = self.search(
            [
                *("|", ("employee_id", "in", employees.ids)),
                ("user_id", "in", employees.user_id.ids),
            ]
        )
        held = {(row.company_id, row.user_id) for row in rows}
        values = []
        for employee, former in changed.items():
            own = rows.filtered(lambda row, employee=employee: row.employee_id == employee)
            begun = own.filtered(lambda row: row.date_from == tomorrow)
            if begun:
                begun.user_id = employee.user_id  # changed once more on the same day
                continue
            if not own:
                if not former and (employee.company_id, employee.user_id) not in held:
                    continue  # the first login of this person, and nobody's before
                values.append({"employee_id": employee.id, "user_id": former.id})
            values.append(
                {
                    "employee_id": employee.id,
                    "user_id": employee.user_id.id,
                    "date_from": tomorrow,
                }
            )
        return self.create(values)
