from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ExpatKpiCycle(models.Model):
    """A round of plans for one period: the third quarter of 2026.

    HR officers keep cycles; everybody in the company may read them.
    """

    _name = "expat.kpi.cycle"
    _description = "Cycle"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(string="From", required=True, tracking=True)
    date_to = fields.Date(string="To", required=True, tracking=True)
    plan_ids = fields.One2many("expat.kpi.plan", "cycle_id", string="KPI Plans")
    plan_count = fields.Integer(compute="_compute_plan_count")

    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A cycle cannot end before it begins."
    )

    @api.depends("plan_ids")
    def _compute_plan_count(self):
        counts = dict(
            self.env["expat.kpi.plan"]._read_group(
                [("cycle_id", "in", self.ids)], ["cycle_id"], ["__count"]
            )
        )
        for cycle in self:
            cycle.plan_count = counts.get(cycle, 0)

    @api.constrains("date_from", "date_to")
    def _check_plans_inside(self):
        for cycle in self:
            outside = cycle.plan_ids.filtered(
                lambda plan, cycle=cycle: (
                    plan.date_from < cycle.date_from or plan.date_to > cycle.date_to
                )
            )
            if outside:
                raise ValidationError(
                    self.env._(
                        "The plan of %(employee)s has days outside these.",
                        employee=outside[0].employee_id.name,
                    )
                )

    def action_open_plans(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("expat_kpi.expat_kpi_plan_action")
        action["domain"] = [("cycle_id", "=", self.id)]
        action["context"] = {"default_cycle_id": self.id}
        return action
