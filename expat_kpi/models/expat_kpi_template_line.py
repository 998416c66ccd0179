from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import workdays
from ..engine.revision import terms_problem
from ..tools.plan_sentences import check_finite

TERMS = ("target", "target_max", "threshold", "stretch")


class ExpatKpiTemplateLine(models.Model):
    """An indicator of a template, with what is usually asked for."""

    _name = "expat.kpi.template.line"
    _description = "KPI Template Line"
    _inherit = ["expat.kpi.terms"]
    _order = "template_id, sequence, id"
    _rec_name = "indicator_id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "expat.kpi.template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    indicator_id = fields.Many2one(
        "expat.kpi.indicator", required=True, index=True, ondelete="restrict", check_company=True
    )
    dimension = fields.Selection(related="indicator_id.dimension")
    unit = fields.Selection(related="indicator_id.unit")
    direction = fields.Selection(related="indicator_id.direction")

    target = fields.Float(required=True)
    target_per = fields.Selection(
        [("period", "the whole period"), ("month", "a month")],
        string="Target For",
        required=True,
        default="period",
        help="A target for a month is multiplied by the months of the cycle, "
        "so that one template serves months, quarters and years.",
    )
    prorate = fields.Boolean(
        string="Prorated",
        compute="_compute_prorate",
        store=True,
        readonly=False,
        precompute=True,
        help="Who is posted for a part of the period gets that share of the target, by local "
        "working days. For what adds up, such as visits; not for rates and durations.",
    )

    _indicator_once = models.UniqueIndex(
        "(template_id, indicator_id)", "This indicator is in the template already."
    )

    @api.depends("indicator_id")
    def _compute_prorate(self):
        for line in self:
            line.prorate = bool(line.indicator_id) and line.indicator_id._is_additive()

    @api.constrains("target", "target_max", "threshold", "stretch", "weight", "indicator_id")
    def _check_terms(self):
        self._raise_unsound()

    @api.constrains("target_per", "prorate")
    def _check_target_per(self):
        for line in self:
            if line.target_per == "month" and not line.prorate:
                raise ValidationError(
                    self.env._(
                        "“%(indicator)s” does not grow with the period, so its target is for the "
                        "whole period. Mark it as prorated if it does add up.",
                        indicator=line.indicator_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_finite(self.env, vals)
        return super().create(vals_list)

    def write(self, vals):
        check_finite(self.env, vals)
        return super().write(vals)

    def _scaled_terms(self, months, share):
        """The numbers of a plan line.

        :param months: the length of the cycle in months
        :param share: of the cycle's working days that are the employee's, from 0 to 1
        """
        self.ensure_one()
        factor = (share if self.prorate else 1.0) * (months if self.target_per == "month" else 1)
        exact = {name: self[name] for name in TERMS}
        if factor == 1:
            return exact
        terms = {
            name: workdays.scaled(amount, factor, self.indicator_id.digits)
            for name, amount in exact.items()
        }
        if terms_problem(self.direction, **terms):
            # Rounded, the threshold would meet the target.
            terms = {name: round(amount * factor, 4) for name, amount in exact.items()}
        return terms
