"""Actuals of generated meetings against a plain computation from the raw rows."""

import random
from collections import Counter
from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import tagged

from odoo.addons.expat_kpi.engine.periods import Span, local_day
from odoo.addons.expat_kpi_connectors.tests.common import ODD_ZONES, ExpatCase

SPAN = Span(date(2025, 11, 1), date(2026, 10, 31))


@tagged("post_install", "-at_install")
class TestOracleGenerated(ExpatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.expats + cls.env["hr.employee"].union(
            *[cls._create_employee(f"o{n}", "vn", zone) for n, zone in enumerate(ODD_ZONES)]
        )
        cls.visits = cls._measure(
            "oracle_visits",
            cls.event_source,
            owner="partner_ids",
            day="start",
            domain="[('duration', '>=', 0.5)]",
        )
        cls.hours = cls._measure(
            "oracle_hours",
            cls.event_source,
            owner="partner_ids",
            day="start",
            domain="[('duration', '>=', 0.5)]",
            aggregate="duration",
            start="start",
            end="stop",
            duration_unit="hours",
        )
        cls.indicators = cls.env["expat.kpi.indicator"].create(
            [
                {"name": code, "code": code, "formula": formula, "company_id": cls.company_a.id}
                for code, formula in (
                    ("oracle_number", "oracle_visits"),
                    ("oracle_length", "oracle_hours / oracle_visits"),
                )
            ]
        )
        chance = random.Random(42)
        first = datetime(2025, 10, 28)
        values = []
        for number in range(400):
            start = first + timedelta(minutes=chance.randrange(372 * 1440))
            allday = chance.random() < 0.2
            guests = chance.sample(list(cls.people), chance.choice([1, 1, 2, 4]))
            values.append(
                {
                    "name": f"Meeting {number}",
                    "allday": allday,
                    "start": start,
                    "stop": start + timedelta(minutes=chance.choice([10, 30, 45, 240])),
                    **({"start_date": start.date(), "stop_date": start.date()} if allday else {}),
                    "active": chance.random() < 0.95,
                    "privacy": chance.choice(["public", "private", "confidential"]),
                    "user_id": False,
                    "partner_ids": [Command.set([g.user_id.partner_id.id for g in guests])],
                }
            )
        cls.env["calendar.event"].create(values)
        (cls.visits + cls.hours)._refresh(SPAN.date_from, SPAN.date_to)

    def _raw_rows(self):
        """(partner, start, stop, all-day date), straight from the tables."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT rel.res_partner_id, e.start, e.stop, e.allday, e.start_date
                 FROM calendar_event e
                 JOIN calendar_event_res_partner_rel rel ON rel.calendar_event_id = e.id
                WHERE e.active AND e.duration >= 0.5"""
        )
        return self.env.cr.fetchall()

    def test_every_employee_and_month(self):
        people = {person.user_id.partner_id.id: person for person in self.people}
        zones = {person: self._zone(person) for person in self.people}
        number, hours = Counter(), Counter()
        for partner, start, stop, allday, start_date in self._raw_rows():
            person = people.get(partner)
            if not person:
                continue
            day = start_date if allday else local_day(start, zones[person])
            cell = person.id, day.year, day.month
            number[cell] += 1
            hours[cell] += (stop - start).total_seconds() / 3600
        cells = [
            (
                (person.id, month.date_from.year, month.date_from.month),
                person.id,
                month.date_from,
                month.date_to,
            )
            for person in self.people
            for month in SPAN.months()
        ]
        actuals = self.indicators._actuals(cells)
        visits, length = self.indicators
        self.assertGreater(len(number), 100)
        for key, *_rest in cells:
            self.assertEqual(actuals[visits.id, key].value.value, number[key])
            mean = actuals[length.id, key].value
            if number[key]:
                self.assertAlmostEqual(mean.value, hours[key] / number[key], places=6)
            else:
                self.assertEqual(mean.reason, "empty_denominator")
