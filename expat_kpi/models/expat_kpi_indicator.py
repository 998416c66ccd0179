from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, formatLang

from ..engine import formula
from ..engine.formula import FormulaError
from ..engine.values import Failure, NoData, Number, Value
from ..tools.sentences import formula_sentence


@dataclass(slots=True)
class Actual:
    """The value of an indicator, and what it was made of.

    ``terms``: per measure code the amount and the number of records behind it.
    ``fault_count``: records that should count but could not be computed.
    """

    value: Value
    terms: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    fault_count: int = 0


@dataclass(frozen=True)
class Recipe:
    """How the actuals of one indicator are made: its formula as a function of terms, and
    (measure id, code, version in force) of each measure in it."""

    indicator_id: int
    compute: Callable
    measures: list
    has_money: bool


# Of a version `v`: from which day it is computed, whether that failed, what it adds up.
COVERAGE = SQL(
    "v.id, CASE WHEN v.date_refreshed IS NOT NULL THEN v.covered_from END, v.error IS NOT NULL,"
    " v.definition->>'aggregate' = 'distinct'"
)
NOT_COVERED = (None, False, False)
NOTHING_FOUND = ((0.0, 0), 0)


@lru_cache(maxsize=1024)
def compiled_text(text, codes):
    """A formula over measures as a function of terms; None where it names others than ``codes``."""
    try:
        tree = formula.parse(text or "")
        return formula.compile_formula(tree) if codes.issuperset(formula.codes(tree)) else None
    except FormulaError:
        return None


def zero_for_nothing(run):
    """The rule of those indicators that take a division by nothing for zero."""

    def compute(terms):
        value = run(terms)
        return Number(0) if value == NoData("empty_denominator") else value

    return compute


class ExpatKpiIndicator(models.Model):
    """A figure that people are measured by: a formula over measures, and how to read it.

    The actual of any employee, team or company over any span of days is the
    formula over the sums of its facts: a ratio of sums, never a mean of ratios.

    HR officers keep the library; everybody in the company may read it.
    """

    _name = "expat.kpi.indicator"
    _description = "Indicator"
    _inherit = ["mail.thread"]
    _order = "dimension, sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, tracking=True, help="The name of this indicator in other formulas."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to share the indicator between all companies."
    )
    description = fields.Text(
        translate=True, help="What the indicator means, for those who are measured by it."
    )

    # How it is computed
    formula = fields.Char(
        required=True,
        tracking=True,
        help="Numbers, codes of measures and indicators, + - * / ( ), comparisons, "
        "min, max, abs, round, count and if … then … else.",
    )
    formula_problem = fields.Char(compute="_compute_formula_problem")
    part_ids = fields.Many2many(
        "expat.kpi.indicator",
        "expat_kpi_indicator_part_rel",
        "indicator_id",
        "part_id",
        string="Indicators Used",
        compute="_compute_parts",
        store=True,
    )
    measure_ids = fields.Many2many(
        "expat.kpi.measure",
        "expat_kpi_indicator_measure_rel",
        "indicator_id",
        "measure_id",
        string="Measures Used",
        compute="_compute_measures",
        store=True,
        recursive=True,
    )
    empty_value = fields.Selection(
        [("no_data", "no data"), ("zero", "zero")],
        string="Nothing to Divide By",
        default="no_data",
        required=True,
        help="What a division by nothing means, such as the conversion of no closed opportunity. "
        "Where this indicator is part of another formula, the rule of that one counts.",
    )

    # How it is read
    dimension = fields.Selection(
        [("behaviour", "Behaviour"), ("outcome", "Outcome"), ("efficiency", "Efficiency")],
        required=True,
        default="outcome",
        tracking=True,
    )
    unit = fields.Selection(
        [
            ("number", "Number"),
            ("percent", "Percent"),
            ("days", "Days"),
            ("hours", "Hours"),
            ("money", "Money"),
        ],
        required=True,
        default="number",
    )
    direction = fields.Selection(
        [("more", "More is better"), ("less", "Less is better"), ("band", "Within a band")],
        required=True,
        default="more",
        tracking=True,
    )
    digits = fields.Integer(
        string="Decimals",
        default=0,
        aggregator=None,
        help="Decimals that are shown; the target is met unrounded.",
    )

    _code_company_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE active",
        "An indicator with this code exists already.",
    )
    _digits_range = models.Constraint(
        "CHECK (digits BETWEEN 0 AND 6)", "Between 0 and 6 decimals can be shown."
    )

    # ------------------------------------------------------------------
    # Formula
    # ------------------------------------------------------------------

    @api.depends("formula", "code", "company_id")
    @api.depends_context("lang")
    def _compute_formula_problem(self):
        for indicator in self:
            try:
                indicator._tree()
                indicator.formula_problem = False
            except FormulaError as error:
                indicator.formula_problem = formula_sentence(self.env, error)

    @api.depends("formula", "company_id")
    def _compute_parts(self):
        for indicator in self:
            found = indicator._found_by_code()
            indicator.part_ids = [record.id for record in found if record._name == self._name]

    @api.depends("formula", "company_id", "part_ids.measure_ids")
    def _compute_measures(self):
        for indicator in self:
            found = indicator._found_by_code()
            own = [record.id for record in found if record._name != self._name]
            indicator.measure_ids = [*own, *indicator.part_ids.measure_ids.ids]

    @api.constrains("formula", "code", "company_id", "active")
    def _check_formula(self):
        for indicator in self:
            if not formula.is_code(indicator.code):
                raise ValidationError(
                    self.env._(
                        "“%(code)s” cannot be a code. Use small letters, digits and underscores, "
                        "a letter first, and none of the words of formulas.",
                        code=indicator.code,
                    )
                )
            try:
                indicator._tree()
            except FormulaError as error:
                raise ValidationError(formula_sentence(self.env, error)) from error

    def _found_by_code(self):
        """Measures and indicators that the formula names; what it cannot find is left out."""
        self.ensure_one()
        try:
            names = formula.codes(formula.parse(self.formula or ""))
        except FormulaError:
            return []
        return [record for record in map(self._lookup, names) if record]

    def _lookup(self, code):
        """The measure or indicator of a code: the company's own before the shared one."""
        domain = [("code", "=", code), ("company_id", "in", (False, self.company_id.id))]
        for model in ("expat.kpi.measure", "expat.kpi.indicator"):
            found = self.env[model].search(domain, order="company_id", limit=1)
            if found:
                return found
        return None

    def _tree(self):
        """The formula down to measures. Raises FormulaError."""
        self.ensure_one()

        def lookup(code):
            found = self._lookup(code)
            if found is None:
                raise KeyError(code)
            return formula.parse(found.formula) if found._name == self._name else None

        return formula.expand(formula.parse(self.formula or ""), lookup, code=self.code or None)

    # ------------------------------------------------------------------
    # Actuals
    # ------------------------------------------------------------------

    def _actuals(self, cells, pinned=None):
        """Compute these indicators for many groups of employees and spans at once.

        :param cells: (key, employee id, first local day, last local day), any
            number of rows per key: what shares a key is summed, so that a team, or
            the two halves of a split span, is one value
        :param pinned: {(key, measure): version} where a key agreed to an earlier
            version of a measure; else the version in force counts
        :return: {(indicator id, key): Actual}, for every indicator and key
        """
        cells = list(cells)
        keys = list(dict.fromkeys(cell[0] for cell in cells))
        # Ids from here on: these loops run for every key, indicator and measure.
        pinned = {(key, m.id): version.id for (key, m), version in (pinned or {}).items()}
        recipes, versions = self._recipes()
        if missing := set(filter(None, pinned.values())) - versions.keys():
            versions |= self._coverage(missing)
        sums, covers = self._sum_facts(versions, cells, keys)
        mixed = self._mixed_currency_keys(cells) if any(r.has_money for r in recipes) else set()
        result = {}
        for recipe in recipes:
            parts = [
                (measure_id, code, version_id, *versions.get(version_id, NOT_COVERED)[:2])
                for measure_id, code, version_id in recipe.measures
            ]
            for position, key in enumerate(keys):
                terms, faults, first = {}, 0, covers[position]
                for measure_id, code, version_id, covered_from, has_failed in parts:
                    if pinned and (key, measure_id) in pinned:
                        version_id = pinned[key, measure_id]
                        covered_from, has_failed, _it = versions.get(version_id, NOT_COVERED)
                    if covered_from and covered_from <= first:
                        terms[code], fault = sums.get((position, version_id), NOTHING_FOUND)
                        faults += fault
                    elif has_failed:
                        terms[code] = (Failure("refresh_failed"), 0)
                if recipe.has_money and key in mixed:
                    value = Failure("mixed_currency")
                else:
                    value = recipe.compute(terms)
                result[recipe.indicator_id, key] = Actual(value, terms, faults)
        return result

    def _recipes(self):
        """What `_actuals` needs to know of these indicators, in one statement.

        :return: recipes, and the `_coverage` of the versions in force
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id, i.formula, i.empty_value, m.id, m.code, m.aggregate, %s
                     FROM expat_kpi_indicator i
                     LEFT JOIN expat_kpi_indicator_measure_rel rel ON rel.indicator_id = i.id
                     LEFT JOIN expat_kpi_measure m ON m.id = rel.measure_id
                     LEFT JOIN expat_kpi_measure_version v ON v.id = m.version_id
                    WHERE i.id = ANY(%s)""",
                COVERAGE,
                list(self.ids),
            )
        )
        heads, parts, money, versions = {}, defaultdict(list), set(), {}
        for indicator_id, *head, measure_id, code, aggregate, version_id, since, failed, it in rows:
            heads[indicator_id] = head
            versions[version_id] = (since, failed, it)
            if measure_id:
                parts[indicator_id].append((measure_id, code, version_id))
            if aggregate == "money":
                money.add(indicator_id)
        versions.pop(None, None)
        recipes = []
        for indicator_id in self.ids:
            text, empty_value = heads[indicator_id]
            known = frozenset(code for _measure, code, _version in parts[indicator_id])
            # Formulas of formulas, and what is wrong, are looked at closely.
            run = compiled_text(text, known) or self.browse(indicator_id)._compiled_tree()
            if empty_value == "zero":
                run = zero_for_nothing(run)
            recipes.append(Recipe(indicator_id, run, parts[indicator_id], indicator_id in money))
        return recipes, versions

    def _compiled_tree(self):
        """The formula, through those that it names, as a function of terms."""
        try:
            return formula.compile_formula(self._tree())
        except FormulaError:
            return lambda terms: Failure("bad_formula")

    @api.model
    def _coverage(self, version_ids):
        """{version id: (first day that is computed or None, whether the last refresh failed,
        whether it counts what differs)}"""
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM expat_kpi_measure_version v WHERE v.id = ANY(%s)",
                COVERAGE,
                list(version_ids),
            )
        )
        return {row[0]: row[1:] for row in rows}

    @api.model
    def _sum_facts(self, versions, cells, keys):
        """({(position of key, version id): ((amount, count), fault count)}, the first day that
        each key asks for)

        :param versions: as `_coverage` returns them
        """
        positions = {key: position for position, key in enumerate(keys)}
        covers = [None] * len(keys)
        for key, _employee, first, _last in cells:
            position = positions[key]
            covers[position] = min(covers[position] or first, first)
        place, source, position_of = self._facts_of_cells(cells, positions)
        result = {}
        distinct = [version for version, (_from, _failed, is_it) in versions.items() if is_it]
        for group, amount in (
            ([version for version in versions if version not in distinct], SQL("SUM(fact.amount)")),
            (distinct, SQL("COUNT(DISTINCT fact.key) FILTER (WHERE fact.count > 0)")),
        ):
            if not group or not cells:
                continue
            rows = self.env.execute_query(
                SQL(
                    """SELECT %s, fact.version_id, %s::float8, SUM(fact.count)::bigint,
                              SUM(fact.fault_count)::bigint
                         FROM %s AND fact.version_id = ANY(%s)
                        GROUP BY 1, 2""",
                    place,
                    amount,
                    source,
                    group,
                )
            )
            for found, version_id, total, count, faults in rows:
                result[position_of[found], version_id] = ((total, count), faults)
        return result, covers

    def _facts_of_cells(self, cells, positions):
        """(SQL of what tells the keys apart, FROM and WHERE, that → position of the key)"""
        employees = [cell[1] for cell in cells]
        spans = {cell[2:] for cell in cells}
        if len(spans) == 1 and len(set(employees)) == len(cells) == len(positions):
            # One person a key, all for the same days: PostgreSQL plans that best.
            source = SQL(
                "expat_kpi_fact fact WHERE fact.employee_id = ANY(%s)"
                " AND fact.day BETWEEN %s AND %s",
                employees,
                *spans.pop(),
            )
            return SQL("fact.employee_id"), source, {c[1]: positions[c[0]] for c in cells}
        source = SQL(
            """unnest(%s::int[], %s::int[], %s::date[], %s::date[])
                   AS cell(position, employee_id, first, last)
               JOIN expat_kpi_fact fact ON fact.employee_id = cell.employee_id
                AND fact.day BETWEEN cell.first AND cell.last
              WHERE TRUE""",
            [positions[cell[0]] for cell in cells],
            employees,
            [cell[2] for cell in cells],
            [cell[3] for cell in cells],
        )
        return SQL("cell.position"), source, range(len(positions))

    def _mixed_currency_keys(self, cells):
        """Keys whose employees' companies have different currencies."""
        people = defaultdict(set)
        for key, employee_id, _first, _last in cells:
            people[key].add(employee_id)
        people = {key: ids for key, ids in people.items() if len(ids) > 1}
        # sudo: hr.employee – only the currency of the company that employs them
        employees = self.env["hr.employee"].sudo().browse(set().union(*people.values()))
        currency = {employee.id: employee.company_id.currency_id.id for employee in employees}
        return {key for key, ids in people.items() if len({currency[id_] for id_ in ids}) > 1}

    # ------------------------------------------------------------------
    # Showing
    # ------------------------------------------------------------------

    def _format_value(self, amount, currency=None, *, as_agreed=False):
        """A number with its unit, as the reader's language writes it.

        :param as_agreed: with the decimals that it has, neither rounded nor padded:
            what people sign is not what a display makes of it
        """
        self.ensure_one()
        digits = self.digits
        if as_agreed:
            digits = next(n for n in range(5) if n == 4 or round(amount, n) == amount)
        text = formatLang(self.env, amount, digits=digits)
        if self.unit == "percent":
            return self.env._("%(value)s %%", value=text)
        if self.unit == "days":
            return self.env._("%(value)s days", value=text)
        if self.unit == "hours":
            return self.env._("%(value)s hours", value=text)
        if self.unit == "money" and currency:
            return f"{text} {currency.name}"
        return text
