import ast

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Fields of these models are never read, whoever publishes them: passwords, keys,
# messages, wages. A path may end at such a record (an owner is a user), but not go on.
CLOSED_MODELS = ("res.users", "hr.version", "hr.payslip", "auth.", "bus.", "ir.", "mail.")

SET_OPERATORS = frozenset({"=", "!=", "in", "not in"})
ORDER_OPERATORS = frozenset({"<", "<=", ">", ">="})
TEXT_OPERATORS = frozenset({"like", "not like", "ilike", "not ilike", "=like", "=ilike"})
# No measure looks further ahead or back than ten years.
LONGEST = 3660
TREE_OPERATORS = frozenset({"child_of", "parent_of"})
SUBDOMAIN_OPERATORS = frozenset({"any", "not any"})
RELATIONAL = frozenset({"many2one", "one2many", "many2many"})
NUMERIC = frozenset({"integer", "float", "monetary"})


class ExpatKpiSource(models.Model):
    """A model, and those of its fields, that may be counted.

    Measures are computed over everybody's records, whoever asks; so what may be
    computed is decided here, by an administrator, and nowhere else. HR officers
    read sources and build measures on them without needing any right on the
    records themselves; what is not published cannot be reached, be it as date,
    owner, amount, key or condition.
    """

    _name = "expat.kpi.source"
    _description = "Published Source"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, help="What HR calls these records: Meetings.")
    model = fields.Char(required=True, help="Technical name of the model, such as crm.lead.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    note = fields.Text(translate=True, help="What one has to know to count these records rightly.")
    field_ids = fields.One2many(
        "expat.kpi.source.field", "source_id", string="Published Fields", copy=True
    )
    is_available = fields.Boolean(
        compute="_compute_is_available",
        help="Whether the application that these records belong to is installed.",
    )

    _model_uniq = models.UniqueIndex("(model)", "This model is published already.")

    @api.depends("model")
    def _compute_is_available(self):
        for source in self:
            source.is_available = self._is_countable(source.model)

    @api.constrains("model")
    def _check_model(self):
        for source in self:
            if source.model not in self.env:
                raise ValidationError(
                    self.env._("There is no model “%(model)s” here.", model=source.model)
                )
            if not self._is_countable(source.model) or self._is_closed(source.model):
                raise ValidationError(
                    self.env._(
                        "Records of “%(model)s” cannot be published for counting.",
                        model=source.model,
                    )
                )

    @api.model
    def _is_countable(self, model_name):
        model = self.env.get(model_name)
        if model is None or model._abstract or model._transient:
            return False
        # Of statements only those made for counting, while what they read is there.
        return model._auto or bool(getattr(model, "_is_readable", bool)())

    @api.model
    def _is_closed(self, model_name):
        return model_name.startswith(CLOSED_MODELS)

    def unlink(self):
        # Not left to PostgreSQL: their XML ids would stay.
        self.field_ids.unlink()
        return super().unlink()

    def _load_records(self, data_list, update=False):
        """Fields with a label of ours get XML ids beside their new source's: a label is
        translated by that alone. They are lines of the source all the same, which an update
        does not create again where an administrator took them away."""
        new = [
            bool(data.get("xml_id")) and not self.env.ref(data["xml_id"], raise_if_not_found=False)
            for data in data_list
        ]
        sources = super()._load_records(data_list, update=update)
        for data, source, is_new in zip(data_list, sources, new, strict=True):
            if is_new:
                source.field_ids.filtered("label")._set_xml_ids(data["xml_id"])
        return sources

    # ------------------------------------------------------------------
    # Paths
    # ------------------------------------------------------------------

    @api.model
    def _walk_path(self, model_name, path):
        """The fields along ``path``, from a model on.

        :raise ValidationError: on a field that is missing, has no column, is kept
            from some readers, or lies in a closed model
        """
        steps = []
        model = self.env.get(model_name)
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            if field is None:
                raise ValidationError(
                    self.env._(
                        "“%(path)s” does not exist: %(model)s has no field “%(field)s”.",
                        path=path,
                        model=model_name if model is None else model._description,
                        field=name,
                    )
                )
            if self._is_closed(model._name) or field.groups or not self._has_values(field):
                raise ValidationError(
                    self.env._(
                        "“%(path)s” cannot be published: “%(field)s” is confidential or computed "
                        "on the fly.",
                        path=path,
                        field=field.string,
                    )
                )
            steps.append(field)
            model = self.env[field.comodel_name] if field.type in RELATIONAL else None
            model_name = field.comodel_name or model_name
        return steps

    @api.model
    def _has_values(self, field):
        """Whether a field has a column, or a table, that a statement can read."""
        if field.company_dependent or field.type in ("binary", "json", "properties", "reference"):
            return False
        return bool(field.store)

    def _published_paths(self, use):
        """Paths of this source that may be used as ``use`` ("date", "owner", …)."""
        return set(self.field_ids.filtered(f"use_{use}").mapped("path"))

    # ------------------------------------------------------------------
    # Definitions
    # ------------------------------------------------------------------

    @api.model
    def _check_definition(self, definition, sources=None):
        """Refuse a definition that reaches for anything unpublished, or cannot work.

        Called before a definition is stored and again before each computation:
        a source may have been withdrawn, or an application removed, in between.

        :param sources: all active sources, if they were read already
        :raise ValidationError: a sentence for HR
        :return: the source
        """
        # sudo: expat.kpi.source – the list of what is published is not secret, and
        # deciding by it must not depend on who asks.
        if sources is None:
            source = self.sudo().search([("model", "=", definition.model)])
        else:
            source = sources.filtered(lambda source: source.model == definition.model)
        if not source:
            raise ValidationError(
                self.env._(
                    "“%(model)s” is not a published source. An administrator can publish it.",
                    model=definition.model,
                )
            )
        if not source.is_available:
            raise ValidationError(
                self.env._(
                    "The application behind “%(records)s” is no longer installed. "
                    "Install it again, or archive this measure.",
                    records=source.name,
                )
            )
        paths = {
            "owner": [definition.owner_path],
            "date": [definition.date_path],
            "amount": [definition.amount_path] if definition.aggregate in ("sum", "money") else [],
            "key": [definition.key_path]
            if definition.aggregate == "distinct" or definition.occurrence != "every"
            else [],
        }
        if definition.aggregate == "duration":
            paths["date"] += [definition.start_path, definition.end_path]
        for use, used in paths.items():
            for path in used:
                source._check_path(path, use)
        source._check_domain(definition.domain)
        source._check_days(definition)
        return source

    @api.model
    def _check_days(self, definition):
        for days in (definition.window_days, definition.delay_days):
            if not 0 <= days <= LONGEST:
                raise ValidationError(
                    self.env._(
                        "%(days)s days cannot be used here. Enter from 0 to %(most)s days.",
                        days=days,
                        most=LONGEST,
                    )
                )
        if definition.occurrence == "kept" and not definition.window_days:
            raise ValidationError(
                self.env._("Say within how many days the next record of the same must follow.")
            )

    def _check_path(self, path, use):
        self.ensure_one()
        if not path:
            raise ValidationError(
                {
                    "owner": self.env._("Say whose record it is."),
                    "date": self.env._("Say which date counts."),
                    "amount": self.env._("Say which amount is added up."),
                    "key": self.env._("Say of which field different values count."),
                }[use]
            )
        if path not in self._published_paths(use):
            raise ValidationError(
                self.env._(
                    "“%(path)s” of “%(records)s” is not published for this use. "
                    "An administrator can publish it.",
                    path=path,
                    records=self.name,
                )
            )
        self._walk_path(self.model, path)

    def _parse_domain(self, text):
        """The domain as an object. Raises ValidationError where it is not a literal."""
        try:
            return Domain(ast.literal_eval(text or "[]"))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise ValidationError(
                self.env._("The conditions are not readable. Enter them again.")
            ) from error

    def _check_domain(self, text):
        self.ensure_one()
        domain = self._parse_domain(text)
        self._check_conditions(domain, prefix="")
        try:
            domain.validate(self._source_model(self.model))
        except (ValueError, TypeError) as error:
            raise ValidationError(
                self.env._("The conditions cannot be used: %(error)s", error=str(error))
            ) from error

    def _check_conditions(self, domain, prefix):
        published = self._published_paths("condition")
        for condition in domain.iter_conditions():
            path = prefix + condition.field_expr
            if condition.operator in SUBDOMAIN_OPERATORS and isinstance(
                condition.value, (Domain, list, tuple)
            ):
                inner = Domain(condition.value)
                self._check_conditions(inner, prefix=f"{path}.")
                # Without conditions it names no field, and still tells whether there is
                # a record: then the relation itself must be published.
                if path in published or any(inner.iter_conditions()):
                    continue
            if path not in published:
                raise ValidationError(
                    self.env._(
                        "“%(path)s” of “%(records)s” is not published for conditions. "
                        "An administrator can publish it.",
                        path=path,
                        records=self.name,
                    )
                )
            field = self._walk_path(self.model, path)[-1]
            if not self._is_plain_condition(field, condition.operator, condition.value):
                raise ValidationError(
                    self.env._(
                        "The condition on “%(field)s” cannot be used here. Compare it with fixed "
                        "values: a number, a text, a date, a chosen record.",
                        field=field.string,
                    )
                )

    @api.model
    def _is_plain_condition(self, field, operator, value):
        """Whether a condition reads nothing but the field, the same every day.

        A text compared with a relation searches the other model's names, codes or
        addresses, which nobody published; "today" changes yesterday's count.
        """
        values = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
        values = [item for item in values if item not in (False, None)]
        if field.type in RELATIONAL:
            operators, kinds = SET_OPERATORS | TREE_OPERATORS, int
        elif field.type in NUMERIC:
            operators, kinds = SET_OPERATORS | ORDER_OPERATORS, (int, float)
        elif field.type == "boolean":
            operators, kinds = SET_OPERATORS, bool
        elif field.type in ("date", "datetime"):
            operators, kinds = SET_OPERATORS | ORDER_OPERATORS, str
            if not all(isinstance(item, str) and item[:4].isdigit() for item in values):
                return False
        else:
            operators, kinds = SET_OPERATORS | ORDER_OPERATORS | TEXT_OPERATORS, str
        return operator in operators and all(isinstance(item, kinds) for item in values)

    @api.model
    def _records_behind(self, model_name, ids):
        """{id: (model, id)}: what the rows of a source are about.

        A table's rows are records themselves, a statement's are of records elsewhere. What
        is shown of them is read under the reader's own rights.
        """
        model = self.env[model_name]
        if isinstance(model, self.env.registry["expat.kpi.source.view"]):
            # sudo: expat.kpi.source.view – only which records it is about
            return model.sudo().browse(ids)._records_behind()
        return {record_id: (model_name, record_id) for record_id in ids}

    @api.model
    def _source_model(self, model_name):
        """The records of a published source, all of them, the same for everybody.

        This is the only place where rights on source records are set aside. Its
        callers hand out sums and counts, and pass only definitions that
        `_check_definition` accepted. User, time zone, language and active filter
        are fixed, so that who asks cannot change what is found; companies are
        matched record by record with the employee's.
        """
        # sudo: see above
        context = {"tz": "UTC", "lang": "en_US"}
        return self.env(user=SUPERUSER_ID, su=True, context=context)[model_name]
