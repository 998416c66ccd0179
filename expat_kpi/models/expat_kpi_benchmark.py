from odoo import api, fields, models


class ExpatKpiBenchmark(models.Model):
    """What is usual outside of the company: a value somebody else has published.

    HR officers keep benchmarks; everybody in the company may read them, since they
    stand beside the targets.
    """

    _name = "expat.kpi.benchmark"
    _description = "Benchmark"
    _order = "indicator_id, year desc, id desc"
    _check_company_auto = True

    indicator_id = fields.Many2one(
        "expat.kpi.indicator", required=True, index=True, ondelete="cascade", check_company=True
    )
    unit = fields.Selection(related="indicator_id.unit")
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to share the benchmark between all companies."
    )
    industry_id = fields.Many2one(
        "res.partner.industry", help="Empty: any industry. Else the one of the company's contact."
    )
    region_id = fields.Many2one("expat.region", check_company=True, help="Empty: any region.")
    country_id = fields.Many2one("res.country", help="Empty: any country.")
    year = fields.Integer(
        required=True, aggregator=None, default=lambda self: fields.Date.today().year
    )
    value = fields.Float(
        required=True,
        aggregator=None,
        digits=(16, 4),
        help="In the indicator's unit; for what adds up, such as visits, for one month.",
    )
    spread = fields.Float(
        aggregator=None,
        digits=(16, 4),
        help="How far companies usually are from the value, to either side.",
    )
    source = fields.Char(
        required=True, help="Who says so, and where: the report, its year, the page."
    )

    is_example = fields.Boolean(
        string="Example",
        copy=False,
        help="From the template pack, not a published figure. A new value or source ends that.",
    )

    _year_sound = models.Constraint(
        "CHECK (year BETWEEN 1990 AND 2200)", "Enter the year with four digits."
    )
    _spread_sound = models.Constraint("CHECK (spread >= 0)", "A spread cannot be negative.")
    _numbers_finite = models.Constraint(
        "CHECK (value <> 'NaN' AND spread <> 'NaN')", "Enter a number."
    )

    def write(self, vals):
        if not {"value", "source"}.isdisjoint(vals):
            vals = {"is_example": False, **vals}
        return super().write(vals)

    @api.depends("indicator_id", "value", "year")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for benchmark in self:
            indicator = benchmark.indicator_id
            benchmark.display_name = (
                self.env._(
                    "%(indicator)s %(year)s: %(value)s",
                    indicator=indicator.name,
                    year=benchmark.year,
                    value=indicator._format_value(benchmark.value),
                )
                if indicator
                else ""
            )

    def _nearest(self, indicator, company, posting, year):
        """Of these, the one that says most of an employee posted somewhere: the same country
        before the same region before anywhere, then the latest; maybe none."""

        def fits(benchmark):
            industry = company.partner_id.industry_id
            return (
                benchmark.indicator_id == indicator
                and benchmark.year <= year
                and benchmark.company_id in (company.browse(), company)
                and (not benchmark.industry_id or benchmark.industry_id == industry)
                and (not benchmark.country_id or benchmark.country_id == posting.country_id)
                and (not benchmark.region_id or benchmark.region_id == posting.region_id)
            )

        return self.filtered(fits).sorted(
            lambda benchmark: (
                bool(benchmark.country_id),
                bool(benchmark.region_id),
                bool(benchmark.industry_id),
                benchmark.year,
                benchmark.id,
            ),
            reverse=True,
        )[:1]
