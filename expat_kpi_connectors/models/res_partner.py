from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_expat_kpi_log(self):
        self.ensure_one()
        return self.env["expat.kpi.record"]._action_log(
            partner_id=self.id, place=self.city or self.commercial_partner_id.city
        )
