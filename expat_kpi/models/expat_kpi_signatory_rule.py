from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ..engine.lifecycle import DEFAULT_PARTIES, parties_problem


class ExpatKpiSignatoryRule(models.Model):
    """Who must sign the plans of a company, by when, and who is told when they do not.

    HR officers set it up in a form. Of the rules that fit a plan the most specific one
    is taken when the plan is sent into negotiation; a later change of the rule leaves
    it alone. Where there is no rule, the employee, the direct manager and HR sign.
    """

    _name = "expat.kpi.signatory.rule"
    _description = "Signing Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="Of rules that fit a plan equally well, the first is taken."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Leave empty to use the rule in all companies.",
    )
    template_ids = fields.Many2many(
        "expat.kpi.template",
        string="Templates",
        check_company=True,
        # Without its template a rule would become one for all plans.
        ondelete="restrict",
        help="For plans made from these templates. Leave empty for all plans. A rule of the "
        "company and the template comes before one of the company, and that before one of all "
        "companies.",
    )
    signatory_ids = fields.One2many(
        "expat.kpi.signatory",
        "rule_id",
        string="Who Must Sign",
        copy=True,
        default=lambda self: [Command.create({"role": role}) for role in DEFAULT_PARTIES],
    )
    days_to_agree = fields.Integer(
        default=14,
        required=True,
        help="Days from sending a plan into negotiation to its deadline. After that the "
        "deputies are told, and HR may settle a deadlock.",
    )
    remind_days = fields.Integer(
        string="Remind Before",
        default=3,
        required=True,
        help="Working days before the deadline from which whoever is waited for is reminded: the "
        "own ones of each, by the calendar of the place, less public holidays and time off.",
    )

    _days_positive = models.Constraint(
        "CHECK (days_to_agree >= 1 AND remind_days >= 0)",
        "There must be at least one day to agree.",
    )

    @api.constrains("signatory_ids")
    def _check_signatories(self):
        """Never fewer than the employee and somebody above."""
        for rule in self:
            problem = parties_problem(rule.signatory_ids.mapped("role"))
            if problem == "no_expat":
                raise ValidationError(self.env._("The employee whose plan it is must sign it."))
            if problem == "none_above":
                raise ValidationError(
                    self.env._(
                        "Beside the employee, a manager, a dotted-line manager or a named "
                        "person must sign."
                    )
                )

    @api.model
    def _for_plan(self, plan):
        """The rule of a plan, or none."""
        return self._for_plans(plan)[plan]

    @api.model
    def _for_plans(self, plans):
        """{plan: its rule, or none}"""
        rules = self.search([("company_id", "in", [False, *plans.company_id.ids])])
        return {
            plan: rules.filtered_domain(self._plan_domain(plan)).sorted(
                lambda rule: (not rule.company_id, not rule.template_ids)
            )[:1]
            for plan in plans
        }

    @api.model
    def _plan_domain(self, plan):
        """Which rules fit a plan; a hook for other conditions."""
        return [
            ("company_id", "in", (False, plan.company_id.id)),
            "|",
            ("template_ids", "=", False),
            ("template_ids", "in", plan.template_id.ids),
        ]
