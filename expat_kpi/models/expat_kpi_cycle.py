import ast
from dataclasses import dataclass, field
from datetime import date

from odoo import Command, api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.periods import Span, period
from ..engine.workdays import Stay, months, settled_weights, weights_problem, worked_share

# So many plans are made in one transaction: what is made stays, whatever happens to the rest.
BATCH = 50


@dataclass
class Candidate:
    """Somebody of a cycle's population: the plan to be made, or why none is.

    ``reason``: a key of `expat.kpi.cycle.plans.row`'s reasons, or None.
    """

    employee: models.BaseModel
    reason: str | None = None
    posting: models.BaseModel | None = None
    template: models.BaseModel | None = None
    span: Span | None = None
    share: tuple[int, int] = (1, 1)
    details: dict = field(default_factory=dict)


class ExpatKpiCycle(models.Model):
    """A round of plans for one period: the third quarter of 2026.

    HR officers keep cycles; everybody in the company may read them.
    """

    _name = "expat.kpi.cycle"
    _description = "Cycle"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    # When
    kind = fields.Selection(
        [
            ("month", "Month"),
            ("quarter", "Quarter"),
            ("half_year", "Half-year"),
            ("year", "Year"),
            ("free", "Free span"),
        ],
        string="Period",
        required=True,
        default="free",
        tracking=True,
    )
    date_from = fields.Date(
        string="From",
        required=True,
        compute="_compute_date_from",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    date_to = fields.Date(
        string="To",
        required=True,
        compute="_compute_date_to",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    date_deadline = fields.Date(
        string="Agree By", tracking=True, help="Last day to agree on the plans of this cycle."
    )

    # Who, and with what
    employee_domain = fields.Char(
        string="Population",
        default="[]",
        required=True,
        help="Which employees get a plan. Nothing chosen: everybody who is posted in the period.",
    )
    template_id = fields.Many2one(
        "expat.kpi.template",
        check_company=True,
        help="One template for all. Empty: for each employee the one that fits role and region "
        "best.",
    )
    targets_from = fields.Selection(
        [("template", "the template"), ("suggestion", "own history, where there is enough")],
        required=True,
        default="template",
        help="Where the first targets come from. Either way the suggestion stands beside them.",
    )
    is_parallel = fields.Boolean(
        string="Parallel Run",
        tracking=True,
        help="Computed and shown beside the way it was done before; nothing depends on it.",
    )

    batch_number = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        help="Counts how often plans were created, so that two who do it at once notice.",
    )
    plan_ids = fields.One2many("expat.kpi.plan", "cycle_id", string="KPI Plans")
    plan_count = fields.Integer(compute="_compute_plan_count")

    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A cycle cannot end before it begins."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("kind")
    def _compute_date_from(self):
        for cycle in self:
            if cycle.kind and cycle.kind != "free":
                day = cycle.date_from or fields.Date.context_today(cycle)
                cycle.date_from = period(cycle.kind, day).date_from
            else:
                cycle.date_from = cycle.date_from

    @api.depends("kind", "date_from")
    def _compute_date_to(self):
        for cycle in self:
            if cycle.kind and cycle.kind != "free" and cycle.date_from:
                cycle.date_to = period(cycle.kind, cycle.date_from).date_to
            else:
                cycle.date_to = cycle.date_to

    @api.onchange("date_from")
    def _onchange_date_from(self):
        if self.date_from and self.kind and self.kind != "free":
            self.date_from = period(self.kind, self.date_from).date_from

    @api.depends("plan_ids")
    def _compute_plan_count(self):
        counts = dict(
            self.env["expat.kpi.plan"]._read_group(
                [("cycle_id", "in", self.ids)], ["cycle_id"], ["__count"]
            )
        )
        for cycle in self:
            cycle.plan_count = counts.get(cycle, 0)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("kind", "date_from", "date_to")
    def _check_whole_period(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for cycle in self:
            if cycle.kind == "free" or cycle.date_to < cycle.date_from:
                continue
            whole = period(cycle.kind, cycle.date_from)
            if whole != Span(cycle.date_from, cycle.date_to):
                raise ValidationError(
                    self.env._(
                        "“%(kind)s” is %(start)s to %(stop)s. For other days choose “%(free)s”.",
                        kind=kinds[cycle.kind],
                        start=whole.date_from,
                        stop=whole.date_to,
                        free=kinds["free"],
                    )
                )

    @api.constrains("date_from", "date_to")
    def _check_plans_inside(self):
        for cycle in self:
            outside = cycle.plan_ids.filtered(
                lambda plan, cycle=cycle: (
                    plan.date_from < cycle.date_from or plan.date_to > cycle.date_to
                )
            )
            if outside:
                raise ValidationError(
                    self.env._(
                        "The plan of %(employee)s has days outside these.",
                        employee=outside[0].employee_id.name,
                    )
                )

    @api.constrains("employee_domain")
    def _check_employee_domain(self):
        for cycle in self:
            cycle._population_domain()

    def _population_domain(self):
        self.ensure_one()
        try:
            domain = Domain(ast.literal_eval(self.employee_domain or "[]"))
            domain.validate(self.env["hr.employee"])
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
            raise ValidationError(
                self.env._(
                    "The population cannot be understood: %(error)s. Choose it anew.", error=error
                )
            ) from error
        return domain

    def write(self, vals):
        if "company_id" in vals:
            # sudo: expat.kpi.plan – whether there are any, whoever may see them
            moved = self.filtered(
                lambda cycle: cycle.company_id.id != vals["company_id"] and cycle.sudo().plan_ids
            )
            if moved:
                raise UserError(
                    self.env._(
                        "“%(cycle)s” has plans, which stay in their company with all who signed "
                        "them. Make another cycle for the other company.",
                        cycle=moved[0].name,
                    )
                )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Plans
    # ------------------------------------------------------------------

    def action_open_plans(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("expat_kpi.expat_kpi_plan_action")
        action["domain"] = [("cycle_id", "=", self.id)]
        action["context"] = {"default_cycle_id": self.id}
        return action

    def action_create_plans(self):
        """Create the plans that are missing, and show what was made and left out.

        Many are made in batches, each in a transaction of its own: the page asks for one
        after the other and shows how far it is. Whoever stops it has lost nothing, and
        goes on by pressing the button again.
        """
        self.ensure_one()
        page = self.env["expat.kpi.cycle.plans"].create({"cycle_id": self.id})
        page._next_batch()
        return page._open()

    def _create_plans(self, limit=None):
        """Create the plans that are missing; again, and nothing more is made.

        :param limit: make no more than so many
        :return: the candidates, of which those without a reason have a plan now, in
            ``details``, or are left for the next time
        """
        self.ensure_one()
        self.check_access("write")
        self.env["expat.kpi.plan"].check_access("create")
        # Of two who click at once, one makes the plans.
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is creating the plans of this cycle right now.")
            ) from error
        # Leave a mark: who waited for the row, or whose view of the database is older, would not
        # see the plans that were made meanwhile. PostgreSQL stops them, and Odoo begins anew.
        self.env.execute_query(
            SQL(
                "UPDATE expat_kpi_cycle SET batch_number = COALESCE(batch_number, 0) + 1"
                " WHERE id = %s RETURNING id",
                self.id,
            )
        )
        self.invalidate_recordset(["batch_number"], flush=False)
        candidates = self._candidates()
        chosen = [candidate for candidate in candidates if not candidate.reason][:limit]
        if chosen:
            suggested = self._suggested(chosen) if self.targets_from == "suggestion" else {}
            plans = self.env["expat.kpi.plan"].create(
                [self._prepare_plan(candidate, suggested) for candidate in chosen]
            )
            for candidate, plan in zip(chosen, plans, strict=True):
                candidate.details["plan"] = plan
        return candidates

    def _candidates(self):
        """Everybody of the population, with the plan to be made or the reason for none.

        Works on all at once: what it asks of the database does not grow with the
        number of people.
        """
        self.ensure_one()
        span = Span(self.date_from, self.date_to)
        chosen = self._population_domain()
        postings = self.env["expat.posting"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date_from", "<=", span.date_to),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", span.date_from),
            ],
            order="employee_id, date_from",
        )
        domain = Domain("company_id", "=", self.company_id.id) & chosen
        if chosen.is_true():
            # Nobody asks why the people at home have no plan.
            domain &= Domain("id", "in", postings.employee_id.ids)
        employees = self.env["hr.employee"].search(domain, order="name, id")
        by_employee = postings.grouped("employee_id")
        taken = self._taken_spans(employees, span)
        templates = self.template_id or self.env["expat.kpi.template"]._candidates(self.company_id)
        worked = postings._working_days(span)
        return [
            self._candidate(
                employee, by_employee.get(employee), span, taken.get(employee.id), templates, worked
            )
            for employee in employees
        ]

    def _candidate(self, employee, postings, span, taken, templates, worked):
        if not postings:
            return Candidate(employee, "no_posting")
        stays = [
            Stay(
                Span(posting.date_from, posting.date_to or date.max).intersection(span),
                worked[posting],
            )
            for posting in postings
        ]
        found = Candidate(
            employee,
            posting=postings[-1],
            span=Span(stays[0].span.date_from, stays[-1].span.date_to),
            share=worked_share(span, stays),
        )
        if any(found.span.intersection(other) for other in taken or ()):
            found.reason = "has_plan"
        elif not employee.parent_id:
            found.reason = "no_manager"
        elif not found.share[0]:
            found.reason = "no_working_days"
        if found.reason:
            return found
        posting = found.posting
        found.template = self.template_id or templates._fitting(
            posting.job_id or employee.job_id, posting.region_id
        )
        if not found.template:
            found.reason = "no_template"
        elif not found.template.line_ids:
            found.reason = "empty_template"
        elif weights_problem(found.template.line_ids.mapped("weight")):
            found.reason = "template_weights"
        return found

    def _taken_spans(self, employees, span):
        """{employee id: spans of the plans they have on these days}"""
        # sudo: expat.kpi.plan – one plan a day holds across companies
        plans = (
            self.env["expat.kpi.plan"]
            .sudo()
            .search_fetch(
                [
                    ("employee_id", "in", employees.ids),
                    ("state", "!=", "cancelled"),
                    ("date_from", "<=", span.date_to),
                    ("date_to", ">=", span.date_from),
                ],
                ["employee_id", "date_from", "date_to"],
            )
        )
        taken = {}
        for plan in plans:
            taken.setdefault(plan.employee_id.id, []).append(Span(plan.date_from, plan.date_to))
        return taken

    def _suggested(self, candidates):
        """{(indicator id, employee id): what is known}"""
        templates = self.env["expat.kpi.template"].union(*[row.template for row in candidates])
        asked = {row.employee.id: (row.employee, row.posting, row.span) for row in candidates}
        return templates.line_ids.indicator_id._evidence(asked, fields.Date.today())

    def _prepare_plan(self, candidate, suggested):
        """The values of one plan; a hook."""
        lines = candidate.template.line_ids
        weights = settled_weights(lines.mapped("weight"))
        length = months(Span(self.date_from, self.date_to))
        worked, total = candidate.share
        line_values = []
        for line, weight in zip(lines, weights, strict=True):
            terms = line._scaled_terms(length, worked / total)
            known = suggested.get((line.indicator_id.id, candidate.employee.id))
            target = known and line.indicator_id._suggested_target(known)
            if target:
                terms = line.indicator_id._moved_terms(line.direction, terms, target)
            line_values.append(
                Command.create(
                    {
                        "sequence": line.sequence,
                        "indicator_id": line.indicator_id.id,
                        "weight": weight,
                        **terms,
                    }
                )
            )
        return {
            "cycle_id": self.id,
            "employee_id": candidate.employee.id,
            "template_id": candidate.template.id,
            "date_from": candidate.span.date_from,
            "date_to": candidate.span.date_to,
            "date_deadline": self.date_deadline,
            "line_ids": line_values,
        }
