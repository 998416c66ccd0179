from contextlib import contextmanager
from datetime import date, datetime
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL

from odoo.addons.expat_kpi.models import expat_kpi_measure_index
from odoo.addons.expat_kpi.tools.fact_query import FactQuery
from odoo.addons.expat_kpi.tools.index_build import IndexBusy, create_index, index_name

from .common import ExpatCase

WON = "[('won_status', '=', 'won')]"
CLOSED = "[('won_status', 'in', ['won', 'lost'])]"


@tagged("post_install", "-at_install")
class TestMeasureVersions(ExpatCase):
    """A change of what counts is shown before it counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.measure = cls._measure("versions_won", domain=WON)
        cls.indicator = cls.env["expat.kpi.indicator"].create(
            {
                "name": "Won",
                "code": "versions_won_indicator",
                "formula": "versions_won",
                "company_id": cls.company_a.id,
            }
        )

    def _agree(self):
        """Have a plan that counts on the measure leave its draft."""
        today = fields.Date.today()
        cycle = self.env["expat.kpi.cycle"].create(
            {
                "name": "Now",
                "company_id": self.company_a.id,
                "date_from": today.replace(day=1),
                "date_to": today.replace(day=28),
            }
        )
        plan = self.env["expat.kpi.plan"].create(
            {
                "cycle_id": cycle.id,
                "employee_id": self.lan.id,
                "line_ids": [
                    fields.Command.create(
                        {"indicator_id": self.indicator.id, "target": 1, "weight": 100}
                    )
                ],
            }
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE expat_kpi_plan SET state = 'approved' WHERE id = %s", plan.ids)
        self.env.invalidate_all()

    def _wizard(self, user=None):
        return (
            self.env["expat.kpi.measure.adopt"]
            .with_user(user or self.wang)
            .with_context(lang="en_US")
            .create({"measure_id": self.measure.id})
        )

    def test_changed_several_times_at_once(self):
        """As by an import, or by a script: all in one transaction."""
        for domain in (CLOSED, WON, CLOSED):
            self.measure.domain = domain
        self.assertEqual(sorted(self.measure.version_ids.mapped("number")), [1, 2, 3, 4])
        self.assertEqual(self.measure.version_id.number, 4)

    def test_unused_measure_is_adopted_at_once(self):
        self.measure.with_user(self.wang).domain = CLOSED
        self.assertFalse(self.measure.is_changed)
        self.assertFalse(self.measure.is_agreed)
        self.assertEqual(self.measure.version_id.number, 2)

    def test_agreed_measure_waits_for_adoption(self):
        self._agree()
        version = self.measure.version_id
        self.measure.with_user(self.wang).domain = CLOSED
        self.assertTrue(self.measure.is_changed)
        self.assertTrue(self.measure.is_agreed)
        self.assertEqual(self.measure.version_id, version)

    def test_old_and_new_numbers_stand_side_by_side(self):
        self._agree()
        now = fields.Datetime.now().replace(day=5, hour=5)
        self._leads(
            [
                (self.lan, now, True, {}),
                (self.lan, now, False, {}),
                (self.jonas, now, True, {}),
            ]
        )
        self.measure.write({"domain": CLOSED, "include_archived": True})
        self.env.flush_all()
        comparison = self._wizard().comparison
        self.assertEqual(len(comparison["months"]), 4)
        rows = {row["employee"]: row["cells"] for row in comparison["rows"]}
        self.assertEqual(rows["Lan"][-1], {"old": "1", "new": "2", "is_changed": True})
        self.assertEqual(rows["Jonas"][-1], {"old": "1", "new": "1", "is_changed": False})
        self.assertEqual(comparison["rows"][0]["employee"], "Lan")
        self.assertEqual(comparison["summary"], "Numbers change for 1 of 3 expats.")
        self.assertEqual(
            comparison["settings"],
            [
                {
                    "label": "Conditions",
                    "old": "“Won/Lost” is Won",
                    "new": "“Won/Lost” is Won or Lost",
                },
                {"label": "Archived too", "old": "no", "new": "yes"},
            ],
        )

    def test_numbers_take_two_statements(self):
        self._agree()
        self.measure.domain = CLOSED
        wizard = self._wizard()
        spans = []
        original = FactQuery.facts
        with patch.object(
            FactQuery, "facts", lambda self, *args: spans.append(args) or original(self, *args)
        ):
            self.assertTrue(wizard.comparison)
        self.assertEqual(len(spans), 2)

    def test_comparing_stores_nothing(self):
        self._agree()
        self.measure.domain = CLOSED
        self.assertTrue(self._wizard().comparison)
        self.assertEqual(len(self.measure.version_ids), 1)
        self.assertFalse(self._facts(self.measure))

    def test_adoption_makes_the_settings_count(self):
        self._agree()
        self._lead(self.lan, datetime(2026, 11, 5, 5), won=False)
        self.measure.write({"domain": CLOSED, "include_archived": True})
        action = self._wizard().action_adopt()
        self.assertEqual(action["params"]["next"]["type"], "ir.actions.act_window_close")
        self.assertEqual(self.measure.version_id.number, 2)
        self.assertFalse(self.measure.is_changed)
        self.assertEqual(self._sums(self.measure), {(self.lan, date(2026, 11, 5)): 1})

    def test_version_that_a_plan_was_signed_with_stays_fresh(self):
        """Adopting a new version must not freeze the numbers of running plans."""
        self._agree()
        plan = self.env["expat.kpi.plan"].search([("employee_id", "=", self.lan.id)])
        self.env.flush_all()
        self.env.cr.execute("UPDATE expat_kpi_plan SET state = 'draft' WHERE id = %s", plan.ids)
        self.env.invalidate_all()
        plan.with_user(self.wang).action_open()
        plan._set_guarded({"revision_id": plan.latest_revision_id.id})
        agreed = self.measure.version_id
        self.measure.write({"domain": CLOSED, "include_archived": True})
        self.measure._adopt()
        self.assertNotEqual(self.measure.version_id, agreed)
        self.assertIn(agreed, self.env["expat.kpi.measure.version"]._in_use())
        now = fields.Datetime.now()
        self._leads([(self.lan, now, True, {}), (self.lan, now, False, {})])
        self.measure._refresh()
        counts = {}
        for fact in self.env["expat.kpi.fact"].search([("employee_id", "=", self.lan.id)]):
            counts[fact.version_id] = counts.get(fact.version_id, 0) + fact.amount
        self.assertEqual(counts, {agreed: 1, self.measure.version_id: 2})
        plan._set_guarded({"state": "cancelled"})
        self.assertNotIn(agreed, self.env["expat.kpi.measure.version"]._in_use())

    def test_version_that_can_no_longer_be_computed_is_a_sentence(self):
        self._agree()
        self._publish(self.lead_source, email_from="condition")
        self.measure.domain = "[('email_from', '!=', False)]"
        self.measure._adopt()
        self._field(self.lead_source, "email_from").use_condition = False
        self.measure.domain = WON
        comparison = self._wizard().comparison
        self.assertIn("not published for conditions", comparison["problem"])
        self.assertTrue(comparison["settings"])

    def test_only_officers_adopt(self):
        with self.assertRaises(AccessError):
            self._wizard(self.lan.user_id)
        with self.assertRaises(AccessError):
            self.measure.with_user(self.lan.user_id).action_adopt()


@tagged("post_install", "-at_install")
class TestIndexHint(ExpatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Nobody has an index on who opened what when.
        cls.measure = cls._measure("index_opened", day="date_open")
        cls.admin = cls._create_user("admin", "expat_kpi.group_administrator")

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(expat_kpi_measure_index, "LARGE", -1))
        self.startPatcher(
            patch.object(type(self.measure), "_index_cursor", self._within_the_transaction)
        )

    @contextmanager
    def _within_the_transaction(self):
        yield self.env.cr, False

    def test_hint_goes_with_the_index(self):
        self.env.cr.execute("UPDATE pg_class SET reltuples = 30000 WHERE relname = 'crm_lead'")
        measure = self.measure.with_user(self.admin)
        self.assertIn("30,000", measure.index_hint)
        measure.action_create_index()
        measure.invalidate_recordset()
        self.assertFalse(measure.index_hint)
        self.assertTrue(FactQuery(self.env, measure._definition()).has_index())
        message = measure.action_create_index()["params"]["message"]
        self.assertEqual(message, "The index was there already.")

    def test_no_hint_where_no_index_could_help(self):
        measure = self._measure("index_meetings", self.event_source, "partner_ids", "start")
        self.assertFalse(measure.index_hint)
        with self.assertRaisesRegex(UserError, "No index would help"):
            measure.with_user(self.admin).action_create_index()

    def test_only_administrators_make_indexes(self):
        with self.assertRaises(AccessError):
            self.measure.with_user(self.wang).action_create_index()

    def test_failure_is_a_sentence(self):
        failing = patch.object(
            expat_kpi_measure_index, "create_index", side_effect=psycopg2.OperationalError("busy")
        )
        with failing, self.assertRaisesRegex(UserError, "nothing has changed: busy"):
            self.measure.with_user(self.admin).action_create_index()
        taken = patch.object(expat_kpi_measure_index, "create_index", side_effect=IndexBusy())
        with taken, self.assertRaisesRegex(UserError, "being made at the moment"):
            self.measure.with_user(self.admin).action_create_index()

    def test_long_names_stay_different(self):
        table = "a_table_with_quite_a_long_name_of_its_own"
        names = {index_name(table, ("owner_id", f"date_of_something_{n}")) for n in range(9)}
        self.assertEqual(len(names), 9)
        self.assertTrue(all(len(name) <= 63 for name in names))


@tagged("post_install", "-at_install")
class TestIndexBuild(BaseCase):
    """The real statement, outside every transaction, on a table of its own."""

    TABLE = "expat_kpi_index_try"
    COLUMNS = ("owner_id", "moment")

    def setUp(self):
        super().setUp()
        self.cursor = db_connect(get_db_name()).cursor()
        self.cursor._cnx.autocommit = True
        self.addCleanup(self._clean)
        self.cursor.execute(
            SQL(
                "CREATE TABLE %s AS SELECT n AS owner_id, now()::timestamp AS moment"
                " FROM generate_series(1, 100) n",
                SQL.identifier(self.TABLE),
            )
        )

    def _clean(self):
        self.cursor.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(self.TABLE)))
        self.cursor._cnx.autocommit = False
        self.cursor.close()

    def _valid(self):
        self.cursor.execute(
            SQL(
                """SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                    WHERE c.relname = %s""",
                index_name(self.TABLE, self.COLUMNS),
            )
        )
        return [valid for (valid,) in self.cursor.fetchall()]

    def test_concurrently_twice(self):
        self.assertTrue(create_index(self.cursor, self.TABLE, self.COLUMNS))
        self.assertFalse(create_index(self.cursor, self.TABLE, self.COLUMNS))
        self.assertEqual(self._valid(), [True])

    def test_leftover_of_an_interrupted_build_is_replaced(self):
        create_index(self.cursor, self.TABLE, self.COLUMNS)
        self.cursor.execute(
            SQL(
                "UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = %s::regclass",
                index_name(self.TABLE, self.COLUMNS),
            )
        )
        self.assertEqual(self._valid(), [False])
        self.assertTrue(create_index(self.cursor, self.TABLE, self.COLUMNS))
        self.assertEqual(self._valid(), [True])

    def test_two_at_once_do_not_disturb_each_other(self):
        with db_connect(get_db_name()).cursor() as other:
            other.execute(
                SQL(
                    "SELECT pg_advisory_xact_lock(hashtext(%s))",
                    index_name(self.TABLE, self.COLUMNS),
                )
            )
            with self.assertRaises(IndexBusy):
                create_index(self.cursor, self.TABLE, self.COLUMNS)
        self.assertTrue(create_index(self.cursor, self.TABLE, self.COLUMNS))
