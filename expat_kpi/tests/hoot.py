"""Runs an addon's JavaScript unit tests in a browser; for this addon and those upon it."""

from odoo.tests import HttpCase

from odoo.addons.web.tests.test_js import unit_test_error_checker


class HootCase(HttpCase):
    def run_hoot(self, module, preset="desktop"):
        """Run the suites below ``static/tests`` of ``module``, and nothing else.

        :param preset: "desktop" or "mobile"
        """
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000"
            f"&id={self._suite_id('@' + module)}",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )

    @staticmethod
    def _suite_id(name):
        """The id that hoot gives to a suite: a hash of its full name."""
        number = 0
        for character in name:
            number = (31 * number + ord(character)) & 0xFFFFFFFF
        return f"{number:08x}"
