from odoo import api, fields, models


class ExpatKpiPlanReason(models.TransientModel):
    """Asks for the reason of what is done to a plan, for all to read."""

    _name = "expat.kpi.plan.reason"
    _description = "Reason"

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
        return {"type": "ir.actions.act_window_close"}
