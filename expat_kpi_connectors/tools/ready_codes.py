"""Codes of ready measures and indicators that HR gave to their own before."""

import logging

from lxml import etree

from odoo.tools import file_open

_logger = logging.getLogger(__name__)

ADDON = "expat_kpi_connectors"


def adopt(env, *names):
    """Where HR has made a shared measure or indicator with a code of ours, theirs takes its place:
    the code means what they have said, and the update would stop at the second.

    :param names: of the data files, without folder and ending
    """
    for name in names:
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
