"""The days of the story, all of them counted from today."""

from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import fields


class Days:
    """The quarter under way, and the four before it.

    Whatever happened in a quarter is spread over its days; over those until yesterday in the one
    under way, and all on its first day as long as there is no other.
    """

    def __init__(self, env):
        self.today = fields.Date.today()
        self.now = fields.Datetime.now()
        self.quarter = env.ref("expat_kpi.cycle_quarter").date_from
        # Southeast Asia grows from the second month on. Ten days ago raw-material prices jumped;
        # where that was not in the second month, on its first day or on the third one's.
        self.growth = self.quarter + relativedelta(months=1)
        self.event = min(
            max(self.today - timedelta(days=10), self.growth),
            self.quarter + relativedelta(months=2),
        )

    def start(self, ago):
        """First day of the quarter so many quarters ago."""
        return self.quarter - relativedelta(months=3 * ago)

    def spread(self, ago, count, within=None):
        """So many days, evenly over a quarter: weekdays where that stays in it.

        :param within: only this many days from its start
        """
        first = self.start(ago)
        length = (self.today - first).days if not ago else (self.start(ago - 1) - first).days
        length = min(length, within or length)
        for place in range(count):
            day = first + timedelta(days=place * length // count)
            weekday = day - timedelta(days=max(0, day.weekday() - 4))
            yield max(weekday, first)

    def months(self, count):
        """First days of the last so many months, the present one last."""
        this = self.today.replace(day=1)
        return [this - relativedelta(months=back) for back in range(count - 1, -1, -1)]

    def moment(self, day, zone, hour, minute=0):
        """A time of day in a zone, as naive UTC."""
        local = pytz.timezone(zone).localize(datetime.combine(day, time(hour, minute)))
        return local.astimezone(pytz.utc).replace(tzinfo=None)
