from odoo.tests import tagged

from .hoot import HootCase


@tagged("post_install", "-at_install")
class TestHoot(HootCase):
    def test_desktop(self):
        self.run_hoot("expat_kpi")


@tagged("post_install", "-at_install")
class TestHootMobile(HootCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_mobile(self):
        self.run_hoot("expat_kpi", preset="mobile")
