from odoo import api, fields, models
from odoo.exceptions import UserError


class ExpatKpiAdjustment(models.Model):
    """A change of an approved plan from a day on, with the consent of all parties.

    Any party to the plan may draft one; a draft is seen by who made it and by HR
    officers, and changed by who made it alone. Proposing it makes a new version of the
    plan, which the parties sign as they signed the first; until the last has signed,
    what was agreed before stays in force. From then on the adjustment stays as it is.
    Everybody who may read the plan may read what was proposed.
    """

    _name = "expat.kpi.adjustment"
    _description = "Adjustment of a KPI Plan"
    _inherit = ["expat.kpi.guarded", "mail.thread"]
    _order = "id desc"
    _mail_post_access = "read"
    _guarded_fields = frozenset(
        {
            "state",
            "user_id",
            "role",
            "date_proposed",
            "base_revision_id",
            "revision_id",
            "answer_user_id",
            "date_answer",
            "answer_reason",
        }
    )

    plan_id = fields.Many2one(
        "expat.kpi.plan", string="KPI Plan", required=True, index=True, ondelete="restrict"
    )
    employee_id = fields.Many2one(related="plan_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    # Why
    reason_category = fields.Selection(
        [
            ("market", "Market"),
            ("raw_material", "Raw material"),
            ("policy", "Policy"),
            ("logistics", "Logistics"),
            ("demand", "Demand"),
            ("customer", "Customer"),
            ("organisation", "Organisation"),
            ("personal", "Personal"),
            ("mistake", "Mistake in the plan"),
            ("other", "Other"),
        ],
        string="Category",
        required=True,
        default="market",
        tracking=True,
    )
    reason = fields.Text(required=True, help="Why. Everybody who can see the plan can read it.")

    # What, and when
    method = fields.Selection(
        [("slices", "From a day on"), ("restated", "For the whole period")],
        string="Holds",
        required=True,
        default="slices",
        help="From a day on: the target over the period is the mean of what held before and "
        "what holds now, by the employee's own working days. For the whole period: the new "
        "numbers take the place of the old ones, as if agreed on at the beginning.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        help="The first day on which the new numbers hold, where the employee is.",
    )
    date_to = fields.Date(
        string="Until",
        help="The last day on which they hold; after it, what held before comes back by itself. "
        "Empty: to the end of the plan.",
    )
    line_ids = fields.One2many(
        "expat.kpi.adjustment.line", "adjustment_id", string="Changes", copy=True
    )

    # Who, when
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("in_force", "In Force"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
            ("lapsed", "Lapsed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Proposed By",
        required=True,
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    role = fields.Char(string="As", readonly=True, copy=False)
    date_proposed = fields.Datetime(string="Proposed On", readonly=True, copy=False)
    base_revision_id = fields.Many2one(
        "expat.kpi.revision",
        string="On Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The version that was in force when it was proposed.",
    )
    revision_id = fields.Many2one(
        "expat.kpi.revision",
        string="New Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The version that it makes of the plan, and that is signed.",
    )
    answer_user_id = fields.Many2one(
        "res.users", string="Decided By", readonly=True, copy=False, ondelete="restrict"
    )
    date_answer = fields.Datetime(string="Decided On", readonly=True, copy=False)
    answer_reason = fields.Text(string="Reason Given", readonly=True, copy=False)

    _one_open = models.UniqueIndex(
        "(plan_id) WHERE state = 'proposed'",
        "An adjustment of this plan waits for signatures already.",
    )

    # ------------------------------------------------------------------
    # Drafts
    # ------------------------------------------------------------------

    # `_create_guarded` is super's create, for values that were made here.
    # pylint: disable-next=method-required-super
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_guarded(vals)
        made = self._create_guarded(
            [{**self._own_defaults(), **vals, "user_id": self.env.uid} for vals in vals_list]
        )
        made.plan_id._check_verb("adjust")
        return made

    def _own_defaults(self):
        """Defaults that a form brings along; guarded fields are never among them."""
        return {
            key[8:]: value
            for key, value in self.env.context.items()
            if key.startswith("default_")
            and key[8:] in self._fields
            and key[8:] not in self._guarded_fields
        }

    def write(self, vals):
        self._check_guarded(vals)
        if "plan_id" in vals and any(one.plan_id.id != vals["plan_id"] for one in self):
            raise UserError(self.env._("An adjustment stays with its plan. Make another one."))
        self._check_own_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_own_draft(self):
        self._check_own_draft()

    def _check_own_draft(self):
        """Only who made a draft changes it, and nobody what was proposed."""
        for adjustment in self:
            if adjustment.state != "draft":
                raise UserError(
                    self.env._(
                        "What was proposed stays as it was. Withdraw or refuse it, and make "
                        "another adjustment."
                    )
                )
            if adjustment.user_id != self.env.user:
                raise UserError(
                    self.env._("This draft is %(user)s's.", user=adjustment.user_id.name)
                )
