from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine.adjustment import AdjustmentError
from ..tools.adjustment_sentences import adjustment_sentence, touched_sentence


class ExpatKpiAdjustment(models.Model):
    """A change of an approved plan from a day on, with the consent of all parties.

    Any party to the plan may draft one; a draft is seen by who made it and by HR
    officers, and changed by who made it alone. Proposing it makes a new version of the
    plan, which the parties sign as they signed the first; until the last has signed,
    what was agreed before stays in force. From then on the adjustment stays as it is.
    Everybody who may read the plan may read what was proposed.
    """

    _name = "expat.kpi.adjustment"
    _description = "Adjustment of a KPI Plan"
    _inherit = ["expat.kpi.guarded", "mail.thread"]
    _order = "id desc"
    _mail_post_access = "read"
    _guarded_fields = frozenset(
        {
            "state",
            "user_id",
            "role",
            "date_proposed",
            "base_revision_id",
            "revision_id",
            "answer_user_id",
            "date_answer",
            "answer_reason",
        }
    )

    plan_id = fields.Many2one(
        "expat.kpi.plan", string="KPI Plan", required=True, index=True, ondelete="restrict"
    )
    # Under the reader's rights, here and below: a form may name any plan.
    employee_id = fields.Many2one(
        related="plan_id.employee_id", related_sudo=False, store=True, index=True
    )
    company_id = fields.Many2one(
        related="plan_id.company_id", related_sudo=False, store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    # Why
    reason_category = fields.Selection(
        [
            ("market", "Market"),
            ("raw_material", "Raw material"),
            ("policy", "Policy"),
            ("logistics", "Logistics"),
            ("demand", "Demand"),
            ("customer", "Customer"),
            ("organisation", "Organisation"),
            ("personal", "Personal"),
            ("mistake", "Mistake in the plan"),
            ("other", "Other"),
        ],
        string="Category",
        required=True,
        default="market",
        tracking=True,
    )
    reason = fields.Text(
        required=True,
        help="Why. Everybody who can see the plan can read it. Evidence goes below, as files.",
    )

    # What, and when
    method = fields.Selection(
        [("slices", "From a day on"), ("restated", "For the whole period")],
        string="Holds",
        required=True,
        default="slices",
        help="From a day on: the target over the period is the mean of what held before and "
        "what holds now, by the employee's own working days. For the whole period: the new "
        "numbers take the place of the old ones, as if agreed on at the beginning.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        help="The first day on which the new numbers hold, where the employee is.",
    )
    date_to = fields.Date(
        string="Until",
        help="The last day on which they hold; after it, what held before comes back by itself. "
        "Empty: to the end of the plan.",
    )
    line_ids = fields.One2many(
        "expat.kpi.adjustment.line", "adjustment_id", string="Changes", copy=True
    )

    # Who, when
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("in_force", "In Force"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
            ("lapsed", "Lapsed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Proposed By",
        # A form that is not saved yet would lack it.
        default=lambda self: self.env.uid,
        required=True,
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    role = fields.Char(string="As", readonly=True, copy=False)
    date_proposed = fields.Datetime(string="Proposed On", readonly=True, copy=False)
    base_revision_id = fields.Many2one(
        "expat.kpi.revision",
        string="On Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The version that was in force when it was proposed.",
    )
    revision_id = fields.Many2one(
        "expat.kpi.revision",
        string="New Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The version that it makes of the plan, and that is signed.",
    )
    answer_user_id = fields.Many2one(
        "res.users", string="Decided By", readonly=True, copy=False, ondelete="restrict"
    )
    date_answer = fields.Datetime(string="Decided On", readonly=True, copy=False)
    answer_reason = fields.Text(string="Reason Given", readonly=True, copy=False)

    plan_state = fields.Selection(
        related="plan_id.state", related_sudo=False, string="State of the Plan"
    )
    plan_verbs = fields.Char(related="plan_id.verbs", related_sudo=False)
    plan_date_from = fields.Date(
        related="plan_id.date_from", related_sudo=False, string="Plan From"
    )
    plan_date_to = fields.Date(related="plan_id.date_to", related_sudo=False, string="Plan Until")
    plan_indicator_ids = fields.Many2many(
        "expat.kpi.indicator", compute="_compute_plan_indicator_ids"
    )
    signed_text = fields.Char(string="Signatures", compute="_compute_signed_text")
    is_mine = fields.Boolean(compute="_compute_is_mine")
    touched = fields.Char(
        compute="_compute_preview", help="From which day, and how much of the plan it touches."
    )
    problem = fields.Char(compute="_compute_preview", help="Why nobody could agree on it yet.")
    preview_html = fields.Html(compute="_compute_preview", sanitize=False, string="Before → After")

    _one_open = models.UniqueIndex(
        "(plan_id) WHERE state = 'proposed'",
        "An adjustment of this plan waits for signatures already.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("plan_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for adjustment in self:
            adjustment.display_name = self.env._(
                "Adjustment of %(plan)s", plan=adjustment.plan_id.display_name or ""
            )

    @api.depends("plan_id.line_ids.indicator_id")
    def _compute_plan_indicator_ids(self):
        for adjustment in self:
            adjustment.plan_indicator_ids = adjustment.plan_id.line_ids.indicator_id

    @api.depends("state", "plan_id.party_ids.signature_id")
    def _compute_signed_text(self):
        for adjustment in self:
            parties = adjustment.plan_id.party_ids
            adjustment.signed_text = (
                self.env._(
                    "%(signed)s of %(count)s",
                    signed=len(parties.filtered("signature_id")),
                    count=len(parties),
                )
                if adjustment.state == "proposed"
                else False
            )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for adjustment in self:
            # A form that is not saved yet has no user.
            adjustment.is_mine = adjustment.user_id in (self.env.user, self.env["res.users"])

    @api.depends(
        "state",
        "plan_id",
        "method",
        "date_from",
        "date_to",
        "revision_id",
        "line_ids.kind",
        "line_ids.indicator_id",
        "line_ids.target",
        "line_ids.target_max",
        "line_ids.threshold",
        "line_ids.stretch",
        "line_ids.weight",
    )
    @api.depends_context("lang")
    def _compute_preview(self):
        for adjustment in self:
            before, after, problem = adjustment._contents()
            adjustment.problem = problem
            adjustment.touched = touched_sentence(self.env, after) if after else False
            adjustment.preview_html = (
                self.env["expat.kpi.revision"]._render_contents(before, after, with_touched=False)
                if after
                else False
            )

    def _contents(self):
        """(content before, content after or None, why there is none)"""
        self.ensure_one()
        if self.revision_id:
            return self.base_revision_id._content(), self.revision_id._content(), False
        plan = self.plan_id._origin
        if not plan.revision_id or not self.date_from:
            return None, None, False
        before = plan.revision_id._content()
        try:
            return before, plan._adjusted_content(self), False
        except AdjustmentError as error:
            return before, None, adjustment_sentence(self.env, error)

    # ------------------------------------------------------------------
    # Drafts
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_guarded(vals)
        completed = [
            {**self._own_defaults(), **vals, "user_id": self.env.uid} for vals in vals_list
        ]
        granted = self._granted_to_create(completed)
        made = super(ExpatKpiAdjustment, granted).create(completed)
        made.plan_id._check_verb("adjust")
        return made

    def _own_defaults(self):
        """Defaults that a form brings along; guarded fields are never among them."""
        return {
            key[8:]: value
            for key, value in self.env.context.items()
            if key.startswith("default_")
            and key[8:] in self._fields
            and key[8:] not in self._guarded_fields
        }

    def write(self, vals):
        if self._is_granted(vals):
            return super().write(vals)
        self._check_guarded(vals)
        if "plan_id" in vals and any(one.plan_id.id != vals["plan_id"] for one in self):
            raise UserError(self.env._("An adjustment stays with its plan. Make another one."))
        self._check_own_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_own_draft(self):
        self._check_own_draft()

    def _check_own_draft(self):
        """Only who made a draft changes it, and nobody what was proposed."""
        for adjustment in self:
            if adjustment.state != "draft":
                raise UserError(
                    self.env._(
                        "What was proposed stays as it was. Withdraw or refuse it, and make "
                        "another adjustment."
                    )
                )
            if adjustment.user_id != self.env.user:
                raise UserError(
                    self.env._("This draft is %(user)s's.", user=adjustment.user_id.name)
                )

    # ------------------------------------------------------------------
    # Verbs
    # ------------------------------------------------------------------

    def action_propose(self):
        """Ask the parties to sign what the plan would say."""
        for record in self:
            record._propose()
        # sudo: expat.kpi.adjustment – the table has allowed it
        self.sudo()._tell_proposed()
        return True

    def _propose(self):
        """Propose, and tell nobody yet."""
        self.check_access("write")
        self._check_own_draft()
        parties = self.plan_id.sudo()._renewed_parties()
        plan, _row = self.plan_id._step("adjust", reason=self.reason, parties=parties)
        # sudo: expat.kpi.adjustment – the table has allowed it
        adjustment = self.sudo()
        try:
            content = plan._adjusted_content(adjustment)
        except AdjustmentError as error:
            raise ValidationError(adjustment_sentence(self.env, error)) from error
        adjustment._set_guarded(
            {
                "state": "proposed",
                "role": plan._role_text(),
                "date_proposed": fields.Datetime.now(),
                "base_revision_id": plan.revision_id.id,
            }
        )
        # One at a time, also where two did not see each other.
        adjustment.flush_recordset(["state"])
        plan._begin_adjustment(adjustment, content, parties)
        adjustment._set_guarded({"revision_id": plan.latest_revision_id.id})

    def action_sign(self):
        """Read and sign the plan as it would be."""
        self.ensure_one()
        return self.plan_id.action_sign()

    def action_refuse(self):
        """Ask why it is refused."""
        self.ensure_one()
        return self.plan_id.action_refuse()

    def action_retract(self):
        """Take it back."""
        self.ensure_one()
        return self.plan_id.action_retract()

    def action_open_plan(self):
        self.ensure_one()
        return self.plan_id.get_formview_action()

    def _close(self, state, reason=False):
        self._set_guarded(
            {
                "state": state,
                "answer_user_id": self.env.uid,
                "date_answer": fields.Datetime.now(),
                "answer_reason": reason,
            }
        )

    def _tell_proposed(self):
        """Say in the plans' threads what is proposed, and ask everybody who is waited for.

        Who only follows is told in the words of the proposer, as in any thread; who is asked
        gets one mail, in the own language.
        """
        asked = self.plan_id.party_ids.filtered(lambda party: party.user_id != self.env.user)
        for adjustment in self:
            plan = adjustment.plan_id
            plan._tell_beside(
                self.env["ir.qweb"]._render(
                    "expat_kpi.adjustment_message",
                    {
                        "adjustment": adjustment,
                        "touched": touched_sentence(self.env, adjustment.revision_id._content()),
                        "number": plan.latest_revision_id.number,
                    },
                )
            )
        asked._ask()

    def _evidence(self):
        """{adjustment: the files beside it}"""
        # sudo: ir.attachment – whoever may read an adjustment may read its files
        attachments = self.env["ir.attachment"].sudo()
        found = attachments.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)], order="id"
        ).grouped("res_id")
        return {adjustment: found.get(adjustment.id, attachments) for adjustment in self}
