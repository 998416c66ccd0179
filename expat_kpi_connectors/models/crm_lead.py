from odoo import models


class CrmLead(models.Model):
    """Indexes from which the shipped measures of opportunities are read.

    Each expat's time is one range of them, and no row of the table is visited.
    """

    _inherit = "crm.lead"

    # Leads that are not closed, most of those that are worked on, are not in it.
    _expat_kpi_closed = models.Index(
        "(user_id, date_closed) INCLUDE (won_status, type, active, company_id, create_date,"
        " partner_id) WHERE date_closed IS NOT NULL"
    )
    _expat_kpi_converted = models.Index(
        "(user_id, date_conversion) INCLUDE (type, active, company_id)"
        " WHERE date_conversion IS NOT NULL"
    )

    def action_expat_kpi_log(self):
        self.ensure_one()
        return self.env["expat.kpi.record"]._action_log(
            lead_id=self.id, partner_id=self.partner_id.id, place=self.city or self.partner_id.city
        )
