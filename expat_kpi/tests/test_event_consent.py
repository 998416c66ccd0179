from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..models import expat_kpi_event_propose
from .event_common import EventCase


class ConsentCase(EventCase):
    def _propose(self, **values):
        """Somchai is left out, so that three are proposed to: Lan, Tran and Jonas."""
        event = self._create_event(**values)
        self._row(event, self.somchai).write(
            {"is_excepted": True, "exception_reason": "Buys elsewhere"}
        )
        event.action_propose()
        return event

    def _agree(self, who, plan, ticks=True):
        """Through the dialog, with the tick where it asks for one."""
        plan = self._as(who, plan)
        action = plan.action_sign()
        dialog = plan.env[action["res_model"]].with_context(**action["context"]).create({})
        if dialog.past_sentence and ticks:
            dialog.agrees_to_past = True
        return dialog.action_confirm()

    def _agree_all(self, employee):
        for who in (employee, self.chen, self.wang):
            self._agree(who, self.plans[employee])

    def _refuse(self, employee, reason="My customers still buy."):
        self._decide(employee, "refuse", reason, plan=self.plans[employee])


@tagged("post_install", "-at_install")
class TestEventConsent(ConsentCase):
    """Chapter 3: one event, an adjustment for each plan, and each expat's own consent."""

    def test_the_story(self):
        event = self._propose()
        self.assertEqual(event.state, "proposed")
        self.assertEqual(
            {row.employee_id.name: row.answer for row in event.row_ids},
            {"Lan": "open", "Tran": "open", "Jonas": "open", "Somchai": False, "Maria": False},
        )
        self.assertEqual((event.made_count, event.open_count, event.progress), (3, 3, 0))
        lan = self.plans[self.lan]
        self.assertEqual(self._line(self.conversion, lan).target, 25, "what was agreed holds")
        self._agree_all(self.lan)
        self.assertEqual(lan.state, "adjusted")
        self.assertEqual(self._line(self.conversion, lan).target, 22.19)  # (25·28 + 20·36) / 64
        self.assertEqual(self._line(self.retention, lan).target, 70)
        self.assertEqual(sum(lan.line_ids.mapped("weight")), 100)
        self.assertEqual(round(event.progress), 33)

        self._refuse(self.jonas)
        jonas = self._row(event, self.jonas)
        self.assertEqual(
            (jonas.answer, jonas.answer_reason), ("refused", "My customers still buy.")
        )
        self.assertEqual(self.plans[self.jonas].state, "approved")
        self.assertEqual(self._line(self.conversion, self.plans[self.jonas]).target, 25)
        self.assertEqual(event.state, "proposed", "Tran has not answered")

        self._agree_all(self.tran)
        tran = self.plans[self.tran]
        self.assertEqual(self._line(self.conversion, tran).target, 23.79)  # (25·50 + 20·16) / 66
        self.assertEqual(
            tran._agreed_terms(self._day("2026-08-31"))[self.conversion.id]["target"], 20
        )
        self.assertEqual(
            tran._agreed_terms(self._day("2026-09-01"))[self.conversion.id]["target"], 25
        )
        self.assertEqual(event.state, "done")
        self.assertEqual((event.agreed_count, event.refused_count), (2, 1))
        for untouched in (self.somchai, self.maria):
            self.assertEqual(self.plans[untouched].state, "approved")
            self.assertEqual(self.plans[untouched].revision_ids.mapped("number"), [1])

    def test_returns_by_itself_after_the_last_day(self):
        self._propose(date_to="2026-08-21")
        self._agree_all(self.lan)
        plan = self.plans[self.lan]
        held = [
            plan._agreed_terms(self._day(day)).get(self.conversion.id)["target"]
            for day in ("2026-08-09", "2026-08-10", "2026-08-21", "2026-08-22")
        ]
        self.assertEqual(held, [25, 20, 20, 25])
        self.assertNotIn(self.retention.id, plan._agreed_terms(self._day("2026-08-22")))
        self.assertEqual(self._line(self.conversion, plan).target, 24.22)  # (25·54 + 20·10) / 64

    def test_what_the_preview_shows_is_what_is_signed(self):
        event = self._propose()
        for employee in (self.lan, self.tran, self.jonas):
            row = self._row(event, employee)
            signed = {
                line["indicator"]: line
                for line in self.plans[employee].latest_revision_id._content()["lines"]
            }
            for change in row.changes:
                for name, number in change["over_period"].items():
                    self.assertEqual(signed[change["indicator"]][name], number)

    def test_proposed_again_makes_nothing_twice(self):
        event = self._propose()
        event.action_propose()
        self.assertEqual(len(self._adjustments(event)), 3)
        self.assertEqual(event.made_count, 3)

    def _adjustments(self, event):
        return self.env["expat.kpi.adjustment"].search([("event_id", "=", event.id)])

    def test_restated_for_the_whole_period(self):
        self._propose(method="restated")
        self._agree_all(self.jonas)
        self.assertEqual(self._line(self.conversion, self.plans[self.jonas]).target, 20)

    def test_begun_before_today_asks_the_expat_expressly(self):
        self._propose(date_from="2026-07-20")
        with self._refused(""):
            self._agree(self.lan, self.plans[self.lan], ticks=False)
        self._agree_all(self.lan)
        self.assertEqual(self.plans[self.lan].state, "adjusted")

    def test_a_plan_that_fails_keeps_its_sentence_and_the_others_go_on(self):
        self.lan.user_id.active = False  # nobody to sign as Lan
        event = self._propose()
        row = self._row(event, self.lan)
        self.assertEqual(row.status, "failed")
        self.assertIn("nobody to sign", row.failure)
        self.assertEqual((event.made_count, event.failed_count), (2, 1))
        self.assertFalse(
            self.env["expat.kpi.adjustment"].search([("plan_id", "=", self.plans[self.lan].id)])
        )
        self.lan.user_id.active = True
        event.action_propose()
        self.assertEqual((row.status, row.failure), ("made", False))

    def test_hundreds_go_on_in_the_background_in_the_name_of_who_pressed(self):
        self.patch(expat_kpi_event_propose, "AT_ONCE", 1)
        event = self._propose()
        self.assertEqual((event.made_count, event.queued_count), (1, 2))
        with self.enter_registry_test_mode():
            self.env.ref("expat_kpi.ir_cron_event").sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((event.made_count, event.queued_count), (3, 0))
        self.assertEqual(self._adjustments(event).user_id, self.wang)

    def test_the_queue_of_an_officer_who_is_one_no_more_blocks_nobody(self):
        self.patch(expat_kpi_event_propose, "AT_ONCE", 1)
        event = self._propose()
        self.wang.group_ids = self.env.ref("base.group_user")
        with self.enter_registry_test_mode():
            self.env.ref("expat_kpi.ir_cron_event").sudo().method_direct_trigger()
        event = event.with_user(self.zhou)
        self.assertEqual((event.made_count, event.queued_count, event.failed_count), (1, 0, 2))
        self.assertIn("not the one", event.row_ids.filtered("failure")[0].failure)
        # Another officer goes on in the own name.
        event.action_propose()
        self.assertEqual((event.made_count, event.failed_count), (2, 0))

    def test_cancelled_withdraws_what_is_open_and_leaves_what_was_agreed(self):
        event = self._propose()
        self._agree_all(self.lan)
        event.with_user(self.zhou).action_cancel()
        self.assertEqual(event.state, "cancelled")
        self.assertEqual(self.plans[self.lan].state, "adjusted")
        self.assertEqual(self._row(event, self.tran).answer, "withdrawn")
        self.assertFalse(self.plans[self.tran].open_adjustment_id)
        with self._refused("over already"):
            event.action_propose()

    def test_nothing_to_propose_is_said(self):
        with self._refused("touches no plan"):
            self._create_event(date_from="2031-01-01").action_propose()
        with self._refused("what changes"):
            self._create_event(line_ids=[]).action_propose()

    def test_look_again_finds_who_agreed_on_a_plan_later(self):
        late = self._create_employee("late", self.chen)
        self._post(late, "vn", "Asia/Ho_Chi_Minh", "2026-08-01")
        event = self._propose()
        for employee in (self.lan, self.tran, self.jonas):
            self._agree_all(employee)
        self.assertEqual(event.state, "done")
        plan = self._create_agreed_plan(late)
        event.action_look()
        self.assertEqual((event.state, event.todo_count), ("proposed", 1))
        event.action_propose()
        self.assertEqual(plan.open_adjustment_id.event_id, event)

    def test_a_proposed_event_stays_as_it_was_read(self):
        event = self._propose()
        for values in (
            {"date_from": "2026-08-17"},
            {"region_ids": [Command.clear()]},
            {"method": "restated"},
            {"line_ids": [Command.update(event.line_ids[0].id, {"target": 5})]},
            {"line_ids": [Command.clear()]},
        ):
            with self.subTest(values=values), self._refused("has been proposed"):
                event.write(values)
        with self._refused("has been proposed"):
            event.unlink()
        with self._refused("proposed to already"):
            self._row(event, self.lan).write({"is_excepted": True, "exception_reason": "So."})

    def test_nobody_attaches_an_adjustment_to_an_event(self):
        event = self._propose()
        with self._refused("set by the system", UserError):
            self._as(self.wang, self.env["expat.kpi.adjustment"]).create(
                {
                    "plan_id": self.plans[self.maria].id,
                    "event_id": event.id,
                    "reason": "So.",
                    "date_from": "2026-08-10",
                }
            )

    # ------------------------------------------------------------------
    # Who sees what
    # ------------------------------------------------------------------

    def test_everybody_sees_and_counts_only_plans_they_may_read(self):
        event = self._propose()
        for who, expected in (
            (self.wang, {"Lan", "Tran", "Jonas", "Somchai", "Maria"}),
            (self.chen, {"Lan", "Tran", "Jonas"}),
            (self.lan, {"Lan"}),
        ):
            seen = self._as(who, event)
            with self.subTest(who=who.name):
                rows = seen.row_ids.search([("event_id", "=", event.id)])
                self.assertEqual(set(rows.mapped("employee_id.name")), expected)
                self.assertEqual(seen.made_count, min(3, len(expected)))
        for who in (self.maria, self.qiu, self.somchai):
            with self.subTest(who=who.name):
                self.assertFalse(self._as(who, event).search([("id", "=", event.id)]))
        self._agree_all(self.jonas)
        seen = self._as(self.lan, event)
        seen.invalidate_recordset()
        self.assertEqual((seen.made_count, seen.agreed_count, seen.progress), (1, 0, 0))

    def test_the_board_tells_who_has_signed_and_who_is_waited_for_longest_first(self):
        event = self._propose()
        with freeze_time("2026-08-06 02:00:00"):
            self._agree(self.tran, self.plans[self.tran])
        row = self._row(event, self.tran)
        self.assertEqual(row.signed_text, "Tran (Employee)")
        self.assertEqual(row.missing_text, "Chen (Direct manager), Wang (HR)")
        self._agree_all(self.lan)
        board = self._as(self.wang, event).board_ids
        self.assertEqual(board[-1].employee_id, self.lan, "nobody is waited for there")

    def test_a_nudge_reaches_who_is_missing_once_a_day_in_their_language(self):
        event = self._propose()
        row = self._row(event, self.lan)
        self._agree(self.chen, self.plans[self.lan])
        messages = self.env["mail.message"]
        before = messages.search([("model", "=", "expat.kpi.plan")])
        self._as(self.wang, row).action_nudge()
        told = messages.search([("model", "=", "expat.kpi.plan")]) - before
        self.assertEqual(told.notified_partner_ids, (self.lan.user_id + self.wang).partner_id)
        self.assertIn("Target 25 % → 20 %", str(told[0].body))
        self._as(self.wang, row).action_nudge()
        self.assertFalse(messages.search([("model", "=", "expat.kpi.plan")]) - before - told)
        with self._refused("not yours"):
            self._as(self.lan, row).action_nudge()
