from odoo import api, fields, models


class ExpatKpiPlan(models.Model):
    _inherit = "expat.kpi.plan"

    is_own_plan = fields.Boolean(compute="_compute_is_own_plan")

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_is_own_plan(self):
        for plan in self:
            # sudo: hr.employee – whether it is the reader
            plan.is_own_plan = plan.employee_id.sudo().user_id == self.env.user
