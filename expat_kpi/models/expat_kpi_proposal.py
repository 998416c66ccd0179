from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine.revision import TERMS, rounded, terms_problem
from ..tools.plan_sentences import change_sentence, check_finite, terms_sentence, terms_text

OLD_TERMS = tuple(f"old_{name}" for name in TERMS)
# A number begins with what the line says now, and may be entered. Under the reader's rights: a
# form may name a line of any plan.
FROM_LINE = {
    "compute": "_compute_from_line",
    "compute_sudo": False,
    "store": True,
    "readonly": False,
    "precompute": True,
}


class ExpatKpiProposal(models.Model):
    """What one party would like to have otherwise on a plan, and why.

    Any party may propose while the plan is in negotiation, on the same line too: a
    proposal changes nothing by itself. Another party accepts it, which makes a new
    version of the plan, counters it by a proposal of their own, or refuses it with a
    reason. A proposal stays as it was made; only its answer is added, once.

    Everybody who may read the plan may read its proposals.
    """

    _name = "expat.kpi.proposal"
    _description = "Proposal"
    _inherit = ["expat.kpi.guarded", "expat.kpi.terms"]
    _order = "id desc"
    _guarded_fields = frozenset(
        {
            *OLD_TERMS,
            "state",
            "user_id",
            "role",
            "date",
            "revision_id",
            "answer_user_id",
            "date_answer",
            "answer_reason",
            "response_hours",
        }
    )

    plan_id = fields.Many2one(
        "expat.kpi.plan", required=True, index=True, ondelete="restrict", string="KPI Plan"
    )
    employee_id = fields.Many2one(
        related="plan_id.employee_id", related_sudo=False, store=True, index=True
    )
    company_id = fields.Many2one(
        related="plan_id.company_id", related_sudo=False, store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("change", "Change a line"),
            ("add", "Add a line"),
            ("drop", "Drop a line"),
            ("comment", "Comment"),
        ],
        string="Proposal",
        required=True,
        default="change",
    )
    line_id = fields.Many2one(
        "expat.kpi.plan.line",
        index=True,
        ondelete="set null",
        domain="[('plan_id', '=', plan_id)]",
        help="The line to change, to drop or to speak about.",
    )
    indicator_id = fields.Many2one(
        "expat.kpi.indicator",
        ondelete="restrict",
        help="The indicator of the line; for a new line, which one to add.",
        **FROM_LINE,
    )
    unit = fields.Selection(related="indicator_id.unit")
    direction = fields.Selection(related="indicator_id.direction")

    # What is proposed: all numbers of the line, those that stay included
    target = fields.Float(**FROM_LINE)
    target_max = fields.Float(**FROM_LINE)
    threshold = fields.Float(**FROM_LINE)
    stretch = fields.Float(**FROM_LINE)
    weight = fields.Float(aggregator=None, **FROM_LINE)
    reason = fields.Text(required=True, help="Why. Everybody who can see the plan can read it.")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "expat_kpi_proposal_attachment_rel",
        "proposal_id",
        "attachment_id",
        string="Evidence",
    )

    # What the line was when it was proposed
    old_target = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    old_target_max = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    old_threshold = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    old_stretch = fields.Float(digits=(16, 4), readonly=True, aggregator=None)
    old_weight = fields.Float(digits=(6, 2), readonly=True, aggregator=None)
    revision_id = fields.Many2one(
        "expat.kpi.revision",
        string="On Version",
        readonly=True,
        ondelete="restrict",
        help="The version that was on the table when it was proposed.",
    )

    # Who, when
    user_id = fields.Many2one(
        "res.users", string="Proposed By", required=True, readonly=True, ondelete="restrict"
    )
    role = fields.Char(string="As", readonly=True)
    date = fields.Datetime(string="Proposed On", required=True, readonly=True)

    # The answer
    state = fields.Selection(
        [
            ("open", "Open"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("countered", "Countered"),
            ("withdrawn", "Withdrawn"),
            ("lapsed", "Lapsed"),
            ("noted", "Comment"),
        ],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    counter_to_id = fields.Many2one(
        "expat.kpi.proposal",
        string="Counters",
        ondelete="restrict",
        help="The proposal that this one answers.",
    )
    answer_user_id = fields.Many2one(
        "res.users", string="Answered By", readonly=True, ondelete="restrict"
    )
    date_answer = fields.Datetime(string="Answered On", readonly=True)
    answer_reason = fields.Text(readonly=True)
    response_hours = fields.Float(
        string="Response Time (h)", readonly=True, aggregator="avg", digits=(16, 1)
    )

    summary = fields.Char(compute="_compute_summary", string="Old → New")
    can_answer = fields.Boolean(compute="_compute_can_answer")
    can_withdraw = fields.Boolean(compute="_compute_can_answer")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("line_id", "kind")
    def _compute_from_line(self):
        """Begin with what the line is now; the proposer changes what is to change."""
        for proposal in self:
            line = proposal.line_id
            if not line or proposal.kind == "add":
                continue
            proposal.indicator_id = line.indicator_id
            for name in TERMS:
                proposal[name] = line[name]

    @api.depends("kind", "indicator_id", "reason", *TERMS, *OLD_TERMS)
    @api.depends_context("lang")
    def _compute_summary(self):
        for proposal in self:
            new = proposal._as_line("")
            if proposal.kind == "change":
                proposal.summary = change_sentence(self.env, proposal._as_line("old_"), new)
            elif proposal.kind == "add":
                proposal.summary = self.env._("New: %(terms)s", terms=terms_text(self.env, new))
            elif proposal.kind == "drop":
                proposal.summary = self.env._("Drop the line")
            else:
                proposal.summary = False

    @api.depends("kind", "indicator_id", "user_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for proposal in self:
            proposal.display_name = self.env._(
                "%(user)s: %(indicator)s",
                user=proposal.user_id.name or "",
                indicator=proposal.indicator_id.name or kinds.get(proposal.kind) or "",
            )

    @api.depends("state", "plan_id.state", "user_id")
    @api.depends_context("uid")
    def _compute_can_answer(self):
        for proposal in self:
            verbs = (proposal.plan_id.verbs or "").split()
            is_open = proposal.state == "open"
            is_own = proposal.user_id == self.env.user
            proposal.can_answer = is_open and not is_own and "accept" in verbs
            proposal.can_withdraw = is_open and is_own and "propose" in verbs

    def _as_line(self, prefix):
        indicator = self.indicator_id
        return {
            "unit": indicator.unit,
            "digits": indicator.digits,
            "currency": self.currency_id.name,
            **{name: rounded(name, self[prefix + name]) for name in TERMS},
        }

    # ------------------------------------------------------------------
    # Made once
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Propose. The logged-in user is the proposer, in the role held on the plan now."""
        made = self.browse()
        for vals in vals_list:
            self._check_guarded(vals)
            check_finite(self.env, vals)
            draft = self.new(self._with_defaults(vals))
            if not draft.plan_id:
                raise UserError(self.env._("Say which plan the proposal is about."))
            plan, _row = draft.plan_id._origin._step("propose")
            values = draft._prepare_proposal(plan)
            countered = self.browse(values["counter_to_id"])
            if countered:
                countered._answer("countered", values["reason"])
            # sudo: expat.kpi.proposal – the table has allowed it, and who it is from is set here
            granted = self.sudo()._granted_to_create([values])
            proposal = super(ExpatKpiProposal, granted).create([values])
            proposal._own_attachments(vals.get("attachment_ids"))
            proposal._tell_proposed()
            made |= proposal.sudo(self.env.su)
        return made

    def _with_defaults(self, vals):
        """What the proposal says, completed by defaults and by what its line is now."""
        names = [name for name in self._fields if name not in self._guarded_fields]
        values = {
            **self.default_get([name for name in names if name not in vals]),
            **{name: value for name, value in vals.items() if name != "attachment_ids"},
        }
        line = self.env["expat.kpi.plan.line"].browse(values.get("line_id") or [])
        if line and values.get("kind") != "add":
            line.check_access("read")
            values = {**line._terms(), **values, "indicator_id": line.indicator_id.id}
        return {**dict.fromkeys(TERMS, 0.0), "indicator_id": False, **values}

    def _prepare_proposal(self, plan):
        """What is stored of a proposal, checked. ``self`` is a new record."""
        line = self.line_id._origin.sudo()
        counter_to = self.counter_to_id._origin.sudo()
        if (line and line.plan_id != plan) or (counter_to and counter_to.plan_id != plan):
            raise UserError(self.env._("The line belongs to another plan."))
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("Give a reason: everybody who can see the plan can read it.")
            )
        if self.kind in ("change", "drop") and not line:
            raise UserError(self.env._("Choose the line to be changed."))
        indicator = line.indicator_id if line and self.kind != "add" else self.indicator_id._origin
        self._check_proposed(plan, line, indicator)
        has_new, has_old = self.kind in ("change", "add"), self.kind in ("change", "drop")
        return {
            "plan_id": plan.id,
            "kind": self.kind,
            "line_id": line.id if self.kind != "add" else False,
            "indicator_id": indicator.id,
            "reason": self.reason.strip(),
            "counter_to_id": counter_to.id,
            "revision_id": plan.latest_revision_id.id,
            "user_id": self.env.uid,
            "role": plan._role_text(),
            "date": fields.Datetime.now(),
            "state": "noted" if self.kind == "comment" else "open",
            **{name: rounded(name, self[name]) if has_new else 0.0 for name in TERMS},
            **{f"old_{name}": rounded(name, line[name]) if has_old else 0.0 for name in TERMS},
        }

    def _check_proposed(self, plan, line, indicator):
        """A proposal that nobody could accept is not made."""
        if self.kind == "add":
            if not indicator:
                raise UserError(self.env._("Choose the indicator to be added."))
            indicator.check_access("read")
            if indicator in plan.line_ids.indicator_id:
                raise UserError(self.env._("This indicator is in the plan already."))
        if self.kind in ("change", "add"):
            terms = {name: rounded(name, self[name]) for name in TERMS}
            problem = terms_problem(indicator.direction, **terms)
            if problem:
                raise ValidationError(terms_sentence(self.env, problem, indicator.name))
            if self.kind == "change" and terms == line._terms():
                raise UserError(self.env._("Nothing is changed. Enter what it should be."))

    def _own_attachments(self, commands):
        """Attach files that the proposer has just uploaded, and no others."""
        ids = self.new({"attachment_ids": commands or []}).attachment_ids._origin.ids
        # sudo: ir.attachment – checked one by one
        attachments = self.env["ir.attachment"].sudo().browse(ids)
        for attachment in attachments:
            if attachment.create_uid != self.env.user or attachment.res_id:
                raise UserError(
                    self.env._("“%(name)s” is not yours to attach.", name=attachment.name)
                )
        attachments.write({"res_model": self._name, "res_id": self.id})
        self._set_guarded({"attachment_ids": [fields.Command.set(ids)]})

    def write(self, vals):
        if self._is_granted(vals):
            return super().write(vals)
        self._check_guarded(vals)
        if vals and self:
            raise UserError(
                self.env._("A proposal stays as it was made. Withdraw it, and make another.")
            )
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self:
            raise UserError(self.env._("A proposal stays. Withdraw it instead."))

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def action_send(self):
        """Close the form of a proposal: saving it has made it."""
        return {"type": "ir.actions.act_window_close"}

    def action_accept(self):
        """Accept: the change is made, and the plan gets a new version."""
        for record in self:
            plan, _row = record.plan_id._step("accept", proposal=record.sudo())
            proposal = record.sudo()
            proposal._check_fits()
            proposal._apply()
            proposal._close("accepted")
            signers = plan._make_revision(
                self.env._("%(proposal)s, accepted", proposal=proposal.display_name), proposal
            )
            plan._tell_void(
                self.env._(
                    "Accepted the proposal of %(user)s on “%(indicator)s”: %(summary)s. "
                    "This is version %(number)s.",
                    user=proposal.user_id.name,
                    indicator=proposal.indicator_id.name,
                    summary=proposal.summary,
                    number=plan.latest_revision_id.number,
                ),
                signers,
            )
        return True

    def action_counter(self):
        """Open the form of a counter-proposal."""
        self.ensure_one()
        action = self.plan_id.action_propose()
        action["name"] = self.env._("Counter the proposal")
        action["context"].update(
            default_kind=self.kind,
            default_line_id=self.line_id.id,
            default_counter_to_id=self.id,
        )
        if self.kind == "add":
            action["context"].update(
                default_indicator_id=self.indicator_id.id,
                **{f"default_{name}": self[name] for name in TERMS},
            )
        return action

    def action_refuse(self):
        """Ask for the reason of a refusal."""
        self.ensure_one()
        return self.plan_id._ask_reason("refuse", self.env._("Refuse the proposal"), self)

    def action_withdraw(self):
        """Take back the own proposal."""
        for record in self:
            plan, _row = record.plan_id._step("propose")
            proposal = record.sudo()
            if proposal.user_id != self.env.user or proposal.state != "open":
                raise UserError(self.env._("Only an open proposal of yours can be withdrawn."))
            proposal._close("withdrawn")
            plan._tell(
                self.env._(
                    "Withdrew the proposal on “%(indicator)s”.",
                    indicator=proposal.indicator_id.name,
                )
            )
            plan._sync_activities()
        return True

    def _refuse(self, reason):
        self.ensure_one()
        if not (reason or "").strip():
            raise UserError(
                self.env._("Give a reason: everybody who can see the plan can read it.")
            )
        self._answer("refused", reason.strip())
        plan = self.plan_id.sudo()
        plan._tell(
            self.env._(
                "Refused the proposal of %(user)s on “%(indicator)s”: %(reason)s",
                user=self.user_id.name,
                indicator=self.indicator_id.name,
                reason=reason.strip(),
            ),
            self.user_id,
        )
        plan._sync_activities()

    def _answer(self, state, reason):
        """Answer without a change of the plan."""
        self.ensure_one()
        self.plan_id._step("answer", proposal=self.sudo())
        self.sudo()._close(state, reason)

    def _close(self, state, reason=False):
        now = fields.Datetime.now()
        for proposal in self:
            proposal._set_guarded(
                {
                    "state": state,
                    "answer_user_id": self.env.uid,
                    "date_answer": now,
                    "answer_reason": reason,
                    "response_hours": (now - proposal.date).total_seconds() / 3600,
                }
            )

    def _check_fits(self):
        """What the proposal changes must still be what it was: nothing is overwritten
        that somebody has agreed on since."""
        self.ensure_one()
        plan, line = self.plan_id, self.line_id
        if self.kind == "add":
            is_fit = self.indicator_id not in plan.line_ids.indicator_id
        else:
            is_fit = line in plan.line_ids and all(
                rounded(name, line[name]) == rounded(name, self[f"old_{name}"])
                for name in TERMS
                if self.kind == "drop" or self[name] != self[f"old_{name}"]
            )
        if not is_fit:
            raise UserError(
                self.env._(
                    "“%(indicator)s” has changed since this was proposed. Counter it with what "
                    "it should be now.",
                    indicator=self.indicator_id.name,
                )
            )

    def _apply(self):
        """Change the plan's lines as proposed; what the proposal leaves alone stays."""
        if self.kind == "drop":
            self.line_id._drop()
        elif self.kind == "add":
            self.env["expat.kpi.plan.line"]._add(
                {
                    "plan_id": self.plan_id.id,
                    "indicator_id": self.indicator_id.id,
                    "sequence": max(self.plan_id.line_ids.mapped("sequence"), default=0) + 10,
                    **{name: self[name] for name in TERMS},
                }
            )
        elif self.kind == "change":
            self.line_id._change(
                {name: self[name] for name in TERMS if self[name] != self[f"old_{name}"]}
            )

    def _tell_proposed(self):
        """Say in the plan's thread what is proposed, and wait for the others."""
        for proposal in self:
            plan = proposal.plan_id
            if proposal.kind == "comment":
                text = self.env._(
                    "On “%(indicator)s”: %(reason)s",
                    indicator=proposal.indicator_id.name or plan.cycle_id.name,
                    reason=proposal.reason,
                )
            else:
                text = self.env._(
                    "Proposal on “%(indicator)s”: %(summary)s. %(reason)s",
                    indicator=proposal.indicator_id.name,
                    summary=proposal.summary,
                    reason=proposal.reason,
                )
            plan.message_post(
                body=proposal._message_body(text),
                subtype_xmlid="mail.mt_comment",
                partner_ids=(plan.party_ids.user_id - proposal.user_id).partner_id.ids,
            )
            plan._sync_activities()

    def _message_body(self, text):
        return self.env["ir.qweb"]._render(
            "expat_kpi.proposal_message",
            {"text": text, "proposal": self, "files": self.attachment_ids.mapped("name")},
        )
