import random
from datetime import date, datetime, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .common import ExpatCase

YEAR = date(2026, 1, 1), date(2026, 12, 31)


@tagged("post_install", "-at_install")
class TestFactRefresh(ExpatCase):
    """Facts follow the records: the same for everybody, nothing forgotten, nothing kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won = cls._measure("refresh_won", domain="[('won_status', '=', 'won')]")
        cls.closed = cls._measure(
            "refresh_closed",
            domain="[('won_status', 'in', ['won', 'lost'])]",
            include_archived=True,
        )
        cls.revenue = cls._measure(
            "refresh_revenue",
            domain="[('won_status', '=', 'won')]",
            aggregate="sum",
            amount="expected_revenue",
        )
        cls.measures = cls.won + cls.closed + cls.revenue

    def _random_leads(self, chance, count):
        return self._leads(
            [
                (
                    chance.choice(self.expats),
                    datetime(2026, 1, 1) + timedelta(minutes=chance.randrange(365 * 1440)),
                    chance.random() < 0.5,
                    {"expected_revenue": chance.randrange(1, 10**7) / 100},
                )
                for _number in range(count)
            ]
        )

    def test_facts_go_with_whom_and_what_they_are_about(self):
        self._lead(self.jonas, "2026-05-10 02:00:00")
        self._lead(self.lan, "2026-05-10 02:00:00")
        self.measures._refresh(*YEAR)
        versions = self.won.version_ids.ids
        self.jonas.unlink()
        self.assertEqual(self.env["expat.kpi.fact"].search([]).employee_id & self.expats, self.lan)
        self.won.unlink()
        self.assertFalse(self.env["expat.kpi.fact"].search([("version_id", "in", versions)]))

    def test_no_days_are_left_out_after_a_long_rest(self):
        """A measure that was archived for a year, with the application that it reads."""
        with freeze_time("2025-02-10"):
            self.won._refresh()
        self._lead(self.lan, "2025-06-10 02:00:00")
        with freeze_time("2026-05-10"):
            self.won._refresh()
        self.assertEqual(self._sums(self.won), {(self.lan, date(2025, 6, 10)): 1})

    def test_same_facts_whoever_refreshes(self):
        self._random_leads(random.Random(1), 60)
        self.measures._refresh(*YEAR)
        before = [self._facts(measure) for measure in self.measures]
        self.assertTrue(all(before))
        officer = self.wang.with_context(tz="Pacific/Kiritimati")
        officer.sudo().tz = "America/Los_Angeles"
        for env in (
            self.env(user=self.env.ref("base.user_root"), context={}),
            self.env(user=self.wang, su=False, context={"tz": "Asia/Tokyo", "lang": "en_US"}),
            self.env(user=self.wang, su=False, context={}),
            self.env(context={"tz": "Pacific/Pago_Pago", "active_test": False}),
        ):
            written = self.measures.with_env(env)._refresh(*YEAR)
            self.assertEqual(written, 0)
        self.assertEqual([self._facts(measure) for measure in self.measures], before)

    def test_lost_and_private_records_count_for_an_officer_without_rights(self):
        self._lead(self.lan, datetime(2026, 5, 5, 5), won=False)
        self.assertFalse(self.env["crm.lead"].with_user(self.wang).has_access("read"))
        self.closed.with_user(self.wang)._refresh(*YEAR)
        self.assertEqual(self._sums(self.closed), {(self.lan, date(2026, 5, 5)): 1})

    def test_what_falls_to_nothing_becomes_nothing(self):
        lead = self._lead(self.lan, datetime(2026, 5, 5, 5))
        self.won._refresh(*YEAR)
        self.assertTrue(self._facts(self.won))
        lead.unlink()
        self.won._refresh(*YEAR)
        self.assertFalse(self._facts(self.won))

    def test_after_random_edits_refresh_equals_rebuild(self):
        chance = random.Random(7)
        leads = self._random_leads(chance, 80)
        self.measures._refresh(*YEAR)
        for _round in range(3):
            for lead in chance.sample(list(leads.exists()), 25):
                edit = chance.randrange(6)
                if edit == 0:
                    lead.unlink()
                elif edit == 1:
                    lead.user_id = chance.choice(self.expats).user_id
                elif edit == 2:
                    lead.date_closed += timedelta(hours=chance.randrange(-900, 900))
                elif edit == 3:
                    lead.expected_revenue = chance.randrange(1, 10**7) / 100
                elif edit == 4:
                    lead.active = not lead.active
                elif lead.won_status != "won":
                    lead.action_set_lost()
            posting = self.jonas.posting_ids
            posting.tz = chance.choice(["Europe/Berlin", "Asia/Tokyo", "America/Denver"])
            leads += self._random_leads(chance, 10)
            self.measures._refresh(*YEAR)
            refreshed = [self._facts(measure) for measure in self.measures]
            self.env.execute_query(
                SQL(
                    "DELETE FROM expat_kpi_fact WHERE version_id = ANY(%s)",
                    self.measures.version_id.ids,
                )
            )
            self.measures._refresh(*YEAR)
            self.assertEqual([self._facts(measure) for measure in self.measures], refreshed)

    def test_only_cells_that_differ_are_written(self):
        leads = self._random_leads(random.Random(3), 40)
        self.won._refresh(*YEAR)
        self.assertEqual(self.won._refresh(*YEAR), 0)
        lead = leads.filtered(lambda lead: lead.won_status == "won")[0]
        lead.date_closed = datetime(2026, 12, 30, 12)
        self.assertLessEqual(self.won._refresh(*YEAR), 2)

    def test_a_refresh_leaves_other_days_alone(self):
        self._leads([(self.lan, datetime(2026, month, 5, 5), True, {}) for month in (3, 4, 5)])
        self.won._refresh(*YEAR)
        self.env["crm.lead"].search([("company_id", "=", self.company_a.id)]).unlink()
        self.won._refresh(date(2026, 4, 1), date(2026, 4, 30))
        self.assertEqual(
            {day for _employee, day in self._sums(self.won)},
            {date(2026, 3, 5), date(2026, 5, 5)},
        )

    def test_records_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Company B"})
        self.lan.user_id.company_ids += other
        self._lead(self.lan, datetime(2026, 5, 5, 5), company_id=other.id, team_id=False)
        self._lead(self.lan, datetime(2026, 5, 6, 5))
        self.won._refresh(*YEAR)
        self.assertEqual(self._sums(self.won), {(self.lan, date(2026, 5, 6)): 1})

    def test_one_failing_measure_leaves_the_others_fresh(self):
        self._lead(self.lan, datetime(2026, 5, 5, 5))
        self.revenue._refresh(*YEAR)
        last = self._facts(self.revenue)
        # An administrator withdraws what one measure adds up.
        self._field(self.lead_source, "expected_revenue").use_amount = False
        self.env["crm.lead"].search([("company_id", "=", self.company_a.id)]).unlink()
        self.measures._refresh(*YEAR)
        self.assertIn("not published", self.revenue.error)
        self.assertEqual(self._facts(self.revenue), last, "the last facts stand")
        self.assertFalse(self.won.error)
        self.assertFalse(self._facts(self.won))
        self._field(self.lead_source, "expected_revenue").use_amount = True
        self.measures._refresh(*YEAR)
        self.assertFalse(self.revenue.error)
        self.assertFalse(self._facts(self.revenue))

    def test_a_missing_application_is_said(self):
        self.env.execute_query(
            SQL(
                "UPDATE expat_kpi_measure_version SET definition = definition ||"
                ' \'{"model": "gone.model"}\' WHERE id = %s',
                self.won.version_id.id,
            )
        )
        self.env.execute_query(
            SQL(
                "UPDATE expat_kpi_source SET model = 'gone.model' WHERE id = %s",
                self.lead_source.id,
            )
        )
        self.env.invalidate_all()
        self.won._refresh(*YEAR)
        self.assertIn("no longer installed", self.won.error)

    def test_numbers_that_are_no_numbers_are_faults(self):
        good, bad = self._leads(
            [
                (self.lan, datetime(2026, 5, 5, 5), True, {"expected_revenue": 10}),
                (self.lan, datetime(2026, 5, 5, 6), True, {"expected_revenue": 10}),
            ]
        )
        self.env.flush_all()
        self.env.execute_query(
            SQL("UPDATE crm_lead SET expected_revenue = 'NaN' WHERE id = %s", bad.id)
        )
        self.revenue._refresh(*YEAR)
        [(amount, count, faults)] = self._facts(self.revenue).values()
        self.assertEqual((float(amount), count, faults), (10.0, 1, 1))
        self.assertTrue(good)

    def test_cron_refreshes_what_is_old_again_and_again(self):
        lead = self._lead(self.lan, datetime.now() - timedelta(days=1))
        with self.enter_registry_test_mode():
            self.env.ref("expat_kpi.ir_cron_refresh").method_direct_trigger()
        self.assertEqual(sum(self._sums(self.won).values()), 1)
        lead.unlink()
        self.measures.version_id.sudo().date_refreshed = datetime.now() - timedelta(hours=2)
        with self.enter_registry_test_mode():
            self.env.ref("expat_kpi.ir_cron_refresh").method_direct_trigger()
        self.assertFalse(self._facts(self.won))

    def test_a_version_never_changes(self):
        with self.assertRaises(UserError):
            self.won.version_id.sudo().definition = {"model": "crm.lead"}
        with self.assertRaises(UserError):
            self.won.version_id = self.closed.version_id

    @mute_logger("odoo.sql_db")
    def test_postings_of_one_person_do_not_overlap(self):
        with self.assertRaises(Exception) as caught, self.env.cr.savepoint():
            self._post(self.lan, "br", "America/Sao_Paulo", "2026-01-01")
        self.assertIn("no_overlap", str(caught.exception))

    def test_a_zone_that_does_not_exist_is_refused(self):
        with self.assertRaises(ValidationError):
            self.lan.posting_ids.tz = "Mars/Olympus"

    def test_a_zone_that_only_the_database_lacks_is_refused(self):
        known = self.env["expat.posting"]._known_zones()
        self.patch(self.registry, "_expat_kpi_zones", known - {"Asia/Tokyo"})
        with self.assertRaises(ValidationError):
            self.lan.posting_ids.tz = "Asia/Tokyo"
        self._lead(self.lan, datetime(2026, 5, 5, 5))
        self._lead(self.jonas, datetime(2026, 5, 5, 5))
        self.patch(self.registry, "_expat_kpi_zones", known - {"Asia/Ho_Chi_Minh"})
        self.won._refresh(*YEAR)
        self.assertFalse(self.won.error, "one unknown zone does not stop the others")
        self.assertEqual(self._sums(self.won), {(self.jonas, date(2026, 5, 5)): 1})
