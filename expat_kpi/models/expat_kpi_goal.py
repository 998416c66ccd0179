from odoo import api, fields, models


class ExpatKpiGoal(models.Model):
    """What the company wants of an indicator in a year, as a whole or in a region.

    A change is against the same days of the year before, an amount is for the whole
    year. HR officers keep goals; everybody in the company may read them, since they
    stand beside the targets.
    """

    _name = "expat.kpi.goal"
    _description = "Company Goal"
    _inherit = ["mail.thread"]
    _order = "year desc, indicator_id, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    indicator_id = fields.Many2one(
        "expat.kpi.indicator", required=True, index=True, ondelete="cascade", check_company=True
    )
    year = fields.Integer(
        required=True, aggregator=None, tracking=True, default=lambda self: fields.Date.today().year
    )
    region_id = fields.Many2one(
        "expat.region", check_company=True, tracking=True, help="Empty: all regions together."
    )
    kind = fields.Selection(
        [("change", "Change against the year before (%)"), ("amount", "Amount for the year")],
        required=True,
        default="change",
        tracking=True,
    )
    value = fields.Float(
        required=True,
        aggregator=None,
        digits=(16, 4),
        tracking=True,
        help="20 for 20 % more than in the year before, or the amount itself.",
    )
    note = fields.Char(help="Where the goal comes from, such as the year's plan.")

    _goal_once = models.UniqueIndex(
        "(company_id, indicator_id, year, COALESCE(region_id, 0))",
        "There is a goal for this indicator, year and region already.",
    )
    _year_sound = models.Constraint(
        "CHECK (year BETWEEN 1990 AND 2200)", "Enter the year with four digits."
    )
    _value_sound = models.Constraint(
        "CHECK (value <> 'NaN' AND (kind = 'change' AND value > -100 OR value > 0))",
        "A change is more than −100 %, an amount more than 0.",
    )

    @api.depends("indicator_id", "kind", "value", "year", "region_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for goal in self:
            if not goal.indicator_id:
                goal.display_name = ""
                continue
            goal.display_name = self.env._(
                "%(indicator)s %(value)s in %(year)s",
                indicator=goal.indicator_id.name,
                value=goal._value_text(),
                year=goal.year,
            )

    def _value_text(self):
        if self.kind == "change":
            return self.env._("%(percent)+g %%", percent=self.value)
        return self.indicator_id._format_value(self.value, self.company_id.currency_id)

    def _nearest(self, indicator, company, region, year):
        """Of these, the one for an employee in a region: its own before that of all."""
        return self.filtered(
            lambda goal: (
                goal.indicator_id == indicator
                and goal.company_id == company
                and goal.year == year
                and (not goal.region_id or goal.region_id == region)
            )
        ).sorted(lambda goal: bool(goal.region_id), reverse=True)[:1]
