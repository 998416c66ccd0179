from odoo import api, fields, models


class ExpatKpiPlan(models.Model):
    """What becomes of a plan when its employee goes to another company.

    The plan stays in the company in which it was made, and so do its signing rule and
    its HR. Who has no access to that company can neither read it nor act on it: they do
    not follow it any more, are asked for nothing, and the plan says who they are.
    """

    _inherit = "expat.kpi.plan"

    company_text = fields.Char(
        string="Company of the Employee",
        compute="_compute_company_text",
        help="Said while the employee belongs to another company than the plan.",
    )

    @api.depends("employee_id.company_id", "company_id", "state", "party_ids.user_id")
    @api.depends_context("lang")
    def _compute_company_text(self):
        for plan in self:
            # sudo: hr.employee – the company, and who of the parties has access to which
            plan.company_text = plan.sudo()._company_sentence()

    def _company_sentence(self):
        company, own = self.employee_id.company_id, self.company_id
        if not company or company == own or self.state in ("closed", "cancelled"):
            return False
        names = {
            "employee": self.employee_id.name,
            "company": company.name,
            "own": own.name,
        }
        outside = self._outsiders()
        if not outside:
            return self.env._(
                "%(employee)s belongs to %(company)s now. The plan stays in %(own)s, and everybody "
                "who must sign has access to it.",
                **names,
            )
        return self.env._(
            "%(employee)s belongs to %(company)s now. The plan stays in %(own)s, to which these "
            "have no access: %(people)s. They cannot act until they are given it; else HR cancels "
            "the plan.",
            people=", ".join(outside.mapped("name")),
            **names,
        )

    def _outsiders(self):
        """Users of whom something would be asked, and who cannot open the plan."""
        self.ensure_one()
        asked = self.employee_id.user_id | self.party_ids.user_id | self.party_ids.deputy_id
        return asked.filtered(lambda user: self.company_id not in user.company_ids)

    def _wanted_activities(self, late):
        outside = self._outsiders()
        return {
            (xmlid, user): text
            for (xmlid, user), text in super()._wanted_activities(late).items()
            if user not in outside
        }

    def _follow_company(self):
        """Their employees have gone to another company: ask only those who can act."""
        for plan in self.sudo():
            plan._lock()
            outside = plan._outsiders()
            plan.message_unsubscribe(outside.partner_id.ids)
            plan._sync_activities()
            # What else was to be done about the plan is HR's to give on.
            heir = plan._hr_user() or self.env.user
            plan.activity_ids.filtered(
                lambda activity, outside=outside: activity.user_id in outside
            ).write({"user_id": heir.id})
            text = plan._company_sentence()
            if text:
                plan._tell(text)
