from odoo import fields, models


class ExpatKpiPlan(models.Model):
    _inherit = "expat.kpi.plan"

    plan_properties = fields.Properties(
        "Own Fields", definition="company_id.expat_kpi_plan_properties", precompute=False
    )
