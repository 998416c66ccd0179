from odoo import fields, models


class ExpatPosting(models.Model):
    _inherit = "expat.posting"

    property_set_id = fields.Many2one(
        related="company_id.expat_kpi_property_set_id",
        string="Own Fields of the Company",
        store=True,
    )
    posting_properties = fields.Properties(
        "Own Fields", definition="property_set_id.posting_properties", precompute=False
    )
