from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, tagged

from .plan_common import PlanWorld


class PlanTourCase(PlanWorld, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    def _tour(self, name, login):
        self.start_tour(
            f"/odoo/expat-kpi-plans/{self.plan.id}",
            f"expat_kpi_plan_{name}",
            login=f"plan_{login}",
            timeout=120,
        )
        self.plan.invalidate_recordset()


@tagged("post_install", "-at_install")
class TestPlanTour(PlanTourCase):
    def test_three_agree_in_the_browser(self):
        """100 projects become 20, and repurchase is added: by three logins."""
        self._tour("hr_opens", "wang")
        self.assertEqual(self.plan.state, "negotiation")
        self._tour("expat_proposes", "lan")
        self.assertEqual(len(self.plan.open_proposal_ids), 2)
        self._tour("manager_accepts", "chen")
        self.assertEqual(self.plan.latest_revision_id.number, 3)
        self._tour("signs", "wang")
        self._tour("signs_last", "lan")
        self.assertEqual(self.plan.state, "approved")
        self.assertEqual(self._line(self.projects).target, 20)
        self.assertEqual(self._line(self.repurchase).weight, 15)
        # Each page has told who looked at it.
        looks = self.env["expat.kpi.plan.look"].search([("plan_id", "=", self.plan.id)])
        self.assertEqual(set(looks.user_id.mapped("login")), {"plan_wang", "plan_lan", "plan_chen"})


@tagged("post_install", "-at_install")
class TestAdjustmentTour(PlanTourCase):
    def test_three_adjust_in_the_browser(self):
        """HR asks for more from today on, and the expat answers days later."""
        start = self.plan._today()
        # The browser has its own clock: the quarter is the one that it is in.
        days = {"date_from": start - timedelta(30), "date_to": start + timedelta(60)}
        cycle = self.cycle.copy({"name": "Now", **days})
        self.plan.write({"cycle_id": cycle.id, **days})
        self._open()
        for user in (self.lan.user_id, self.chen.user_id, self.wang):
            self.plan.with_user(user).action_sign_content(self.plan.latest_revision_id.content_hash)
        self._tour("hr_adjusts", "wang")
        self.assertEqual((self.plan.state, self.plan.latest_revision_id.number), ("approved", 2))
        self.assertEqual(self._line(self.visits).target, 12)
        # As if it had been proposed for a day that is over by now.
        with patch.object(type(self.plan), "_today", lambda plan: start + timedelta(3)):
            self._tour("expat_agrees_to_past", "lan")
        self._tour("manager_adjusts_last", "chen")
        self.assertEqual(self.plan.state, "adjusted")
        signatures = self.plan.revision_id.signature_ids
        told = {one.user_id.login: one.date_past for one in signatures}
        self.assertEqual(told, {"plan_wang": False, "plan_lan": start, "plan_chen": False})
        self.assertGreater(self._line(self.visits).target, 12)


@tagged("post_install", "-at_install")
class TestPlanTourPhone(PlanTourCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_sign_on_a_phone(self):
        self._open()
        self._propose(self.chen, self.projects, target=20)
        self._tour("phone", "lan")
        self.assertEqual(self._signed_by(), ["Lan"])

    def test_answer_from_a_mail_on_a_phone(self):
        start = self.plan._today()
        days = {"date_from": start - timedelta(30), "date_to": start + timedelta(60)}
        self.plan.write({"cycle_id": self.cycle.copy({"name": "Now", **days}).id, **days})
        self._open()
        for user in (self.lan.user_id, self.chen.user_id, self.wang):
            self.plan.with_user(user).action_sign_content(self.plan.latest_revision_id.content_hash)
        line = {"kind": "change", "indicator_id": self.visits.id, "target": 18}
        adjustment = self._as(self.wang, self.env["expat.kpi.adjustment"]).create(
            {
                "plan_id": self.plan.id,
                "reason": "Asia grows.",
                "date_from": start,
                "line_ids": [Command.create(line)],
            }
        )
        adjustment.action_propose()
        for page, login, name in (("sign", "lan", "signs"), ("refuse", "chen", "refuses")):
            self.start_tour(
                f"/odoo/expat-kpi-plans/{self.plan.id}/expat-kpi-{page}",
                f"expat_kpi_plan_mail_{name}",
                login=f"plan_{login}",
                timeout=120,
            )
            if page == "sign":
                self.assertEqual(self._signed_by(), ["Lan"])
        adjustment.invalidate_recordset()
        self.assertEqual(adjustment.state, "refused")
        self.assertEqual(adjustment.answer_reason, "It cannot be reached.")
