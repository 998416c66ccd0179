from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from odoo import api, models

from ..engine import formula, suggestion, workdays
from ..engine.formula import FormulaError
from ..engine.periods import period
from ..engine.revision import terms_problem
from ..engine.values import Number


@dataclass(frozen=True)
class Known:
    """What is known of an indicator of one employee before a period begins.

    ``evidence``: for the engine, in values of a month. ``months``: by what these are
    multiplied for the period; 1 for a rate. ``benchmark`` and ``goal``: the records
    behind it, maybe none.
    """

    evidence: suggestion.Evidence
    months: float
    benchmark: models.BaseModel
    goal: models.BaseModel


class ExpatKpiIndicator(models.Model):
    """What targets are suggested from: own months, peers, benchmarks and goals."""

    _inherit = "expat.kpi.indicator"

    def _is_additive(self):
        """Whether months add up to a quarter, as visits do and rates do not."""
        self.ensure_one()
        indicator = self.sudo()
        try:
            run = formula.compile_formula(indicator._tree())
        except FormulaError:
            return False
        return suggestion.is_additive(run, indicator.measure_ids.mapped("code"))

    @api.model
    def _history_months(self, start, today):
        """The last whole months before a day that are over."""
        first = min(start, today).replace(day=1)
        months = []
        while len(months) < suggestion.MONTHS:
            month = period("month", first - timedelta(days=1))
            months.append(month)
            first = month.date_from
        return months

    def _evidence(self, asked, today=None):
        """What is known of these indicators, for many employees in one computation.

        Peers are employees of the same company who were posted in the same region and
        role for whole months. All of it is computed as the superuser: who may see it
        is for the caller to decide, and peers never leave as people.

        :param asked: {key: (employee, posting, span)}: the posting in the span, maybe none
        :return: {(indicator, key): Known}
        """
        indicators = self.sudo()
        today = today or date.today()
        windows = {
            span: self._history_months(span.date_from, today)
            for _employee, _posting, span in asked.values()
        }
        if not windows or not indicators:
            return {}
        every_month = sorted({month for months in windows.values() for month in months})
        groups, own = self._who_was_where(asked, windows, every_month)
        cells = {
            (person, month)
            for members in groups.values()
            for person, months in members.items()
            for month in months
        }
        cells |= {(person, month) for (person, _span), months in own.items() for month in months}
        actuals = indicators._actuals(
            [
                ((person, month), person, month.date_from, month.date_to)
                for person, month in sorted(cells)
            ]
        )

        def values(indicator, person, months):
            found = (actuals[indicator.id, (person, month)].value for month in months)
            return tuple(value.value for value in found if isinstance(value, Number))

        benchmarks = self.env["expat.kpi.benchmark"].sudo()
        benchmarks = benchmarks.search([("indicator_id", "in", indicators.ids)])
        goals = self.env["expat.kpi.goal"].sudo().search([("indicator_id", "in", indicators.ids)])
        result = {}
        for indicator in indicators:
            is_additive = indicator._is_additive()
            compared = {
                key: suggestion.Group(
                    {
                        person: values(indicator, person, months)
                        for person, months in members.items()
                    }
                )
                for key, members in groups.items()
            }
            nearest = {}
            for key, (employee, posting, span) in asked.items():
                company, year = employee.company_id, span.date_from.year
                place = (company, posting.country_id, posting.region_id, year)
                if place not in nearest:
                    nearest[place] = (
                        benchmarks._nearest(indicator, company, posting, year),
                        goals._nearest(indicator, company, posting.region_id, year),
                    )
                benchmark, goal = nearest[place]
                group = compared.get(self._peer_group(posting, span))
                result[indicator.id, key] = Known(
                    suggestion.Evidence(
                        values(indicator, employee.id, own[employee.id, span]),
                        group.peers_of(employee.id) if group else suggestion.Peers(),
                        benchmark.value if benchmark else None,
                        goal.value if goal.kind == "change" else None,
                    ),
                    workdays.months(span) if is_additive else 1.0,
                    benchmark,
                    goal,
                )
        return result

    @api.model
    def _peer_group(self, posting, span):
        if not posting.region_id:
            return None
        return (posting.company_id.id, posting.region_id.id, posting.job_id.id, span)

    @api.model
    def _who_was_where(self, asked, windows, every_month):
        """({peer group: {employee id: whole months there}}, {(employee id, span): own months})"""
        # sudo: expat.posting – only who was posted in the same region, for counts of them
        postings = (
            self.env["expat.posting"]
            .sudo()
            .search(
                [
                    ("company_id", "in", [row[0].company_id.id for row in asked.values()]),
                    ("date_from", "<=", every_month[-1].date_from),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", every_month[0].date_to),
                ]
            )
        )
        wanted = {self._peer_group(posting, span) for _e, posting, span in asked.values()}
        groups = defaultdict(lambda: defaultdict(list))
        posted = defaultdict(set)
        for posting in postings:
            first, last = posting.date_from, posting.date_to or date.max
            for month in every_month:
                if first <= month.date_from and month.date_to <= last:
                    posted[posting.employee_id.id].add(month)
            for span, months in windows.items():
                key = self._peer_group(posting, span)
                if key in wanted:
                    groups[key][posting.employee_id.id] += [
                        month
                        for month in months
                        if first <= month.date_from and month.date_to <= last
                    ]
        own = {
            (employee.id, span): [month for month in windows[span] if month in posted[employee.id]]
            for employee, _posting, span in asked.values()
        }
        return groups, own

    # ------------------------------------------------------------------
    # From months to a plan
    # ------------------------------------------------------------------

    def _suggested_target(self, known):
        """The target of the period, as it is shown; None if nothing can be suggested."""
        self.ensure_one()
        value = suggestion.suggest(self.direction, known.evidence).value
        if value is None or value <= 0:
            return None
        return workdays.scaled(value, known.months, self.digits)

    def _moved_terms(self, direction, terms, target):
        """Terms with another target; what else there is keeps its distance in percent."""
        self.ensure_one()
        factor = target / terms["target"]
        moved = {
            name: workdays.scaled(amount, factor, self.digits) for name, amount in terms.items()
        }
        moved["target"] = target
        if terms_problem(direction, **moved):
            moved = {name: round(amount * factor, 4) for name, amount in terms.items()}
            moved["target"] = target
        return moved
