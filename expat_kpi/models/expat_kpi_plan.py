from odoo import api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.tools import SQL, format_date

from ..engine.periods import local_day


class ExpatKpiPlan(models.Model):
    """What one employee is to reach in one period.

    Employees read their own plans, managers those of the team below them and of
    those they follow by a dotted line, whoever must sign a plan that one, HR officers
    all of their companies. HR officers write a draft; from then on a plan changes by
    the verbs of its lifecycle alone (see `expat_kpi_plan_lifecycle`).
    """

    _name = "expat.kpi.plan"
    _description = "KPI Plan"
    _inherit = ["expat.kpi.guarded", "expat.kpi.paper", "mail.thread", "mail.activity.mixin"]
    _paper = "expat_kpi.report_plan"
    _order = "date_from desc, employee_id, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = frozenset(
        {
            "state",
            "adjustment_ids",
            "change_number",
            "date_opened",
            "date_approved",
            "is_overdue_told",
            "latest_revision_id",
            "open_adjustment_id",
            "party_ids",
            "proposal_ids",
            "revision_id",
            "revision_ids",
            "signature_ids",
        }
    )
    # What only a draft may be given another value of.
    _draft_fields = frozenset({"cycle_id", "employee_id", "template_id", "date_from", "date_to"})

    cycle_id = fields.Many2one(
        "expat.kpi.cycle", required=True, index=True, check_company=True, ondelete="restrict"
    )
    employee_id = fields.Many2one(
        "hr.employee", required=True, index=True, check_company=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="cycle_id.company_id", store=True, index=True)
    template_id = fields.Many2one(
        "expat.kpi.template",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="What the plan was made from. The signing rule may ask for it.",
    )
    manager_id = fields.Many2one(
        "hr.employee",
        compute="_compute_manager_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    posting_id = fields.Many2one(
        "expat.posting",
        compute="_compute_posting_id",
        store=True,
        precompute=True,
        help="Where the employee is posted in this period; the latest, if there are several.",
    )
    region_id = fields.Many2one(related="posting_id.region_id", store=True)
    country_id = fields.Many2one(related="posting_id.country_id", store=True)
    date_from = fields.Date(
        string="From",
        compute="_compute_dates",
        store=True,
        copy=False,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
    )
    date_to = fields.Date(
        string="To",
        compute="_compute_dates",
        store=True,
        copy=False,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("negotiation", "In Negotiation"),
            ("approved", "Approved"),
            ("adjusted", "Adjusted"),
            ("review", "In Review"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        group_expand="_expand_states",
    )
    line_ids = fields.One2many("expat.kpi.plan.line", "plan_id", string="Lines", copy=True)
    weight_total = fields.Float(compute="_compute_weight_total", digits=(6, 2))

    # Negotiation
    change_number = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        help="Counts whatever happened to the plan, so that two who act at once notice.",
    )
    date_deadline = fields.Date(
        string="Agree By",
        copy=False,
        tracking=True,
        help="Last day to agree: until its end where each party is. Set when the plan is sent "
        "into negotiation, unless it is later already; it can be put off and not brought "
        "forward.",
    )
    date_opened = fields.Datetime(string="In Negotiation Since", readonly=True, copy=False)
    date_approved = fields.Datetime(string="Approved On", readonly=True, copy=False)
    is_overdue_told = fields.Boolean(readonly=True, copy=False)
    revision_ids = fields.One2many(
        "expat.kpi.revision", "plan_id", string="Versions", readonly=True, copy=False
    )
    latest_revision_id = fields.Many2one(
        "expat.kpi.revision",
        string="Latest Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="What is talked about, and signed.",
    )
    revision_id = fields.Many2one(
        "expat.kpi.revision",
        string="Version in Force",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="What all parties have agreed on.",
    )
    signature_ids = fields.One2many(
        "expat.kpi.signature", "plan_id", string="Signatures", readonly=True, copy=False
    )
    party_ids = fields.One2many(
        "expat.kpi.plan.party", "plan_id", string="Parties", readonly=True, copy=False
    )
    proposal_ids = fields.One2many(
        "expat.kpi.proposal", "plan_id", string="Proposals", readonly=True, copy=False
    )
    adjustment_ids = fields.One2many(
        "expat.kpi.adjustment", "plan_id", string="Adjustments", readonly=True, copy=False
    )
    open_adjustment_id = fields.Many2one(
        "expat.kpi.adjustment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The adjustment that waits for signatures.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A plan cannot end before it begins."
    )
    # See expat.posting for the integer range.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(employee_id, employee_id, '[]') WITH &&,"
        " daterange(date_from, date_to, '[]') WITH &&) WHERE (state <> 'cancelled')",
        "This person already has a plan for some of these days.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.model
    def _expand_states(self, states, domain):
        """The states that there are, in the order of the lifecycle and not of the alphabet."""
        return [state for state, _label in self._fields["state"].selection if state in states]

    @api.depends("employee_id")
    def _compute_manager_id(self):
        for plan in self:
            plan.manager_id = plan.employee_id.parent_id

    @api.depends("cycle_id")
    def _compute_dates(self):
        for plan in self:
            plan.date_from = plan.cycle_id.date_from
            plan.date_to = plan.cycle_id.date_to

    @api.depends(
        "employee_id.posting_ids.date_from",
        "employee_id.posting_ids.date_to",
        "date_from",
        "date_to",
    )
    def _compute_posting_id(self):
        postings = self.env["expat.posting"].search(
            [("employee_id", "in", self.employee_id.ids)], order="date_from desc"
        )
        by_employee = postings.grouped("employee_id")
        for plan in self:
            own = by_employee.get(plan.employee_id, postings.browse())
            plan.posting_id = own.filtered(
                lambda posting, plan=plan: (
                    plan.date_from
                    and posting.date_from <= plan.date_to
                    and (not posting.date_to or posting.date_to >= plan.date_from)
                )
            )[:1]

    @api.depends("line_ids.weight")
    def _compute_weight_total(self):
        for plan in self:
            plan.weight_total = sum(plan.line_ids.mapped("weight"))

    @api.depends("employee_id", "cycle_id")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "%(employee)s, %(cycle)s",
                employee=plan.employee_id.name or "",
                cycle=plan.cycle_id.name or "",
            )

    @api.constrains("date_from", "date_to", "cycle_id")
    def _check_inside_cycle(self):
        for plan in self:
            if plan.date_from < plan.cycle_id.date_from or plan.date_to > plan.cycle_id.date_to:
                raise ValidationError(
                    self.env._(
                        "The plan of %(employee)s must lie within its cycle, "
                        "%(start)s to %(stop)s.",
                        employee=plan.employee_id.name,
                        start=format_date(self.env, plan.cycle_id.date_from),
                        stop=format_date(self.env, plan.cycle_id.date_to),
                    )
                )

    # ------------------------------------------------------------------
    # One at a time
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # A plan that was just cancelled must be so in the database before another one of the
        # same days is inserted.
        self.flush_model(["state", "date_from", "date_to"])
        return super().create(vals_list)

    def write(self, vals):
        if self._is_granted(vals):
            return super().write(vals)
        self._check_guarded(vals)
        if self._draft_fields.intersection(vals):
            self._lock()
            self._check_draft()
        if {"manager_id", "date_deadline"}.intersection(vals):
            self.check_access("write")
            self._check_not_own()
        if "manager_id" in vals:
            if self.filtered(lambda plan: plan.state in ("closed", "cancelled")):
                raise UserError(self.env._("The plan is over; its manager stays in the record."))
            manager = self.env["hr.employee"].browse(vals["manager_id"])
            self.filtered(lambda plan: plan.state != "draft")._hand_over(manager)
        if "date_deadline" in vals:
            self._check_deadline(fields.Date.to_date(vals["date_deadline"]))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_untouched(self):
        for plan in self:
            if plan.state != "draft" or plan.sudo().revision_ids:
                raise UserError(
                    self.env._(
                        "The plan of %(employee)s has a history, which stays. Cancel it instead.",
                        employee=plan.employee_id.name,
                    )
                )

    def _lock(self):
        """Let nobody else change these plans before this transaction ends.

        Two transactions that read at the same time do not see what the other writes.
        Each could find three signatures on a content that the other one is changing.
        So whoever changes a plan, its lines, proposals or signatures takes the plan's
        row first, and leaves a mark in it: one who waited, or whose view of the
        database is older than the mark, is stopped by PostgreSQL.
        """
        # sudo: expat.kpi.plan – the lock is no right; rights are checked by each verb
        plans = self.sudo().browse(self.ids)
        try:
            plans.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise LockError(
                self.env._(
                    "Somebody else is changing this plan right now. Nothing of yours was done; "
                    "look at the plan and try again."
                )
            ) from error
        if plans:
            self.env.execute_query(
                SQL(
                    "UPDATE expat_kpi_plan SET change_number = COALESCE(change_number, 0) + 1"
                    " WHERE id = ANY(%s) RETURNING id",
                    plans.ids,
                )
            )
            plans.invalidate_recordset(["change_number"], flush=False)

    def _check_draft(self):
        for plan in self.sudo():
            if plan.state != "draft":
                raise UserError(
                    self.env._(
                        "The plan of %(employee)s is no draft any more. Propose a change on the "
                        "plan: it is made when the others accept.",
                        employee=plan.employee_id.name,
                    )
                )

    def _check_not_own(self):
        """Whoever the plan is about decides nothing about it for HR; see `engine.lifecycle`."""
        self.check_access("write")
        if self.env.user in self.sudo().employee_id.user_id:
            raise UserError(
                self.env._(
                    "This is your own plan: another HR officer says who manages it and by when it "
                    "is to be agreed on."
                )
            )

    def _check_deadline(self, day):
        """After the deadline HR may settle a deadlock: it is not brought forward."""
        for plan in self:
            if plan.state == "draft":
                continue
            is_earlier = not day or (plan.date_deadline and day < plan.date_deadline)
            if is_earlier or not plan._is_consenting():
                raise UserError(
                    self.env._("The day to agree by can be put off, and not brought forward.")
                )

    # ------------------------------------------------------------------
    # Actuals
    # ------------------------------------------------------------------

    def _today(self):
        """The day it is where the expat is."""
        now = fields.Datetime.now()
        return local_day(now, self._zone(now))

    def _zone(self, now=None):
        """Name of the zone that this plan's days are in at a moment: of the latest of its
        postings that has begun by then, or of the first.

        :param now: naive UTC datetime, default the present
        """
        self.ensure_one()
        now = now or fields.Datetime.now()
        # sudo: expat.posting, hr.employee – the clock is no secret to who may read the plan
        employee = self.sudo().employee_id
        postings = employee.posting_ids.filtered(
            lambda posting: (
                posting.date_from <= self.date_to
                and (not posting.date_to or posting.date_to >= self.date_from)
            )
        ).sorted("date_from")
        begun = postings.filtered(lambda posting: local_day(now, posting.tz) >= posting.date_from)
        return (begun[-1:] or postings[:1]).tz or employee._get_tz()

    def _elapsed_spans(self, now=None):
        """{plan id: (first day, last day so far)}; a plan not begun is left out.

        :param now: naive UTC datetime, default the present
        """
        now = now or fields.Datetime.now()
        result = {}
        for plan in self:
            today = local_day(now, plan._zone(now))
            if plan.date_from <= today:
                result[plan.id] = (plan.date_from, min(plan.date_to, today))
        return result

    @api.model
    def _refresh_open(self, measures):
        """Compute the actuals of open plans anew, where they rest on ``measures``."""
        # sudo: expat.kpi.plan – the engine keeps everybody's numbers, whoever asks
        plans = self.sudo().search(
            [
                ("state", "not in", ("closed", "cancelled")),
                ("line_ids.indicator_id.measure_ids", "in", measures.ids),
            ]
        )
        plans._refresh_actuals()

    def _refresh_actuals(self, now=None):
        """Compute the actuals of all lines from the facts, up to today where the expat is."""
        self.line_ids._store_actuals(self._elapsed_spans(now))

    def action_refresh(self):
        """Compare the facts behind these plans with the records, then compute them anew."""
        self.check_access("read")
        # sudo: expat.kpi.measure – whoever may see a plan may ask for its present numbers
        measures = self.line_ids.indicator_id.measure_ids.sudo()
        return measures.action_refresh_progress()
