from odoo import fields, models


class ExpatKpiIndicator(models.Model):
    _inherit = "expat.kpi.indicator"

    property_set_id = fields.Many2one(
        related="company_id.expat_kpi_property_set_id",
        string="Own Fields of the Company",
        store=True,
    )
    indicator_properties = fields.Properties(
        "Own Fields", definition="property_set_id.indicator_properties", precompute=False
    )
