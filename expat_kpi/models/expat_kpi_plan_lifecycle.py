from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import float_compare, format_date

from ..engine import lifecycle, revision
from ..engine.lifecycle import LifecycleError, Situation
from ..engine.workdays import settled_weights, weights_problem
from ..tools.plan_sentences import lifecycle_sentence, weights_sentence


class ExpatKpiPlan(models.Model):
    """The verbs of a plan: each does one row of the table in `engine.lifecycle`.

    All of them go through `_step`: it takes the plan's row, asks the table with what
    holds at that moment, and lets nothing through else. Whoever calls acts as the
    logged-in user and in the roles that this user has on this plan now; `sudo` gives
    no role, and OdooBot has none.
    """

    _inherit = "expat.kpi.plan"

    verbs = fields.Char(
        compute="_compute_verbs",
        help="What the reader may do with the plan now, as words of the lifecycle.",
    )
    party_count = fields.Integer(
        string="Signatures Needed", compute="_compute_signed", store=True, aggregator=None
    )
    signed_count = fields.Integer(
        string="Signed", compute="_compute_signed", store=True, aggregator=None
    )
    missing_count = fields.Integer(
        string="Signatures Missing", compute="_compute_signed", store=True
    )
    open_proposal_ids = fields.One2many(
        "expat.kpi.proposal",
        "plan_id",
        string="Open Proposals",
        domain=[("state", "=", "open")],
        readonly=True,
        copy=False,
    )
    waits_for_me = fields.Boolean(compute="_compute_waits_for_me", search="_search_waits_for_me")
    override_id = fields.Many2one(
        "expat.kpi.signature",
        string="Override by HR",
        compute="_compute_override_id",
        help="The decision of HR by which the version in force was approved.",
    )
    weight_sentence = fields.Char(compute="_compute_weight_sentence")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends(
        "state",
        "open_adjustment_id",
        "party_ids.signature_id",
        "manager_id.user_id",
        "date_deadline",
    )
    @api.depends_context("uid")
    def _compute_verbs(self):
        # sudo: expat.kpi.plan.party – only whether they are late
        late = self.sudo().party_ids._late()
        for plan in self:
            if not plan.id:
                plan.verbs = False
                continue
            # sudo: hr.employee – only who of them the reader is
            roles = plan.sudo()._roles()
            now = plan.sudo()._situation(late=late)
            plan.verbs = " ".join(lifecycle.verbs_now(plan.state, roles, now)) or False

    @api.depends("party_ids.signature_id")
    def _compute_signed(self):
        for plan in self:
            plan.party_count = len(plan.party_ids)
            plan.signed_count = len(plan.party_ids.filtered("signature_id"))
            plan.missing_count = plan.party_count - plan.signed_count

    @api.depends("state", "open_adjustment_id", "party_ids.signature_id", "proposal_ids.state")
    @api.depends_context("uid")
    def _compute_waits_for_me(self):
        waiting = self.filtered_domain(self._waiting_domain())
        for plan in self:
            plan.waits_for_me = plan in waiting

    def _search_waits_for_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        if not value:
            return Domain.FALSE
        return (
            Domain.TRUE
            if len(value) > 1
            else (self._waiting_domain() if True in value else ~self._waiting_domain())
        )

    @api.model
    def _consenting_domain(self):
        """Plans whose parties are asked to sign."""
        return Domain("state", "=", "negotiation") | Domain("open_adjustment_id", "!=", False)

    def _waiting_domain(self):
        """Plans that wait for the reader: to sign, or to answer."""
        user = self.env.uid
        return self._consenting_domain() & (
            Domain("party_ids", "any", [("user_id", "=", user), ("signature_id", "=", False)])
            | Domain("party_ids.user_id", "=", user)
            & Domain("proposal_ids", "any", [("state", "=", "open"), ("user_id", "!=", user)])
        )

    @api.depends("revision_id", "signature_ids")
    def _compute_override_id(self):
        for plan in self:
            plan.override_id = plan.signature_ids.filtered(
                lambda signature, plan=plan: (
                    signature.kind == "override" and signature.revision_id == plan.revision_id
                )
            )[:1]

    @api.depends("line_ids.weight")
    @api.depends_context("lang")
    def _compute_weight_sentence(self):
        for plan in self:
            missing = weights_problem(plan.line_ids.mapped("weight"))
            plan.weight_sentence = weights_sentence(self.env, missing) if missing else False

    # ------------------------------------------------------------------
    # Roles, and what holds
    # ------------------------------------------------------------------

    def _is_officer(self, user):
        """Whether a user decides for HR on this plan."""
        return (
            user.id != SUPERUSER_ID
            and user.active
            and self.company_id in user.company_ids
            and user.has_group("expat_kpi.group_officer")
        )

    def _roles(self):
        """The roles of the logged-in user on this plan, now."""
        self.ensure_one()
        user = self.env.user
        if user.id == SUPERUSER_ID or not user.active:
            return frozenset()
        is_officer = self._is_officer(user)
        # HR is whoever is an officer now, also where another one is waited for.
        signatories = set(self.party_ids.filtered(lambda party: party.role != "hr").user_id.ids)
        if is_officer and "hr" in self.party_ids.mapped("role"):
            signatories.add(user.id)
        return lifecycle.roles_of(
            user.id,
            expat=self.employee_id.user_id.id or None,
            manager=self.manager_id.user_id.id or None,
            is_officer=is_officer,
            signatories=signatories,
        )

    def _role_text(self):
        """As what the logged-in user acts on this plan, in words."""
        roles = self._roles()
        labels = {"expat": self.env._("Employee"), "manager": self.env._("Manager"), "hr": "HR"}
        return ", ".join(label for role, label in labels.items() if role in roles) or ", ".join(
            self._own_parties().mapped("title")
        )

    def _own_parties(self):
        """The parties for which the logged-in user signs."""
        self.ensure_one()
        user = self.env.user
        if user == self.employee_id.user_id:
            return self.party_ids.filtered(
                lambda party: party.role == "expat" and party.user_id == user
            )
        is_officer = self._is_officer(user)
        return self.party_ids.filtered(
            lambda party: (
                party.role != "expat"
                and (is_officer if party.role == "hr" else party.user_id == user)
            )
        )

    def _situation(
        self,
        *,
        content_hash=None,
        reason="",
        proposal=None,
        parties=None,
        agrees_to_past=False,
        late=None,
    ):
        """What holds for this plan now; see `engine.lifecycle.Situation`.

        :param late: parties for which the deadline is over, where they are known for many plans
        """
        self.ensure_one()
        waited = self.party_ids.filtered(lambda party: not party.signature_id)
        mine = self._own_parties() & waited
        others = waited - mine
        late = waited._late() if late is None else late
        today = self._today()
        latest = self.latest_revision_id
        adjustment = self.open_adjustment_id
        # An adjustment leaves the lines as they are until it is in force.
        stands = self.revision_id if adjustment else latest
        return Situation(
            weights=tuple(self.line_ids.mapped("weight")),
            line_problems=tuple(self._line_problems()),
            parties_unknown=tuple(
                party["title"] for party in parties or () if not party["user_id"]
            ),
            signatures_missing=len(others),
            content_current=bool(latest)
            and content_hash == latest.content_hash
            and revision.terms(stands._content()) == revision.terms(self._content()),
            can_sign=bool(mine),
            is_own_proposal=bool(proposal) and proposal.user_id == self.env.user,
            is_proposal_open=not proposal or proposal.state == "open",
            deadline_passed=bool(waited) and waited <= late,
            reason=reason or "",
            has_begun=self.date_from <= today,
            is_over=self.date_to < today,
            is_adjustment_open=bool(adjustment),
            is_own_adjustment=bool(adjustment) and adjustment.user_id == self.env.user,
            past_agreed=(
                agrees_to_past or "expat" not in mine.mapped("role") or not self._past_day()
            ),
        )

    def _line_problems(self):
        """Names of the lines that cannot be agreed on."""
        seen = set()
        for line in self.line_ids:
            name = line.indicator_id.name
            if line.indicator_id in seen:
                yield self.env._("%(indicator)s (twice)", indicator=name)
            elif revision.terms_problem(line.direction, **line._terms()):
                yield name
            seen.add(line.indicator_id)

    def _step(self, verb, **facts):
        """Take the plan, and let the table decide about a verb of the logged-in user.

        :param facts: see `_situation`
        :return: (the plan to write on, the transition)
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: expat.kpi.plan – the table has the last word on who may do what
        plan = self.sudo()
        plan._lock()
        try:
            row = lifecycle.step(plan.state, verb, plan._roles(), plan._situation(**facts))
        except LifecycleError as error:
            raise UserError(lifecycle_sentence(self.env, error, plan)) from error
        return plan, row

    def _problem(self, verb, **facts):
        """Why the logged-in user cannot do a verb now, as a sentence; False where nothing speaks
        against it. Takes nothing: it is asked again when it is done."""
        self.ensure_one()
        self.check_access("read")
        # sudo: expat.kpi.plan – only what the table says of the reader
        plan = self.sudo()
        try:
            lifecycle.step(plan.state, verb, plan._roles(), plan._situation(**facts))
        except LifecycleError as error:
            return lifecycle_sentence(self.env, error, plan)
        return False

    def _check_verb(self, verb):
        """Refuse what the logged-in user could not do on these plans in any case.

        What must hold is asked when it is done.
        """
        for record in self:
            record.check_access("read")
            # sudo: expat.kpi.plan – only who of its parties the reader is
            plan = record.sudo()
            roles = plan._roles()
            if verb in lifecycle.verbs(plan.state, roles):
                continue
            try:
                lifecycle.step(plan.state, verb, roles, Situation())
            except LifecycleError as error:
                raise UserError(lifecycle_sentence(self.env, error, plan)) from error

    # ------------------------------------------------------------------
    # Verbs
    # ------------------------------------------------------------------

    def action_open(self):
        """Send into negotiation: the parties are named, the first version is made."""
        for record in self:
            parties = record.sudo()._prepare_parties()
            plan, row = record._step("open", parties=parties)
            plan._replace_parties(parties)
            plan._set_guarded(
                {
                    "state": row.target,
                    "date_opened": fields.Datetime.now(),
                    "is_overdue_told": False,
                    "date_deadline": plan._next_deadline(),
                }
            )
            plan._make_revision(self.env._("Sent into negotiation"))
            plan._tell_beside(
                self.env._(
                    "Sent into negotiation, to be agreed on by %(day)s: %(parties)s.",
                    day=format_date(self.env, plan.date_deadline),
                    parties=", ".join(
                        f"{party.title} ({party.user_id.name})" for party in plan.party_ids
                    ),
                )
            )
            plan.message_subscribe(plan.party_ids.user_id.partner_id.ids)
        # sudo: expat.kpi.plan.party – each is told of what it has to sign itself
        parties = self.sudo().party_ids
        parties.filtered(lambda party: party.user_id != self.env.user)._ask()
        return True

    def action_withdraw(self):
        """Take back into draft. No signature counts any more."""
        for record in self:
            plan, row = record._step("withdraw")
            signers = plan._void_signatures()
            plan._lapse_proposals()
            plan._set_guarded({"state": row.target})
            plan._tell_void(self.env._("The plan was taken back into draft."), signers)
            plan._sync_activities()
        return True

    def action_sign(self):
        """Show once more exactly what is signed."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Read and sign"),
            "res_model": "expat.kpi.plan.sign",
            "view_mode": "form",
            "target": "new",
            "context": {"default_plan_id": self.id},
        }

    def action_sign_content(self, content_hash, agrees_to_past=False):
        """Sign what was read.

        :param content_hash: of the version that the signer has seen; if it is not the
            latest any more, nothing is signed
        :param agrees_to_past: that the expat, who signs, agrees to what gets harder on
            days before today
        """
        self.ensure_one()
        plan, row = self._step("sign", content_hash=content_hash, agrees_to_past=agrees_to_past)
        past_day = plan._past_day()
        now = fields.Datetime.now()
        parties = plan._own_parties().filtered(lambda party: not party.signature_id)
        for party in parties:
            hours = (now - (party.date_since or now)).total_seconds() / 3600
            party._set_guarded(
                {
                    "signature_id": plan._append_signature(
                        party.role,
                        party.label,
                        hours,
                        date_past=past_day if party.role == "expat" else False,
                    ).id
                }
            )
        # Who signs the content as it is no longer asks for another.
        plan.open_proposal_ids.filtered(lambda proposal: proposal.user_id == self.env.user)._close(
            "withdrawn"
        )
        plan._tell(
            self.env._(
                "Version %(number)s signed as: %(parties)s.",
                number=plan.latest_revision_id.number,
                parties=", ".join(parties.mapped("title")),
            )
        )
        if row.target == "approved" and row.source == "negotiation":
            plan._approve()
        elif "last_signature" in row.conditions:
            plan._enter_adjustment()
        else:
            plan._sync_activities()
        return True

    def _override(self, content_hash, reason):
        """HR settles a deadlock, by name and with a reason."""
        plan, _row = self._step("override", content_hash=content_hash, reason=reason)
        plan._append_signature("hr", False, 0.0, kind="override", reason=reason.strip())
        plan._tell(
            self.env._(
                "HR override: version %(number)s is in force without all signatures. "
                "Not signed by: %(parties)s. Reason: %(reason)s",
                number=plan.latest_revision_id.number,
                parties=", ".join(
                    plan.party_ids.filtered(lambda party: not party.signature_id).mapped("title")
                ),
                reason=reason.strip(),
            )
        )
        plan._approve()

    def action_override(self):
        return self._ask_reason("override", self.env._("Settle the deadlock"))

    def action_propose(self):
        """Open the form of a proposal on this plan."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a change"),
            "res_model": "expat.kpi.proposal",
            "view_mode": "form",
            "views": [(self.env.ref("expat_kpi.expat_kpi_proposal_view_form_new").id, "form")],
            "target": "new",
            "context": {
                "default_plan_id": self.id,
                **{
                    key: value
                    for key, value in self.env.context.items()
                    if key in ("default_kind", "default_line_id")
                },
            },
        }

    def action_review(self):
        for record in self:
            plan, row = record._step("review")
            plan._lapse_adjustment()
            plan._set_guarded({"state": row.target})
            plan._sync_activities()
        return True

    def action_close(self):
        for record in self:
            plan, row = record._step("close")
            plan._set_guarded({"state": row.target})
            plan._sync_activities()
        return True

    def action_cancel(self):
        return self._ask_reason("cancel", self.env._("Cancel the plan"))

    def _cancel(self, reason):
        plan, row = self._step("cancel", reason=reason)
        signers = plan._void_signatures() if plan.state == "negotiation" else None
        plan._lapse_proposals()
        plan._lapse_adjustment()
        plan._set_guarded({"state": row.target})
        plan._tell(self.env._("Cancelled: %(reason)s", reason=reason.strip()), signers)
        plan._sync_activities()

    def _ask_reason(self, verb, title, proposal=None):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "expat.kpi.plan.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_plan_id": self.id,
                "default_verb": verb,
                "default_proposal_id": proposal.id if proposal else False,
            },
        }

    def _after_answer(self, is_page):
        """Where a reader is led who has answered: from a page to the plan, from a dialog back."""
        self.ensure_one()
        if not is_page:
            return {"type": "ir.actions.act_window_close"}
        return {**self.get_formview_action(), "target": "main"}

    def action_compare(self):
        """Show two versions side by side: the latest and the one before it."""
        self.ensure_one()
        self.check_access("read")
        latest, before = (self.revision_ids[:1], self.revision_ids[1:2])
        if not latest:
            raise UserError(
                self.env._("There is no version yet: a draft gets one when it is sent out.")
            )
        return self._open_comparison(before or latest, latest)

    def _open_comparison(self, before, after):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Versions side by side"),
            "res_model": "expat.kpi.revision.compare",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_plan_id": self.id,
                "default_before_id": before.id,
                "default_after_id": after.id,
            },
        }

    # ------------------------------------------------------------------
    # Parties, versions, signatures. All of it with the plan's row taken.
    # ------------------------------------------------------------------

    def _prepare_parties(self):
        """Who must sign this plan, by the signing rule; without a user where there is none."""
        self.ensure_one()
        rule = self.env["expat.kpi.signatory.rule"]._for_plan(self)
        signatories = rule.signatory_ids or [
            self.env["expat.kpi.signatory"].new({"role": role})
            for role in lifecycle.DEFAULT_PARTIES
        ]
        labels = dict(
            self.env["expat.kpi.signatory"]._fields["role"]._description_selection(self.env)
        )
        expat = self.employee_id.user_id
        result = []
        for sequence, signatory in enumerate(signatories):
            user = self._party_user(signatory)
            if signatory.role != "expat" and user == expat:
                user = user.browse()  # nobody signs the own plan for somebody else
            result.append(
                {
                    "sequence": sequence,
                    "role": signatory.role,
                    "label": signatory.label,
                    "title": signatory.label or labels[signatory.role],
                    "user_id": user.id,
                    "deputy_id": signatory.deputy_id.id,
                }
            )
        return result

    def _party_user(self, signatory):
        if signatory.role == "expat":
            user = self.employee_id.user_id
        elif signatory.role == "manager":
            user = self.manager_id.user_id
        elif signatory.role == "dotted_manager":
            user = self.posting_id.dotted_manager_id.user_id
        elif signatory.role == "hr":
            user = signatory.user_id
            if not self._is_officer(user):
                user = self._hr_user()
        else:
            user = signatory.user_id
        return user.filtered("active")

    def _hr_user(self):
        """The officer who is waited for: who opens the plan, else who made it, else any."""
        officers = self.env.ref("expat_kpi.group_officer").all_user_ids.filtered(
            lambda user: self._is_officer(user) and user != self.employee_id.user_id
        )
        for user in (self.env.user, self.create_uid):
            if user in officers:
                return user
        return officers.sorted("id")[:1]

    def _replace_parties(self, parties):
        self.party_ids._remove()
        self.env["expat.kpi.plan.party"]._create_guarded(
            [
                {
                    "plan_id": self.id,
                    **{key: value for key, value in party.items() if key != "title"},
                }
                for party in parties
            ]
        )
        self.invalidate_recordset(["party_ids"])

    def _next_deadline(self):
        rule = self.env["expat.kpi.signatory.rule"]._for_plan(self)
        first = fields.Date.add(self._today(), days=rule.days_to_agree or 14)
        return max(first, self.date_deadline or first)

    def _content(self):
        """What the plan says now; see `engine.revision`."""
        self.ensure_one()
        return {
            "plan": {
                "employee": self.employee_id.id,
                "employee_name": self.employee_id.name,
                "cycle": self.cycle_id.name,
                "date_from": self.date_from.isoformat(),
                "date_to": self.date_to.isoformat(),
            },
            "lines": [line._content() for line in self.line_ids],
        }

    def _pinned_versions(self):
        """{(plan id, measure): version} of what was agreed to be counted by."""
        wanted = {}
        for plan in self.filtered("revision_id"):
            for line in plan.revision_id._content()["lines"]:
                for code, number in line["measures"].items():
                    wanted[plan.id, code] = number
        if not wanted:
            return {}
        measures = self.line_ids.indicator_id.measure_ids
        versions = {
            (version.measure_id, version.number): version
            for version in self.env["expat.kpi.measure.version"].search(
                [("measure_id", "in", measures.ids), ("number", "in", list(set(wanted.values())))]
            )
        }
        return {
            (plan.id, measure): versions[measure, wanted[plan.id, measure.code]]
            for plan in self
            for measure in plan.line_ids.indicator_id.measure_ids
            if (measure, wanted.get((plan.id, measure.code))) in versions
        }

    def _make_revision(self, reason, proposal=None, content=None):
        """Make the next version, of what the plan says now or what it would say; nobody has
        signed that."""
        if content is None:
            self._settle_weights()
            content = self._content()
        made = self.env["expat.kpi.revision"]._create_guarded(
            [
                {
                    "plan_id": self.id,
                    "number": self.env["expat.kpi.revision"]._next_number(self),
                    "content": revision.canonical(content),
                    "content_hash": revision.content_hash(content),
                    "reason": reason,
                    "proposal_id": proposal.id if proposal else False,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                }
            ]
        )
        self._set_guarded({"latest_revision_id": made.id})
        signers = self._void_signatures()
        self.party_ids._set_guarded({"date_since": fields.Datetime.now(), "date_reminded": False})
        self.invalidate_recordset(["revision_ids"])
        self._sync_activities()
        return signers

    def _settle_weights(self):
        """Make weights that are 100 but for their rounding 100 to the last decimal: what is
        signed adds up, and an adjustment later moves no weight that nobody spoke of."""
        weights = self.line_ids.mapped("weight")
        for line, weight in zip(self.line_ids, settled_weights(weights), strict=True):
            if float_compare(line.weight, weight, precision_digits=2):
                line._change({"weight": weight})

    def _void_signatures(self):
        """Let the signatures given count no more. Returns who had given them."""
        signed = self.party_ids.filtered("signature_id")
        signers = signed.signature_id.user_id
        signed._set_guarded({"signature_id": False})
        return signers

    def _append_signature(
        self, role, label, hours, *, kind="signature", reason=False, date_past=False
    ):
        """The logged-in user's name under the latest version."""
        return self.env["expat.kpi.signature"]._create_guarded(
            [
                {
                    "plan_id": self.id,
                    "revision_id": self.latest_revision_id.id,
                    "content_hash": self.latest_revision_id.content_hash,
                    "kind": kind,
                    "role": role,
                    "label": label,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "reason": reason,
                    "response_hours": hours,
                    "date_past": date_past,
                }
            ]
        )

    def _approve(self):
        self._lapse_proposals()
        self._set_guarded(
            {
                "state": "approved",
                "revision_id": self.latest_revision_id.id,
                "date_approved": fields.Datetime.now(),
            }
        )
        self._tell(self.env._("Version %(number)s is in force.", number=self.revision_id.number))
        self._sync_activities()

    def _lapse_adjustment(self):
        if self.open_adjustment_id:
            self._end_adjustment("lapsed")

    def _lapse_proposals(self):
        self.open_proposal_ids._close("lapsed")

    def _tell(self, text, users=None):
        """Say it in the plan's thread: its followers get it, and these users."""
        self.message_post(
            body=Markup("<p>%s</p>") % text,
            subtype_xmlid="mail.mt_comment",
            partner_ids=users.partner_id.ids if users else [],
        )

    def _tell_beside(self, body):
        """Say it in the plan's thread to those who only follow: the parties get a mail of their
        own, in their language, that asks them to answer."""
        self.ensure_one()
        comment = self.env.ref("mail.mt_comment")
        following = self.message_follower_ids.filtered(lambda one: comment in one.subtype_ids)
        self.message_post(
            body=body,
            subtype_xmlid="mail.mt_comment",
            notify_skip_followers=True,
            partner_ids=(following.partner_id - self.party_ids.user_id.partner_id).ids,
        )

    def _tell_void(self, text, signers):
        """Say it, and to those who had signed that their signature counts no more."""
        if not signers:
            return self._tell(text)
        return self._tell(
            self.env._(
                "%(what)s The signatures given count no more, please sign again: %(names)s.",
                what=text,
                names=", ".join(signers.mapped("name")),
            ),
            signers,
        )
