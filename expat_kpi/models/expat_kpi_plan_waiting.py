from odoo import api, fields, models


class ExpatKpiPlan(models.Model):
    """What the page of a cycle tells of its plans."""

    _inherit = "expat.kpi.plan"

    waits_for = fields.Char(
        compute="_compute_waits_for", help="Whose signature on the latest version is missing."
    )
    is_parallel = fields.Boolean(related="cycle_id.is_parallel", string="Parallel Run")
    coverage_html = fields.Html(related="cycle_id.coverage_html", related_sudo=False)

    @api.depends("state", "open_adjustment_id", "party_ids.signature_id", "party_ids.user_id")
    @api.depends_context("lang")
    def _compute_waits_for(self):
        for plan in self:
            missing = plan.party_ids.filtered(lambda party: not party.signature_id)
            plan.waits_for = ", ".join(missing.mapped("title")) if plan._is_consenting() else False
