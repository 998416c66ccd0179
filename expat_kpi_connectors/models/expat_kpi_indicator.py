from odoo import fields, models


class ExpatKpiIndicator(models.Model):
    _name = "expat.kpi.indicator"
    _inherit = ["expat.kpi.indicator", "expat.kpi.ready"]

    retired_by = fields.Char(
        string="Application Missing",
        readonly=True,
        copy=False,
        help="The application that this ready indicator reads, while it is not installed.",
    )
