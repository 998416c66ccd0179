from odoo import api, fields, models


class ExpatKpiRevisionCompare(models.TransientModel):
    """Two versions of a plan, old beside new."""

    _name = "expat.kpi.revision.compare"
    _description = "Compare Versions"

    plan_id = fields.Many2one("expat.kpi.plan", required=True, ondelete="cascade")
    before_id = fields.Many2one(
        "expat.kpi.revision",
        string="From",
        required=True,
        ondelete="cascade",
        domain="[('plan_id', '=', plan_id)]",
    )
    after_id = fields.Many2one(
        "expat.kpi.revision",
        string="To",
        required=True,
        ondelete="cascade",
        domain="[('plan_id', '=', plan_id)]",
    )
    diff_html = fields.Html(compute="_compute_diff_html", sanitize=False, string="Differences")

    @api.depends("before_id", "after_id")
    @api.depends_context("lang")
    def _compute_diff_html(self):
        for wizard in self:
            before, after = wizard.before_id._origin, wizard.after_id._origin
            # Under the reader's rights, also for ids that the form was given
            (before | after).check_access("read")
            wizard.diff_html = after._render_diff(before) if before and after else False
