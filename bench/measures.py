"""The five measures and twenty indicators that the bench computes, as HR would make them."""

import odoo.init  # noqa: F401 – fills the namespace `odoo`
from odoo import Command

ORDER_FIELDS = (
    {"path": "date_order", "use_date": True},
    {"path": "user_id", "use_owner": True},
    {"path": "amount_total", "use_amount": True, "currency_path": "currency_id"},
    {"path": "state"},
)
CLOSED = "[('type', '=', 'opportunity'), ('won_status', 'in', ['won', 'lost'])]"
# code: (model, date, aggregate, conditions, other values)
MEASURES = {
    "bench_won": (
        "crm.lead", "date_closed", "count",
        "[('type', '=', 'opportunity'), ('won_status', '=', 'won')]", {},
    ),
    "bench_closed": (
        "crm.lead", "date_closed", "count", CLOSED, {"include_archived": True},
    ),
    "bench_days": (
        "crm.lead", "date_closed", "duration", CLOSED,
        {"include_archived": True, "start": "create_date", "end": "date_closed"},
    ),
    "bench_visits": (
        "calendar.event", "start", "count", "[('opportunity_id', '!=', False)]", {},
    ),
    "bench_revenue": (
        "sale.order", "date_order", "money", "[('state', '=', 'sale')]",
        {"amount": "amount_total"},
    ),
}  # fmt: skip
FORMULAS = (
    "{won}", "{closed}", "{visits}", "{revenue}", "{days}",
    "100 * {won} / {closed}", "{days} / {closed}", "{revenue} / {won}",
    "{visits} / {closed}", "{visits} / {won}", "100 * ({closed} - {won}) / {closed}",
    "{revenue} / {visits}", "min({won}, 10)", "max({visits}, {closed})",
    "if {closed} > 0 then 100 * {won} / {closed} else 0", "round({revenue} / 1000)",
    "{won} + {visits}", "{revenue} / {closed}", "abs({visits} - {closed})",
    "{won} * {visits} / ({closed} + 1)",
)  # fmt: skip


def ensure(env):
    """The measures, made once; then their history is filled."""
    measures = env["expat.kpi.measure"].search([("code", "like", "bench_")])
    if measures:
        return measures.sorted(lambda measure: list(MEASURES).index(measure.code))
    sources = env["expat.kpi.source"]
    if not sources.search([("model", "=", "sale.order")]):
        fields = [Command.create(values) for values in ORDER_FIELDS]
        sources.create({"name": "Orders", "model": "sale.order", "field_ids": fields})
    for code, (model, day, aggregate, domain, values) in MEASURES.items():
        source = sources.search([("model", "=", model)])
        paths = {field.path: field.id for field in source.field_ids}
        values = {
            key if key in measures._fields else f"{key}_field_id": paths.get(value, value)
            for key, value in values.items()
        }
        values |= {"date_field_id": paths[day], "owner_field_id": paths["user_id"]}
        measures += measures.create(
            {
                "name": code,
                "code": code,
                "source_id": source.id,
                "domain": domain,
                "aggregate": aggregate,
                **values,
            }
        )
    codes = {code.removeprefix("bench_"): code for code in MEASURES}
    env["expat.kpi.indicator"].create(
        [
            {"name": f"Bench {n}", "code": f"bench_i{n}", "formula": text.format(**codes)}
            for n, text in enumerate(FORMULAS)
        ]
    )
    return measures
