from odoo import api, fields, models

from ..tools.plan_sentences import check_finite


class ExpatKpiAdjustmentLine(models.Model):
    """One line of a plan as an adjustment would have it.

    Numbers are said for the whole period, as on the plan. Who may do what follows the
    adjustment.
    """

    _name = "expat.kpi.adjustment.line"
    _description = "Change in an Adjustment"
    _inherit = ["expat.kpi.terms"]
    _order = "adjustment_id, sequence, id"
    _rec_name = "indicator_id"

    adjustment_id = fields.Many2one(
        "expat.kpi.adjustment", required=True, index=True, ondelete="cascade"
    )
    employee_id = fields.Many2one(related="adjustment_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="adjustment_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [("change", "Change"), ("add", "Add"), ("drop", "Drop")],
        string="What",
        required=True,
        default="change",
    )
    indicator_id = fields.Many2one(
        "expat.kpi.indicator", required=True, index=True, ondelete="restrict"
    )
    unit = fields.Selection(related="indicator_id.unit")
    direction = fields.Selection(related="indicator_id.direction")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_finite(self.env, vals)
        lines = super().create(vals_list)
        lines.adjustment_id._check_own_draft()
        return lines

    def write(self, vals):
        check_finite(self.env, vals)
        self.adjustment_id._check_own_draft()
        result = super().write(vals)
        self.adjustment_id._check_own_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_own_draft(self):
        self.adjustment_id._check_own_draft()
