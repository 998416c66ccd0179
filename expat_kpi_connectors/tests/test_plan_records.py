from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .ready_common import YEAR, ReadyCase
from .test_ready_sale import DeliveryCase


class RecordsCase(ReadyCase):
    """Opening what a plan line counted from a statement: records of the application's own model,
    under the reader's rights.

    ``model``: whose records open.
    """

    model = ""

    def _line(self, name):
        """A plan line of Lan's for May on a ready indicator, with its number."""
        cycle = self.env["expat.kpi.cycle"].create(
            {
                "name": "May",
                "date_from": "2026-05-01",
                "date_to": "2026-05-31",
                "company_id": self.company_a.id,
            }
        )
        indicator = self._indicator(name)
        plan = self.env["expat.kpi.plan"].create(
            {
                "cycle_id": cycle.id,
                "employee_id": self.lan.id,
                "line_ids": [
                    Command.create({"indicator_id": indicator.id, "target": 1, "weight": 100})
                ],
            }
        )
        indicator.measure_ids._refresh(*YEAR)
        plan._refresh_actuals(fields.Datetime.to_datetime("2026-07-01 00:00:00"))
        return plan.line_ids

    def _opened(self, line, user):
        action = line.with_user(user).action_open_records()
        self.assertEqual(action["res_model"], self.model)
        records = self.env[self.model].with_user(user)
        return action, records.with_context(**action["context"]).search(action["domain"])

    def _check(self, name, counted, others, own_group=None, every_group=None):
        """All of these and none of the others, for whoever may read them.

        :param own_group: its members see only own ones; without it, nobody does
        :param every_group: its members see all
        """
        line = self._line(name)
        action, found = self._opened(line, self.env.user)
        self.assertEqual(set(found.ids), set(counted.ids))
        self.assertFalse(found & others)
        self.assertIn(f"{len(counted)} records", action["name"])
        chen = self.chen.user_id
        if own_group != "base.group_user":
            # The manager has no right on them at all: how many there were, nothing of them.
            with self.assertRaises(UserError) as caught:
                self._opened(line, chen)
            self.assertIn(f"{len(counted)} records", str(caught.exception))
            for record in counted:
                self.assertNotIn(record.display_name, str(caught.exception))
        if own_group:
            chen.group_ids += self.env.ref(own_group)
            action, found = self._opened(line, chen)
            self.assertFalse(found)
            self.assertIn(f"0 of {len(counted)} records", action["name"])
            self.assertEqual(action["domain"], [("id", "in", [])], "no id of what he may not see")
        chen.group_ids += self.env.ref(every_group)
        _action, found = self._opened(line, chen)
        self.assertEqual(set(found.ids), set(counted.ids))


@tagged("post_install", "-at_install")
class TestPlanRecordsResponse(RecordsCase):
    model = "crm.lead"

    def test_answered_leads(self):
        leads = self._leads([(self.lan, None, None, {}) for _number in range(4)])
        self._set(leads, create_date="2026-05-10 00:00:00")
        theirs = self._leads([(self.jonas, None, None, {})])
        self._set(theirs, create_date="2026-05-10 00:00:00")
        for lead in leads[:3] + theirs:
            message = lead.message_post(
                body="Our offer",
                author_id=lead.user_id.partner_id.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            self._set(message, date="2026-05-12 00:00:00")
        # Lost since, and archived with it: it was answered all the same.
        leads[0].action_set_lost()
        self._check(
            "crm_response",
            leads[:3],
            leads[3] + theirs,
            "sales_team.group_sale_salesman",
            "sales_team.group_sale_salesman_all_leads",
        )


@tagged("post_install", "-at_install")
class TestPlanRecordsProject(RecordsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project = cls.env["project.project"].create(
            {
                "name": "Line 2",
                "company_id": cls.company_a.id,
                "user_id": cls.lan.user_id.id,
                "privacy_visibility": "followers",
            }
        )

    def test_tasks_done(self):
        self.model = "project.task"
        tasks = self.env["project.task"].create(
            [
                {
                    "name": f"Task {number}",
                    "project_id": self.project.id,
                    "user_ids": [Command.set(employee.user_id.ids)],
                    "date_deadline": "2026-05-20 00:00:00",
                    "state": state,
                }
                for number, (employee, state) in enumerate(
                    (
                        (self.lan, "1_done"),
                        (self.lan, "1_done"),
                        (self.lan, "01_in_progress"),
                        (self.jonas, "1_done"),
                    )
                )
            ]
        )
        self._set(tasks, date_last_stage_update="2026-05-11 00:00:00")
        self._check(
            "tasks_on_time",
            tasks[:2],
            tasks[2:],
            "base.group_user",
            "project.group_project_manager",
        )

    def test_milestones_reached(self):
        self.model = "project.milestone"
        milestones = self.env["project.milestone"].create(
            [
                {"name": f"Milestone {day}", "project_id": self.project.id, "deadline": day}
                for day in ("2026-05-10", "2026-05-11", "2026-05-12")
            ]
        )
        for milestone in milestones[:2]:
            milestone.toggle_is_reached(True)
        self._set(milestones[:2], reached_date="2026-05-10")
        self._check(
            "milestones_on_time",
            milestones[:2],
            milestones[2],
            "base.group_user",
            "project.group_project_manager",
        )


@tagged("post_install", "-at_install")
class TestPlanRecordsDelivery(RecordsCase, DeliveryCase):
    model = "stock.picking"

    def test_deliveries(self):
        """Whoever has no right on transfers is told how many there were."""
        order = self._order("2026-05-05 00:00:00", commitment_date="2026-05-20 10:00:00")
        sent = self._deliver(order, "2026-05-20 14:00:00", quantity=1)
        sent += self._deliver(order, "2026-05-25 00:00:00")
        later = self._deliver(self._order("2026-05-05 00:00:00"), "2026-06-05 00:00:00")
        self._check("order_to_delivery", sent, later, every_group="stock.group_stock_user")
