"""Money at the rate of the record's day, on orders in several currencies."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import tagged

from odoo.addons.expat_kpi.engine.periods import local_day
from odoo.addons.expat_kpi_connectors.tests.common import ExpatCase

YEAR = date(2026, 1, 1), date(2026, 12, 31)


@tagged("post_install", "-at_install")
class TestFactMoney(ExpatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders_source = cls.env["expat.kpi.source"].search(
            [("model", "=", "sale.order")]
        ) or cls.env["expat.kpi.source"].create({"name": "Orders", "model": "sale.order"})
        cls._publish(
            cls.orders_source,
            user_id="owner",
            date_order="date",
            amount_untaxed="amount",
            state="condition",
        )
        cls._field(cls.orders_source, "amount_untaxed").currency_path = "currency_id"
        cls.currencies = [
            cls._currency("EUR", {"2025-12-01": 0.9, "2026-03-15": 0.8, "2026-07-01": 1.1}),
            cls._currency("VND", {"2025-12-01": 25000, "2026-06-30": 26000}),
            cls.company_a.currency_id,
        ]
        cls.customer = cls.env["res.partner"].create({"name": "Customer"})
        cls.product = cls.env["product.product"].create({"name": "Gear", "type": "service"})
        cls.revenue = cls._measure(
            "money_revenue",
            cls.orders_source,
            day="date_order",
            domain="[('state', '=', 'sale')]",
            aggregate="money",
            amount="amount_untaxed",
        )

    @classmethod
    def _currency(cls, code, rates):
        currency = (
            cls.env["res.currency"].with_context(active_test=False).search([("name", "=", code)])
        )
        currency.rate_ids.unlink()
        currency.write(
            {
                "active": True,
                "rate_ids": [
                    Command.create({"name": day, "rate": rate, "company_id": cls.company_a.id})
                    for day, rate in rates.items()
                ],
            }
        )
        return currency

    def _order(self, employee, moment, amount, currency):
        pricelist = self.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id, "company_id": self.company_a.id}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": employee.user_id.id,
                "company_id": self.company_a.id,
                "pricelist_id": pricelist.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 1,
                            "price_unit": amount,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        order.date_order = moment
        return order

    def _rate(self, currency, day):
        """The last rate on or before a day, the plain way."""
        if currency == self.company_a.currency_id:
            return 1.0
        return max((r.name, r.rate) for r in currency.rate_ids if r.name <= day)[1]

    def test_every_order_at_the_rate_of_its_local_day(self):
        chance = random.Random(5)
        rows = [
            (
                chance.choice(self.expats),
                datetime(2026, 1, 1, 12) + timedelta(minutes=chance.randrange(363 * 1440)),
                chance.randrange(100, 10**6) / 100,
                chance.choice(self.currencies),
            )
            for _number in range(30)
        ]
        # In Hanoi it is 1 July, and the new rate's day, at 17:00 UTC on 30 June.
        rows.append((self.lan, datetime(2026, 6, 30, 17, 0), 110.0, self.currencies[0]))
        for row in rows:
            self._order(*row)
        self.revenue._refresh(*YEAR)
        expected = defaultdict(float)
        for employee, moment, amount, currency in rows:
            day = local_day(moment, self._zone(employee))
            expected[employee, day] += amount / self._rate(currency, day)
        found = self._sums(self.revenue)
        self.assertEqual(found.keys(), expected.keys())
        for cell, amount in expected.items():
            self.assertAlmostEqual(found[cell], amount, places=4)

    def test_no_rate_is_a_fault_of_that_record_and_never_one(self):
        self._order(self.lan, datetime(2026, 5, 5, 5), 50.0, self.company_a.currency_id)
        self._order(self.lan, datetime(2026, 5, 5, 6), 100.0, self.currencies[0])
        self.currencies[0].rate_ids.filtered(lambda r: r.name < date(2026, 7, 1)).unlink()
        self.revenue._refresh(*YEAR)
        [(amount, count, faults)] = self._facts(self.revenue).values()
        self.assertEqual((float(amount), count, faults), (50.0, 1, 1))

    def test_a_changed_rate_is_seen(self):
        self._order(self.lan, datetime(2026, 5, 5, 5), 80.0, self.currencies[0])
        self.revenue._refresh(*YEAR)
        self.assertEqual(sum(self._sums(self.revenue).values()), 100.0)
        self.currencies[0].rate_ids.filtered(lambda r: r.rate == 0.8).rate = 0.5
        self.revenue._refresh(*YEAR)
        self.assertEqual(sum(self._sums(self.revenue).values()), 160.0)

    def test_companies_in_different_currencies_are_not_added_up(self):
        other = self.env["res.company"].create(
            {"name": "Company B", "currency_id": self.currencies[0].id}
        )
        stranger = self.env["hr.employee"].create({"name": "B", "company_id": other.id})
        indicator = self.env["expat.kpi.indicator"].create(
            {
                "name": "Revenue",
                "code": "money_total",
                "formula": "money_revenue",
                "unit": "money",
                "company_id": self.company_a.id,
            }
        )
        self.revenue._refresh(*YEAR)
        cells = [
            ("team", self.lan.id, *YEAR),
            ("team", stranger.id, *YEAR),
            ("lan", self.lan.id, *YEAR),
        ]
        actuals = indicator._actuals(cells)
        self.assertEqual(actuals[indicator.id, "team"].value.reason, "mixed_currency")
        self.assertEqual(actuals[indicator.id, "lan"].value.value, 0)
