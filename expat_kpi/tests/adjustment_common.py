from odoo import Command
from odoo.tests import freeze_time

from .plan_common import PlanCase


class AdjustmentCase(PlanCase):
    """The world, with a plan that all have signed on the first day of the quarter.

    ::

        Customer visits     target 12   weight 60
        Qualified projects  target 100  weight 40

    Lan's quarter in Hanoi has 66 weekdays, 32 of them before 14 August; 1 and 2 September
    are holidays there, both on weekdays. So 64 days are worked, 32 on either side.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        calendar = cls.env["resource.calendar"].create(
            {"name": "Hanoi", "company_id": cls.company_a.id, "tz": "Asia/Ho_Chi_Minh"}
        )
        # From midnight in Hanoi, as UTC. Written once more, for time off takes what is created
        # for the clock of who creates it.
        days = {"date_from": "2026-08-31 17:00:00", "date_to": "2026-09-02 16:59:59"}
        cls.env["resource.calendar.leaves"].create(
            {"name": "National Day", "calendar_id": calendar.id, **days}
        ).write(days)
        cls.lan.posting_ids.resource_calendar_id = calendar
        cls.retention = cls._create_indicator("retention", "Retention", unit="percent")
        cls._approve_plan(cls.plan)

    @classmethod
    def _approve_plan(cls, plan):
        plan.with_user(cls.wang).action_open()
        for user in (cls.lan.user_id, cls.chen.user_id, cls.wang):
            plan.with_user(user).action_sign_content(plan.latest_revision_id.content_hash)

    def _draft(self, who, *lines, plan=None, **values):
        """An adjustment of who; lines are (kind, indicator, {numbers})."""
        return self._as(who, self.env["expat.kpi.adjustment"]).create(
            {
                "plan_id": (plan or self.plan).id,
                "reason": "Southeast Asia grows.",
                "date_from": "2026-08-14",
                **values,
                "line_ids": [
                    Command.create({"kind": kind, "indicator_id": indicator.id, **numbers})
                    for kind, indicator, numbers in lines
                ],
            }
        )

    def _adjust(self, who, *lines, **values):
        adjustment = self._draft(who, *lines, **values)
        adjustment.action_propose()
        return adjustment.sudo()

    def _at(self, moment):
        return freeze_time(moment)

    def _sign_all(self, ticks=True):
        for who in (self.lan, self.chen, self.wang):
            self._sign_ticked(who, ticks)

    def _sign_ticked(self, who, ticks=True):
        """Through the dialog, with the tick where it asks for one; returns what it asked."""
        plan = self._as(who)
        action = plan.action_sign()
        dialog = plan.env[action["res_model"]].with_context(**action["context"]).create({})
        told = dialog.past_sentence
        if told and ticks:
            dialog.agrees_to_past = True
        dialog.action_confirm()
        return told
