from collections import defaultdict
from datetime import timedelta

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date, format_datetime

from ..engine.periods import Span, period
from ..tools.definition_words import DefinitionWords, DomainWords
from ..tools.fact_explain import FactExplain
from ..tools.fact_query import FactQuery

# How many records each list shows; the others are counted.
SHOWN = 40
MONTHS = 12


class ExpatKpiMeasure(models.Model):
    """Trying a measure out while it is made: the number and the records behind it.

    For HR officers only, about employees whom they may read, and with definitions
    that the published sources allow. The number is what the facts will hold. The
    records are shown under the reader's own rights; of the others there is only
    how many.
    """

    _inherit = "expat.kpi.measure"

    in_words = fields.Text(
        compute="_compute_in_words", help="What counts, written by the system from the settings."
    )
    usage = fields.Char(
        string="Used By", compute="_compute_usage", help="What a change of this measure touches."
    )
    is_agreed = fields.Boolean(
        compute="_compute_is_agreed",
        help="Plans count on this measure: changes wait until they are adopted.",
    )
    version_text = fields.Char(string="In Force", compute="_compute_version_text")
    condition_paths = fields.Json(
        compute="_compute_condition_paths",
        help="The fields that conditions may use: path and label of each, and for a relation "
        "to records that the reader may not see, their model.",
    )

    # What is tried: entered in the form and never stored
    try_employee_id = fields.Many2one(
        "hr.employee",
        string="Try With",
        compute="_compute_try",
        readonly=False,
        groups="expat_kpi.group_officer",
        help="The employee whose records are looked at. Nothing of it is stored.",
    )
    try_month = fields.Date(
        string="Month",
        compute="_compute_try",
        readonly=False,
        groups="expat_kpi.group_officer",
    )
    preview = fields.Json(compute="_compute_preview", groups="expat_kpi.group_officer")

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    @api.depends(lambda self: self._definition_fields())
    @api.depends_context("lang", "uid")
    def _compute_in_words(self):
        for measure in self:
            try:
                definition = measure._definition()
                measure._check_complete(definition)
                measure.in_words = DefinitionWords(measure.source_id, definition).sentence()
            except (ValidationError, UserError):
                measure.in_words = False

    def _check_complete(self, definition):
        if not definition.model:
            raise ValidationError(self.env._("Choose which records count."))
        self.env["expat.kpi.source"]._check_definition(definition)

    @api.depends("indicator_ids")
    @api.depends_context("lang")
    def _compute_usage(self):
        # sudo: expat.kpi.plan.line – how many plans; nothing of them is shown
        lines = self.env["expat.kpi.plan.line"].sudo()
        for measure in self:
            indicators = measure.indicator_ids
            plans = lines._read_group(
                [("indicator_id", "in", indicators.ids), ("state", "!=", "cancelled")],
                aggregates=["plan_id:count_distinct"],
            )[0][0]
            measure.usage = (
                self.env._(
                    "indicators: %(indicators)s, plans: %(plans)s",
                    indicators=len(indicators),
                    plans=plans,
                )
                if indicators
                else self.env._("nothing yet")
            )

    @api.depends("indicator_ids")
    def _compute_is_agreed(self):
        for measure in self:
            measure.is_agreed = measure._is_agreed()

    @api.depends("version_id")
    @api.depends_context("lang", "tz")
    def _compute_version_text(self):
        for measure in self:
            version = measure.version_id
            measure.version_text = version and self.env._(
                "version %(number)s of %(day)s",
                number=version.number,
                day=format_date(
                    self.env,
                    fields.Datetime.context_timestamp(self, version.create_date).date(),
                ),
            )

    @api.depends("source_id")
    @api.depends_context("lang", "uid")
    def _compute_condition_paths(self):
        for measure in self:
            usable = measure.source_id.field_ids.filtered(lambda f: f.use_condition and f.ttype)
            # Dates and owners have their own place in the form: conditions on them are rare.
            usable = usable.sorted(lambda field: field.use_date or field.use_owner)
            measure.condition_paths = [
                [field.path, field.display_name, field._closed_comodel()] for field in usable
            ]

    # ------------------------------------------------------------------
    # What is tried
    # ------------------------------------------------------------------

    def _compute_try(self):
        """The first expat posted today whom the reader may see, and this month.

        Depends on nothing: what is tried stays when the definition changes.
        """
        today = fields.Date.context_today(self)
        for measure in self:
            domain = [
                ("date_from", "<=", today),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", today),
            ]
            if measure.company_id:
                domain.append(("company_id", "=", measure.company_id.id))
            posting = self.env["expat.posting"].search(domain, order="employee_id", limit=1)
            measure.try_employee_id = posting.employee_id
            measure.try_month = today.replace(day=1)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_try(vals) for vals in vals_list])

    def write(self, vals):
        kept = self._without_try(vals)
        # Looking at somebody else's numbers changes nothing, not even who changed it last.
        return super().write(kept) if kept or not vals else True

    @api.model
    def _without_try(self, vals):
        return {
            name: value
            for name, value in vals.items()
            if name not in ("try_employee_id", "try_month")
        }

    # ------------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------------

    @api.depends(
        lambda self: [*self._definition_fields(), "company_id", "try_employee_id", "try_month"]
    )
    @api.depends_context("lang", "tz", "uid", "allowed_company_ids")
    def _compute_preview(self):
        for measure in self:
            try:
                with self.env.cr.savepoint(flush=False):
                    measure.preview = measure._preview()
            except (ValidationError, UserError) as error:
                measure.preview = {"problem": str(error)}
            except psycopg2.Error as error:
                measure.preview = {
                    "problem": self.env._(
                        "It could not be computed: %(error)s",
                        error=str(error).strip().split("\n")[0],
                    )
                }

    def _preview(self):
        """What the widget shows. Raises ValidationError with a sentence for HR."""
        self.ensure_one()
        definition = self._definition()
        self._check_complete(definition)
        employee = self._tried_employee()
        query = FactQuery(self.env, definition, company=self.company_id)
        month = period("month", self.try_month or fields.Date.context_today(self))
        # sudo: res.company – in which currency an employee's numbers are
        currency = employee.sudo().company_id.currency_id
        self.env.flush_all()
        months = self._preview_months(query, employee, month, currency)
        place, zone = self._tried_place(employee, month)
        explain = FactExplain(query, employee.id, month)
        [tried] = [shown for shown in months if shown["is_shown"]]
        unowned = explain.unowned_count(zone)
        return {
            "problem": False,
            "place": place,
            "month": fields.Date.to_string(month.date_from),
            "month_label": format_date(self.env, month.date_from, date_format="MMMM y"),
            "number": tried["text"],
            "number_label": self._number_label(definition),
            "fault": tried["fault_count"]
            and self.env._("%(count)s more cannot be computed", count=tried["fault_count"]),
            "months": months,
            "unowned": unowned
            and self.env._(
                "Records of this month that meet all conditions and belong to no employee: "
                "%(count)s.",
                count=unowned,
            ),
            **self._preview_records(explain.records(), zone, month, definition, currency),
        }

    def _tried_employee(self):
        """The employee, if the reader may read the person."""
        self.env["hr.employee"].sudo(False).check_access("read")
        employee = self.try_employee_id.sudo(False)._origin
        if not employee:
            raise ValidationError(
                self.env._("Choose somebody to try it with. Nobody is posted abroad at present.")
            )
        if not employee._filtered_access("read"):
            raise ValidationError(self.env._("This employee is not open to you."))
        if self.company_id and employee.company_id != self.company_id:
            raise ValidationError(
                self.env._(
                    "%(employee)s works for another company than this measure is for.",
                    employee=employee.name,
                )
            )
        return employee

    def _tried_place(self, employee, month):
        """Where the employee is in that month, in words, and the zone.

        Of several postings the last; outside all of them the nearest.
        """
        # sudo: expat.posting – zone and country of an employee whom the reader may read
        postings = employee.sudo().posting_ids.sorted("date_from")
        then = postings.filtered(lambda posting: posting.date_from <= month.date_to)[-1:]
        posting = then or postings[:1]
        if not posting:
            # sudo: resource.calendar – the employee's own zone, as the facts take it
            own = employee.sudo()
            zone = own.resource_calendar_id.tz or own.tz or "UTC"
            return self.env._("%(city)s, not posted", city=zone_city(zone)), zone
        place = self.env._(
            "%(city)s, %(country)s", city=zone_city(posting.tz), country=posting.country_id.name
        )
        return place, posting.tz

    def _number_label(self, definition):
        """What the number is a number of."""
        if definition.aggregate == "duration":
            return {"hours": self.env._("hours"), "days": self.env._("days")}[
                definition.duration_unit
            ]
        if definition.aggregate == "distinct":
            return self.env._("different")
        if definition.aggregate == "days":
            return self.env._("days")
        if definition.aggregate in ("sum", "money"):
            return self.env._("in all")
        return self.env._("counted")

    def _preview_months(self, query, employee, month, currency):
        """Twelve months with their numbers, by one statement; the tried one among them."""
        this_month = fields.Date.context_today(self).replace(day=1)
        last = this_month
        if not this_month - relativedelta(months=MONTHS - 1) <= month.date_from <= this_month:
            last = month.date_from
        first = last - relativedelta(months=MONTHS - 1)
        span = Span(first, period("month", last).date_to)
        found = defaultdict(list)
        for row in self.env.execute_query(query.facts(span, [employee.id])):
            found[row[2].replace(day=1)].append(row)
        result = []
        for part in span.months():
            amount, faults = summed(found[part.date_from], query.definition.aggregate)
            text = self._format_amount(amount, currency)
            label = format_date(self.env, part.date_from, date_format="MMMM y")
            result.append(
                {
                    "month": fields.Date.to_string(part.date_from),
                    "value": amount,
                    "text": text,
                    "title": self.env._("%(month)s: %(number)s", month=label, number=text),
                    "fault_count": faults,
                    "is_shown": part == month,
                }
            )
        return result

    def _preview_records(self, explained, zone, month, definition, currency):
        """The two lists: counted, and not counted but close to it."""
        counted = [record for record in explained if record.is_counted]
        missed = [
            record
            for record in explained
            if not record.is_counted and self._is_near(record, month, definition.delay_days)
        ]
        others = [
            params["other"]
            for record in missed
            for _code, params in record.reasons
            if params.get("other")
        ]
        names = self._readable_names([record.key for record in counted + missed] + others)
        reasons = ReasonWords(self.source_id, zone, definition, names)
        has_amount = definition.aggregate in ("sum", "money", "duration")
        return {
            "counted": {
                "count": len(counted),
                "records": [
                    {
                        "model": record.key[0],
                        "id": record.key[1],
                        "name": names[record.key],
                        "day": format_date(self.env, record.day, date_format="d MMM"),
                        "amount": self._format_amount(record.amount, currency)
                        if has_amount
                        else "",
                    }
                    for record in counted
                    if record.key in names
                ][:SHOWN],
                "others": self._others_sentence(counted, names),
            },
            "missed": {
                "count": len(missed),
                "records": [
                    {
                        "model": record.key[0],
                        "id": record.key[1],
                        "name": names[record.key],
                        "day": self._missed_day(record, zone),
                        "reasons": reasons.sentences(record),
                    }
                    for record in missed
                    if record.key in names
                ][:SHOWN],
                "others": self._others_sentence(missed, names),
                "hidden": reasons.summary([record for record in missed if record.key not in names]),
            },
        }

    def _is_near(self, record, month, delay_days=0):
        """Whether somebody would look for a record in this month: it lies there on the
        local day, or as the reader's or the server's clock has it."""
        if record.day and record.day in month:
            return True
        moment = record.moment + timedelta(days=delay_days)
        if not hasattr(moment, "hour"):
            return moment in month
        seen = fields.Datetime.context_timestamp(self, moment).date()
        return seen in month or moment.date() in month

    def _missed_day(self, record, zone):
        if record.day:
            return format_date(self.env, record.day, date_format="d MMM")
        if not hasattr(record.moment, "hour"):
            return format_date(self.env, record.moment, date_format="d MMM")
        return format_datetime(self.env, record.moment, tz=zone, dt_format="d MMM")

    def _readable_names(self, keys):
        """{(model, id): name} of those records that the reader may open, by a search a model."""
        ids = defaultdict(list)
        for model_name, record_id in keys:
            ids[model_name].append(record_id)
        names = {}
        for model_name in ids:
            records = self.env[model_name].sudo(False).with_context(active_test=False)
            if not records.has_access("read"):
                continue
            try:
                found = records.search_fetch([("id", "in", ids[model_name])], ["display_name"])
                names |= {(model_name, record.id): record.display_name for record in found}
            except AccessError:
                continue
        return names

    def _others_sentence(self, records, names):
        """How many records a list does not show, and why."""
        closed = sum(record.key not in names for record in records)
        more = len(records) - closed - SHOWN
        if closed and more > 0:
            return self.env._(
                "%(more)s more, and %(closed)s that you may not open", more=more, closed=closed
            )
        if more > 0:
            return self.env._("%(more)s more", more=more)
        if closed and closed < len(records):
            return self.env._("%(closed)s more that you may not open", closed=closed)
        if closed:
            return self.env._("%(closed)s that you may not open", closed=closed)
        return ""


def zone_city(zone):
    """The city that a zone is called after."""
    return zone.split("/")[-1].replace("_", " ")


def summed(rows, aggregate):
    """(amount, fault count) of rows of `FactQuery.facts` that share one sum."""
    faults = sum(row[6] for row in rows)
    if aggregate == "distinct":
        return float(len({row[3] for row in rows if row[5]})), faults
    return float(sum(row[4] for row in rows)), faults


class ReasonWords:
    """Why a record is not counted, in the reader's language.

    :param names: {(model, id): name} of the records that the reader may open
    """

    def __init__(self, source, zone, definition, names):
        self.env = source.env
        self.source = source
        self.zone = zone
        self.definition = definition
        self.names = names
        self.domain_words = DomainWords(source)

    def sentences(self, record):
        return [self._sentence(record, code, params) for code, params in record.reasons]

    def _sentence(self, record, code, params):
        _ = self.env._
        if code in ("earlier", "later"):
            return self._other_month(record, code)
        if code == "condition":
            return _("not: %(condition)s", condition=self.domain_words.describe(params["domain"]))
        if code == "other_owner":
            return _("credited to %(owner)s, who had it then", owner=self._owner_name(params))
        if code in ("no_date", "no_key"):
            path = params.get("path", self.definition.key_path)
            return _("“%(field)s” is empty", field=self.domain_words.labels.get(path, path))
        if code in ("not_first", "first", "not_kept"):
            return self._other_record(code, params)
        if code == "no_rate":
            # sudo: res.currency – a currency's code is no secret
            currency = self.env["res.currency"].sudo().browse(params["currency_id"])
            return _("no rate of %(currency)s on that day", currency=currency.name or "")
        return self._short(code, params)

    def _other_record(self, code, params):
        """What the record's neighbour of the same key has to do with it."""
        _ = self.env._
        path = self.definition.key_path
        words = {
            "key": self.domain_words.labels.get(path, path),
            "days": self.definition.window_days,
            "record": self.names.get(params["other"]),
            "day": params["moment"] and format_date(self.env, params["moment"]),
        }
        if code == "not_kept":
            return _("none of the same “%(key)s” within %(days)s days after it", **words)
        if code == "first":
            if words["days"]:
                return _("none of the same “%(key)s” within %(days)s days before it", **words)
            return _("the first of this “%(key)s”", **words)
        if not words["record"]:
            return _("not the first of this “%(key)s”", **words)
        return _("not the first of this “%(key)s”: %(record)s on %(day)s", **words)

    def _other_month(self, record, code):
        if self.definition.delay_days:
            return self.env._(
                "counts on %(day)s, %(days)s days after its date",
                day=format_date(self.env, record.day),
                days=self.definition.delay_days,
            )
        words = {
            "local": self._local(record),
            "city": zone_city(record.zone or self.zone),
            "month": format_date(self.env, record.day, date_format="MMMM"),
        }
        if code == "later":
            return self.env._("%(local)s %(city)s time is already %(month)s", **words)
        return self.env._("%(local)s %(city)s time is still %(month)s", **words)

    def _local(self, record):
        if not hasattr(record.moment, "hour"):
            return format_date(self.env, record.moment, date_format="d MMMM")
        moment = format_datetime(
            self.env, record.moment, tz=record.zone or self.zone, dt_format="d MMMM HH:mm"
        )
        return moment

    def _owner_name(self, params):
        # sudo: the name of a colleague; nobody else can be credited
        owner = self.env[params["model"]].sudo().browse(params["owner_id"] or 0).exists()
        return owner.display_name or self.env._("nobody")

    def _short(self, code, params):
        _ = self.env._
        if code == "left_out":
            model = self.env[self.definition.model]
            words = model._fields[model._left_out_field]._description_selection(self.env)
            return dict(words)[params["why"]]
        return {
            "archived": _("archived"),
            "other_company": _("belongs to another company"),
            "not_posted": _("outside the posting"),
            "not_finite": _("its amount is no number"),
            "condition": _("a condition not met"),
            "earlier": _("on a local day before"),
            "later": _("on a local day after"),
            "other_owner": _("credited to somebody else"),
            "other_login": _("the login was not this person's on that day"),
            "no_date": _("a date is empty"),
            "no_rate": _("a currency without a rate"),
            "no_key": _("nothing to tell it by"),
            "not_first": _("not the first"),
            "first": _("the first, or none close before it"),
            "not_kept": _("no other followed in time"),
        }[code]

    def short(self, record):
        """The first reason, without names."""
        return self._short(*record.reasons[0])

    def summary(self, records):
        """[“2: archived”, …]: the first reasons of records that cannot be shown."""
        counts = defaultdict(int)
        for record in records:
            counts[self.short(record)] += 1
        return [
            self.env._("%(count)s: %(reason)s", count=count, reason=reason)
            for reason, count in sorted(counts.items(), key=lambda item: -item[1])
        ]
