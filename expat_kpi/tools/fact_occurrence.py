"""Which record of a key it is: the first, a later one, one that another follows.

What it accepts: a `FactQuery` whose definition has an ``occurrence`` and a key.

How to use it::

    occurrence = Occurrence(query)
    SQL("WITH … span …%s SELECT … WHERE %s", occurrence.table(span), occurrence.condition(id))

How it works: the records that meet the measure's conditions, whosever they are, are
put in a row by date and number, each key of each company by itself; each looks at
its neighbour, the one before it or, for those that are followed, the one after it.
A record of no company is in the row of every company, as it counts in every one;
records that have no companies are in one row for all (``employer_id`` 0).
The rows of `turn` have

* ``record_id``, ``employer_id``: the record, and in whose row it stands;
* ``other_id``, ``other_moment``: its neighbour; none at the end of the row;
* ``fits``: whether the definition wants such a record.

A record without a key stands in no row and never counts. The distance of two
records is the time between them, whatever their zones; of days, whole days.

Only keys that have a record around the span are put in a row. One sort does for all
of them: looking up the neighbour of each record by itself is faster for a handful
of records only, and there both take no time.
"""

from datetime import date, timedelta

from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..engine.periods import Span

# No zone's day begins or ends so far from that of UTC.
MARGIN = timedelta(days=3)


class Occurrence:
    """The common table expression `turn`, and the condition on it; see the module."""

    def __init__(self, query):
        self.definition = query.definition
        if query._crosses_many(self.definition.key_path):
            raise ValidationError(
                query.env._(
                    "A record may have several of “%(path)s”: which of them is it the first of? "
                    "Choose a field that has one value.",
                    path=self.definition.key_path,
                )
            )
        self.siblings = query.without_owner()
        self.key = self.siblings._path(self.definition.key_path)[0]
        self.has_company = "company_id" in query._record_columns()

    def condition(self, record_id):
        """Condition: the definition wants this record of `span`."""
        # As a join PostgreSQL, which takes `turn` for a row or two, would read all of it
        # once more for each span. "IS TRUE" keeps it from making a join of this.
        return SQL(
            "((%s, %s) IN (SELECT employer_id, record_id FROM turn WHERE fits)) IS TRUE",
            self.employer(SQL("span.company_id")),
            record_id,
        )

    def employer(self, company):
        """In whose row a record stands that counts for an employee of ``company``."""
        return company if self.has_company else SQL("0")

    def table(self, span: Span):
        """`turn` for the records of ``span`` (their own days)."""
        is_kept = self.definition.occurrence == "kept"
        return SQL(
            """, turn AS MATERIALIZED (
                SELECT record_id, employer_id, other_id, other_moment,
                       COALESCE(%(fits)s, FALSE) AS fits
                  FROM (
                    SELECT record.id AS record_id, record.moment, %(employer)s AS employer_id,
                           %(neighbour)s(record.id) OVER series AS other_id,
                           %(neighbour)s(record.moment) OVER series AS other_moment
                      FROM %(records)s record%(employers)s
                    WINDOW series AS (PARTITION BY %(employer)s, record.key
                                          ORDER BY record.moment, record.id)) record
                 WHERE moment >= %(first)s AND moment < %(last)s
            )""",
            first=span.date_from - MARGIN,
            last=span.date_to + MARGIN,
            fits=self._fits(),
            neighbour=SQL("LEAD") if is_kept else SQL("LAG"),
            records=self._records(span),
            employer=SQL("employer.company_id") if self.has_company else SQL("0"),
            employers=SQL(
                " JOIN (SELECT DISTINCT company_id FROM span) employer"
                " ON COALESCE(record.company_id, employer.company_id) = employer.company_id"
            )
            if self.has_company
            else SQL(),
        )

    def _records(self, span):
        siblings = self.siblings
        columns = {
            "id": SQL.identifier(siblings.query.table, "id"),
            "moment": siblings.moment,
            "key": self.key,
        }
        if self.has_company:
            columns["company_id"] = SQL.identifier(siblings.query.table, "company_id")
        if self.definition.aggregate == "duration":
            for name in ("start", "end"):
                path = getattr(self.definition, f"{name}_path")
                columns["stop" if name == "end" else name] = siblings._path(path)[0]
        here = siblings._records(siblings._around(span), columns)
        # "IS TRUE" for the same reason as in `condition`: one pass, whatever is expected.
        where = SQL(
            "%s AND (%s IN (SELECT key FROM %s here)) IS TRUE",
            siblings._around(self._reach(span)),
            self.key,
            here,
        )
        return siblings._records(where, columns)

    def _reach(self, span):
        """The days in which a neighbour may lie."""
        window = self.definition.window_days
        if self.definition.occurrence == "kept":
            return Span(span.date_from, date.fromordinal(span.date_to.toordinal() + window))
        if not window:
            return Span(date.min, span.date_to)
        return Span(date.fromordinal(span.date_from.toordinal() - window), span.date_to)

    def _fits(self):
        window = SQL("make_interval(days => %s)", self.definition.window_days)
        if self.definition.occurrence == "kept":
            return SQL("other_moment <= moment + %s", window)
        is_again = SQL("other_id IS NOT NULL")
        if self.definition.window_days:
            is_again = SQL("COALESCE(other_moment >= moment - %s, FALSE)", window)
        return is_again if self.definition.occurrence == "again" else SQL("NOT (%s)", is_again)
