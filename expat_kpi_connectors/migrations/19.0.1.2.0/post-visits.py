"""Visits of the calendar and of field records are one indicator each.

Those that counted one of the two are deleted where nobody uses and nobody changed them. Where a
plan, a template or a formula refers to them, or HR made them their own, they count on as they were:
what was agreed does not change.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools.convert import convert_file

from odoo.addons.expat_kpi_connectors.tools.packs import is_spare

ADDON = "expat_kpi_connectors"
# Each may refer to those that follow.
BEFORE = (
    "indicator_visits",
    "indicator_visits_qualified",
    "indicator_visited_customers",
    "indicator_record_visits_all",
    "indicator_record_visits_logged",
    "indicator_record_visits_logged_qualified",
    "indicator_record_customers_logged",
    "measure_visits",
    "measure_visits_qualified",
    "measure_visited_customers",
    "measure_field_visits",
    "measure_field_visits_qualified",
    "measure_field_customers",
    "measure_meetings_unlogged",
    "source_visit",
)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for name in BEFORE:
        record = env.ref(f"{ADDON}.{name}", raise_if_not_found=False)
        if record and is_spare(record):
            record.unlink()
    # The code of the visits was one of those before: it is there again, over the new measure.
    convert_file(env, ADDON, "data/expat_kpi_customer_visit.xml", {}, mode="update", noupdate=True)
