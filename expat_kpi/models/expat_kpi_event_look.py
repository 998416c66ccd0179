from dataclasses import dataclass, field
from datetime import date

from odoo import models

from ..engine import adjustment, event
from ..engine.adjustment import AdjustmentError
from ..engine.periods import Span
from ..engine.revision import TERMS

# Plans in these states are adjusted; what is to be done with the others is told beside them.
ADJUSTABLE = ("approved", "adjusted")


@dataclass
class Finding:
    """What an event makes of one plan, or the ``reason`` for which it leaves it alone."""

    plan: models.BaseModel
    reason: str | None = None
    span: Span | None = None
    days: tuple[int, int] = (0, 0)
    changes: list = field(default_factory=list)
    leaning: str = "same"

    def values(self):
        """The row of this finding, as it is stored."""
        return {
            "reason": self.reason or False,
            "date_from": self.span.date_from if self.span else False,
            "date_to": self.span.date_to if self.span else False,
            "days_touched": self.days[0],
            "days_total": self.days[1],
            "changes": self.changes or False,
            "leaning": False if self.reason else self.leaning,
        }


class ExpatKpiEvent(models.Model):
    """Which plans an event touches, and what it would make of each.

    All plans are looked at together: what is asked of the database does not grow with
    their number.
    """

    _inherit = "expat.kpi.event"

    def _look(self):
        """Bring the rows up to date. What was proposed, and what HR said, stays."""
        self.ensure_one()
        rows = self.env["expat.kpi.event.plan"].search([("event_id", "=", self.id)])
        known = {row.plan_id.id: row for row in rows}
        findings = self._findings(
            {row.plan_id.id for row in rows if row.status in ("made", "queued")}
        )
        gone = set(known) - {one.plan.id for one in findings}
        rows.filtered(
            lambda row: row.plan_id.id in gone and row.status not in ("made", "queued")
        )._remove()
        new = []
        for one in findings:
            row, values = known.get(one.plan.id), one.values()
            if row is None:
                new.append({"event_id": self.id, "plan_id": one.plan.id, **values})
            elif any(row[name] != value for name, value in values.items()):
                row._set_guarded({**values, "failure": False})
        self.env["expat.kpi.event.plan"]._create_guarded(new)
        self._set_guarded({"date_looked": self.env.cr.now()})
        self.invalidate_recordset(["row_ids", "touched_ids", "left_ids"])

    def _findings(self, settled=frozenset()):
        """What becomes of each plan that has days in common with the event.

        :param settled: ids of plans that were proposed to already, left out
        """
        plans = self.env["expat.kpi.plan"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "cancelled"),
                ("date_to", ">=", self.date_from),
                *([("date_from", "<=", self.date_to)] if self.date_to else []),
                ("id", "not in", list(settled)),
            ],
            order="employee_id, date_from",
        )
        if not plans:
            return []
        chosen = self._chosen(plans)
        stays = self._stays(plans)
        rules = [line._rule() for line in self.line_ids]
        findings = [self._placed(plan, chosen, stays.get(plan.employee_id)) for plan in plans]
        touched = plans.browse(one.plan.id for one in findings if not one.reason)
        indicators = touched.line_ids.indicator_id | self.line_ids.indicator_id
        additive = {one.id for one in indicators if one._is_additive()}
        working = touched._working_days()
        for one in findings:
            if not one.reason:
                self._work_out(one, rules, indicators, additive, working[one.plan.id])
        return findings

    def _chosen(self, plans):
        """Those of these plans that the conditions choose."""
        conditions = self._conditions()
        if not conditions.is_true():
            plans = plans.filtered_domain(conditions)
        if self.template_ids:
            plans = plans.filtered(lambda plan: plan.template_id in self.template_ids)
        if self.job_ids:
            plans = plans.filtered(
                lambda plan: (plan.posting_id.job_id or plan.employee_id.job_id) in self.job_ids
            )
        return plans

    def _stays(self, plans):
        """{employee: spans of their postings at the places of the event, None for everywhere}."""
        if not self.region_ids and not self.country_ids:
            return dict.fromkeys(plans.employee_id)
        postings = self.env["expat.posting"].search(
            [("employee_id", "in", plans.employee_id.ids)], order="employee_id, date_from"
        )
        stays = {employee: [] for employee in plans.employee_id}
        for posting in postings:
            if self._is_here(posting):
                stays[posting.employee_id].append(
                    Span(posting.date_from, posting.date_to or date.max)
                )
        return stays

    def _is_here(self, posting):
        """Whether somebody is posted at a place of the event; the posting's own region counts."""
        return (
            posting.country_id in self.country_ids
            or posting.region_id in self.region_ids
            or (not posting.region_id and posting.country_id in self.region_ids.country_ids)
        )

    def _placed(self, plan, chosen, stays):
        """A finding with the days of the plan that are touched, or the reason for none."""
        one = Finding(plan)
        own = Span(plan.date_from, plan.date_to)
        whole = Span(self.date_from, self.date_to or max(plan.date_to, self.date_from))
        parts = event.touched(whole, own, [own] if stays is None else stays)
        if plan not in chosen:
            one.reason = "not_chosen"
        elif not parts:
            one.reason = "elsewhere"
        elif plan.state not in ADJUSTABLE:
            one.reason = plan.state
        elif plan.open_adjustment_id:
            one.reason = "open_adjustment"
        elif len(parts) > 1:
            one.reason = "split_stay"
        else:
            [one.span] = parts
        return one

    def _work_out(self, one, rules, indicators, additive, working):
        """What the rules make of the lines of one plan."""
        period, lines = adjustment.from_content(one.plan.revision_id._content(), additive)
        digits = {indicator.id: indicator.digits for indicator in indicators}
        by_indicator = {line.indicator: line for line in lines}
        is_whole = self.method == "restated"
        touched = period if is_whole else one.span
        variants = [
            [
                event.Line(line.indicator, line.direction, digits.get(line.indicator, 2), terms)
                for line in lines
                if (terms := line.terms_on(stretch.date_from))
            ]
            for stretch in adjustment.partition(touched, lines)
        ]
        outcome = event.apply_throughout(variants, rules)
        if outcome.problem:
            one.reason = outcome.problem
            return
        days = adjustment.days_in(touched, working)
        one.days = (days, adjustment.days_in(period, working))
        if not days:
            one.reason = "no_working_days"
            return
        edits = []
        for change in outcome.changes:
            indicator = indicators.browse(change.indicator)
            line = by_indicator.get(change.indicator) or adjustment.Line(
                change.indicator,
                name=indicator.name,
                direction=indicator.direction,
                is_additive=change.indicator in additive,
                digits=indicator.digits,
            )
            edits.append(adjustment.Edit(change.kind, line, change.after))
        try:
            span = adjustment.edited_span(
                period, self.method, one.span.date_from, None if is_whole else one.span.date_to
            )
            after = adjustment.adjusted(period, lines, edits, span)
        except AdjustmentError:
            one.reason = "cannot"
            return
        over = adjustment.over_period(period, after, working)
        one.leaning = outcome.leaning
        one.changes = [
            {
                "kind": change.kind,
                "indicator": change.indicator,
                "before": change.before and {name: change.before[name] for name in TERMS},
                "after": change.after and {name: change.after[name] for name in TERMS},
                "leaning": change.leaning,
                "over_period": over.get(change.indicator),
            }
            for change in outcome.changes
        ]
