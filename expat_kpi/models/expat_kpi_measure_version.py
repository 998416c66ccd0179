import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..engine.definition import Definition
from ..engine.periods import Span
from ..tools.fact_query import FactQuery
from ..tools.fact_refresh import refresh
from ..tools.fact_spans import Surroundings

_logger = logging.getLogger(__name__)

# How far back a new version is filled: what targets are suggested from.
HISTORY_MONTHS = 24
# How far back every refresh compares: late entries and corrections.
OPEN_MONTHS = 6


class ExpatKpiMeasureVersion(models.Model):
    """A measure as it was defined when it was adopted.

    Versions are numbered and never change; a plan keeps the version that it was
    signed with. Facts belong to a version.
    """

    _name = "expat.kpi.measure.version"
    _description = "Measure Version"
    _order = "measure_id, number desc"
    _rec_name = "number"

    measure_id = fields.Many2one(
        "expat.kpi.measure", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="measure_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, readonly=True, aggregator=None)
    definition = fields.Json(required=True, readonly=True)
    is_in_force = fields.Boolean(compute="_compute_is_in_force")

    # Freshness
    date_refreshed = fields.Datetime(readonly=True, help="When the facts were last compared.")
    covered_from = fields.Date(readonly=True, help="First local day that was ever computed.")
    covered_to = fields.Date(readonly=True, help="Last local day that was ever computed.")
    error = fields.Text(readonly=True, help="Why the last refresh failed. Empty: it did not.")

    _number_uniq = models.UniqueIndex("(measure_id, number)", "This version exists already.")

    @api.depends("measure_id.version_id")
    def _compute_is_in_force(self):
        for version in self:
            version.is_in_force = version == version.measure_id.version_id

    @api.depends("number", "measure_id")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(measure)s, version %(number)s",
                measure=version.measure_id.name,
                number=version.number,
            )

    def write(self, vals):
        if "definition" in vals or "number" in vals or "measure_id" in vals:
            raise UserError(self.env._("What a version counts never changes. Adopt a new version."))
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_facts(self):
        self.env["expat.kpi.fact"]._forget("version_id", self.ids)

    def _definition(self):
        self.ensure_one()
        return Definition.from_json(self.definition)

    # ------------------------------------------------------------------
    # Refresh
    # ------------------------------------------------------------------

    def _open_span(self):
        """The days that a refresh compares: the unlocked months, up to the end of
        the present one; a version never computed before gets its history."""
        self.ensure_one()
        today = fields.Date.today()
        months = OPEN_MONTHS if self.date_refreshed else HISTORY_MONTHS
        first = today + relativedelta(months=-months, day=1)
        if self.date_refreshed and self.covered_to:
            # It may have rested for longer, archived: what is covered has no gap.
            first = min(first, self.covered_to + relativedelta(day=1))
        definition = self._definition()
        if definition.occurrence == "kept":
            # The record that follows in an open month may follow one that counted before it.
            ahead = max(0, definition.window_days - definition.delay_days)
            first -= relativedelta(days=ahead)
        return Span(first, today + relativedelta(months=1, day=31))

    @api.model
    def _cron_compare(self):
        """Compare all that was ever computed; each night.

        The refresh during the day looks at the open months alone, each whole. There
        it sees everything: what counts on an open day is found anew from all records,
        even where an older one decides it, such as the first order of a customer. It
        does not see what a change makes of earlier days: an old record that was
        entered, re-dated or deleted late, customers that were merged, a posting that
        was corrected, or a record before the open months that has become the first
        because the one before it is gone. All that this finds.
        """
        cron = self.env["ir.cron"]
        for version in self._in_use().filtered("covered_from"):
            try:
                version.lock_for_update()
            except LockError:
                continue  # it is being refreshed; the next night is soon enough
            last = max(version._open_span().date_to, version.covered_to)
            version._refresh(Span(version.covered_from, last))
            if not cron._commit_progress(1):
                break

    def _refresh(self, span=None):
        """Compare the facts of ``span`` (default: the open months) with the records.

        One failing version is marked with its sentence and leaves its last facts
        standing; the others are computed all the same.

        :return: number of cells written, over all versions
        """
        self.env.flush_all()
        # sudo: expat.kpi.measure.version – only the refresh writes how fresh it is
        versions = self.sudo()
        if len(versions) > 1:
            try:
                return versions._refresh_together(span)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise  # the whole transaction is run again
            except Exception:
                # Which of them it was comes out when each is computed by itself.
                _logger.info("A measure failed: refreshing one by one", exc_info=True)
        written = 0
        for version in versions:
            try:
                written += version._refresh_together(span)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except (ValidationError, UserError) as error:
                version.error = str(error)
            except Exception as error:
                # Whatever a definition makes PostgreSQL say belongs to this measure alone.
                _logger.warning("Refresh of %s failed", version.display_name, exc_info=True)
                version.error = self.env._(
                    "It could not be computed: %(error)s", error=str(error).strip().split("\n")[0]
                )
        return written

    def _refresh_together(self, span):
        """All of them or none: what they need to know is read once, and the savepoint is one."""
        surroundings = Surroundings(self.env, is_shared=True)
        self.fetch(["definition", "company_id", "date_refreshed", "covered_from", "covered_to"])
        with self.env.cr.savepoint(), surroundings.planned_without_statistics():
            return sum(
                version._refresh_one(span or version._open_span(), surroundings) for version in self
            )

    def _refresh_one(self, span, surroundings):
        query = FactQuery(self.env, self._definition(), self.company_id, surroundings)
        [(added, changed, gone)] = self.env.execute_query(refresh(query, self.id, span))
        self.write(
            {
                # Records that were changed since this transaction began are not in it.
                "date_refreshed": self.env["expat.kpi.measure"]._refresh_moment(),
                "covered_from": min(self.covered_from or span.date_from, span.date_from),
                "covered_to": max(self.covered_to or span.date_to, span.date_to),
                "error": False,
            }
        )
        self.env["expat.kpi.fact"].invalidate_model()
        return added + changed + gone

    @api.model
    def _in_use(self):
        """Versions whose facts are kept fresh: those in force, and those agreed to."""
        measures = self.env["expat.kpi.measure"].search([("version_id", "!=", False)])
        return measures.version_id | self._pinned_by_plans()

    @api.model
    def _pinned_by_plans(self, measures=None):
        """Versions that plans which are neither closed nor cancelled were signed with:
        such a plan goes on counting with the one that was agreed."""
        domain = [("state", "not in", ("closed", "cancelled")), ("revision_id", "!=", False)]
        if measures is not None:
            domain.append(("line_ids.indicator_id.measure_ids", "in", measures.ids))
        # sudo: expat.kpi.plan – which versions plans rest on; nothing else of them
        plans = self.env["expat.kpi.plan"].sudo().search(domain)
        pinned = self.union(*plans._pinned_versions().values())
        if measures is not None:
            pinned = pinned.filtered(lambda version: version.measure_id in measures)
        return pinned.sudo(self.env.su)

    @api.model
    def _cron_refresh(self, max_age_minutes=60):
        """Refresh what is older than ``max_age_minutes``, oldest first.

        Several workers share the work: each claims one version at a time and
        commits before the next.
        """
        limit = fields.Datetime.now() - relativedelta(minutes=max_age_minutes)
        pending = self._in_use().filtered(
            lambda version: not version.date_refreshed or version.date_refreshed < limit
        )
        cron = self.env["ir.cron"]
        # What there is no time for is gone on with at once, not after the usual interval.
        cron._commit_progress(remaining=len(pending))
        for version in pending.sorted(lambda version: str(version.date_refreshed or "")):
            try:
                version.lock_for_update()
            except LockError:
                cron._commit_progress(1)
                continue  # another worker has it
            version._refresh()
            self.env["expat.kpi.plan"]._refresh_open(version.measure_id)
            if not cron._commit_progress(1):
                break
