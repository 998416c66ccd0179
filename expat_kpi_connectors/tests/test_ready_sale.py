from datetime import date

from odoo import Command
from odoo.tests import tagged

from odoo.addons.expat_kpi.tools.fact_query import FactQuery

from .ready_common import ReadyCase


class SaleCase(ReadyCase):
    apps = ("sale",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Customer", "is_company": True})
        cls.buyer = cls.env["res.partner"].create({"name": "B", "parent_id": cls.customer.id})
        cls.other = cls.env["res.partner"].create({"name": "Other customer"})
        cls.product = cls.env["product.product"].create(
            {"name": "Part", "type": "consu", "list_price": 100, "standard_price": 60}
        )

    @classmethod
    def _order(cls, confirmed=None, amount=100, partner=None, employee=None, **values):
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company_a.id,
                "user_id": (employee or cls.lan).user_id.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_uom_qty": 2,
                            "price_unit": amount / 2,
                            "tax_ids": False,
                        }
                    )
                ],
                **values,
            }
        )
        if confirmed:
            order.action_confirm()
            order.date_order = confirmed
        return order


@tagged("post_install", "-at_install")
class TestReadySale(SaleCase):
    def test_orders_confirmed(self):
        self._order("2026-05-31 16:30:00", 1000)  # 23:30 in Hanoi
        self._order("2026-05-31 17:30:00", 4000)  # June there
        cancelled = self._order("2026-05-12 02:00:00", 500)
        self._order(None, 9000)  # a quotation
        self._order("2026-05-12 02:00:00", 700, employee=self.jonas)
        self.assertEqual(self._actual("sale_orders"), 2)
        self.assertEqual(self._actual("sale_amount"), 1500)
        self.assertEqual(self._actual("sale_average"), 750)
        cancelled._action_cancel()
        self.assertEqual(cancelled.state, "cancel")
        self.assertEqual(self._actual("sale_orders"), 1)
        self.assertEqual(self._actual("sale_average"), 1000)
        self.assertEqual(self._actual("sale_average", self.maria), "empty_denominator")
        self.assertEqual(self._actual("sale_amount", self.lan + self.jonas), 1700)

    def test_new_customers_and_those_who_come_back(self):
        self._order("2025-05-10 02:00:00", 100, self.customer)
        self._order("2025-05-10 02:00:00", 100, self.other)
        self._order("2026-02-10 02:00:00", 100, self.buyer)
        third = self.env["res.partner"].create({"name": "Third"})
        self._order("2026-05-31 16:30:00", 600, third)  # 23:30 in Hanoi
        self._order("2026-05-20 02:00:00", 150, self.buyer)
        cancelled = self._order("2026-05-01 02:00:00", 100, third)
        cancelled._action_cancel()
        # of two who ordered in May one is new
        self.assertEqual(self._actual("sale_new_customers"), 1)
        self.assertEqual(self._days("sale_new_customers"), {date(2026, 5, 31): 1})
        self.assertEqual(self._actual("sale_repurchase"), 50)
        self.assertEqual(self._actual("sale_new_share"), 80)
        # of two who ordered in May of last year one came back within a year
        self.assertEqual(self._actual("sale_retention"), 50)
        # a customer of Lan's is no new one of Jonas'
        self._order("2026-05-21 02:00:00", 100, self.customer, employee=self.jonas)
        self.assertEqual(self._actual("sale_new_customers", self.jonas), 0)
        self.assertEqual(self._actual("sale_repurchase", self.jonas), 100)

    def test_no_other_table_is_read_once_per_person(self):
        """A key in another table makes one pass over the orders of all the faster way."""
        orders, customers = (
            FactQuery(self.env, self._ready(name)._definition())
            for name in ("sale_orders", "sale_customers")
        )
        self.assertEqual(orders.index_columns(), ("user_id", "date_order"))
        self.assertFalse(customers.index_columns())

    def test_orders_in_other_currencies(self):
        home = self.company_a.currency_id
        foreign = self.env["res.currency"].create({"name": "XKP", "symbol": "x", "rounding": 0.01})
        for day, rate in (("2026-01-01", 2), ("2026-05-15", 4)):
            self.env["res.currency.rate"].create(
                {
                    "name": day,
                    "rate": rate,
                    "currency_id": foreign.id,
                    "company_id": self.company_a.id,
                }
            )
        pricelist = self.env["product.pricelist"].create(
            {"name": "X", "currency_id": foreign.id, "company_id": self.company_a.id}
        )
        for day in ("2026-05-10 02:00:00", "2026-05-20 02:00:00"):
            order = self._order(day, 800, pricelist_id=pricelist.id)
            self.assertEqual(order.currency_id, foreign)
        self.assertNotEqual(home, foreign)
        self.assertEqual(
            self._days("sale_amount"), {date(2026, 5, 10): 400, date(2026, 5, 20): 200}
        )


@tagged("post_install", "-at_install")
class TestReadySaleCrm(SaleCase):
    apps = ("sale", "sale_crm")

    def test_from_need_to_order(self):
        lead = self._lead(self.lan)
        self._set(lead, create_date="2026-05-01 00:00:00")
        self._order("2026-05-11 00:00:00", opportunity_id=lead.id)
        self._order("2026-05-05 12:00:00", opportunity_id=lead.id)
        self._order("2026-05-05 12:00:00")  # nobody knows since when it was needed
        self.assertEqual(self._actual("need_to_order"), 7.25)


@tagged("post_install", "-at_install")
class TestReadySaleMargin(SaleCase):
    apps = ("sale", "sale_margin")

    def test_margin(self):
        self._order("2026-05-11 00:00:00", 200)  # two pieces that cost 60
        self._order("2026-05-12 00:00:00", 100)
        self._order(None, 900)
        self.assertEqual(self._actual("sale_margin"), 60)
        self.assertEqual(self._actual("sale_margin_share"), 20)


class DeliveryCase(SaleCase):
    apps = ("sale", "sale_stock", "sale_crm")

    def _deliver(self, order, moment, quantity=None):
        """Send what is open, or part of it and leave a backorder."""
        picking = order.picking_ids.filtered(lambda one: one.state not in ("done", "cancel"))
        picking.move_ids.quantity = quantity or picking.move_ids.product_uom_qty
        picking.move_ids.picked = True
        if quantity:
            picking.with_context(skip_backorder=True).button_validate()
        else:
            picking.button_validate()
        self.assertEqual(picking.state, "done")
        picking.date_done = moment
        return picking


@tagged("post_install", "-at_install")
class TestReadyDelivery(DeliveryCase):
    def test_in_parts_and_late(self):
        lead = self._lead(self.lan)
        self._set(lead, create_date="2026-05-01 00:00:00")
        order = self._order(
            "2026-05-05 00:00:00", opportunity_id=lead.id, commitment_date="2026-05-20 10:00:00"
        )
        self._deliver(order, "2026-05-20 14:00:00", quantity=1)  # later on the day promised
        self.assertEqual(self._actual("order_to_delivery"), round(15 + 14 / 24, 6))
        self.assertEqual(self._actual("deliveries_on_time"), 100)
        backorder = self._deliver(order, "2026-05-25 00:00:00")
        self.assertTrue(backorder.backorder_id)
        self.assertEqual(self._days("deliveries"), {date(2026, 5, 20): 1, date(2026, 5, 25): 1})
        self.assertEqual(self._actual("deliveries_on_time"), 50)
        self.assertEqual(self._actual("order_to_delivery"), round((15 + 14 / 24 + 20) / 2, 6))
        self.assertEqual(self._actual("need_to_delivery"), round((19 + 14 / 24 + 24) / 2, 6))

    def test_neither_open_nor_returned(self):
        order = self._order("2026-05-05 00:00:00")
        self.assertEqual(self._actual("order_to_delivery"), "empty_denominator")
        picking = self._deliver(order, "2026-05-31 16:30:00")  # 23:30 in Hanoi
        self.assertEqual(self._days("deliveries"), {date(2026, 5, 31): 1})
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        returned = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        returned.move_ids.picked = True
        returned.button_validate()
        self.assertEqual(returned.state, "done")
        self._set(returned, date_done="2026-05-31 16:30:00")
        self.assertEqual(self._days("deliveries"), {date(2026, 5, 31): 1})
        # without a lead there is no need to count from
        self.assertEqual(self._actual("need_to_delivery"), "empty_denominator")

    def test_a_return_by_the_type_of_deliveries_is_none(self):
        """As for dropshipping, whose type has none for returns."""
        order = self._order("2026-05-05 00:00:00")
        picking = self._deliver(order, "2026-05-10 02:00:00")
        picking.picking_type_id.return_picking_type_id = False
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        returned = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        self.assertEqual(returned.picking_type_id, picking.picking_type_id)
        returned.move_ids.picked = True
        returned.button_validate()
        self._set(returned, date_done="2026-05-12 02:00:00")
        self.assertEqual(returned.sale_id, order)
        self.assertEqual(self._days("deliveries"), {date(2026, 5, 10): 1})

    def test_a_day_is_one_of_the_company(self):
        self.company_a.resource_calendar_id.tz = "Asia/Shanghai"
        order = self._order("2026-05-05 00:00:00", commitment_date="2026-05-20 10:00:00")
        self._deliver(order, "2026-05-20 16:30:00")  # half past midnight in Shanghai
        self.assertEqual(self._actual("deliveries_on_time"), 0)
        self.company_a.resource_calendar_id.tz = "UTC"
        self.assertEqual(self._actual("deliveries_on_time"), 100)


@tagged("post_install", "-at_install")
class TestReadyInvoice(SaleCase):
    apps = ("sale", "account")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.company_a, install_demo=False
        )

    def test_invoices_less_credit_notes(self):
        order = self._order("2026-05-05 00:00:00", 1000)
        order.order_line.product_id.invoice_policy = "order"
        order.order_line.qty_delivered = 2
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-05-31"
        self.assertEqual(self._actual("invoiced"), 0)  # a draft
        invoice.action_post()
        self.assertEqual(self._actual("invoiced"), 1000)
        wizard = self.env["account.move.reversal"].create(
            {
                "move_ids": [Command.set(invoice.ids)],
                "journal_id": invoice.journal_id.id,
                "date": "2026-06-02",
            }
        )
        refund = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        refund.invoice_line_ids.quantity = 1
        refund.action_post()
        self.assertEqual(self._days("invoiced"), {date(2026, 5, 31): 1000, date(2026, 6, 2): -500})
        self.assertEqual(self._actual("invoiced", span=(date(2026, 5, 1), date(2026, 6, 30))), 500)


@tagged("post_install", "-at_install")
class TestReadySurvey(ReadyCase):
    apps = ("survey",)

    def test_scores_of_those_who_answered(self):
        self.lan.user_id.group_ids += self.env.ref("survey.group_survey_user")
        survey = self.env["survey.survey"].create(
            {
                "title": "How was it?",
                "user_id": self.lan.user_id.id,
                "scoring_type": "scoring_without_answers",
            }
        )
        question = self.env["survey.question"].create(
            {
                "survey_id": survey.id,
                "title": "Well?",
                "question_type": "simple_choice",
                "suggested_answer_ids": [
                    Command.create({"value": "good", "answer_score": 4, "is_correct": True}),
                    Command.create({"value": "fair", "answer_score": 1}),
                ],
            }
        )
        good, fair = question.suggested_answer_ids
        for chosen in (good, fair, None):
            answer = survey._create_answer(user=self.jonas.user_id)
            if chosen:
                answer._save_lines(question, chosen.id)
                answer._mark_done()
                self._set(answer, end_datetime="2026-05-31 16:30:00")
        test = survey._create_answer(user=self.lan.user_id, test_entry=True)
        test._save_lines(question, good.id)
        test._mark_done()
        self._set(test, end_datetime="2026-05-31 16:30:00")
        self.assertEqual(self._actual("survey_score"), 62.5)
