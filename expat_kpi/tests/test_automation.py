from odoo import Command
from odoo.tests import tagged

from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestAutomation(PlanCase):
    """What a plan goes through can be used by Odoo's own rules and activity plans."""

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
        self.env["ir.actions.server"].create(
            {
                "name": rule.name,
                "model_id": model.id,
                "base_automation_id": rule.id,
                "usage": "base_automation",
                "state": "code",
                "code": f"record.message_post(body='Rule: {state}')",
            }
        )
        return rule

    def _told(self, record):
        return [
            str(body).removeprefix("<p>").removesuffix("</p>")
            for body in record.message_ids.mapped("body")
            if "Rule:" in body
        ]

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
