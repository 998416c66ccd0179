from odoo import models


class ProjectTask(models.Model):
    _inherit = "project.task"

    def action_expat_kpi_log(self):
        self.ensure_one()
        return self.env["expat.kpi.record"]._action_log(
            task_id=self.id, partner_id=self.partner_id.id, place=self.partner_id.city
        )
