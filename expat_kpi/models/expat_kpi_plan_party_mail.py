from collections import defaultdict

from odoo import models
from odoo.tools import format_date

from ..engine.lifecycle import LifecycleError
from ..tools.adjustment_sentences import touched_sentence
from ..tools.plan_sentences import lifecycle_sentence


class ExpatKpiPlanParty(models.Model):
    """What a party is asked for, by mail: what changes, the evidence, and where to answer.

    Each button leads to a page that shows once more what is signed or refused; nothing is
    done by opening it.
    """

    _inherit = "expat.kpi.plan.party"

    def _remind(self, days):
        """Remind these parties. The plans' rows are taken.

        :param days: {party: its day}, kept to remind nobody twice on it
        """
        by_day = defaultdict(self.browse)
        for party in self:
            by_day[days[party]] |= party
        for day, parties in by_day.items():
            parties._set_guarded({"date_reminded": day})
        self._ask(is_reminder=True)

    def _ask(self, is_reminder=False):
        """Mail these parties, each in the own language; whoever reads the same gets one mail."""
        evidence = self.plan_id.open_adjustment_id._evidence()
        alike = defaultdict(self.browse)
        for party in self._waited_for():
            plan, user = party.plan_id, party.user_id
            is_own = plan.open_adjustment_id.user_id == user
            is_past = party.role == "expat" and bool(plan._past_day())
            alike[plan, user.lang, is_past, is_own] |= party
        told = defaultdict(self.env["res.users"].browse)
        # Whoever is waited for twice on a plan is told once, first of all as the expat.
        for (plan, _lang, is_past, is_own), parties in sorted(
            alike.items(), key=lambda item: not item[0][2]
        ):
            users = parties.user_id - told[plan]
            if not users:
                continue
            told[plan] |= users
            spoken = plan._spoken_to(users[0])
            files = evidence.get(plan.open_adjustment_id, self.env["ir.attachment"])
            spoken.message_notify(
                partner_ids=users.partner_id.ids,
                subject=spoken._ask_subject(is_reminder),
                body=spoken._ask_body(is_reminder, is_past, is_own, files),
                attachment_ids=files.ids,
            )


class ExpatKpiPlan(models.Model):
    _inherit = "expat.kpi.plan"

    def _ask_subject(self, is_reminder):
        event = self.open_adjustment_id.event_id
        if event:
            return self.env._("%(event)s: your answer is waited for", event=event.name)
        if is_reminder or not self.open_adjustment_id:
            return self.env._("Waiting for you: %(plan)s", plan=self.display_name)
        return self.env._("Adjustment to sign: %(plan)s", plan=self.display_name)

    def _ask_body(self, is_reminder, is_past, is_own, files):
        """What is asked of somebody who is waited for, in the language of the context.

        :param is_past: who reads must agree to days before today expressly
        :param is_own: who reads proposed the adjustment, and cannot refuse it
        """
        adjustment = self.open_adjustment_id
        return self.env["ir.qweb"]._render(
            "expat_kpi.consent_mail",
            {
                "plan": self,
                "adjustment": adjustment,
                "lead": self._reminder(format_date(self.env, self.date_deadline)),
                "proposed": adjustment
                and not is_reminder
                and self.env._(
                    "%(user)s proposes to adjust the plan of %(employee)s.",
                    user=adjustment.user_id.name,
                    employee=self.employee_id.name,
                ),
                "reason": [part for part in (adjustment.reason or "").splitlines() if part.strip()],
                "touched": touched_sentence(self.env, self.latest_revision_id._content()),
                "changes": adjustment.line_ids._told_changes(),
                "past": is_past
                and lifecycle_sentence(self.env, LifecycleError("past_agreed"), self),
                "files": files.mapped("name"),
                "can_refuse": adjustment and not is_own,
            },
        )

    def _reminder(self, day):
        """What is asked, in one sentence.

        :param day: the deadline as text, or nothing
        """
        if self.open_adjustment_id:
            if not day:
                return self.env._("Please sign the adjustment or refuse it.")
            return self.env._("Please sign the adjustment or refuse it by %(day)s.", day=day)
        if not day:
            return self.env._("Please sign or propose a change.")
        return self.env._("Please sign or propose a change by %(day)s.", day=day)
