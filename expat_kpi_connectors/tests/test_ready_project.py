from datetime import date

from odoo import Command
from odoo.tests import tagged

from .ready_common import ReadyCase


@tagged("post_install", "-at_install")
class TestReadyProject(ReadyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project = cls.env["project.project"].create(
            {
                "name": "Line 2",
                "company_id": cls.company_a.id,
                "user_id": cls.lan.user_id.id,
                "type_ids": [
                    Command.create({"name": "Doing"}),
                    Command.create({"name": "Ready", "fold": True}),
                ],
            }
        )
        cls.doing, cls.folded = cls.project.type_ids

    def _task(self, done=None, deadline=False, employees=None, **values):
        task = self.env["project.task"].create(
            {
                "name": "Task",
                "project_id": self.project.id,
                "user_ids": [Command.set((employees or self.lan).user_id.ids)],
                "date_deadline": deadline,
                **values,
            }
        )
        self._set(task, create_date="2026-05-01 00:00:00")
        if done:
            if task.project_id:
                task.stage_id = self.folded
            else:
                task.state = "1_done"
            self._set(task, date_end=done)
        return task

    def test_tasks_on_time(self):
        self._task("2026-05-10 09:00:00", "2026-05-10 10:00:00")
        self._task("2026-05-10 11:00:00", "2026-05-10 10:00:00")
        self._task("2026-05-31 16:30:00", "2026-06-10 10:00:00")  # 23:30 in Hanoi
        self._task("2026-05-31 17:30:00", "2026-06-10 10:00:00")  # June there
        self._task("2026-05-10 11:00:00")  # without a deadline
        self._task(None, "2026-05-10 10:00:00")  # still open, however late
        self.assertEqual(self._actual("tasks_on_time"), round(200 / 3, 6))
        self.assertEqual(self._actual("tasks_on_time", self.jonas), "empty_denominator")

    def test_done_by_its_state_and_done_no_longer(self):
        task = self._task(None, "2026-05-20 00:00:00")
        task.state = "1_done"
        self._set(task, date_last_stage_update="2026-05-11 00:00:00")
        self.assertEqual(self._days("tasks_on_time"), {date(2026, 5, 11): 1})
        self.assertEqual(self._actual("task_cycle"), 10)
        task.state = "1_canceled"
        self.assertEqual(self._days("tasks_on_time"), {})
        moved = self._task("2026-05-12 00:00:00", "2026-05-20 00:00:00")
        self.assertEqual(self._days("tasks_on_time"), {date(2026, 5, 12): 1})
        moved.stage_id = self.doing
        self.assertEqual(self._days("tasks_on_time"), {})

    def test_cycle_time_of_each_assignee(self):
        self._task("2026-05-11 00:00:00", employees=self.lan + self.jonas)
        self._task("2026-05-05 12:00:00")
        self.assertEqual(self._actual("task_cycle"), 7.25)
        self.assertEqual(self._actual("task_cycle", self.jonas), 10)
        self._task("2026-05-20 00:00:00", project_id=False)  # a note to oneself
        self.assertEqual(self._actual("task_cycle"), 7.25)

    def test_milestones_on_time(self):
        milestones = self.env["project.milestone"].create(
            [
                {"name": f"M{number}", "project_id": self.project.id, "deadline": deadline}
                for number, deadline in enumerate(("2026-05-10", "2026-05-10", False, "2026-05-10"))
            ]
        )
        on_time, late, free, _open = milestones
        for milestone in (on_time, late, free):
            milestone.toggle_is_reached(True)
        self._set(on_time + free, reached_date="2026-05-10")
        self._set(late, reached_date="2026-05-11")
        self.assertEqual(self._actual("milestones_on_time"), 50)
        late.toggle_is_reached(False)
        self.assertEqual(self._actual("milestones_on_time"), 100)

    def test_satisfaction_is_of_those_who_answered(self):
        """Requests as the application sends them; one is never answered."""
        partner = self.env["res.partner"].create({"name": "Customer", "email": "c@example.com"})
        task = self._task(partner_id=partner.id)
        self.assertEqual(self._actual("satisfaction"), "empty_denominator")
        for points in (5, 4, 1, None):
            token = task._rating_get_access_token()
            if points:
                task.rating_apply(points, token=token)
        ratings = self.env["rating.rating"].search(
            [("res_model", "=", "project.task"), ("res_id", "=", task.id)]
        )
        self.assertEqual(len(ratings), 4)
        self.assertEqual(ratings.rated_partner_id, self.lan.user_id.partner_id)
        self._set(ratings.filtered("consumed"), rated_on="2026-05-31 16:30:00")
        self.assertEqual(self._actual("satisfaction"), round(200 / 3, 6))
        self.assertEqual(self._actual("rating_mean"), round(10 / 3, 6))
