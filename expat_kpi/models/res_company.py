from odoo import fields, models


class ResCompany(models.Model):
    """The fields of a customer's own industry; each record fills them in."""

    _inherit = "res.company"

    expat_kpi_indicator_properties = fields.PropertiesDefinition("Indicator Properties")
    expat_kpi_plan_properties = fields.PropertiesDefinition("KPI Plan Properties")
    expat_posting_properties = fields.PropertiesDefinition("Posting Properties")
