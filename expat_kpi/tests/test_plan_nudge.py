from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestPlanNudge(PlanCase):
    """HR sees who is waited for, longest first, and reminds them."""

    def _waiting(self, who=None):
        action = self._as(who or self.wang, self.cycle).action_open_waiting()
        return self._as(who or self.wang, self.env[action["res_model"]]).search(
            action["domain"], order="date_since, id"
        )

    def test_longest_first(self):
        self._open()
        self._sign(self.lan)
        other = self._create_plan(self.jonas)
        with freeze_time("2026-07-04 02:00:00"):
            self._open(other)
            found = self._waiting()
            self.assertEqual(
                found.mapped(lambda one: (one.plan_id.employee_id.name, one.role)),
                [
                    ("Lan", "manager"),
                    ("Lan", "hr"),
                    ("Jonas", "expat"),
                    ("Jonas", "manager"),
                    ("Jonas", "hr"),
                ],
            )
            self.assertEqual(found.mapped("days_waiting"), [3, 3, 0, 0, 0])
            cycle = self._as(self.wang, self.cycle)
            self.assertEqual(cycle.waiting_count, 5)
        self.assertFalse(self._waiting(self.qiu), "strangers see nobody")

    def test_the_menu_shows_each_reader_the_plans_they_may_read(self):
        self._open()
        other = self._create_plan(self.qiu, [(self.visits, 12, 100)])
        self._open(other)
        menu = self.env.ref("expat_kpi.menu_waiting")
        domain = safe_eval(menu.action.domain)
        for who, plans in (
            (self.wang, self.plan + other),
            (self.boss, self.plan + other),
            (self.chen, self.plan),
            (self.lan, self.plan),
            (self.qiu, other),
            (self.jonas, self.plan.browse()),
        ):
            with self.subTest(who=who.name):
                user = who if who._name == "res.users" else who.user_id
                self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(user)._visible_menu_ids())
                found = self._as(who, self.env[menu.action.res_model]).search(domain)
                ours = found.filtered(lambda party: party.plan_id.cycle_id == self.cycle)
                self.assertEqual(ours.plan_id, plans)
                for party in ours[:1]:
                    self.assertEqual(party.action_open_plan()["res_id"], party.plan_id.id)

    def test_who_is_waited_for_is_reminded_once_a_day(self):
        self._open()
        self._sign(self.lan)
        domain = [("model", "=", "expat.kpi.plan"), ("res_id", "=", self.plan.id)]
        before = self.env["mail.message"].search(domain)
        action = self._as(self.wang, self.cycle).action_nudge()
        self.assertIn("2 reminded.", action["params"]["message"])
        told = self.env["mail.message"].search(domain) - before
        self.assertEqual(
            set(told.notified_partner_ids), set((self.chen.user_id + self.wang).partner_id)
        )
        again = self._as(self.wang, self.cycle).action_nudge()
        self.assertIn("0 reminded. 2 were not", again["params"]["message"])

    def test_in_the_language_of_who_is_reminded(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.chen.user_id.lang = "fr_FR"
        self._open()
        party = self.plan.party_ids.filtered(lambda one: one.role == "manager")
        self._as(self.wang, party).action_nudge()
        [message] = self.env["mail.message"].search(
            [
                ("res_id", "=", self.plan.id),
                ("model", "=", "expat.kpi.plan"),
                ("message_type", "=", "user_notification"),
                ("notified_partner_ids", "=", self.chen.user_id.partner_id.id),
            ],
            limit=1,
        )
        self.assertIn("15/07/2026", message.body)

    def test_only_hr_nudges(self):
        self._open()
        parties = self.plan.party_ids
        for who in (self.lan, self.chen):
            with self._refused("Only HR", error=AccessError):
                self._as(who, parties).action_nudge()
        with self._refused(error=AccessError):
            self._as(self.qiu, parties).action_nudge()
        self.assertFalse(any(parties.mapped("date_reminded")))
