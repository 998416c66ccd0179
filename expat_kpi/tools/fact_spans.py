"""Who is measured, where and when: the spans that facts are counted in.

What it accepts: days, and which employees.

How to use it::

    spans = FactSpans(env, "res.users", company=company)
    SQL("WITH %s SELECT … FROM span JOIN … WHERE %s", spans.table(days), spans.bounds(moment))

How it works: a *stay* is one posting of one employee, cut to the days asked for;
who never had a posting stays in the zone of the own working calendar. A stay is
cut where the login changes (see `fact_owner`), and again where the clocks of its
zone change: the rows of `span` have

* ``employee_id``, ``company_id``, ``currency_id``, ``root_id`` of the company,
  ``owner``: what a record's owner is compared with, ``tz``;
* ``day_from``, ``day_to``: local days, both within;
* ``lower``, ``upper``: the moments in UTC from which and before which they last;
* ``shift``: what is added to a moment for the local clock.

So a record's local day costs an addition and no look-up of its zone, and its
bounds are exact: spans of one person share no moment. `engine.clock_runs` finds
the cuts, by the same rules as all the rest of the engine.

Where one posting follows another, the next begins at its own midnight and the
earlier one lasts until then: flying west, the hours in between count on its last
day; flying east, no hour counts twice.
"""

from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property

from odoo.tools import SQL

from ..engine.clock_runs import clock_runs
from ..engine.periods import Span, ZoneError
from .fact_owner import who

# An all-day meeting is stored as a moment of the same day "in UTC".
ALL_DAY = SQL("interval '1 day'")
# The next posting's midnight lies less than this after the last day asked for.
HANDOVER = timedelta(days=2)


class Surroundings:
    """What statements of several measures need to know of the database: read once."""

    def __init__(self, env, is_shared=False):
        self.env = env
        self.is_shared = is_shared
        self._indexes = {}

    @cached_property
    def sources(self):
        """All active sources, for several measures; a single one finds its own."""
        if not self.is_shared:
            return None
        # sudo: expat.kpi.source – see its _check_definition
        sources = self.env["expat.kpi.source"].sudo().search([])
        sources.field_ids.mapped("path")  # the fields of all of them at once
        return sources

    @cached_property
    def zones(self):
        """Zones that anybody stays in, but for those that only other programs know."""
        rows = self.env.execute_query(
            SQL(
                """SELECT tz FROM expat_posting
                    UNION SELECT tz FROM resource_resource
                    UNION SELECT tz FROM resource_calendar"""
            )
        )
        known = self.env["expat.posting"]._known_zones()
        return sorted({"UTC", *(zone for (zone,) in rows if zone in known)})

    def has_index(self, table, columns):
        """Whether an index of ``table`` begins with these columns."""
        if table not in self._indexes:
            tables = {table}
            if self.is_shared:
                models = filter(self.env.__contains__, self.sources.mapped("model"))
                tables |= {self.env[model]._table for model in models}
            self._indexes |= self._first_columns(tables)
        return tuple(columns) in self._indexes[table]

    def _first_columns(self, tables):
        """{table: the first two columns of each of its indexes}, for all of them at once"""
        rows = self.env.execute_query(
            SQL(
                """SELECT c.relname::text, array_agg(a.attname::text ORDER BY k.position)
                     FROM pg_index i
                     JOIN pg_class c ON c.oid = i.indrelid
                    CROSS JOIN unnest(i.indkey) WITH ORDINALITY k(attnum, position)
                     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                    WHERE i.indrelid IN (SELECT to_regclass(quote_ident(t)) FROM unnest(%s) t)
                      AND i.indisvalid
                      AND k.position <= LEAST(i.indnkeyatts, 2)
                    GROUP BY c.relname, i.indexrelid""",
                sorted(tables),
            )
        )
        found = {table: set() for table in tables}
        for table, columns in rows:
            found[table].add(tuple(columns))
        return found

    @contextmanager
    def planned_without_statistics(self):
        """Let PostgreSQL join and sort at once what it would join row by row.

        It knows nothing of tables that a statement makes for itself, such as spans
        and rates, and takes them for a row or two: reading the one beside every row
        of the other then looks cheap, and takes hours for a long history.
        """
        self.env.cr.execute(
            """SELECT set_config('enable_nestloop', 'off', TRUE),
                      set_config('work_mem', GREATEST(pg_size_bytes(current_setting('work_mem')),
                                                      64 * 1024 * 1024) / 1024 || 'kB', TRUE)"""
        )
        yield
        # After a failure the caller's savepoint takes the settings back with all the rest.
        self.env.cr.execute("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT")


class FactSpans:
    """The common table expressions up to `span`; see the module.

    :param owner_model: in which records name their owner
    :param is_date: the records have days, not moments: no clock is needed
    :param has_local_date: some records name their local day themselves
    """

    def __init__(
        self, env, owner_model, company=None, is_date=False, has_local_date=False, surroundings=None
    ):
        self.env = env
        self.owner_model = owner_model
        self.company = company
        self.is_date = is_date
        self.has_local_date = has_local_date
        self.surroundings = surroundings or Surroundings(env)

    def table(self, span: Span, employee_ids=None):
        return SQL(
            """%(clock)s place AS (
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
                SELECT who.employee_id, who.company_id, who.owner, place.tz,
                       split_part(company.parent_path, '/', 1)::int AS root_id,
                       company.currency_id,
                       GREATEST(place.date_from, who.date_from, %(first)s::date) AS day_from,
                       LEAST(place.date_to, who.date_to, %(last)s::date) AS day_to,
                       place.next_from, place.next_tz
                  FROM place
                  JOIN %(who)s who ON who.employee_id = place.employee_id
                   AND who.date_from <= place.date_to AND who.date_to >= place.date_from
                  JOIN res_company company ON company.id = who.company_id
                 WHERE place.date_from <= %(last)s::date AND place.date_to >= %(first)s::date
                   AND who.date_from <= %(last)s::date AND who.date_to >= %(first)s::date
                   %(condition)s
            ), span AS MATERIALIZED (%(cut)s)""",
            clock=SQL() if self.is_date else self._clock(span),
            who=who(self.owner_model),
            first=span.date_from,
            last=span.date_to,
            condition=self._condition(employee_ids),
            cut=SQL("SELECT * FROM stay") if self.is_date else self._cut(),
        )

    def _condition(self, employee_ids):
        # Of all people those without a login are left out; of one it is asked why.
        condition = SQL("AND who.owner IS NOT NULL")
        if employee_ids is not None:
            condition = SQL("AND who.employee_id = ANY(%s)", list(employee_ids))
        if self.company:
            condition = SQL("%s AND who.company_id = %s", condition, self.company.id)
        return condition

    def _clock(self, span):
        """Common table expression `clock`: the runs of days of each zone."""
        wide = Span(span.date_from, span.date_to + HANDOVER)
        rows = []
        for zone in self.surroundings.zones:
            try:
                runs = clock_runs(wide, zone)
            except ZoneError:
                # Nobody has a local day there; the posting's form refuses such zones.
                continue
            rows += [(zone, r.date_from, r.date_to, r.start, r.stop, r.shift) for r in runs]
        zones, days_from, days_to, starts, stops, shifts = zip(*rows, strict=True)
        return SQL(
            """clock AS MATERIALIZED (
                SELECT * FROM unnest(%s::text[], %s::date[], %s::date[], %s::timestamp[],
                                     %s::timestamp[], %s::interval[])
                    AS run(tz, day_from, day_to, start, stop, shift)
            ),""",
            list(zones),
            list(days_from),
            list(days_to),
            list(starts),
            list(stops),
            list(shifts),
        )

    def _cut(self):
        """Stays cut where clocks change, with their bounds in UTC."""
        return SQL(
            """SELECT * FROM (
                SELECT stay.employee_id, stay.company_id, stay.owner, stay.tz, stay.root_id,
                       stay.currency_id, run.shift,
                       GREATEST(stay.day_from, run.day_from) AS day_from,
                       LEAST(stay.day_to, run.day_to) AS day_to,
                       GREATEST(stay.day_from, run.day_from)::timestamp - run.shift AS lower,
                       CASE WHEN next.tz IS NOT NULL AND stay.next_from = stay.day_to + 1
                             AND stay.day_to <= run.day_to
                            THEN stay.next_from::timestamp - next.shift
                            ELSE LEAST(stay.next_from::timestamp - next.shift,
                                       CASE WHEN stay.day_to < run.day_to
                                            THEN (stay.day_to + 1)::timestamp - run.shift
                                            ELSE run.stop END)
                       END AS upper
                  FROM stay
                  JOIN clock run ON run.tz = stay.tz
                   AND run.day_from <= stay.day_to AND run.day_to >= stay.day_from
                  LEFT JOIN clock next ON next.tz = stay.next_tz
                   AND stay.next_from BETWEEN next.day_from AND next.day_to
                ) cut
             WHERE lower < upper"""
        )

    # ------------------------------------------------------------------
    # Records in spans
    # ------------------------------------------------------------------

    def bounds(self, moment, local_date=None):
        """Condition: a record is within `span`, by its moment or by its own local day."""
        if self.is_date:
            return SQL("%(m)s >= span.day_from AND %(m)s <= span.day_to", m=moment)
        here = SQL("%(m)s >= span.lower AND %(m)s < span.upper", m=moment)
        if self.has_local_date:
            return SQL(
                "%(m)s >= span.lower - %(day)s AND %(m)s < span.upper + %(day)s"
                " AND CASE WHEN %(local)s IS NULL THEN %(here)s"
                " ELSE %(local)s BETWEEN span.day_from AND span.day_to END",
                m=moment,
                local=local_date,
                here=here,
                day=ALL_DAY,
            )
        return here

    def day(self, moment, local_date=None):
        """The local day of a record that is within `span`."""
        if self.is_date:
            return moment
        # A long day is the last of its span, and so is the last day of a posting.
        day = SQL("LEAST((%s + span.shift)::date, span.day_to)", moment)
        return SQL("COALESCE(%s, %s)", local_date, day) if self.has_local_date else day
