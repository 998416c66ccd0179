from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.event import CHANGING, Rule
from ..engine.revision import TERMS, terms_problem
from ..tools.event_sentences import rule_sentence
from ..tools.plan_sentences import can_be_rounded, check_finite, terms_sentence


class ExpatKpiEventLine(models.Model):
    """What a market event makes of one indicator, in every plan that it touches.

    HR officers write lines as long as the event is a draft. Whoever may read the event
    may read them.
    """

    _name = "expat.kpi.event.line"
    _description = "Change by a Market Event"
    _inherit = ["expat.kpi.terms"]
    _order = "event_id, sequence, id"
    _rec_name = "indicator_id"
    _check_company_auto = True

    event_id = fields.Many2one("expat.kpi.event", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="event_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    indicator_id = fields.Many2one(
        "expat.kpi.indicator", required=True, index=True, ondelete="restrict", check_company=True
    )
    unit = fields.Selection(related="indicator_id.unit")
    direction = fields.Selection(related="indicator_id.direction")
    kind = fields.Selection(
        [
            ("set", "Set the target"),
            ("percent", "Change the target by %"),
            ("amount", "Change the target by an amount"),
            ("add", "Add a line"),
            ("drop", "Drop the line"),
        ],
        string="How It Changes",
        required=True,
        default="set",
    )
    target = fields.Float(
        help="For the whole period, as in a plan. From the first day of the event on it is "
        "counted by working days, unless the plans are restated."
    )
    change_by = fields.Float(
        digits=(16, 4),
        aggregator=None,
        help="How much more; below zero for less. Threshold and stretch move in proportion.",
    )
    threshold = fields.Float(
        help="The least that counts. Empty: none on a new line; on another it moves with the "
        "target."
    )
    stretch = fields.Float(
        help="The best that is rewarded. Empty: none on a new line; on another it moves with the "
        "target."
    )
    weight = fields.Float(aggregator=None, help="What a new line weighs in each plan.")
    counter_id = fields.Many2one(
        "expat.kpi.indicator",
        string="Weight From or To",
        ondelete="restrict",
        check_company=True,
        help="The line that gives its weight to a new one, or gets that of a dropped one. "
        "Empty: all others, in proportion. Either way the weights are 100 again.",
    )
    summary = fields.Char(compute="_compute_summary")

    _indicator_once = models.UniqueIndex(
        "(event_id, indicator_id)", "The event changes this indicator already."
    )

    @api.depends(
        "kind",
        "indicator_id",
        "target",
        "target_max",
        "change_by",
        "threshold",
        "stretch",
        "weight",
    )
    @api.depends_context("lang")
    def _compute_summary(self):
        for line in self:
            line.summary = line.indicator_id and rule_sentence(self.env, line)

    @api.constrains(
        "kind",
        "indicator_id",
        "target",
        "target_max",
        "change_by",
        "threshold",
        "stretch",
        "weight",
    )
    def _check_change(self):
        for line in self:
            name = line.indicator_id.name
            if line.kind in ("percent", "amount"):
                if not line.change_by:
                    raise ValidationError(
                        self.env._("Say by how much “%(indicator)s” changes.", indicator=name)
                    )
                if line.kind == "percent" and line.change_by <= -100:
                    raise ValidationError(
                        self.env._(
                            "“%(indicator)s” cannot change by −100 %% or more: nothing would be "
                            "left of the target. Drop the line instead.",
                            indicator=name,
                        )
                    )
                continue
            if line.kind == "drop":
                continue
            terms = {term: line[term] for term in TERMS if term != "weight"}
            problem = terms_problem(
                line.direction, weight=line.weight if line.kind == "add" else 0.0, **terms
            )
            if problem:
                raise ValidationError(terms_sentence(self.env, problem, name))
            if line.kind == "add" and not line.weight:
                raise ValidationError(
                    self.env._("Say what the new line “%(indicator)s” weighs.", indicator=name)
                )

    @api.constrains("counter_id", "indicator_id")
    def _check_counter(self):
        for line in self:
            if line.counter_id == line.indicator_id:
                raise ValidationError(
                    self.env._(
                        "“%(indicator)s” cannot give weight to itself.",
                        indicator=line.indicator_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_numbers(vals)
        events = {vals.get("event_id") for vals in vals_list} - {None, False}
        self.env["expat.kpi.event"].browse(events)._check_draft()
        return super().create(vals_list)

    def write(self, vals):
        self.check_access("write")
        self._check_numbers(vals)
        self.event_id._check_draft()
        if "event_id" in vals:
            self.env["expat.kpi.event"].browse(vals["event_id"] or [])._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_in_draft(self):
        self.event_id._check_draft()

    def _check_numbers(self, vals):
        check_finite(self.env, vals)
        if not can_be_rounded(vals.get("change_by")):
            raise ValidationError(self.env._("What a target changes by must be a number."))

    def _rule(self):
        """This line as the engine knows it."""
        self.ensure_one()
        is_moved = self.kind in CHANGING
        return Rule(
            self.kind,
            self.indicator_id.id,
            value=self.change_by if self.kind in ("percent", "amount") else self.target,
            value_max=self.target_max,
            threshold=(self.threshold or None) if is_moved else self.threshold,
            stretch=(self.stretch or None) if is_moved else self.stretch,
            weight=self.weight,
            counter=self.counter_id.id or None if not is_moved else None,
            direction=self.direction,
            digits=self.indicator_id.digits,
        )
