"""From a definition to the statement that finds its facts.

What it accepts: a `Definition` that `expat.kpi.source._check_definition` accepts;
the check is made here, so that no query exists without it.

How to use it::

    query = FactQuery(env, definition)
    env.execute_query(query.facts(span, employees))          # only compute
    env.execute_query(query.counted_ids(span, employees))    # the records behind

`fact_refresh` compares what a query finds with what is stored.

How it works: *spans* are who is measured, where and when (see `fact_spans`): one
row per employee, posting and season of its clock, with its bounds in UTC. Each
span is joined LATERAL to the *records* that belong to its owner, between its
bounds, and that fulfil the measure's conditions. Summed by employee and local
day they are the *facts*. All employees, days and zones go through one statement.

Which record of a key is the first, or is followed by another, is found beside
(`fact_occurrence`) and joined. Where a measure counts with a delay, all of this is
done for days so much earlier, and only the day that comes out is the later one: a
record belongs to whom, and is worth what, it did and was on its own day.

Where an index (owner, date) exists, each span reads its own range of it, and sums
it before it reads the next. Where there is none, PostgreSQL plans one pass over
the records of the whole time. One word decides: `OFFSET 0` keeps the planner from
merging the LATERAL sub-query.
"""

import copy
from datetime import timedelta
from functools import cached_property

from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..engine.definition import Definition
from ..engine.periods import Span
from .fact_occurrence import Occurrence
from .fact_owner import who
from .fact_rates import rates
from .fact_spans import FactSpans, Surroundings

NOTHING = SQL()
NEVER = SQL("FALSE")
NOT_FINITE = SQL("('NaN'::float8, 'Infinity'::float8, '-Infinity'::float8)")


class FactQuery:
    """The statements of one definition, over all employees of all companies.

    :param company: measure only this company's employees
    :param surroundings: shared by the queries of one refresh
    :raise ValidationError: the definition reaches for something unpublished
    """

    def __init__(self, env, definition: Definition, company=None, surroundings=None):
        self.env = env
        self.definition = definition
        self.company = company
        self.surroundings = surroundings or Surroundings(env)
        sources = self.surroundings.sources
        self.source = env["expat.kpi.source"]._check_definition(definition, sources)
        self.model = self.source._source_model(definition.model)
        domain = self.source._parse_domain(definition.domain)
        self.query = self.model._search(domain, active_test=not definition.include_archived)
        self.moment, date_field = self._path(definition.date_path)
        self.is_date = date_field.type == "date"
        owner, owner_field = self._path(definition.owner_path)
        self.owner_model = owner_field.comodel_name
        self.many_owners = self._crosses_many(definition.owner_path)
        self.owner = self._owner_then(owner) if definition.owner_moment == "event" else owner
        self.occurrence = None if definition.occurrence == "every" else Occurrence(self)

    # ------------------------------------------------------------------
    # Columns of the source
    # ------------------------------------------------------------------

    def _steps(self, path):
        return self.source._walk_path(self.definition.model, path)

    def _crosses_many(self, path):
        return any(step.type in ("one2many", "many2many") for step in self._steps(path))

    def _path(self, path):
        """SQL of the value at the end of ``path``, and its field; joins what lies between."""
        model, alias = self.model, self.query.table
        steps = self._steps(path)
        for position, field in enumerate(steps):
            is_last = position == len(steps) - 1
            if field.type == "many2many":
                rel = self.query.make_alias(alias, field.name)
                condition = SQL(
                    "%s = %s", SQL.identifier(rel, field.column1), SQL.identifier(alias, "id")
                )
                self.query.add_join("JOIN", rel, field.relation, condition)
                value = SQL.identifier(rel, field.column2, to_flush=field)
                link = (rel, field.column2)
            elif field.type == "one2many":
                comodel = model.env[field.comodel_name]
                alias = self.query.join(alias, "id", comodel._table, field.inverse_name, field.name)
                value, link = SQL.identifier(alias, "id"), None
            else:
                value = model._field_to_sql(alias, field.name, self.query)
                link = (alias, field.name)
            if not is_last:
                model = model.env[field.comodel_name]
                if link:
                    alias = self.query.left_join(*link, model._table, "id", field.name)
        return value, steps[-1]

    def _owner_then(self, owner):
        """The owner at the record's moment, from the tracked changes.

        The first change after the moment says who it was before; without one,
        it is whom the record belongs to now.
        """
        field = self._steps(self.definition.owner_path)[-1]
        if "." in self.definition.owner_path or not getattr(field, "tracking", None):
            raise ValidationError(
                self.env._(
                    "Changes of “%(field)s” are not tracked: the owner of an earlier day is "
                    "unknown. Credit the present owner.",
                    field=field.string,
                )
            )
        return SQL(
            """COALESCE((
                SELECT COALESCE(change.old_value_integer, 0)
                  FROM mail_tracking_value change
                  JOIN mail_message message ON message.id = change.mail_message_id
                 WHERE message.model = %(model)s
                   AND message.res_id = %(id)s
                   AND change.field_id = %(field)s
                   AND message.date > %(moment)s
                 ORDER BY message.date, change.id
                 LIMIT 1), %(now)s)""",
            model=self.definition.model,
            id=SQL.identifier(self.query.table, "id"),
            field=self.env["ir.model.fields"]._get(self.definition.model, field.name).id,
            moment=self.moment,
            now=owner,
        )

    def _record_columns(self):
        """Name → SQL of what is read of each record."""
        definition = self.definition
        columns = {"id": SQL.identifier(self.query.table, "id"), "moment": self.moment}
        if definition.local_date_path:
            columns["local_date"] = self._path(definition.local_date_path)[0]
        if "company_id" in self.model._fields and self.model._fields["company_id"].store:
            columns["company_id"] = SQL.identifier(self.query.table, "company_id")
        if definition.aggregate in ("sum", "money"):
            columns["raw"] = self._path(definition.amount_path)[0]
        if definition.aggregate == "money" and definition.currency_path:
            columns["currency_id"] = self._path(definition.currency_path)[0]
        if definition.aggregate == "distinct":
            columns["key"] = self._path(definition.key_path)[0]
        if definition.aggregate == "duration":
            columns["start"] = self._path(definition.start_path)[0]
            columns["stop"] = self._path(definition.end_path)[0]
        return columns

    def _records(self, where, columns=None, fence=NOTHING):
        """Sub-query of the records that fulfil the conditions and ``where``."""
        columns = columns or self._record_columns()
        conditions = [*self.query._where_clauses, where]
        if self.definition.aggregate == "duration":
            conditions += [SQL("%s IS NOT NULL", columns[name]) for name in ("start", "stop")]
        return SQL(
            "(SELECT %s%s FROM %s WHERE %s%s)",
            SQL("DISTINCT ") if self.many_owners else SQL(),
            SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(n)) for n, sql in columns.items()),
            self.query.from_clause,
            SQL(" AND ").join(SQL("(%s)", condition) for condition in conditions),
            fence,
        )

    # ------------------------------------------------------------------
    # Who is measured, where and when
    # ------------------------------------------------------------------

    @cached_property
    def spans(self):
        return FactSpans(
            self.env,
            self.owner_model,
            company=self.company,
            is_date=self.is_date,
            has_local_date=bool(self.definition.local_date_path),
            surroundings=self.surroundings,
        )

    def _day(self):
        """The local day of `record` in the zone of `span`."""
        return self.spans.day(SQL("record.moment"), SQL("record.local_date"))

    def _is_here(self):
        """Condition: `record` happened within `span`."""
        return self.spans.bounds(SQL("record.moment"), SQL("record.local_date"))

    # ------------------------------------------------------------------
    # Records of employees
    # ------------------------------------------------------------------

    def _credited(self, span: Span):
        """Sub-query: the records that belong to `span`, each with its local day."""
        columns = self._record_columns()
        local_date = columns.get("local_date")
        columns["day"] = self.spans.day(self.moment, local_date)
        where = SQL(
            "%s = span.owner AND %s", self.owner, self.spans.bounds(self.moment, local_date)
        )
        if "company_id" in columns:
            where = SQL(
                "%s AND COALESCE(%s, span.company_id) = span.company_id",
                where,
                columns["company_id"],
            )
        if self.occurrence:
            where = SQL("%s AND %s", where, self.occurrence.condition(columns["id"]))
        if self.has_index():
            return self._records(where, columns, SQL(" OFFSET 0"))
        # Constant bounds too, for the plan that reads the records once.
        return self._records(SQL("%s AND %s", where, self._around(span)), columns)

    def without_owner(self):
        """This query over all records that meet the conditions, whosever they are.

        The owner's joins drop records without any owner.
        """
        query = copy.copy(self)
        query.query = self.model._search(
            self.source._parse_domain(self.definition.domain),
            active_test=not self.definition.include_archived,
        )
        query.moment = query._path(self.definition.date_path)[0]
        query.many_owners = False
        return query

    def _around(self, span: Span):
        """Condition that holds for all records of ``span``, in whatever zone."""
        if self.is_date:
            return SQL("%s BETWEEN %s AND %s", self.moment, span.date_from, span.date_to)
        return SQL(
            "%(moment)s >= %(first)s::timestamp - interval '2 days'"
            " AND %(moment)s < %(last)s::timestamp + interval '3 days'",
            moment=self.moment,
            first=span.date_from,
            last=span.date_to,
        )

    def _is_shared(self):
        return self.many_owners and self.definition.credit == "share"

    def _shares(self, span: Span):
        """Common table expression `share`: how many employees a record belongs to.

        Counted over all owners who are employees of the record's company, posted
        or not: what one gets does not depend on who else is looked at.
        """
        columns = {
            "id": SQL.identifier(self.query.table, "id"),
            "owner": self.owner,
            "moment": self.moment,
        }
        company = SQL("TRUE")
        if "company_id" in self._record_columns():
            columns["company_id"] = SQL.identifier(self.query.table, "company_id")
            company = SQL("(record.company_id IS NULL OR record.company_id = who.company_id)")
        conditions = SQL(" AND ").join(
            SQL("(%s)", clause) for clause in [*self.query._where_clauses, self._around(span)]
        )
        return SQL(
            """, share AS (
                SELECT record.id, COUNT(DISTINCT who.employee_id) AS heads
                  FROM (SELECT %(columns)s FROM %(tables)s WHERE %(conditions)s) record
                  JOIN %(who)s who ON who.owner = record.owner AND %(company)s
                   AND record.moment::date BETWEEN who.date_from AND who.date_to
                 GROUP BY record.id
            )""",
            columns=SQL(", ").join(
                SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()
            ),
            tables=self.query.from_clause,
            conditions=conditions,
            who=who(self.owner_model),
            company=company,
        )

    def _of_record(self):
        """(joins, key, amount, fault): SQL over `record` and `span`.

        A fault is a record that counts but cannot be computed: an amount that is
        no finite number, money without a rate.
        """
        joins, key, amount, fault = NOTHING, SQL("0"), SQL("1::numeric"), NEVER
        aggregate = self.definition.aggregate
        if aggregate == "distinct":
            key = SQL("COALESCE(record.key, 0)")
        elif aggregate == "sum":
            fault = SQL("COALESCE(record.raw::float8 IN %s, FALSE)", NOT_FINITE)
            amount = SQL("record.raw::numeric")
        elif aggregate == "money":
            # Without a currency on the record its money is the company's.
            currency = SQL("span.currency_id")
            if self.definition.currency_path:
                currency = SQL("COALESCE(record.currency_id, span.currency_id)")
            joins = SQL(
                """ LEFT JOIN rate ON rate.currency_id = %s AND rate.day = record.day
                      AND rate.root_id = span.root_id AND rate.home_id = span.currency_id""",
                currency,
            )
            same = SQL("%s = span.currency_id", currency)
            fault = SQL(
                "(COALESCE(record.raw::float8 IN %s, FALSE)"
                " OR (NOT (%s) AND COALESCE(record.raw, 0) <> 0 AND rate.rate IS NULL))",
                NOT_FINITE,
                same,
            )
            amount = SQL(
                "CASE WHEN %s THEN record.raw::numeric"
                " ELSE round(record.raw::numeric * rate.home_rate / rate.rate, 6) END",
                same,
            )
        elif aggregate == "duration":
            amount = self._duration(SQL("record.stop - record.start"))
        if self._is_shared():
            joins = SQL("%s JOIN share USING (id)", joins)
            amount = SQL("round((%s) / share.heads, 12)", amount)
        amount = SQL("COALESCE(%s, 0)", amount)
        if fault is not NEVER:
            amount = SQL("CASE WHEN %s THEN 0 ELSE %s END", fault, amount)
        return joins, key, amount, fault

    def _measured(self, span: Span):
        """Sub-query: one row per record and employee, with day, key, amount and fault."""
        joins, key, amount, fault = self._of_record()
        return SQL(
            """SELECT span.employee_id, span.company_id, record.id, record.moment,
                      %s AS day, %s AS key, %s AS fault, %s AS amount
                 FROM span CROSS JOIN LATERAL %s AS record%s""",
            self._counting_day(SQL("record.day")),
            key,
            fault,
            amount,
            self._credited(self.own_days(span)),
            joins,
        )

    def _duration(self, difference):
        """Days or hours of ``difference``. Two dates are whole days apart."""
        types = {
            self._steps(path)[-1].type
            for path in (self.definition.start_path, self.definition.end_path)
        }
        in_hours = self.definition.duration_unit == "hours"
        if types == {"date"}:
            return SQL("(%s)::numeric * %s", difference, 24 if in_hours else 1)
        return SQL("round(EXTRACT(epoch FROM %s) / %s, 9)", difference, 3600 if in_hours else 86400)

    def own_days(self, span: Span):
        """The days of the records that count in ``span``."""
        delay = timedelta(days=self.definition.delay_days)
        return Span(span.date_from - delay, span.date_to - delay)

    def _counting_day(self, day):
        """The day on which a record of ``day`` counts."""
        delay = self.definition.delay_days
        return SQL("%s + %s", day, delay) if delay else day

    def _with(self, span: Span, employee_ids=None, with_far_ids=False):
        span = self.own_days(span)
        parts = [SQL("WITH "), self.spans.table(span, employee_ids)]
        if self.definition.aggregate == "money":
            parts.append(rates(span))
        if self._is_shared():
            parts.append(self._shares(span))
        if self.occurrence:
            parts.append(self.occurrence.table(span, with_far_ids))
        return SQL("").join(parts)

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    def _fresh(self, span: Span):
        """Rows per employee, day and key. With an index each span is summed by itself,
        in few groups that stay at hand; no two spans share a day of a person."""
        joins, key, amount, fault = self._of_record()
        records, sums = self._credited(self.own_days(span)), self._sums(amount, fault)
        day = self._counting_day(SQL("record.day"))
        if self.has_index() and joins is NOTHING:
            return SQL(
                """SELECT span.employee_id, span.company_id, found.*
                     FROM span CROSS JOIN LATERAL (
                        SELECT %s AS day, %s AS key, %s FROM %s AS record GROUP BY 1, 2) found""",
                day,
                key,
                sums,
                records,
            )
        return SQL(
            """SELECT span.employee_id, span.company_id, %s AS day, %s AS key, %s
                 FROM span CROSS JOIN LATERAL %s AS record%s
                GROUP BY 1, 2, 3, 4""",
            day,
            key,
            sums,
            records,
            joins,
        )

    def _sums(self, amount, fault):
        if self.definition.aggregate == "days":
            # One a day, however many records, and whoever shares them.
            return SQL("1::numeric AS amount, COUNT(*) AS count, 0::bigint AS fault_count")
        if self.definition.aggregate in ("count", "distinct") and not self._is_shared():
            amount = SQL("COUNT(*)::numeric")
        elif self.definition.aggregate == "duration" and not self._is_shared():
            # One conversion for all is several times as fast.
            amount = self._duration(SQL("SUM(record.stop - record.start)"))
        else:
            amount = SQL("SUM(%s)", amount)
        counts = SQL("COUNT(*) AS count, 0::bigint AS fault_count")
        if fault is not NEVER:
            counts = SQL(
                "COUNT(*) FILTER (WHERE NOT %s) AS count,"
                " COUNT(*) FILTER (WHERE %s) AS fault_count",
                fault,
                fault,
            )
        return SQL("%s AS amount, %s", amount, counts)

    def facts(self, span: Span, employee_ids=None):
        """Rows (employee, company, day, key, amount, count, fault count), not stored."""
        return SQL("%s %s", self._with(span, employee_ids), self._fresh(span))

    def counted_ids(self, span: Span, employee_ids):
        """Rows (record id, employee, local day, fault) behind the facts, latest first."""
        return SQL(
            "%s SELECT id, employee_id, day, fault FROM (%s) measured"
            " ORDER BY moment DESC, id DESC",
            self._with(span, employee_ids),
            self._measured(span),
        )

    # ------------------------------------------------------------------
    # Indexes
    # ------------------------------------------------------------------

    def has_index(self):
        """Whether an index begins with owner and date, so that a span is one range of it."""
        return self._has_index

    @cached_property
    def _has_index(self):
        columns = self.index_columns()
        return bool(columns) and self.surroundings.has_index(self.model._table, columns)

    def index_columns(self):
        """(owner, date) where both are columns of the source's table, else nothing."""
        definition = self.definition
        if definition.owner_moment == "event":
            return ()
        paths = (definition.owner_path, definition.date_path)
        if any("." in path for path in paths) or self.many_owners:
            return ()
        read = (definition.amount_path, definition.currency_path, definition.key_path)
        if any("." in path for path in (*read, definition.start_path, definition.end_path)):
            # Another table would be read as a whole for each span.
            return ()
        if not all(self._steps(path)[-1].column_type for path in paths):
            return ()
        return paths
