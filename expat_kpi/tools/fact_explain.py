"""Why a record is, or is not, among the facts of one person and month.

What it accepts: a `FactQuery`, an employee's id and the span of a month.

How to use it::

    explain = FactExplain(query, employee_id, month)
    records = explain.records()             # Explained, latest first
    count = explain.unowned_count(zone)     # meet all conditions, belong to no employee

How it works. What is counted is asked of the query itself, over some days more
than the month. Beside it stand the *candidates*: the source's records of this
person around the month without the measure's conditions, each condition a
boolean column of its own. One statement joins the two; a candidate that was not
counted gets a reason from every column that says no. So an explanation cannot
contradict a number, and a test holds that no candidate is left without a reason.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from odoo.orm.domains import DomainAnd
from odoo.tools import SQL

from ..engine.periods import Span
from .fact_owner import who
from .fact_query import NOT_FINITE, FactQuery

# A local day begins up to 14 hours before and ends up to 12 hours after UTC's.
MARGIN = timedelta(days=2)


@dataclass(frozen=True)
class Explained:
    """One candidate of a month.

    ``key``: (model, id) of the record, where a statement's row is about another's.
    ``reasons``: why it does not count; (code, what the sentence may name). A
    record with a fault counts but could not be computed.
    """

    id: int
    key: tuple
    moment: datetime | date
    day: date | None  # local; None: outside every posting
    zone: str | None
    is_counted: bool
    amount: float = 0.0
    reasons: tuple = field(default_factory=tuple)


class FactExplain:
    """The candidates of one employee and month; see the module."""

    def __init__(self, query: FactQuery, employee_id, span: Span):
        self.env = query.env
        self.query = query
        self.definition = query.definition
        self.employee_id = employee_id
        self.span = span
        self.wide = Span(span.date_from - MARGIN, span.date_to + MARGIN)
        self.own = query.own_days(span)
        self.base = FactQuery(
            query.env,
            replace(query.definition, domain="[]", include_archived=True, occurrence="every"),
            company=query.company,
        )
        domain = query.source._parse_domain(self.definition.domain)
        self.conditions = list(domain.children) if isinstance(domain, DomainAnd) else [domain]
        self.conditions = [part for part in self.conditions if not part.is_true()]
        self.tests_active = (
            not self.definition.include_archived
            and bool(query.model._active_name)
            and query.model._active_name
            not in {condition.field_expr for condition in domain.iter_conditions()}
        )

    # ------------------------------------------------------------------
    # The records of one person
    # ------------------------------------------------------------------

    def records(self):
        """Explained candidates, latest first: who counts, and who does not and why."""
        columns = self._candidate_columns()
        rows = self.env.execute_query(self._statement(columns))
        columns = [*columns, "is_login"]
        size = len(columns)
        behind = self._behind(rows, size)
        found = {}
        for row in rows:
            values = dict(zip(columns, row[:size], strict=True))
            record = self._explained(behind, values, *row[size:])
            found.setdefault(record.key, []).append(record)
        return [self._as_one(records) for records in found.values()]

    def _behind(self, rows, size):
        """{id of a candidate or a neighbour: (model, id) of the record that it is about}"""
        ids = {row[0] for row in rows} | {row[-2] for row in rows if row[-2]}
        return self.env["expat.kpi.source"]._records_behind(self.definition.model, sorted(ids))

    def _as_one(self, records):
        """What the rows of one record come to: it counts if one of them does."""
        counted = [record for record in records if record.is_counted]
        if len(counted) < 2:
            return (counted or records)[0]
        return replace(counted[0], amount=sum(record.amount for record in counted))

    def _candidate_columns(self):
        """Name → SQL of what is read of a candidate."""
        base, model = self.base, self.base.model
        alias = base.query.table
        columns = base._record_columns()
        columns["owner"] = base.owner
        columns["is_theirs"] = SQL("COALESCE(%s = ANY(me.owners), FALSE)", base.owner)
        if self.query.occurrence:
            columns["key"] = base._path(self.definition.key_path)[0]
        if self.tests_active:
            columns["is_active"] = model._field_to_sql(alias, model._active_name, base.query)
            left_out = getattr(model, "_left_out_field", None)
            if left_out:
                columns["left_out"] = model._field_to_sql(alias, left_out, base.query)
        if "raw" in columns:
            columns["is_finite"] = SQL(
                "COALESCE(%s::float8 NOT IN %s, TRUE)", columns["raw"], NOT_FINITE
            )
        for position, part in enumerate(self.conditions):
            sql = part.optimize_full(model)._to_sql(model, alias, base.query)
            columns[f"condition_{position}"] = SQL("COALESCE(%s, FALSE)", sql)
        return columns

    def _statement(self, columns):
        base, query = self.base, self.query
        owned = SQL("%s = ANY(me.owners)", base.owner)
        if self.definition.owner_moment == "event":
            now = base._path(self.definition.owner_path)[0]
            owned = SQL("(%s OR %s = ANY(me.owners))", owned, now)
        where = SQL(" AND ").join(
            SQL("(%s)", clause) for clause in [*base.query._where_clauses, owned, self._around()]
        )
        return SQL(
            """%(with)s, counted AS MATERIALIZED (
                SELECT id, fault, amount, day
                  FROM (%(measured)s) measured
                 WHERE day BETWEEN %(first)s AND %(last)s
            ), mine AS MATERIALIZED (
                SELECT * FROM %(who)s who WHERE employee_id = %(employee)s
            ), me AS (
                SELECT MIN(company_id) AS employer_id, array_agg(owner) AS owners FROM mine
            ), candidate AS MATERIALIZED (
                SELECT DISTINCT ON (%(id)s) %(columns)s
                  FROM me CROSS JOIN %(tables)s
                 WHERE %(where)s
                 ORDER BY %(id)s
            )
            SELECT %(names)s, EXISTS (SELECT FROM mine
                    WHERE owner = record.owner
                      AND COALESCE(here.day, record.moment::date) BETWEEN date_from AND date_to),
                   me.employer_id, %(counting_day)s, here.tz,
                   counted.id IS NOT NULL, COALESCE(counted.fault, FALSE), counted.amount::float8,
                   %(neighbour)s
              FROM candidate record
             CROSS JOIN me
              LEFT JOIN counted ON counted.id = record.id
              %(turn)s
              LEFT JOIN LATERAL (
                SELECT %(day)s AS day, span.tz
                  FROM span
                 WHERE %(day)s BETWEEN span.day_from AND span.day_to AND (%(is_here)s)
                 LIMIT 1) here ON TRUE
             ORDER BY record.moment DESC, record.id DESC""",
            **{"with": query._with(self.wide, [self.employee_id], with_far_ids=True)},
            measured=query._measured(self.wide),
            first=self.span.date_from,
            last=self.span.date_to,
            who=who(base.owner_model),
            employee=self.employee_id,
            id=SQL.identifier(base.query.table, "id"),
            columns=SQL(", ").join(
                SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()
            ),
            names=SQL(", ").join(SQL.identifier("record", name) for name in columns),
            tables=base.query.from_clause,
            where=where,
            day=base._day(),
            counting_day=base._counting_day(SQL("here.day")),
            is_here=base._is_here(),
            neighbour=SQL("turn.record_id, turn.other_id, turn.other_moment")
            if query.occurrence
            else SQL("NULL, NULL, NULL"),
            turn=SQL(
                "LEFT JOIN turn ON turn.record_id = record.id AND turn.employer_id = %s",
                query.occurrence.employer(SQL("me.employer_id")),
            )
            if query.occurrence
            else SQL(),
        )

    def _around(self):
        """Condition: the record's moment lies in the month or close to it."""
        wide = self.query.own_days(self.wide)
        return SQL(
            "%(moment)s >= %(first)s::timestamp AND %(moment)s < %(last)s::timestamp",
            moment=self.base.moment,
            first=wide.date_from,
            last=wide.date_to + timedelta(days=1),
        )

    # ------------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------------

    def _explained(
        self, behind, values, employer_id, day, zone, is_counted, is_fault, amount, *neighbour
    ):
        reasons = []
        if is_fault:
            reasons = [self._fault(values)]
        elif not is_counted:
            is_in_row, other_id, other_moment = neighbour
            other = behind.get(other_id)
            reasons = list(self._reasons(values, employer_id, day, is_in_row, other, other_moment))
        return Explained(
            id=values["id"],
            key=behind[values["id"]],
            moment=values["moment"],
            day=day,
            zone=zone,
            is_counted=is_counted and not is_fault,
            amount=amount or 0.0,
            reasons=tuple(reasons),
        )

    def _fault(self, values):
        if not values["is_finite"]:
            return ("not_finite", {})
        return ("no_rate", {"currency_id": values.get("currency_id")})

    def _reasons(self, values, employer_id, day, is_in_row, other, other_moment):
        """Why a candidate is not counted: what the record says first, then where and when."""
        yield from self._whose(values, employer_id)
        if not values.get("is_active", True):
            left_out = values.get("left_out")
            yield ("left_out", {"why": left_out}) if left_out else ("archived", {})
        for position, part in enumerate(self.conditions):
            if not values[f"condition_{position}"]:
                yield ("condition", {"domain": part})
        for path in self._empty_dates(values):
            yield ("no_date", {"path": path})
        if self.query.occurrence and values["key"] is None:
            yield ("no_key", {})
        elif is_in_row and not self._fits(values["moment"], other_moment):
            yield (self._other_place(), {"other": other, "moment": other_moment})
        if day is None or day not in self.span:
            yield (self._when(day), {})

    def _whose(self, values, employer_id):
        if not values["is_theirs"]:
            owner = {"model": self.base.owner_model, "owner_id": values["owner"]}
            yield ("other_owner", owner)
        elif not values["is_login"]:
            yield ("other_login", {})
        if values.get("company_id") not in (None, employer_id):
            yield ("other_company", {})

    def _fits(self, moment, other_moment):
        """Whether a record with such a neighbour is one of those that are wanted."""
        is_near = other_moment is not None and (
            not self.definition.window_days
            or abs(moment - other_moment) <= timedelta(days=self.definition.window_days)
        )
        return is_near is not (self.definition.occurrence == "first")

    def _other_place(self):
        if self.definition.occurrence == "kept":
            return "not_kept"
        return "not_first" if self.definition.occurrence == "first" else "first"

    def _empty_dates(self, values):
        """Paths of the dates that a duration lacks; of other aggregates none is read."""
        paths = {"start": self.definition.start_path, "stop": self.definition.end_path}
        return [path for name, path in paths.items() if name in values and values[name] is None]

    def _when(self, day):
        if day is None:
            return "not_posted"
        return "earlier" if day < self.span.date_from else "later"

    # ------------------------------------------------------------------
    # Nobody's records
    # ------------------------------------------------------------------

    def unowned_count(self, zone):
        """How many records of these days (of ``zone``) meet all conditions and belong
        to no employee whatever."""
        query = self.query.without_owner()
        moment = day = query.moment
        wide, own = query.own_days(self.wide), self.own
        if not query.is_date:
            day = SQL("timezone(%s, timezone('UTC', %s))::date", zone, moment)
        within = SQL(
            "%(moment)s >= %(first)s::timestamp AND %(moment)s < %(last)s::timestamp"
            " AND %(day)s BETWEEN %(day_from)s AND %(day_to)s",
            moment=moment,
            day=day,
            first=wide.date_from,
            last=wide.date_to + timedelta(days=1),
            day_from=own.date_from,
            day_to=own.date_to,
        )
        owners = self.base
        [(count,)] = self.env.execute_query(
            SQL(
                """SELECT COUNT(DISTINCT %(record)s)
                     FROM %(tables)s
                    WHERE %(where)s
                      AND %(id)s NOT IN (
                        SELECT %(owned_id)s
                          FROM %(owned)s
                          JOIN %(who)s who ON who.owner = %(owner)s
                         WHERE %(around)s)""",
                id=SQL.identifier(query.query.table, "id"),
                # Of a statement the records that its rows are about.
                record=SQL(
                    "(%s)",
                    SQL(", ").join(
                        SQL.identifier(query.query.table, name)
                        for name in getattr(query.model, "_records_fields", {}).values() or ["id"]
                    ),
                ),
                tables=query.query.from_clause,
                where=SQL(" AND ").join(
                    SQL("(%s)", clause) for clause in [*query.query._where_clauses, within]
                ),
                owned_id=SQL.identifier(owners.query.table, "id"),
                owned=owners.query.from_clause,
                who=who(owners.owner_model),
                owner=owners.owner,
                around=self._around(),
            )
        )
        return count
