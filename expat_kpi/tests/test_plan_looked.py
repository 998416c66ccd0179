from odoo.tests import freeze_time, tagged

from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestPlanLooked(PlanCase):
    """What has changed since one looked is marked, for oneself alone."""

    def setUp(self):
        super().setUp()
        self._open()

    def _look(self, who, at):
        with freeze_time(f"2026-07-{at}"):
            self._as(who).note_look()

    def _change(self, at="02 02:00:00", target=20):
        with freeze_time(f"2026-07-{at}"):
            self._as(
                self.chen, self._propose(self.lan, self.projects, target=target)
            ).action_accept()

    def _text(self, who, line=None):
        record = self._as(who, line)
        record.invalidate_recordset()
        return record.visit_text

    def _found(self, who):
        plans = self._as(who, self.env["expat.kpi.plan"])
        return plans.search([("is_changed", "=", True), ("id", "=", self.plan.id)])

    def test_what_changed_is_marked_until_the_next_visit(self):
        self._look(self.wang, "01 02:00:00")
        self.assertFalse(self._found(self.wang))
        self._change()
        self.assertEqual(self._found(self.wang), self.plan)
        seen = self._as(self.wang)
        self.assertEqual(seen.change_text, "version 1 → 2, a proposal")
        self._look(self.wang, "03 02:00:00")
        # The list is quiet, the page that was opened tells
        self.assertFalse(self._found(self.wang))
        self.assertFalse(seen.is_changed)
        line = self._line(self.projects)
        self.assertEqual(self._text(self.wang, line), "Target 100 → 20, new proposal")
        self.assertFalse(self._text(self.wang, self._line(self.visits)))
        self.assertIn("07/01/2026: version 1 → 2", self._text(self.wang))
        # In the same visit the marks stay, in the next they are gone
        self._look(self.wang, "03 02:10:00")
        self.assertTrue(self._text(self.wang, line))
        self._look(self.wang, "03 09:00:00")
        self.assertFalse(self._text(self.wang, line))
        self.assertFalse(self._text(self.wang))

    def test_a_proposal_of_others_alone_is_a_change(self):
        self._look(self.wang, "01 02:00:00")
        self._look(self.lan, "01 02:00:00")
        with freeze_time("2026-07-02 02:00:00"):
            self._propose(self.lan, self.visits, target=10)
        self.assertEqual(self._as(self.wang).change_text, "a proposal")
        self.assertEqual(self._found(self.wang), self.plan)
        self.assertFalse(self._found(self.lan), "one's own is no news")

    def test_added_and_dropped_lines(self):
        self._look(self.wang, "01 02:00:00")
        with freeze_time("2026-07-02 02:00:00"):
            for values in (
                {"indicator": self.projects, "kind": "drop"},
                {"indicator": self.delivery, "kind": "add", "target": 45, "weight": 40},
            ):
                proposal = self._propose(self.lan, **values)
                self._as(self.chen, proposal).action_accept()
        self._look(self.wang, "03 02:00:00")
        self.assertIn("New", self._text(self.wang, self._line(self.delivery)))
        self.assertIn("dropped: Qualified projects", self._text(self.wang))

    def test_a_look_is_ones_own(self):
        self._look(self.wang, "01 02:00:00")
        self._change()
        self.assertFalse(self._found(self.zhou), "never looked at")
        for user in (self.zhou, self.admin, self.lan.user_id):
            looks = self._as(user, self.env["expat.kpi.plan.look"])
            self.assertFalse(looks.search([("plan_id", "=", self.plan.id)]))
        with self._refused(error=Exception):
            self._as(self.qiu).note_look()

    def test_a_draft_is_not_looked_at(self):
        plan = self._create_plan(self.jonas)
        self.assertFalse(self._as(self.wang, plan).note_look())

    def test_statements_do_not_grow_with_the_number_of_plans(self):
        plans = self.plan
        for number in range(6):
            employee = self._create_employee(f"more{number}", self.chen)
            plan = self._create_plan(employee)
            self._open(plan)
            plans += plan
        self._as(self.wang, plans).note_look()
        for plan in plans:
            self._as(
                self.chen, self._propose(plan.employee_id, self.projects, plan=plan, target=20)
            ).action_accept()
        counts = {}
        for size in (1, 2, 7):  # the first fills what is kept in memory
            self.env.flush_all()
            self.env.invalidate_all()
            seen = self._as(self.wang, plans[:size])
            before = self.env.cr.sql_log_count
            self.assertTrue(all(seen.mapped("is_changed")))
            seen.mapped("visit_text")
            seen.line_ids.mapped("visit_text")
            counts[size] = self.env.cr.sql_log_count - before
        self.assertEqual(counts[2], counts[7])
