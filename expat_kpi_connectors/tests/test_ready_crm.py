from datetime import date

from odoo.tests import tagged

from .ready_common import ReadyCase


@tagged("post_install", "-at_install")
class TestReadyCrm(ReadyCase):
    def _made(self, created="2026-05-04 02:00:00", closed=None, won=True, **values):
        lead = self._lead(self.lan, closed, won, **values)
        self._set(lead, create_date=created).modified(["create_date"])
        return lead

    def test_leads_on_the_day_they_came(self):
        # 23:30 and 00:30 in Hanoi, and one that was lost and so archived
        self._made("2026-05-31 16:30:00")
        self._made("2026-05-31 17:30:00")
        self._made("2026-05-10 02:00:00", "2026-05-11 02:00:00", won=False)
        self.assertEqual(self._actual("crm_leads"), 2)
        self.assertEqual(
            self._days("crm_leads"),
            {date(2026, 5, 31): 1, date(2026, 6, 1): 1, date(2026, 5, 10): 1},
        )

    def test_leads_merged_and_deleted(self):
        partner = self.env["res.partner"].create({"name": "Customer"})
        first, second = self._made(partner_id=partner.id), self._made(partner_id=partner.id)
        third = self._made()
        self.assertEqual(self._actual("crm_leads"), 3)
        (first + second).merge_opportunity()
        self.assertEqual(self._actual("crm_leads"), 2)
        third.unlink()
        self.assertEqual(self._actual("crm_leads"), 1)

    def test_qualified_when_the_lead_became_an_opportunity(self):
        lead = self._made(type="lead")
        self._made(type="lead")
        self._made()  # was an opportunity from the start
        self.assertEqual(self._actual("crm_qualified"), 0)
        lead.convert_opportunity(self.env["res.partner"])
        self.assertEqual(lead.type, "opportunity")
        self._set(lead, date_conversion="2026-05-20 02:00:00")
        self.assertEqual(self._actual("crm_qualified"), 1)
        lead.action_set_lost()
        self.assertEqual(self._actual("crm_qualified"), 1)

    def test_won_reopened_and_won_again(self):
        lead = self._made(closed="2026-05-10 02:00:00", expected_revenue=1000)
        self._made(closed="2026-05-12 02:00:00", expected_revenue=500)
        self._made(closed="2026-05-12 02:00:00", won=False, expected_revenue=9000)
        self.assertEqual(self._actual("crm_won"), 2)
        self.assertEqual(self._actual("crm_won_amount"), 1500)
        self.assertEqual(self._actual("conversion"), round(200 / 3, 6))
        lead.stage_id = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        self.assertEqual(self._actual("crm_won"), 1)
        self.assertEqual(self._actual("conversion"), 50)
        lead.action_set_won()
        lead.date_closed = "2026-06-03 02:00:00"
        self.assertEqual(self._actual("crm_won"), 1)
        self.assertEqual(
            self._days("crm_won_amount"), {date(2026, 5, 12): 500, date(2026, 6, 3): 1000}
        )

    def test_won_and_put_away(self):
        """Odoo takes the day of archiving for that of closing: such a deal is in neither part of
        the share. Among the leads of a month it stays one that was won."""
        old = self._made("2026-02-10 02:00:00", "2026-04-10 02:00:00")
        self._made("2026-02-10 02:00:00", "2026-05-10 02:00:00")
        self._made("2026-02-10 02:00:00", "2026-05-11 02:00:00", won=False)
        self._made("2026-02-10 02:00:00")
        self.assertEqual(self._actual("crm_cohort"), 50)
        old.action_archive()
        old.date_closed = "2026-05-20 02:00:00"
        self.assertEqual(old.won_status, "won")
        self.assertEqual(self._actual("conversion"), 50)
        self.assertEqual(self._actual("crm_cohort"), 50)

    def test_days_to_close(self):
        self._made("2026-05-01 00:00:00", "2026-05-11 00:00:00")
        self._made("2026-05-01 00:00:00", "2026-05-05 12:00:00")
        self._made("2026-05-01 00:00:00", "2026-05-31 00:00:00", won=False)
        self.assertEqual(self._actual("crm_close_days"), 7.25)
        # of all of a team it is the mean of deals, not of people
        other = self._lead(self.jonas, "2026-05-21 00:00:00")
        self._set(other, create_date="2026-05-01 00:00:00")
        self.assertEqual(self._actual("crm_close_days", self.lan + self.jonas), 11.5)
        self.assertEqual(self._actual("crm_close_days", self.maria), "empty_denominator")

    def test_new_customers_by_their_first_won_deal(self):
        customer = self.env["res.partner"].create({"name": "Customer", "is_company": True})
        buyer, other = self.env["res.partner"].create(
            [{"name": "Buyer", "parent_id": customer.id}, {"name": "Other"}]
        )
        first = self._made(closed="2026-05-31 16:30:00", partner_id=buyer.id)
        self._made(closed="2026-06-10 02:00:00", partner_id=customer.id)
        self._made(closed="2026-05-02 02:00:00", won=False, partner_id=customer.id)
        self._made(closed="2026-06-11 02:00:00", partner_id=other.id)
        self._made(closed="2026-06-11 02:00:00")  # nobody knows whose
        self.assertEqual(
            self._days("crm_new_customers"), {date(2026, 5, 31): 1, date(2026, 6, 11): 1}
        )
        # reopened: then the other one was the first
        first.stage_id = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        self.assertEqual(
            self._days("crm_new_customers"), {date(2026, 6, 10): 1, date(2026, 6, 11): 1}
        )

    def test_cohort_counts_once_it_is_mature(self):
        self._made("2026-02-10 02:00:00", "2026-05-11 01:59:00")
        self._made("2026-02-10 02:00:00", "2026-03-10 02:00:00", won=False)
        self._made("2026-02-10 02:00:00", type="lead")
        self._made("2026-02-10 02:00:00")
        self._made("2026-04-10 02:00:00", "2026-05-10 02:00:00")  # has had a month only
        self.assertEqual(self._actual("crm_cohort"), 25)
        self.assertEqual(self._days("crm_cohort")[date(2026, 5, 11)], 4)
        # What is won later makes no old month better than a new one.
        self._made("2026-02-10 02:00:00", "2026-05-11 02:00:00")
        self.assertEqual(self._actual("crm_cohort"), 20)

    def test_first_response(self):
        answered, planned, noted, waiting = (
            self._made("2026-05-04 02:00:00", type="lead") for _number in range(4)
        )
        customer = self.env["res.partner"].create({"name": "Customer"})
        self._post_at(answered, "2026-05-04 03:00:00", author_id=customer.id)
        self._post_at(answered, "2026-05-04 08:00:00")
        self._post_at(answered, "2026-05-06 08:00:00")
        self._post_at(noted, "2026-05-04 03:00:00", subtype_xmlid="mail.mt_note")
        self.assertEqual(self._actual("crm_response"), 6)
        activity = planned.activity_schedule("mail.mail_activity_data_call")
        message = self.env["mail.message"].browse(activity.action_feedback("They need 200."))
        self._set(message, date="2026-05-04 12:00:00")
        self.assertEqual(self._actual("crm_response"), 8)
        self.assertFalse(waiting.message_ids.filtered("body"))

    def test_a_lead_is_not_answered_before_it_came(self):
        """What was written on a lead that was merged into it, or imported, comes from before."""
        older, newer = self._made("2026-05-01 02:00:00"), self._made("2026-05-11 02:00:00")
        self._post_at(older, "2026-05-02 02:00:00")
        newer.write({"probability": 90, "expected_revenue": 1000})
        (older + newer).merge_opportunity()
        left = (older + newer).exists()
        self._set(left, create_date="2026-05-11 02:00:00")
        self.assertEqual(self._actual("crm_response"), "empty_denominator")
        self._post_at(left, "2026-05-11 05:00:00")
        self._post_at(left, "2026-05-12 05:00:00")
        self.assertEqual(self._actual("crm_response"), 3)
        # messages have whole seconds, leads have not
        quick = self._made("2026-05-13 02:00:00.700")
        self._post_at(quick, "2026-05-13 02:00:00")
        self.assertAlmostEqual(self._actual("crm_response"), 1.5, places=3)

    def _post_at(self, lead, moment, author_id=None, subtype_xmlid="mail.mt_comment"):
        message = lead.message_post(
            body="Text",
            author_id=author_id or self.lan.user_id.partner_id.id,
            message_type="comment",
            subtype_xmlid=subtype_xmlid,
        )
        self._set(message, date=moment)
