from odoo import Command
from odoo.tests import tagged

from .adjustment_common import AdjustmentCase
from .event_common import EventCase
from .plan_common import PlanCase

WHO = "record.message_post(body='Rule: %s' % record.user_id.name)"
WHO_ON_PLAN = "record.plan_id.message_post(body='Rule: %s' % record.user_id.name)"


class AutomationRules:
    """Rules that speak in the thread."""

    def setUp(self):
        super().setUp()
        if "base.automation" not in self.env:
            self.skipTest("Odoo's application Automation Rules is not installed.")

    def _rule(self, model, state, **values):
        """A rule that says in the thread that a record reached a state."""
        model = self.env["ir.model"]._get(model)
        field = self.env["ir.model.fields"]._get(model.model, "state")
        rule = self.env["base.automation"].create(
            {
                "name": f"Reached {state}",
                "model_id": model.id,
                "trigger": "on_write",
                "trigger_field_ids": [Command.set(field.ids)],
                "filter_pre_domain": f"[('state', '!=', '{state}')]",
                "filter_domain": f"[('state', '=', '{state}')]",
                **values,
            }
        )
        return self._acting(rule, f"record.message_post(body='Rule: {state}')")

    def _rule_on_create(self, model, code, **values):
        """A rule that does something when a record of a model came to be."""
        model = self.env["ir.model"]._get(model)
        rule = self.env["base.automation"].create(
            {"name": model.name, "model_id": model.id, "trigger": "on_create", **values}
        )
        return self._acting(rule, code)

    def _acting(self, rule, code):
        self.env["ir.actions.server"].create(
            {
                "name": rule.name,
                "model_id": rule.model_id.id,
                "base_automation_id": rule.id,
                "usage": "base_automation",
                "state": "code",
                "code": code,
            }
        )
        return rule

    def _told(self, record):
        return [
            str(body).removeprefix("<p>").removesuffix("</p>")
            for body in record.message_ids.mapped("body")
            if "Rule:" in body
        ]


@tagged("post_install", "-at_install")
class TestAutomation(AutomationRules, PlanCase):
    """What a plan goes through can be used by Odoo's own rules and activity plans."""

    def test_rule_sees_a_plan_approved_once(self):
        self._rule("expat.kpi.plan", "approved")
        self._open()
        self.assertEqual(self._told(self.plan), [])
        for who in (self.lan, self.chen, self.wang):
            self._sign(who)
        self.assertEqual(self.plan.state, "approved")
        self.assertEqual(self._told(self.plan), ["Rule: approved"])

    def test_rule_cannot_move_a_plan(self):
        rule = self._rule("expat.kpi.plan", "negotiation")
        rule.action_server_ids.code = "record.write({'state': 'approved'})"
        with self._refused("is set by the system"):
            self._open()
        self.assertEqual(self.plan.state, "draft")

    def test_rule_sees_each_signature(self):
        self._rule_on_create("expat.kpi.signature", WHO_ON_PLAN)
        self._open()
        self._sign(self.lan)
        self.assertEqual(self._told(self.plan), ["Rule: Lan"])
        self._sign(self.chen)
        self.assertEqual(self._told(self.plan), ["Rule: Chen", "Rule: Lan"])

    def test_rule_sees_a_proposal_made_once(self):
        self._rule_on_create("expat.kpi.proposal", WHO_ON_PLAN)
        self._open()
        self._propose(self.lan, self.visits, target=9)
        self.assertEqual(self._told(self.plan), ["Rule: Lan"])

    def test_rule_sees_a_line_that_was_agreed_on(self):
        self._rule_on_create(
            "expat.kpi.plan.line",
            "record.plan_id.message_post(body='Rule: %s' % record.target)",
            filter_domain=f"[('indicator_id', '=', {self.repurchase.id})]",
        )
        self._open()
        proposal = self._propose(self.lan, self.repurchase, kind="add", target=60, weight=15)
        self._as(self.chen, proposal).action_accept()
        self.assertEqual(self._told(self.plan), ["Rule: 60.0"])

    def test_activity_plan_for_plans(self):
        plan = self.env["mail.activity.plan"].create(
            {
                "name": "Before the signature",
                "res_model": "expat.kpi.plan",
                "template_ids": [
                    Command.create(
                        {
                            "summary": "Talk to the expat",
                            "responsible_type": "on_demand",
                            "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                        }
                    )
                ],
            }
        )
        self.env["mail.activity.schedule"].with_context(
            active_model="expat.kpi.plan", active_ids=self.plan.ids
        ).create(
            {"plan_id": plan.id, "plan_on_demand_user_id": self.chen.user_id.id}
        ).action_schedule_plan()
        self.assertIn("Talk to the expat", self._activities(self.chen.user_id).mapped("summary"))


@tagged("post_install", "-at_install")
class TestAutomationOfAdjustments(AutomationRules, AdjustmentCase):
    def test_rule_sees_an_adjustment_made_once(self):
        self._rule_on_create("expat.kpi.adjustment", WHO)
        adjustment = self._adjust(self.chen, ("change", self.visits, {"target": 18}))
        self.assertEqual(self._told(adjustment), ["Rule: Chen"])

    def test_rule_sees_an_adjustment_proposed(self):
        self._rule("expat.kpi.adjustment", "proposed")
        adjustment = self._adjust(self.chen, ("change", self.visits, {"target": 18}))
        self.assertEqual(self._told(adjustment), ["Rule: proposed"])

    def test_rule_gives_no_leave_to_others(self):
        """What a rule does of itself is refused as it is to anybody."""
        self._rule_on_create(
            "expat.kpi.adjustment",
            "env['expat.kpi.adjustment'].create({'plan_id': record.plan_id.id, 'reason': 'x',"
            " 'date_from': '2026-08-14', 'user_id': record.user_id.id, 'state': 'in_force'})",
        )
        with self._refused("is set by the system"):
            self._draft(self.chen, ("change", self.visits, {"target": 18}))


@tagged("post_install", "-at_install")
class TestAutomationOfEvents(AutomationRules, EventCase):
    def test_rule_sees_an_event_and_the_adjustments_of_it(self):
        self._rule_on_create("expat.kpi.adjustment", WHO)
        self._rule("expat.kpi.event", "proposed")
        self._rule_on_create("expat.kpi.event", "record.message_post(body='Rule: made')")
        event = self._create_event()
        self.assertEqual(self._told(event), ["Rule: made"])
        self._as(self.wang, event).action_propose()
        self.assertEqual(self._told(event), ["Rule: proposed", "Rule: made"])
        for adjustment in event.row_ids.adjustment_id:
            self.assertEqual(self._told(adjustment), ["Rule: Wang"])
