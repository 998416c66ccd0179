from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .common import ExpatCase


@tagged("post_install", "-at_install")
class TestMeasureTour(ExpatCase, HttpCase):
    """HR makes a measure in the browser, without any right on meetings of others."""

    browser_size = "1366x768"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wang.write({"tz": "UTC", "lang": "en_US"})
        cls.lan.name = "Nguyen Thi Lan"
        (cls.jonas + cls.maria).posting_ids.unlink()
        customers = cls.env["res.partner"].create([{"name": "Vinfast"}, {"name": "Thaco"}])
        cls.first = first = fields.Date.today().replace(day=1)
        after = fields.Date.add(first, months=1)
        last = fields.Date.subtract(after, days=1)
        rows = (
            ("Visit to Thaco", first.replace(day=3), 3, 0, 60, customers[1]),
            # 23:00 in Hanoi on the last day of the month
            ("Dinner with Vinfast", last, 16, 0, 90, customers[0]),
            ("Short call", first.replace(day=4), 3, 0, 15, customers[0]),
            ("Internal review", first.replace(day=5), 3, 0, 120, customers.browse()),
            # 00:30 in Hanoi on the first day of the next month
            ("Late dinner", last, 17, 30, 60, customers[0]),
        )
        for name, day, hour, minute, minutes, customer in rows:
            start = datetime(day.year, day.month, day.day, hour, minute)
            cls.env["calendar.event"].create(
                {
                    "name": name,
                    "start": start,
                    "stop": start + timedelta(minutes=minutes),
                    "user_id": cls.lan.user_id.id,
                    "partner_ids": [Command.set((cls.lan.user_id.partner_id + customer).ids)],
                }
            )

    def test_hr_makes_a_measure_from_nothing(self):
        self.start_tour("/odoo/expat-kpi-measures/new", "expat_kpi_measure", login="kpi_wang")
        measure = self.env["expat.kpi.measure"].search([("code", "=", "long_visits")])
        self.assertEqual(measure.create_uid, self.wang)
        self.assertEqual(measure.version_id.number, 1)
        measure._refresh()
        days = [day for employee, day in self._sums(measure) if employee == self.lan]
        self.assertEqual(sum(day.month == self.first.month for day in days), 2)
