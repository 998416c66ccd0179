from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class ExpatKpiRecordFlag(models.Model):
    """A question about a field record, put to the person first.

    The person reads and answers it. Managers and HR officers see it once it is answered,
    or some days after it was asked (`res.company.expat_kpi_flag_days`).
    """

    _name = "expat.kpi.record.flag"
    _description = "Question about a Field Record"
    _inherit = ["expat.kpi.guarded"]
    _order = "is_shared, id desc"
    _rec_name = "record_id"
    _guarded_fields = frozenset(
        {"record_id", "kind", "date_asked", "answer", "date_answered", "is_shared"}
    )

    record_id = fields.Many2one(
        "expat.kpi.record", required=True, index=True, ondelete="cascade", readonly=True
    )
    employee_id = fields.Many2one(related="record_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="record_id.company_id", store=True)
    posting_id = fields.Many2one(related="record_id.posting_id", store=True)
    kind = fields.Selection(
        [
            ("late", "It arrived days after it happened."),
            ("series", "Several records in a row are of the same customer."),
            ("burst", "Many records of the month are of its last days."),
        ],
        string="Question",
        required=True,
        readonly=True,
    )
    date_asked = fields.Datetime(string="Asked On", readonly=True, required=True)
    answer = fields.Text(readonly=True)
    date_answered = fields.Datetime(string="Answered On", readonly=True)
    is_shared = fields.Boolean(string="Manager Sees It", readonly=True, index=True)

    _once = models.UniqueIndex("(record_id, kind)", "This was asked already.")

    def _ask(self, records, kind):
        """Ask about those of ``records`` that were not asked about before."""
        # sudo: expat.kpi.record.flag – the system asks
        flags = self.sudo()
        asked = flags.search([("record_id", "in", records.ids), ("kind", "=", kind)]).record_id
        now = fields.Datetime.now()
        flags._create_guarded(
            [
                {"record_id": record.id, "kind": kind, "date_asked": now}
                for record in records - asked
            ]
        )

    def action_answer(self, answer):
        """Answer as the person whose record it is; from then on the manager sees both."""
        self.check_access("read")
        answer = (answer or "").strip()
        if not answer:
            raise UserError(self.env._("Write an answer."))
        for flag in self:
            if flag.employee_id.sudo().user_id != self.env.user:
                raise AccessError(self.env._("Whose record it is, answers."))
            if flag.date_answered:
                raise UserError(self.env._("This was answered already, and others have read it."))
        # sudo: expat.kpi.record.flag – the person's own, just checked
        self.sudo()._set_guarded(
            {"answer": answer, "date_answered": fields.Datetime.now(), "is_shared": True}
        )
        return True

    def _cron_share(self):
        """Show managers what was asked long enough ago."""
        now = fields.Datetime.now()
        # sudo: expat.kpi.record.flag – of everybody
        waiting = self.sudo().search([("is_shared", "=", False)])
        waiting.filtered(
            lambda flag: (
                now > fields.Datetime.add(flag.date_asked, days=flag.company_id.expat_kpi_flag_days)
            )
        )._set_guarded({"is_shared": True})
