from odoo import models


class CalendarEvent(models.Model):
    """An index from which the shipped measures of meetings are read.

    Each expat's time is one range of it, and no row of the table is visited.
    """

    _inherit = "calendar.event"

    _expat_kpi_start = models.Index(
        "(user_id, start) INCLUDE (start_date, opportunity_id, active) WHERE user_id IS NOT NULL"
    )
