from odoo import fields, models


class ExpatKpiTemplatePackLine(models.TransientModel):
    """A line that the template would have, or why it would not."""

    _name = "expat.kpi.template.pack.line"
    _description = "Line of the Template Pack"
    _order = "pack_id, sequence, id"

    pack_id = fields.Many2one(
        "expat.kpi.template.pack", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer()
    name = fields.Char(string="What Counts", readonly=True)
    indicator_id = fields.Many2one("expat.kpi.indicator", readonly=True, ondelete="cascade")
    unit = fields.Selection(related="indicator_id.unit")
    target = fields.Float(aggregator=None, digits=(16, 1), readonly=True)
    target_per = fields.Selection(
        [("period", "the whole period"), ("month", "a month")], string="Target For", readonly=True
    )
    weight = fields.Float(digits=(6, 2), readonly=True)
    reason = fields.Char(string="Left Out", readonly=True)
