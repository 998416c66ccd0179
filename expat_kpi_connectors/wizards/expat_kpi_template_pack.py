from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.expat_kpi.engine.workdays import settled_weights

from ..tools.packs import PACKS
from ..tools.template_library import LIBRARY


class ExpatKpiTemplatePack(models.TransientModel):
    """From a role and an industry to a template of one's own, with example benchmarks.

    Lines whose indicator is not there, since its application is not installed, are shown with
    the reason and left out; the weights of the others are 100 again.
    """

    _name = "expat.kpi.template.pack"
    _description = "Template from the Pack"
    _check_company_auto = True

    role = fields.Selection(
        [
            ("overseas_sales", "Overseas sales"),
            ("plant_manager", "Plant manager"),
            ("supply_chain", "Supply-chain coordinator"),
        ],
        required=True,
        default="overseas_sales",
    )
    industry = fields.Selection(
        [
            ("car_parts", "Car parts"),
            ("machinery", "Machinery"),
            ("hardware", "Hardware"),
        ],
        required=True,
        default="car_parts",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, readonly=True
    )
    job_id = fields.Many2one(
        "hr.job",
        string="For the Role",
        check_company=True,
        help="The job position that the template is for. Empty: any role.",
    )
    region_id = fields.Many2one(
        "expat.region",
        string="For the Region",
        check_company=True,
        help="The region that the template is for. Empty: any region.",
    )
    with_benchmarks = fields.Boolean(
        string="With Example Benchmarks",
        default=True,
        help="Benchmarks to show how they stand beside a target. They are marked as examples: "
        "replace them by published figures of your industry.",
    )
    line_ids = fields.One2many(
        "expat.kpi.template.pack.line",
        "pack_id",
        compute="_compute_line_ids",
        store=True,
        readonly=True,
    )

    @api.depends("role", "industry", "company_id")
    def _compute_line_ids(self):
        for pack in self:
            found = pack._library()
            weights = iter(pack._weights([line for line, indicator, _why in found if indicator]))
            pack.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "sequence": sequence,
                            "name": indicator.name or self.env._(line.label),
                            "indicator_id": indicator.id,
                            "target": line.target(pack.industry),
                            "target_per": line.per,
                            "weight": next(weights) if indicator else 0.0,
                            "reason": reason,
                        }
                    )
                    for sequence, (line, indicator, reason) in enumerate(found)
                ),
            ]

    def _library(self):
        """[(line of the library, its indicator or none, why there is none)]"""
        self.ensure_one()
        result = []
        for line in LIBRARY.get(self.role, ()):
            indicator = self.env.ref(
                f"expat_kpi_connectors.{line.indicator}", raise_if_not_found=False
            )
            indicator = indicator or self.env["expat.kpi.indicator"]
            reason = False
            if not indicator or not indicator.active:
                reason = self._why_missing(line, indicator)
                indicator = indicator.browse()
            result.append((line, indicator, reason))
        return result

    def _why_missing(self, line, indicator):
        # sudo: ir.module.module – only whether the application is there, and its name
        app = self.env["ir.module.module"].sudo().search([("name", "=", line.app)], limit=1)
        if app and app.state not in ("installed", "to upgrade"):
            return self.env._("Needs the application “%(app)s”.", app=app.shortdesc)
        if any(
            line.indicator in pack.keys.get("expat.kpi.indicator", ())
            and not pack.is_loaded(self.env)
            for pack in PACKS
        ):
            return self.env._("It is not loaded: see Library / Ready Measures.")
        if indicator:
            return self.env._("The indicator is archived.")
        return self.env._("The indicator was deleted.")

    @api.model
    def _weights(self, lines):
        """The weights of some lines of the library, made 100 again."""
        total = sum(line.weight for line in lines)
        return settled_weights([100 * line.weight / total for line in lines])

    def action_create(self):
        """Make the template, and open it."""
        self.ensure_one()
        self.env["expat.kpi.template"].check_access("create")
        lines = [(line, indicator) for line, indicator, _why in self._library() if indicator]
        if not lines:
            raise UserError(
                self.env._("None of these indicators is there. Install their applications first.")
            )
        weights = self._weights([line for line, _indicator in lines])
        template = self.env["expat.kpi.template"].create(
            {
                "name": self._template_name(),
                "company_id": self.company_id.id,
                "job_id": self.job_id.id,
                "region_id": self.region_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "sequence": 10 * (place + 1),
                            "indicator_id": indicator.id,
                            "target": line.target(self.industry),
                            "target_per": line.per,
                            "threshold": self._bound(line, indicator, 0),
                            "stretch": self._bound(line, indicator, 1),
                            "weight": weight,
                        }
                    )
                    for place, ((line, indicator), weight) in enumerate(
                        zip(lines, weights, strict=True)
                    )
                ],
            }
        )
        for code, _name in self.env["res.lang"].get_installed():
            template.with_context(lang=code).name = self.with_context(lang=code)._template_name()
        if self.with_benchmarks:
            self._make_benchmarks(lines)
        return {
            "type": "ir.actions.act_window",
            "res_model": "expat.kpi.template",
            "res_id": template.id,
            "views": [[False, "form"]],
        }

    def _template_name(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))[self[name]]
            for name in ("role", "industry")
        }
        return self.env._("%(role)s, %(industry)s", **labels)

    def _bound(self, line, indicator, place):
        """Threshold (0) or stretch (1) of a line; a share never asks for more than 100 %."""
        bound = round(line.target(self.industry) * line.bounds[place], indicator.digits or 0)
        return min(bound, 100.0) if indicator.unit == "percent" else bound

    def _make_benchmarks(self, lines):
        """An example for each indicator that nobody has entered a benchmark of."""
        Benchmark = self.env["expat.kpi.benchmark"]
        indicators = self.env["expat.kpi.indicator"].union(*(found for _line, found in lines))
        known = Benchmark.search(
            [
                ("indicator_id", "in", indicators.ids),
                ("company_id", "in", (False, self.company_id.id)),
            ]
        ).indicator_id
        Benchmark.create(
            [
                {
                    "indicator_id": indicator.id,
                    "company_id": self.company_id.id,
                    "region_id": self.region_id.id,
                    "value": line.target(self.industry),
                    "spread": round(line.target(self.industry) * line.spread, 1),
                    "source": self.env._(
                        "Example for %(template)s, to be replaced", template=self._template_name()
                    ),
                    "is_example": True,
                }
                for line, indicator in lines
                if indicator not in known
            ]
        )
