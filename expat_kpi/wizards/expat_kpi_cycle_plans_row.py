from odoo import fields, models


class ExpatKpiCyclePlansRow(models.TransientModel):
    """One employee on the page after plans were created."""

    _name = "expat.kpi.cycle.plans.row"
    _description = "Plan Created or Left Out"
    _order = "page_id, reason, employee_id, id"

    page_id = fields.Many2one(
        "expat.kpi.cycle.plans", required=True, readonly=True, index=True, ondelete="cascade"
    )
    employee_id = fields.Many2one("hr.employee", readonly=True, ondelete="cascade")
    plan_id = fields.Many2one("expat.kpi.plan", readonly=True, ondelete="cascade")
    template_id = fields.Many2one("expat.kpi.template", readonly=True, ondelete="set null")
    note = fields.Char(readonly=True)
    reason = fields.Selection(
        [
            ("has_plan", "Has a plan on some of these days already"),
            ("no_posting", "Is not posted in this period"),
            ("no_manager", "Has no manager to agree with; enter one on the employee"),
            ("no_template", "No template fits role and region; make one or choose one here"),
            ("empty_template", "The template has no lines"),
            ("template_weights", "The weights of the template are not 100"),
            ("no_working_days", "The posting has no working day in this period"),
        ],
        string="Why",
        readonly=True,
    )

    def action_open_plan(self):
        self.ensure_one()
        return self.plan_id.get_formview_action()
