from odoo import fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    posting_ids = fields.One2many(
        "expat.posting", "employee_id", string="Postings", groups="hr.group_hr_user"
    )

    def write(self, vals):
        """Who manages whom moves at once in the plans that are not over."""
        if not {"parent_id", "user_id", "company_id"}.intersection(vals):
            return super().write(vals)
        open_states = [("state", "not in", ("closed", "cancelled"))]
        # sudo: expat.kpi.plan – follows from the employee, whoever may change that
        plans = self.env["expat.kpi.plan"].sudo()
        moved = plans.browse()
        if "parent_id" in vals:
            # A manager chosen on the plan itself stays; the one of the employee is followed.
            for plan in plans.search([("employee_id", "in", self.ids), *open_states]):
                if plan.manager_id == plan.employee_id.parent_id:
                    moved |= plan
        managed = {}
        if "user_id" in vals:
            managed = {
                plan: plan.manager_id.user_id
                for plan in plans.search([("manager_id", "in", self.ids), *open_states])
            }
        changed = plans.browse()
        if "company_id" in vals:
            changed = plans.search([("employee_id", "in", self.ids), *open_states]).filtered(
                lambda plan: plan.employee_id.company_id.id != vals["company_id"]
            )
        result = super().write(vals)
        for plan in moved:
            plan._hand_over(plan.employee_id.parent_id)
        for plan, old in managed.items():
            if plan not in moved and plan.manager_id.user_id != old:
                plan._lock()
                plan._move_party("manager", old, plan.manager_id.user_id)
        changed._follow_company()
        return result
