from dataclasses import replace

from odoo import api, fields, models


class ExpatKpiMeasure(models.Model):
    """Measures of what is in no record: the sum of confirmed manual entries.

    Their source, fields and conditions follow from the kind and are set by the
    system; the rest, versions, facts, preview, is that of any measure.
    """

    _inherit = "expat.kpi.measure"

    kind = fields.Selection(
        [("records", "Records in Odoo"), ("manual", "Values entered by hand")],
        default="records",
        required=True,
        help="Values entered by hand count once a manager has confirmed them.",
    )
    entry_count = fields.Integer(compute="_compute_entry_count")

    def _compute_entry_count(self):
        entries = self.env["expat.kpi.manual.entry"]._read_group(
            [("measure_id", "in", self.ids)], ["measure_id"], ["__count"]
        )
        counts = {measure.id: count for measure, count in entries}
        for measure in self:
            measure.entry_count = counts.get(measure.id, 0)

    @api.model
    def _manual_values(self):
        source = self.env.ref("expat_kpi.source_manual_entry")
        paths = {field.path: field.id for field in source.field_ids}
        return {
            "source_id": source.id,
            "owner_field_id": paths["employee_id"],
            "date_field_id": paths["day"],
            "amount_field_id": paths["amount"],
            "aggregate": "sum",
            "domain": "[]",
            "occurrence": "every",
            "delay_days": 0,
        }

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind == "manual":
            self.update(self._manual_values())
        elif self.source_id == self.env.ref("expat_kpi.source_manual_entry"):
            self.source_id = False

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {**vals, **self._manual_values()} if vals.get("kind") == "manual" else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if vals.get("kind") == "manual":
            vals = {**vals, **self._manual_values()}
        return super().write(vals)

    @api.model
    def _definition_fields(self):
        return [*super()._definition_fields(), "kind"]

    def _definition(self):
        definition = super()._definition()
        if self.kind == "manual":
            # One measure counts its own entries; whoever edits the conditions.
            domain = [("state", "=", "confirmed"), ("measure_id", "=", self._origin.id or 0)]
            definition = replace(definition, domain=repr(domain))
        return definition

    def action_open_entries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "expat_kpi.expat_kpi_manual_entry_action"
        )
        action["domain"] = [("measure_id", "=", self.id)]
        action["context"] = {"default_measure_id": self.id}
        return action
