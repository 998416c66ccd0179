"""A definition in words: what counts, for whom and when, in the reader's language.

Names of chosen records are read under the reader's own rights: a condition may
name any id, and must not tell what it is called.
"""

from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainNot, DomainOr
from odoo.tools import format_date, format_datetime, format_list, formatLang

RELATIONAL = ("many2one", "one2many", "many2many")
# Chosen values that a sentence names; the others are counted.
NAMED_VALUES = 4


class DomainWords:
    """Conditions on one source, in words.

    :param source: the `expat.kpi.source` that the conditions select from
    """

    def __init__(self, source):
        self.source = source
        self.env = source.env
        self.labels = {field.path: field.display_name for field in source.field_ids}

    def describe(self, domain, prefix=""):
        """The whole domain as a phrase; empty when it holds for all records."""
        domain = Domain(domain)
        if domain.is_true():
            return ""
        if domain.is_false():
            return self.env._("no record")
        if isinstance(domain, DomainNot):
            [child] = (domain.child,)
            return self.env._("not (%(condition)s)", condition=self.describe(child, prefix))
        if isinstance(domain, (DomainAnd, DomainOr)):
            style = "standard" if isinstance(domain, DomainAnd) else "or"
            parts = [self._nested(child, prefix) for child in domain.children]
            return format_list(self.env, parts, style)
        return self._condition(domain, prefix)

    def _nested(self, domain, prefix):
        words = self.describe(domain, prefix)
        if isinstance(domain, (DomainAnd, DomainOr)):
            return self.env._("(%(condition)s)", condition=words)
        return words

    def _condition(self, condition, prefix):
        path = prefix + condition.field_expr
        operator, value = condition.operator, condition.value
        label = self.labels.get(path, path)
        if isinstance(value, Domain):
            inner = self.describe(value, f"{path}.")
            if operator == "not any":
                return self.env._("no “%(field)s” with %(condition)s", field=label, condition=inner)
            return inner
        steps = self.source._walk_path(self.source.model, path)
        return self._plain(label, steps[-1], operator, value)

    def _plain(self, label, field, operator, value):
        values = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
        values = list(dict.fromkeys(values))
        is_negative = operator in ("!=", "not in")
        if field.type == "boolean":
            is_yes = (True in values) is not is_negative
            return (
                self.env._("“%(field)s” is true", field=label)
                if is_yes
                else self.env._("“%(field)s” is not true", field=label)
            )
        if all(item is False or item is None for item in values):
            return (
                self.env._("“%(field)s” is set", field=label)
                if is_negative
                else self.env._("“%(field)s” is not set", field=label)
            )
        named = format_list(self.env, self._names(field, values), "or")
        return self._compare(operator, label, named)

    def _compare(self, operator, label, value):
        _ = self.env._
        words = {"field": label, "value": value}
        equal = _("“%(field)s” is %(value)s", **words)
        unequal = _("“%(field)s” is not %(value)s", **words)
        contains = _("“%(field)s” contains “%(value)s”", **words)
        without = _("“%(field)s” does not contain “%(value)s”", **words)
        like = _("“%(field)s” looks like “%(value)s”", **words)
        return {
            "=": equal,
            "in": equal,
            "!=": unequal,
            "not in": unequal,
            ">": _("“%(field)s” is more than %(value)s", **words),
            ">=": _("“%(field)s” is at least %(value)s", **words),
            "<": _("“%(field)s” is less than %(value)s", **words),
            "<=": _("“%(field)s” is at most %(value)s", **words),
            "child_of": _("“%(field)s” is or is below %(value)s", **words),
            "parent_of": _("“%(field)s” is or is above %(value)s", **words),
            "like": contains,
            "ilike": contains,
            "not like": without,
            "not ilike": without,
            "=like": like,
            "=ilike": like,
        }[operator]

    def _names(self, field, values):
        """Values as the reader sees them; a chosen record that is not open to the
        reader is one of several and has no name."""
        values = [value for value in values if value is not False and value is not None]
        if field.type in RELATIONAL:
            return self._record_names(field, values)
        names = [self._name(field, value) for value in values[:NAMED_VALUES]]
        return names + self._others(len(values) - NAMED_VALUES)

    def _record_names(self, field, ids):
        records = self.env[field.comodel_name].sudo(False).with_context(active_test=False)
        found = records.browse()
        if records.has_access("read"):
            found = records.search([("id", "in", ids)], limit=NAMED_VALUES)
        return found.mapped("display_name") + self._others(len(ids) - len(found), not found)

    def _others(self, count, are_all=False):
        if count <= 0:
            return []
        if are_all:
            return [self.env._("%(count)s chosen records", count=count)]
        return [self.env._("%(count)s others", count=count)]

    def _name(self, field, value):
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "datetime":
            return format_datetime(self.env, value, dt_format="short")
        if field.type == "date":
            return format_date(self.env, value)
        if isinstance(value, (int, float)):
            digits = next((n for n in range(6) if round(value, n) == value), 6)
            return formatLang(self.env, value, digits=digits)
        return value


class DefinitionWords(DomainWords):
    """A whole definition in words."""

    def __init__(self, source, definition):
        super().__init__(source)
        self.definition = definition

    def _label(self, path):
        return self.labels.get(path) or path

    def sentence(self):
        """What counts, for whom and when, as one or more sentences."""
        _ = self.env._
        definition = self.definition
        words = {
            "what": self.what(),
            "conditions": self.conditions(),
            "owner": self._label(definition.owner_path),
            "date": self._label(definition.date_path),
        }
        sentences = [
            _(
                "%(what)s where %(conditions)s, counted for the employee in “%(owner)s”, on the "
                "local day of “%(date)s”.",
                **words,
            )
            if words["conditions"]
            else _(
                "%(what)s, counted for the employee in “%(owner)s”, on the local day of "
                "“%(date)s”.",
                **words,
            )
        ]
        if definition.include_archived:
            sentences.append(_("Archived records count as well."))
        if definition.owner_moment == "event":
            sentences.append(_("After a hand-over, who had the record at that moment is credited."))
        if definition.credit == "share":
            sentences.append(_("Several employees share a record equally."))
        if definition.occurrence != "every":
            sentences.append(self.occurrence())
        if definition.delay_days:
            sentences.append(
                _("Each counts %(days)s days after its date.", days=definition.delay_days)
            )
        return " ".join(sentences)

    def occurrence(self):
        """Which of several records of the same key count."""
        _ = self.env._
        definition = self.definition
        words = {"key": self._label(definition.key_path), "days": definition.window_days}
        if definition.occurrence == "every":
            return _("Every record counts.")
        if definition.occurrence == "kept":
            return _(
                "Only those count that another of the same “%(key)s” follows within %(days)s days.",
                **words,
            )
        if definition.occurrence == "again":
            if definition.window_days:
                return _(
                    "Only those count that had one of the same “%(key)s” within %(days)s days "
                    "before them.",
                    **words,
                )
            return _("The first of each “%(key)s” does not count.", **words)
        if definition.window_days:
            return _(
                "Only those count that had none of the same “%(key)s” within %(days)s days "
                "before them.",
                **words,
            )
        return _("Only the first of each “%(key)s” counts.", **words)

    def conditions(self):
        return self.describe(self.source._parse_domain(self.definition.domain))

    def what(self):
        """The aggregate in words."""
        _ = self.env._
        definition = self.definition
        words = {
            "records": self.source.name,
            "amount": self._label(definition.amount_path),
            "key": self._label(definition.key_path),
            "start": self._label(definition.start_path),
            "stop": self._label(definition.end_path),
        }
        if definition.aggregate == "sum":
            return _("The sum of “%(amount)s” of %(records)s", **words)
        if definition.aggregate == "money":
            return _(
                "The sum of “%(amount)s” of %(records)s, in the company's currency at the rate of "
                "the day",
                **words,
            )
        if definition.aggregate == "days":
            return _("The number of days with %(records)s", **words)
        if definition.aggregate == "distinct":
            return _("The number of different “%(key)s” of %(records)s", **words)
        if definition.aggregate == "duration":
            if definition.duration_unit == "hours":
                return _("The hours from “%(start)s” to “%(stop)s” of %(records)s", **words)
            return _("The days from “%(start)s” to “%(stop)s” of %(records)s", **words)
        return _("The number of %(records)s", **words)

    def setting(self, name):
        """(label, value) of one setting of the definition, in words."""
        _ = self.env._
        value = getattr(self.definition, name)
        yes_no = {True: _("yes"), False: _("no")}
        if name == "model":
            return _("Count"), self.source.name
        if name == "domain":
            return _("Conditions"), self.conditions() or _("all records")
        if name == "include_archived":
            return _("Archived too"), yes_no[value]
        if name == "owner_path":
            return _("For"), self._label(value)
        if name == "owner_moment":
            return _("Credit"), {
                "now": _("the present owner"),
                "event": _("the owner at that moment"),
            }[value]
        if name == "credit":
            return _("Several owners"), {
                "whole": _("the whole to each"),
                "share": _("equal shares"),
            }[value]
        if name == "date_path":
            return _("When"), self._label(value)
        if name in ("occurrence", "window_days"):
            return _("Which of them"), self.occurrence()
        if name == "delay_days":
            return _("Counts after"), _("%(days)s days", days=value)
        return _("What is added up"), self.what()
