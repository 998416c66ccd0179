from odoo import fields, models
from odoo.tools import SQL


class ExpatKpiVisit(models.Model):
    """Meetings that took place, one row for each contact outside the company who was asked.

    For what plans agreed on before visits of the calendar and of field records became one
    (`expat.kpi.customer.visit`), and for HR's own measures of then; a new database has none.

    Told is whether there are internal notes, never what they say. The description is no
    note: Odoo itself writes into it whom one meets.
    """

    _name = "expat.kpi.visit"
    _description = "Customer Visit"
    _inherit = "expat.kpi.source.view"
    _auto = False
    _log_access = False
    _records_fields = {"calendar.event": "event_id"}

    event_id = fields.Many2one("calendar.event", "Meeting", readonly=True)
    user_id = fields.Many2one("res.users", "Organizer", readonly=True)
    start = fields.Datetime(readonly=True)
    start_date = fields.Date("Day of a Whole-day Meeting", readonly=True)
    partner_id = fields.Many2one("res.partner", "Visited Company", readonly=True)
    opportunity_id = fields.Many2one("crm.lead", readonly=True)
    has_note = fields.Boolean("With a Note", readonly=True)
    is_online = fields.Boolean("With a Video Call", readonly=True)
    has_record = fields.Boolean("Logged by its Organizer", readonly=True)

    def _statement(self):
        return SQL(
            r"""SELECT a.id, e.id AS event_id, e.user_id, e.start, e.start_date, e.opportunity_id,
                       p.commercial_partner_id AS partner_id,
                       regexp_replace(COALESCE(e.notes, ''),
                                      '<[^>]*>|&nbsp;|\s', '', 'g') <> '' AS has_note,
                       COALESCE(e.videocall_location, '') <> '' AS is_online,
                       EXISTS (SELECT FROM expat_kpi_record r
                                WHERE r.calendar_event_id = e.id AND r.active AND r.is_own_event
                                  AND r.category = 'visit') AS has_record
                  FROM calendar_event e
                  JOIN calendar_attendee a ON a.event_id = e.id
                  JOIN res_partner p ON p.id = a.partner_id
                 WHERE e.active AND p.partner_share
                   AND COALESCE(a.state, '') <> 'declined'
                   AND e.stop <= now() AT TIME ZONE 'UTC'"""
        )
