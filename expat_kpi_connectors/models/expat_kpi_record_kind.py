from odoo import fields, models


class ExpatKpiRecordKind(models.Model):
    """What field records are made of: a visit, an exhibition, a company's own kind.

    HR officers keep kinds; everybody reads them.
    """

    _name = "expat.kpi.record.kind"
    _description = "Kind of Field Record"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty for the people of all companies."
    )
    category = fields.Selection(
        [
            ("visit", "Customer visit"),
            ("exhibition", "Exhibition"),
            ("coordination", "Cross-department coordination"),
            ("incident", "Incident"),
            ("other", "Nothing of these"),
        ],
        string="Counts As",
        default="other",
        required=True,
        help="What the shipped measures count it as.",
    )

    # What it asks for
    ask_partner = fields.Boolean(string="Ask for Customer", default=True)
    ask_department = fields.Boolean(string="Ask for Department")
    ask_need = fields.Boolean(string="Ask for Need", default=True)
    ask_result = fields.Boolean(string="Ask for Result", default=True)
    ask_solved = fields.Boolean(
        string="Ask whether Solved", help="And when: for incidents and coordinations."
    )
    ask_photo = fields.Boolean(string="Ask for Photo", default=True)
