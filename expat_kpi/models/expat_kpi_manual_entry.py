from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import formatLang

from ..tools.plan_sentences import can_be_rounded


class ExpatKpiManualEntry(models.Model):
    """A value that no record in Odoo holds, entered with evidence and confirmed.

    The employee enters the amount, the local day and what shows it: a note, and
    files in the chatter. Somebody above confirms or refuses: a manager in the line
    above, the dotted-line manager of that day, or an HR officer; never the person
    whose value it is. Only confirmed entries count; they are measured as a
    published source like any other record.

    Employees read and enter their own, managers read their team's, HR officers all
    of the company.
    """

    _name = "expat.kpi.manual.entry"
    _description = "Manual Entry"
    _inherit = ["expat.kpi.guarded", "mail.thread"]
    _order = "day desc, id desc"
    _check_company_auto = True
    _guarded_fields = frozenset({"state", "decided_by_id", "date_decided"})
    # Managers read entries and may not write them, but they discuss the evidence.
    _mail_post_access = "read"

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user.employee_id,
    )
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True, precompute=True
    )
    measure_id = fields.Many2one(
        "expat.kpi.measure",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('kind', '=', 'manual')]",
        help="What is entered. Measures of the kind “entered by hand” can be chosen.",
    )
    day = fields.Date(
        string="Local Day",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
        help="The day on which it happened, where the employee was.",
    )
    amount = fields.Float(required=True, default=1.0, digits=(16, 4), tracking=True)
    note = fields.Text(
        string="Evidence", required=True, help="What shows it. Attach files in the chatter below."
    )

    # The decision
    state = fields.Selection(
        [("to_confirm", "To confirm"), ("confirmed", "Confirmed"), ("refused", "Refused")],
        default="to_confirm",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_decided = fields.Datetime(string="Decided On", readonly=True, copy=False)
    can_decide = fields.Boolean(compute="_compute_can_decide")

    @api.depends("employee_id", "measure_id", "day", "amount")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = bool(entry.measure_id) and self.env._(
                "%(measure)s: %(amount)s, %(employee)s",
                measure=entry.measure_id.name,
                amount=formatLang(self.env, entry.amount, digits=2),
                employee=entry.employee_id.name or "",
            )

    @api.depends("employee_id", "day")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        for entry in self:
            entry.can_decide = entry._is_decider(self.env.user)

    def _is_decider(self, user):
        """Whether ``user`` stands above the person, now or by the posting of that day."""
        self.ensure_one()
        # sudo: hr.employee, expat.posting – only who stands above whom
        employee = self.employee_id.sudo()
        if not employee or employee.user_id == user or employee in user.sudo().employee_ids:
            return False
        if user.has_group("expat_kpi.group_officer"):
            return True
        above, boss = employee.browse(), employee.parent_id
        while boss and boss not in above:
            above, boss = above + boss, boss.parent_id
        posting = employee.posting_ids.filtered(
            lambda posting: (
                self.day
                and posting.date_from <= self.day
                and (not posting.date_to or self.day <= posting.date_to)
            )
        )
        return user in (above + posting.dotted_manager_id).user_id

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("day")
    def _check_day(self):
        # Somewhere it is tomorrow already.
        last = fields.Date.add(fields.Date.today(), days=1)
        for entry in self:
            if entry.day > last:
                raise ValidationError(self.env._("Enter it when it has happened."))

    @api.constrains("measure_id", "employee_id")
    def _check_measure(self):
        for entry in self:
            measure = entry.measure_id
            if measure.kind != "manual":
                raise ValidationError(
                    self.env._(
                        "“%(measure)s” counts records; nothing is entered for it.",
                        measure=measure.name,
                    )
                )
            if measure.company_id and measure.company_id != entry.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(measure)s” is for the employees of another company.",
                        measure=measure.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_finite(vals)
        return super().create(vals_list)

    def write(self, vals):
        if self._is_granted(vals):
            return super().write(vals)
        self._check_finite(vals)
        decided = self.filtered(lambda entry: entry.state != "to_confirm")
        touched = not vals.keys().isdisjoint({"employee_id", "measure_id", "day", "amount", "note"})
        if touched and any(entry.state == "confirmed" for entry in decided):
            raise UserError(
                self.env._("What was confirmed stays as it is. Have the confirmation withdrawn.")
            )
        if "employee_id" in vals and not self.env.su:
            # A rule sees the record as it was: nobody may hand an entry to somebody else.
            other = self.filtered(lambda entry: entry.employee_id.id != vals["employee_id"])
            if other and not self.env.user.has_group("expat_kpi.group_officer"):
                raise AccessError(self.env._("An entry stays with whom it was made for."))
        result = super().write(vals)
        if touched and decided:
            # A corrected entry is a new question.
            decided._decide("to_confirm")
        return result

    @api.model
    def _check_finite(self, vals):
        """Before the ORM rounds: it cannot round what is no number, and says so to
        nobody's profit."""
        if not can_be_rounded(vals.get("amount")):
            raise ValidationError(self.env._("The amount must be a number."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if any(entry.state == "confirmed" for entry in self):
            raise UserError(
                self.env._("What was confirmed cannot be deleted. Have the confirmation withdrawn.")
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_confirm(self):
        self._check_decider()
        self.filtered(lambda entry: entry.state != "confirmed")._decide("confirmed")
        return True

    def action_refuse(self):
        self._check_decider()
        self.filtered(lambda entry: entry.state != "refused")._decide("refused")
        return True

    def action_withdraw(self):
        """Take a decision back."""
        self._check_decider()
        self._decide("to_confirm")
        return True

    def _check_decider(self):
        self.check_access("read")
        for entry in self:
            if not entry._is_decider(self.env.user):
                raise AccessError(
                    self.env._(
                        "An entry is confirmed by a manager of %(employee)s or by HR, and by "
                        "nobody for themselves.",
                        employee=entry.employee_id.sudo().name,
                    )
                )

    def _decide(self, state):
        is_open = state == "to_confirm"
        # sudo: expat.kpi.manual.entry – managers decide on entries that they cannot write
        self.sudo()._set_guarded(
            {
                "state": state,
                "decided_by_id": False if is_open else self.env.uid,
                "date_decided": False if is_open else fields.Datetime.now(),
            }
        )
