from datetime import datetime

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ExpatKpiPlan(models.Model):
    """What one employee is to reach in one period.

    Employees read their own plans, managers those of the team below them and of
    those they follow by a dotted line, HR officers all of their companies.
    """

    _name = "expat.kpi.plan"
    _description = "KPI Plan"
    _inherit = ["expat.kpi.guarded", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, employee_id, id desc"
    _check_company_auto = True
    _guarded_fields = frozenset({"state"})

    cycle_id = fields.Many2one(
        "expat.kpi.cycle", required=True, index=True, check_company=True, ondelete="restrict"
    )
    employee_id = fields.Many2one(
        "hr.employee", required=True, index=True, check_company=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="cycle_id.company_id", store=True, index=True)
    manager_id = fields.Many2one(
        "hr.employee",
        string="Manager",
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
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
    )
    date_to = fields.Date(
        string="To",
        compute="_compute_dates",
        store=True,
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
    )
    line_ids = fields.One2many("expat.kpi.plan.line", "plan_id", string="Lines", copy=True)
    weight_total = fields.Float(compute="_compute_weight_total", digits=(6, 2))

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
        for plan in self:
            plan.posting_id = postings.filtered(
                lambda posting, plan=plan: (
                    posting.employee_id == plan.employee_id
                    and plan.date_from
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
                        start=plan.cycle_id.date_from,
                        stop=plan.cycle_id.date_to,
                    )
                )

    # ------------------------------------------------------------------
    # Actuals
    # ------------------------------------------------------------------

    def _zone(self):
        """Name of the zone that this plan's days are in at present."""
        self.ensure_one()
        return self.posting_id.tz or self.employee_id._get_tz()

    def _elapsed_spans(self, now=None):
        """{plan id: (first day, last day so far)}; a plan not begun is left out.

        :param now: naive UTC datetime, default the present
        """
        now = pytz.utc.localize(now or datetime.utcnow())
        result = {}
        for plan in self:
            today = now.astimezone(pytz.timezone(plan._zone())).date()
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
        return measures.action_refresh()
