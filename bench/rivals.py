"""What we are compared with, each as well as it can be done by hand.

Where Odoo's stock indexes are asked for, ours are dropped in the rival's own transaction, which
is rolled back afterwards.
"""

import datetime

# name: (table, date, value, condition); the five figures of one month, by hand.
HAND = {
    "visits": ("calendar_event", "start", "count(*)", "active AND opportunity_id IS NOT NULL"),
    "won": ("crm_lead", "date_closed", "count(*)", "active AND won_status = 'won'"),
    "closed": ("crm_lead", "date_closed", "count(*)", "won_status IN ('won', 'lost')"),
    "days": ("crm_lead", "date_closed", "sum(day_close)", "won_status IN ('won', 'lost')"),
    "revenue": (
        "sale_order", "date_order", "sum(amount_total / NULLIF(currency_rate, 0))",
        "state = 'sale'",
    ),
}  # fmt: skip


def drop_our_indexes(cr):
    """In the present transaction: roll it back and they are there again."""
    cr.execute(
        "SELECT indexrelid::regclass FROM pg_index JOIN pg_class c ON c.oid = indexrelid"
        " WHERE indrelid = ANY('{crm_lead,calendar_event,sale_order}'::regclass[])"
        " AND c.relname LIKE '%expat\\_kpi%'"
    )
    for (name,) in cr.fetchall():
        cr.execute(f"DROP INDEX {name}")


def hand_month(cr, first, last):
    """Five statements, each by user and month in one time zone."""
    low, high = (datetime.datetime.combine(day, datetime.time()) for day in (first, _after(last)))
    for table, day, value, condition in HAND.values():
        cr.execute(
            f"SELECT user_id, date_trunc('month', timezone(%(tz)s, timezone('UTC', {day}))),"
            f" {value}"
            f"  FROM {table}"
            f" WHERE {condition} AND user_id IS NOT NULL"
            f"   AND {day} >= timezone('UTC', timezone(%(tz)s, %(low)s))"
            f"   AND {day} < timezone('UTC', timezone(%(tz)s, %(high)s))"
            " GROUP BY 1, 2",
            {"tz": "Europe/Berlin", "low": low, "high": high},
        )
        cr.fetchall()


def _after(day):
    return day + datetime.timedelta(days=1)


# The same day facts as ours by bare SQL: spans of postings, one statement a source.
SPAN = """
    WITH span AS MATERIALIZED (
        SELECT p.employee_id, e.user_id, p.tz,
               timezone('UTC', timezone(p.tz, GREATEST(p.date_from, %(first)s)::timestamp)) AS low,
               timezone('UTC', timezone(p.tz, LEAST(COALESCE(p.date_to, 'infinity'), %(last)s)
                                              + interval '1 day')) AS high
          FROM expat_posting p JOIN hr_employee e ON e.id = p.employee_id
         WHERE p.date_from <= %(last)s AND COALESCE(p.date_to, 'infinity') >= %(first)s)
"""
BARE = {
    "crm_lead": SPAN + """
        SELECT span.employee_id, found.* FROM span CROSS JOIN LATERAL (
            SELECT timezone(span.tz, timezone('UTC', date_closed))::date AS day,
                   count(*) FILTER (WHERE active AND won_status = 'won') AS won,
                   count(*) AS closed,
                   sum(extract(epoch FROM date_closed - create_date)) / 86400 AS days
              FROM crm_lead
             WHERE type = 'opportunity' AND won_status IN ('won', 'lost')
               AND user_id = span.user_id AND date_closed >= span.low AND date_closed < span.high
             GROUP BY 1) found""",
    "calendar_event": SPAN + """
        SELECT span.employee_id, found.* FROM span CROSS JOIN LATERAL (
            SELECT timezone(span.tz, timezone('UTC', start))::date AS day, count(*) AS visits
              FROM calendar_event
             WHERE active AND opportunity_id IS NOT NULL
               AND user_id = span.user_id AND start >= span.low AND start < span.high
             GROUP BY 1) found""",
    "sale_order": SPAN + """, rate AS MATERIALIZED (
        SELECT currency_id, name AS day, rate FROM res_currency_rate
         WHERE name BETWEEN %(first)s AND %(last)s)
        SELECT span.employee_id, found.* FROM span CROSS JOIN LATERAL (
            SELECT d.day, sum(amount_total / COALESCE(rate.rate, 1)) AS revenue, count(*) AS orders
              FROM sale_order o
             CROSS JOIN LATERAL (
                SELECT timezone(span.tz, timezone('UTC', date_order))::date AS day OFFSET 0) d
              LEFT JOIN rate ON rate.currency_id = o.currency_id AND rate.day = d.day
             WHERE state = 'sale'
               AND user_id = span.user_id AND date_order >= span.low AND date_order < span.high
             GROUP BY 1) found""",
}  # fmt: skip
TOTALS = {
    "crm_lead": "count(*), sum(won), sum(closed), round(sum(days), 3)",
    "calendar_event": "count(*), sum(visits)",
    "sale_order": "count(*), sum(orders), round(sum(revenue), 2)",
}


def bare_facts(cr, first, last):
    """Computed in full, handed over as totals: the client's reading is not what is measured."""
    result = {}
    for table, query in BARE.items():
        cr.execute(f"SELECT {TOTALS[table]} FROM ({query}) facts", {"first": first, "last": last})
        result[table] = cr.fetchone()
    return result


# Odoo's own way: gamification knows counts and plain sums.
GOALS = {
    "visits": ("calendar.event", "start", None, [("opportunity_id", "!=", False)]),
    "won": ("crm.lead", "date_closed", None, [("won_status", "=", "won")]),
    "closed": (
        "crm.lead", "date_closed", None,
        [("won_status", "in", ("won", "lost")), ("active", "in", (True, False))],
    ),
    "revenue": ("sale.order", "date_order", "amount_total", [("state", "=", "sale")]),
    "days": (
        "crm.lead", "date_closed", "day_close",
        [("won_status", "in", ("won", "lost")), ("active", "in", (True, False))],
    ),
}  # fmt: skip


def gamification_goals(env, users):
    """Goals of one month for everybody, in batch mode, made once."""
    challenge = env["gamification.challenge"].search([("name", "=", "Bench")])
    if not challenge:
        field = env["ir.model.fields"]._get
        definitions = env["gamification.goal.definition"].create(
            [
                {
                    "name": f"Bench {name}",
                    "computation_mode": "sum" if amount else "count",
                    "display_mode": "progress",
                    "model_id": env["ir.model"]._get(model).id,
                    "field_date_id": field(model, day).id,
                    "field_id": amount and field(model, amount).id,
                    "domain": repr(domain),
                    "batch_mode": True,
                    "batch_distinctive_field": field(model, "user_id").id,
                    "batch_user_expression": "user.id",
                    "condition": "higher",
                }
                for name, (model, day, amount, domain) in GOALS.items()
            ]
        )
        challenge = env["gamification.challenge"].create(
            {
                "name": "Bench",
                "period": "monthly",
                "user_ids": [(6, 0, users)],
                "line_ids": [
                    (0, 0, {"definition_id": definition.id, "target_goal": 1e9})
                    for definition in definitions
                ],
            }
        )
        challenge.write({"state": "inprogress"})
        env.flush_all()
        env.cr.commit()
    return env["gamification.goal"].search([("challenge_id", "=", challenge.id)])


def query_per_cell(env, users, first, last):
    """What most small modules do: one `_read_group` a user and figure."""
    for user in users:
        for model, day, amount, domain in GOALS.values():
            env[model]._read_group(
                [*domain, ("user_id", "=", user), (day, ">=", first), (day, "<", _after(last))],
                [],
                [f"{amount}:sum" if amount else "__count"],
            )
