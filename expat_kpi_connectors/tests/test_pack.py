from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools.packs import PACKS
from .ready_common import ReadyCase

LOG = "odoo.addons.expat_kpi_connectors.tools.packs"
SALE = PACKS[0]


@tagged("post_install", "-at_install")
class TestPack(ReadyCase):
    """A pack that is left out for something of HR's says so, and comes when that is renamed."""

    apps = ("sale",)

    def setUp(self):
        super().setUp()
        # As if Sales had never been installed, but for what HR made.
        self._ready("sale_orders").copy()
        for pack in reversed(PACKS):
            if "sale" in pack.apps:
                pack.retire(self.env, ["sale"])
        self.own = self.env["expat.kpi.measure"].search([("code", "=", "orders_copy")])
        self.own.write({"name": "My orders", "code": "orders", "active": True})

    def _rows(self, user=None):
        rows = self.env["expat.kpi.pack"].with_user(user or self.wang)
        found = rows.search(rows.action_open()["domain"])
        self.assertEqual(len(found), len(PACKS))
        return {row.pack: row for row in found}

    @mute_logger(LOG)
    def test_what_is_left_out_says_why_and_is_loaded_after_renaming(self):
        self.env["ir.model.data"]._expat_kpi_load([SALE])
        row = self._rows()["sale"]
        self.assertEqual((row.apps, row.state), ("Sales", "left_out"))
        self.assertIn("My orders (orders)", row.note)
        action = row.action_open_in_the_way()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), self.own, "what to rename"
        )
        with self.assertRaisesRegex(UserError, "My orders"):
            row.action_load()

        self.own.with_user(self.wang).code = "own_orders"
        row = self._rows()["sale"]
        self.assertEqual(row.state, "to_load")
        row.action_load()
        self.assertEqual(row.state, "loaded")
        self.assertTrue(self._indicator("sale_average").active)
        self.assertEqual(self._ready("sale_orders").code, "orders")
        # What had waited for it came along.
        waiting = {pack.name for pack in PACKS if pack.has_apps(self.env)}
        rows = self._rows()
        self.assertEqual({rows[name].state for name in waiting}, {"loaded"})

    @mute_logger(LOG)
    def test_a_source_that_was_published_before_is_in_the_way(self):
        source = self.own.source_id
        self.own.unlink()
        self.assertEqual(self._rows()["sale"].state, "to_load")
        source.name = "Our orders"
        self.env["ir.model.data"].search(
            [("model", "=", source._name), ("res_id", "=", source.id)]
        ).unlink()
        row = self._rows()["sale"]
        self.assertEqual(row.state, "left_out")
        self.assertIn("Our orders", row.note)
        self.assertFalse(SALE.load(self.env))

    def test_a_company_s_own_code_is_in_nobodys_way(self):
        self.own.company_id = self.company_a
        row = self._rows()["sale"]
        row.action_load()
        self.assertEqual(row.state, "loaded")

    @mute_logger(LOG)
    def test_the_template_pack_says_where_to_look(self):
        if "sale_stock" not in self.registry._init_modules:
            self.skipTest("Not installed: sale_stock.")
        lines = (
            self.env["expat.kpi.template.pack"]
            .with_user(self.wang)
            .create({"role": "supply_chain", "industry": "machinery"})
            .line_ids.filtered("reason")
        )
        self.assertIn("Library / Ready Measures", " ".join(lines.mapped("reason")))

    def test_for_hr_alone(self):
        with self.assertRaises(AccessError):
            self._rows(self.lan.user_id)
