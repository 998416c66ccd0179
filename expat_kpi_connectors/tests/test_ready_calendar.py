from datetime import date

from odoo import Command, fields
from odoo.tests import tagged

from .ready_common import ReadyCase


@tagged("post_install", "-at_install")
class TestReadyCalendar(ReadyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.factory = cls.env["res.partner"].create({"name": "Factory", "is_company": True})
        cls.buyers = cls.env["res.partner"].create(
            [{"name": f"Buyer {n}", "parent_id": cls.factory.id} for n in range(2)]
        )
        cls.trader = cls.env["res.partner"].create({"name": "Trader"})

    def _meeting(self, start, guests, **values):
        start = fields.Datetime.to_datetime(start)
        return self.env["calendar.event"].create(
            {
                "name": "Meeting",
                "user_id": self.lan.user_id.id,
                "start": start,
                "stop": fields.Datetime.add(start, hours=1),
                "partner_ids": [
                    Command.set((self.lan.user_id.partner_id + guests).ids),
                ],
                **values,
            }
        )

    def test_visits_and_customers(self):
        # two people of one company, 23:30 in Hanoi on the last day of May
        self._meeting("2026-05-31 16:30:00", self.buyers)
        self._meeting("2026-05-31 17:30:00", self.buyers[0])  # June there
        self._meeting("2026-05-12 03:00:00", self.trader + self.buyers[1])
        self._meeting("2026-05-13 03:00:00", self.chen.user_id.partner_id)  # a colleague
        self.assertEqual(self._actual("record_visits_all"), 2)
        self.assertEqual(self._actual("all_visited_customers"), 2)
        both = date(2026, 5, 1), date(2026, 6, 30)
        self.assertEqual(self._actual("record_visits_all", span=both), 3)
        # one of them is still the same customer in June
        self.assertEqual(self._actual("all_visited_customers", span=both), 2)

    def test_whole_days_have_no_clock(self):
        self._meeting(
            "2026-05-31 08:00:00",
            self.trader,
            allday=True,
            start_date="2026-05-31",
            stop_date="2026-05-31",
        )
        self.assertEqual(self._days("all_visits"), {date(2026, 5, 31): 1})

    def test_neither_declined_nor_cancelled_nor_planned(self):
        declined = self._meeting("2026-05-12 03:00:00", self.trader)
        cancelled = self._meeting("2026-05-13 03:00:00", self.trader)
        self._meeting(fields.Datetime.add(fields.Datetime.now(), days=1), self.trader)
        self.assertEqual(self._actual("record_visits_all"), 2)
        declined.attendee_ids.filtered(lambda one: one.partner_id == self.trader).do_decline()
        cancelled.action_archive()
        self.assertEqual(self._actual("record_visits_all"), 0)
        today = fields.Date.today()
        span = today, fields.Date.add(today, days=3)
        self.assertEqual(self._actual("record_visits_all", span=span), 0)

    def test_qualified_by_a_note_or_a_need(self):
        self._meeting("2026-05-12 03:00:00", self.trader, notes="<p>Needs 200</p>")
        self._meeting("2026-05-13 03:00:00", self.trader, notes="<p><br></p>")
        self._meeting("2026-05-14 03:00:00", self.trader)
        self._meeting("2026-05-15 03:00:00", self.trader, opportunity_id=self._lead(self.lan).id)
        self.assertEqual(self._actual("record_visits_all"), 4)
        self.assertEqual(self._actual("all_visits_qualified"), 2)

    def test_customers_merged(self):
        twin = self.env["res.partner"].create({"name": "Trader again"})
        self._meeting("2026-05-12 03:00:00", self.trader)
        self._meeting("2026-05-13 03:00:00", twin)
        self.assertEqual(self._actual("all_visited_customers"), 2)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.trader + twin).ids, self.trader
        )
        self.assertEqual(self._actual("all_visited_customers"), 1)
        self.assertEqual(self._actual("record_visits_all"), 2)
