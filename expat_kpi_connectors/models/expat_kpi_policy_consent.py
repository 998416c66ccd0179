from odoo import fields, models


class ExpatKpiPolicyConsent(models.Model):
    """Who confirmed which notice, and when, or took that back.

    The person and HR officers read it; nobody changes it.
    """

    _name = "expat.kpi.policy.consent"
    _description = "Confirmation of a Notice"
    _inherit = ["expat.kpi.history"]
    _order = "id desc"
    _rec_name = "employee_id"

    policy_id = fields.Many2one("expat.kpi.policy", required=True, index=True, ondelete="restrict")
    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="employee_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict")
    notice_version = fields.Integer(string="Version", required=True, aggregator=None)
    notice = fields.Text(required=True, help="As it was read.")
    is_given = fields.Boolean(string="Confirmed", help="Not set: the confirmation was taken back.")
    date = fields.Datetime(required=True)
