from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import ExpatCase

HANOI = timedelta(hours=7)


def local(text):
    """A moment on the clock in Hanoi, as it is stored."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M") - HANOI


@tagged("post_install", "-at_install")
class TestPlanAdjusted(ExpatCase):
    """What an adjustment makes of the records that are counted.

    Lan's third quarter in Hanoi has 66 weekdays, 33 of them before 17 August; 1 and 2 September
    are holidays there, both on weekdays.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-07-01 02:00:00"))
        calendar = cls.env["resource.calendar"].create(
            {"name": "Hanoi", "company_id": cls.company_a.id, "tz": "Asia/Ho_Chi_Minh"}
        )
        # Written once more, for time off takes what is created for the clock of who creates it.
        days = {"date_from": local("09-01 00:00"), "date_to": local("09-02 23:59")}
        cls.env["resource.calendar.leaves"].create(
            {"name": "National Day", "calendar_id": calendar.id, **days}
        ).write(days)
        cls.lan.posting_ids.resource_calendar_id = calendar
        cls.conversion = cls.env.ref("expat_kpi_connectors.indicator_conversion")
        cls.cycle = cls.env["expat.kpi.cycle"].create(
            {
                "name": "2026 Q3",
                "date_from": "2026-07-01",
                "date_to": "2026-09-30",
                "company_id": cls.company_a.id,
            }
        )

    @classmethod
    def _indicator(cls, name, formula="won", **values):
        return cls.env["expat.kpi.indicator"].create(
            {
                "name": name,
                "code": f"adjusted_{name.lower()}",
                "formula": formula,
                "company_id": cls.company_a.id,
                **values,
            }
        )

    def _approved(self, *lines):
        """A plan of Lan's that all have signed; lines are (indicator, target, weight)."""
        self.plan = self.env["expat.kpi.plan"].create(
            {
                "cycle_id": self.cycle.id,
                "employee_id": self.lan.id,
                "line_ids": [
                    Command.create({"indicator_id": one.id, "target": target, "weight": weight})
                    for one, target, weight in lines
                ],
            }
        )
        self.plan.with_user(self.wang).action_open()
        self._sign_all()
        self.assertEqual(self.plan.state, "approved")

    def _sign_all(self):
        for user in (self.lan.user_id, self.chen.user_id, self.wang):
            plan = self.plan.with_user(user)
            plan.action_sign_content(self.plan.latest_revision_id.content_hash)

    def _adjust(self, *lines, **values):
        """Proposed by Lan's manager, and signed by all; lines are (kind, indicator, {numbers})."""
        adjustment = (
            self.env["expat.kpi.adjustment"]
            .with_user(self.chen.user_id)
            .create(
                {
                    "plan_id": self.plan.id,
                    "reason": "Customers decide slowly.",
                    "date_from": "2026-08-17",
                    **values,
                    "line_ids": [
                        Command.create({"kind": kind, "indicator_id": one.id, **numbers})
                        for kind, one, numbers in lines
                    ],
                }
            )
        )
        adjustment.action_propose()
        self._sign_all()
        self.assertEqual(adjustment.sudo().state, "in_force")

    def _refresh(self, now):
        self.plan.line_ids.indicator_id.measure_ids._refresh(date(2026, 6, 1), date(2026, 12, 31))
        self.plan._refresh_actuals(now)

    def _line(self, indicator):
        return self.plan.line_ids.filtered(lambda line: line.indicator_id == indicator)

    def test_an_added_line_counts_a_measure_as_the_plan_does(self):
        """Or it would change what the lines that were agreed on are counted by."""
        measure = self._measure("adjusted_won", domain="[('won_status', '=', 'won')]")
        first, added = (
            self._indicator("First", "adjusted_won"),
            self._indicator("Added", "2 * adjusted_won"),
        )
        self._approved((first, 9, 100))
        agreed = measure.version_id
        measure.domain = "[('won_status', 'in', ['won', 'lost'])]"
        measure._adopt()
        self.assertEqual(measure.version_id.number, agreed.number + 1)
        self._adjust(("add", added, {"target": 9}))
        self.assertEqual(
            [line["measures"] for line in self.plan.revision_id._content()["lines"]],
            [{"adjusted_won": agreed.number}] * 2,
        )
        self.assertEqual(self.plan._pinned_versions()[self.plan.id, measure], agreed)

    def test_a_line_counts_what_lies_within_its_own_days(self):
        whole, early, late, back, hole = (
            self._indicator(name) for name in ("Whole", "Early", "Late", "Back", "Hole")
        )
        self._approved((whole, 9, 100), (early, 9, 0), (hole, 9, 0))
        self._adjust(("add", late, {"target": 9}), ("drop", early, {}))
        self._adjust(("add", back, {"target": 9}), ("drop", hole, {}), date_to="2026-08-31")
        moments = (
            "06-30 23:30",
            *("07-01 00:30", "08-16 23:30"),
            # On the 16th in UTC, and on the 17th where Lan is
            *("08-17 00:30", "08-17 23:30", "08-31 23:30"),
            # On the 31st in UTC
            *("09-01 00:30", "09-30 23:30"),
            "10-01 00:30",
        )
        leads = self._leads([(self.lan, local(moment), True, {}) for moment in moments])
        self._refresh(local("10-05 12:00"))
        for indicator, first, last, counted in (
            (whole, "2026-07-01", "2026-09-30", leads[1:8]),
            (early, "2026-07-01", "2026-08-16", leads[1:3]),
            (late, "2026-08-17", "2026-09-30", leads[3:8]),
            (back, "2026-08-17", "2026-08-31", leads[3:6]),
            (hole, "2026-07-01", "2026-09-30", leads[1:3] + leads[6:8]),
        ):
            with self.subTest(indicator=indicator.name):
                line = self._line(indicator)
                self.assertEqual((str(line.date_from), str(line.date_to)), (first, last))
                self.assertEqual((str(line.actual_from), str(line.actual_to)), (first, last))
                self.assertEqual((line.actual, line.actual_status), (len(counted), "ok"))
                shown = line.action_open_records()["domain"][0][2]
                self.assertEqual(sorted(shown), sorted(counted.ids))
        # Up to today, where Lan is
        self._refresh(local("08-16 23:50"))
        self.assertEqual(self._line(late).actual_reason, "not_started")
        self.assertEqual(self._line(whole).actual, 2)
        self._refresh(local("08-17 00:50"))
        self.assertEqual(
            [self._line(one).actual for one in (whole, early, late, back, hole)], [4, 2, 2, 2, 2]
        )

    def test_the_story_of_a_conversion_that_is_eased_and_a_retention_that_comes(self):
        self._approved((self.conversion, 25, 100))
        # 23 weekdays in July, 10 before 17 August, 11 from then on, 22 in September but two
        before, after = 33, 31
        rows = [
            (self.lan, local(f"{month}-{day:02} 10:00"), number < won, {})
            for month, days, won in (("07", range(6, 16), 3), ("08", range(18, 28), 2))
            for number, day in enumerate(days)
        ]
        self._leads(rows)
        retention = self._indicator("Retention", "100 * won / closed", unit="percent")
        first = self.plan.revision_id
        with freeze_time("2026-08-14 02:00:00"):
            self._adjust(
                ("change", self.conversion, {"target": 20, "weight": 70}),
                ("add", retention, {"target": 70, "weight": 30}),
            )
        self.assertEqual((self.plan.state, self.plan.revision_id.number), ("adjusted", 2))
        self.assertEqual(
            self.plan.party_ids.signature_id.mapped("revision_id"), self.plan.revision_id
        )
        self.assertEqual(len(self.plan.party_ids.signature_id), 3)
        self._refresh(local("10-05 12:00"))
        line, added = self._line(self.conversion), self._line(retention)
        self.assertEqual(
            [(one["from"], one["days"], one["target"]) for one in line.slices],
            [("2026-07-01", before, 25.0), ("2026-08-17", after, 20.0)],
        )
        # (33 × 25 + 31 × 20) / 64 = 22.578…; (33 × 100 + 31 × 70) / 64 = 85.468…
        self.assertEqual((line.target, line.weight), (22.58, 85.47))
        # 5 of 20 over the quarter, 2 of 10 since 17 August
        self.assertEqual((line.actual, line.actual_terms["closed"]), (25, [20, 20]))
        self.assertAlmostEqual(line.attainment, 110.72, 2)  # 25 / 22.58
        self.assertEqual((added.target, added.weight), (70, 14.53))
        self.assertEqual(added.date_from, date(2026, 8, 17))
        self.assertEqual((added.actual, added.actual_terms["closed"]), (20, [10, 10]))
        self.assertAlmostEqual(added.attainment, 28.57, 2)
        # What was agreed before stays.
        self.assertTrue(first._is_intact())
        self.assertEqual(first._content()["lines"][0]["target"], 25)
