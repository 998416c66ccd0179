from odoo import fields, models
from odoo.tools import SQL


class ExpatKpiDelivery(models.Model):
    """Deliveries that were sent for sales orders, each transfer by itself.

    What comes back from a customer is none, whatever the type of its transfer: not every
    type has one for returns. A day is one of the calendar of the company: what leaves in
    the evening of the day promised is on time.
    """

    _name = "expat.kpi.delivery"
    _description = "Delivery"
    _inherit = "expat.kpi.source.view"
    _auto = False
    _log_access = False
    _records_fields = {"stock.picking": "id"}
    _tables_read = {"stock_picking": ("sale_id", "date_done"), "sale_order": ("date_order",)}

    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer Company", readonly=True)
    date_done = fields.Datetime("Delivered On", readonly=True)
    date_order = fields.Datetime("Order Confirmed On", readonly=True)
    date_need = fields.Datetime("Lead Created On", readonly=True)
    date_promised = fields.Datetime("Promised For", readonly=True)
    is_on_time = fields.Boolean("On Time", readonly=True)
    is_promised = fields.Boolean("With a Date Promised", readonly=True)
    is_backorder = fields.Boolean("Backorder", readonly=True)

    def _statement(self):
        need, lead = SQL("NULL::timestamp"), SQL()
        if self._has_columns("sale_order", "opportunity_id"):
            need = SQL("l.create_date")
            lead = SQL("LEFT JOIN crm_lead l ON l.id = o.opportunity_id")
        return SQL(
            """SELECT p.id, o.user_id, p.company_id, c.commercial_partner_id AS partner_id,
                      p.date_done, o.date_order, %s AS date_need,
                      p.date_deadline AS date_promised,
                      p.date_deadline IS NOT NULL AS is_promised,
                      p.backorder_id IS NOT NULL AS is_backorder,
                      COALESCE(
                          (p.date_done AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date
                          <= (p.date_deadline AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date,
                          FALSE) AS is_on_time
                 FROM stock_picking p
                 JOIN stock_picking_type t ON t.id = p.picking_type_id
                 JOIN stock_location origin ON origin.id = p.location_id
                 JOIN sale_order o ON o.id = p.sale_id
                 JOIN res_partner c ON c.id = o.partner_id
                 JOIN res_company company ON company.id = p.company_id
                 LEFT JOIN resource_calendar hours ON hours.id = company.resource_calendar_id
                 CROSS JOIN LATERAL (SELECT COALESCE(hours.tz, 'UTC')) zone(tz)
                 %s
                WHERE p.state = 'done' AND t.code IN ('outgoing', 'dropship')
                  AND origin.usage <> 'customer'""",
            need,
            lead,
        )
