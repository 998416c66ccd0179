from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import ExpatCase


class PlanActualCase(ExpatCase):
    """A plan of Lan's for the third quarter; 24 opportunities, every fourth won."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.indicator = cls.env.ref("expat_kpi_connectors.indicator_conversion")
        cls.measures = cls.indicator.measure_ids
        cls.cycle = cls.env["expat.kpi.cycle"].create(
            {
                "name": "2026 Q3",
                "date_from": "2026-07-01",
                "date_to": "2026-09-30",
                "company_id": cls.company_a.id,
            }
        )
        cls.plans = cls.env["expat.kpi.plan"].create(
            [
                {
                    "cycle_id": cls.cycle.id,
                    "employee_id": employee.id,
                    "line_ids": [
                        Command.create(
                            {"indicator_id": cls.indicator.id, "target": 25, "weight": 100}
                        )
                    ],
                }
                for employee in cls.expats
            ]
        )
        cls.plan = cls.plans[0]
        cls.line = cls.plan.line_ids
        cls.leads = cls._leads(
            [
                (cls.lan, datetime(2026, 7, 2, 3) + timedelta(days=day), day % 4 == 0, {})
                for day in range(24)
            ]
        )

    def _refresh(self, now=datetime(2026, 8, 20, 4)):
        self.measures._refresh(date(2026, 1, 1), date(2026, 12, 31))
        self.plans._refresh_actuals(now)


@tagged("post_install", "-at_install")
class TestPlanActual(PlanActualCase):
    """From records to the number on the plan, its sentence and its records."""

    def test_conversion_is_a_ratio_of_sums_in_the_expats_time(self):
        self._refresh()
        self.assertEqual(self.line.actual_status, "ok")
        self.assertAlmostEqual(self.line.actual, 100 * 6 / 24)
        self.assertAlmostEqual(self.line.attainment, 100.0)
        self.assertEqual(self.line.actual_terms, {"won": [6, 6], "closed": [24, 24]})
        self.assertIn("6 Opportunities won", self.line.explanation)
        self.assertIn("24 Opportunities closed", self.line.explanation)
        self.assertIn("Ho Chi Minh time", self.line.explanation)

    def test_what_comes_late_moves_a_review_and_no_closed_plan(self):
        self._refresh()
        self.assertEqual(self.line.actual, 25)
        for state, won, after in (("review", 7, 28), ("closed", 8, 28)):
            self.plan._set_guarded({"state": state})
            self._leads([(self.lan, datetime(2026, 7, 30, 3), True, {})])
            self.measures._refresh(date(2026, 1, 1), date(2026, 12, 31))
            self.env["expat.kpi.plan"]._refresh_open(self.measures)
            terms = self.line.actual_terms
            self.assertEqual((self.line.actual, terms["closed"]), (after, [25, 25]))
            facts = self._sums(self.measures.filtered(lambda measure: measure.code == "won"))
            self.assertEqual(
                sum(amount for (who, _day), amount in facts.items() if who == self.lan), won
            )

    def test_texts_repeat_and_round_nothing(self):
        plain = self.env["expat.kpi.indicator"].create(
            {
                "name": "Won",
                "code": "actual_won",
                "formula": "won",
                "company_id": self.company_a.id,
            }
        )
        line = self.line.create({"plan_id": self.plan.id, "indicator_id": plain.id, "target": 2.5})
        self._refresh()
        self.assertEqual(line.target_text, "2.5")
        self.assertEqual(self.line.target_text, "25 %")
        self.assertTrue(line.explanation.startswith("6 Opportunities won, from"))

    def test_counts_up_to_today_where_the_expat_is(self):
        # 18:00 UTC on 1 July is 2 July in Hanoi; the first opportunity is of 2 July.
        self._refresh(datetime(2026, 7, 1, 16))
        self.assertEqual(self.line.actual_status, "no_data")
        self._refresh(datetime(2026, 7, 1, 18))
        self.assertEqual(self.line.actual, 100.0)
        self.assertEqual(self.line.actual_to, date(2026, 7, 2))

    def test_no_data_is_not_zero(self):
        self._refresh()
        line = self.plans[1].line_ids
        self.assertEqual((line.actual_status, line.actual_reason), ("no_data", "empty_denominator"))
        self.assertEqual(line.actual_text, "No data")
        stored = self.env.execute_query(
            SQL(
                "SELECT actual IS NULL, attainment IS NULL FROM expat_kpi_plan_line WHERE id = %s",
                line.id,
            )
        )
        self.assertEqual(stored, [(True, True)])
        [(average,)] = self.env["expat.kpi.plan.line"]._read_group(
            [("plan_id", "in", self.plans.ids)], [], ["actual:avg"]
        )
        self.assertEqual(average, 25.0, "who has no data does not pull the mean down")

    def test_a_plan_that_has_not_begun_says_so(self):
        with freeze_time("2026-06-30 12:00:00"):
            self.assertEqual(self.line.explanation, "The period has not begun.")
        self.line.invalidate_recordset()
        with freeze_time("2026-06-30 17:00:00"):  # 1 July in Hanoi
            self.assertEqual(self.line.explanation, "Not computed for these days yet.")
        self._refresh(datetime(2026, 6, 1))
        self.assertEqual(self.line.actual_reason, "not_started")
        self.assertIn("not begun", self.line.explanation)

    def test_a_failed_refresh_leaves_the_number_and_says_so(self):
        self._refresh()
        self.assertFalse(self.line.is_stale)
        self._field(self.lead_source, "date_closed").use_date = False
        self._refresh()
        self.assertEqual(self.line.actual, 25.0)
        self.assertTrue(self.line.is_stale)

    def test_the_records_open_under_the_readers_own_rights(self):
        self._refresh()
        action = self.line.action_open_records()
        self.assertEqual(sorted(action["domain"][0][2]), sorted(self.leads.ids))
        salesman = self.env.ref("sales_team.group_sale_salesman")
        self.lan.user_id.group_ids += salesman
        action = self.line.with_user(self.lan.user_id).action_open_records()
        self.assertEqual(len(action["domain"][0][2]), len(self.leads))

    def test_who_may_not_read_the_records_is_told_how_many_there_are(self):
        self._refresh()
        with self.assertRaises(UserError) as caught:
            self.line.with_user(self.wang).action_open_records()
        self.assertIn("24 records", str(caught.exception))

    def _visits(self):
        """A line of visits: one logged, one in the calendar and one there that is private."""
        customer = self.env["res.partner"].create({"name": "Red River"})
        record = self.env["expat.kpi.record"].create(
            {
                "employee_id": self.lan.id,
                "kind_id": self.env.ref("expat_kpi_connectors.record_kind_visit").id,
                "date": "2026-08-06 05:00:00",
            }
        )
        meetings = self.env["calendar.event"].create(
            [
                {
                    "name": "Meeting",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "user_id": self.lan.user_id.id,
                    "partner_ids": [Command.set((self.lan.user_id.partner_id + customer).ids)],
                    "privacy": privacy,
                }
                for start, privacy in (
                    (datetime(2026, 8, 7, 3), "public"),
                    (datetime(2026, 8, 8, 3), "private"),
                )
            ]
        )
        visits = self.env.ref("expat_kpi_connectors.indicator_record_visits_all")
        self.measures |= visits.measure_ids
        line = self.line.create(
            {"plan_id": self.plan.id, "indicator_id": visits.id, "target": 5, "weight": 0}
        )
        self._refresh()
        self.assertEqual(line.actual, 3)
        return line, record, meetings

    def test_records_of_several_kinds_are_opened_kind_by_kind(self):
        line, record, meetings = self._visits()
        for user, names in (
            (self.lan.user_id, ["Meeting", "Meeting"]),
            (self.wang, ["Busy", "Meeting"]),
        ):
            own = line.with_user(user).with_context(lang="en_US")
            action = own.action_open_records()
            dialog = own.env[action["res_model"]].browse(action["res_id"])
            kinds = {kind.name: kind for kind in dialog.kind_ids}
            self.assertEqual(
                {name: kind.count for name, kind in kinds.items()},
                {"Field Record": 1, "Calendar Event": 2},
            )
            opened = kinds["Calendar Event"].action_open()
            self.env.invalidate_all()
            found = own.env["calendar.event"].search(opened["domain"])
            self.assertEqual(found, meetings.sorted("start", reverse=True))
            self.assertEqual(sorted(found.mapped("display_name")), names)
            opened = kinds["Field Record"].action_open()
            self.assertEqual(opened["domain"], [("id", "in", record.ids)])
        with self.assertRaises(AccessError):
            line.with_user(self.jonas.user_id).action_open_records()
        asked = self.env["expat.kpi.plan.line.records"].with_user(self.jonas.user_id)
        dialog = asked.create({"line_id": line.id, "kind_ids": []})
        kind = dialog.kind_ids.create({"records_id": dialog.id, "model": "calendar.event"})
        with self.assertRaises(AccessError):
            kind.action_open()

    def test_who_sees_which_plan(self):
        plans = self.env["expat.kpi.plan"]
        own = plans.with_user(self.lan.user_id).search([("cycle_id", "=", self.cycle.id)])
        self.assertEqual(own, self.plan)
        team = plans.with_user(self.chen.user_id).search([("cycle_id", "=", self.cycle.id)])
        self.assertEqual(team, self.plans)
        every = plans.with_user(self.wang).search([("cycle_id", "=", self.cycle.id)])
        self.assertEqual(every, self.plans)
        with self.assertRaises(AccessError):
            self.plans[1].line_ids.with_user(self.lan.user_id).read(["actual"])
        lines = self.env["expat.kpi.plan.line"].with_user(self.lan.user_id)
        [(count,)] = lines._read_group([("cycle_id", "=", self.cycle.id)], [], ["__count"])
        self.assertEqual(count, 1)
        facts = self.env["expat.kpi.fact"].with_user(self.jonas.user_id)
        self.assertFalse(facts.search([("employee_id", "=", self.lan.id)]))

    def test_nobody_enters_an_actual(self):
        self._refresh()
        officer = self.line.with_user(self.wang)
        for values in ({"actual": 99}, {"actual_status": "ok"}, {"attainment": 100}):
            with self.assertRaises(UserError):
                officer.write(values)
            with self.assertRaises(UserError):
                officer.plan_id.write({"line_ids": [Command.update(officer.id, values)]})
            with self.assertRaises(UserError):
                officer.create(
                    {
                        "plan_id": self.plans[1].id,
                        "indicator_id": self.indicator.id,
                        "target": 1,
                        **values,
                    }
                )
        line = officer.with_context(default_actual=99, default_actual_status="ok").create(
            {"plan_id": self.plans[1].id, "indicator_id": self.indicator.id, "target": 1}
        )
        self.assertEqual((line.actual, line.actual_status), (0.0, "no_data"))
        result = officer.load(
            ["plan_id/.id", "indicator_id/.id", "target", "actual"],
            [[str(self.plans[2].id), str(self.indicator.id), "1", "99"]],
        )
        self.assertFalse(result["ids"])
        copy = self.line.copy({"plan_id": self.plans[1].id})
        self.assertEqual(copy.actual, 0.0)
