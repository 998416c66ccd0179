from datetime import datetime, time

import pytz

from odoo import fields, models


class CalendarEvent(models.Model):
    """An index from which the shipped measures of meetings are read.

    Each expat's time is one range of it, and no row of the table is visited.

    A meeting of which its owner made a field record is told by that record: conditions
    on `expat_kpi_record_ids` look it up there, and nothing is written in the calendar.
    """

    _inherit = "calendar.event"

    _expat_kpi_start = models.Index(
        "(user_id, start) INCLUDE (start_date, opportunity_id, active) WHERE user_id IS NOT NULL"
    )

    expat_kpi_record_ids = fields.One2many(
        "expat.kpi.record",
        "calendar_event_id",
        string="Field Record of its Owner",
        domain=[("is_own_event", "=", True), ("active", "=", True)],
    )

    def action_expat_kpi_log(self):
        """The field record of this meeting: the one that is there, or a new one."""
        self.ensure_one()
        records = self.env["expat.kpi.record"]
        known = records.search(
            [
                ("calendar_event_id", "=", self.id),
                ("employee_id", "=", self.env.user.employee_id.id),
            ],
            limit=1,
        )
        if known:
            return known._get_records_action()
        now = fields.Datetime.now()
        start, stop = self.start, self.stop
        if self.allday:
            # Stored as hours of nowhere: take the morning where the person is on that day.
            zone = pytz.timezone(records._zone_on(self.env.user.employee_id, self.start_date))
            morning = zone.localize(datetime.combine(self.start_date, time(9)))
            start, stop = morning.astimezone(pytz.utc).replace(tzinfo=None), False
        customer = self.opportunity_id.partner_id or self.partner_ids.filtered("partner_share")[:1]
        return records._action_log(
            calendar_event_id=self.id,
            partner_id=customer.id,
            lead_id=self.opportunity_id.id,
            date=min(start, now),
            date_end=stop if stop and stop <= now else False,
            place=self.location,
        )
