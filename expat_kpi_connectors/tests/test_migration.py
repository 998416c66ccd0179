from pathlib import Path

from odoo.modules.migration import load_script
from odoo.tests import tagged

from .common import ExpatCase

SCRIPT = Path(__file__).parents[1] / "migrations" / "19.0.1.1.0" / "pre-migrate.py"


@tagged("post_install", "-at_install")
class TestMigration(ExpatCase):
    """From 19.0.1.0.0, which published less and shipped two measures."""

    def setUp(self):
        super().setUp()
        self.migrate = load_script(str(SCRIPT), "expat_kpi_connectors_pre_migrate").migrate

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
