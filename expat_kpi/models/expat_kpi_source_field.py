from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .expat_kpi_source import NUMERIC

OWNER_MODELS = ("res.users", "hr.employee", "res.partner")


class ExpatKpiSourceField(models.Model):
    """One field of a published source, and what measures may use it for."""

    _name = "expat.kpi.source.field"
    _description = "Published Field"
    _order = "source_id, sequence, id"
    _rec_names_search = ["path"]

    source_id = fields.Many2one("expat.kpi.source", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    path = fields.Char(
        string="Field",
        required=True,
        help="A field of the model, or a chain of fields such as order_id.user_id.",
    )
    label = fields.Char(
        translate=True,
        help="What HR calls this field; along a chain, the names of fields read like "
        "“Attendees › Share Partner”. Empty: those names.",
    )
    use_date = fields.Boolean(string="Date", help="May decide on which day a record counts.")
    use_owner = fields.Boolean(string="Owner", help="May decide for whom a record counts.")
    use_amount = fields.Boolean(string="Amount", help="May be added up.")
    use_key = fields.Boolean(string="Distinct", help="May be counted once per value.")
    use_condition = fields.Boolean(
        string="Condition", default=True, help="May be used to select records."
    )
    local_date_path = fields.Char(
        string="Local Date",
        help="For a moment that is sometimes a whole day: the date field that, where it is set, "
        "is the local day itself. All-day meetings are stored like this.",
    )
    currency_path = fields.Char(
        string="Currency",
        help="For an amount of money: the field of its currency. "
        "Empty: the currency of the record's company.",
    )
    ttype = fields.Char(string="Type", compute="_compute_ttype")

    _path_uniq = models.UniqueIndex("(source_id, path)", "This field is published already.")

    @api.depends("path", "source_id.model")
    def _compute_ttype(self):
        for field in self:
            steps = field._steps()
            field.ttype = steps[-1].type if steps else False

    @api.depends("path", "label", "source_id.model")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for field in self:
            names = [step._description_string(self.env) for step in field._steps()]
            field.display_name = field.label or " › ".join(names) or field.path or ""

    def _steps(self):
        """The fields along the path; nothing when it (no longer) leads anywhere."""
        self.ensure_one()
        try:
            return self.source_id._walk_path(self.source_id.model, self.path or "")
        except ValidationError:
            return []

    def _set_xml_ids(self, source_xml_id):
        """Give each field of a source an XML id: that of the source, and its path."""
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"{source_xml_id}_{field.path.replace('.', '_')}",
                    "record": field,
                    "noupdate": True,
                }
                for field in self
            ]
        )

    def _closed_comodel(self):
        """The model that the field points to, if the reader may not see its records:
        none of them can be chosen in a condition. Else nothing."""
        self.ensure_one()
        name = self._steps()[-1].comodel_name
        return name if name and not self.env[name].has_access("read") else False

    @api.constrains("path", "local_date_path", "currency_path", "source_id")
    def _check_paths(self):
        for field in self:
            for path in (field.path, field.local_date_path, field.currency_path):
                if path:
                    field.source_id._walk_path(field.source_id.model, path)

    @api.constrains("path", "use_date", "use_owner", "use_amount", "use_key")
    def _check_use(self):
        for field in self:
            last = field.source_id._walk_path(field.source_id.model, field.path)[-1]
            wrong = (
                (field.use_date and last.type not in ("date", "datetime"))
                or (field.use_owner and last.comodel_name not in OWNER_MODELS)
                or (field.use_amount and last.type not in NUMERIC)
                or (field.use_key and last.type not in ("many2one", "integer"))
            )
            if wrong:
                raise ValidationError(
                    self.env._(
                        "“%(field)s” does not fit its use: a date is a date or a moment, an owner "
                        "is a user, an employee or a contact, an amount is a number, and what is "
                        "counted once is a record.",
                        field=field.display_name,
                    )
                )
