from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .event_common import EventCase


@tagged("post_install", "-at_install")
class TestEventPreview(EventCase):
    """Who is touched by an event, what becomes of each plan, and why others are left alone."""

    def test_touched_by_the_place_of_the_posting(self):
        event = self._create_event()
        self.assertEqual(
            self._told(event),
            {
                "Lan": ("touched", None),
                "Somchai": ("touched", None),
                "Tran": ("touched", None),
                "Jonas": ("touched", None),
                "Maria": ("left", "elsewhere"),
            },
        )
        self.assertEqual(event.todo_count, 4)
        self.assertIn("elsewhere", self._row(event, self.maria).left_text)

    def test_share_by_local_working_days_and_the_target_over_the_period(self):
        """66 weekdays in the quarter, 28 of them before 10 August; two holidays in Hanoi."""
        event = self._create_event()
        lan = self._row(event, self.lan)
        self.assertEqual((lan.days_touched, lan.days_total), (36, 64))
        self.assertEqual(self._over(lan, self.conversion), 22.19)  # (25·28 + 20·36) / 64
        self.assertEqual(lan.share_text, "36 of 64 working days, 56 %")
        jonas = self._row(event, self.jonas)
        self.assertEqual((jonas.days_touched, jonas.days_total), (38, 66))
        self.assertEqual(self._over(jonas, self.conversion), 22.12)  # (25·28 + 20·38) / 66

    def test_who_moves_on_is_touched_as_long_as_he_stays(self):
        tran = self._row(self._create_event(), self.tran)
        self.assertEqual(
            (tran.date_from, tran.date_to), (self._day("2026-08-10"), self._day("2026-08-31"))
        )
        self.assertEqual((tran.days_touched, tran.days_total), (16, 66))
        self.assertEqual(self._over(tran, self.conversion), 23.79)  # (25·50 + 20·16) / 66

    def test_automatic_return_after_the_last_day(self):
        event = self._create_event(date_to="2026-08-21")
        lan = self._row(event, self.lan)
        self.assertEqual(lan.date_to, self._day("2026-08-21"))
        self.assertEqual((lan.days_touched, lan.days_total), (10, 64))
        self.assertEqual(self._over(lan, self.conversion), 24.22)  # (25·54 + 20·10) / 64

    def _over(self, row, indicator):
        [change] = [one for one in row.changes if one["indicator"] == indicator.id]
        return change["over_period"]["target"]

    def test_before_and_after_in_words(self):
        row = self._row(self._create_event(), self.lan)
        self.assertEqual(
            row.change_text.splitlines(),
            [
                "Conversion: Target 25 % → 20 %, Weight 40 → 34; 22.19 % over the period",
                "Retention: new: Target 70 %, Weight 15",
            ],
        )
        self.assertEqual(row.weight_text, "Customer visits: Weight 60 → 51")
        self.assertEqual(row.leaning, "mixed", "conversion is easier, retention is more to do")

    def test_restated_plans_are_touched_as_a_whole(self):
        row = self._row(self._create_event(method="restated"), self.lan)
        self.assertEqual((row.days_touched, row.days_total), (64, 64))
        self.assertEqual(self._over(row, self.conversion), 20)

    def test_why_plans_are_left_alone(self):
        self.env["expat.kpi.plan"].browse(self.plans[self.somchai].id).with_user(self.wang)._cancel(
            "Left the company."
        )
        draft = self._create_plan(self.somchai)
        self._as(self.wang, self.plans[self.jonas]).action_review()
        event = self._create_event()
        self.assertEqual(self._told(event)["Somchai"], ("left", "draft"))
        self.assertEqual(self._told(event)["Jonas"], ("left", "review"))
        draft.with_user(self.wang).action_open()
        event.action_look()
        self.assertEqual(self._told(event)["Somchai"], ("left", "negotiation"))

    def test_plans_without_the_indicator_or_that_say_so_already(self):
        event = self._create_event(
            line_ids=[
                Command.create(
                    {"indicator_id": self.delivery.id, "kind": "percent", "change_by": 20}
                )
            ]
        )
        self.assertEqual(self._told(event)["Lan"], ("left", "no_indicator"))
        event.write({"line_ids": [Command.clear()]})
        event.write(
            {
                "line_ids": [
                    Command.create({"indicator_id": self.visits.id, "kind": "set", "target": 12})
                ]
            }
        )
        self.assertEqual(self._told(event)["Lan"], ("left", "no_change"))

    def test_there_twice_is_told_and_left_to_hr(self):
        self.somchai.posting_ids.date_to = "2026-08-15"
        self._post(self.somchai, "br", "America/Sao_Paulo", "2026-08-16", "2026-08-31")
        self._post(self.somchai, "th", "Asia/Bangkok", "2026-09-01")
        event = self._create_event()
        self.assertEqual(self._told(event)["Somchai"], ("left", "split_stay"))

    def _raise_until_the_end_of_august(self, employee):
        """Visits 12 → 24 from 10 to 31 August, agreed on; then 12 again by themselves."""
        plan = self.plans[employee]
        adjustment = (
            self.env["expat.kpi.adjustment"]
            .with_user(self.wang)
            .create(
                {
                    "plan_id": plan.id,
                    "reason": "A fair.",
                    "date_from": "2026-08-10",
                    "date_to": "2026-08-31",
                    "line_ids": [
                        Command.create(
                            {"kind": "change", "indicator_id": self.visits.id, "target": 24}
                        )
                    ],
                }
            )
        )
        adjustment.action_propose()
        for user in (employee.user_id, plan.manager_id.user_id, self.wang):
            plan.with_user(user).action_sign_content(plan.latest_revision_id.content_hash)

    def _change_of_visits(self, **change):
        return self._create_event(
            date_from="2026-08-17",
            line_ids=[Command.create({"indicator_id": self.visits.id, **change})],
        )

    def test_what_is_relative_is_not_laid_over_numbers_that_come_back_later(self):
        """Half of the 24 of August would be all of the 12 of September."""
        self._raise_until_the_end_of_august(self.lan)
        event = self._change_of_visits(kind="percent", change_by=-50)
        told = self._told(event)
        self.assertEqual(told["Lan"], ("left", "changes_within"))
        self.assertEqual(told["Somchai"], ("touched", None))
        self.assertIn("adjust the plan itself", self._row(event, self.lan).left_text)
        # On the days before, it is clear of what.
        event.date_to = "2026-08-28"
        self.assertEqual(self._row(event, self.lan).changes[0]["after"]["target"], 12)

    def test_what_is_set_holds_on_all_days_and_leans_as_on_each(self):
        self._raise_until_the_end_of_august(self.lan)
        row = self._row(self._change_of_visits(kind="set", target=18), self.lan)
        self.assertEqual((row.status, row.leaning), ("touched", "mixed"))
        self.assertEqual(row.changes[0]["after"]["target"], 18)

    def test_conditions_choose_among_the_plans(self):
        event = self._create_event(plan_domain=f"[('employee_id', '=', {self.lan.id})]")
        self.assertEqual(self._told(event)["Lan"][0], "touched")
        self.assertEqual(self._told(event)["Jonas"], ("left", "not_chosen"))
        with self._refused("cannot be understood", ValidationError):
            event.plan_domain = "[('nothing', '=', 1)]"
        with self._refused("cannot be understood", ValidationError):
            event.plan_domain = "__import__('os')"

    def test_nowhere_chosen_is_everywhere(self):
        event = self._create_event(region_ids=False)
        self.assertEqual({status for status, _reason in self._told(event).values()}, {"touched"})

    def test_a_country_alone(self):
        event = self._create_event(
            region_ids=False, country_ids=[Command.link(self.env.ref("base.th").id)]
        )
        self.assertEqual(
            [row.employee_id for row in event.row_ids if row.status == "touched"], [self.somchai]
        )

    # ------------------------------------------------------------------
    # Exceptions
    # ------------------------------------------------------------------

    def test_an_exception_needs_a_reason_and_survives_another_look(self):
        event = self._create_event()
        row = self._row(event, self.somchai)
        with self._refused("Say why", ValidationError):
            row.is_excepted = True
        event.write(
            {
                "touched_ids": [
                    Command.update(
                        row.id, {"is_excepted": True, "exception_reason": "Buys elsewhere"}
                    )
                ]
            }
        )
        event.write({"date_from": "2026-08-17"})
        self.assertEqual(row.status, "excepted")
        self.assertEqual(row.date_from, self._day("2026-08-17"))
        self.assertEqual(event.todo_count, 3)

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------

    def test_bad_input_is_refused_with_a_sentence(self):
        event = self._create_event()
        line = event.line_ids[0]
        for values, sentence in (
            ({"target": 0}, "above zero"),
            ({"target": float("nan")}, "must be a number"),
            ({"kind": "percent", "change_by": 0}, "by how much"),
            ({"kind": "percent", "change_by": -100}, "cannot change by"),
            ({"kind": "percent", "change_by": float("inf")}, "must be a number"),
            ({"kind": "percent", "change_by": 10**400}, "must be a number"),
            ({"kind": "add", "target": 5, "weight": 0}, "weighs"),
            ({"threshold": 30}, "worse side"),
            ({"counter_id": line.indicator_id.id}, "to itself"),
        ):
            with self.subTest(values=values), self._refused(sentence, ValidationError):
                line.write(values)
        with self._refused("no last day", ValidationError):
            event.write({"method": "restated", "date_to": "2026-08-31"})

    def test_no_rule_leads_to_weights_that_are_not_a_hundred(self):
        event = self._create_event()
        event.line_ids[1].weight = 100
        event.action_look()
        row = self._row(event, self.lan)
        self.assertEqual(row.status, "touched")
        self.assertEqual(sum(one["after"]["weight"] for one in row.changes), 100)
        event.line_ids[1].counter_id = self.visits
        event.action_look()
        self.assertEqual(self._told(event)["Lan"], ("left", "counter_weight"))

    def test_what_the_product_keeps_cannot_be_entered(self):
        event = self._create_event()
        row = self._row(event, self.lan)
        for record, values in (
            (event, {"state": "done"}),
            (event, {"proposer_id": self.zhou.id}),
            (row, {"reason": "elsewhere"}),
            (row, {"status": "made"}),
            (row, {"changes": []}),
            (event, {"touched_ids": [Command.update(row.id, {"days_touched": 1})]}),
            (event, {"touched_ids": [Command.delete(row.id)]}),
            (event, {"row_ids": [Command.create({"plan_id": self.plans[self.maria].id})]}),
        ):
            with self.subTest(values=values), self._refused("set by the system"):
                record.write(values)
        for values in ({"state": "done"}, {"proposer_id": self.wang.id}):
            with self.subTest(values=values), self._refused("set by the system", UserError):
                self._create_event(**values)

    # ------------------------------------------------------------------
    # Access
    # ------------------------------------------------------------------

    def test_a_draft_is_hrs_alone(self):
        event = self._create_event()
        for person in (self.lan, self.chen, self.boss):
            with self.subTest(person=person.name), self._refused("", AccessError):
                self._as(person, event).read(["name"])
            self.assertFalse(self._as(person, event.row_ids).search([]))
        with self._refused("", AccessError):
            self._as(self.lan, event).action_look()

    # ------------------------------------------------------------------
    # Many
    # ------------------------------------------------------------------

    def test_statements_do_not_grow_with_the_number_of_plans(self):
        counts = {}
        made = 0
        for number in (1, 10, 100):
            self._add_plans(made, number - made)
            made = number
            event = self._create_event(
                plan_domain="[('employee_id.name', '=like', 'Many %')]", row_ids=[]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(event.todo_count, number)
            event.row_ids._remove()
            event.invalidate_recordset()
            before = self.env.cr.sql_log_count
            event.action_look()
            self.env.flush_all()
            counts[number] = self.env.cr.sql_log_count - before
            self.assertEqual(event.todo_count, number)
        self.assertLessEqual(counts[10], counts[1] + 2)
        self.assertLessEqual(counts[100], counts[1] + 4, counts)

    def _add_plans(self, first, count):
        """Plans in force, made without the talk."""
        numbers = range(first, first + count)
        employees = self.env["hr.employee"].create(
            [
                {
                    "name": f"Many {number}",
                    "company_id": self.company_a.id,
                    "parent_id": self.chen.id,
                }
                for number in numbers
            ]
        )
        for employee in employees:
            self._post(employee, "vn", "Asia/Ho_Chi_Minh", "2020-01-01")
        plans = self.env["expat.kpi.plan"].create(
            [
                {
                    "cycle_id": self.cycle.id,
                    "employee_id": employee.id,
                    "line_ids": [
                        Command.create({"indicator_id": one.id, "target": 25, "weight": 50})
                        for one in (self.visits, self.conversion)
                    ],
                }
                for employee in employees
            ]
        )
        for plan in plans:
            plan._make_revision("In force")
            plan._set_guarded({"state": "approved", "revision_id": plan.latest_revision_id.id})
