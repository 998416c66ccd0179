from odoo import api, fields, models


class ExpatKpiPlanReason(models.TransientModel):
    """Asks for the reason of what is done to a plan, for all to read."""

    _name = "expat.kpi.plan.reason"
    _description = "Reason"
    _rec_name = "plan_id"

    plan_id = fields.Many2one("expat.kpi.plan", required=True, ondelete="cascade")
    proposal_id = fields.Many2one("expat.kpi.proposal", ondelete="cascade")
    revision_id = fields.Many2one(
        "expat.kpi.revision", ondelete="cascade", help="The version that is decided on."
    )
    verb = fields.Selection(
        [
            ("refuse", "Refuse"),
            ("refuse_adjustment", "Refuse the adjustment"),
            ("override", "Override"),
            ("cancel", "Cancel"),
        ],
        required=True,
    )
    reason = fields.Text(required=True)
    is_page = fields.Boolean(help="Not a dialog over the plan: a page, as from a mail.")
    plan_name = fields.Char(
        related="plan_id.display_name", related_sudo=False, string="Name of the Plan"
    )
    problem = fields.Char(compute="_compute_problem", help="Why there is nothing to refuse.")
    proposed_html = fields.Html(compute="_compute_proposed_html", sanitize=False)
    content_html = fields.Html(
        related="revision_id.content_html", related_sudo=False, sanitize=False
    )
    missing = fields.Char(compute="_compute_missing", string="Not Signed By")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if values.get("verb") == "override":
            plan = self.env["expat.kpi.plan"].browse(values.get("plan_id"))
            values["revision_id"] = plan.latest_revision_id.id
        return values

    @api.depends("plan_id", "verb")
    @api.depends_context("uid", "lang")
    def _compute_problem(self):
        for wizard in self:
            wizard.problem = (
                wizard.verb == "refuse_adjustment"
                and bool(wizard.plan_id)
                and wizard.plan_id._problem("refuse", reason="…")
            )

    @api.depends("plan_id")
    @api.depends_context("lang")
    def _compute_proposed_html(self):
        for wizard in self:
            plan = wizard.plan_id
            wizard.proposed_html = bool(plan.open_adjustment_id) and (
                plan.latest_revision_id._render_diff(plan.revision_id)
            )

    @api.depends("plan_id")
    def _compute_missing(self):
        for wizard in self:
            parties = wizard.plan_id.party_ids.filtered(lambda party: not party.signature_id)
            wizard.missing = ", ".join(
                f"{party.title} ({party.user_id.name or '–'})" for party in parties
            )

    def action_confirm(self):
        self.ensure_one()
        if self.verb == "refuse":
            self.proposal_id._refuse(self.reason)
        elif self.verb == "refuse_adjustment":
            self.plan_id._refuse_adjustment(self.reason)
        elif self.verb == "override":
            self.plan_id._override(self.revision_id.content_hash, self.reason)
        else:
            self.plan_id._cancel(self.reason)
        return self.plan_id._after_answer(self.is_page)

    def action_open_plan(self):
        self.ensure_one()
        return self.plan_id._after_answer(True)
