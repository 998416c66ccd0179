"""What the ready measures read is published."""

from odoo import SUPERUSER_ID, Command, api

ADDON = "expat_kpi_connectors"


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    _publish(env)
    _withdraw(env)


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
