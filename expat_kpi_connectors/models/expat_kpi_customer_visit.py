from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.expat_kpi.tools.fact_owner import who

# Whether something is said in a note of HTML: never what.
NOTED = SQL(r"regexp_replace(COALESCE(e.notes, ''), '<[^>]*>|&nbsp;|\s', '', 'g') <> ''")
# The local day of a meeting, where the organizer is posted
LOCAL_DAY = SQL(
    """COALESCE(e.start_date, timezone(COALESCE((
           SELECT tz FROM expat_posting
            WHERE employee_id = o.employee_id
              AND e.start::date BETWEEN date_from AND COALESCE(date_to, 'infinity')), 'UTC'),
           timezone('UTC', e.start))::date)"""
)


class ExpatKpiCustomerVisit(models.Model):
    """Customer visits, each once, be it in the calendar, logged, or both.

    A visit has a row for each customer who was there, so that what is counted are
    different visits, or different customers. It is

    * what was logged in the field, on its own time, with the customer of the record
      and, where it is of an own meeting, the guests of that;
    * a meeting of the organizer's with a contact outside the company, unless the
      organizer logged it.

    What was archived, was declined or is not over has a row that is not active and
    says why. Told is whether there are internal notes, never what they say. The
    description of a meeting is no note: Odoo itself writes into it whom one meets.
    """

    _name = "expat.kpi.customer.visit"
    _description = "Customer Visit, Logged or in the Calendar"
    _inherit = "expat.kpi.source.view"
    _auto = False
    _log_access = False
    _records_fields = {"expat.kpi.record": "record_id", "calendar.event": "event_id"}
    _left_out_field = "left_out"

    active = fields.Boolean(readonly=True)
    left_out = fields.Selection(
        [
            ("declined", "declined by the customer"),
            ("cancelled", "cancelled in the calendar"),
            ("planned", "not over yet"),
        ],
        "Why Not",
        readonly=True,
    )
    visit = fields.Integer(readonly=True)
    record_id = fields.Many2one("expat.kpi.record", "Field Record", readonly=True)
    event_id = fields.Many2one("calendar.event", "Meeting", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    start = fields.Datetime(readonly=True)
    start_date = fields.Date("Day of a Whole-day Meeting", readonly=True)
    partner_id = fields.Many2one("res.partner", "Visited Company", readonly=True)
    opportunity_id = fields.Many2one("crm.lead", readonly=True)
    is_qualified = fields.Boolean("Qualified", readonly=True)
    is_logged = fields.Boolean("Logged", readonly=True)
    is_online = fields.Boolean("With a Video Call", readonly=True)

    def _statement(self):
        return SQL("%s UNION ALL %s UNION ALL %s", self._logged(), self._guests(), self._meetings())

    def _record_columns(self):
        """What rows of a field record `r` and its meeting `e`, if any, have in common."""
        return SQL(
            """r.id * 2 + 1 AS visit, r.id AS record_id, r.calendar_event_id AS event_id,
               r.employee_id, r.company_id, r.date AS start, NULL::date AS start_date,
               p.commercial_partner_id AS partner_id,
               COALESCE(r.lead_id, e.opportunity_id) AS opportunity_id,
               r.is_qualified OR COALESCE(
                   r.is_own_event AND (e.opportunity_id IS NOT NULL OR %s), FALSE) AS is_qualified,
               TRUE AS is_logged, COALESCE(e.videocall_location, '') <> '' AS is_online""",
            NOTED,
        )

    def _logged(self):
        """Records with their customer, or without any."""
        return SQL(
            """SELECT r.id::bigint << 32 AS id, r.active, NULL::varchar AS left_out, %s
                 FROM expat_kpi_record r
                 LEFT JOIN calendar_event e ON e.id = r.calendar_event_id
                 LEFT JOIN res_partner p ON p.id = r.partner_id
                WHERE r.category = 'visit'""",
            self._record_columns(),
        )

    def _guests(self):
        """Records with each guest of a meeting that the person organized."""
        return SQL(
            """SELECT (r.id::bigint << 32) + a.id::bigint * 2 AS id, r.active,
                      NULL::varchar AS left_out, %s
                 FROM expat_kpi_record r
                 JOIN calendar_event e ON e.id = r.calendar_event_id
                 JOIN calendar_attendee a ON a.event_id = e.id
                 JOIN res_partner p ON p.id = a.partner_id
                WHERE r.category = 'visit' AND r.is_own_event AND e.active AND p.partner_share
                  AND COALESCE(a.state, '') <> 'declined'""",
            self._record_columns(),
        )

    def _meetings(self):
        """Meetings with each guest, for the organizer: who was an employee on that day, or one
        in each of several companies, or none."""
        return SQL(
            """SELECT (COALESCE(o.employee_id, 0)::bigint << 32) + a.id::bigint * 2 + 1 AS id,
                      why.left_out IS NULL AS active, why.left_out, e.id * 2 AS visit,
                      NULL::int AS record_id, e.id AS event_id,
                      o.employee_id, o.company_id, e.start, e.start_date,
                      p.commercial_partner_id AS partner_id, e.opportunity_id,
                      e.opportunity_id IS NOT NULL OR %s AS is_qualified,
                      FALSE AS is_logged, COALESCE(e.videocall_location, '') <> '' AS is_online
                 FROM calendar_event e
                 JOIN calendar_attendee a ON a.event_id = e.id
                 JOIN res_partner p ON p.id = a.partner_id
                 LEFT JOIN %s o ON o.owner = e.user_id
                  AND (o.date_from = '-infinity' AND o.date_to = 'infinity'
                       OR %s BETWEEN o.date_from AND o.date_to)
                CROSS JOIN LATERAL (
                      SELECT CASE WHEN e.active IS NOT TRUE THEN 'cancelled'
                                  WHEN a.state = 'declined' THEN 'declined'
                                  WHEN e.stop > now() AT TIME ZONE 'UTC' THEN 'planned' END
                      ) why(left_out)
                WHERE p.partner_share
                  AND NOT EXISTS (SELECT FROM expat_kpi_record r
                                   WHERE r.calendar_event_id = e.id AND r.active
                                     AND r.is_own_event AND r.category = 'visit')""",
            NOTED,
            who("res.users"),
            LOCAL_DAY,
        )
