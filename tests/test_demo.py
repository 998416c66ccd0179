"""What ``./dev up`` shows: fifteen people abroad, what they agreed on, and who may log in."""

from collections import Counter
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.expat_kpi_connectors.demo import agreed, people
from odoo.addons.expat_kpi_connectors.demo.days import Days

WITHOUT_DEMO = "this database has no demo data"
# What a plan of the quarter says where nobody has changed it
AGREED = {
    "visits_all": 36,
    "new_customers": 6,
    "conversion": 25,
    "satisfaction": 85,
    "days_order_to_delivery": 45,
}


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


@tagged("post_install", "-at_install")
class TestStory(TransactionCase):
    """The story of the demo company, in numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref("expat_kpi_connectors.plan_lan", raise_if_not_found=False):
            cls.skipTest(cls, WITHOUT_DEMO)
        cls.cycle = cls.env.ref("expat_kpi.cycle_quarter")
        cls.plans = cls.cycle.plan_ids
        cls.event = cls.env.ref("expat_kpi_connectors.event_raw_material")
        cls.days = Days(cls.env)

    def _plan(self, login):
        return self.env.ref(f"expat_kpi_connectors.plan_{login}")

    def _targets(self, plan):
        return {line.indicator_id.code: line.target for line in plan.line_ids}

    def _slices(self, login, code):
        line = self._plan(login).line_ids.filtered(lambda line: line.indicator_id.code == code)
        return [(part["from"], part["target"]) for part in line.slices or ()]

    def test_fifteen_plans_of_the_template_from_the_pack(self):
        logins = [row[0] for row in people.EXPATS]
        self.assertEqual(sorted(self.plans.employee_id.user_id.mapped("login")), sorted(logins))
        self.assertEqual(len(self.plans.template_id), 1)
        for login in ("somchai", "chao", "wei"):
            self.assertEqual(self._targets(self._plan(login)), AGREED)
        self.assertEqual(set(self.plans.mapped("weight_total")), {100})
        self.assertEqual(
            Counter(self.plans.mapped("state")),
            {"draft": 1, "negotiation": 4, "approved": 6, "adjusted": 4},
        )
        self.assertEqual(len(self.plans.manager_id), 6)

    def test_a_hundred_projects_became_twenty_and_the_repurchase_rate(self):
        plan = self._plan("lan")
        targets = self._targets(plan)
        self.assertEqual((targets["qualified_leads"], targets["repurchase_rate"]), (60, 60))
        self.assertEqual(
            plan.proposal_ids.mapped(lambda one: (one.kind, one.state, one.user_id.login)),
            [("add", "accepted", "lan"), ("change", "accepted", "lan")],
        )
        self.assertEqual(plan.proposal_ids[1].old_target, 300)
        signed = plan.signature_ids.filtered(lambda one: one.revision_id.number == 3)
        self.assertEqual(set(signed.user_id.mapped("login")), {"hr", "manager", "lan"})

    def test_southeast_asia_grows_from_the_second_month_on(self):
        first = self.cycle.date_from
        second = first + relativedelta(months=1)
        for login in ("lan", "fang"):
            self.assertEqual(
                self._slices(login, "new_customers"),
                [(first.isoformat(), 6), (second.isoformat(), 9)],
            )

    def test_the_market_event_touches_the_plans_agreed_on_in_southeast_asia(self):
        made = self.event.row_ids.filtered(lambda row: row.status == "made")
        self.assertEqual(
            set(made.plan_id.employee_id.user_id.mapped("login")),
            {"lan", "somchai", "yang", "fang", "aisyah", "ming", "dewi"},
        )
        answers = Counter(made.mapped("answer"))
        self.assertEqual(answers, {"agreed": 2, "refused": 1, "open": 4})
        day = self.event.date_from.isoformat()
        self.assertEqual(self._slices("yang", "conversion")[-1], (day, 20))
        self.assertEqual(self._slices("yang", "customer_retention"), [(day, 70)])
        # Nobody has answered for somchai, and dewi said no.
        self.assertEqual(self._targets(self._plan("somchai")), AGREED)
        self.assertEqual(self._targets(self._plan("dewi")), AGREED)

    def test_numbers_are_there_and_differ(self):
        lines = self.plans.line_ids
        self.assertFalse(lines.filtered(lambda line: line.actual_status == "error"))
        self.assertGreaterEqual(len(lines.filtered(lambda line: line.actual_status == "ok")), 60)
        self.assertFalse(lines.filtered("fault_count"))
        for code in ("conversion", "days_order_to_delivery"):
            found = lines.filtered(lambda line, code=code: line.indicator_id.code == code)
            self.assertGreater(len(set(found.mapped("actual_text"))), 6, code)
        self.assertEqual(
            {line.indicator_id.code for line in lines if line.evidence_text},
            {*AGREED, "qualified_leads", "repurchase_rate", "customer_retention"},
        )
        hardness = Counter(lines.mapped("hardness"))
        for verdict in ("fair", "too_loose", "too_harsh"):
            self.assertGreaterEqual(hardness[verdict], 5, hardness)

    def test_it_has_chinese_names_where_that_is_spoken(self):
        if "zh_CN" not in dict(self.env["res.lang"].get_installed()):
            self.skipTest("Not installed: zh_CN.")
        chinese = self.env.ref("expat_kpi_connectors.policy_vietnam").with_context(lang="zh_CN")
        self.assertIn("90 天", chinese.notice)
        self.assertIn("90 days", chinese.with_context(lang="en_US").notice)

    def test_everybody_is_posted_under_local_holidays(self):
        postings = self.plans.posting_id
        self.assertEqual(len(postings.resource_calendar_id), 9)
        self.assertEqual(len(postings.country_id), 9)
        for login in ("lan", "chao", "ana"):
            plan = self._plan(login)
            worked = plan._working_days()[plan.id]
            off = people.holidays(plan.country_id.code.lower(), plan.date_from.year)
            span = (plan.date_to - plan.date_from).days + 1
            weekdays = {
                day
                for day in (plan.date_from + timedelta(days=number) for number in range(span))
                if day.weekday() < 5
            }
            self.assertEqual(set(worked), weekdays - set(off))

    def test_holidays_by_moon_and_easter(self):
        self.assertEqual(people.holidays("vn", 2026)[date(2026, 2, 17)], "Tết")
        self.assertEqual(people.holidays("de", 2026)[date(2026, 4, 3)], "Good Friday")
        self.assertNotIn("Tết", people.holidays("vn", 2050).values())

    def test_without_sales_the_same_is_told_without_its_lines(self):
        hr = self.env.ref("expat_kpi.user_hr")
        orders = ("sale_amount", "sale_repurchase", "sale_retention", "order_to_delivery")
        for name in orders:
            self.env.ref(f"expat_kpi_connectors.indicator_{name}").active = False
        self.env["expat.kpi.goal"].search([]).unlink()
        self.plans.template_id.active = False
        for plan in self.plans:
            plan.with_user(hr)._cancel("Told anew.")
        agreed.make(self.env, self.days, people.found(self.env))
        plans = self.cycle.plan_ids - self.plans
        self.assertEqual(len(plans), 15)
        self.assertEqual(
            set(plans.line_ids.indicator_id.mapped("code")),
            {"visits_all", "new_customers", "conversion", "satisfaction", "qualified_leads"},
        )
        self.assertEqual(set(plans.mapped("weight_total")), {100})
        self.assertEqual(self._targets(self._plan("lan"))["qualified_leads"], 60)
        event = self.env.ref("expat_kpi_connectors.event_raw_material")
        self.assertEqual(event.agreed_count, 2)
        self.assertEqual(self._slices("yang", "conversion")[-1][1], 20)
