import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.expat_kpi.engine.periods import Span
from odoo.addons.expat_kpi.tools.fact_query import FactQuery
from odoo.addons.expat_kpi.tools.fact_spans import Surroundings

from .common import ODD_ZONES, ExpatCase, random_moments

SPAN = Span(date(2026, 2, 20), date(2026, 11, 10))


@tagged("post_install", "-at_install")
class TestFactPlans(ExpatCase):
    """With an index and without one, set against each other: the same facts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(4)])
        chance = random.Random("plans")
        cls.expats.posting_ids.unlink()
        for employee in cls.expats:
            first = SPAN.date_from - timedelta(days=chance.randrange(20))
            while first < SPAN.date_to:
                last = first + timedelta(days=chance.randrange(20, 90))
                cls._post(employee, "vn", chance.choice(ODD_ZONES), first, last)
                # Sometimes home in between, mostly straight on to the next country.
                first = last + timedelta(days=chance.choice((1, 1, 1, 9)))
        moments = random_moments("plans", ODD_ZONES, 300, SPAN.date_from, 262)
        cls.leads = cls._leads(
            [
                (
                    chance.choice(cls.expats),
                    moment,
                    chance.random() < 0.5,
                    {
                        "expected_revenue": chance.randrange(10**6) / 100,
                        "partner_id": chance.choice([*cls.partners.ids, False]),
                    },
                )
                for moment, _zone in moments
            ]
        )
        for lead in cls.leads:
            lead.date_open = lead.date_closed - timedelta(minutes=chance.randrange(10**5))
        cls.env["calendar.event"].create(
            [
                {
                    "name": "Visit",
                    "user_id": chance.choice(cls.expats).user_id.id,
                    "partner_ids": [Command.clear()],
                    **(
                        {"allday": True, "start_date": moment.date(), "stop_date": moment.date()}
                        if chance.random() < 0.5
                        else {"start": moment, "stop": moment + timedelta(hours=1)}
                    ),
                }
                for moment, _zone in moments
            ]
        )
        cls.env.flush_all()

    def _facts_of(self, measure, has_index, settings=()):
        with (
            patch.object(Surroundings, "has_index", lambda *args: has_index),
            self.env.cr.savepoint(),
        ):
            for setting in settings:
                self.env.cr.execute(f"SET LOCAL {setting}")
            query = FactQuery(self.env, measure.version_id._definition(), self.company_a)
            rows = self.env.execute_query(query.facts(SPAN))
        return sorted((*row[:4], str(row[4]), *row[5:]) for row in rows)

    def test_with_and_without_an_index(self):
        closed = {"domain": "[('won_status', 'in', ['won', 'lost'])]", "include_archived": True}
        for measure in (
            self._measure("plan_count", **closed),
            self._measure("plan_sum", aggregate="sum", amount="expected_revenue", **closed),
            self._measure("plan_distinct", aggregate="distinct", key="partner_id", **closed),
            self._measure(
                "plan_days", aggregate="duration", start="date_open", end="date_closed", **closed
            ),
            self._measure("plan_meetings", self.event_source, day="start"),
        ):
            with self.subTest(aggregate=measure.aggregate):
                facts = self._facts_of(measure, True)
                self.assertGreater(len(facts), 100)
                self.assertEqual(facts, self._facts_of(measure, False))
                self.assertEqual(facts, self._facts_of(measure, True, ("enable_nestloop = off",)))
                self.assertEqual(facts, self._facts_of(measure, False, ("enable_hashjoin = off",)))
