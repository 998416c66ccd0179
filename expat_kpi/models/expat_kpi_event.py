import ast

from odoo import Command, api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.fields import Domain

# How the kinds of events are called as reasons of an adjustment.
CATEGORIES = {
    "epidemic": "market",
    "raw_material": "raw_material",
    "policy": "policy",
    "logistics": "logistics",
    "demand": "demand",
    "other": "market",
}


class ExpatKpiEvent(models.Model):
    """Something that happens to many plans at once: one change is proposed to each of them.

    HR officers make events and propose them. An event that was proposed can be read by
    whoever may read a plan that it touches, of their rows only; a draft by HR officers. It
    decides nothing: each plan gets an adjustment, which its own parties sign or refuse.
    """

    _name = "expat.kpi.event"
    _description = "Market Event"
    _inherit = ["expat.kpi.guarded", "expat.kpi.paper", "mail.thread", "mail.activity.mixin"]
    _paper = "expat_kpi.report_event"
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = frozenset(
        {"state", "change_number", "date_looked", "date_proposed", "proposer_id"}
    )
    # What says whom the event touches, and how: only a draft may be given another value.
    _draft_fields = frozenset(
        {
            "company_id",
            "date_from",
            "date_to",
            "region_ids",
            "country_ids",
            "job_ids",
            "template_ids",
            "plan_domain",
            "method",
            "line_ids",
        }
    )

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(
        [
            ("epidemic", "Epidemic"),
            ("raw_material", "Raw materials"),
            ("policy", "Policy"),
            ("logistics", "Logistics"),
            ("demand", "Demand"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        tracking=True,
    )
    description = fields.Text(
        string="What Happened",
        help="The reason that each expat reads beside the proposal. Evidence goes below, as files.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    change_number = fields.Integer(readonly=True, copy=False, aggregator=None)

    # When and where
    date_from = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="First day on which the change holds, where the expat is.",
    )
    date_to = fields.Date(
        string="To",
        tracking=True,
        help="Last day on which it holds; on the day after, the plans are as they were before, "
        "by themselves. Empty: to the end of each plan.",
    )
    region_ids = fields.Many2many(
        "expat.region",
        string="Regions",
        check_company=True,
        help="Plans of those who are posted there on at least one day of the event. Neither "
        "regions nor countries chosen: everywhere.",
    )
    country_ids = fields.Many2many("res.country", string="Countries")

    # Whom
    job_ids = fields.Many2many(
        "hr.job", string="Roles", check_company=True, help="Empty: whatever the role."
    )
    template_ids = fields.Many2many(
        "expat.kpi.template",
        string="Templates",
        check_company=True,
        groups="expat_kpi.group_officer",
        help="Only plans that were made from one of these. Empty: whatever the template.",
    )
    plan_domain = fields.Char(
        string="Other Conditions",
        default="[]",
        groups="expat_kpi.group_officer",
        help="Which plans, beyond places, roles and templates.",
    )

    # What changes
    line_ids = fields.One2many("expat.kpi.event.line", "event_id", string="Changes", copy=True)
    method = fields.Selection(
        [
            ("slices", "From its first day on, by working days"),
            ("restated", "Restated for the whole period"),
        ],
        string="How It Counts",
        required=True,
        default="slices",
        tracking=True,
    )

    # Who is touched, and who has agreed
    row_ids = fields.One2many("expat.kpi.event.plan", "event_id", string="Plans")
    touched_ids = fields.One2many(
        "expat.kpi.event.plan",
        "event_id",
        domain=[("status", "!=", "left")],
    )
    left_ids = fields.One2many(
        "expat.kpi.event.plan",
        "event_id",
        string="Left Alone",
        domain=[("status", "=", "left")],
        readonly=True,
    )
    board_ids = fields.One2many(
        "expat.kpi.event.plan",
        "event_id",
        string="Consent",
        domain=[("status", "=", "made")],
        readonly=True,
    )
    touched_count = fields.Integer(compute="_compute_counts")
    left_count = fields.Integer(compute="_compute_counts")
    todo_count = fields.Integer(compute="_compute_counts", string="To Be Proposed")
    queued_count = fields.Integer(compute="_compute_counts")
    failed_count = fields.Integer(compute="_compute_counts")
    made_count = fields.Integer(compute="_compute_counts", string="Proposed To")
    open_count = fields.Integer(compute="_compute_counts", string="Not Answered Yet")
    agreed_count = fields.Integer(compute="_compute_counts", string="Agreed")
    refused_count = fields.Integer(compute="_compute_counts", string="Refused")
    progress = fields.Float(
        compute="_compute_counts", string="Answered (%)", aggregator="avg", digits=(16, 0)
    )
    date_looked = fields.Datetime(
        string="Looked At",
        readonly=True,
        copy=False,
        help="When it was last looked at which plans are touched.",
    )
    date_proposed = fields.Datetime(string="Proposed On", readonly=True, copy=False)
    proposer_id = fields.Many2one(
        "res.users", string="Proposed By", readonly=True, copy=False, ondelete="restrict"
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "An event cannot end before it begins."
    )

    # ------------------------------------------------------------------
    # Computes and checks
    # ------------------------------------------------------------------

    @api.depends("row_ids.status", "row_ids.answer")
    @api.depends_context("uid", "su")
    def _compute_counts(self):
        """How many plans, of those that the reader may read."""
        found = {}
        for event, status, answer, count in self.env["expat.kpi.event.plan"]._read_group(
            [("event_id", "in", self.ids)], ["event_id", "status", "answer"], ["__count"]
        ):
            found[event.id, status, answer] = count
        for event in self:

            def number(*statuses, event=event):
                return sum(
                    count
                    for (event_id, status, _answer), count in found.items()
                    if event_id == event.id and status in statuses
                )

            answers = {
                answer: found.get((event.id, "made", answer), 0)
                for answer in ("open", "agreed", "refused", "withdrawn")
            }
            event.left_count = number("left")
            event.touched_count = number("touched", "queued", "failed", "excepted", "made")
            event.todo_count = number("touched", "failed")
            event.queued_count = number("queued")
            event.failed_count = number("failed")
            event.made_count = number("made")
            event.open_count = answers["open"]
            event.agreed_count = answers["agreed"]
            event.refused_count = answers["refused"]
            answered = event.made_count - event.open_count
            expected = event.made_count + event.queued_count
            event.progress = 100 * answered / expected if expected else 0.0

    @api.constrains("plan_domain")
    def _check_plan_domain(self):
        for event in self:
            event._conditions()

    def _conditions(self):
        """The conditions that HR has entered, as a domain on plans."""
        self.ensure_one()
        try:
            domain = Domain(ast.literal_eval(self.plan_domain or "[]"))
            domain.validate(self.env["expat.kpi.plan"])
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
            raise ValidationError(
                self.env._(
                    "The conditions cannot be understood: %(error)s. Choose them anew.",
                    error=error,
                )
            ) from error
        return domain

    @api.constrains("method", "date_to")
    def _check_restated(self):
        for event in self:
            if event.method == "restated" and event.date_to:
                raise ValidationError(
                    self.env._(
                        "What is restated holds for the whole period of each plan, so it has no "
                        "last day. Remove the day, or let it count from its first day on."
                    )
                )

    # ------------------------------------------------------------------
    # One at a time
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("row_ids") or vals.get("touched_ids"):
                self._check_guarded({"state": None})
        events = super().create(vals_list)
        for event in events:
            event._look()
        return events

    def write(self, vals):
        result = super().write(vals)
        if self._draft_fields.intersection(vals):
            for event in self:
                event._check_draft()
                event._lock()
                event._look()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_in_draft(self):
        self._check_draft()

    def _check_draft(self):
        for event in self:
            if event.state != "draft":
                raise UserError(
                    self.env._(
                        "“%(event)s” has been proposed; whom it touches and how stays as the "
                        "parties read it. Cancel it and make another one.",
                        event=event.name,
                    )
                )

    def _lock(self):
        """Let nobody else work on these events before this transaction ends.

        Of two who press the button at once the later one is told so; and one whose view of
        the database is older than the other's deed is stopped by PostgreSQL at the mark.
        """
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody else is working on this event right now. Nothing of yours was "
                    "done; look at it and try again."
                )
            ) from error
        self._mark()

    def _mark(self):
        for event in self:
            event._set_guarded({"change_number": event.change_number + 1})
        self.flush_recordset(["change_number"])

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_look(self):
        """Look again at who is touched: plans that were agreed on since, too."""
        for event in self:
            event.check_access("write")
            event._lock()
            if event.state == "cancelled":
                raise UserError(self.env._("A cancelled event touches nobody."))
            event._look()
            if event.state == "done" and event.todo_count:
                event._set_guarded({"state": "proposed"})
        return True

    def action_cancel(self):
        """Withdraw what nobody has answered yet. What was agreed on stays agreed."""
        for event in self:
            event.check_access("write")
            event._lock()
            if event.state not in ("draft", "proposed"):
                raise UserError(self.env._("“%(event)s” is over already.", event=event.name))
            event.row_ids.filtered(lambda row: row.status == "queued")._set_guarded(
                {"is_queued": False}
            )
            event._set_guarded({"state": "cancelled"})
            event.row_ids.adjustment_id._withdraw_for_event()
        return True

    def action_done(self):
        """Call it done with plans left over to which it could not be proposed."""
        for event in self:
            event.check_access("write")
            event._lock()
            if event.state != "proposed" or event.open_count or event.queued_count:
                raise UserError(
                    self.env._("“%(event)s” is not answered by all yet.", event=event.name)
                )
            event._set_guarded({"state": "done"})
        return True

    def action_open_board(self):
        """Who has consented, and who is waited for."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("expat_kpi.expat_kpi_event_board")
        return {
            **action,
            "domain": [("event_id", "=", self.id), ("status", "=", "made")],
            "context": {},
        }

    def _settle(self):
        """After an answer: done, where nobody is waited for any more.

        The row of the event is written each time, so that of two last answers at the same
        moment one sees the other.
        """
        for event in self.filtered(lambda event: event.state == "proposed"):
            event._mark()
            rows = event.row_ids
            if any(row.status in ("touched", "queued", "failed") for row in rows):
                continue
            made = rows.filtered(lambda row: row.status == "made")
            if made and all(row.answer != "open" for row in made):
                event._set_guarded({"state": "done"})

    def _prepare_adjustment(self, row):
        """The values of the adjustment of one plan; a hook."""
        self.ensure_one()
        return {
            "plan_id": row.plan_id.id,
            "reason_category": CATEGORIES[self.kind],
            "reason": "\n\n".join(filter(None, [self.name, self.description])),
            "date_from": row.date_from,
            "date_to": row.date_to if row.date_to < row.plan_id.date_to else False,
            "method": self.method,
            "line_ids": [Command.create(values) for values in row._prepare_adjustment_lines()],
        }
