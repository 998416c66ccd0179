from datetime import date

from odoo.tools import SQL

from odoo.addons.expat_kpi.engine.values import Number

from .common import ExpatCase

YEAR = date(2026, 1, 1), date(2026, 12, 31)
MAY = date(2026, 5, 1), date(2026, 5, 31)


class ReadyCase(ExpatCase):
    """The shipped measures and indicators, on records made as people make them.

    ``apps``: the applications without which there is nothing to test.
    """

    apps = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        missing = set(cls.apps) - cls.registry._init_modules
        if missing:
            cls.skipTest(cls, f"Not installed: {', '.join(sorted(missing))}.")

    @classmethod
    def _indicator(cls, name):
        return cls.env.ref(f"expat_kpi_connectors.indicator_{name}")

    @classmethod
    def _ready(cls, name):
        return cls.env.ref(f"expat_kpi_connectors.measure_{name}")

    def _actual(self, name, employees=None, span=MAY):
        """The actual of a ready indicator, computed now; a reason where there is none."""
        indicator = self._indicator(name)
        for measure in indicator.measure_ids:
            measure._refresh(*YEAR)
            self.assertFalse(measure.error, measure.code)
        cells = [("all", employee.id, *span) for employee in employees or self.lan]
        value = indicator._actuals(cells)[indicator.id, "all"].value
        return round(value.value, 6) if isinstance(value, Number) else value.reason

    def _days(self, name, employee=None):
        """{day: amount} of a ready measure."""
        measure = self._ready(name)
        measure._refresh(*YEAR)
        self.assertFalse(measure.error)
        return {
            day: amount
            for (who, day), amount in self._sums(measure).items()
            if who == (employee or self.lan)
        }

    def _set(self, records, **values):
        """What only the clock writes: dates of creation, closing, confirmation."""
        self.env.flush_all()
        for name, value in values.items():
            self.env.execute_query(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = ANY(%s) RETURNING id",
                    SQL.identifier(records._table),
                    SQL.identifier(name),
                    value,
                    records.ids,
                )
            )
        self.env.invalidate_all()
        return records
