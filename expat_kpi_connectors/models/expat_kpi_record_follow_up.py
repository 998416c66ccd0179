from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class ExpatKpiRecord(models.Model):
    """What comes of a record: an activity or a lead in one click, a solution."""

    _inherit = "expat.kpi.record"

    def action_solve(self):
        """It is solved now. It need not be within the hours for edits.

        Only incidents are measured on the day they are solved. All else counts as solved on
        the day it was begun, and a period that is in review or closed changes no more.
        """
        self.check_access("write")
        open_ones = self.filtered(lambda record: not record.is_solved)
        open_ones.filtered(lambda record: record.category != "incident")._check_period()
        open_ones._set_guarded({"is_solved": True, "date_solved": fields.Datetime.now()})
        return True

    def action_make_activity(self):
        """A to-do for the person, on the lead or customer if there is one, else here."""
        self.ensure_one()
        self.check_access("write")
        target = self.lead_id or self.partner_id or self
        if not target.has_access("read"):
            target = self
        target.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.date_follow_up
            or fields.Date.add(fields.Date.context_today(self), days=7),
            summary=self.env._("Follow up: %(record)s", record=self._title(self.partner_name)),
            note=plaintext2html(self.need or self.note or ""),
            # sudo: hr.employee – whose to-do it is
            user_id=self.employee_id.sudo().user_id.id or self.env.uid,
        )
        self._note_follow_up({"is_followed_up": True})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("It is among your activities."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_make_lead(self):
        """An opportunity from what was said; the same one when it was made before."""
        self.ensure_one()
        self.check_access("write")
        if not self.follow_up_lead_id:
            if not self.env["crm.lead"].has_access("create"):
                raise UserError(
                    self.env._(
                        "You may not make leads. Ask for access to CRM, or make an activity."
                    )
                )
            lead = self.env["crm.lead"].create(self._prepare_lead_values())
            self._note_follow_up({"follow_up_lead_id": lead.id, "is_followed_up": True})
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.follow_up_lead_id.id,
            "view_mode": "form",
        }

    def _note_follow_up(self, vals):
        """What is done in a later period makes no more of a visit in one that is over."""
        if self._in_final_period():
            vals = {name: value for name, value in vals.items() if name != "is_followed_up"}
        self._set_guarded(vals)

    def _prepare_lead_values(self):
        first_line = ((self.need or self.note or "").strip().splitlines() or [""])[0]
        return {
            "name": first_line[:80] or self._title(self.partner_name),
            "type": "opportunity",
            "partner_id": self.partner_id.id,
            # sudo: hr.employee – who found it keeps it
            "user_id": self.employee_id.sudo().user_id.id,
            "company_id": self.company_id.id,
            "description": plaintext2html("\n\n".join(filter(None, (self.need, self.note)))),
        }

    def action_open_partner(self):
        self.ensure_one()
        return self.partner_id._get_records_action()

    # ------------------------------------------------------------------
    # Made from elsewhere
    # ------------------------------------------------------------------

    @api.model
    def _action_log(self, **values):
        """Open a form that is filled in already; an employee's own."""
        if not self.env.user.employee_id:
            raise UserError(
                self.env._("Your login belongs to no employee. Ask HR to link it to yours.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log Visit"),
            "res_model": self._name,
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {f"default_{name}": value for name, value in values.items() if value},
        }
