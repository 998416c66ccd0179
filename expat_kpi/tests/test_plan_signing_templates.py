from psycopg2 import IntegrityError

from odoo import Command
from odoo.tests import tagged

from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestSigningRuleByTemplate(PlanCase):
    """Of the rules that fit, the one of company and template comes first, then the company's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template, cls.other = cls.env["expat.kpi.template"].create(
            [{"name": name, "company_id": False} for name in ("Plant", "Sales")]
        )

    def _rule(self, role, **values):
        return self.env["expat.kpi.signatory.rule"].create(
            {
                "name": role,
                "signatory_ids": [
                    Command.create({"role": "expat"}),
                    Command.create({"role": "person", "label": role, "user_id": self.zhou.id}),
                ],
                "company_id": self.company_a.id,
                **values,
            }
        )

    def _signers(self, template):
        plan = self.plan
        plan.template_id = template
        self._open()
        titles = plan.party_ids.mapped("title")
        self._as(self.wang).action_withdraw()
        return titles

    def test_the_most_specific_rule_wins(self):
        shared = self._rule("Shared", company_id=False, sequence=-9)
        self._rule("Everywhere", company_id=False, template_ids=self.template.ids, sequence=-8)
        self.assertEqual(self._signers(self.template), ["Employee", "Everywhere"])
        self.assertEqual(self._signers(self.other), ["Employee", "Shared"])
        company = self._rule("Company", sequence=5)
        self.assertEqual(self._signers(self.template), ["Employee", "Company"])
        self._rule("Plant", template_ids=self.template.ids, sequence=9)
        self.assertEqual(self._signers(self.template), ["Employee", "Plant"])
        self.assertEqual(self._signers(self.other), ["Employee", "Company"])
        self.assertEqual(self._signers(False), ["Employee", "Company"])
        (company + shared).active = False
        self.assertNotIn("Everywhere", self._signers(self.other))

    def test_a_template_of_a_rule_stays(self):
        """Without it, the rule would be one for all plans."""
        self._rule("Plant", template_ids=self.template.ids)
        with self._refused(error=IntegrityError):
            self.template.unlink()

    def test_a_rule_takes_templates_of_its_company(self):
        company_b = self.env["res.company"].create({"name": "Company B"})
        foreign = self.env["expat.kpi.template"].create(
            {"name": "Of B", "company_id": company_b.id}
        )
        with self._refused():
            self._rule("Plant", template_ids=foreign.ids)

    def test_the_template_stays_once_the_plan_is_sent_out(self):
        self.plan.template_id = self.template
        self._open()
        with self._refused("no draft any more"):
            self._as(self.wang).write({"template_id": self.other.id})
