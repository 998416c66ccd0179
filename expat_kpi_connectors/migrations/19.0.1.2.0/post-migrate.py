"""Ready measures that counted what they should not; those that HR has changed stay as they are."""

from odoo import SUPERUSER_ID, Command, api

ADDON = "expat_kpi_connectors"
# What is published anew: source, path.
PUBLISHED = (("source_attendance", "in_mode"),)
# Measure, its values as they were shipped, and as they are now.
MENDED = (
    (
        "measure_attendance_days",
        {"domain": "[]"},
        {"domain": '[("in_mode", "!=", "technical")]'},
    ),
    (
        "measure_check_ins",
        {"domain": "[]"},
        {"domain": '[("in_mode", "!=", "technical")]'},
    ),
    (
        "measure_crm_closed",
        {"domain": '[("type", "=", "opportunity"), ("won_status", "in", ["won", "lost"])]'},
        {
            "domain": '["&", ("type", "=", "opportunity"), "|", ("won_status", "=", "lost"), '
            '"&", ("won_status", "=", "won"), ("active", "=", True)]'
        },
    ),
    ("measure_crm_cohort_won", {"include_archived": False}, {"include_archived": True}),
)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for name, path in PUBLISHED:
        source = env.ref(f"{ADDON}.{name}", raise_if_not_found=False)
        if source and path not in source.field_ids.mapped("path"):
            source.field_ids = [Command.create({"path": path})]
    for name, old, new in MENDED:
        measure = env.ref(f"{ADDON}.{name}", raise_if_not_found=False)
        if measure and all(measure[field] == value for field, value in old.items()):
            # Where plans count on it, the change waits for HR to adopt it.
            measure.write(new)
