from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ExpatCase


@tagged("post_install", "-at_install")
class TestRefreshProgress(ExpatCase):
    """Refreshing measure by measure while somebody looks on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won = cls._measure("progress_won", domain="[('won_status', '=', 'won')]")
        cls.all = cls._measure("progress_all")
        cls.measures = (cls.won + cls.all).with_user(cls.wang)

    def _since(self, minutes=0):
        now = self.env.cr.now().replace(microsecond=0)
        return fields.Datetime.to_string(now + timedelta(minutes=minutes))

    def test_oldest_first(self):
        self.won.version_id.sudo().date_refreshed = datetime(2026, 5, 5)
        params = self.measures.action_refresh_progress()["params"]
        self.assertEqual([row["id"] for row in params["measures"]], (self.all + self.won).ids)
        self.assertEqual(params["since"], self._since())

    def test_a_step_refreshes_one_measure(self):
        self._lead(self.lan, datetime.now() - timedelta(days=1))
        won = self.measures[0]
        self.assertEqual(won.refresh_step(self._since()), {"state": "done", "error": False})
        self.assertTrue(self._facts(self.won))
        self.assertFalse(self._facts(self.all))

    def test_what_was_refreshed_since_one_began_is_not_refreshed_twice(self):
        won = self.measures[0]
        won.refresh_step(self._since(-1))
        self._lead(self.lan, datetime.now() - timedelta(days=1))
        self.assertEqual(won.refresh_step(self._since(-1))["state"], "done")
        self.assertFalse(self._facts(self.won), "it was fresh")
        won.refresh_step(self._since())
        self.assertTrue(self._facts(self.won), "it was older than the wish")

    @mute_logger("odoo.sql_db")
    def test_what_somebody_else_refreshes_is_left_to_them(self):
        shipped = self.env.ref("expat_kpi_connectors.indicator_conversion").measure_ids[:1]
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT 1 FROM expat_kpi_measure_version WHERE id = %s FOR UPDATE",
                [shipped.version_id.id],
            )
            answer = shipped.with_user(self.wang).refresh_step(self._since())
        self.assertEqual(answer["state"], "busy")

    def test_a_failing_measure_says_why(self):
        self._field(self.lead_source, "won_status").use_condition = False
        answer = self.measures[0].refresh_step(self._since())
        self.assertEqual(answer["state"], "done")
        self.assertIn("not published", answer["error"])
        self.assertFalse(self.measures[1].refresh_step(self._since())["error"])

    def test_only_officers_refresh(self):
        for user in (self.lan.user_id, self.chen.user_id):
            with self.assertRaises(AccessError):
                self.won.with_user(user).action_refresh_progress()
            with self.assertRaises(AccessError):
                self.won.with_user(user).refresh_step(self._since())
