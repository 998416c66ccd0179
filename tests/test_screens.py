"""What people see first, with the demo story: nothing is cut off, at a desk and on a phone.

``EXPAT_KPI_WRITE_SCREENS=1`` writes the pictures of README.md anew; look at them.
"""

import base64
import os
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

from PIL import Image

from odoo.tests import HttpCase, tagged
from odoo.tests import common as odoo_tests

FOLDER = Path(__file__).parent.parent / "expat_kpi" / "static" / "description"
DESK, PHONE = "1366x800", "390x844"


class Screen(odoo_tests.ChromeBrowser):
    """A browser that waits for what is to be seen, and takes it down."""

    def value(self, expression):
        answer = self._websocket_request(
            "Runtime.evaluate",
            params={"expression": expression, "awaitPromise": True, "returnByValue": True},
        )
        return answer["result"].get("value")

    def picture(self):
        """A PNG of 256 colours, as a phone shows it: without scroll bars."""
        self._websocket_request("Emulation.setScrollbarsHidden", params={"hidden": True})
        answer = self._websocket_request("Page.captureScreenshot", params={"format": "png"})
        stream = BytesIO()
        with Image.open(BytesIO(base64.b64decode(answer["data"]))) as image:
            image.convert("RGB").quantize(256).save(stream, "PNG", optimize=True)
        return stream.getvalue()

    def _wait_code_ok(self, code, timeout, error_checker=None):
        self.test_case.look(self)


@tagged("post_install", "-at_install")
class TestScreens(HttpCase):
    def setUp(self):
        super().setUp()
        if not self.env.ref("expat_kpi_connectors.plan_lan", raise_if_not_found=False):
            self.skipTest("this database has no demo data")

    def _see(self, name, login, size, path, shown):
        """Open a page as somebody, wait until a selector is ``shown``, and look at it."""
        self.name = name
        self.browser_size, self.touch_enabled = size, size == PHONE
        shown = f"!!document.querySelector({shown!r}) && document.fonts.status === 'loaded'"
        with patch.object(odoo_tests, "ChromeBrowser", Screen):
            self.browser_js(path, "", ready=shown, login=login, timeout=90)

    def look(self, screen):
        # Images and the last of what is loaded after the first.
        screen.value("new Promise((done) => setTimeout(done, 1500))")
        beyond = screen.value("document.documentElement.scrollWidth - window.innerWidth")
        self.assertLessEqual(beyond, 0, f"{self.name} is wider than the screen")
        self.assertFalse(screen.value("!!document.querySelector('.o_error_dialog')"), self.name)
        if os.environ.get("EXPAT_KPI_WRITE_SCREENS"):
            (FOLDER / f"screen_{self.name}.png").write_bytes(screen.picture())

    def test_hr_at_a_desk(self):
        measure = self.env.ref("expat_kpi_connectors.measure_crm_won")
        self._see("progress", "hr", DESK, "/odoo/expat-kpi-progress", ".o_expat_kpi_progress_bar")
        self._see(
            "measure",
            "hr",
            DESK,
            f"/odoo/expat-kpi-measures/{measure.id}",
            ".o_expat_preview_number",
        )

    def test_a_manager_and_an_expat_on_the_phone(self):
        plan = self.env.ref("expat_kpi_connectors.plan_lan")
        self._see("team", "manager", PHONE, "/odoo/expat-kpi-plans", ".o_kanban_record")
        path = f"/odoo/expat-kpi-plans/{plan.id}/expat-kpi-sign"
        self._see("sign", "lan", PHONE, path, ".o_expat_kpi_bottom button:disabled")
        self._see("field", "lan", PHONE, "/expat-kpi/field", "body[data-synced]")
