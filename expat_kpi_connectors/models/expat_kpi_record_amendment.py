from odoo import fields, models


class ExpatKpiRecordAmendment(models.Model):
    """What a field record said before, who changed it after the time for edits, and why.

    Whoever may read the record reads it; nobody changes it.
    """

    _name = "expat.kpi.record.amendment"
    _description = "Amendment of a Field Record"
    _inherit = ["expat.kpi.history"]
    _order = "id desc"
    _rec_name = "record_id"

    record_id = fields.Many2one("expat.kpi.record", required=True, index=True, ondelete="cascade")
    employee_id = fields.Many2one(related="record_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="record_id.company_id", store=True)
    posting_id = fields.Many2one(related="record_id.posting_id", store=True)
    user_id = fields.Many2one("res.users", string="By", required=True, ondelete="restrict")
    date = fields.Datetime(string="Amended On", required=True)
    reason = fields.Text(required=True)
    old_values = fields.Json(required=True, help="Field and value before.")
    summary = fields.Text(string="Change", required=True, help="Old and new values in words.")
