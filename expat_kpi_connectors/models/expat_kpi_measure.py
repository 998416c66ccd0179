from odoo import fields, models


class ExpatKpiMeasure(models.Model):
    _name = "expat.kpi.measure"
    _inherit = ["expat.kpi.measure", "expat.kpi.ready"]

    retired_by = fields.Char(
        string="Application Missing",
        readonly=True,
        copy=False,
        help="The application that this ready measure reads, while it is not installed.",
    )
