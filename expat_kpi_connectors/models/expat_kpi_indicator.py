from odoo import fields, models


class ExpatKpiIndicator(models.Model):
    _inherit = "expat.kpi.indicator"

    retired_by = fields.Char(
        string="Application Missing",
        readonly=True,
        copy=False,
        help="The application that this ready indicator reads, while it is not installed.",
    )
