from odoo import models


class ExpatKpiPlan(models.Model):
    """A plan on paper: as PDF, or as a page that the browser prints."""

    _inherit = "expat.kpi.plan"

    def action_print(self):
        self.check_access("read")
        report = self.env["ir.actions.report"]
        if report.get_wkhtmltopdf_state() in ("ok", "upgrade"):
            return self.env.ref("expat_kpi.report_plan_action").report_action(self)
        ids = ",".join(str(plan.id) for plan in self)
        return {
            "type": "ir.actions.act_url",
            "url": f"/report/html/expat_kpi.report_plan/{ids}",
            "target": "new",
        }
