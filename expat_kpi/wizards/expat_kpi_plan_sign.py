from odoo import api, fields, models
from odoo.exceptions import UserError


class ExpatKpiPlanSign(models.TransientModel):
    """Shows once more exactly what is signed; the signature stands on what it shows."""

    _name = "expat.kpi.plan.sign"
    _description = "Sign a KPI Plan"
    _rec_name = "plan_id"

    plan_id = fields.Many2one("expat.kpi.plan", required=True, ondelete="cascade")
    revision_id = fields.Many2one("expat.kpi.revision", required=True, ondelete="cascade")
    is_page = fields.Boolean(help="Not a dialog over the plan: a page, as from a mail.")
    plan_name = fields.Char(
        related="plan_id.display_name", related_sudo=False, string="Name of the Plan"
    )
    adjustment_reason = fields.Text(related="plan_id.open_adjustment_id.reason", related_sudo=False)
    evidence_ids = fields.Many2many("ir.attachment", compute="_compute_evidence_ids")
    problem = fields.Char(compute="_compute_problem", help="Why there is nothing to sign.")
    content_html = fields.Html(compute="_compute_content_html", sanitize=False)
    is_adjustment = fields.Boolean(compute="_compute_content_html")
    past_sentence = fields.Char(compute="_compute_parties")
    agrees_to_past = fields.Boolean(
        string="I agree",
        help="What gets harder counts on days before today. Without this tick nothing is signed.",
    )
    parties = fields.Char(compute="_compute_parties", string="You Sign As")
    own_proposal_count = fields.Integer(compute="_compute_parties")
    weight_sentence = fields.Char(related="plan_id.weight_sentence", related_sudo=False)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        plan = self.env["expat.kpi.plan"].browse(values.get("plan_id"))
        if plan and not plan.latest_revision_id:
            raise UserError(self.env._("A draft is not signed. Send it into negotiation first."))
        if plan:
            values["revision_id"] = plan.latest_revision_id.id
        return values

    @api.depends("plan_id")
    def _compute_evidence_ids(self):
        for wizard in self:
            adjustment = wizard.plan_id.open_adjustment_id
            wizard.evidence_ids = adjustment._evidence().get(adjustment, False)

    @api.depends("plan_id", "revision_id")
    @api.depends_context("uid", "lang")
    def _compute_problem(self):
        for wizard in self:
            # The tick is asked for, and no reason to show nothing.
            wizard.problem = bool(wizard.plan_id) and wizard.plan_id._problem(
                "sign", content_hash=wizard.revision_id.content_hash, agrees_to_past=True
            )

    @api.depends("revision_id")
    @api.depends_context("lang")
    def _compute_content_html(self):
        for wizard in self:
            plan, revision = wizard.plan_id, wizard.revision_id
            wizard.is_adjustment = bool(plan.open_adjustment_id)
            # An adjustment is read beside what is in force; anything else as it stands.
            before = plan.revision_id if wizard.is_adjustment else revision
            wizard.content_html = revision._render_diff(before) if revision else False

    @api.depends("plan_id")
    def _compute_parties(self):
        for wizard in self:
            # sudo: expat.kpi.plan – which of its parties the reader is
            plan = wizard.plan_id.sudo()
            parties = plan._own_parties().filtered(lambda party: not party.signature_id)
            wizard.parties = ", ".join(parties.mapped("title"))
            wizard.past_sentence = (
                plan._past_sentence() if "expat" in parties.mapped("role") else False
            )
            wizard.own_proposal_count = len(
                plan.open_proposal_ids.filtered(lambda proposal: proposal.user_id == self.env.user)
            )

    def action_confirm(self):
        self.ensure_one()
        self.plan_id.action_sign_content(self.revision_id.content_hash, self.agrees_to_past)
        return self.plan_id._after_answer(self.is_page)

    def action_refuse(self):
        """Refuse instead, on the page for that."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "expat_kpi.expat_kpi_plan_refuse_action"
        )
        return {
            **action,
            "context": {
                "active_id": self.plan_id.id,
                "default_plan_id": self.plan_id.id,
                "default_verb": "refuse_adjustment",
                "default_is_page": True,
            },
        }

    def action_open_plan(self):
        self.ensure_one()
        return self.plan_id._after_answer(True)
