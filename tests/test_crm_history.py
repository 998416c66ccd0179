"""A CRM history on its way into Odoo and through the product, against an oracle.

The real one is read from EXPAT_KPI_CRM_CSV, else ../shared/data/crm_sales_opportunities beside
the checkout. All else is tested on small histories written here.
"""

import csv
import os
import shutil
import tempfile
import unittest
from datetime import date, datetime
from pathlib import Path

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from devtools.crm_csv import HistoryError, read_history
from devtools.crm_history import load

from . import crm_oracle

ROOT = Path(__file__).resolve().parent.parent
REAL = Path(
    os.environ.get("EXPAT_KPI_CRM_CSV")
    or ROOT.parent / "shared" / "data" / "crm_sales_opportunities"
)
HAS_REAL = (REAL / "sales_pipeline.csv").is_file()
WITHOUT_REAL = f"no CRM history in {REAL}: let EXPAT_KPI_CRM_CSV name its folder"

PIPELINE = (
    "opportunity_id",
    "sales_agent",
    "product",
    "account",
    "deal_stage",
    "engage_date",
    "close_date",
    "close_value",
)
# Ann sells in Chicago, Binh in Ho Chi Minh City, Cleo in Berlin; Max leads Ann and Binh.
SMALL = {
    "sales_teams.csv": (
        ("sales_agent", "manager", "regional_office"),
        ("Ann Ash", "Max Mann", "Central"),
        ("Bình Bùi", "Max Mann", "East"),
        ("Cleo Claus", "", "West"),
    ),
    "products.csv": (("product", "series"), ("GTX Pro", "GTX"), ("MG Special", "MG")),
    "accounts.csv": (
        ("account", "sector", "office_location", "subsidiary_of"),
        ("Acme", "technolgy", "Philipines", ""),
        ("Beta", "retail", "Korea", "Acme"),
        ("Gamma", "", "", ""),
    ),
    "sales_pipeline.csv": (
        PIPELINE,
        ("A1", "Ann Ash", "GTXPro", "Acme", "Won", "2017-01-10", "2017-03-31", "4821"),
        ("A2", "Ann Ash", "GTX Pro", "Beta", "Lost", "2017-01-12", "2017-04-01", "0"),
        ("A3", "Ann Ash", "MG Special", "", "Engaging", "2017-02-01", "", ""),
        ("B1", "Bình Bùi", "MG Special", "Gamma", "Won", "2017-02-03", "2017-02-03", "55.50"),
        ("B2", "Bình Bùi", "MG Special", "", "Prospecting", "", "", ""),
    ),
}


def write_history(folder, **changed):
    """Write SMALL; ``sales_pipeline=rows`` replaces a file, None leaves it out."""
    for name, rows in SMALL.items():
        rows = changed.get(name.removesuffix(".csv"), rows)
        path = Path(folder) / name
        path.unlink(missing_ok=True)
        if isinstance(rows, bytes):
            path.write_bytes(rows)
        elif rows is not None:
            with open(path, "w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
    if "offices" in changed:
        with open(Path(folder) / "offices.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(changed["offices"])


def pipeline(*rows):
    return (PIPELINE, *rows)


class TemporaryFolder:
    """``self.folder`` is a folder of the test's own."""

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)


# ----------------------------------------------------------------------
# Reading
# ----------------------------------------------------------------------


class TestFaults(TemporaryFolder, unittest.TestCase):
    """Every fault of a history is named with its file and row."""

    def _faults(self, **changed):
        write_history(self.folder, **changed)
        with self.assertRaises(HistoryError) as caught:
            read_history(self.folder)
        self.assertIsInstance(caught.exception, ValueError)
        return str(caught.exception).splitlines()

    def _assert_fault(self, row, *expected):
        """A pipeline whose third row is ``row`` has these faults, in that row and no other."""
        faults = self._faults(sales_pipeline=pipeline(SMALL["sales_pipeline.csv"][1], row))
        self.assertEqual(faults, [f"sales_pipeline.csv, row 3: {problem}" for problem in expected])

    def test_small_history_has_no_fault(self):
        write_history(self.folder)
        history = read_history(self.folder)
        self.assertEqual(len(history.opportunities), 5)
        self.assertEqual(
            {deal.product for deal in history.opportunities}, {"GTX Pro", "MG Special"}
        )
        self.assertEqual(history.accounts[0].sector, "technology")
        self.assertEqual(history.accounts[1].country, "South Korea")
        self.assertEqual(history.opportunities[0].closed, date(2017, 3, 31))
        self.assertIsNone(history.opportunities[4].engaged)

    def test_missing_files(self):
        faults = self._faults(accounts=None, sales_pipeline=None)
        self.assertEqual(
            faults,
            [
                f"accounts.csv: is missing in {self.folder}",
                f"sales_pipeline.csv: is missing in {self.folder}",
            ],
        )

    def test_missing_columns(self):
        faults = self._faults(
            products=(("name",), ("GTX Pro",)), sales_teams=(("sales_agent",), ("Ann Ash",))
        )
        self.assertEqual(
            faults,
            [
                "sales_teams.csv: has no column manager, regional_office",
                "products.csv: has no column product",
            ],
        )

    def test_empty_file(self):
        self.assertEqual(self._faults(products=()), ["products.csv: has no column product"])

    def test_other_encoding(self):
        [fault] = self._faults(products="product\nGewürz\n".encode("latin-1"))
        self.assertIn("products.csv: is not in UTF-8", fault)

    def test_file_that_is_no_csv(self):
        [fault] = self._faults(products=b'product\n"GTX" Pro\n')
        self.assertIn("products.csv: cannot be read", fault)

    def test_too_few_values(self):
        self._assert_fault(("A2", "Ann Ash"), "has 2 values under 8 columns")

    def test_blank_rows_are_counted_and_skipped(self):
        faults = self._faults(
            sales_pipeline=pipeline((), (" ",) * 8, ("A9", "Nobody", "GTX Pro") + ("",) * 5)
        )
        self.assertEqual(
            faults,
            [
                "sales_pipeline.csv, row 4: sales_agent: 'Nobody' is not known",
                "sales_pipeline.csv, row 4: deal_stage is empty",
            ],
        )

    def test_bad_dates(self):
        for text in ("2017-02-30", "31.03.2017", "2017", "soon"):
            with self.subTest(text):
                self._assert_fault(
                    ("A2", "Ann Ash", "GTX Pro", "", "Engaging", text, "", ""),
                    f"engage_date: {text!r} is no date; write 2017-03-31",
                )

    def test_bad_numbers(self):
        for text in ("a lot", "1,000", "NaN", "inf", "1e400", "-Infinity"):
            with self.subTest(text):
                self._assert_fault(
                    ("A2", "Ann Ash", "GTX Pro", "", "Won", "2017-01-01", "2017-01-02", text),
                    f"close_value: {text!r} is no number that can be added up",
                )

    def test_unknown_names(self):
        self._assert_fault(
            ("A2", "Zoe", "Zeta", "Zulu", "Maybe", "", "", ""),
            "product: 'Zeta' is not known",
            "sales_agent: 'Zoe' is not known",
            "account: 'Zulu' is not known",
            "deal_stage: 'Maybe' is not known",
        )

    def test_closed_before_engaged(self):
        self._assert_fault(
            ("A2", "Ann Ash", "GTX Pro", "", "Lost", "2017-02-02", "2017-02-01", "0"),
            "close_date 2017-02-01 is before engage_date 2017-02-02",
        )

    def test_stage_and_dates_that_contradict(self):
        self._assert_fault(
            ("A2", "Ann Ash", "GTX Pro", "", "Won", "", "", ""),
            "engage_date is empty, and the opportunity is Won",
            "close_date is empty, and the opportunity is Won",
            "close_value is empty, and the opportunity is Won",
        )
        self._assert_fault(
            ("A2", "Ann Ash", "GTX Pro", "", "Engaging", "2017-01-01", "2017-01-02", ""),
            "close_date is set, and the opportunity is Engaging",
        )

    def test_opportunity_given_twice(self):
        self._assert_fault(SMALL["sales_pipeline.csv"][1], "opportunity_id: 'A1' is there already")

    def test_people_and_companies_in_a_circle(self):
        faults = self._faults(
            sales_teams=(
                ("sales_agent", "manager", "regional_office"),
                ("Ann Ash", "Bình Bùi", "Central"),
                ("Bình Bùi", "Ann Ash", "East"),
            ),
            accounts=(
                ("account", "sector", "office_location", "subsidiary_of"),
                ("Acme", "", "", "Acme"),
                ("Beta", "", "", "Acme"),
                ("Gamma", "", "", "Omega"),
            ),
        )
        self.assertEqual(
            faults,
            [
                "sales_teams.csv, row 2: manager: 'Ann Ash' is above itself",
                "sales_teams.csv, row 3: manager: 'Bình Bùi' is above itself",
                "accounts.csv, row 2: subsidiary_of: 'Acme' is above itself",
                "accounts.csv, row 4: subsidiary_of: 'Omega' is not known",
            ],
        )

    def test_office_without_a_place(self):
        teams = (
            ("sales_agent", "manager", "regional_office"),
            ("Ann Ash", "", "South"),
            ("Bình Bùi", "", "East"),
        )
        [fault] = self._faults(sales_teams=teams)
        self.assertEqual(
            fault,
            "sales_teams.csv, row 2: regional_office: 'South' is not known; "
            "say where it is in offices.csv",
        )

    def test_offices_of_ones_own(self):
        columns = ("regional_office", "country_code", "time_zone")
        write_history(
            self.folder,
            offices=(
                columns,
                ("Central", "br", "America/Sao_Paulo"),
                ("East", "NP", "Asia/Kathmandu"),
                ("West", "PT", "Europe/Lisbon"),
            ),
        )
        history = read_history(self.folder)
        self.assertEqual(history.offices[0].tz, "America/Sao_Paulo")
        self.assertEqual(history.offices[0].country_code, "BR")
        [fault] = self._faults(
            sales_teams=(SMALL["sales_teams.csv"][0],),
            sales_pipeline=pipeline(),
            offices=(columns, ("Central", "US", "Chicago")),
        )
        self.assertEqual(fault, "offices.csv, row 2: time_zone: 'Chicago' is not known")

    def test_all_faults_at_once(self):
        good = SMALL["sales_pipeline.csv"][1]
        faults = self._faults(
            sales_pipeline=pipeline(*((f"X{number}", "Zoe", *good[2:]) for number in range(300)))
        )
        self.assertEqual(len(faults), 300)
        self.assertEqual(faults[-1], "sales_pipeline.csv, row 301: sales_agent: 'Zoe' is not known")


# ----------------------------------------------------------------------
# Loading
# ----------------------------------------------------------------------


class HistoryCase(TransactionCase):
    """Histories are loaded into a company of their own, so that nothing else counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "History Company"})
        cls.env.user.company_ids += cls.company
        cls.won = cls.env.ref("expat_kpi_connectors.measure_crm_won")
        cls.closed = cls.env.ref("expat_kpi_connectors.measure_crm_closed")
        cls.conversion = cls.env.ref("expat_kpi_connectors.indicator_conversion")

    @classmethod
    def _employees(cls):
        """{name: employee}"""
        found = cls.env["hr.employee"].search([("company_id", "=", cls.company.id)])
        return {employee.name: employee for employee in found}

    @classmethod
    def _leads(cls):
        """{external name: lead}, lost ones too."""
        leads = (
            cls.env["crm.lead"]
            .with_context(active_test=False)
            .search([("company_id", "=", cls.company.id)])
        )
        names = leads.get_external_id()
        return {names[lead.id].rpartition("_")[2]: lead for lead in leads}

    def _load(self, **changed):
        write_history(self.folder, **changed)
        return load(self.env, self.folder, company=self.company)


@tagged("post_install", "-at_install")
class TestLoad(TemporaryFolder, HistoryCase):
    def test_people_and_places(self):
        self._load()
        people = self._employees()
        ann, binh, cleo = (people[name] for name in ("Ann Ash", "Bình Bùi", "Cleo Claus"))
        self.assertEqual(ann.parent_id, people["Max Mann"])
        self.assertFalse(cleo.parent_id)
        self.assertEqual(binh.user_id.login, "binh.bui")
        self.assertTrue(ann.user_id.has_group("sales_team.group_sale_salesman"))
        self.assertFalse(ann.user_id.has_group("sales_team.group_sale_salesman_all_leads"))
        self.assertTrue(
            people["Max Mann"].user_id.has_group("sales_team.group_sale_salesman_all_leads")
        )
        postings = (ann + binh + cleo).posting_ids.sorted("tz")
        self.assertRecordValues(
            postings,
            [
                {"tz": "America/Chicago", "date_from": date(2017, 1, 10), "date_to": False},
                {"tz": "Asia/Ho_Chi_Minh", "date_from": date(2017, 2, 3), "date_to": False},
                # who has no deal is there since the first one of all
                {"tz": "Europe/Berlin", "date_from": date(2017, 1, 10), "date_to": False},
            ],
        )
        self.assertEqual(postings.country_id.mapped("code"), ["US", "VN", "DE"])
        self.assertEqual(postings.region_id.mapped("name"), ["Central", "East", "West"])
        self.assertFalse(people["Max Mann"].posting_ids)

    def test_nobody_can_log_in_yet(self):
        self._load()
        rows = self.env.execute_query(
            SQL(
                "SELECT login FROM res_users WHERE company_id = %s AND password IS NOT NULL",
                self.company.id,
            )
        )
        self.assertEqual(rows, [])

    def test_accounts(self):
        self._load()
        partners = self.env["res.partner"].search(
            [("company_id", "=", self.company.id), ("is_company", "=", True)]
        )
        acme, beta, gamma = partners.sorted("name")
        self.assertEqual(acme.country_id.code, "PH")
        self.assertEqual(acme.category_id.name, "Technology")
        self.assertEqual(beta.parent_id, acme)
        self.assertEqual(beta.country_id.code, "KR", "a subsidiary keeps its own country")
        self.assertFalse(gamma.country_id or gamma.category_id)

    def test_opportunities(self):
        self._load()
        leads = self._leads()
        self.assertEqual(
            {name: lead.won_status for name, lead in leads.items()},
            {"A1": "won", "A2": "lost", "A3": "pending", "B1": "won", "B2": "pending"},
        )
        # 9 and 12 o'clock in Chicago, behind UTC by 6 hours in winter and 5 in summer
        self.assertEqual(leads["A1"].create_date, datetime(2017, 1, 10, 15))
        self.assertEqual(leads["A1"].date_open, datetime(2017, 1, 10, 15))
        self.assertEqual(leads["A1"].date_closed, datetime(2017, 3, 31, 17))
        self.assertEqual(leads["A1"].day_close, 80)
        self.assertEqual(leads["B1"].date_closed, datetime(2017, 2, 3, 5))
        self.assertEqual(leads["A1"].tag_ids, leads["A2"].tag_ids, "GTXPro is GTX Pro")
        self.assertEqual(leads["A1"].expected_revenue, 4821)
        self.assertEqual(leads["B1"].expected_revenue, 55.5)
        self.assertEqual(leads["A2"].lost_reason_id.name, "Not recorded")
        self.assertFalse(leads["A2"].active)
        self.assertFalse(leads["A3"].partner_id or leads["A3"].date_closed)
        self.assertFalse(leads["B2"].date_open)

    def test_the_last_quarter_gets_plans_to_look_at(self):
        """The one who closed a deal in it, beside what all reached in the quarter before."""
        self.assertEqual(self._load()["plans"], 1)
        plans = self.env["expat.kpi.plan"].search([("company_id", "=", self.company.id)])
        self.assertEqual(plans.cycle_id.name, "2017 Q2")
        line = plans.line_ids
        self.assertEqual(line.employee_id.name, "Ann Ash")
        self.assertEqual((line.target, line.actual, line.actual_status), (100.0, 0.0, "ok"))
        self._load()
        again = self.env["expat.kpi.plan"].search([("company_id", "=", self.company.id)])
        self.assertEqual(again, plans)

    def test_second_load_changes_nothing(self):
        self._load()
        before = self._everything()
        counts = self._load()
        self.assertEqual(counts["opportunities added"], 0)
        self.assertEqual(counts["opportunities changed"], 0)
        self.assertEqual(self._everything(), before)

    def _everything(self):
        """All that a load may write: rows of its tables, with when they were written."""
        self.env.flush_all()
        result = {}
        for model in (
            "crm.lead",
            "crm.team",
            "crm.team.member",
            "crm.tag",
            "crm.lost.reason",
            "expat.posting",
            "expat.region",
            "hr.employee",
            "ir.model.data",
            "mail.message",
            "res.partner",
            "res.partner.category",
            "res.users",
        ):
            table = SQL.identifier(self.env[model]._table)
            result[model] = self.env.execute_query(SQL("SELECT * FROM %s ORDER BY id", table))
        return result

    def test_later_export_of_the_same_history(self):
        self._load()
        rows = list(SMALL["sales_pipeline.csv"][1:])
        rows[1] = ("A2", "Bình Bùi", "MG Special", "Acme", "Won", "2017-01-12", "2017-04-01", "50")
        rows[2] = ("A3", "Ann Ash", "MG Special", "", "Lost", "2017-02-01", "2017-05-01", "0")
        rows[4] = ("B2", "Bình Bùi", "MG Special", "", "Engaging", "2017-01-02", "", "")
        rows.append(("C1", "Cleo Claus", "GTX Pro", "", "Won", "2016-12-24", "2016-12-31", "1"))
        counts = self._load(sales_pipeline=pipeline(*rows))
        self.assertEqual(counts["opportunities added"], 1)
        self.assertEqual(counts["opportunities changed"], 3)
        leads = self._leads()
        self.assertEqual(
            {name: lead.won_status for name, lead in leads.items()},
            {"A1": "won", "A2": "won", "A3": "lost", "B1": "won", "B2": "pending", "C1": "won"},
        )
        people = self._employees()
        self.assertEqual(leads["A2"].user_id, people["Bình Bùi"].user_id)
        self.assertEqual(leads["A2"].date_closed, datetime(2017, 4, 1, 5))
        self.assertTrue(leads["A2"].active)
        self.assertEqual(leads["A3"].date_closed, datetime(2017, 5, 1, 17))
        self.assertEqual(leads["B2"].create_date, datetime(2017, 1, 2, 2))
        # Postings begin early enough for all deals to count
        self.assertEqual(people["Bình Bùi"].posting_ids.date_from, date(2017, 1, 2))
        self.assertEqual(people["Cleo Claus"].posting_ids.date_from, date(2016, 12, 24))
        # An older export is no other history: a deal opened again is open
        self._load()
        self.assertEqual(
            {name: lead.won_status for name, lead in self._leads().items()},
            {"A1": "won", "A2": "lost", "A3": "pending", "B1": "won", "B2": "pending", "C1": "won"},
        )

    def test_what_hr_corrected_stays(self):
        self._load()
        people = self._employees()
        people["Ann Ash"].posting_ids.tz = "America/New_York"
        people["Ann Ash"].parent_id = people["Cleo Claus"]
        self._load()
        self.assertEqual(people["Ann Ash"].posting_ids.tz, "America/New_York")
        self.assertEqual(people["Ann Ash"].parent_id, people["Cleo Claus"])

    def test_two_companies_have_two_histories(self):
        self._load()
        other = self.env["res.company"].create({"name": "Other History Company"})
        counts = load(self.env, self.folder, company=other)
        self.assertEqual(counts["opportunities added"], 5)
        users = self.env["res.users"].search([("name", "=", "Ann Ash")], order="id")
        self.assertEqual(users.mapped("login"), ["ann.ash", "ann.ash2"])
        self.assertEqual(users.mapped("company_id"), self.company + other)

    def test_bad_history_writes_nothing(self):
        before = self._everything()
        for changed in (
            {"sales_pipeline": pipeline(("A1", "Zoe", "GTX Pro", "", "Prospecting", "", "", ""))},
            {
                "accounts": (
                    *SMALL["accounts.csv"],
                    ("Delta", "retail", "Atlantis", ""),
                )
            },
        ):
            with self.subTest(changed), self.assertRaises(HistoryError) as caught:
                self._load(**changed)
            self.assertEqual(self._everything(), before)
        self.assertEqual(
            str(caught.exception),
            "accounts.csv, row 5: office_location: 'Atlantis' is no country; "
            "write its English name or code",
        )


@tagged("post_install", "-at_install")
class TestLocalDay(TemporaryFolder, HistoryCase):
    """A deal counts in the month that it was where its agent is posted."""

    # (agent, last minutes of March there, first minutes of April there) in UTC
    MOMENTS = (
        # UTC says 1 April for both
        ("Ann Ash", datetime(2017, 4, 1, 4, 30), datetime(2017, 4, 1, 5, 30)),
        # UTC says 31 March for both
        ("Bình Bùi", datetime(2017, 3, 31, 16, 30), datetime(2017, 3, 31, 17, 30)),
        ("Cleo Claus", datetime(2017, 3, 31, 21, 30), datetime(2017, 3, 31, 22, 30)),
    )
    MARCH = date(2017, 3, 1), date(2017, 3, 31)
    APRIL = date(2017, 4, 1), date(2017, 4, 30)

    def _closed(self, employee, span):
        measures = self.won + self.closed
        measures._refresh(date(2017, 1, 1), date(2017, 12, 31))
        actual = self.conversion._actuals([("cell", employee.id, *span)])
        terms = actual[self.conversion.id, "cell"].terms
        return terms["won"][0], terms["closed"][0]

    def test_half_past_eleven_on_the_last_day_of_a_month(self):
        # The deal of Ann's that is lost in April would count as well
        self._load(sales_pipeline=pipeline(SMALL["sales_pipeline.csv"][3]))
        people = self._employees()
        for name in people:
            people[name].posting_ids.date_from = date(2017, 1, 1)
        for name, late_in_march, early_in_april in self.MOMENTS:
            employee = people[name]
            with self.subTest(name):
                lead = self.env["crm.lead"].create(
                    {
                        "name": "Late",
                        "type": "opportunity",
                        "company_id": self.company.id,
                        "user_id": employee.user_id.id,
                    }
                )
                lead.action_set_won()
                lead.date_closed = late_in_march
                self.assertEqual(self._closed(employee, self.MARCH), (1, 1))
                self.assertEqual(self._closed(employee, self.APRIL), (0, 0))
                lead.date_closed = early_in_april
                self.assertEqual(self._closed(employee, self.MARCH), (0, 0))
                self.assertEqual(self._closed(employee, self.APRIL), (1, 1))


# ----------------------------------------------------------------------
# The real history against the oracle
# ----------------------------------------------------------------------


@tagged("post_install", "-at_install")
@unittest.skipUnless(HAS_REAL, WITHOUT_REAL)
class TestOracle(HistoryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.counts = load(cls.env, REAL, company=cls.company)
        cls.expected = crm_oracle.results(REAL)
        cls.agents = crm_oracle.agents(REAL)
        cls.amount = cls.env.ref("expat_kpi_connectors.indicator_crm_won_amount")
        cls.days = cls.env.ref("expat_kpi_connectors.indicator_crm_close_days")
        measures = cls.conversion.measure_ids + cls.amount.measure_ids + cls.days.measure_ids
        measures._refresh(date(2016, 10, 1), date(2017, 12, 31))

    def _found(self, periods):
        """As the oracle's results, computed by the product."""
        people = self._employees()
        cells = [
            ((agent, period), people[agent].id, *_bounds(crm_oracle.PERIODS[period]))
            for agent in self.agents
            for period in periods
        ]
        actuals = (self.conversion + self.amount)._actuals(cells)
        result = {}
        for key, *_cell in cells:
            conversion = actuals[self.conversion.id, key]
            result[key] = (
                conversion.terms["won"][0],
                conversion.terms["closed"][0],
                getattr(conversion.value, "value", None),
                actuals[self.amount.id, key].value.value,
            )
        return result

    def _assert_as_expected(self, periods):
        found = self._found(periods)
        self.assertEqual(len(found), len(self.agents) * len(periods))
        wrong = {
            key: {"found": row, "expected": self.expected[key]}
            for key, row in found.items()
            if row != self.expected[key]
        }
        self.assertFalse(wrong)

    def test_quarters_of_2017(self):
        self._assert_as_expected(list(crm_oracle.QUARTERS))

    def test_every_month(self):
        self._assert_as_expected(list(crm_oracle.MONTHS))

    def test_days_to_close(self):
        """Whole days in the files; here also the three hours from nine to twelve, and the one
        that is lost or won where the clocks changed in between."""
        expected = crm_oracle.days_to_close(REAL)
        self.assertGreater(sum(map(sum, expected.values())), 1000)
        people = self._employees()
        facts = self.env["expat.kpi.fact"].search(
            [
                ("version_id", "=", self.days.measure_ids.version_id.id),
                ("company_id", "=", self.company.id),
            ]
        )
        found = dict.fromkeys(expected, (0, 0))
        names = {employee: name for name, employee in people.items()}
        for fact in facts:
            month = fact.day.isoformat()[:7]
            for period, months in crm_oracle.PERIODS.items():
                if month in months:
                    key = names[fact.employee_id], period
                    count, days = found[key]
                    found[key] = (
                        count + fact.count,
                        days + round(fact.amount - fact.count * 3 / 24),
                    )
        self.assertEqual(found, {key: (len(days), sum(days)) for key, days in expected.items()})
        actuals = self.days._actuals(
            [
                ((agent, quarter), people[agent].id, *_bounds(months))
                for agent in self.agents
                for quarter, months in crm_oracle.QUARTERS.items()
            ]
        )
        for (_indicator, key), actual in actuals.items():
            days = expected[key]
            if days:
                mean = sum(days) / len(days) + 3 / 24
                self.assertAlmostEqual(actual.value.value, mean, delta=1.001 / 24, msg=key)
            else:
                self.assertFalse(hasattr(actual.value, "value"), key)

    def test_oracle_finds_something(self):
        """Two wrong zeros would be equal as well."""
        quarters = [row for key, row in self.expected.items() if key[1] in crm_oracle.QUARTERS]
        rates = {row[2] for row in quarters}
        self.assertGreater(sum(row[1] for row in quarters), sum(row[0] for row in quarters))
        self.assertGreater(len(rates), 3)

    def test_all_opportunities_are_there(self):
        deals = crm_oracle.opportunities(REAL)
        self.assertEqual(self.counts["opportunities"], deals)
        self.assertEqual(self.counts["opportunities added"], deals)
        self.assertEqual(len(self._leads()), deals)

    def test_odoo_agrees_on_what_is_won_and_lost(self):
        leads = self.env["crm.lead"].browse(lead.id for lead in self._leads().values())
        before = {lead.id: (lead.won_status, lead.day_close, lead.day_open) for lead in leads}
        for name in ("won_status", "day_close", "day_open"):
            self.env.add_to_compute(leads._fields[name], leads)
        after = {lead.id: (lead.won_status, lead.day_close, lead.day_open) for lead in leads}
        self.assertEqual(after, before)
        for status, is_closed in (("won", True), ("lost", True), ("pending", False)):
            for lead in leads.filtered(lambda lead, status=status: lead.won_status == status):
                self.assertEqual(bool(lead.date_closed), is_closed)
                self.assertEqual(lead.active, status != "lost")

    def test_the_records_behind_a_number(self):
        """As many opportunities open behind a number as it says, and the right ones."""
        agent = max(self.agents, key=lambda name: self.expected[name, "2017-Q1"][0])
        employee = self._employees()[agent]
        found = self.won._counted_ids(employee, date(2017, 1, 1), date(2017, 3, 31))
        leads = self.env["crm.lead"].browse(found)
        self.assertEqual(len(leads), self.expected[agent, "2017-Q1"][0])
        self.assertEqual(leads.user_id, employee.user_id)
        self.assertEqual(set(leads.mapped("won_status")), {"won"})


def _bounds(months):
    """First and last day of a run of months, such as ("2017-01", "2017-02", "2017-03")."""
    first = date.fromisoformat(f"{months[0]}-01")
    year, month = (int(part) for part in months[-1].split("-"))
    following = date(year + month // 12, month % 12 + 1, 1)
    return first, date.fromordinal(following.toordinal() - 1)
