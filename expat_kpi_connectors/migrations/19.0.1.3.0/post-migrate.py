"""The conversion of a cohort ends with its 90 days."""

from odoo import SUPERUSER_ID, api

from odoo.addons.expat_kpi_connectors.tools.mend import mend, publish

MEASURE = (
    {
        "domain": '[("type", "=", "opportunity"), ("won_status", "=", "won")]',
        "note": "Opportunities won so far, 90 days after the day they were created, for their "
        "salesperson.",
    },
    {
        "domain": '["&", "&", ("type", "=", "opportunity"), ("won_status", "=", "won"), "|", '
        '("day_close", "<", 90), ("active", "=", False)]',
        "note": "Opportunities won within 90 days, 90 days after the day they were created, for "
        "their salesperson. Of those that were archived since, Odoo knows no day of winning: they "
        "count.",
    },
)
INDICATOR = (
    {
        "description": "Of the leads that were created in the days 90 days before the period, the "
        "share that was won so far. A lead counts only once it had 90 days to mature.",
    },
    {
        "description": "Of the leads that were created in the days 90 days before the period, the "
        "share that was won within 90 days. A lead counts only once it had these 90 days: the "
        "share does not grow any more.",
    },
)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False, "lang": "en_US"})
    publish(env, "source_crm_lead", "day_close")
    mend(env, "measure_crm_cohort_won", *MEASURE)
    mend(env, "indicator_crm_cohort", *INDICATOR)
