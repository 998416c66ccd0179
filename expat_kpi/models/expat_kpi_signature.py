from odoo import api, fields, models

from .expat_kpi_signatory import PARTY_SELECTION


class ExpatKpiSignature(models.Model):
    """That somebody agreed to a content, in the own name, at a moment.

    A signature stands on the hash of a revision's content. It is never changed or
    taken back; once the plan has a later revision it counts for nothing. An
    override is HR's decision of a deadlock: it stands here too, with its reason.
    """

    _name = "expat.kpi.signature"
    _description = "Signature"
    _inherit = ["expat.kpi.history"]
    _order = "date desc, id desc"

    plan_id = fields.Many2one(
        "expat.kpi.plan", required=True, index=True, ondelete="restrict", readonly=True
    )
    employee_id = fields.Many2one(related="plan_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    revision_id = fields.Many2one(
        "expat.kpi.revision", string="Version", required=True, index=True, ondelete="restrict"
    )
    content_hash = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [("signature", "Signature"), ("override", "Override by HR")],
        required=True,
        readonly=True,
        default="signature",
    )
    role = fields.Selection(PARTY_SELECTION, string="As", required=True, readonly=True)
    label = fields.Char(string="Called", readonly=True)
    title = fields.Char(string="Signed As", compute="_compute_title")
    user_id = fields.Many2one(
        "res.users", string="Signed By", required=True, readonly=True, ondelete="restrict"
    )
    date = fields.Datetime(required=True, readonly=True)
    reason = fields.Text(readonly=True)
    date_past = fields.Date(
        string="Agreed to Count From",
        readonly=True,
        help="The employee agreed expressly that what gets harder counts from this day, though "
        "it was before the day of the signature.",
    )
    response_hours = fields.Float(
        string="Response Time (h)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Hours from when the version came to this party to the signature.",
    )
    is_on_latest = fields.Boolean(
        string="Counts",
        compute="_compute_is_on_latest",
        help="The signature stands on the latest version, and the party is still the same.",
    )

    # Whoever comes back to a place signs the same version anew, and not twice at a time.
    _once = models.UniqueIndex(
        "(revision_id, role, user_id, COALESCE(label, ''), date)",
        "This version is signed already.",
    )

    @api.depends("plan_id.party_ids.signature_id", "kind", "plan_id.latest_revision_id")
    def _compute_is_on_latest(self):
        for signature in self:
            signature.is_on_latest = signature in signature.plan_id.party_ids.signature_id or (
                signature.kind == "override"
                and signature.revision_id == signature.plan_id.latest_revision_id
            )

    @api.depends("role", "label")
    @api.depends_context("lang")
    def _compute_title(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for signature in self:
            signature.title = signature.label or roles.get(signature.role)

    @api.depends("user_id", "revision_id")
    def _compute_display_name(self):
        for signature in self:
            signature.display_name = self.env._(
                "%(user)s on version %(number)s",
                user=signature.user_id.name,
                number=signature.revision_id.number,
            )
