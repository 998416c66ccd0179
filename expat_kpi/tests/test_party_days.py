from odoo.tests import freeze_time, tagged

from odoo.addons.expat_kpi.engine.periods import Span

from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestPartyDays(PlanCase):
    """Reminders and deadlines go by the days of each party: its zone, hours, holidays, time off.

    ::

        Lan   posted to Hanoi, whose calendar knows Tết-like holidays
        Chen  at the headquarters in Shanghai
        Wang  HR, in Stuttgart
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hanoi = cls._create_calendar("Hanoi", "Asia/Ho_Chi_Minh")
        cls.shanghai = cls._create_calendar("Shanghai", "Asia/Shanghai")
        cls.lan.posting_ids.resource_calendar_id = cls.hanoi
        cls.chen.resource_calendar_id = cls.shanghai
        cls.chen.user_id.tz = "Asia/Shanghai"
        cls.wang.tz = "Europe/Berlin"

    @classmethod
    def _create_calendar(cls, name, zone):
        return cls.env["resource.calendar"].create(
            {"name": name, "company_id": cls.company_a.id, "tz": zone}
        )

    @classmethod
    def _leave(cls, calendar, start, stop, employee=None):
        """Free, by moments in UTC. Written once more, for time off takes what is created for the
        clock of who creates it."""
        days = {"date_from": start, "date_to": stop}
        leaves = cls.env["resource.calendar.leaves"]
        leaves.create(
            {
                "name": "Free",
                "calendar_id": calendar.id,
                "resource_id": employee.resource_id.id if employee else False,
                **days,
            }
        ).write(days)

    def _reminded(self, *moments):
        """{name: the local days on which it was reminded}, looking at these moments."""
        found = {}
        for moment in moments:
            before = {party: party.date_reminded for party in self.plan.party_ids}
            with freeze_time(moment):
                self.plan._nudge()
            for party in self.plan.party_ids:
                if party.date_reminded != before[party]:
                    found.setdefault(party.user_id.name, []).append(party.date_reminded.day)
        return found

    def _noons(self, *days):
        return [f"2026-07-{day:02} 05:00:00" for day in days]

    def test_so_many_working_days_before_the_deadline(self):
        self._open()  # until Wednesday 15 July
        found = self._reminded(*self._noons(9, 10, 11, 12, 13, 14, 15, 16))
        self.assertEqual(found, {name: [10, 13, 14, 15] for name in ("Lan", "Chen", "Wang")})

    def test_public_holidays_before_the_deadline_let_it_come_earlier(self):
        # Monday to Wednesday, in Hanoi alone.
        self._leave(self.hanoi, "2026-07-12 17:00:00", "2026-07-15 16:59:59")
        self._open()
        found = self._reminded(*self._noons(*range(6, 17)))
        self.assertEqual(found["Lan"], [7, 8, 9, 10])
        self.assertEqual(found["Chen"], [10, 13, 14, 15])

    def test_who_is_off_is_left_alone_and_told_before(self):
        # Lan's leave is kept with another calendar than the place's: from 8 to 5 in UTC.
        self.lan.resource_calendar_id = self._create_calendar("Headquarters", "UTC")
        self._leave(self.shanghai, "2026-07-13 00:00:00", "2026-07-14 09:00:00", self.chen)
        self._leave(
            self.lan.resource_calendar_id,
            "2026-07-14 08:00:00",
            "2026-07-14 17:00:00",
            self.lan,
        )
        self._open()
        found = self._reminded(*self._noons(*range(6, 17)))
        self.assertEqual(found["Chen"], [8, 9, 10, 15])
        self.assertEqual(found["Lan"], [9, 10, 13, 15])
        self.assertEqual(found["Wang"], [10, 13, 14, 15])

    def test_half_a_day_off_is_a_day_worked(self):
        self._leave(self.shanghai, "2026-07-14 00:00:00", "2026-07-14 04:30:00", self.chen)
        self._open()
        self.assertEqual(self._reminded(*self._noons(9, 10, 13, 14))["Chen"], [10, 13, 14])

    def test_a_manager_who_is_posted_goes_by_the_days_of_the_place(self):
        self.env["expat.posting"].create(
            {
                "employee_id": self.chen.id,
                "country_id": self.env.ref("base.vn").id,
                "tz": "Asia/Ho_Chi_Minh",
                "date_from": "2026-07-01",
                "resource_calendar_id": self.hanoi.id,
            }
        )
        self._leave(self.hanoi, "2026-07-12 17:00:00", "2026-07-15 16:59:59")
        self._open()
        self.assertEqual(self._reminded(*self._noons(*range(6, 17)))["Chen"], [7, 8, 9, 10])

    def test_flexible_hours_name_no_days_and_keep_the_holidays(self):
        self.shanghai.flexible_hours = True
        self._leave(self.shanghai, "2026-07-12 16:00:00", "2026-07-13 15:59:59")
        span = Span(self._day("2026-07-08"), self._day("2026-07-19"))
        days = self.env["expat.posting"]._calendar_days(self.shanghai, "Asia/Shanghai", span)
        self.assertEqual(sorted(day.day for day in days), [8, 9, 10, 14, 15, 16, 17])

    def test_the_deadline_is_over_when_the_day_is_over_where_the_party_is(self):
        """16:30 UTC on the 15th is the 16th in Shanghai, and not yet in Hanoi and Stuttgart."""
        rule = self.env["expat.kpi.signatory.rule"].create(
            {
                "name": "Deputies",
                "company_id": self.company_a.id,
                "signatory_ids": [
                    (0, 0, {"role": "expat", "deputy_id": self.boss.user_id.id}),
                    (0, 0, {"role": "manager", "deputy_id": self.qiu.user_id.id}),
                    (0, 0, {"role": "hr", "user_id": self.wang.id}),
                ],
            }
        )
        self.assertEqual(self.env["expat.kpi.signatory.rule"]._for_plan(self.plan), rule)
        self._open()
        deputies = (self.boss + self.qiu).user_id

        def told():
            self.plan._nudge()
            self.plan.invalidate_recordset()
            return self._activities(deputies[0]), self._activities(deputies[1])

        with freeze_time("2026-07-15 15:30:00"):
            self.assertFalse(any(told()))
        with freeze_time("2026-07-15 16:30:00"):
            of_lan, of_chen = told()
            self.assertFalse(of_lan)
            self.assertIn("Chen", of_chen.summary)
            self.assertFalse(self.plan.is_overdue_told)
            self.assertNotIn("override", self._as(self.wang).verbs)
        with freeze_time("2026-07-15 17:30:00"):
            self.assertTrue(all(told()))
            self.assertFalse(self.plan.is_overdue_told, "in Stuttgart it is half past seven")
            self._sign(self.wang)
            told()
            self.assertTrue(self.plan.is_overdue_told)
            self.plan.invalidate_recordset(["verbs"])
            self.assertIn("override", self._as(self.wang).verbs)

    def test_what_is_asked_of_the_database_does_not_grow_with_the_plans(self):
        plans = self.plan
        for number in range(6):
            plans += self._create_plan(self._create_employee(f"more{number}", self.chen))
        for plan in plans:
            self._open(plan)

        def count(some):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with freeze_time("2026-07-10 05:00:00"):
                due = some.party_ids._due()
            self.assertEqual(len(due), 3 * len(some))
            late = self.cr.sql_log_count
            with freeze_time("2026-07-16 12:00:00"):
                self.assertEqual(len(some.party_ids._late()), 3 * len(some))
            return late - before, self.cr.sql_log_count - late

        count(plans)
        self.assertEqual(count(plans[:2]), count(plans))
