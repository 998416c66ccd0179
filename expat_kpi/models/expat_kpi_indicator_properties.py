from odoo import fields, models


class ExpatKpiIndicator(models.Model):
    _inherit = "expat.kpi.indicator"

    indicator_properties = fields.Properties(
        "Own Fields",
        definition="company_id.expat_kpi_indicator_properties",
        precompute=False,
    )
