import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

from ..engine.periods import Span
from ..tools.fact_explain import FactExplain
from ..tools.fact_query import FactQuery
from .expat_kpi_measure_preview import ReasonWords

# A record without what a measure asks for is no record of it, and nothing is amiss.
# A fault is told in the explanation itself.
ASKED_FOR = frozenset({"condition", "not_first", "first", "not_kept", "not_finite", "no_rate"})


class ExpatKpiPlanLine(models.Model):
    """What was looked at beside an actual and did not count: how many, and why.

    Not counted are records of the employee whose moment lies on the line's days (in
    UTC, so that it is the same for every reader), which meet the conditions of a
    measure and yet count for none: it was outside the posting, its local day is
    another, it is archived, belongs to another company, was somebody else's then, or
    lacks a date or a key. A record that fails a condition is not among them.

    Whoever may read the line is told numbers and reasons, no record. It is looked up
    when one line is opened, by a statement a measure, and never for lists.
    """

    _inherit = "expat.kpi.plan.line"

    not_counted = fields.Char(
        compute="_compute_not_counted",
        help="Records of these days that meet the conditions and yet were not counted, and why.",
    )

    def web_read(self, specification):
        # A form reads one line; what is read together with others is a list.
        lines = self.with_context(expat_kpi_opened=len(self) == 1)
        return super(ExpatKpiPlanLine, lines).web_read(specification)

    @api.depends_context("lang", "expat_kpi_opened")
    @api.depends("actual_from", "actual_to", "indicator_id")
    def _compute_not_counted(self):
        self.not_counted = False
        if not self.env.context.get("expat_kpi_opened"):
            return
        for line in self.filtered("actual_from"):
            try:
                with self.env.cr.savepoint(flush=False):
                    line.not_counted = line._not_counted_sentence()
            except (ValidationError, UserError, psycopg2.Error):
                # A measure that cannot be computed is said where its number is.
                line.not_counted = False

    def _not_counted_sentence(self):
        missed = self._missed_records()
        if not missed:
            return self.env._("No other record of these days was left out.")
        counts = {}
        for reason in missed.values():
            counts[reason] = counts.get(reason, 0) + 1
        reasons = [
            self.env._("%(count)s %(reason)s", count=count, reason=reason)
            for reason, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]
        return self.env._(
            "%(count)s more not counted: %(reasons)s.",
            count=len(missed),
            reasons=format_list(self.env, reasons),
        )

    def _missed_records(self):
        """{(model, id): why it does not count, in words}"""
        self.env.flush_all()
        # sudo: expat.kpi.plan.line – ids of records, of which only the number leaves
        line = self.sudo()
        counted, missed = set(), {}
        for measure, version in line._counting_versions().items():
            definition = version._definition()
            query = FactQuery(self.env, definition, company=version.company_id)
            words = ReasonWords(measure.source_id, "UTC", definition, {})
            for first, last in line._elapsed(line._spans(), (line.actual_from, line.actual_to)):
                span = Span(first, last)
                for record in FactExplain(query, line.employee_id.id, span).records():
                    if record.is_counted:
                        counted.add(record.key)
                    elif self._is_missed(record, query.own_days(span)):
                        missed[record.key] = words.short(record)
        return {key: reason for key, reason in missed.items() if key not in counted}

    @api.model
    def _is_missed(self, record, days):
        """Whether one would look for the record in the days, and nothing asks it away."""
        moment = record.moment
        day = moment.date() if hasattr(moment, "hour") else moment
        return day in days and ASKED_FOR.isdisjoint(code for code, _params in record.reasons)

    def _counting_versions(self):
        """{measure: version}: what the actual was counted with."""
        self.ensure_one()
        pinned = self.plan_id._pinned_versions()
        return {
            measure: pinned.get((self.plan_id.id, measure)) or measure.version_id
            for measure in self.indicator_id.measure_ids
        }
