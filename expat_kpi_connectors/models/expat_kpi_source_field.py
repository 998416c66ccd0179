from odoo import api, models


class ExpatKpiSourceField(models.Model):
    _name = "expat.kpi.source.field"
    _inherit = ["expat.kpi.source.field", "expat.kpi.ready"]

    @api.model
    def _in_place_of(self, values):
        domain = [("source_id", "=", values["source_id"]), ("path", "=", values["path"])]
        return self.search(domain)

    def _make_do(self, values):
        """Uses are added, none is taken away."""
        values = {"use_condition": True, **values}
        uses = [name for name, value in values.items() if name.startswith("use_") and value]
        for field in self:
            field.write({name: True for name in uses if not field[name]})
