import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import tagged

from odoo.addons.expat_kpi.engine.periods import local_day

from .common import ExpatCase

YEAR = date(2026, 1, 1), date(2026, 12, 31)


@tagged("post_install", "-at_install")
class TestFactAggregates(ExpatCase):
    """Each aggregate against a plain computation from the records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(6)])
        chance = random.Random(11)
        cls.leads = cls._leads(
            [
                (
                    chance.choice(cls.expats),
                    datetime(2026, 1, 1) + timedelta(minutes=chance.randrange(365 * 1440)),
                    chance.random() < 0.6,
                    {
                        "expected_revenue": chance.randrange(0, 10**6) / 100,
                        "partner_id": chance.choice([*cls.partners.ids, False]),
                    },
                )
                for _number in range(90)
            ]
        )

    def _won_by_cell(self):
        result = defaultdict(list)
        for lead in self.leads.filtered(lambda lead: lead.won_status == "won"):
            employee = lead.user_id.employee_id
            result[employee, local_day(lead.date_closed, self._zone(employee))].append(lead)
        return {cell: leads for cell, leads in result.items() if cell[1].year == 2026}

    def test_count(self):
        measure = self._measure("agg_count", domain="[('won_status', '=', 'won')]")
        measure._refresh(*YEAR)
        expected = {cell: len(leads) for cell, leads in self._won_by_cell().items()}
        self.assertEqual(self._sums(measure), expected)

    def test_sum(self):
        measure = self._measure(
            "agg_sum",
            domain="[('won_status', '=', 'won')]",
            aggregate="sum",
            amount="expected_revenue",
        )
        measure._refresh(*YEAR)
        found = self._sums(measure)
        expected = {
            cell: sum(lead.expected_revenue for lead in leads)
            for cell, leads in self._won_by_cell().items()
        }
        self.assertEqual(found.keys(), expected.keys())
        for cell, amount in expected.items():
            self.assertAlmostEqual(found[cell], amount, places=6)

    def test_distinct_counts_a_customer_once_over_any_span(self):
        measure = self._measure(
            "agg_distinct",
            domain="[('won_status', '=', 'won'), ('partner_id', '!=', False)]",
            aggregate="distinct",
            key="partner_id",
        )
        indicator = self.env["expat.kpi.indicator"].create(
            {
                "name": "Customers",
                "code": "agg_customers",
                "formula": "agg_distinct",
                "company_id": self.company_a.id,
            }
        )
        measure._refresh(*YEAR)
        expected = defaultdict(set)
        for (employee, _day), leads in self._won_by_cell().items():
            expected[employee] |= {lead.partner_id for lead in leads if lead.partner_id}
        actuals = indicator._actuals([(e.id, e.id, *YEAR) for e in self.expats])
        for employee in self.expats:
            self.assertEqual(
                actuals[indicator.id, employee.id].value.value, len(expected[employee])
            )
        team = indicator._actuals([("team", e.id, *YEAR) for e in self.expats])
        self.assertEqual(
            team[indicator.id, "team"].value.value, len(set().union(*expected.values()))
        )

    def test_duration_is_a_ratio_of_sums(self):
        measure = self._measure(
            "agg_days",
            domain="[('won_status', '=', 'won')]",
            aggregate="duration",
            start="date_open",
            end="date_closed",
        )
        for number, lead in enumerate(self.leads):
            lead.date_open = lead.date_closed - timedelta(hours=7 * number + 1)
        indicator = self.env["expat.kpi.indicator"].create(
            {
                "name": "Days",
                "code": "agg_days_mean",
                "formula": "agg_days / count(agg_days)",
                "unit": "days",
                "company_id": self.company_a.id,
            }
        )
        measure._refresh(*YEAR)
        actuals = indicator._actuals([("all", e.id, *YEAR) for e in self.expats])
        leads = [lead for leads in self._won_by_cell().values() for lead in leads]
        days = [(lead.date_closed - lead.date_open).total_seconds() / 86400 for lead in leads]
        self.assertAlmostEqual(
            actuals[indicator.id, "all"].value.value, sum(days) / len(days), places=6
        )

    def test_duration_without_a_start_does_not_count(self):
        measure = self._measure(
            "agg_start",
            aggregate="duration",
            start="date_open",
            end="date_closed",
            domain="[('won_status', '=', 'won')]",
        )
        self.leads.date_open = False
        measure._refresh(*YEAR)
        self.assertFalse(self._facts(measure))

    def _meetings(self):
        people = self.expats.user_id.partner_id
        lan, jonas, maria = people
        stranger = self.partners[0]
        return self.env["calendar.event"].create(
            [
                {
                    "name": "Visit",
                    "start": "2026-05-05 09:00:00",
                    "stop": "2026-05-05 10:00:00",
                    "user_id": False,
                    "partner_ids": [Command.set(group.ids)],
                }
                for group in (lan, lan + jonas, lan + jonas + maria + stranger)
            ]
        )

    def test_several_owners_get_the_whole_each(self):
        self._meetings()
        measure = self._measure("agg_whole", self.event_source, owner="partner_ids", day="start")
        measure._refresh(*YEAR)
        sums = {employee: amount for (employee, _day), amount in self._sums(measure).items()}
        self.assertEqual(sums, {self.lan: 3, self.jonas: 2, self.maria: 1})

    def test_several_owners_share_equally_and_strangers_take_nothing(self):
        self._meetings()
        measure = self._measure(
            "agg_share", self.event_source, owner="partner_ids", day="start", credit="share"
        )
        measure._refresh(*YEAR)
        sums = {employee: amount for (employee, _day), amount in self._sums(measure).items()}
        self.assertAlmostEqual(sums[self.lan], 1 + 1 / 2 + 1 / 3, places=9)
        self.assertAlmostEqual(sums[self.jonas], 1 / 2 + 1 / 3, places=9)
        self.assertAlmostEqual(sums[self.maria], 1 / 3, places=9)

    def test_private_and_foreign_meetings_count(self):
        meetings = self._meetings()
        meetings.privacy = "private"
        measure = self._measure("agg_private", self.event_source, owner="partner_ids", day="start")
        measure.with_user(self.wang)._refresh(*YEAR)
        self.assertEqual(sum(self._sums(measure).values()), 6)

    def test_owner_at_the_moment_keeps_the_credit(self):
        now = self._measure("agg_now", domain="[('won_status', '=', 'won')]")
        then = self._measure(
            "agg_then", domain="[('won_status', '=', 'won')]", owner_moment="event"
        )
        lead = self._lead(self.lan, datetime(2026, 5, 5, 5))
        self.env.flush_all()
        self.env.cr.flush()  # ends the untracked changes
        lead.with_context(tracking_disable=False, mail_notrack=False).user_id = self.jonas.user_id
        self.env.flush_all()
        self.env.cr.flush()  # writes the tracked change
        self.leads.unlink()
        (now + then)._refresh(*YEAR)
        self.assertEqual(self._sums(now), {(self.jonas, date(2026, 5, 5)): 1})
        self.assertEqual(self._sums(then), {(self.lan, date(2026, 5, 5)): 1})
