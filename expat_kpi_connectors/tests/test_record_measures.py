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
        indicator = self.env.ref(f"expat_kpi_connectors.indicator_record_{code}")
        indicator.measure_ids._refresh(*MAY)
        employee = employee or self.lan
        actual = indicator._actuals([(employee.id, employee.id, *MAY)])[indicator.id, employee.id]
        return getattr(actual.value, "value", actual.value)

    def test_visits_on_their_local_day(self):
        self.assertEqual(self._actual("visits_logged"), 5)
        self.assertEqual(self._actual("visits_logged", self.jonas), 1)
        self.assertEqual(self._actual("visits_logged_qualified"), 3)

    def test_a_customer_counts_once(self):
        self.assertEqual(self._actual("customers_logged"), 2)

    def test_exhibitions_coordinations_and_incidents(self):
        self.assertEqual(self._actual("exhibitions"), 1)
        self.assertEqual(self._actual("coordinations"), 3)
        self.assertAlmostEqual(self._actual("coordinations_solved"), 200 / 3)
        self.assertEqual(self._sum("field_incidents"), 3)
        self.assertEqual(self._sum("field_incident_hours"), 42)
        self.assertEqual(self._actual("incident_hours"), 21)

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
        self.assertEqual(self._actual("position_check_ins"), 0)
        record._keep_position(21.0, 105.8)
        self.assertEqual(self._actual("position_check_ins"), 1)
        self.env["expat.kpi.policy"]._erase(date(2028, 1, 1))
        self.assertEqual(self._actual("position_check_ins"), 1, "that there was one stays known")

    def test_an_event_in_calendar_and_record_counts_once(self):
        start = datetime(2026, 5, 21, 3)
        partners = self.lan.user_id.partner_id + self.jonas.user_id.partner_id + self.customer
        meetings = self.env["calendar.event"].create(
            [
                {
                    "name": "Visit",
                    "start": start + timedelta(days=number),
                    "stop": start + timedelta(days=number, hours=1),
                    "user_id": self.lan.user_id.id,
                    "partner_ids": [Command.set(partners.ids)],
                }
                for number in range(3)
            ]
        )
        self.assertEqual(self._actual("visits_all"), 5 + 3)
        record = self._record(date=start, calendar_event_id=meetings[0].id)
        self.assertEqual(self._actual("visits_all"), 5 + 3, "one of them by its record")
        self.assertEqual(self._sum("field_visits"), 6)
        # Jonas was there too; his record does not take Lan's meeting from her.
        self._record(self.jonas, date=start, calendar_event_id=meetings[1].id)
        self.assertEqual(self._actual("visits_all"), 5 + 3)
        self.assertEqual(self._actual("visits_all", self.jonas), 2)
        record.active = False
        self.assertEqual(self._actual("visits_all"), 5 + 3, "the meeting counts again")
        self.assertEqual(self._sum("field_visits"), 5)
        meetings[0].unlink()
        self.assertEqual(self._actual("visits_all"), 5 + 2)

    def test_the_records_of_a_person_are_read_from_an_index(self):
        for code in ("field_visits", "field_incident_hours"):
            measure = self.env.ref(f"expat_kpi_connectors.measure_{code}")
            self.assertTrue(FactQuery(self.env, measure._definition()).has_index(), code)
