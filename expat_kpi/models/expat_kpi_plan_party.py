from odoo import api, fields, models
from odoo.exceptions import AccessError

from .expat_kpi_signatory import PARTY_SELECTION


class ExpatKpiPlanParty(models.Model):
    """Who must sign one plan, and whether they have signed its latest version.

    Made from the signing rule when the plan is sent into negotiation. Only the
    plan's own methods write here; everybody who may read the plan may read it.
    """

    _name = "expat.kpi.plan.party"
    _description = "Party to a KPI Plan"
    _inherit = ["expat.kpi.guarded"]
    _order = "plan_id, sequence, id"
    _rec_name = "label"
    _guarded_fields = frozenset(
        {
            "plan_id",
            "sequence",
            "role",
            "label",
            "user_id",
            "deputy_id",
            "date_since",
            "date_reminded",
            "signature_id",
        }
    )

    plan_id = fields.Many2one(
        "expat.kpi.plan", required=True, index=True, ondelete="cascade", readonly=True
    )
    employee_id = fields.Many2one(related="plan_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    sequence = fields.Integer(readonly=True, aggregator=None)
    role = fields.Selection(PARTY_SELECTION, string="Party", required=True, readonly=True)
    label = fields.Char(string="Called", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Who is waited for. Any HR officer may sign for HR, in the own name.",
    )
    deputy_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    date_since = fields.Datetime(
        string="Waiting Since", readonly=True, help="When the latest version came to this party."
    )
    date_reminded = fields.Date(readonly=True)
    signature_id = fields.Many2one(
        "expat.kpi.signature",
        readonly=True,
        ondelete="restrict",
        help="The signature on the latest version. Empty: waited for.",
    )
    date_signed = fields.Datetime(related="signature_id.date", string="Signed")
    signer_id = fields.Many2one(related="signature_id.user_id", string="Signed By")
    days_waiting = fields.Integer(
        compute="_compute_days_waiting",
        aggregator=None,
        help="Days since the latest version came to this party.",
    )
    cycle_id = fields.Many2one(related="plan_id.cycle_id")
    date_deadline = fields.Date(related="plan_id.date_deadline")
    is_signed = fields.Boolean(compute="_compute_is_signed")
    title = fields.Char(compute="_compute_title", string="Party to the Plan")

    @api.depends("signature_id")
    def _compute_is_signed(self):
        for party in self:
            party.is_signed = bool(party.signature_id)

    @api.depends("date_since", "signature_id")
    def _compute_days_waiting(self):
        now = fields.Datetime.now()
        for party in self:
            is_waiting = party.date_since and not party.signature_id
            party.days_waiting = (now - party.date_since).days if is_waiting else 0

    @api.depends("role", "label")
    @api.depends_context("lang")
    def _compute_title(self):
        labels = dict(self._fields["role"]._description_selection(self.env))
        for party in self:
            party.title = party.label or labels.get(party.role)

    @api.depends("title", "plan_id")
    def _compute_display_name(self):
        for party in self:
            party.display_name = party.title

    def _remove(self):
        """Make room for the parties of another round."""
        return super().unlink()  # pylint: disable=super-method-mismatch

    def unlink(self):
        # Every field is guarded, and so is the record: only a new round removes it.
        self._check_guarded(dict.fromkeys(self._guarded_fields))
        return super().unlink()

    # ------------------------------------------------------------------
    # Nudging
    # ------------------------------------------------------------------

    def action_open_plan(self):
        self.ensure_one()
        return self.plan_id.get_formview_action()

    def action_nudge(self):
        """Remind those who are waited for; an HR officer's button. Once a day is enough."""
        self.check_access("read")
        # sudo: expat.kpi.plan.party – the day of the reminder is noted, rights are checked here
        parties = self.sudo()
        if not all(plan._is_officer(self.env.user) for plan in parties.plan_id):
            raise AccessError(self.env._("Only HR reminds people by this button."))
        nudged = parties._nudge()
        left = len(self) - len(nudged)
        message = self.env._("%(count)s reminded.", count=len(nudged))
        if left:
            message = self.env._(
                "%(count)s reminded. %(left)s were not: reminded today already, signed, or nobody "
                "to tell.",
                count=len(nudged),
                left=left,
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if nudged else "warning",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _waited_for(self):
        """Those that are asked to sign now, and can: by a user who may open the plan."""
        return self.filtered(
            lambda party: (
                not party.signature_id
                and party.plan_id._is_consenting()
                and party.user_id.active
                and party.company_id in party.user_id.company_ids
            )
        )

    def _nudge(self):
        """Remind those of them who are waited for and were not told today, and return them."""
        waited = self._waited_for()
        days = waited._local_days()
        nudged = waited.filtered(lambda party: party.date_reminded != days[party])
        nudged.plan_id._lock()
        nudged._remind(days)
        return nudged
