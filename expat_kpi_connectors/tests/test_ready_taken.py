from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.convert import convert_file

from .ready_common import ReadyCase

ADDON = "expat_kpi_connectors"


@tagged("post_install", "-at_install")
class TestReadyTaken(ReadyCase):
    """What HR made before takes the place of ours, and stays as it is."""

    def _forget(self, *names):
        """As if it had not been shipped; something in the demo data may refer to it."""
        for name in names:
            record = self.env.ref(f"{ADDON}.{name}")
            record.code += "_before"
        self.env["ir.model.data"].search([("module", "=", ADDON), ("name", "in", names)]).unlink()

    def test_a_code_is_hr_s(self):
        self._forget("indicator_crm_leads", "measure_crm_leads")
        theirs = self._measure("leads", domain="[('won_status', '=', 'won')]", company_id=False)
        company = self.env["expat.kpi.indicator"].create(
            {
                "name": "Of one company",
                "code": "new_leads",
                "formula": "1",
                "company_id": self.company_a.id,
            }
        )
        convert_file(self.env, ADDON, "data/expat_kpi_crm.xml", {}, "update", noupdate=True)
        self.assertEqual(self.env.ref(f"{ADDON}.measure_crm_leads"), theirs)
        self.assertEqual(theirs.domain, "[('won_status', '=', 'won')]")
        ready = self.env.ref(f"{ADDON}.indicator_crm_leads")
        self.assertEqual((ready.code, ready.measure_ids), ("new_leads", theirs))
        self.assertNotEqual(ready, company)

    def test_what_hr_changed_or_put_away_stays_so(self):
        indicator = self.env.ref(f"{ADDON}.indicator_crm_leads").with_user(self.wang)
        measure = self.env.ref(f"{ADDON}.measure_crm_leads").with_user(self.wang)
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            indicator.unlink()
        indicator.copy({"code": "own_leads"}).unlink()
        indicator.action_archive()
        measure.name = "Leads, as we say"
        self.env.flush_all()
        convert_file(self.env, ADDON, "data/expat_kpi_crm.xml", {}, "update", noupdate=True)
        self.env.invalidate_all()
        self.assertFalse(self.env.ref(f"{ADDON}.indicator_crm_leads").active)
        self.assertEqual(measure.name, "Leads, as we say")
