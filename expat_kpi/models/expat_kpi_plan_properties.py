from odoo import fields, models


class ExpatKpiPlan(models.Model):
    _inherit = "expat.kpi.plan"

    property_set_id = fields.Many2one(
        related="company_id.expat_kpi_property_set_id",
        string="Own Fields of the Company",
        store=True,
    )
    plan_properties = fields.Properties(
        "Own Fields", definition="property_set_id.plan_properties", precompute=False
    )
