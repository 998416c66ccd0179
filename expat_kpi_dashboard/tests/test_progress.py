from odoo.tests import tagged

from odoo.addons.base.tests.common import BaseCommon

from .common import ProgressWorld


@tagged("post_install", "-at_install")
class TestProgress(ProgressWorld, BaseCommon):
    def _action(self, user):
        action = (
            self.env["ir.actions.act_window"]
            .with_user(user)
            ._for_xml_id("expat_kpi_dashboard.expat_kpi_plan_line_progress_action")
        )
        return action

    def _seen(self, user):
        lines = self.env["expat.kpi.plan.line"].with_user(user).search([])
        return lines.employee_id & (self.lan + self.ana + self.wei)

    def test_everybody_has_the_menu(self):
        menu = self.env.ref("expat_kpi_dashboard.menu_progress")
        for user in (self.officer, self.manager.user_id, self.lan.user_id):
            self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(user)._visible_menu_ids())

    def test_address_and_first_view(self):
        action = self._action(self.lan.user_id)
        self.assertEqual(action["path"], "expat-kpi-progress")
        self.assertEqual(
            [kind for _view, kind in action["views"]], ["kanban", "graph", "pivot", "list", "form"]
        )

    def test_hr_and_manager_see_the_team_and_an_expat_only_the_own(self):
        team = self.lan + self.ana + self.wei
        self.assertEqual(self._seen(self.officer), team)
        self.assertEqual(self._seen(self.manager.user_id), team)
        self.assertEqual(self._seen(self.lan.user_id), self.lan)

    def test_filter_finds_plans_under_way(self):
        """The search view's own domain, as the action applies it by default."""
        self.assertIn("search_default_current", self._action(self.officer)["context"])
        under_way = self.env["expat.kpi.plan.line"].search(
            [("plan_id.date_from", "<=", "today"), ("plan_id.date_to", ">=", "today")]
        )
        self.assertLessEqual(self.lines, under_way)

    def test_manager_groups_by_employee(self):
        """Managers cannot read hr.employee; the board's columns are made of it all the same."""
        groups = (
            self.env["expat.kpi.plan.line"]
            .with_user(self.manager.user_id)
            .web_read_group(
                [("cycle_id", "=", self.cycle.id)],
                ["employee_id"],
                ["attainment:avg"],
                auto_unfold=True,
                unfold_read_specification={"attainment": {}, "explanation": {}},
            )["groups"]
        )
        self.assertEqual(
            [group["employee_id"][1] for group in groups], ["Tour Ana", "Tour Lan", "Tour Wei"]
        )

    def test_no_data_is_not_drawn_as_zero(self):
        """What the graph asks for: nothing, and not 0, where there is no number."""
        groups = self.env["expat.kpi.plan.line"].formatted_read_group(
            [("cycle_id", "=", self.cycle.id)],
            ["employee_id", "indicator_id"],
            ["actual:avg", "target:avg"],
        )
        values = {
            group["employee_id"][1]: (group["actual:avg"], group["target:avg"]) for group in groups
        }
        self.assertEqual(values["Tour Lan"], (3, 2))
        self.assertEqual(values["Tour Ana"], (1, 2))
        self.assertEqual(values["Tour Wei"][1], 20)
        self.assertIs(values["Tour Wei"][0], False)
