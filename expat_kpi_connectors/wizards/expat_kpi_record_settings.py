from odoo import api, fields, models

FIELDS = (
    "expat_kpi_record_hours",
    "expat_kpi_file_mb",
    "expat_kpi_late_days",
    "expat_kpi_flag_days",
    "expat_kpi_audit_share",
)


class ExpatKpiRecordSettings(models.TransientModel):
    """How a company keeps field records, for HR officers, who do not write companies."""

    _name = "expat.kpi.record.settings"
    _description = "Settings of Field Records"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, readonly=True
    )
    expat_kpi_record_hours = fields.Integer(string="Edit For")
    expat_kpi_file_mb = fields.Integer(string="Largest File")
    expat_kpi_late_days = fields.Integer(string="Ask After")
    expat_kpi_flag_days = fields.Integer(string="Managers See After")
    expat_kpi_audit_share = fields.Float(string="Audited Share", digits=(5, 2))

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        company = self.env.company
        values.update({name: company[name] for name in FIELDS if name in fields})
        return values

    def action_save(self):
        self.ensure_one()
        # sudo: res.company – an HR officer sets these fields of the own company, and no other
        self.env.company.sudo().write({name: self[name] for name in FIELDS})
        return {"type": "ir.actions.act_window_close"}
