"""The template pack: what plans of three roles usually hold, in three industries.

The numbers are examples to begin a negotiation with, not published figures; benchmarks made
of them say so. A line names a ready indicator by its XML id; its label is what it is called
where the application that it needs is not installed.
"""

from dataclasses import dataclass

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

ROLES = ("overseas_sales", "plant_manager", "supply_chain")
INDUSTRIES = ("car_parts", "machinery", "hardware")


@dataclass(frozen=True)
class LibraryLine:
    """One line of a template.

    :param indicator: XML id within this addon
    :param label: what the indicator is about
    :param weight: of 100 when all lines are there
    :param targets: by industry, in the order of `INDUSTRIES`; for ``per`` "month" or "period"
    :param bounds: threshold and stretch as shares of the target
    :param spread: how far companies are from the target, as a share of it
    :param app: technical name of the application that it needs beyond those required
    """

    indicator: str
    label: object
    weight: float
    targets: tuple[float, float, float]
    per: str = "period"
    bounds: tuple[float, float] = (0.0, 0.0)
    spread: float = 0.2
    app: str = ""

    def target(self, industry):
        return self.targets[INDUSTRIES.index(industry)]


LIBRARY = {
    "overseas_sales": (
        LibraryLine(
            "indicator_record_visits_all",
            _lt("Customer visits"),
            25,
            (12, 8, 15),
            "month",
            (0.6, 1.3),
        ),
        LibraryLine(
            "indicator_crm_new_customers",
            _lt("New customers"),
            25,
            (2, 1, 3),
            "month",
            (0.5, 1.5),
        ),
        LibraryLine(
            "indicator_conversion",
            _lt("Lead-to-order conversion"),
            20,
            (25, 18, 30),
            bounds=(0.6, 1.4),
        ),
        LibraryLine(
            "indicator_satisfaction",
            _lt("Customer satisfaction"),
            15,
            (85, 85, 80),
            bounds=(0.8, 1.12),
            spread=0.08,
        ),
        LibraryLine(
            "indicator_order_to_delivery",
            _lt("Days from order to delivery"),
            15,
            (45, 120, 30),
            bounds=(1.4, 0.8),
            app="sale_stock",
        ),
    ),
    "plant_manager": (
        LibraryLine(
            "indicator_deliveries_on_time",
            _lt("On-time delivery"),
            30,
            (95, 90, 93),
            bounds=(0.85, 1.03),
            spread=0.05,
            app="sale_stock",
        ),
        LibraryLine(
            "indicator_milestones_on_time",
            _lt("Milestones on time"),
            25,
            (90, 85, 90),
            bounds=(0.75, 1.08),
            spread=0.1,
        ),
        LibraryLine(
            "indicator_tasks_on_time",
            _lt("Tasks on time"),
            15,
            (90, 85, 90),
            bounds=(0.75, 1.08),
            spread=0.1,
        ),
        LibraryLine(
            "indicator_record_incident_hours",
            _lt("Time to solve an incident"),
            20,
            (24, 48, 24),
            bounds=(2.0, 0.5),
            spread=0.5,
        ),
        LibraryLine(
            "indicator_attendance_days",
            _lt("Attendance days abroad"),
            10,
            (20, 20, 20),
            "month",
            (0.8, 1.1),
            spread=0.1,
        ),
    ),
    "supply_chain": (
        LibraryLine(
            "indicator_deliveries_on_time",
            _lt("On-time delivery"),
            30,
            (95, 90, 93),
            bounds=(0.85, 1.03),
            spread=0.05,
            app="sale_stock",
        ),
        LibraryLine(
            "indicator_order_to_delivery",
            _lt("Days from order to delivery"),
            25,
            (30, 90, 21),
            bounds=(1.5, 0.8),
            app="sale_stock",
        ),
        LibraryLine(
            "indicator_record_incident_hours",
            _lt("Time to solve an incident"),
            20,
            (24, 48, 24),
            bounds=(2.0, 0.5),
            spread=0.5,
        ),
        LibraryLine(
            "indicator_record_coordinations",
            _lt("Cross-department coordinations"),
            10,
            (8, 6, 8),
            "month",
            (0.5, 1.5),
            spread=0.4,
        ),
        LibraryLine(
            "indicator_record_coordinations_solved",
            _lt("Coordinations solved"),
            15,
            (85, 80, 85),
            bounds=(0.75, 1.12),
            spread=0.1,
        ),
    ),
}
