from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, LockError, ValidationError
from odoo.tests import Form, tagged

from .common import ExpatCase


class CycleCase(ExpatCase):
    """Templates for sales in the third quarter: visits add up, conversion does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.measure = cls._measure("cycle_won", domain="[('won_status', '=', 'won')]")
        cls.orders = cls._indicator("cycle_orders", "cycle_won")
        cls.rate = cls._indicator("cycle_rate", "100 * cycle_won / (cycle_won + 1)")
        cls.asia = cls.env["expat.region"].create(
            {"name": "Cycle Asia", "company_id": cls.company_a.id}
        )
        cls.lan.posting_ids.region_id = cls.asia
        cls.sales = cls.env["hr.job"].create({"name": "Sales", "company_id": cls.company_a.id})
        cls.template = cls._template("Any")

    @classmethod
    def _indicator(cls, code, formula, **values):
        return cls.env["expat.kpi.indicator"].create(
            {
                "name": code,
                "code": code,
                "formula": formula,
                "company_id": cls.company_a.id,
                **values,
            }
        )

    @classmethod
    def _template(cls, name, lines=None, **values):
        if lines is None:
            lines = [
                {"indicator_id": cls.orders.id, "target": 4, "target_per": "month", "weight": 60},
                {"indicator_id": cls.rate.id, "target": 25, "threshold": 20, "weight": 40},
            ]
        return cls.env["expat.kpi.template"].create(
            {
                "name": name,
                "company_id": cls.company_a.id,
                "line_ids": [Command.create(line) for line in lines],
                **values,
            }
        )

    @classmethod
    def _cycle(cls, **values):
        return cls.env["expat.kpi.cycle"].create(
            {
                "name": "2026 Q3",
                "kind": "quarter",
                "date_from": "2026-07-01",
                "company_id": cls.company_a.id,
                **values,
            }
        )

    def _reasons(self, cycle):
        return {row.employee: row.reason for row in cycle._create_plans()}


@tagged("post_install", "-at_install")
class TestTemplate(CycleCase):
    def test_weights_are_100_within_rounding(self):
        codes = [self._indicator(f"third_{number}", "cycle_won") for number in range(3)]

        def lines(*weights):
            return [
                {"indicator_id": indicator.id, "target": 1, "weight": weight}
                for indicator, weight in zip(codes, weights, strict=False)
            ]

        self._template("Thirds", lines(33.33, 33.33, 33.33))
        with self.assertRaisesRegex(ValidationError, "0.5 are missing"):
            self._template("Short", lines(50, 49.5))
        with self.assertRaisesRegex(ValidationError, "10 more than 100"):
            self._template("Long", lines(60, 50))

    def test_numbers_nobody_could_agree_on_are_refused(self):
        for values in (
            {"target": 0},
            {"target": -1},
            {"target": 5, "threshold": 6},
            {"target": 5, "target_per": "month", "prorate": False},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._template("Bad", [{"indicator_id": self.orders.id, "weight": 100, **values}])
        for name in ("target", "weight"):
            for number in (float("nan"), float("inf"), 1e308, 10**400):
                with (
                    self.subTest(name=name, number=number),
                    self.assertRaisesRegex(ValidationError, "must be a number"),
                ):
                    self.template.line_ids[0].write({name: number})

    def test_the_most_specific_one_fits(self):
        role = self._template("Role", job_id=self.sales.id)
        region = self._template("Region", region_id=self.asia.id)
        both = self._template("Both", job_id=self.sales.id, region_id=self.asia.id)
        shared = self._template("Shared", company_id=False, sequence=1, lines=[])
        candidates = self.env["expat.kpi.template"]._candidates(self.company_a)
        none = self.env["hr.job"], self.env["expat.region"]
        for template, job, place in (
            (both, self.sales, self.asia),
            (role, self.sales, none[1]),
            (region, none[0], self.asia),
            (self.template, *none),
        ):
            self.assertEqual(candidates._fitting(job, place), template)
        (self.template + role).active = False
        candidates = self.env["expat.kpi.template"]._candidates(self.company_a)
        fitting = candidates.filtered(lambda one: one.id >= self.template.id)._fitting(*none)
        self.assertEqual(fitting, shared)

    def test_what_adds_up_is_prorated(self):
        orders, rate = self.template.line_ids
        self.assertEqual((orders.prorate, rate.prorate), (True, False))
        self.assertEqual(orders._scaled_terms(3, 0.5)["target"], 6)
        self.assertEqual(rate._scaled_terms(3, 0.5)["target"], 25)


@tagged("post_install", "-at_install")
class TestCycle(CycleCase):
    def test_the_period_follows_its_kind(self):
        with Form(self.env["expat.kpi.cycle"].with_user(self.wang)) as form:
            form.name = "Second half"
            form.kind = "half_year"
            form.date_from = date(2026, 9, 9)
        cycle = form.record
        self.assertEqual((cycle.date_from, cycle.date_to), (date(2026, 7, 1), date(2026, 12, 31)))
        with self.assertRaisesRegex(ValidationError, "2026-07-01 to 2026-12-31"):
            cycle.date_to = "2026-12-30"

    def test_the_deadline_outlives_taking_back(self):
        cycle = self._cycle(date_deadline="2126-07-10")
        self._reasons(cycle.with_user(self.wang))
        plan = cycle.plan_ids[0].with_user(self.wang)
        for _round in range(2):
            plan.action_open()
            self.assertEqual(plan.date_deadline, date(2126, 7, 10))
            plan.action_withdraw()

    def test_again_and_nothing_more_is_made(self):
        cycle = self._cycle(date_deadline="2026-07-10")
        found = self._reasons(cycle.with_user(self.wang))
        self.assertEqual(found, dict.fromkeys(self.expats))
        self.assertEqual(cycle.plan_ids.employee_id, self.expats)
        self.assertEqual(set(cycle.plan_ids.mapped("state")), {"draft"})
        self.assertEqual(cycle.plan_ids.template_id, self.template)
        self.assertEqual(set(cycle.plan_ids.mapped("date_deadline")), {date(2026, 7, 10)})
        lines = cycle.plan_ids[0].line_ids
        self.assertEqual(lines.mapped("target"), [12, 25])
        self.assertEqual(lines.mapped("weight"), [60, 40])
        self.assertEqual(lines.mapped("threshold"), [0, 20])
        again = self._reasons(cycle.with_user(self.wang))
        self.assertEqual(again, dict.fromkeys(self.expats, "has_plan"))
        self.assertEqual(cycle.plan_count, 3)

    def test_plans_of_a_parallel_run_are_marked(self):
        cycle = self._cycle(is_parallel=True)
        cycle._create_plans()
        found = self.env["expat.kpi.plan"].search([("is_parallel", "=", True)])
        self.assertEqual(found & cycle.plan_ids, cycle.plan_ids)
        cycle.is_parallel = False
        self.assertFalse(any(cycle.plan_ids.mapped("is_parallel")))

    def test_who_is_left_out_is_told_why(self):
        self.lan.parent_id = False
        self.template.region_id = self.asia
        self._template("Sales", job_id=self.sales.id)
        self.jonas.posting_ids.job_id = self.sales
        self._post(self.chen, "de", "Europe/Berlin", "2026-09-20")
        self.chen.posting_ids.resource_calendar_id = self._calendar(
            ("2026-09-20", "2026-09-30", "Closed")
        )
        cycle = self._cycle(employee_domain=f"[('id', 'in', {(self.expats + self.chen).ids})]")
        self.chen.parent_id = self.maria
        found = self._reasons(cycle.with_user(self.wang))
        self.assertEqual(
            found,
            {
                self.lan: "no_manager",
                self.jonas: None,
                self.maria: "no_template",
                self.chen: "no_working_days",
            },
        )
        action = cycle.with_user(self.wang).action_create_plans()
        page = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(page.summary, "0 plans created, 4 employees left out.")
        self.assertEqual(
            dict(page.left_ids.mapped(lambda row: (row.employee_id, row.reason))),
            {**found, self.jonas: "has_plan"},
        )

    def test_many_are_made_in_batches(self):
        """What was made stays, and pressing again goes on where it was stopped."""
        self.jonas.parent_id = False
        more = [self._create_employee(f"more{number}", manager=self.chen) for number in range(3)]
        for employee in more:
            self._post(employee, "vn", "Asia/Ho_Chi_Minh", "2015-01-01")
        cycle = self._cycle().with_user(self.wang)
        with patch("odoo.addons.expat_kpi.wizards.expat_kpi_cycle_plans.BATCH", 2):
            action = cycle.action_create_plans()
            self.assertEqual(action["tag"], "expat_kpi_create_plans")
            page = self.env["expat.kpi.cycle.plans"].browse(action["params"]["page_id"])
            self.assertEqual((action["params"]["made"], action["params"]["todo"]), (2, 3))
            self.assertIn("3 are still to be made", page.summary)
            page = page.with_user(self.wang)
            self.assertEqual(page.action_next_batch(), {"made": 4, "todo": 1})
            self.assertFalse(page.left_ids, "told at the end")
            again = cycle.action_create_plans()
            self.assertEqual(cycle.plan_count, 5)
            self.assertEqual(again["res_model"], page._name)
            self.assertEqual(page.action_next_batch(), {"made": 4, "todo": 0})
        self.assertEqual(len(page.made_ids), 4)
        self.assertEqual(
            sorted(page.left_ids.mapped("reason")), ["has_plan", "no_manager"], "who is told why"
        )

    def test_the_people_at_home_are_named_only_when_chosen(self):
        self.assertEqual(self._reasons(self._cycle()).keys(), set(self.expats))
        cycle = self._cycle(
            date_from="2026-10-01", employee_domain=f"[('id', '=', {self.chen.id})]"
        )
        self.assertEqual(self._reasons(cycle), {self.chen: "no_posting"})

    def test_a_population_that_cannot_be_understood_is_refused(self):
        for domain in ("[('nope', '=', 1)]", "[(", "__import__('os')", "[('id', '=', x)]"):
            with self.subTest(domain), self.assertRaises(ValidationError):
                self._cycle(employee_domain=domain)

    def _calendar(self, *holidays):
        calendar = self.env["resource.calendar"].create(
            {"name": "Host", "company_id": self.company_a.id, "tz": "Asia/Ho_Chi_Minh"}
        )
        # Entered by somebody in that zone, as time off converts what others enter.
        self.env.user.tz = calendar.tz
        for first, last, name in holidays:
            self.env["resource.calendar.leaves"].create(
                {
                    "name": name,
                    "calendar_id": calendar.id,
                    "company_id": self.company_a.id,
                    "date_from": datetime.fromisoformat(first) - timedelta(hours=7),
                    "date_to": datetime.fromisoformat(last) + timedelta(hours=17),
                }
            )
        return calendar

    def test_a_joiner_gets_the_share_of_local_working_days(self):
        self.lan.posting_ids.date_to = "2026-06-30"
        joined = self._post(self.lan, "vn", "Asia/Ho_Chi_Minh", "2026-08-17")
        # Independence Day: Wednesday 2 and Thursday 3 September
        joined.resource_calendar_id = self._calendar(("2026-09-02", "2026-09-03", "Quốc khánh"))
        # Monday to Friday, less the holidays: 66 − 2 in the quarter, 33 − 2 from 17 August on
        weekdays = [
            day
            for day in (date(2026, 7, 1) + timedelta(days=number) for number in range(92))
            if day.weekday() < 5 and day not in (date(2026, 9, 2), date(2026, 9, 3))
        ]
        share = sum(day >= date(2026, 8, 17) for day in weekdays) / len(weekdays)
        cycle = self._cycle()
        cycle._create_plans()
        plan = cycle.plan_ids.filtered(lambda plan: plan.employee_id == self.lan)
        self.assertEqual((plan.date_from, plan.date_to), (date(2026, 8, 17), date(2026, 9, 30)))
        self.assertEqual(plan.line_ids.mapped("target"), [round(12 * share), 25])
        self.assertEqual(round(12 * share), 6)
        other = cycle.plan_ids.filtered(lambda plan: plan.employee_id == self.jonas)
        self.assertEqual(other.line_ids.mapped("target"), [12, 25])

    def test_a_leaver_gets_the_days_before(self):
        self.lan.posting_ids.date_to = "2026-07-31"
        cycle = self._cycle()
        cycle._create_plans()
        plan = cycle.plan_ids.filtered(lambda plan: plan.employee_id == self.lan)
        self.assertEqual((plan.date_from, plan.date_to), (date(2026, 7, 1), date(2026, 7, 31)))
        self.assertEqual(plan.line_ids[0].target, round(12 * 23 / 66))

    def test_weights_of_thirds_are_settled(self):
        self.template.line_ids.unlink()
        self.template.write(
            {
                "line_ids": [
                    Command.create(
                        {
                            "indicator_id": self._indicator(f"t{number}", "cycle_won").id,
                            "target": 1,
                            "weight": 33.33,
                        }
                    )
                    for number in range(3)
                ]
            }
        )
        cycle = self._cycle()
        cycle._create_plans()
        self.assertEqual(set(cycle.plan_ids.mapped("weight_total")), {100})

    def test_statements_do_not_grow_with_the_number_of_plans(self):
        people = self.env["hr.employee"].create(
            [
                {"name": f"E{number}", "company_id": self.company_a.id, "parent_id": self.chen.id}
                for number in range(110)
            ]
        )
        self.env["expat.posting"].create(
            [
                {
                    "employee_id": person.id,
                    "country_id": self.env.ref("base.vn").id,
                    "tz": "Asia/Ho_Chi_Minh",
                    "date_from": "2020-01-01",
                }
                for person in people
            ]
        )
        statements = {}
        for count, group in ((10, people[:10]), (100, people[10:])):
            cycle = self._cycle(employee_domain=f"[('id', 'in', {group.ids})]")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cycle._create_plans()
            self.env.flush_all()
            statements[count] = self.env.cr.sql_log_count - before
            self.assertEqual(cycle.plan_count, count)
        self.assertLess(statements[100] - statements[10], 10, statements)

    def test_officers_alone_create_plans(self):
        cycle = self._cycle()
        for user in (self.lan.user_id, self.chen.user_id):
            with self.assertRaises(AccessError):
                cycle.with_user(user).action_create_plans()
        self.assertFalse(cycle.plan_ids)

    def test_of_two_who_click_one_is_told(self):
        cycle = self._cycle()
        with (
            patch.object(type(cycle), "lock_for_update", side_effect=LockError("taken")),
            self.assertRaisesRegex(Exception, "creating the plans of this cycle right now"),
        ):
            cycle._create_plans()

    def test_the_plans_add_up_against_the_goal(self):
        self._leads([(self.lan, datetime(2025, 8, 3, 5), True, {}) for _number in range(30)])
        self.measure._refresh(date(2025, 1, 1), date(2026, 12, 31))
        self.env["expat.kpi.goal"].create(
            {
                "company_id": self.company_a.id,
                "indicator_id": self.orders.id,
                "year": 2026,
                "value": 25,
            }
        )
        cycle = self._cycle()
        cycle._create_plans()
        [row] = cycle.with_user(self.wang)._coverage()
        # 3 plans of 12 after 30 in the year before: +20 % of the +25 %
        self.assertAlmostEqual(row["share"], 80)
        self.assertEqual(row["text"], "+20 % of the +25 % goal: 36 after 30 in the year before")
        self.assertTrue(cycle.with_user(self.wang).coverage_html)
        self.assertIn("draft", cycle.with_user(self.wang).status_html)
        cycle.plan_ids[0].unlink()
        self.assertFalse(
            cycle.with_user(self.jonas.user_id)._coverage(), "a sum of two tells of the other"
        )

    def test_a_goal_of_less_is_covered_by_less(self):
        self.orders.direction = "less"
        self.env["expat.kpi.goal"].create(
            {
                "company_id": self.company_a.id,
                "indicator_id": self.orders.id,
                "year": 2026,
                "kind": "amount",
                "value": 4 * 30,
            }
        )
        cycle = self._cycle()
        cycle._create_plans()
        [row] = cycle.with_user(self.wang)._coverage()
        # 3 plans of 12 where a quarter of the year's 120 is the goal: a fifth more than wanted
        self.assertAlmostEqual(row["share"], 80)
        self.orders.direction = "band"
        [row] = cycle.with_user(self.wang)._coverage()
        self.assertIsNone(row["share"])

    def test_own_fields_of_an_industry(self):
        """HR officers define them, and need write no company for that."""
        own = self.company_a.expat_kpi_property_set_id.with_user(self.wang)
        own.plan_properties = [
            {"name": "line_of_business", "string": "Line of business", "type": "char"}
        ]
        own.posting_properties = [{"name": "housing", "string": "Housing", "type": "char"}]
        with self.assertRaises(AccessError):
            self.company_a.with_user(self.wang).name = "Mine"
        with self.assertRaises(AccessError):
            own.with_user(self.chen.user_id).plan_properties = []
        cycle = self._cycle()
        cycle._create_plans()
        plan = cycle.plan_ids[0]
        plan.plan_properties = {"line_of_business": "Brakes"}
        self.lan.posting_ids.posting_properties = {"housing": "Flat"}
        exported = plan.export_data(["employee_id/name", "plan_properties.line_of_business"])
        self.assertEqual(exported["datas"], [[plan.employee_id.name, "Brakes"]])
        self.assertEqual(self.lan.posting_ids.posting_properties["housing"], "Flat")

    def test_an_officer_adds_a_field_in_the_form(self):
        """What the widget sends: the value together with its definition."""
        cycle = self._cycle()
        cycle._create_plans()
        plan = cycle.plan_ids[0].with_user(self.wang)
        self.assertEqual(plan.property_set_id.company_id, self.company_a)
        added = {
            "name": "a1",
            "string": "Brand",
            "type": "char",
            "value": "A",
            "definition_changed": 1,
        }
        plan.write({"plan_properties": [added]})
        self.assertEqual(dict(plan.plan_properties), {"a1": "A"})
        self.env.invalidate_all()
        [shown] = cycle.plan_ids[1].read(["plan_properties"])
        self.assertEqual(
            [one["string"] for one in shown["plan_properties"]], ["Brand"], "all have it"
        )
        company_b = self.env["res.company"].create({"name": "Company B"})
        self.assertFalse(company_b.expat_kpi_property_set_id.plan_properties)
