from datetime import date

from odoo import api, fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    posting_ids = fields.One2many(
        "expat.posting", "employee_id", string="Postings", groups="hr.group_hr_user"
    )
    login_ids = fields.One2many(
        "expat.login", "employee_id", string="Logins", groups="hr.group_hr_user"
    )

    def _open_plans(self, role="employee_id"):
        """The plans that are not over of which these are the employees, or something else."""
        # sudo: expat.kpi.plan – follows from the employee, whoever may change that
        return (
            self.env["expat.kpi.plan"]
            .sudo()
            .search([(role, "in", self.ids), ("state", "not in", ("closed", "cancelled"))])
        )

    @api.model_create_multi
    def create(self, vals_list):
        employees = super().create(vals_list)
        employees._follow_logins(dict.fromkeys(employees, self.env["res.users"]))
        return employees

    def _login_on(self, day):
        """Whose login was this person's on a local day; see `expat.login`."""
        self.ensure_one()
        # sudo: hr.employee, expat.login – whose login it was is no secret of HR's
        employee = self.sudo()
        begun = employee.login_ids.filtered(lambda row: not row.date_from or row.date_from <= day)
        if not employee.login_ids:
            return employee.user_id
        return begun.sorted(lambda row: row.date_from or date.min)[-1:].user_id

    def _follow_logins(self, before):
        # sudo: expat.login – follows from the employee, whoever may change that
        self.env["expat.login"].sudo()._follow(
            {employee.sudo(): user for employee, user in before.items()}
        )

    def write(self, vals):
        """Who manages whom moves at once in the plans that are not over; whose login it
        was until now is remembered."""
        if not {"parent_id", "user_id", "company_id"}.intersection(vals):
            return super().write(vals)
        moved = managed = dotted = changed = self.env["expat.kpi.plan"].sudo()
        if "parent_id" in vals:
            # A manager chosen on the plan itself stays; the one of the employee is followed.
            moved = self._open_plans().filtered(
                lambda plan: plan.manager_id == plan.employee_id.parent_id
            )
        if "user_id" in vals:
            managed = self._open_plans("manager_id") - moved
            dotted = self._open_plans("posting_id.dotted_manager_id")
        if "company_id" in vals:
            changed = self._open_plans().filtered(
                lambda plan: plan.employee_id.company_id.id != vals["company_id"]
            )
        logins = {employee: employee.user_id for employee in self if "user_id" in vals}
        with managed._place_kept("manager"), dotted._place_kept("dotted_manager"):
            result = super().write(vals)
        self._follow_logins(logins)
        for plan in moved:
            plan._hand_over(plan.employee_id.parent_id)
        changed._follow_company()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_facts(self):
        self.env["expat.kpi.fact"]._forget("employee_id", self.ids)
