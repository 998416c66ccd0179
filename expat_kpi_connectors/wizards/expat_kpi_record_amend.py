from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime

FIELDS = (
    "kind_id",
    "date",
    "partner_id",
    "department_id",
    "lead_id",
    "note",
    "need",
    "result",
    "date_solved",
    "active",
)


class ExpatKpiRecordAmend(models.TransientModel):
    """Change a field record whose time for edits is over; the old values stay.

    The person, or an HR officer.
    """

    _name = "expat.kpi.record.amend"
    _description = "Amend a Field Record"

    record_id = fields.Many2one("expat.kpi.record", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="record_id.company_id")
    kind_id = fields.Many2one(
        "expat.kpi.record.kind",
        required=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    date = fields.Datetime(string="When", required=True)
    partner_id = fields.Many2one("res.partner", string="Customer")
    department_id = fields.Many2one("hr.department")
    lead_id = fields.Many2one("crm.lead", string="Opportunity")
    note = fields.Text()
    need = fields.Text()
    result = fields.Selection(
        lambda self: self.env["expat.kpi.record"]._fields["result"]._description_selection(self.env)
    )
    date_solved = fields.Datetime(string="Solved On")
    active = fields.Boolean(string="Counts", default=True, help="Not set: the record is archived.")
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        record = self.env["expat.kpi.record"].browse(values.get("record_id"))
        if record:
            record.check_access("read")
            values.update(
                {
                    name: record._fields[name].convert_to_write(record[name], record)
                    for name in FIELDS
                    if name in fields
                }
            )
        return values

    def action_amend(self):
        self.ensure_one()
        record = self.record_id
        record.check_access("write")
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the record changes."))
        vals = {}
        for name in FIELDS:
            if self[name] != record[name]:
                vals[name] = record._fields[name].convert_to_write(self[name], record)
        if not vals:
            raise UserError(self.env._("Nothing was changed."))
        record._amend(vals, self.reason.strip())
        return {"type": "ir.actions.act_window_close"}


class ExpatKpiRecord(models.Model):
    _inherit = "expat.kpi.record"

    def action_amend(self):
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Amend"),
            "res_model": "expat.kpi.record.amend",
            "view_mode": "form",
            "target": "new",
            "context": {"default_record_id": self.id},
        }

    def _amend(self, vals, reason):
        self.ensure_one()
        officer = self.env.user.has_group("expat_kpi.group_officer")
        if not officer and self.employee_id.sudo().user_id != self.env.user:
            raise AccessError(self.env._("The person or HR amends a field record."))
        self._check_period()
        old = {name: self._fields[name].convert_to_read(self[name], self, False) for name in vals}
        before = {name: self._in_words(name) for name in vals}
        vals = self._known_solution(vals)
        self._set_guarded(vals)
        self._check_links(vals)
        self._check_period()
        lines = [
            self.env._(
                "%(field)s: %(old)s → %(new)s",
                field=self._fields[name]._description_string(self.env),
                old=before[name] or "–",
                new=self._in_words(name) or "–",
            )
            for name in before
        ]
        # sudo: expat.kpi.record.amendment – history, written here alone
        self.env["expat.kpi.record.amendment"].sudo()._create_guarded(
            [
                {
                    "record_id": self.id,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "reason": reason,
                    "old_values": {
                        name: fields.Datetime.to_string(value) if name.startswith("date") else value
                        for name, value in old.items()
                    },
                    "summary": "\n".join(lines),
                }
            ]
        )
        self._refresh_marks()

    def _in_words(self, name):
        field, value = self._fields[name], self[name]
        if field.type == "many2one":
            return value.sudo().display_name
        if field.type == "datetime":
            return value and format_datetime(self.env, value, dt_format="short")
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value)
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        return value
