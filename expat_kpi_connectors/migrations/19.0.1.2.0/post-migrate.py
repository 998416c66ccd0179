"""Ready measures that counted what they should not, and labels that stayed English; what HR or an
administrator has changed stays as it is."""

from odoo import SUPERUSER_ID, api

from odoo.addons.expat_kpi_connectors.tools.mend import mend, publish

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
# Labels that had no XML id, by which they are translated: source, path, label.
LABELS = (
    ("source_lead_response", "date_response", "First response"),
    ("source_lead_response", "date_created", "Lead created on"),
    ("source_task_done", "task_id.user_ids", "Assignees"),
    ("source_rating", "rated_partner_id", "Rated person"),
    ("source_rating", "partner_id.commercial_partner_id", "Customer, its contacts as one"),
    ("source_calendar_event", "partner_ids.partner_share", "With a customer"),
    ("source_calendar_event", "duration", "Duration in hours"),
    ("source_calendar_event", "opportunity_id.partner_id", "Customer of the opportunity"),
    ("source_crm_lead", "partner_id.commercial_partner_id", "Customer, its contacts as one"),
    ("source_record", "partner_id.commercial_partner_id", "Company of the customer"),
    ("source_invoice", "commercial_partner_id", "Customer, its contacts as one"),
    ("source_sale_order", "partner_id.commercial_partner_id", "Customer, its contacts as one"),
    ("source_sale_order", "partner_id.country_id", "Country of the customer"),
    ("source_survey", "survey_id.user_id", "Responsible for the survey"),
    ("source_survey", "end_datetime", "Completed on"),
    ("source_survey", "survey_id.scoring_type", "Scoring"),
)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for name, path in PUBLISHED:
        publish(env, name, path)
    for name, old, new in MENDED:
        mend(env, name, old, new)
    for name, path, label in LABELS:
        source = env.ref(f"{ADDON}.{name}", raise_if_not_found=False)
        if source:
            # An administrator's label is in the language that they chose.
            field = source.field_ids.filtered_domain([("path", "=", path), ("label", "=", label)])
            field._set_xml_ids(f"{ADDON}.{name}")
