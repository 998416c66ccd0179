"""What migrations do with ready records: mended unless HR or an administrator has changed them."""

from odoo import Command

ADDON = "expat_kpi_connectors"


def publish(env, name, path):
    """Publish one more field of a ready source, for conditions."""
    source = env.ref(f"{ADDON}.{name}", raise_if_not_found=False)
    if source and path not in source.field_ids.mapped("path"):
        source.field_ids = [Command.create({"path": path})]


def mend(env, name, old, new):
    """Write ``new`` values where all are as they were shipped, ``old``.

    Other languages lose what they said of the old: the update brings the new.
    """
    record = env.ref(f"{ADDON}.{name}", raise_if_not_found=False)
    if not record or any(record[field] != value for field, value in old.items()):
        return
    # Where plans count on a measure, the change waits for HR to adopt it.
    record.write(new)
    others = [code for code, _name in env["res.lang"].get_installed() if code != "en_US"]
    for field in new:
        if record._fields[field].translate:
            record.update_field_translations(field, dict.fromkeys(others, False))
