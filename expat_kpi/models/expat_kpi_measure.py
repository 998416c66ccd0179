from odoo import api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.tools import formatLang

from ..engine import formula
from ..engine.definition import Definition
from ..engine.periods import Span
from ..tools.fact_query import FactQuery


class ExpatKpiMeasure(models.Model):
    """What is counted or added up: a published source, conditions, whose and when.

    HR officers make measures in a form; everybody in the company may read what
    counts. What is found is kept per version as daily facts.
    """

    _name = "expat.kpi.measure"
    _description = "Measure"
    _inherit = ["expat.kpi.guarded", "mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True
    _guarded_fields = frozenset({"version_id", "version_ids"})

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        tracking=True,
        help="The name of this measure in formulas: small letters, digits and underscores.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to measure the employees of all companies."
    )
    note = fields.Text(
        string="What Counts", translate=True, help="In a sentence, for those who are measured."
    )

    # Which records
    source_id = fields.Many2one(
        "expat.kpi.source", string="Count", required=True, index=True, ondelete="restrict"
    )
    model = fields.Char(related="source_id.model", string="Source Model")
    domain = fields.Char(string="Conditions", default="[]", required=True)
    include_archived = fields.Boolean(
        string="Archived Too",
        help="Archived records count as well. Lost leads, for instance, are archived.",
    )

    # For whom
    owner_field_id = fields.Many2one(
        "expat.kpi.source.field",
        string="For",
        compute="_compute_source_fields",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        domain="[('source_id', '=', source_id), ('use_owner', '=', True)]",
        ondelete="restrict",
    )
    owner_moment = fields.Selection(
        [("now", "the present owner"), ("event", "the owner at that moment")],
        string="Credit",
        default="now",
        required=True,
        help="After a hand-over: credit who has the record now, or who had it when it happened.",
    )
    credit = fields.Selection(
        [("whole", "the whole to each"), ("share", "equal shares")],
        string="Several Owners",
        default="whole",
        required=True,
        help="When a record belongs to several employees.",
    )

    # When
    date_field_id = fields.Many2one(
        "expat.kpi.source.field",
        string="When",
        compute="_compute_source_fields",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        domain="[('source_id', '=', source_id), ('use_date', '=', True)]",
        ondelete="restrict",
        help="The record counts on this day, where the employee was.",
    )
    delay_days = fields.Integer(
        string="Counts After",
        aggregator=None,
        help="A record counts so many days after its own date, for who had it where he was then. "
        "With 365 the orders of last May count this May: so one can ask now what became of them.",
    )

    # What of them
    aggregate = fields.Selection(
        [
            ("count", "Number of records"),
            ("days", "Number of days"),
            ("sum", "Sum of a quantity"),
            ("money", "Sum of money"),
            ("distinct", "Number of different…"),
            ("duration", "Time between two dates"),
        ],
        default="count",
        required=True,
    )
    amount_field_id = fields.Many2one(
        "expat.kpi.source.field",
        string="Amount",
        domain="[('source_id', '=', source_id), ('use_amount', '=', True)]",
        ondelete="restrict",
    )
    key_field_id = fields.Many2one(
        "expat.kpi.source.field",
        string="Different",
        domain="[('source_id', '=', source_id), ('use_key', '=', True)]",
        ondelete="restrict",
    )
    start_field_id = fields.Many2one(
        "expat.kpi.source.field",
        string="Time From",
        domain="[('source_id', '=', source_id), ('use_date', '=', True)]",
        ondelete="restrict",
    )
    end_field_id = fields.Many2one(
        "expat.kpi.source.field",
        string="Time To",
        domain="[('source_id', '=', source_id), ('use_date', '=', True)]",
        ondelete="restrict",
    )
    duration_unit = fields.Selection(
        [("days", "Days"), ("hours", "Hours")], default="days", required=True
    )

    # Which of several of the same key
    occurrence = fields.Selection(
        [
            ("every", "every record"),
            ("first", "only the first of each…"),
            ("again", "all but the first of each…"),
            ("kept", "those that another of the same follows"),
        ],
        string="Which of Them",
        default="every",
        required=True,
        help="Records are put in a row by their date, all those of one customer, for instance, "
        "whosever they are. Only records that meet the conditions are in the row. New customers: "
        "the first of each. Customers who came back: all but the first. Customers who stayed: "
        "those that another follows.",
    )
    window_days = fields.Integer(
        string="Within",
        aggregator=None,
        help="How many days away the other record may be at most: a customer is new again after "
        "so many days without an order, or has stayed who orders again within so many days. "
        "0: however long ago.",
    )

    # Versions and freshness
    version_ids = fields.One2many("expat.kpi.measure.version", "measure_id", string="Versions")
    version_id = fields.Many2one(
        "expat.kpi.measure.version",
        string="Version in Force",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    is_changed = fields.Boolean(
        compute="_compute_is_changed", help="The form differs from the version in force."
    )
    date_refreshed = fields.Datetime(related="version_id.date_refreshed", string="Refreshed")
    error = fields.Text(related="version_id.error")
    indicator_ids = fields.Many2many(
        "expat.kpi.indicator",
        "expat_kpi_indicator_measure_rel",
        "measure_id",
        "indicator_id",
        readonly=True,
    )

    _code_company_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE active", "A measure with this code exists already."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("source_id")
    def _compute_source_fields(self):
        """Take the source's first owner and date; drop what belongs to another source."""
        for measure in self:
            published = measure.source_id.field_ids
            if measure.owner_field_id not in published:
                measure.owner_field_id = published.filtered("use_owner")[:1]
            if measure.date_field_id not in published:
                measure.date_field_id = published.filtered("use_date")[:1]

    @api.depends(lambda self: [*self._definition_fields(), "version_id"])
    def _compute_is_changed(self):
        for measure in self:
            version = measure.version_id
            measure.is_changed = bool(version) and version._definition() != measure._definition()

    # ------------------------------------------------------------------
    # Definition
    # ------------------------------------------------------------------

    @api.model
    def _definition_fields(self):
        """Fields that decide what counts."""
        return [
            "source_id",
            "domain",
            "include_archived",
            "owner_field_id",
            "owner_moment",
            "credit",
            "date_field_id",
            "aggregate",
            "amount_field_id",
            "key_field_id",
            "start_field_id",
            "end_field_id",
            "duration_unit",
            "occurrence",
            "window_days",
            "delay_days",
        ]

    def _definition(self):
        """The form's settings as a `Definition`; what does not apply is left out."""
        self.ensure_one()
        aggregate = self.aggregate
        is_amount = aggregate in ("sum", "money")
        is_duration = aggregate == "duration"
        is_in_row = self.occurrence != "every"
        has_key = aggregate == "distinct" or is_in_row
        return Definition(
            model=self.source_id.model or "",
            domain=self.domain or "[]",
            include_archived=self.include_archived,
            owner_path=self.owner_field_id.path or "",
            owner_moment=self.owner_moment,
            credit=self.credit,
            date_path=self.date_field_id.path or "",
            local_date_path=self.date_field_id.local_date_path or "",
            aggregate=aggregate,
            amount_path=(is_amount and self.amount_field_id.path) or "",
            currency_path=(aggregate == "money" and self.amount_field_id.currency_path) or "",
            key_path=(has_key and self.key_field_id.path) or "",
            start_path=(is_duration and self.start_field_id.path) or "",
            end_path=(is_duration and self.end_field_id.path) or "",
            duration_unit=self.duration_unit if is_duration else "days",
            occurrence=self.occurrence,
            window_days=self.window_days if is_in_row else 0,
            delay_days=self.delay_days,
        )

    @api.constrains(lambda self: self._definition_fields())
    def _check_definition(self):
        for measure in self:
            # Building the query is the check: what it refuses cannot be computed either.
            FactQuery(self.env, measure._definition())

    @api.constrains("code")
    def _check_code(self):
        for measure in self:
            if not formula.is_code(measure.code):
                raise ValidationError(
                    self.env._(
                        "“%(code)s” cannot be a code. Use small letters, digits and underscores, "
                        "a letter first, and none of the words of formulas.",
                        code=measure.code,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        measures = super().create(vals_list)
        measures._adopt()
        return measures

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(self._definition_fields()):
            # Nobody agreed to the numbers of a measure that no plan uses yet.
            self.filtered(lambda measure: measure.is_changed and not measure._is_agreed())._adopt()
        return result

    def copy_data(self, default=None):
        return [
            dict(values, code=f"{values['code']}_copy") for values in super().copy_data(default)
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for measure in self:
            if measure.indicator_ids:
                raise UserError(
                    self.env._(
                        "“%(measure)s” is used by %(indicators)s. Archive it instead.",
                        measure=measure.name,
                        indicators=", ".join(measure.indicator_ids.mapped("name")),
                    )
                )

    @api.ondelete(at_uninstall=True)
    def _unlink_facts(self):
        """PostgreSQL deletes the versions, which then delete nothing themselves."""
        self.version_ids._unlink_facts()

    # ------------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------------

    def _is_agreed(self):
        """Whether a plan that left its draft counts on this measure."""
        self.ensure_one()
        # sudo: expat.kpi.plan.line – whether there is one; nothing of it is shown
        return bool(
            self.env["expat.kpi.plan.line"]
            .sudo()
            .search_count(
                [
                    ("indicator_id.measure_ids", "in", self.ids),
                    ("plan_id.state", "not in", ("draft", "cancelled")),
                ],
                limit=1,
            )
        )

    def _adopt(self):
        """Make the form's settings a new version, and that the one in force."""
        for measure in self:
            # Not the first of them: what was adopted a moment ago still stands at their end.
            last = max(measure.version_ids.mapped("number"), default=0)
            # sudo: expat.kpi.measure.version – nobody creates versions but this
            version = (
                self.env["expat.kpi.measure.version"]
                .sudo()
                .create(
                    {
                        "measure_id": measure.id,
                        "number": last + 1,
                        "definition": measure._definition().to_json(),
                    }
                )
            )
            measure._set_guarded({"version_id": version.id})

    def action_adopt(self):
        self.check_access("write")
        self.filtered("is_changed")._adopt()
        return self.action_refresh()

    # ------------------------------------------------------------------
    # Refresh and records
    # ------------------------------------------------------------------

    def _refresh(self, date_from=None, date_to=None):
        """Refresh the facts of the versions in force and of those that running plans
        agreed to, for these local days (default: the open months; a new version's
        whole history)."""
        span = Span(date_from, date_to) if date_from else None
        versions = self.version_id | self.version_id._pinned_by_plans(self)
        return versions._refresh(span)

    def action_refresh(self):
        self.check_access("write")
        try:
            self.version_id.sudo().lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("This measure is being refreshed at the moment. Look again in a minute.")
            ) from error
        self._refresh()
        self.env["expat.kpi.plan"]._refresh_open(self)
        failed = self.filtered("error")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if failed else "success",
                "message": failed[0].error if failed else self.env._("The numbers are up to date."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _counted_ids(self, employees, date_from, date_to, version=None):
        """Ids of the records that a version counts (default: the one in force), latest first.

        Ids say little, but they are of all records: show them only through the
        reader's own rights.
        """
        self.ensure_one()
        self.env.flush_all()
        version = version or self.version_id
        query = FactQuery(self.env, version._definition(), company=self.company_id)
        rows = self.env.execute_query(query.counted_ids(Span(date_from, date_to), employees.ids))
        return list(dict.fromkeys(row[0] for row in rows))

    def _format_amount(self, amount, currency=None):
        """What this measure found, as the reader's language writes it."""
        self.ensure_one()
        if self.aggregate == "money":
            return formatLang(self.env, amount, currency_obj=currency)
        digits = 0 if float(amount).is_integer() else 1
        return formatLang(self.env, amount, digits=digits)
