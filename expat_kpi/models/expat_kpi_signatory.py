from odoo import api, fields, models
from odoo.exceptions import ValidationError

PARTY_SELECTION = [
    ("expat", "Employee"),
    ("manager", "Direct manager"),
    ("hr", "HR"),
    ("dotted_manager", "Dotted-line manager"),
    ("person", "Named person"),
]


class ExpatKpiSignatory(models.Model):
    """One line of a signing rule: a party that must sign."""

    _name = "expat.kpi.signatory"
    _description = "Signatory"
    _order = "sequence, id"

    rule_id = fields.Many2one(
        "expat.kpi.signatory.rule", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="rule_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    role = fields.Selection(PARTY_SELECTION, string="Party", required=True, default="person")
    label = fields.Char(
        string="Called",
        translate=True,
        help="What this party is called on the plan, such as Country head or Works council.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        help="Who signs, where the party is a named person; for HR, who is waited for.",
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    deputy_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Who is told when the party has not signed by the deadline. "
        "A deputy signs for nobody.",
    )

    _role_once = models.UniqueIndex("(rule_id, role) WHERE role <> 'person'", "A party signs once.")

    @api.constrains("role", "user_id")
    def _check_user(self):
        for signatory in self:
            if signatory.role == "person" and not signatory.user_id:
                raise ValidationError(self.env._("Say who the named person is."))
            if signatory.user_id and signatory.role not in ("person", "hr"):
                raise ValidationError(
                    self.env._("The person follows from the plan for all parties but HR and named.")
                )

    @api.constrains("role", "rule_id")
    def _check_enough(self):
        self.rule_id._check_signatories()

    def unlink(self):
        rules = self.rule_id
        result = super().unlink()
        rules._check_signatories()
        return result
