from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..tools.template_library import LIBRARY
from .common import ExpatCase


@tagged("post_install", "-at_install")
class TestTemplatePack(ExpatCase):
    """HR takes a role and an industry, and has a template to begin with."""

    def _pack(self, **values):
        return self.env["expat.kpi.template.pack"].with_user(self.wang).create(values)

    def _template(self, **values):
        action = self._pack(**values).action_create()
        return self.env["expat.kpi.template"].browse(action["res_id"])

    def test_every_role_and_industry_makes_a_template(self):
        pack = self.env["expat.kpi.template.pack"]
        roles = [role for role, _label in pack._fields["role"].selection]
        self.assertEqual(roles, list(LIBRARY))
        for role in roles:
            for industry, _label in pack._fields["industry"].selection:
                with self.subTest(role=role, industry=industry):
                    template = self._template(role=role, industry=industry)
                    self.assertEqual(template.company_id, self.company_a)
                    self.assertAlmostEqual(sum(template.line_ids.mapped("weight")), 100)
                    self.assertFalse(template.weight_problem)
                    self.assertEqual(len(template.line_ids), len(LIBRARY[role]))

    def test_story_of_overseas_sales_in_car_parts(self):
        template = self._template(role="overseas_sales", industry="car_parts")
        lines = {line.indicator_id.code: line for line in template.line_ids}
        self.assertEqual(
            [(code, line.target, line.target_per) for code, line in lines.items()],
            [
                ("visits_all", 12, "month"),
                ("new_customers", 2, "month"),
                ("conversion", 25, "period"),
                ("satisfaction", 85, "period"),
                ("days_order_to_delivery", 45, "period"),
            ],
        )
        self.assertEqual(lines["conversion"].threshold, 15)
        self.assertEqual(lines["days_order_to_delivery"].stretch, 36)

    def test_without_an_application_its_line_is_left_out_with_the_reason(self):
        self.env.ref("expat_kpi_connectors.indicator_conversion").active = False
        pack = self._pack(role="overseas_sales", industry="machinery")
        left = pack.line_ids.filtered("reason")
        self.assertEqual(left.mapped("name"), ["Lead-to-order conversion"])
        self.assertEqual(left.reason, "The indicator is archived.")
        self.assertAlmostEqual(sum(pack.line_ids.mapped("weight")), 100)
        template = self._template(role="overseas_sales", industry="machinery")
        self.assertNotIn("conversion", template.line_ids.indicator_id.mapped("code"))
        self.assertEqual(
            template.line_ids.mapped("weight"), [w for w in pack.line_ids.mapped("weight") if w]
        )

    def test_benchmarks_are_examples_until_hr_enters_a_figure(self):
        self.env["expat.kpi.benchmark"].search([]).unlink()
        template = self._template(role="overseas_sales", industry="car_parts")
        benchmarks = self.env["expat.kpi.benchmark"].search(
            [("company_id", "=", self.company_a.id)]
        )
        self.assertEqual(set(benchmarks.indicator_id.ids), set(template.line_ids.indicator_id.ids))
        self.assertTrue(all(benchmarks.mapped("is_example")))
        self.assertIn("Example", benchmarks[0].source)
        benchmarks[0].with_user(self.wang).write({"value": 11, "source": "VDMA 2026, page 12"})
        self.assertFalse(benchmarks[0].is_example)
        self._template(role="overseas_sales", industry="car_parts")
        again = self.env["expat.kpi.benchmark"].search([("company_id", "=", self.company_a.id)])
        self.assertEqual(again, benchmarks, "what there is already is not doubled")

    def test_without_benchmarks(self):
        self._template(role="supply_chain", with_benchmarks=False)
        self.assertFalse(
            self.env["expat.kpi.benchmark"].search([("company_id", "=", self.company_a.id)])
        )

    def test_for_hr_alone(self):
        with self.assertRaises(AccessError):
            self.env["expat.kpi.template.pack"].with_user(self.lan.user_id).create({})
