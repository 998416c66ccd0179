from datetime import date, datetime, timedelta

from odoo.tests import tagged

from odoo.addons.expat_kpi.engine.periods import Span

from .common import ExpatCase

MAY = date(2026, 5, 1), date(2026, 5, 31)
SIZES = (1, 10, 100)


@tagged("post_install", "-at_install")
class TestQueryCounts(ExpatCase):
    """How many statements are needed does not depend on how many people there are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won = cls._measure("query_won", domain="[('won_status', '=', 'won')]")
        cls.revenue = cls._measure(
            "query_revenue",
            domain="[('won_status', '=', 'won')]",
            aggregate="sum",
            amount="expected_revenue",
        )
        cls.days = cls._measure(
            "query_days", aggregate="duration", start="date_open", end="date_closed"
        )
        cls.measures = cls.won + cls.revenue + cls.days
        cls.indicators = cls.env["expat.kpi.indicator"].create(
            [
                {"name": code, "code": code, "formula": text, "company_id": cls.company_a.id}
                for code, text in (
                    ("query_count", "query_won"),
                    ("query_mean", "query_revenue / query_won"),
                    ("query_time", "query_days / count(query_days)"),
                )
            ]
        )
        cls.people = cls.env["hr.employee"]

    def _grow(self, size):
        """Have so many employees, each with a posting and two opportunities."""
        zones = ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata"]
        fresh = range(len(self.people), size)
        users = self.env["res.users"].create(
            [
                {
                    "name": f"Person {number}",
                    "login": f"query_{number}",
                    "company_id": self.company_a.id,
                    "company_ids": [(6, 0, self.company_a.ids)],
                }
                for number in fresh
            ]
        )
        people = self.env["hr.employee"].create(
            [
                {"name": user.name, "user_id": user.id, "company_id": self.company_a.id}
                for user in users
            ]
        )
        for number, person in enumerate(people):
            self._post(person, "vn", zones[number % len(zones)], "2020-01-01")
        rows = [
            (person, datetime(2026, 5, 2) + timedelta(hours=number % 600), True, {})
            for number, person in enumerate((*people, *people))
        ]
        self._leads(rows)
        self.people += people

    def _count(self, action):
        # Within one second a second refresh would find nothing to write on the version.
        self.measures.version_id.sudo().date_refreshed = "2026-06-01 00:00:00"
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        action()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_statements_do_not_grow_with_people(self):
        refreshes, actuals = [], []
        for size in SIZES:
            self._grow(size)
            # New users empty what the registry remembers.
            self._count(lambda: self.measures._refresh(*MAY))
            self._count(lambda: self.measures._refresh(*MAY))
            refreshes.append(self._count(lambda: self.measures._refresh(*MAY)))
            cells = [(person.id, person.id, *MAY) for person in self.people]
            actuals.append(self._count(lambda cells=cells: self.indicators._actuals(cells)))
            found = self.indicators._actuals(cells)
            self.assertEqual(found[self.indicators[0].id, self.people[-1].id].value.value, 2)
        self.assertEqual(len(set(refreshes)), 1, refreshes)
        self.assertEqual(len(set(actuals)), 1, actuals)
        # Three measures of one source: a statement each, and what is asked once for all.
        self.assertLessEqual(refreshes[0], 17)
        self.assertLessEqual(actuals[0], 2)

    def test_ready_measures_need_a_statement_each_and_few_for_all(self):
        """What is asked beside, such as for indexes, is asked for all sources at once."""
        shipped = self.env["ir.model.data"].search(
            [("module", "=", "expat_kpi_connectors"), ("model", "=", "expat.kpi.measure")]
        )
        self.measures = self.env["expat.kpi.measure"].browse(shipped.mapped("res_id"))
        versions = self.measures.version_id
        self.assertGreater(len(versions.measure_id.source_id), 6)
        for _round in range(2):
            self._count(lambda: versions._refresh(Span(*MAY)))
        count = self._count(lambda: versions._refresh(Span(*MAY)))
        self.assertFalse(self.measures.filtered("error"))
        self.assertLessEqual(count - len(versions), 15)
