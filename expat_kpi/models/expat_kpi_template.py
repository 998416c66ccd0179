from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.workdays import weights_problem


class ExpatKpiTemplate(models.Model):
    """The lines that plans of one role in one region begin with.

    A template without a role fits every role, one without a region every region;
    of those that fit somebody, the most specific one is taken. HR officers keep
    templates; what is in a plan can be read there.
    """

    _name = "expat.kpi.template"
    _description = "KPI Template"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="Of two that fit as well, the first is taken.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to share the template between all companies."
    )
    job_id = fields.Many2one(
        "hr.job",
        string="Role",
        check_company=True,
        tracking=True,
        help="The role of the posting, or of the employee where the posting names none. "
        "Empty: any role.",
    )
    region_id = fields.Many2one(
        "expat.region",
        check_company=True,
        tracking=True,
        help="The region that the employee is posted in. Empty: any region.",
    )
    line_ids = fields.One2many("expat.kpi.template.line", "template_id", string="Lines", copy=True)
    weight_total = fields.Float(compute="_compute_weight", digits=(6, 2))
    weight_problem = fields.Char(compute="_compute_weight")

    @api.depends("line_ids.weight")
    @api.depends_context("lang")
    def _compute_weight(self):
        for template in self:
            weights = template.line_ids.mapped("weight")
            template.weight_total = sum(weights)
            template.weight_problem = template._weight_sentence(weights)

    @api.constrains("line_ids")
    def _check_weights(self):
        for template in self:
            if template.line_ids and template.weight_problem:
                raise ValidationError(template.weight_problem)

    def _weight_sentence(self, weights):
        """What is wrong with the weights; False if nothing is."""
        if not weights:
            return False
        missing = weights_problem(weights)
        if missing > 0:
            return self.env._(
                "The weights are %(total)g together, %(missing)g are missing from 100.",
                total=round(sum(weights), 2),
                missing=missing,
            )
        if missing < 0:
            return self.env._(
                "The weights are %(total)g together, %(excess)g more than 100.",
                total=round(sum(weights), 2),
                excess=-missing,
            )
        return False

    # ------------------------------------------------------------------
    # Which one fits
    # ------------------------------------------------------------------

    @api.model
    def _candidates(self, company):
        """Templates that plans of a company may be made from, the most specific first."""
        templates = self.search([("company_id", "in", (False, company.id))])
        return templates.sorted(
            lambda template: (
                -2 * bool(template.job_id) - bool(template.region_id),
                not template.company_id,
                template.sequence,
                template.id,
            )
        )

    def _fitting(self, job, region):
        """The first of these templates that fits a role and a region; maybe none."""
        for template in self:
            if template.job_id and template.job_id != job:
                continue
            if template.region_id and template.region_id != region:
                continue
            return template
        return self.browse()
