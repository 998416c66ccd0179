from odoo import fields, models


class ExpatPosting(models.Model):
    _inherit = "expat.posting"

    posting_properties = fields.Properties(
        "Own Fields", definition="company_id.expat_posting_properties", precompute=False
    )
