from odoo.tests import HttpCase, tagged

from .event_common import EventWorld


@tagged("post_install", "-at_install")
class TestEventTour(EventWorld, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    def test_one_change_is_proposed_to_all_plans_that_it_touches(self):
        event = self._create_event()
        self.start_tour(
            f"/odoo/expat-kpi-events/{event.id}",
            "expat_kpi_event_proposed",
            login="plan_wang",
            timeout=120,
        )
        event.invalidate_recordset()
        self.assertEqual((event.state, event.made_count), ("proposed", 4))
