from datetime import date

from odoo.tests import freeze_time, tagged

from .ready_common import ReadyCase


@tagged("post_install", "-at_install")
class TestReadyAttendance(ReadyCase):
    def _attend(self, check_in, check_out=None, employee=None):
        attendance = self.env["hr.attendance"].create(
            {"employee_id": (employee or self.lan).id, "check_in": check_in}
        )
        if check_out:
            attendance.check_out = check_out
        return attendance

    def test_days_are_those_of_the_place(self):
        # Hanoi: twice on the 4th, once at 23:30 on the 5th until 01:30 on the 6th
        self._attend("2026-05-04 01:00:00", "2026-05-04 04:00:00")
        self._attend("2026-05-04 06:00:00", "2026-05-04 10:00:00")
        self._attend("2026-05-05 16:30:00", "2026-05-05 18:30:00")
        self.assertEqual(self._actual("attendance_days"), 2)
        self.assertEqual(self._actual("check_ins"), 3)
        self.assertEqual(self._days("attendance_days"), {date(2026, 5, 4): 1, date(2026, 5, 5): 1})
        # a team's days are those of each of its members
        self._attend("2026-05-04 01:00:00", "2026-05-04 04:00:00", self.jonas)
        self.assertEqual(self._actual("attendance_days", self.lan + self.jonas), 3)

    def test_hours(self):
        first = self._attend("2026-05-02 13:00:00", "2026-05-02 15:30:00")
        second = self._attend("2026-05-03 13:00:00", "2026-05-03 14:00:00")
        self.assertEqual(self._actual("attendance_hours"), first.worked_hours + second.worked_hours)
        self.assertGreater(first.worked_hours, 0)
        self._attend("2026-05-09 13:00:00")  # still there
        self.assertEqual(self._actual("attendance_hours"), first.worked_hours + second.worked_hours)

    def test_only_abroad(self):
        self.lan.posting_ids.date_to = "2026-05-04"
        self._attend("2026-05-04 01:00:00", "2026-05-04 04:00:00")
        self._attend("2026-05-06 01:00:00", "2026-05-06 04:00:00")
        self.assertEqual(self._actual("attendance_days"), 1)

    def test_an_absence_that_odoo_notes_down_is_none(self):
        """Where absences are managed, Odoo checks the absent in and out for a second."""
        self._attend("2026-05-04 01:00:00", "2026-05-04 04:00:00")
        self.company_a.absence_management = True
        self.lan.contract_date_start = "2026-01-01"
        with freeze_time("2026-05-13 06:00:00"):
            self.env["hr.attendance"]._cron_absence_detection()
        self.assertEqual(
            self.lan.attendance_ids.mapped("in_mode").count("technical"), 1, "Lan was away"
        )
        self.assertEqual(self._actual("attendance_days"), 1)
        self.assertEqual(self._actual("check_ins"), 1)
