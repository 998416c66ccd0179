from datetime import date, datetime, timedelta

from odoo.tests import tagged

from odoo.addons.expat_kpi.engine.periods import local_day

from .common import ODD_ZONES, ExpatCase, random_moments


@tagged("post_install", "-at_install")
class TestFactLocalDay(ExpatCase):
    """A record counts on the day that it was where the expat was."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won = cls._measure("local_won", domain="[('won_status', '=', 'won')]")

    def _days(self, measure=None):
        return {(employee, day) for employee, day in self._sums(measure or self.won)}

    def test_half_past_eleven_at_both_ends_of_a_month(self):
        self._leads(
            [
                (self.lan, datetime(2026, 3, 31, 16, 30), True, {}),  # 23:30 in Hanoi
                (self.lan, datetime(2026, 2, 28, 17, 30), True, {}),  # 00:30 on 1 March
                (self.maria, datetime(2026, 4, 1, 2, 30), True, {}),  # 23:30 in São Paulo
                (self.maria, datetime(2026, 3, 1, 3, 30), True, {}),  # 00:30 on 1 March
            ]
        )
        self.won._refresh(date(2026, 3, 1), date(2026, 3, 31))
        self.assertEqual(
            self._days(),
            {
                (self.lan, date(2026, 3, 31)),
                (self.lan, date(2026, 3, 1)),
                (self.maria, date(2026, 3, 31)),
                (self.maria, date(2026, 3, 1)),
            },
        )

    def test_moment_in_the_next_local_month_is_not_of_this_one(self):
        self._lead(self.lan, datetime(2026, 3, 31, 17, 30))  # 00:30 on 1 April in Hanoi
        self._lead(self.maria, datetime(2026, 3, 1, 2, 30))  # 23:30 on 28 February
        self.won._refresh(date(2026, 3, 1), date(2026, 3, 31))
        self.assertFalse(self._days())

    def test_flying_west_the_hours_between_count_on_the_last_day(self):
        self.lan.posting_ids.date_to = "2026-05-14"
        self._post(self.lan, "br", "America/Sao_Paulo", "2026-05-15")
        self._leads(
            [
                (self.lan, datetime(2026, 5, 14, 16, 59), True, {}),  # 14 May in Hanoi
                # Already 15 May in Hanoi, and not yet in São Paulo.
                (self.lan, datetime(2026, 5, 14, 20, 0), True, {}),
                (self.lan, datetime(2026, 5, 15, 3, 1), True, {}),  # 15 May in São Paulo
            ]
        )
        self.won._refresh(date(2026, 5, 1), date(2026, 5, 31))
        self.assertEqual(
            self._sums(self.won),
            {(self.lan, date(2026, 5, 14)): 2, (self.lan, date(2026, 5, 15)): 1},
        )

    def test_flying_east_no_hour_counts_twice(self):
        self.maria.posting_ids.date_to = "2026-05-14"
        self._post(self.maria, "vn", "Asia/Ho_Chi_Minh", "2026-05-15")
        # 17:00 on 14 May in São Paulo is 03:00 on 15 May in Hanoi.
        self._lead(self.maria, datetime(2026, 5, 14, 20, 0))
        self.won._refresh(date(2026, 5, 1), date(2026, 5, 31))
        self.assertEqual(self._sums(self.won), {(self.maria, date(2026, 5, 15)): 1})

    def test_any_way_round_the_world_every_record_counts_once(self):
        self.lan.posting_ids.unlink()
        journey = ["Asia/Ho_Chi_Minh", "Pacific/Kiritimati", "Pacific/Marquesas", "Europe/Berlin"]
        for number, zone in enumerate(journey):
            first = date(2026, 3, 1) + timedelta(days=10 * number)
            self._post(self.lan, "vn", zone, first, first + timedelta(days=9))
        moments = random_moments("journey", journey, 200, start=date(2026, 3, 3), days=34)
        self._leads([(self.lan, moment, True, {}) for moment, _zone in moments])
        self.won._refresh(date(2026, 2, 1), date(2026, 5, 31))
        self.assertEqual(sum(self._sums(self.won).values()), len(moments))

    def test_outside_the_posting_nothing_counts(self):
        self.lan.posting_ids.write({"date_from": "2026-05-10", "date_to": "2026-05-20"})
        self._leads([(self.lan, datetime(2026, 5, day, 12), True, {}) for day in (9, 10, 20, 21)])
        self.won._refresh(date(2026, 5, 1), date(2026, 5, 31))
        self.assertEqual(
            self._days(), {(self.lan, date(2026, 5, 10)), (self.lan, date(2026, 5, 20))}
        )

    def test_without_a_posting_the_own_calendar_decides(self):
        self.chen.resource_calendar_id = self.env["resource.calendar"].create(
            {"name": "Auckland", "tz": "Pacific/Auckland", "company_id": self.company_a.id}
        )
        self._lead(self.chen, datetime(2026, 5, 9, 12, 30))  # 00:30 on 10 May in Auckland
        self.won._refresh(date(2026, 5, 1), date(2026, 5, 31))
        self.assertEqual(self._days(), {(self.chen, date(2026, 5, 10))})

    def test_every_zone_agrees_with_the_engine(self):
        """Random moments, thick around midnights and changes of clocks."""
        self.expats.posting_ids.unlink()
        people = {
            zone: self._create_employee(f"p{n}", "vn", zone) for n, zone in enumerate(ODD_ZONES)
        }
        span = date(2026, 3, 1), date(2026, 11, 15)
        moments = random_moments("zones", ODD_ZONES, 500, start=date(2026, 2, 26), days=265)
        self._leads([(people[zone], moment, True, {}) for moment, zone in moments])
        self.won._refresh(*span)
        expected = {}
        for moment, zone in moments:
            day = local_day(moment, zone)
            if span[0] <= day <= span[1]:
                key = people[zone], day
                expected[key] = expected.get(key, 0) + 1
        self.assertEqual(self._sums(self.won), expected)

    def test_days_partition_the_time_line(self):
        """Refreshing month by month finds what refreshing at once finds."""
        moments = random_moments("parts", ODD_ZONES[:4], 120, start=date(2026, 1, 1), days=120)
        people = {
            zone: self._create_employee(f"q{n}", "vn", zone) for n, zone in enumerate(ODD_ZONES[:4])
        }
        self._leads([(people[zone], moment, True, {}) for moment, zone in moments])
        self.won._refresh(date(2025, 12, 1), date(2026, 5, 31))
        at_once = self._facts(self.won)
        self.assertEqual(sum(self._sums(self.won).values()), len(moments))
        by_month = self._measure("local_parts", domain="[('won_status', '=', 'won')]")
        first = date(2025, 12, 1)
        while first < date(2026, 6, 1):
            following = (first + timedelta(days=32)).replace(day=1)
            by_month._refresh(first, following - timedelta(days=1))
            first = following
        self.assertEqual(self._facts(by_month), at_once)

    def test_all_day_meeting_counts_on_its_own_date(self):
        meetings = self._measure("local_meetings", self.event_source, day="start")
        self.env["calendar.event"].create(
            [
                {
                    "name": "Fair",
                    "allday": True,
                    "start_date": day,
                    "stop_date": day,
                    "user_id": self.maria.user_id.id,
                    "partner_ids": [],
                }
                for day in ("2026-05-01", "2026-05-31")
            ]
        )
        meetings._refresh(date(2026, 5, 1), date(2026, 5, 31))
        self.assertEqual(
            self._days(meetings),
            {(self.maria, date(2026, 5, 1)), (self.maria, date(2026, 5, 31))},
        )
