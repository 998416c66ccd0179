from odoo.tests import tagged

from odoo.addons.expat_kpi.tests.hoot import HootCase


@tagged("post_install", "-at_install")
class TestHoot(HootCase):
    def test_desktop(self):
        self.run_hoot("expat_kpi_dashboard")
