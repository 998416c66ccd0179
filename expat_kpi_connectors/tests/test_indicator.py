from datetime import date, datetime

from odoo import sql_db
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ExpatCase

YEAR = date(2026, 1, 1), date(2026, 12, 31)


@tagged("post_install", "-at_install")
class TestIndicator(ExpatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won = cls._measure("ind_won", domain="[('won_status', '=', 'won')]")
        cls.closed = cls._measure(
            "ind_closed",
            domain="[('won_status', 'in', ['won', 'lost'])]",
            include_archived=True,
        )

    def _indicator(self, code, formula, **values):
        return self.env["expat.kpi.indicator"].create(
            {
                "name": code,
                "code": code,
                "formula": formula,
                "company_id": self.company_a.id,
                **values,
            }
        )

    def _value(self, indicator, employee):
        actuals = indicator._actuals([("cell", employee.id, *YEAR)])
        return actuals[indicator.id, "cell"].value

    def test_faults_point_at_the_character(self):
        for formula, sentence in {
            "ind_won / (ind_closed": "never closed. (Character 11)",
            "ind_won / nobody": "no measure or indicator “nobody”. (Character 11)",
            "ind_won $ 2": "“$” is no sign of a formula. (Character 9)",
            "sqrt(ind_won)": "no function “sqrt”",
            "": "Enter a formula",
        }.items():
            with self.subTest(formula=formula), self.assertRaises(ValidationError) as caught:
                self._indicator("ind_bad", formula)
            self.assertIn(sentence, str(caught.exception))

    def test_a_formula_that_leads_back_to_itself_is_refused(self):
        first = self._indicator("ind_first", "ind_won + 1")
        self._indicator("ind_second", "2 * ind_first")
        with self.assertRaises(ValidationError) as caught:
            first.formula = "ind_second"
        self.assertIn("ind_first → ind_second → ind_first", str(caught.exception))

    def test_an_indicator_of_indicators_knows_its_measures(self):
        rate = self._indicator("ind_rate", "100 * ind_won / ind_closed")
        above = self._indicator("ind_above", "ind_rate - 25")
        self.assertEqual(above.measure_ids, self.won + self.closed)
        rate.formula = "ind_won"
        self.assertEqual(above.measure_ids, self.won)

    def test_a_team_is_the_ratio_of_sums(self):
        self._leads(
            [(self.lan, datetime(2026, 5, day, 5), True, {}) for day in range(1, 2)]
            + [(self.jonas, datetime(2026, 5, day, 5), day > 8, {}) for day in range(1, 10)]
        )
        (self.won + self.closed)._refresh(*YEAR)
        rate = self._indicator("ind_rate", "100 * ind_won / ind_closed")
        cells = [("team", employee.id, *YEAR) for employee in self.expats]
        self.assertAlmostEqual(rate._actuals(cells)[rate.id, "team"].value.value, 100 * 2 / 10)
        self.assertAlmostEqual(self._value(rate, self.lan).value, 100)

    def test_nothing_to_divide_by(self):
        (self.won + self.closed)._refresh(*YEAR)
        rate = self._indicator("ind_rate", "100 * ind_won / ind_closed")
        self.assertEqual(self._value(rate, self.lan).reason, "empty_denominator")
        rate.empty_value = "zero"
        self.assertEqual(self._value(rate, self.lan).value, 0)

    def test_what_was_never_computed_is_no_data(self):
        number = self._indicator("ind_number", "ind_won")
        self.assertEqual(self._value(number, self.lan).reason, "never_computed")
        self.won._refresh(date(2026, 5, 1), date(2026, 5, 31))
        self.assertEqual(
            self._value(number, self.lan).reason,
            "never_computed",
            "a part of the span is not the span",
        )
        self.won._refresh(*YEAR)
        self.assertEqual(self._value(number, self.lan).value, 0)

    def test_a_refresh_that_never_worked_is_an_error_and_not_no_data(self):
        number = self._indicator("ind_number", "ind_won")
        self._field(self.lead_source, "date_closed").use_date = False
        self.won._refresh(*YEAR)
        self.assertEqual(self._value(number, self.lan).reason, "refresh_failed")

    def test_an_agreed_version_goes_on_counting_as_agreed(self):
        self._lead(self.lan, datetime(2026, 5, 5, 5))
        self._lead(self.lan, datetime(2026, 5, 6, 5), won=False)
        agreed = self.won.version_id
        number = self._indicator("ind_number", "ind_won")
        self.won.write(
            {"domain": "[('won_status', 'in', ['won', 'lost'])]", "include_archived": True}
        )
        self.assertNotEqual(self.won.version_id, agreed)
        (agreed + self.won.version_id)._refresh()
        cell = ("cell", self.lan.id, date(2026, 5, 1), date(2026, 5, 31))
        [in_force] = number._actuals([cell]).values()
        [as_agreed] = number._actuals([cell], {("cell", self.won): agreed}).values()
        self.assertEqual((in_force.value.value, as_agreed.value.value), (2, 1))

    def test_a_measure_in_use_is_not_deleted(self):
        self._indicator("ind_number", "ind_won")
        with self.assertRaises(UserError):
            self.won.unlink()

    def test_a_worker_leaves_what_another_one_has(self):
        """Of two workers, the second passes over the version that the first has claimed."""
        version = self.env.ref("expat_kpi_connectors.measure_crm_won").version_id
        before = version.date_refreshed
        other = sql_db.db_connect(self.env.cr.dbname).cursor()
        try:
            other.execute(
                "SELECT id FROM expat_kpi_measure_version WHERE id = %s FOR UPDATE", [version.id]
            )
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                self.env(cr=cr)["expat.kpi.measure.version"]._cron_refresh(max_age_minutes=-1)
        finally:
            other.rollback()
            other.close()
        self.env.invalidate_all()
        self.assertEqual(version.date_refreshed, before)
        self.assertTrue(self.won.version_id.date_refreshed, "the others were refreshed")
