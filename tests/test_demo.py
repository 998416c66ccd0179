"""What ``./dev up`` shows: four expats, four stories, and who may log in."""

from odoo.tests import HttpCase, tagged

WITHOUT_DEMO = "this database has no demo data"


@tagged("post_install", "-at_install")
class TestDemo(HttpCase):
    def setUp(self):
        super().setUp()
        if not self.env.ref("expat_kpi_connectors.plan_lan", raise_if_not_found=False):
            self.skipTest(WITHOUT_DEMO)

    def _line(self, expat):
        return self.env.ref(f"expat_kpi_connectors.plan_line_{expat}_conversion")

    def _is_counted(self, expat, lead):
        """Whether the quarter's conversion of an expat counts an opportunity as closed."""
        plan = self.env.ref(f"expat_kpi_connectors.plan_{expat}")
        closed = self.env.ref("expat_kpi_connectors.measure_crm_closed")
        counted = closed._counted_ids(plan.employee_id, plan.date_from, plan.date_to)
        return self.env.ref(f"expat_kpi_connectors.{lead}").id in counted

    def test_actuals_are_there_from_the_start(self):
        terms = {
            expat: {code: term[0] for code, term in self._line(expat).actual_terms.items()}
            for expat in ("lan", "somchai", "ana", "wei")
        }
        self.assertEqual(
            terms,
            {
                "lan": {"won": 7, "closed": 25},
                "somchai": {"won": 4, "closed": 17},
                "ana": {"won": 2, "closed": 14},
                "wei": {"won": 0, "closed": 0},
            },
        )

    def test_one_above_one_near_one_below_one_without_data(self):
        lan, somchai, ana, wei = map(self._line, ("lan", "somchai", "ana", "wei"))
        self.assertAlmostEqual(lan.actual, 28)
        self.assertGreater(lan.attainment, 100)
        self.assertTrue(90 < somchai.attainment < 100)
        self.assertLess(ana.attainment, 60)
        self.assertEqual(wei.actual_status, "no_data")

    def test_local_days_decide_on_both_edges_of_the_quarter(self):
        first = self.env.ref("expat_kpi.cycle_quarter").date_from
        after = self.env.ref("expat_kpi_connectors.crm_lead_after_midnight")
        before = self.env.ref("expat_kpi_connectors.crm_lead_before_midnight")
        self.assertLess(after.date_closed.date(), first, "still the day before by the server")
        self.assertEqual(before.date_closed.date(), first, "already the day after by the server")
        self.assertTrue(self._is_counted("lan", "crm_lead_after_midnight"))
        self.assertFalse(self._is_counted("ana", "crm_lead_before_midnight"))

    def test_everybody_logs_in_and_opens_what_is_theirs(self):
        every = self._line("lan") + self._line("somchai") + self._line("ana") + self._line("wei")
        for login, expected in (
            ("hr", every),
            ("manager", every),
            ("lan", self._line("lan")),
            ("somchai", self._line("somchai")),
            ("ana", self._line("ana")),
            ("wei", self._line("wei")),
        ):
            with self.subTest(login=login):
                self.authenticate(login, login)
                user = self.env["res.users"].search([("login", "=", login)])
                lines = every.with_user(user)._filtered_access("read")
                self.assertEqual(lines, expected)
                for line in lines:
                    action = line.action_open_records()
                    records = (
                        self.env[action["res_model"]]
                        .with_user(user)
                        .with_context(active_test=False)
                    )
                    closed = int((line.actual_terms or {}).get("closed", [0])[0])
                    self.assertEqual(records.search_count(action["domain"]), closed)
