from odoo import fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    posting_ids = fields.One2many(
        "expat.posting", "employee_id", string="Postings", groups="hr.group_hr_user"
    )
