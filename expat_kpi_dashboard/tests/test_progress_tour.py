from odoo.tests import HttpCase, tagged

from .common import ProgressWorld

PATH = "/odoo/expat-kpi-progress"


@tagged("post_install", "-at_install")
class TestProgressTour(ProgressWorld, HttpCase):
    def test_officer(self):
        self.start_tour(PATH, "expat_kpi_dashboard.progress", login="tour_officer")

    def test_graph(self):
        self.start_tour(PATH, "expat_kpi_dashboard.progress_graph", login="tour_manager")

    def test_expat(self):
        self.start_tour(PATH, "expat_kpi_dashboard.progress_own", login="tour_lan")

    def test_nobody(self):
        self._user("nobody")
        self.start_tour(PATH, "expat_kpi_dashboard.progress_empty", login="tour_nobody")


@tagged("post_install", "-at_install")
class TestProgressTourMobile(ProgressWorld, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_officer(self):
        self.start_tour(PATH, "expat_kpi_dashboard.progress", login="tour_officer")

    def test_expat(self):
        self.start_tour(PATH, "expat_kpi_dashboard.progress_own", login="tour_lan")
