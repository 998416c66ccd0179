from odoo import api, fields, models


class ExpatKpiSourceField(models.Model):
    """What HR calls a published field.

    The names of fields are made for those who enter records; along a chain they
    read like “Attendees › Share Partner”. Where that says too little, the
    administrator gives a label.
    """

    _inherit = "expat.kpi.source.field"

    label = fields.Char(
        translate=True, help="What HR calls this field. Empty: the name that it has in its form."
    )

    @api.depends("label")
    @api.depends_context("lang")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for field in self.filtered("label"):
            field.display_name = field.label
        return result

    def _closed_comodel(self):
        """The model that the field points to, if the reader may not see its records:
        none of them can be chosen in a condition. Else nothing."""
        self.ensure_one()
        name = self._steps()[-1].comodel_name
        return name if name and not self.env[name].has_access("read") else False
