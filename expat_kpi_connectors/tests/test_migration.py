from pathlib import Path

from odoo.modules.migration import load_script
from odoo.tests import tagged

from .common import ExpatCase

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@tagged("post_install", "-at_install")
class TestMigration(ExpatCase):
    """From 19.0.1.0.0, which published less and shipped two measures."""

    def setUp(self):
        super().setUp()
        self.migrate = self._load("19.0.1.1.0", "pre-migrate")

    def _load(self, version, name):
        return load_script(str(MIGRATIONS / version / f"{name}.py"), f"connectors_{name}").migrate

    def _ready(self, name):
        return self.env.ref(f"expat_kpi_connectors.{name}", raise_if_not_found=False)

    def test_publishes_what_the_new_measures_read(self):
        path = "partner_id.commercial_partner_id"
        measures = self.env["expat.kpi.measure"].search(
            [("key_field_id", "=", self._field(self.lead_source, path).id)]
        )
        measures.key_field_id = self._field(self.lead_source, "partner_id")
        self._field(self.lead_source, path).unlink()
        self.migrate(self.env.cr, "19.0.1.0.0")
        self.migrate(self.env.cr, "19.0.1.0.0")
        field = self._field(self.lead_source, path)
        self.assertEqual(len(field), 1)
        self.assertTrue(field.use_key)

    def test_a_code_that_hr_has_given_stays_theirs(self):
        self._ready("measure_crm_leads").copy({"code": "other"})
        self.env["ir.model.data"].search(
            [("module", "=", "expat_kpi_connectors"), ("name", "=", "measure_crm_leads")]
        ).unlink()
        theirs = self.env["expat.kpi.measure"].search(
            [("code", "=", "leads"), ("company_id", "=", False)]
        )
        self.migrate(self.env.cr, "19.0.1.0.0")
        self.assertEqual(self._ready("measure_crm_leads"), theirs)

    def test_the_place_of_a_meeting_is_searched_no_more(self):
        self._publish(self.event_source, location="condition")
        self.migrate(self.env.cr, "19.0.1.0.0")
        self.assertFalse(self._field(self.event_source, "location"))

        self._publish(self.event_source, location="condition")
        self._measure(
            "in_hanoi",
            self.event_source,
            day="start",
            domain="[('location', '=', 'Hanoi')]",
        )
        self.migrate(self.env.cr, "19.0.1.0.0")
        self.assertTrue(self._field(self.event_source, "location"), "a measure needs it")

    def test_ready_measures_are_mended_unless_hr_has_changed_them(self):
        migrate = self._load("19.0.1.2.0", "post-migrate")
        days, closed, won = (
            self._ready(f"measure_{name}")
            for name in ("attendance_days", "crm_closed", "crm_cohort_won")
        )
        shipped = days.domain, closed.domain
        days.domain = "[]"
        self._ready("measure_check_ins").domain = "[]"
        self._field(days.source_id, "in_mode").unlink()
        closed.domain = '[("type", "=", "opportunity"), ("won_status", "in", ["won", "lost"])]'
        won.include_archived = False
        migrate(self.env.cr, "19.0.1.1.0")
        migrate(self.env.cr, "19.0.1.1.0")
        self.assertEqual((days.domain, closed.domain), shipped)
        self.assertTrue(won.include_archived)
        self.assertFalse(days.is_changed)

        closed.domain = own = '[("won_status", "in", ["won", "lost"])]'
        migrate(self.env.cr, "19.0.1.1.0")
        self.assertEqual(closed.domain, own)
