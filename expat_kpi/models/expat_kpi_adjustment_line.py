from odoo import api, fields, models

from ..engine.adjustment import Line
from ..engine.revision import TERMS
from ..tools.plan_sentences import change_sentence, check_finite, terms_text
from .expat_kpi_proposal import FROM_LINE


class ExpatKpiAdjustmentLine(models.Model):
    """One line of a plan as an adjustment would have it.

    Numbers are said for the whole period, as on the plan. Who may do what follows the
    adjustment.
    """

    _name = "expat.kpi.adjustment.line"
    _description = "Change in an Adjustment"
    _inherit = ["expat.kpi.guarded", "expat.kpi.terms"]
    _order = "adjustment_id, sequence, id"
    _rec_name = "indicator_id"

    adjustment_id = fields.Many2one(
        "expat.kpi.adjustment", required=True, index=True, ondelete="cascade"
    )
    employee_id = fields.Many2one(
        related="adjustment_id.employee_id", related_sudo=False, store=True, index=True
    )
    company_id = fields.Many2one(
        related="adjustment_id.company_id", related_sudo=False, store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [("change", "Change"), ("add", "Add"), ("drop", "Drop")],
        string="What",
        required=True,
        default="change",
    )
    indicator_id = fields.Many2one(
        "expat.kpi.indicator", required=True, index=True, ondelete="restrict"
    )
    unit = fields.Selection(related="indicator_id.unit")
    direction = fields.Selection(related="indicator_id.direction")

    # What is to hold: all numbers of the line, those that stay included
    target = fields.Float(**FROM_LINE)
    target_max = fields.Float(**FROM_LINE)
    threshold = fields.Float(**FROM_LINE)
    stretch = fields.Float(**FROM_LINE)
    weight = fields.Float(aggregator=None, **FROM_LINE)
    old_text = fields.Char(
        string="Until Now",
        compute="_compute_texts",
        help="What holds on the first day of the adjustment without it.",
    )
    new_text = fields.Char(string="From Then On", compute="_compute_texts")

    @api.depends("kind", "indicator_id")
    def _compute_from_line(self):
        """Begin with what holds on that day; what is to change is entered."""
        for line in self:
            if line.kind == "add" or not line.indicator_id:
                continue
            held = line._held_terms()
            for name in TERMS:
                line[name] = held.get(name) or 0.0

    @api.depends("kind", "indicator_id", "adjustment_id.date_from", *TERMS)
    @api.depends_context("lang")
    def _compute_texts(self):
        for line in self:
            unit = line._unit_content()
            old = line._held_terms() if line.kind != "add" else {}
            line.old_text = terms_text(self.env, {**unit, **old}) if old else "–"
            line.new_text = (
                terms_text(self.env, {**unit, **line._terms()}) if line.kind != "drop" else "–"
            )

    def _told_changes(self):
        """[(name of the indicator, what changes)], in words."""
        told = []
        for line in self:
            unit = line._unit_content()
            new = {**unit, **line._terms()}
            if line.kind == "change":
                text = change_sentence(self.env, {**unit, **line._held_terms()}, new)
            elif line.kind == "add":
                text = self.env._("New: %(terms)s", terms=terms_text(self.env, new))
            else:
                text = self.env._("Drop the line")
            told.append((line.indicator_id.name, text))
        return [(name, text) for name, text in told if text]

    def _held_terms(self):
        """What holds on the first day of the adjustment without it; empty for nothing."""
        adjustment = self.adjustment_id
        plan, day = adjustment.plan_id._origin, adjustment.date_from
        if not plan:
            return {}
        if adjustment.method == "restated":
            day = plan.date_from
        held = plan._agreed_terms(day, adjustment.base_revision_id)
        return held.get(self.indicator_id._origin.id) or {}

    def _unit_content(self):
        return {
            "unit": self.unit,
            "digits": self.indicator_id.digits,
            "currency": self.currency_id.name,
        }

    def _as_engine_line(self, additive):
        """A line that is not in the plan yet, for the engine; see `engine.adjustment`."""
        indicator = self.indicator_id._origin
        return Line(
            indicator.id,
            name=indicator.name or "",
            direction=indicator.direction or "more",
            is_additive=indicator.id in additive,
            digits=indicator.digits,
        )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_finite(self.env, vals)
        lines = super().create(vals_list)
        lines.adjustment_id._check_own_draft()
        return lines

    def write(self, vals):
        check_finite(self.env, vals)
        self.adjustment_id._check_own_draft()
        result = super().write(vals)
        self.adjustment_id._check_own_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_own_draft(self):
        self.adjustment_id._check_own_draft()
