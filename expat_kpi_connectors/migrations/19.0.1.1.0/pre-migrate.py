"""Room for the ready measures: what they read is published, and codes in use stay HR's."""

import logging

from lxml import etree

from odoo import SUPERUSER_ID, Command, api
from odoo.tools import file_open

_logger = logging.getLogger(__name__)

ADDON = "expat_kpi_connectors"
FILES = (
    "expat_kpi_crm",
    "expat_kpi_calendar",
    "expat_kpi_attendance",
    "expat_kpi_project",
    "expat_kpi_rating",
    "expat_kpi_record_measure",
    "expat_kpi_record_indicator",
)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    _publish(env)
    _withdraw(env)
    _adopt(env)


def _publish(env):
    """Publish what the new measures read; the sources have `noupdate`."""
    source = env.ref(f"{ADDON}.source_crm_lead", raise_if_not_found=False)
    path = "partner_id.commercial_partner_id"
    field = source and source.field_ids.filtered(lambda field: field.path == path)
    if field:
        field.use_key = True
    elif source:
        values = {"path": path, "use_key": True, "label": "Customer, its contacts as one"}
        source.field_ids = [Command.create(values)]


def _withdraw(env):
    """The place of a meeting is text that could be searched letter by letter; it stays where a
    measure has a condition on it."""
    source = env.ref(f"{ADDON}.source_calendar_event", raise_if_not_found=False)
    if not source:
        return
    measures = env["expat.kpi.measure"].search(
        [("source_id", "=", source.id), ("domain", "like", "location")]
    )
    if not measures:
        source.field_ids.filtered(lambda field: field.path == "location").unlink()


def _adopt(env):
    """Where HR has made a shared measure or indicator with a code of ours, theirs takes its place:
    the code means what they have said, and the update would stop at the second."""
    for name in FILES:
        with file_open(f"{ADDON}/data/{name}.xml", "rb") as file:
            tree = etree.parse(file)
        for record in tree.iter("record"):
            code = record.findtext("field[@name='code']")
            model, xml_id = record.get("model"), f"{ADDON}.{record.get('id')}"
            if not code or env.ref(xml_id, raise_if_not_found=False):
                continue
            theirs = env[model].search(
                [("code", "=", code), ("company_id", "=", False), ("active", "=", True)], limit=1
            )
            if theirs:
                _logger.info("%s %r stays; ours of that code is left out", model, code)
                env["ir.model.data"]._update_xmlids(
                    [{"xml_id": xml_id, "record": theirs, "noupdate": True}]
                )
