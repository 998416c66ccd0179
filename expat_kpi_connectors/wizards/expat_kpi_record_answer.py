from odoo import fields, models


class ExpatKpiRecordAnswer(models.TransientModel):
    """Answer what is asked about one's own field records."""

    _name = "expat.kpi.record.answer"
    _description = "Answer a Question"

    flag_ids = fields.Many2many("expat.kpi.record.flag", string="Questions", readonly=True)
    answer = fields.Text(required=True)

    def action_answer(self):
        self.flag_ids.action_answer(self.answer)
        return {"type": "ir.actions.act_window_close"}


class ExpatKpiRecord(models.Model):
    _inherit = "expat.kpi.record"

    def action_answer_flags(self):
        self.ensure_one()
        open_flags = self.flag_ids.filtered(lambda flag: not flag.date_answered)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer"),
            "res_model": "expat.kpi.record.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_flag_ids": open_flags.ids},
        }
