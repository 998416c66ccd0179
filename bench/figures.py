"""The figures: how long ours takes, how long the rival, on the same data in the same run."""

import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import measures as bench_measures
import rivals
import seed
from database import connect, options, say

PER_CELL_PEOPLE = 50
CREATED_ROWS = 20_000
ONE_PERSON_CALLS = 50
CHANGED_LEADS = 1000


@dataclass
class Figure:
    name: str
    ratio: float
    bound: float
    is_least: bool = False  # the bound is a least, not a most
    value: str = ""

    @property
    def is_ok(self):
        return self.ratio >= self.bound if self.is_least else self.ratio <= self.bound

    def __str__(self):
        sign = ">=" if self.is_least else "<="
        verdict = "ok" if self.is_ok else "short"
        return (
            f"{self.name:<32} {self.value:<30} {self.ratio:>9.3f} {sign}{self.bound:<6} {verdict}"
        )


class Clock:
    """Times by name; medians of what was timed."""

    def __init__(self):
        self.times = {}

    @contextmanager
    def __call__(self, name, scale=1):
        start = time.perf_counter()
        yield
        self.times.setdefault(name, []).append((time.perf_counter() - start) * scale)

    def __getitem__(self, name):
        return statistics.median(self.times[name])

    def ratio(self, name, ours, theirs, bound, is_faster=False):
        """``ours`` against ``theirs``; with ``is_faster`` how many times faster ours is."""
        ratio = self[theirs] / self[ours] if is_faster else self[ours] / self[theirs]
        value = f"{_spell(self[ours])} : {_spell(self[theirs])}"
        return Figure(name, ratio, bound, is_faster, value)


def _spell(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


@contextmanager
def environment(database):
    """Odoo's environment of a superuser; nothing is committed unless the block does."""
    import odoo
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(options(database), setup_logging=True)
    with Registry(database).cursor() as cr:
        yield odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        cr.rollback()


class Bench:
    def __init__(self, env, rounds=5):
        self.env, self.cr, self.rounds = env, env.cr, rounds
        self.clock = Clock()
        self.months = seed.months()
        self.last = self.months[-1] - timedelta(days=1)
        self.measures = bench_measures.ensure(env)
        self.versions = self.measures.version_id
        self.cr.execute("SELECT user_id, employee_id FROM bench_person ORDER BY n")
        people = self.cr.fetchall()
        self.users = [user for user, _employee in people]
        self.employees = [employee for _user, employee in people]
        self.indicators = env["expat.kpi.indicator"].search([("code", "like", "bench_i")])

    def span(self, months):
        """The last months of the data, as a `Span` of local days."""
        from odoo.addons.expat_kpi.engine.periods import Span

        return Span(self.months[-1 - months], self.last)

    def prepare(self):
        """The index that an administrator makes with one click, facts, goals: all that lasts."""
        self.cr.commit()
        self.measures[-1].with_user(2).action_create_index()
        self._refresh(24)
        if failed := self.versions.filtered("error"):
            raise SystemExit("\n".join(failed.mapped("error")))
        self.cr.commit()
        with self._vacuuming() as cr:
            seed.vacuum(cr, *seed.TABLES, "expat_kpi_fact")
        self.goals = rivals.gamification_goals(self.env, self.users)
        self.cr.commit()

    @contextmanager
    def _vacuuming(self):
        """A cursor outside of any transaction."""
        connection = connect(self.cr.dbname)
        try:
            yield connection.cursor()
        finally:
            connection.close()

    def _refresh(self, months):
        self.versions._refresh(self.span(months))
        self.env.flush_all()

    @contextmanager
    def _undone(self):
        """What the block does is timed and then taken back."""
        self.env.invalidate_all()
        yield
        self.env.cr.rollback()
        self.env.invalidate_all()

    @contextmanager
    def _stock(self):
        with self._undone():
            rivals.drop_our_indexes(self.cr)
            yield

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def check(self):
        """The bare SQL finds what the facts say: the rival does the same work."""
        span = self.span(1)
        found = rivals.bare_facts(self.cr, span.date_from, span.date_to)
        _cells, won, closed, days = found["crm_lead"]
        revenue = found["sale_order"][2]
        bare = dict(
            zip(
                bench_measures.MEASURES,
                (won, closed, days, found["calendar_event"][1], revenue),
                strict=True,
            )
        )
        for measure in self.measures:
            self.cr.execute(
                "SELECT sum(amount), sum(fault_count) FROM expat_kpi_fact"
                " WHERE version_id = %s AND day BETWEEN %s AND %s",
                [measure.version_id.id, span.date_from, span.date_to],
            )
            amount, faults = self.cr.fetchone()
            theirs = float(bare[measure.code])
            if faults or abs(float(amount) - theirs) > 1e-6 * abs(theirs):
                raise SystemExit(f"{measure.code}: {amount} here, {theirs} by bare SQL")
        self.cr.rollback()

    def refreshes(self):
        """One month and six months of five measures against all rivals, in turns."""
        clock = self.clock
        month, half = self.span(1), self.span(6)
        sample = self.users[:PER_CELL_PEOPLE]
        statements = 0
        for number in range(self.rounds + 1):
            if number == 1:
                clock.times.clear()  # the first round only warmed the caches
            with self._stock(), clock("hand"):
                rivals.hand_month(self.cr, month.date_from, month.date_to)
            for months, span in ((1, month), (6, half)):
                with self._undone(), clock(f"bare {months}"):
                    rivals.bare_facts(self.cr, span.date_from, span.date_to)
                with self._undone():
                    before = self.cr.sql_log_count
                    with clock(f"refresh {months}"):
                        self._refresh(months)
                    statements = self.cr.sql_log_count - before
            with self._stock():
                with clock("per cell", scale=len(self.users) / len(sample)):
                    rivals.query_per_cell(self.env, sample, month.date_from, month.date_to)
                self.cr.execute(
                    "UPDATE gamification_goal SET current = -1 WHERE id = ANY(%s)", [self.goals.ids]
                )
                self.env.invalidate_all()
                with clock("gamification"):
                    self.goals.update_goal()
                    self.env.flush_all()
        sources = len(self.measures.source_id)
        yield clock.ratio("month_vs_hand_sql", "refresh 1", "hand", 0.30)
        yield clock.ratio("month_vs_bare_sql", "refresh 1", "bare 1", 2.5)
        yield clock.ratio("six_months_vs_bare_sql", "refresh 6", "bare 6", 2.5)
        yield clock.ratio("month_vs_gamification", "refresh 1", "gamification", 10, True)
        yield clock.ratio("month_vs_query_per_cell", "refresh 1", "per cell", 80, True)
        yield Figure(
            "statements_per_source", statements / sources, 10,
            value=f"{statements} in all : {sources} sources",
        )  # fmt: skip

    def ready(self):
        """One month of all ready measures of the applications that are there, against the bare
        SQL of the five, each divided by how many measures it computes."""
        clock = self.clock
        span = self.span(1)
        shipped = self.env["ir.model.data"].search(
            [("module", "=", "expat_kpi_connectors"), ("model", "=", "expat.kpi.measure")]
        )
        versions = self.env["expat.kpi.measure"].browse(shipped.mapped("res_id")).version_id
        versions._refresh(span)
        if failed := versions.filtered("error"):
            raise SystemExit("\n".join(failed.mapped("error")))
        self.cr.commit()
        for _number in range(self.rounds):
            with self._undone(), clock("bare each", scale=1 / len(self.measures)):
                rivals.bare_facts(self.cr, span.date_from, span.date_to)
            with self._undone(), clock("ready each", scale=1 / len(versions)):
                versions._refresh(span)
                self.env.flush_all()
        yield clock.ratio(f"ready_{len(versions)}_measures_each", "ready each", "bare each", 2.5)

    def changes(self, label):
        """The open quarter after changed leads, against a comparison of everything."""
        clock = self.clock
        self.cr.execute(
            "SELECT id FROM crm_lead WHERE date_closed >= %s ORDER BY md5(id::text) LIMIT %s",
            [self.months[-4], CHANGED_LEADS],
        )
        leads = [row[0] for row in self.cr.fetchall()]
        for number in range(self.rounds + 1):
            if number == 1:
                clock.times.pop("quarter"), clock.times.pop("all")
            with self._undone(), clock("all"):
                self._refresh(24)
            with self._undone():
                self.cr.execute(
                    "UPDATE crm_lead SET user_id = (%s::int[])[1 + id %% %s],"
                    " date_closed = date_closed - interval '1 day' WHERE id = ANY(%s)",
                    [self.users, len(self.users), leads],
                )
                with clock("quarter"):
                    self._refresh(3)
        yield clock.ratio(f"quarter_after_changes_{label}", "quarter", "all", 0.25)

    def first_fill(self):
        """24 months into an empty table, against the ORM's create of the same rows."""
        clock = self.clock
        facts = self.env["expat.kpi.fact"]
        self.cr.execute(
            "SELECT version_id, employee_id, company_id, day, key, amount, count, fault_count,"
            " count(*) OVER () FROM expat_kpi_fact LIMIT %s",
            [CREATED_ROWS],
        )
        names = [column.name for column in self.cr.description][:-1]
        rows = self.cr.fetchall()
        total = rows[0][-1]
        values = [dict(zip(names, row[:-1], strict=True)) for row in rows]
        for row in values:
            row["amount"] = float(row["amount"])
        for _number in range(self.rounds):
            with self._undone():
                self.cr.execute("TRUNCATE expat_kpi_fact")
                with clock("create", scale=total / len(values)):
                    for start in range(0, len(values), 1000):
                        facts.create(values[start : start + 1000])
                        self.env.flush_all()
                        self.env.invalidate_all()
            with self._undone():
                self.cr.execute("TRUNCATE expat_kpi_fact")
                with clock("fill"):
                    self._refresh(24)
        yield clock.ratio("first_fill_vs_orm_create", "fill", "create", 0.25)

    def actuals(self):
        """Twenty indicators of all, and of one, for a quarter, against SQL over the facts."""
        clock = self.clock
        span = self.span(3)
        bounds = [span.date_from, span.date_to]
        sums = (
            "SELECT employee_id, version_id, SUM(amount)::float8, SUM(count), SUM(fault_count)"
            "  FROM expat_kpi_fact WHERE version_id = ANY(%s) AND day BETWEEN %s AND %s"
            "   AND employee_id = ANY(%s) GROUP BY 1, 2"
        )
        ids = self.indicators.ids
        for number in range(self.rounds + 1):
            if number == 1:
                clock.times.pop("sql all"), clock.times.pop("actuals all")
            with self._undone(), clock("sql all"):
                self.cr.execute(sums, [self.versions.ids, *bounds, self.employees])
                self.cr.fetchall()
            with self._undone(), clock("actuals all"):
                cells = [(employee, employee, *bounds) for employee in self.employees]
                actuals = self.env["expat.kpi.indicator"].browse(ids)._actuals(cells)
            if len(actuals) != len(ids) * len(self.employees):
                raise SystemExit("actuals are missing")
        yield clock.ratio("actuals_all_vs_sql", "actuals all", "sql all", 2)
        for employee in self.employees[:: max(1, len(self.employees) // ONE_PERSON_CALLS)]:
            asked = [self.versions.ids, *bounds, [employee]]
            self.cr.execute(sums, asked)  # whoever comes first would fetch the pages
            with clock("sql one"):
                self.cr.execute(sums, asked)
                self.cr.fetchall()
            self.env.invalidate_all()
            with clock("actuals one"):
                self.env["expat.kpi.indicator"].browse(ids)._actuals(
                    [(employee, employee, *bounds)]
                )
        yield clock.ratio("actuals_one_vs_sql", "actuals one", "sql one", 3)


def writes(ours, plain, rounds):
    """Creating and moving leads with the addons and without: two databases in turns.

    Without messages, which take most of the time and are the same in both.
    """
    clock = Clock()
    count = CHANGED_LEADS // 2
    for number in range(2 * rounds + 1):
        if number == 1:
            clock.times.clear()
        pair = [("with", ours), ("without", plain)]
        for name, env in pair if number % 2 else pair[::-1]:
            env.invalidate_all()
            env.cr.execute("SELECT user_id FROM bench_person ORDER BY n LIMIT 50")
            users = [row[0] for row in env.cr.fetchall()]
            won = env["crm.stage"].search([("is_won", "=", True)], limit=1)
            with clock(name, scale=CHANGED_LEADS / count):
                leads = (
                    env["crm.lead"]
                    .with_context(tracking_disable=True)
                    .create(
                        [
                            {"name": f"Lead {n}", "type": "opportunity", "user_id": users[n % 50]}
                            for n in range(count)
                        ]
                    )
                )
                env.flush_all()
                leads[::2].write({"stage_id": won.id})
                leads[1::2].write({"user_id": users[number % 50]})
                env.flush_all()
            env.cr.rollback()
    # Neighbours in time share what else the machine did: the median of their ratios.
    pairs = zip(clock.times["with"], clock.times["without"], strict=True)
    figure = clock.ratio("writes_with_addons", "with", "without", 1.05)
    figure.ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    yield figure


def machine(cr):
    import os
    import platform

    cr.execute(
        "SELECT current_setting('server_version'), current_setting('shared_buffers'),"
        " current_setting('jit')"
    )
    version, buffers, jit = cr.fetchone()
    return {
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "postgresql": version,
        "shared_buffers": buffers,
        "jit": jit,
    }


def engine(sizes, databases, small, rounds):
    """Yield the machine, then every figure as soon as it is known."""
    plain, full = databases
    with environment(full) as env:
        yield machine(env.cr)
        bench = Bench(env, rounds)
        bench.prepare()
        bench.check()
        yield from bench.refreshes()
        yield from bench.actuals()
        yield from bench.ready()
        yield from bench.changes(_label(sizes.leads))
        yield from bench.first_fill()
        with environment(plain) as other:
            yield from writes(env, other, rounds)
    for sizes, (_plain, full) in small:
        say(f"{_label(sizes.leads)} leads …")
        with environment(full) as env:
            bench = Bench(env, rounds)
            bench.prepare()
            yield from bench.changes(_label(sizes.leads))


def _label(count):
    return f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M"
