from collections import Counter, defaultdict
from datetime import date, datetime

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .test_measure_preview import WON, PreviewCase

YEAR = date(2026, 1, 1), date(2026, 12, 31)
TODAY = datetime(2026, 5, 10, 12)


@tagged("post_install", "-at_install")
class TestLogin(PreviewCase):
    """What a login did stays with whoever had it then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.login = cls.lan.user_id
        cls.won = cls._measure("login_won", domain=WON)
        cls.mai = cls.env["hr.employee"].create({"name": "Mai", "company_id": cls.company_a.id})
        cls._post(cls.mai, "vn", "Asia/Ho_Chi_Minh", "2026-01-01")
        # 23:59 of 10 May in Hanoi, and the minute after it.
        moments = (4, 5, 5, 0), (5, 10, 16, 59), (5, 10, 17, 0)
        cls.leads = cls._leads([(cls.lan, datetime(2026, *at), True, {}) for at in moments])

    def _by_employee(self):
        self.won._refresh(*YEAR)
        found = defaultdict(list)
        for employee, day in sorted(self._sums(self.won), key=str):
            found[employee].append(day)
        return found

    def _hand_over(self):
        with freeze_time(TODAY):
            self.lan.user_id = False
            self.mai.user_id = self.login

    def test_whoever_left_keeps_what_was_done(self):
        before = self._by_employee()
        with freeze_time(datetime(2026, 5, 11, 12)):
            self.lan.user_id = False
            self.lan.action_archive()
        self.login.action_archive()
        self.assertEqual(self._by_employee(), before)
        self.assertEqual(len(before[self.lan]), 3)

    def test_a_successor_begins_with_the_next_day(self):
        self._by_employee()
        self._hand_over()
        self.assertEqual(
            self._by_employee(),
            {self.lan: [date(2026, 4, 5), date(2026, 5, 10)], self.mai: [date(2026, 5, 11)]},
        )
        # A newly made employee takes over in the same way.
        with freeze_time(datetime(2026, 6, 1, 12)):
            self.mai.user_id = False
            self.env.flush_all()
            new = self.env["hr.employee"].create(
                {"name": "New", "company_id": self.company_a.id, "user_id": self.login.id}
            )
        self.assertEqual(
            {row.user_id: row.date_from for row in new.login_ids},
            {self.env["res.users"]: False, self.login: date(2026, 6, 2)},
        )

    def test_meetings_follow_the_login_too(self):
        self._hand_over()
        self.env["calendar.event"].create(
            [
                {
                    "name": "Visit",
                    "start": f"2026-05-{day} 05:00:00",
                    "stop": f"2026-05-{day} 06:00:00",
                    "user_id": False,
                    "partner_ids": [Command.set(self.login.partner_id.ids)],
                }
                for day in ("05", "15")
            ]
        )
        for credit in ("whole", "share"):
            measure = self._measure(
                f"login_{credit}", self.event_source, "partner_ids", "start", credit=credit
            )
            measure._refresh(*YEAR)
            self.assertEqual(
                self._sums(measure),
                {(self.lan, date(2026, 5, 5)): 1.0, (self.mai, date(2026, 5, 15)): 1.0},
            )

    def test_visits_stay_with_whoever_made_them(self):
        """In the calendar, logged, and both: each once, before and after the login goes on."""
        customer = self.env["res.partner"].create({"name": "Red River"})
        meetings = self.env["calendar.event"].create(
            [
                {
                    "name": "Visit",
                    "start": f"2026-05-{day}:00:00",
                    "stop": f"2026-05-{day}:30:00",
                    "user_id": self.login.id,
                    "partner_ids": [Command.set(customer.ids)],
                }
                # The second of 10 May at 23:00 in Hanoi, the third an hour and more later
                for day in ("05 05", "10 16", "10 18")
            ]
        )
        record = self.env["expat.kpi.record"].create(
            {
                "employee_id": self.lan.id,
                "kind_id": self.env.ref("expat_kpi_connectors.record_kind_visit").id,
                "date": "2026-05-05 05:00:00",
                "partner_id": customer.id,
                "calendar_event_id": meetings[0].id,
            }
        )
        self.assertTrue(record.is_own_event)
        measure = self.env.ref("expat_kpi_connectors.measure_all_visits")
        self._hand_over()
        self.env.flush_all()
        self.assertTrue(record.is_own_event)
        measure._refresh(*YEAR)
        visits = Counter(
            (employee, day)
            for employee, day, _visit in self._facts(measure)
            if employee in self.lan + self.mai
        )
        self.assertEqual(
            visits,
            {
                (self.lan, date(2026, 5, 5)): 1,
                (self.lan, date(2026, 5, 10)): 1,
                (self.mai, date(2026, 5, 11)): 1,
            },
        )

    def test_a_first_login_has_no_history(self):
        user = self._create_user("mai")
        self.mai.user_id = user
        self.assertFalse(self.mai.login_ids)
        self.lan.user_id = self.login
        self.assertFalse(self.lan.login_ids)

    def test_changed_again_on_the_same_day(self):
        other, third = self._create_user("second"), self._create_user("third")
        with freeze_time(TODAY):
            self.lan.user_id = other
            self.lan.user_id = third
        self.assertEqual(
            {row.user_id: row.date_to for row in self.lan.login_ids},
            {self.login: date(2026, 5, 10), third: False},
        )

    def test_the_preview_says_why(self):
        self._hand_over()
        self.leads[2].name = "afterwards"
        preview = self._unsaved(self.lan, date(2026, 5, 1), domain=WON)
        self.assertEqual(preview["number"], "1")
        self.assertEqual(
            self._reasons(preview),
            {"afterwards": ["the login was not this person's on that day"]},
        )
        preview = self._unsaved(self.mai, date(2026, 5, 1), domain=WON)
        self.assertEqual(preview["number"], "1")
        self.leads[2].user_id = False
        self.assertEqual(self._unsaved(self.mai, date(2026, 5, 1), domain=WON)["number"], "0")

    def test_hr_corrects_the_day(self):
        self._hand_over()
        logins = self.env["expat.login"].with_user(self.wang)
        none = logins.search([("employee_id", "=", self.lan.id), ("user_id", "=", False)])
        since = logins.search([("employee_id", "=", self.mai.id), ("user_id", "=", self.login.id)])
        with self.assertRaisesRegex(ValidationError, "the login of Mai and of Lan"):
            since.date_from = "2026-05-02"
        none.date_from = since.date_from = "2026-05-02"
        self.assertIn(
            "Results count by login: – from …; Lan from 05/02/2026", self.mai.message_ids[0].body
        )
        self.assertEqual(self.mai.message_ids[0].author_id, self.wang.partner_id)
        self.assertEqual(
            self._by_employee(),
            {self.lan: [date(2026, 4, 5)], self.mai: [date(2026, 5, 10), date(2026, 5, 11)]},
        )
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            logins.create({"employee_id": self.lan.id, "date_from": none.date_from})

    def test_only_hr_reads_them(self):
        self._hand_over()
        with self.assertRaises(AccessError):
            self.lan.login_ids.with_user(self.login).read(["user_id"])
        other = self.env["res.company"].create({"name": "Company B"})
        self.wang.company_ids += other
        found = self.env["expat.login"].with_user(self.wang).with_company(other)
        self.assertFalse(
            found.with_context(allowed_company_ids=other.ids).search([]).employee_id & self.lan
        )
