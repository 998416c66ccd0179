"""Packs: the sources, measures and indicators that need an application to be there.

A pack is a data file of this addon in ``packs/``. It is loaded once all its applications
are installed, now or later, and retired when one of them goes:

- what nobody uses and nobody changed is deleted;
- what plans, templates or anything else refer to, or HR changed, is archived and says
  why; its facts stay. Installed again, it comes back as it was.

Its records have ``noupdate`` and belong to this addon: HR's changes stay.
"""

import logging
from functools import cached_property

from lxml import etree

from odoo import SUPERUSER_ID
from odoo.tools import file_open
from odoo.tools.convert import ParseError, convert_file

_logger = logging.getLogger(__name__)

# In this order they are retired: each may refer to those that follow.
MODELS = (
    "expat.kpi.indicator",
    "expat.kpi.measure",
    "expat.kpi.source.field",
    "expat.kpi.source",
)

# What a record consists of, or what only follows from it, is no use of it.
OWN_PARTS = (
    "expat.kpi.measure.version.measure_id",
    "expat.kpi.measure.indicator_ids",
    "expat.kpi.source.field.source_id",
)


def is_spare(record):
    """Whether nothing refers to it, and nobody but the system ever wrote it."""
    writers = record.write_uid
    if record._name == "expat.kpi.source":
        writers |= record.field_ids.write_uid
    if record._name == "expat.kpi.indicator":
        # It could not be made again over a measure that HR archived.
        writers |= record.measure_ids.write_uid
    return writers.ids in ([], [SUPERUSER_ID]) and not _is_referred_to(record)


def _is_referred_to(record):
    env = record.env
    for field in env["ir.model.fields"].search(
        [
            ("relation", "=", record._name),
            ("ttype", "in", ("many2one", "many2many")),
            ("store", "=", True),
        ]
    ):
        model = env.get(field.model)
        if model is None or not model._auto or model._transient:
            continue
        if f"{field.model}.{field.name}" in OWN_PARTS:
            continue
        if model.search_count([(field.name, "in", record.ids)], limit=1):
            return True
    return False


class Pack:
    """One data file, and the applications without which it makes no sense.

    :param name: of the file, ``packs/{name}.xml``
    :param apps: technical names, those that others need first; none: the file is named so
    """

    ADDON = "expat_kpi_connectors"

    def __init__(self, name, *apps):
        self.name = name
        self.apps = apps or (name,)
        self.path = f"packs/{name}.xml"

    def __repr__(self):
        return f"Pack({self.name!r})"

    @cached_property
    def xml_ids(self):
        """{model: names of its records in this pack}"""
        with file_open(f"{self.ADDON}/{self.path}", "rb") as file:
            tree = etree.parse(file)
        result = {}
        for record in tree.iter("record"):
            result.setdefault(record.get("model"), []).append(record.get("id"))
        return result

    def is_loaded(self, env):
        """Whether it was ever loaded: HR may have deleted some of it since."""
        return bool(self._data(env)) and not self._retired(env)

    def load(self, env):
        """Create what is missing, and bring back what was retired.

        A pack that cannot be loaded does not keep an application from being installed.

        :return: whether something was created
        """
        env = env(user=SUPERUSER_ID, context={})
        before = self._data(env)
        try:
            with env.cr.savepoint():
                # First: what is created may be a formula over what was retired.
                self._restore(env)
                convert_file(env, self.ADDON, self.path, {}, mode="update", noupdate=True)
        except ParseError as error:
            # Such as a code that HR gave to a measure of their own.
            reason = error.__cause__ or error
            _logger.warning("The ready measures of %s cannot be loaded: %s", self.name, reason)
            return False
        return self._data(env) != before

    def retire(self, env, going):
        """Delete or archive its records; called before the data of the applications that are
        ``going`` are deleted."""
        env = env(user=SUPERUSER_ID, context={"active_test": False})
        first = next(app for app in self.apps if app in going)
        app = env["ir.module.module"].search([("name", "=", first)])
        for model in MODELS:
            # What was made later may refer to what was made before.
            for record in self._records(env, model).sorted("id", reverse=True):
                if is_spare(record):
                    record.unlink()
                elif "retired_by" in record._fields and record.active:
                    record.write({"active": False, "retired_by": app.shortdesc})

    # ------------------------------------------------------------------

    def _data(self, env):
        names = [name for model in MODELS for name in self.xml_ids.get(model, ())]
        return env["ir.model.data"].search([("module", "=", self.ADDON), ("name", "in", names)])

    def _records(self, env, model):
        names = self.xml_ids.get(model, ())
        data = env["ir.model.data"].search(
            [("module", "=", self.ADDON), ("model", "=", model), ("name", "in", names)]
        )
        return env[model].browse(data.mapped("res_id")).exists()

    def _retired(self, env):
        env = env(context={"active_test": False})
        return [
            record
            for model in ("expat.kpi.measure", "expat.kpi.indicator")
            if (record := self._records(env, model).filtered("retired_by"))
        ]

    def _restore(self, env):
        for records in self._retired(env):
            records.write({"active": True, "retired_by": False})


# A pack may refer to those before it.
PACKS = (
    Pack("sale"),
    Pack("sale_crm", "sale", "sale_crm"),
    Pack("sale_stock", "sale", "sale_stock"),
    Pack("sale_stock_crm", "sale", "sale_stock", "sale_crm"),
    Pack("sale_margin", "sale", "sale_margin"),
    Pack("account"),
    Pack("survey"),
)
