from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import models
from odoo.tools.intervals import Intervals


class ExpatPosting(models.Model):
    """Which days are worked where somebody is posted."""

    _inherit = "expat.posting"

    def _working_days(self, span):
        """The working days of the host calendars in a span, public holidays left out.

        Inside the posting and outside of it alike. Each calendar is asked once, for
        all postings in the same zone.

        :return: {posting: frozenset of local days}
        """
        # sudo: resource.calendar – hours and public holidays are no secret
        postings = self.sudo()
        by_place = defaultdict(lambda: self.browse())
        for posting, own in zip(postings, self, strict=True):
            calendar = (
                posting.resource_calendar_id
                or posting.employee_id.resource_calendar_id
                or posting.company_id.resource_calendar_id
            )
            by_place[calendar, posting.tz] += own
        result = {}
        for (calendar, zone), there in by_place.items():
            days = self._calendar_days(calendar, zone, span)
            result.update(dict.fromkeys(there, days))
        return result

    def _calendar_days(self, calendar, zone, span):
        return frozenset(
            begin.date() for begin, _end, _meta in self._work_intervals(calendar, zone, span)
        )

    def _work_intervals(self, calendar, zone, span):
        """When work is done in a span by a calendar's hours, public holidays left out.

        :param calendar: none, or one of flexible hours, which name no days: Monday to Friday
        """
        tz = pytz.timezone(zone)
        start = tz.localize(datetime.combine(span.date_from, time.min))
        stop = tz.localize(datetime.combine(span.date_to + timedelta(days=1), time.min))
        # Holidays of this calendar only: one without a calendar is the headquarters'.
        holidays = [
            ("time_type", "=", "leave"),
            ("calendar_id", "=", calendar.id),
            ("resource_id", "=", False),
        ]
        if calendar and not calendar.flexible_hours:
            return calendar._work_intervals_batch(start, stop, domain=holidays, tz=tz)[False]
        work = Intervals(
            (
                tz.localize(datetime.combine(day, time(8))),
                tz.localize(datetime.combine(day, time(17))),
                calendar,
            )
            for day in span
            if day.weekday() < 5
        )
        if calendar:
            work -= calendar._leave_intervals_batch(start, stop, domain=holidays, tz=tz)[False]
        return work
