from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import formatLang

from ..tools.event_sentences import change_texts, left_sentence

# What became of an adjustment, as the board tells it.
ANSWERS = {
    "draft": "open",
    "proposed": "open",
    "in_force": "agreed",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "lapsed": "withdrawn",
}


class ExpatKpiEventPlan(models.Model):
    """One plan beside a market event: what would become of it, or why it is left alone.

    The product keeps these rows; HR officers may leave a plan out, with a reason, before
    it is proposed to. Once it is, whoever may read the plan may read its row.
    """

    _name = "expat.kpi.event.plan"
    _description = "Plan Touched by a Market Event"
    _inherit = ["expat.kpi.guarded"]
    # Who is waited for longest stands first; then the others by name.
    _order = "event_id, date_waiting, employee_id, id"
    _rec_name = "plan_id"
    _guarded_fields = frozenset(
        {
            "event_id",
            "plan_id",
            "reason",
            "date_from",
            "date_to",
            "days_touched",
            "days_total",
            "changes",
            "leaning",
            "is_queued",
            "failure",
            "adjustment_id",
            "status",
            "answer",
            "date_waiting",
        }
    )

    event_id = fields.Many2one(
        "expat.kpi.event", required=True, index=True, ondelete="cascade", readonly=True
    )
    plan_id = fields.Many2one(
        "expat.kpi.plan",
        string="KPI Plan",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    employee_id = fields.Many2one(related="plan_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    country_id = fields.Many2one(related="plan_id.country_id")
    currency_id = fields.Many2one(related="company_id.currency_id")

    # What becomes of it
    reason = fields.Char(readonly=True, help="Why it is left alone, as a code.")
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    days_touched = fields.Integer(readonly=True, aggregator=None)
    days_total = fields.Integer(readonly=True, aggregator=None)
    changes = fields.Json(readonly=True)
    leaning = fields.Selection(
        [
            ("easier", "Easier"),
            ("harder", "Harder"),
            ("mixed", "Easier and harder"),
            ("same", "Same targets"),
        ],
        string="For the Employee",
        readonly=True,
    )

    # What HR says
    is_excepted = fields.Boolean(
        string="Leave Out", help="This plan is not proposed to. Say why, beside it."
    )
    exception_reason = fields.Char(string="Left Out Because")

    # What came of it
    is_queued = fields.Boolean(readonly=True)
    failure = fields.Char(
        string="Could Not Be Proposed", readonly=True, help="Why, as it was told at the time."
    )
    adjustment_id = fields.Many2one(
        "expat.kpi.adjustment", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    status = fields.Selection(
        [
            ("touched", "To be proposed"),
            ("queued", "Being proposed"),
            ("failed", "Could not be proposed"),
            ("made", "Proposed"),
            ("excepted", "Left out"),
            ("left", "Left alone"),
        ],
        compute="_compute_status",
        store=True,
        index=True,
    )
    answer = fields.Selection(
        [
            ("open", "Waiting"),
            ("agreed", "Agreed"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        compute="_compute_answer",
        store=True,
        group_expand=True,
    )
    date_waiting = fields.Datetime(
        string="Waiting Since",
        compute="_compute_date_waiting",
        store=True,
        help="When the proposal came to the one who is waited for longest.",
    )
    answer_reason = fields.Text(related="adjustment_id.answer_reason")
    date_answer = fields.Datetime(related="adjustment_id.date_answer", string="Answered On")

    # Texts
    change_text = fields.Text(string="Before → After", compute="_compute_texts")
    weight_text = fields.Char(string="Other Weights", compute="_compute_texts")
    left_text = fields.Char(string="Why", compute="_compute_texts")
    share_text = fields.Char(string="Share of the Period", compute="_compute_texts")
    signed_text = fields.Text(string="Signed", compute="_compute_signed_text")
    missing_text = fields.Text(string="Waits For", compute="_compute_signed_text")
    can_nudge = fields.Boolean(compute="_compute_can_nudge")

    _plan_once = models.UniqueIndex(
        "(event_id, plan_id)", "This plan stands beside the event already."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("is_excepted", "reason", "is_queued", "failure", "adjustment_id")
    def _compute_status(self):
        for row in self:
            if row.adjustment_id:
                row.status = "made"
            elif row.reason:
                row.status = "left"
            elif row.is_excepted:
                row.status = "excepted"
            elif row.is_queued:
                row.status = "queued"
            else:
                row.status = "failed" if row.failure else "touched"

    @api.depends("adjustment_id.state")
    def _compute_answer(self):
        for row in self:
            row.answer = ANSWERS.get(row.adjustment_id.state, False)

    @api.depends("answer", "plan_id.party_ids.signature_id", "plan_id.party_ids.date_since")
    def _compute_date_waiting(self):
        for row in self:
            missing = row._missing_parties()
            row.date_waiting = min(filter(None, missing.mapped("date_since")), default=False)

    def _missing_parties(self):
        """Who is waited for; nobody, once it is answered."""
        waiting = self.filtered(lambda row: row.answer == "open")
        return waiting.plan_id.party_ids.filtered(lambda party: not party.signature_id)

    def _signatures(self):
        """The signatures under what was proposed: those that count, or did to the end."""
        if self.answer == "open":
            return self.plan_id.party_ids.signature_id
        return self.adjustment_id.revision_id.signature_ids.sorted("id")

    @api.depends(
        "answer",
        "adjustment_id.revision_id.signature_ids",
        "plan_id.party_ids.signature_id",
        "plan_id.party_ids.user_id",
    )
    @api.depends_context("lang")
    def _compute_signed_text(self):
        def named(user, title):
            return self.env._("%(name)s (%(party)s)", name=user.name or "–", party=title)

        for row in self:
            signed = [named(one.user_id, one.title) for one in row._signatures()]
            missing = [named(one.user_id, one.title) for one in row._missing_parties()]
            row.signed_text = ", ".join(signed) or False
            row.missing_text = ", ".join(missing) or False

    @api.depends("changes", "reason", "days_touched", "days_total")
    @api.depends_context("lang")
    def _compute_texts(self):
        ids = {change["indicator"] for row in self for change in row.changes or ()}
        indicators = self.env["expat.kpi.indicator"].browse(ids).exists()
        by_id = {indicator.id: indicator for indicator in indicators}
        for row in self:
            row.change_text, row.weight_text = change_texts(
                self.env, row.changes or (), by_id, row.currency_id
            )
            row.left_text = left_sentence(self.env, row.reason) if row.reason else False
            row.share_text = row.days_total and self.env._(
                "%(days)s of %(total)s working days, %(share)s %%",
                days=row.days_touched,
                total=row.days_total,
                share=formatLang(self.env, 100 * row.days_touched / row.days_total, digits=0),
            )

    @api.depends("answer", "missing_text")
    @api.depends_context("uid")
    def _compute_can_nudge(self):
        is_officer = self.env.user.has_group("expat_kpi.group_officer")
        for row in self:
            row.can_nudge = row.answer == "open" and (
                is_officer or row.plan_id.manager_id.sudo().user_id == self.env.user
            )

    @api.constrains("is_excepted", "exception_reason")
    def _check_exception(self):
        for row in self:
            if row.is_excepted and not (row.exception_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say why the plan of %(employee)s is left out.",
                        employee=row.employee_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # Kept by the product
    # ------------------------------------------------------------------

    def write(self, vals):
        if self._is_granted(vals):
            return super().write(vals)
        self.check_access("write")
        self._check_guarded(vals)
        if {"is_excepted", "exception_reason"}.intersection(vals):
            for row in self:
                if row.adjustment_id or row.event_id.state not in ("draft", "proposed"):
                    raise UserError(
                        self.env._(
                            "The plan of %(employee)s has been proposed to already. Withdraw "
                            "that instead.",
                            employee=row.employee_id.name,
                        )
                    )
        return super().write(vals)

    def _remove(self):
        """Forget plans that the event does not concern any more."""
        return super().unlink()  # pylint: disable=super-method-mismatch

    def unlink(self):
        # Every field is guarded, and so is the record.
        self._check_guarded(dict.fromkeys(self._guarded_fields))
        return super().unlink()

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open_plan(self):
        self.ensure_one()
        return self.plan_id.get_formview_action()

    def action_nudge(self):
        """Remind those who are waited for, once a day, each in the own language."""
        self.check_access("read")
        for row in self:
            if not row.can_nudge:
                raise UserError(
                    self.env._(
                        "Nobody is waited for on the plan of %(employee)s, or it is not yours to "
                        "remind them.",
                        employee=row.employee_id.name,
                    )
                )
        # sudo: expat.kpi.plan.party – parties are told, and that they were is noted, no more
        told = self.sudo()._missing_parties()._nudge().user_id
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if told else "info",
                "message": self.env._("Reminded: %(names)s", names=", ".join(told.mapped("name")))
                if told
                else self.env._("They were reminded today already."),
            },
        }

    def _prepare_adjustment_lines(self):
        """The changes of this plan, as lines of an adjustment; a hook."""
        self.ensure_one()
        return [
            {
                "sequence": 10 * number,
                "kind": change["kind"],
                "indicator_id": change["indicator"],
                **(change["after"] or {}),
            }
            for number, change in enumerate(self.changes or (), start=1)
        ]
