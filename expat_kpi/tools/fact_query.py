"""From a definition to the statement that finds its facts.

What it accepts: a `Definition` that `expat.kpi.source._check_definition` accepts;
the check is made here, so that no query exists without it.

How to use it::

    query = FactQuery(env, definition)
    env.execute_query(query.refresh(version_id, span))       # compare and store
    env.execute_query(query.facts(span, employees))          # only compute
    env.execute_query(query.counted_ids(span, employees))    # the records behind

How it works: *spans* are who is measured, where and when: one row per employee
and posting, cut to the days asked for, with its bounds in UTC. Each span is
joined LATERAL to the *records* that belong to its owner, between its bounds, and
that fulfil the measure's conditions; the record's local day is computed in the
span's zone. Summed by employee and day they are the *facts*. All employees, days
and zones go through one statement.

Where an index (owner, date) exists, each span reads its own range of it. Where
there is none, PostgreSQL plans one pass over the records of the whole time. One
word decides: `OFFSET 0` keeps the planner from merging the LATERAL sub-query.
"""

from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..engine.definition import Definition
from ..engine.periods import Span

# Midnights that a change of clocks skips or repeats are read differently by
# PostgreSQL and by the local day; no change is longer. The exact day is checked
# anyway: the bounds only have to be wide enough.
CLOCK_CHANGE = SQL("interval '3 hours'")
# An all-day meeting is stored as a moment of the same day "in UTC".
ALL_DAY = SQL("interval '1 day'")
NOTHING = SQL()
NOT_FINITE = SQL("('NaN'::float8, 'Infinity'::float8, '-Infinity'::float8)")


class FactQuery:
    """The statements of one definition, over all employees of all companies.

    :param company: measure only this company's employees
    :raise ValidationError: the definition reaches for something unpublished
    """

    def __init__(self, env, definition: Definition, company=None):
        self.env = env
        self.definition = definition
        self.company = company
        self.source = env["expat.kpi.source"]._check_definition(definition)
        self.model = self.source._source_model(definition.model)
        domain = self.source._parse_domain(definition.domain)
        self.query = self.model._search(domain, active_test=not definition.include_archived)
        self.moment, date_field = self._path(definition.date_path)
        self.is_date = date_field.type == "date"
        owner, owner_field = self._path(definition.owner_path)
        self.owner_model = owner_field.comodel_name
        self.many_owners = self._crosses_many(definition.owner_path)
        self.owner = self._owner_then(owner) if definition.owner_moment == "event" else owner

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

    def _owner_of_employee(self):
        """What a record's owner is compared with, for the employee `e` with user `u`."""
        return {
            "res.users": SQL("e.user_id"),
            "hr.employee": SQL("e.id"),
            "res.partner": SQL("COALESCE(u.partner_id, e.work_contact_id)"),
        }[self.owner_model]

    def _spans(self, span: Span, employee_ids=None):
        """Common table expression `span`.

        Postings cut to the days of ``span``; for who never had one, the whole of
        it in the zone of the own working calendar. The zones must be known to
        PostgreSQL: one unknown name would fail the statement for everybody.

        Where one posting follows another, the next begins at its own midnight and
        the earlier one lasts until then: flying west, the hours in between count
        on its last day; flying east, no hour counts twice. ``final`` is that last
        day, ``next_from`` and ``next_tz`` say when the next one begins.
        """
        condition = SQL()
        if employee_ids is not None:
            condition = SQL("%s AND e.id = ANY(%s)", condition, list(employee_ids))
        if self.company:
            condition = SQL("%s AND e.company_id = %s", condition, self.company.id)
        return SQL(
            """place AS (
                SELECT employee_id, tz, date_from, COALESCE(date_to, 'infinity') AS date_to,
                       LEAD(date_from) OVER journey AS next_from,
                       LEAD(tz) OVER journey AS next_tz
                  FROM expat_posting
                WINDOW journey AS (PARTITION BY employee_id ORDER BY date_from)
                UNION ALL
                SELECT e.id, COALESCE(calendar.tz, resource.tz, 'UTC'), '-infinity', 'infinity',
                       NULL, NULL
                  FROM hr_employee e
                  JOIN resource_resource resource ON resource.id = e.resource_id
                  LEFT JOIN hr_version version ON version.id = e.current_version_id
                  LEFT JOIN resource_calendar calendar
                         ON calendar.id = version.resource_calendar_id
                 WHERE NOT EXISTS (SELECT FROM expat_posting WHERE employee_id = e.id)
            ), stay AS (
                SELECT e.id AS employee_id, e.company_id, %(owner)s AS owner, place.tz,
                       split_part(company.parent_path, '/', 1)::int AS root_id,
                       company.currency_id,
                       GREATEST(place.date_from, %(first)s::date) AS day_from,
                       LEAST(place.date_to, %(last)s::date) AS day_to,
                       CASE WHEN place.next_from = place.date_to + 1 THEN place.date_to END
                           AS final,
                       place.next_from, place.next_tz
                  FROM hr_employee e
                  JOIN place ON place.employee_id = e.id
                  JOIN res_company company ON company.id = e.company_id
                  LEFT JOIN res_users u ON u.id = e.user_id
                 WHERE place.date_from <= %(last)s::date
                   AND place.date_to >= %(first)s::date
                   AND place.tz = ANY(%(zones)s)
                   AND %(owner)s IS NOT NULL %(condition)s
            ), span AS MATERIALIZED (
                SELECT stay.*,
                       timezone('UTC', timezone(tz, day_from::timestamp)) - %(margin)s AS lower,
                       timezone('UTC', timezone(tz, (day_to + 1)::timestamp)) + %(margin)s
                           + CASE WHEN final IS NULL THEN '0' ELSE interval '27 hours' END
                           AS upper
                  FROM stay
            )""",
            owner=self._owner_of_employee(),
            first=span.date_from,
            last=span.date_to,
            zones=list(self.env["expat.posting"]._known_zones()),
            condition=condition,
            margin=ALL_DAY if self.definition.local_date_path else CLOCK_CHANGE,
        )

    def _bounds(self, span: Span):
        """Condition on the moment; constant bounds too, for a plan that scans once."""
        if self.is_date:
            return SQL(
                "%(moment)s >= span.day_from AND %(moment)s <= span.day_to"
                " AND %(moment)s BETWEEN %(first)s AND %(last)s",
                moment=self.moment,
                first=span.date_from,
                last=span.date_to,
            )
        return SQL(
            "%(moment)s >= span.lower AND %(moment)s < span.upper"
            " AND %(moment)s >= %(first)s::timestamp - interval '2 days'"
            " AND %(moment)s < %(last)s::timestamp + interval '3 days'",
            moment=self.moment,
            first=span.date_from,
            last=span.date_to,
        )

    def _day(self):
        """The local day of `record` in the zone of `span`."""
        if self.is_date:
            return SQL("record.moment")
        # LEAST passes over NULL: only a posting that another follows has a final day.
        local = SQL("LEAST(timezone(span.tz, timezone('UTC', record.moment))::date, span.final)")
        if self.definition.local_date_path:
            return SQL("COALESCE(record.local_date, %s)", local)
        return local

    def _is_here(self):
        """Condition: `record` happened before the next posting of `span` began."""
        if self.is_date:
            return SQL("TRUE")
        here = SQL(
            "span.final IS NULL"
            " OR timezone(span.next_tz, timezone('UTC', record.moment))::date < span.next_from"
        )
        if self.definition.local_date_path:
            return SQL("record.local_date IS NOT NULL OR %s", here)
        return here

    # ------------------------------------------------------------------
    # Records of employees
    # ------------------------------------------------------------------

    def _credited(self, span: Span):
        """FROM clause: each record beside each span that it belongs to."""
        columns = self._record_columns()
        where = SQL("%s = span.owner AND %s", self.owner, self._bounds(span))
        if "company_id" in columns:
            where = SQL(
                "%s AND (%s IS NULL OR %s = span.company_id)",
                where,
                columns["company_id"],
                columns["company_id"],
            )
        fence = SQL(" OFFSET 0") if self.has_index() else NOTHING
        return SQL(
            "span CROSS JOIN LATERAL %s AS record%s",
            self._records(where, columns, fence),
            SQL(" JOIN share USING (id)") if self._is_shared() else SQL(),
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
        }
        company = SQL("TRUE")
        if "company_id" in self._record_columns():
            columns["company_id"] = SQL.identifier(self.query.table, "company_id")
            company = SQL("(record.company_id IS NULL OR record.company_id = e.company_id)")
        first, last = span.date_from, span.date_to
        where = SQL(
            "%(moment)s >= %(first)s::timestamp - interval '2 days'"
            " AND %(moment)s < %(last)s::timestamp + interval '3 days'",
            moment=self.moment,
            first=first,
            last=last,
        )
        conditions = SQL(" AND ").join(
            SQL("(%s)", clause) for clause in [*self.query._where_clauses, where]
        )
        return SQL(
            """, share AS (
                SELECT record.id, COUNT(DISTINCT e.id) AS heads
                  FROM (SELECT %(columns)s FROM %(tables)s WHERE %(conditions)s) record
                  JOIN (hr_employee e LEFT JOIN res_users u ON u.id = e.user_id)
                    ON %(owner)s = record.owner AND %(company)s
                 GROUP BY record.id
            )""",
            columns=SQL(", ").join(
                SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()
            ),
            tables=self.query.from_clause,
            conditions=conditions,
            owner=self._owner_of_employee(),
            company=company,
        )

    def _rates(self, span: Span):
        """Common table expression `rate`: each currency's rate on each day, per company.

        Made once and joined; looking a rate up per record is an order of
        magnitude dearer. As in Odoo, a company's own rates go before shared ones,
        and the last one on or before the day is taken; unlike there, no rate
        before the day is no rate.
        """
        return SQL(
            """, rate AS MATERIALIZED (
                SELECT root.root_id, known.currency_id, day::date AS day, latest.rate
                  FROM (SELECT DISTINCT root_id FROM span) root
                 CROSS JOIN (SELECT DISTINCT currency_id FROM res_currency_rate) known
                 CROSS JOIN generate_series(%(first)s::date, %(last)s::date, '1 day') day
                 CROSS JOIN LATERAL (
                    SELECT rate
                      FROM res_currency_rate r
                     WHERE r.currency_id = known.currency_id
                       AND r.name <= day::date
                       AND (r.company_id IS NULL OR r.company_id = root.root_id)
                     ORDER BY r.company_id NULLS LAST, r.name DESC
                     LIMIT 1) latest
            )""",
            first=span.date_from,
            last=span.date_to,
        )

    def _measured(self, span: Span):
        """Sub-query: one row per record and employee, with day, key, amount and fault.

        A fault is a record that counts but cannot be computed: an amount that is
        no finite number, money without a rate.
        """
        day = self._day()
        source = self._credited(span)
        key, amount, fault = SQL("0"), SQL("1::numeric"), SQL("FALSE")
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
            source = SQL(
                """%(source)s
                LEFT JOIN rate AS theirs ON theirs.root_id = span.root_id
                      AND theirs.currency_id = %(currency)s AND theirs.day = %(day)s
                LEFT JOIN rate AS ours ON ours.root_id = span.root_id
                      AND ours.currency_id = span.currency_id AND ours.day = %(day)s""",
                source=source,
                currency=currency,
                day=day,
            )
            same = SQL("%s = span.currency_id", currency)
            fault = SQL(
                "COALESCE(record.raw::float8 IN %s, FALSE)"
                " OR (NOT (%s) AND COALESCE(record.raw, 0) <> 0 AND theirs.rate IS NULL)",
                NOT_FINITE,
                same,
            )
            # The company's own currency has rate 1 unless the company keeps one.
            amount = SQL(
                "CASE WHEN %(same)s THEN record.raw::numeric"
                " ELSE round(record.raw::numeric * COALESCE(ours.rate, 1)::numeric"
                " / theirs.rate::numeric, 6) END",
                same=same,
            )
        elif aggregate == "duration":
            amount = self._duration()
        if self._is_shared():
            amount = SQL("round((%s) / share.heads, 12)", amount)
        return SQL(
            """SELECT span.employee_id, span.company_id, record.id, record.moment,
                      %(day)s AS day, %(key)s AS key, %(fault)s AS fault,
                      CASE WHEN %(fault)s THEN 0 ELSE COALESCE(%(amount)s, 0) END AS amount
                 FROM %(source)s
                WHERE %(day)s BETWEEN span.day_from AND span.day_to AND (%(here)s)""",
            day=day,
            here=self._is_here(),
            key=key,
            amount=amount,
            fault=fault,
            source=source,
        )

    def _duration(self):
        """Days or hours from start to stop. Two dates are whole days apart."""
        types = {
            self._steps(path)[-1].type
            for path in (self.definition.start_path, self.definition.end_path)
        }
        if types == {"date"}:
            days = SQL("(record.stop - record.start)::numeric")
            return SQL("%s * 24", days) if self.definition.duration_unit == "hours" else days
        seconds = SQL(
            "EXTRACT(epoch FROM record.stop::timestamp - record.start::timestamp)::numeric"
        )
        unit = 3600 if self.definition.duration_unit == "hours" else 86400
        return SQL("round(%s / %s, 9)", seconds, unit)

    def _with(self, span: Span, employee_ids=None):
        parts = [SQL("WITH "), self._spans(span, employee_ids)]
        if self.definition.aggregate == "money":
            parts.append(self._rates(span))
        if self._is_shared():
            parts.append(self._shares(span))
        return SQL("").join(parts)

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    def _fresh(self, span: Span):
        return SQL(
            """SELECT employee_id, company_id, day, key,
                      SUM(amount) AS amount,
                      COUNT(*) FILTER (WHERE NOT fault) AS count,
                      COUNT(*) FILTER (WHERE fault) AS fault_count
                 FROM (%s) measured
                GROUP BY employee_id, company_id, day, key""",
            self._measured(span),
        )

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

    def refresh(self, version_id, span: Span):
        """Make the stored facts of ``span`` equal to the records; touch what differs.

        Whole spans are compared, not what changed lately: a deleted record, the
        old day of a re-dated one, a late commit and a new rate leave no trace
        that one could follow. Returns one row: cells added, changed, removed.
        """
        return SQL(
            """%(with)s, fresh AS MATERIALIZED (%(fresh)s), stored AS (
                SELECT id, employee_id, company_id, day, key, amount, count, fault_count
                  FROM expat_kpi_fact
                 WHERE version_id = %(version)s AND day BETWEEN %(first)s AND %(last)s
                       %(scope)s
            ), diff AS MATERIALIZED (
                SELECT stored.id, fresh.*
                  FROM fresh
                  FULL JOIN stored ON stored.day = fresh.day
                   AND stored.employee_id = fresh.employee_id AND stored.key = fresh.key
                 WHERE stored.id IS NULL
                    OR fresh.employee_id IS NULL
                    OR (stored.amount, stored.count, stored.fault_count, stored.company_id)
                       <> (fresh.amount, fresh.count, fresh.fault_count, fresh.company_id)
            ), gone AS (
                DELETE FROM expat_kpi_fact
                 WHERE id IN (SELECT id FROM diff WHERE employee_id IS NULL)
                RETURNING id
            ), changed AS (
                UPDATE expat_kpi_fact fact
                   SET amount = diff.amount, count = diff.count, company_id = diff.company_id,
                       fault_count = diff.fault_count
                  FROM diff
                 WHERE fact.id = diff.id AND diff.employee_id IS NOT NULL
                RETURNING fact.id
            ), added AS (
                INSERT INTO expat_kpi_fact (version_id, employee_id, company_id, day, key,
                                            amount, count, fault_count)
                SELECT %(version)s, employee_id, company_id, day, key, amount, count, fault_count
                  FROM diff WHERE id IS NULL
                RETURNING id
            )
            SELECT (SELECT COUNT(*) FROM added), (SELECT COUNT(*) FROM changed),
                   (SELECT COUNT(*) FROM gone)""",
            **{"with": self._with(span)},
            fresh=self._fresh(span),
            version=version_id,
            first=span.date_from,
            last=span.date_to,
            scope=SQL("AND company_id = %s", self.company.id) if self.company else SQL(),
        )

    # ------------------------------------------------------------------
    # Indexes
    # ------------------------------------------------------------------

    def has_index(self):
        """Whether an index begins with owner and date, so that a span is one range of it."""
        columns = self.index_columns()
        if not columns:
            return False
        rows = self.env.execute_query(
            SQL(
                """SELECT 1
                     FROM pg_index i
                    WHERE i.indrelid = %(table)s::regclass
                      AND i.indisvalid
                      AND (SELECT array_agg(a.attname::text ORDER BY k.position)
                             FROM unnest(i.indkey) WITH ORDINALITY k(attnum, position)
                             JOIN pg_attribute a
                               ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                            WHERE k.position <= 2) = %(columns)s
                    LIMIT 1""",
                table=self.model._table,
                columns=list(columns),
            )
        )
        return bool(rows)

    def index_columns(self):
        """(owner, date) where both are columns of the source's table, else nothing."""
        definition = self.definition
        if definition.owner_moment == "event":
            return ()
        paths = (definition.owner_path, definition.date_path)
        if any("." in path for path in paths) or self.many_owners:
            return ()
        if not all(self._steps(path)[-1].column_type for path in paths):
            return ()
        return paths
