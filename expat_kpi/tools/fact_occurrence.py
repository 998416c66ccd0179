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

Only keys that have a record `near` the span are put in a row. One sort does for all
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

    def table(self, span: Span, with_far_ids=False):
        """`near` and `turn` for the records of ``span`` (their own days).

        :param with_far_ids: tell `other_id` of a neighbour far from the span too
        """
        is_kept = self.definition.occurrence == "kept"
        siblings = self.siblings
        near = SQL(
            "%(moment)s >= %(first)s AND %(moment)s < %(last)s",
            moment=siblings.moment,
            first=span.date_from - MARGIN,
            last=span.date_to + MARGIN,
        )
        # "IS TRUE" for the same reason as in `condition`: one pass, whatever is expected.
        far = SQL(
            "%s AND NOT (%s) AND (%s IN (SELECT key FROM near)) IS TRUE",
            siblings._around(self._reach(span)),
            near,
            self.key,
        )
        return SQL(
            """, near AS MATERIALIZED %(near)s, turn AS MATERIALIZED (
                SELECT record_id, employer_id, other_id, other_moment,
                       COALESCE(%(fits)s, FALSE) AS fits
                  FROM (
                    SELECT record.id AS record_id, record.is_near, record.moment,
                           %(employer)s AS employer_id,
                           %(neighbour)s(record.id) OVER series AS other_id,
                           %(neighbour)s(record.moment) OVER series AS other_moment
                      FROM (SELECT TRUE AS is_near, %(columns)s FROM near
                             UNION ALL %(far)s) record%(employers)s
                    WINDOW series AS (PARTITION BY %(employer)s, record.key
                                          ORDER BY record.moment, record.id)) record
                 WHERE is_near
            )""",
            near=self._records(SQL("%s AND %s IS NOT NULL", near, self.key)),
            fits=self._fits(),
            neighbour=SQL("LEAD") if is_kept else SQL("LAG"),
            columns=SQL(", ").join(map(SQL.identifier, self._names())),
            far=self._far(far, is_kept, with_far_ids),
            employer=SQL("employer.company_id") if self.has_company else SQL("0"),
            employers=SQL(
                " JOIN (SELECT DISTINCT company_id FROM span) employer"
                " ON COALESCE(record.company_id, employer.company_id) = employer.company_id"
            )
            if self.has_company
            else SQL(),
        )

    def _far(self, where, is_kept, with_ids):
        """Rows like those of `near` for the neighbours that lie far from the span.

        Only the nearest of each key can be one: it stands for all of them, which costs
        a sum in place of a sort. Whose it is, is no longer known then.
        """
        names = self._names()
        if with_ids:
            columns = SQL(", ").join(map(SQL.identifier, names))
            return SQL("SELECT FALSE, %s FROM %s record", columns, self._records(where))
        nearest = SQL("%s(moment)", SQL("MIN") if is_kept else SQL("MAX"))
        columns = {"id": SQL("NULL::int"), "moment": nearest}
        return SQL(
            "SELECT FALSE, %s FROM %s record GROUP BY %s",
            SQL(", ").join(columns.get(name, SQL.identifier(name)) for name in names),
            self._records(where, names=names[1:]),
            SQL(", ").join(map(SQL.identifier, names[2:])),
        )

    def _names(self):
        return ["id", "moment", "key", *(["company_id"] if self.has_company else [])]

    def _records(self, where, names=None):
        """Sub-query of the records, whosever they are, that meet the conditions."""
        siblings = self.siblings
        columns = {
            "id": SQL.identifier(siblings.query.table, "id"),
            "moment": siblings.moment,
            "key": self.key,
        }
        if self.has_company:
            columns["company_id"] = SQL.identifier(siblings.query.table, "company_id")
        if names:
            columns = {name: columns[name] for name in names}
        if self.definition.aggregate == "duration":
            for name in ("start", "end"):
                path = getattr(self.definition, f"{name}_path")
                columns["stop" if name == "end" else name] = siblings._path(path)[0]
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
        is_again = SQL("other_moment IS NOT NULL")
        if self.definition.window_days:
            is_again = SQL("COALESCE(other_moment >= moment - %s, FALSE)", window)
        return is_again if self.definition.occurrence == "again" else SQL("NOT (%s)", is_again)
