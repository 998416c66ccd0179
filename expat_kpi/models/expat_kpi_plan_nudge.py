from collections import defaultdict
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

# So many plans are looked at together, and told of in one go.
NUDGED_TOGETHER = 50

ACTIVITIES = (
    "expat_kpi.mail_activity_sign",
    "expat_kpi.mail_activity_answer",
    "expat_kpi.mail_activity_deputy",
)


class ExpatKpiPlan(models.Model):
    """Who is waited for, is told so; and who is not any more, is left alone."""

    _inherit = "expat.kpi.plan"

    def _wanted_activities(self, late):
        """{(activity type, user): what is to be done}, while the parties are asked to sign.

        :param late: parties for which the deadline is over
        """
        self.ensure_one()
        if not self._is_consenting():
            return {}
        wanted = {}
        proposals = self.open_proposal_ids
        for party in self.party_ids:
            user = party.user_id
            to_answer = proposals.filtered(lambda one, user=user: one.user_id != user)
            if user and to_answer:
                wanted["expat_kpi.mail_activity_answer", user] = "; ".join(
                    to_answer._spoken_to(user).mapped("display_name")
                )
            if party.signature_id:
                continue
            number = self.latest_revision_id.number
            if user:
                _ = self._spoken_to(user).env._
                wanted["expat_kpi.mail_activity_sign", user] = (
                    _("Sign the adjustment, version %(number)s, or refuse", number=number)
                    if self.open_adjustment_id
                    else _("Sign version %(number)s, or propose a change", number=number)
                )
            if party in late and party.deputy_id:
                spoken = party._spoken_to(party.deputy_id)
                wanted["expat_kpi.mail_activity_deputy", party.deputy_id] = spoken.env._(
                    "%(party)s (%(name)s) has not signed by the deadline",
                    party=spoken.title,
                    name=user.name or "–",
                )
        return wanted

    def _sync_activities(self):
        """Make the activities of these plans those that are wanted, and no others."""
        types = {xmlid: self.env.ref(xmlid) for xmlid in ACTIVITIES}
        known = self.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "in", [one.id for one in types.values()]),
            ]
        )
        by_plan = defaultdict(lambda: self.env["mail.activity"])
        for activity in known:
            by_plan[activity.res_id] |= activity
        surplus = self.env["mail.activity"]
        late = self.party_ids._late()
        for plan in self:
            wanted = plan._wanted_activities(late)
            for activity in by_plan[plan.id]:
                xmlid = next(key for key, one in types.items() if one == activity.activity_type_id)
                text = wanted.pop((xmlid, activity.user_id), None)
                if text is None:
                    surplus |= activity
                elif activity.summary != text:
                    activity.write({"summary": text, "date_deadline": plan.date_deadline})
            for (xmlid, user), text in wanted.items():
                # A party is told by the plan itself, with what changes and where to answer.
                is_told = xmlid != "expat_kpi.mail_activity_deputy"
                plan.with_context(mail_activity_quick_update=is_told).activity_schedule(
                    xmlid,
                    date_deadline=plan.date_deadline,
                    summary=text,
                    user_id=user.id,
                )
        surplus.unlink()

    def _hand_over(self, manager):
        """Let another manager take the place of the present one, everywhere at once."""
        for plan in self.sudo():
            old, new = plan.manager_id.user_id, manager.sudo().user_id
            if plan.manager_id == manager:
                continue
            plan._lock()
            plan._set_guarded({"manager_id": manager.id})
            plan._move_party("manager", old, new)

    @contextmanager
    def _place_kept(self, role):
        """Whoever is the manager, or the dotted-line manager, of these plans after the block
        takes the place of who was before."""

        def user(plan):
            is_dotted = role == "dotted_manager"
            return (plan.posting_id.dotted_manager_id if is_dotted else plan.manager_id).user_id

        # sudo: expat.kpi.plan – follows from the employee and the posting, whoever changes those
        before = {plan: user(plan) for plan in self.sudo()}
        yield
        for plan, old in before.items():
            if user(plan) != old:
                plan._lock()
                plan._move_party(role, old, user(plan))

    def _move_party(self, role, old, new):
        """Wait for somebody else as a party; the former one follows and acts no more."""
        self.ensure_one()
        if new == self.employee_id.user_id:
            new = new.browse()
        party = self.party_ids.filtered(lambda party: party.role == role)
        signer = self.env["res.users"]
        if self._is_consenting() and party:
            signer = party.signature_id.user_id
            party._set_guarded(
                {
                    "user_id": new.id,
                    "signature_id": False,
                    "date_since": fields.Datetime.now(),
                    "date_reminded": False,
                }
            )
        elif party and self.state not in ("draft", "closed", "cancelled"):
            # What was signed stays signed; who asks and answers from now on is another.
            party._set_guarded({"user_id": new.id})
        concerned = self.party_ids.user_id | (self.employee_id | self.manager_id).user_id
        if old and old not in concerned | self.posting_id.dotted_manager_id.user_id:
            self.message_unsubscribe(old.partner_id.ids)
            own_types = [self.env.ref(xmlid).id for xmlid in ACTIVITIES]
            self.activity_ids.filtered(
                lambda activity: (
                    activity.user_id == old and activity.activity_type_id.id not in own_types
                )
            ).write({"user_id": (new or self.env.user).id})
        if new and self.state not in ("draft", "closed", "cancelled"):
            self.message_subscribe(new.partner_id.ids)
        self._sync_activities()
        if not self._is_consenting() or not party:
            return
        text = self.env._(
            "%(party)s is now %(new)s, no longer %(old)s.",
            party=party.title,
            new=new.name or "–",
            old=old.name or "–",
        )
        if signer:
            text = self.env._("%(what)s The signature given counts no more.", what=text)
        self._tell(text)

    # ------------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------------

    @api.model
    def _cron_nudge(self):
        """Remind who is waited for; after the deadline tell the deputies and HR."""
        plans = self.search(self._consenting_domain() & Domain("date_deadline", "!=", False))
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(plans))
        for ids in split_every(NUDGED_TOGETHER, plans.ids):
            self.browse(ids)._nudge()
            if not cron._commit_progress(len(ids)):
                break

    def _nudge(self):
        """Remind the parties of these plans, each on its own working days; after the deadline
        escalate. What somebody else is changing at the moment waits for the next time."""
        due = self.party_ids._due()
        late = self.filtered(lambda plan: not plan.is_overdue_told).party_ids._late()
        plans = self.browse({party.plan_id.id for party in due} | set(late.plan_id.ids))
        plans = plans.try_lock_for_update(allow_referencing=True)
        plans._lock()
        late.plan_id.filtered(lambda plan: plan in plans)._escalate(late)
        plans.party_ids.filtered(lambda party: party in due)._remind(due)

    def _escalate(self, late):
        """Tell the deputies of late parties; once all who are waited for are late, everybody.

        :param late: parties for which the deadline is over
        """
        self._sync_activities()
        for plan in self:
            waited = plan.party_ids.filtered(lambda party: not party.signature_id)
            if waited - late:
                continue
            plan._set_guarded({"is_overdue_told": True})
            names = ", ".join(f"{party.title} ({party.user_id.name or '–'})" for party in waited)
            plan._tell(
                self.env._(
                    "The deadline has passed without all signatures on the adjustment. Waited "
                    "for: %(names)s. What was agreed stays in force until they sign.",
                    names=names,
                )
                if plan.open_adjustment_id
                else self.env._(
                    "The deadline has passed without all signatures. Waited for: %(names)s. "
                    "HR may settle it now.",
                    names=names,
                ),
                waited.deputy_id,
            )
