"""The story's first chapter with what is shipped: from the template pack to numbers on plans."""

from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.expat_kpi_connectors.tests.test_ready_sale import SaleCase


@tagged("post_install", "-at_install")
@freeze_time("2026-09-21 06:00:00")
class TestFirstChapter(SaleCase):
    """Company A has 15 expats; what Lan does is counted, and the others have a history."""

    apps = ("sale", "sale_stock")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(12):
            cls.expats += cls._create_employee(
                f"more{number}", "vn", "Asia/Ho_Chi_Minh", manager=cls.chen
            )
        # A year in which each of them won one of four a month, and Lan one of three
        rows = []
        for month in range(12):
            moment = datetime(2025 + (month + 6) // 12, (month + 6) % 12 + 1, 10, 5)
            for expat in cls.expats:
                lost = 2 if expat == cls.lan else 3
                rows += [(expat, moment, won, {}) for won in (True, *[False] * lost)]
        cls._leads(rows)

    def _template(self):
        with Form(self.env["expat.kpi.template.pack"].with_user(self.wang)) as form:
            form.role = "overseas_sales"
            form.industry = "car_parts"
        action = form.record.action_create()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _cycle(self):
        with Form(self.env["expat.kpi.cycle"].with_user(self.wang)) as form:
            form.name = "2026 Q3"
            form.kind = "quarter"
            form.date_from = "2026-07-01"
            form.targets_from = "suggestion"
        return form.record

    def _refresh(self, lines):
        """The button on the ready measures, pressed by HR."""
        measures = lines.indicator_id.measure_ids
        measures.with_user(self.wang).action_refresh()
        self.assertFalse(measures.filtered("error"))

    def _work(self):
        """What Lan does in the quarter, with the applications' own buttons."""
        lan = self.lan.user_id
        kind = self.env.ref("expat_kpi_connectors.record_kind_visit")
        met = self.env["calendar.event"].create(
            [
                {
                    "name": "Visit",
                    "user_id": lan.id,
                    "start": day,
                    "stop": day + timedelta(hours=1),
                    "partner_ids": [Command.set([lan.partner_id.id, self.buyer.id])],
                }
                for day in (datetime(2026, 8, 4, 3), datetime(2026, 8, 11, 3))
            ]
        )
        # One of the meetings is logged on the phone too: it is one visit.
        self.env["expat.kpi.record"].with_user(lan).create(
            [
                {
                    "kind_id": kind.id,
                    "date": "2026-08-11 03:00:00",
                    "partner_id": self.buyer.id,
                    "calendar_event_id": met[1].id,
                },
                # 23:30 on the last day of June in Hanoi, and half past midnight in July
                {"kind_id": kind.id, "date": "2026-06-30 16:30:00", "partner_id": self.buyer.id},
                {"kind_id": kind.id, "date": "2026-06-30 17:30:00", "partner_id": self.buyer.id},
            ]
        )
        day = datetime(2026, 8, 20, 5)
        self._leads(
            [
                (self.lan, day, True, {"partner_id": self.buyer.id}),
                (self.lan, day, True, {"partner_id": self.customer.id}),  # the same company
                (self.lan, day, True, {"partner_id": self.other.id}),
                *[(self.lan, day, False, {})] * 2,
                (self.lan, None, True, {}),  # still open
            ]
        )
        order = self._order("2026-07-10 02:00:00")
        order.picking_ids.move_ids.write({"quantity": 2, "picked": True})
        order.picking_ids.button_validate()
        order.picking_ids.date_done = "2026-08-09 02:00:00"
        task = self.env["project.task"].create(
            {
                "name": "Service",
                "project_id": self.env["project.project"].create({"name": "After-sales"}).id,
                "user_ids": [Command.set(lan.ids)],
                "partner_id": self.buyer.id,
            }
        )
        for points in (5, 5, 3, 5):
            task.rating_apply(points, token=task._rating_get_access_token())
        self._set(task.rating_ids, rated_on="2026-08-30 02:00:00")

    def test_from_the_pack_to_the_numbers(self):
        template = self._template()
        # The past once, whoever used the ready measures in this database before
        template.line_ids.indicator_id.measure_ids._refresh(date(2025, 7, 1), date(2026, 9, 30))
        cycle = self._cycle()
        action = cycle.action_create_plans()
        page = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(page.summary, "15 plans created, 0 employees left out.")
        self.assertEqual(cycle.plan_ids.employee_id, self.expats)
        self.assertEqual(cycle.plan_ids.template_id, template)

        plan = cycle.plan_ids.filtered(lambda plan: plan.employee_id == self.lan)
        lines = {line.indicator_id.code: line for line in plan.line_ids}
        self.assertEqual(
            list(lines),
            ["visits_all", "new_customers", "conversion", "satisfaction", "days_order_to_delivery"],
        )
        # Own months are 33.3 %, those of the peers, who are all alike, 25 %: half of each. Where
        # nobody has a history it is as the template says.
        conversion = lines["conversion"]
        self.assertEqual(conversion.target, 29.2)
        self.assertEqual(conversion.suggested_text, "29.2 %")
        self.assertTrue(conversion.odds_text.startswith("Reached in 12 of the last 12 months"))
        self.assertRegex(conversion.evidence_text, r"1\d peers 25.0 % to 25.0 %")
        self.assertIn("Example", conversion.evidence_text)
        self.assertEqual(lines["days_order_to_delivery"].target, 45)
        self.assertEqual(lines["satisfaction"].target, 85)

        self._work()
        self._refresh(cycle.plan_ids.line_ids)
        self.assertEqual(
            {code: line.actual_text for code, line in lines.items()},
            {
                "visits_all": "3",
                "new_customers": "2",
                "conversion": "60.0 %",
                "satisfaction": "75.0 %",
                "days_order_to_delivery": "30.0 days",
            },
        )
        mine = plan.with_user(self.lan.user_id)
        self.assertIn("3 Opportunities won, 5 Opportunities closed", mine.line_ids[2].explanation)
        other = cycle.plan_ids.filtered(lambda plan: plan.employee_id == self.jonas).line_ids
        self.assertEqual(other.mapped("actual_status"), ["ok", "ok", *["no_data"] * 3])
