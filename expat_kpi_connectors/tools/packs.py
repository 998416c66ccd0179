"""Packs: the sources, measures and indicators that need an application to be there.

A pack is a data file of this addon in ``packs/``. It is loaded once all its applications
are installed, now or later, and retired when one of them goes:

- what nobody uses and nobody changed is deleted;
- what plans, templates or anything else refer to, or HR changed, is archived and says
  why; its facts stay. Installed again, it comes back as it was.

Its records have ``noupdate`` and belong to this addon: HR's changes stay. Where HR has made
something of their own with the same code, the pack is left out until that has another one.
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

READY = ("expat.kpi.measure", "expat.kpi.indicator")

# What there can be only one of, among the records that all companies share
KEYS = {
    "expat.kpi.source": "model",
    "expat.kpi.measure": "code",
    "expat.kpi.indicator": "code",
}

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
    def keys(self):
        """{model: {name of its record in this pack: its key, if it has one}}"""
        with file_open(f"{self.ADDON}/{self.path}", "rb") as file:
            tree = etree.parse(file)
        result = {}
        for record in tree.iter("record"):
            model = record.get("model")
            key = record.findtext(f"field[@name='{KEYS.get(model)}']")
            result.setdefault(model, {})[record.get("id")] = key
        return result

    def has_apps(self, env):
        """Whether all its applications are installed."""
        return env.registry._init_modules.issuperset(self.apps)

    def is_loaded(self, env):
        """Whether it is in use: HR may have archived or deleted some of it."""
        env = env(user=SUPERUSER_ID, context={"active_test": False})
        found = {model: self._by_name(env, model) for model in READY}
        records = [record for by_name in found.values() for record in by_name.values()]
        if any(record.retired_by for record in records):
            return False
        # Its source alone may have stayed, for HR's own measures, or what HR had archived.
        return any(record.active for record in records) or all(
            name in found[model] for model in READY for name in self.keys.get(model, ())
        )

    def load(self, env):
        """Create what is missing, and bring back what was retired.

        A pack that cannot be loaded does not keep an application from being installed.

        :return: whether something was created
        """
        env = env(user=SUPERUSER_ID, context={})
        if blocking := self.in_the_way(env):
            names = [name for records in blocking for name in records.mapped("name")]
            _logger.warning("The ready measures of %s are left out: %s", self.name, names)
            return False
        before = self._data(env)
        try:
            with env.cr.savepoint():
                # First: what is created may be a formula over what was retired.
                self._restore(env)
                convert_file(env, self.ADDON, self.path, {}, mode="update", noupdate=True)
        except ParseError as error:
            reason = error.__cause__ or error
            _logger.warning("The ready measures of %s cannot be loaded: %s", self.name, reason)
            return False
        return self._data(env) != before

    def in_the_way(self, env):
        """What others have made with the key of something that is to be made or brought back.

        :return: recordsets of several models
        """
        env = env(user=SUPERUSER_ID, context={"active_test": False})
        found = []
        for model, key in KEYS.items():
            names = self.keys.get(model, {})
            ours = self._by_name(env, model)
            records = env[model].union(*ours.values())
            wanted = {
                (ours[name][key] if name in ours else value)
                for name, value in names.items()
                if name not in ours or (key == "code" and ours[name].retired_by)
            }
            domain = [(key, "in", list(wanted)), ("id", "not in", records.ids)]
            if key == "code":
                domain += [("company_id", "=", False), ("active", "=", True)]
            found.append(env[model].search(domain))
        return [records for records in found if records]

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

    def _data(self, env, *models):
        names = [name for model in models or MODELS for name in self.keys.get(model, ())]
        return env["ir.model.data"].search([("module", "=", self.ADDON), ("name", "in", names)])

    def _by_name(self, env, model):
        """{name in this pack: its record}, of those that are there"""
        data = self._data(env, model)
        records = env[model].browse(data.mapped("res_id")).exists()
        return {row.name: records.browse(row.res_id) for row in data if row.res_id in records.ids}

    def _records(self, env, model):
        return env[model].union(*self._by_name(env, model).values())

    def _retired(self, env):
        env = env(context={"active_test": False})
        return [
            record
            for model in READY
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
