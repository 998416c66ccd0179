from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.expat_kpi.tools.fact_query import FactQuery

from .record_common import RecordCase

MAY = date(2026, 5, 1), date(2026, 5, 31)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-05 12:00:00")
class TestRecordMeasures(RecordCase):
    """The shipped measures and indicators of field records, against numbers by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.env["res.partner"].create({"name": "Haiphong", "is_company": True})
        contact = cls.env["res.partner"].create({"name": "Hung", "parent_id": cls.customer.id})
        for day, values in (
            # 23:30 in Hanoi on 30 April, 00:30 on 1 May, 23:30 on 31 May, 00:30 on 1 June
            ("2026-04-30 16:30:00", {"note": "April"}),
            ("2026-04-30 17:30:00", {"partner_id": cls.customer.id, "note": "Need axles"}),
            ("2026-05-31 16:30:00", {"partner_id": contact.id}),
            ("2026-05-31 17:30:00", {"partner_id": other.id}),
            ("2026-05-10 03:00:00", {"partner_id": other.id, "need": "Axles"}),
            ("2026-05-11 03:00:00", {"date_follow_up": "2026-06-01"}),
            ("2026-05-12 03:00:00", {"note": "  ", "active": False}),
            ("2026-05-13 03:00:00", {"note": " \n"}),
        ):
            cls._record(date=day, **values)
        cls._record(category="exhibition", date="2026-05-02 03:00:00")
        for solved in (False, "2026-05-04 03:00:00", "2026-06-02 03:00:00"):
            cls._record(category="coordination", date="2026-05-03 03:00:00", date_solved=solved)
        # Solved in May after 12 and 30 hours, in June after 48; one is open.
        for begun, solved in (
            ("2026-05-05 00:00:00", "2026-05-05 12:00:00"),
            ("2026-04-30 12:00:00", "2026-05-01 18:00:00"),
            ("2026-05-31 12:00:00", "2026-06-02 12:00:00"),
            ("2026-05-20 00:00:00", False),
        ):
            cls._record(category="incident", date=begun, date_solved=solved)
        cls._record(cls.jonas, date="2026-05-05 08:00:00")

    def _sum(self, code, employee=None):
        measure = self.env.ref(f"expat_kpi_connectors.measure_{code}")
        measure._refresh(*MAY)
        self.assertFalse(measure.error)
        return sum(
            amount
            for (who, day), amount in self._sums(measure).items()
            if who == (employee or self.lan) and MAY[0] <= day <= MAY[1]
        )

    def _actual(self, code, employee=None):
        indicator = self.env.ref(f"expat_kpi_connectors.indicator_{code}")
        indicator.measure_ids._refresh(*MAY)
        employee = employee or self.lan
        actual = indicator._actuals([(employee.id, employee.id, *MAY)])[indicator.id, employee.id]
        return getattr(actual.value, "value", actual.value)

    def test_visits_on_their_local_day(self):
        self.assertEqual(self._actual("record_visits_all"), 5)
        self.assertEqual(self._actual("record_visits_all", self.jonas), 1)
        self.assertEqual(self._actual("all_visits_qualified"), 3)

    def test_a_customer_counts_once(self):
        self.assertEqual(self._actual("all_visited_customers"), 2)

    def test_exhibitions_coordinations_and_incidents(self):
        self.assertEqual(self._actual("record_exhibitions"), 1)
        self.assertEqual(self._actual("record_coordinations"), 3)
        self.assertAlmostEqual(self._actual("record_coordinations_solved"), 200 / 3)
        self.assertEqual(self._sum("field_incidents"), 3)
        self.assertEqual(self._sum("field_incident_hours"), 42)
        self.assertEqual(self._actual("record_incident_hours"), 21)

    def test_nothing_begun_is_no_data(self):
        for code in ("coordinations_solved", "incident_hours"):
            self.assertEqual(
                type(self._value(code, self.jonas)).__name__, "NoData", f"{code} is no zero"
            )

    def _value(self, code, employee):
        indicator = self.env.ref(f"expat_kpi_connectors.indicator_record_{code}")
        indicator.measure_ids._refresh(*MAY)
        actuals = indicator._actuals([(employee.id, employee.id, *MAY)])
        return actuals[indicator.id, employee.id].value

    def test_check_ins(self):
        policy = self._policy()
        policy.with_user(self.lan.user_id).action_confirm(1)
        record = self._record(date="2026-05-20 03:00:00")
        self.assertEqual(self._actual("record_position_check_ins"), 0)
        record._keep_position(21.0, 105.8)
        self.assertEqual(self._actual("record_position_check_ins"), 1)
        self.env["expat.kpi.policy"]._erase(date(2028, 1, 1))
        self.assertEqual(self._actual("record_position_check_ins"), 1, "that it was stays known")

    def _meetings(self, *guests, count=1, **values):
        """Meetings of Lan's at 10 in the morning, from 21 May on."""
        start = datetime(2026, 5, 21, 3)
        partners = self.lan.user_id.partner_id.browse().union(
            self.lan.user_id.partner_id, self.jonas.user_id.partner_id, *guests
        )
        return self.env["calendar.event"].create(
            [
                {
                    "name": "Visit",
                    "start": start + timedelta(days=number),
                    "stop": start + timedelta(days=number, hours=1),
                    "user_id": self.lan.user_id.id,
                    "partner_ids": [Command.set(partners.ids)],
                    **values,
                }
                for number in range(count)
            ]
        )

    def test_an_event_in_calendar_and_record_counts_once(self):
        meetings = self._meetings(self.customer, count=3)
        start = meetings[0].start
        self.assertEqual(self._actual("record_visits_all"), 5 + 3)
        record = self._record(date=start, calendar_event_id=meetings[0].id)
        self.assertEqual(self._actual("record_visits_all"), 5 + 3, "one of them by its record")
        # Jonas was there too; his record does not take Lan's meeting from her.
        self._record(self.jonas, date=start, calendar_event_id=meetings[1].id)
        self.assertEqual(self._actual("record_visits_all"), 5 + 3)
        self.assertEqual(self._actual("record_visits_all", self.jonas), 2)
        record.active = False
        self.assertEqual(self._actual("record_visits_all"), 5 + 3, "the meeting counts again")
        meetings[0].unlink()
        self.assertEqual(self._actual("record_visits_all"), 5 + 2)

    def test_a_record_counts_on_its_own_day_and_not_on_that_of_its_meeting(self):
        meeting = self._meetings(self.customer)
        meeting.write({"start": "2026-05-31 16:30:00", "stop": "2026-05-31 16:45:00"})
        self.assertEqual(self._actual("record_visits_all"), 5 + 1)
        self._record(date="2026-05-31 17:10:00", calendar_event_id=meeting.id)  # June there
        self.assertEqual(self._actual("record_visits_all"), 5)

    def test_a_visit_is_qualified_by_its_record_or_its_meeting(self):
        before = self._actual("all_visits_qualified")
        noted, plain = self._meetings(self.customer, count=2)
        noted.notes = "<p>Needs 200</p>"
        self.assertEqual(self._actual("all_visits_qualified"), before + 1)
        record = self._record(date=noted.start, calendar_event_id=noted.id)
        self.assertFalse(record.is_qualified)
        self.assertEqual(
            self._actual("all_visits_qualified"), before + 1, "who logs it loses nothing"
        )
        self._record(date=plain.start, calendar_event_id=plain.id, need="Axles")
        self.assertEqual(self._actual("all_visits_qualified"), before + 2)
        self._record(self.jonas, date=noted.start, calendar_event_id=noted.id)
        self.assertEqual(self._actual("all_visits_qualified", self.jonas), 0, "not his notes")
        self.assertEqual(self._actual("all_visited_customers", self.jonas), 0, "nor his guests")

    def test_a_customer_in_the_calendar_and_in_a_record_is_one(self):
        contact = self.env["res.partner"].create({"name": "Mai", "parent_id": self.customer.id})
        third = self.env["res.partner"].create({"name": "Da Nang", "is_company": True})
        self.assertEqual(self._actual("all_visited_customers"), 2)
        self._meetings(contact)
        self.assertEqual(self._actual("all_visited_customers"), 2, "of a company that is known")
        meeting = self._meetings(self.customer, third)
        self.assertEqual(self._actual("all_visited_customers"), 3)
        # A record has one customer; the other guest of its meeting was visited as well.
        record = self._record(
            date=meeting.start, calendar_event_id=meeting.id, partner_id=contact.id
        )
        self.assertEqual(self._actual("all_visited_customers"), 3)
        meeting.attendee_ids.filtered(lambda one: one.partner_id == third).do_decline()
        self.assertEqual(self._actual("all_visited_customers"), 2)
        record.partner_id = third
        self.assertEqual(self._actual("all_visited_customers"), 3, "as the record says")

    def test_customers_merged_archived_and_deleted(self):
        twin, gone = self.env["res.partner"].create(
            [{"name": "Red River Ltd", "is_company": True}, {"name": "Gone", "is_company": True}]
        )
        record = self._record(date="2026-05-14 03:00:00", partner_id=twin.id)
        self._record(date="2026-05-15 03:00:00", partner_id=gone.id)
        self._meetings(twin)
        self.assertEqual(self._actual("all_visited_customers"), 4)
        visits = self._actual("record_visits_all")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer + twin).ids, self.customer
        )
        self.assertEqual(record.partner_id, self.customer)
        self.assertEqual(self._actual("all_visited_customers"), 3)
        self.customer.action_archive()
        self.assertEqual(self._actual("all_visited_customers"), 3, "archived, and was visited")
        gone.unlink()
        self.assertEqual(self._actual("all_visited_customers"), 2, "nobody knows which it was")
        self.assertEqual(self._actual("record_visits_all"), visits, "the visits were made")

    def test_the_records_of_a_person_are_read_from_an_index(self):
        for code in ("field_exhibitions", "field_incident_hours"):
            measure = self.env.ref(f"expat_kpi_connectors.measure_{code}")
            self.assertTrue(FactQuery(self.env, measure._definition()).has_index(), code)
