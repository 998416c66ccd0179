from odoo import api, fields, models


class ExpatKpiPlanLineRecords(models.TransientModel):
    """Asks which records behind an actual to open, where they are of several kinds.

    It holds how many there are of each; which they are is found when they are opened, for
    those who may read the line, under their own rights on the records.
    """

    _name = "expat.kpi.plan.line.records"
    _description = "Records Behind a Line"

    line_id = fields.Many2one("expat.kpi.plan.line", required=True, ondelete="cascade")
    kind_ids = fields.One2many("expat.kpi.plan.line.records.kind", "records_id")

    @api.model
    def _ask(self, line, counted):
        """The dialog for ``line``, of which ``counted`` holds {model: ids}."""
        records = self.create(
            {
                "line_id": line.id,
                "kind_ids": [
                    fields.Command.create({"model": model, "count": len(ids)})
                    for model, ids in counted.items()
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": line.indicator_id.name,
            "res_model": self._name,
            "res_id": records.id,
            "views": [(False, "form")],
            "target": "new",
        }


class ExpatKpiPlanLineRecordsKind(models.TransientModel):
    """One kind of record behind an actual."""

    _name = "expat.kpi.plan.line.records.kind"
    _description = "Kind of Records Behind a Line"

    records_id = fields.Many2one(
        "expat.kpi.plan.line.records", string="Dialog", required=True, ondelete="cascade"
    )
    model = fields.Char(required=True)
    name = fields.Char(string="Records", compute="_compute_name")
    count = fields.Integer(readonly=True)

    @api.depends("model")
    @api.depends_context("lang")
    def _compute_name(self):
        for kind in self:
            # sudo: ir.model – what records of a model are called
            kind.name = self.env["ir.model"].sudo()._get(kind.model).name

    def action_open(self):
        self.ensure_one()
        line = self.records_id.line_id
        ids = line._counted_by_model().get(self.model, ())
        return line._open_counted(self.model, ids)
