from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .record_common import RecordCase

NOW = "2026-05-20 12:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRecordQuality(RecordCase):
    """Marks are the best of what there is; questions go to the person first."""

    def _marks(self):
        self.env["expat.kpi.record"]._cron_quality()

    def test_accepted_by_the_customer(self):
        meeting = self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": "2026-05-19 03:00:00",
                "stop": "2026-05-19 04:00:00",
                "user_id": self.lan.user_id.id,
                "partner_ids": [Command.set((self.lan.user_id.partner_id + self.customer).ids)],
            }
        )
        record = self._record(calendar_event_id=meeting.id, partner_id=self.customer.id)
        self.assertEqual(record.mark, "self")
        guests = meeting.attendee_ids
        guests.filtered(lambda guest: guest.partner_id != self.customer).do_accept()
        self._marks()
        self.assertEqual(record.mark, "self", "the own acceptance is the own word")
        guests.filtered(lambda guest: guest.partner_id == self.customer).do_accept()
        self._marks()
        self.assertEqual(record.mark, "accepted")

    def test_followed_by_a_mail_to_the_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "Mr. Hung", "parent_id": self.customer.id, "email": "hung@example.com"}
        )
        before = self._record(partner_id=self.customer.id, date="2026-05-20 11:00:00")
        other = self._record(self.jonas, partner_id=self.customer.id, date="2026-05-20 11:00:00")
        self.lan.user_id.group_ids += self.env.ref("base.group_partner_manager")
        contact.with_user(self.lan.user_id)._message_log(body="An internal note")
        before.partner_id = contact
        self._marks()
        self.assertEqual(before.mark, "self")
        contact.with_user(self.lan.user_id).message_post(
            body="The offer", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        after = self._record(partner_id=contact.id, date="2026-05-20 12:01:00")
        self._marks()
        self.assertEqual(before.mark, "followed")
        self.assertEqual(after.mark, "self", "the mail came before")
        self.assertEqual(other.mark, "self", "another one wrote it")

    def test_anothers_meeting_shows_nothing(self):
        meeting = self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": "2026-05-19 03:00:00",
                "stop": "2026-05-19 04:00:00",
                "user_id": self.jonas.user_id.id,
                "partner_ids": [Command.set((self.jonas.user_id.partner_id + self.customer).ids)],
            }
        )
        guests = meeting.attendee_ids
        guests.filtered(lambda guest: guest.partner_id == self.customer).do_accept()
        record = self._record(calendar_event_id=meeting.id, partner_id=self.customer.id)
        self.assertEqual(record.mark, "self")
        meeting.partner_ids += self.lan.user_id.partner_id
        self._marks()
        self.assertEqual(record.mark, "accepted", "she was there as a guest")

    def test_one_login_of_two_employees(self):
        company = self.env["res.company"].create({"name": "Company B"})
        self.lan.user_id.company_ids += company
        other = self.env["hr.employee"].create(
            {"name": "Lan", "user_id": self.lan.user_id.id, "company_id": company.id}
        )
        user = self.lan.user_id
        records = [
            self._record(
                who, "2026-05-20 11:00:00", partner_id=self.customer.id, user=self.env.user
            )
            for who in (self.lan, other)
        ]
        self.customer.with_user(user).sudo().message_post(
            body="The offer",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=user.partner_id.id,
        )
        self._marks()
        self.assertEqual([record.mark for record in records], ["followed", "followed"])

    def test_dated_back_is_asked_like_late(self):
        record = self._record(date="2026-05-20 11:00:00")
        self._grow_old(record, "2026-05-20 11:30:00")
        record.date = "2026-05-18 11:00:00"
        self.assertFalse(record.sudo().flag_ids)
        record.date = "2026-05-02 11:00:00"
        self.assertEqual(record.sudo().flag_ids.kind, "late")

    def test_late_logging_is_asked(self):
        self.assertFalse(self._record(date="2026-05-17 12:00:00").sudo().flag_ids)
        late = self._record(date="2026-05-17 11:59:00")
        self.assertEqual(late.sudo().flag_ids.kind, "late")

    def _sees(self, flag):
        return [
            user.name
            for user in (self.lan.user_id, self.chen.user_id, self.wang, self.jonas.user_id)
            if self.env["expat.kpi.record.flag"].with_user(user).search([("id", "=", flag.id)])
        ]

    def test_the_person_sees_it_first_and_answers(self):
        record = self._record(date="2026-05-10 03:00:00")
        flag = record.sudo().flag_ids
        self.assertEqual(self._sees(flag), ["Lan"])
        record.invalidate_recordset()
        self.assertFalse(record.with_user(self.chen.user_id).flag_ids)
        record.invalidate_recordset()
        for user, is_told in ((self.lan.user_id, True), (self.chen.user_id, False)):
            for asked in (
                [("flag_ids", "!=", False)],
                [("flag_ids", "in", flag.ids)],
                [("flag_ids.kind", "=", "late")],
                ["!", ("flag_ids", "=", False)],
            ):
                found = self.env[record._name].with_user(user).search(asked)
                self.assertEqual(record in found, is_told, (user.name, asked))
            records = self.env[record._name].with_user(user)
            self.assertEqual(record in records.search([("flag_ids", "=", False)]), not is_told)
        with self.assertRaises(AccessError):
            flag.with_user(self.chen.user_id).action_answer("For her")
        with self.assertRaises(UserError):
            flag.with_user(self.lan.user_id).action_answer("  ")
        action = record.action_answer_flags()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.lan.user_id)
            .with_context(**action["context"])
            .create({"answer": "No network in the valley"})
        )
        wizard.action_answer()
        self.assertEqual(flag.answer, "No network in the valley")
        self.assertEqual(self._sees(flag), ["Lan", "Chen", "Wang"])
        with self.assertRaisesRegex(UserError, "answered already"):
            flag.with_user(self.lan.user_id).action_answer("What the manager has not read")

    def test_without_an_answer_the_manager_sees_it_some_days_later(self):
        flag = self._record(date="2026-05-10 03:00:00").sudo().flag_ids
        for days, expected in ((7, ["Lan"]), (7.1, ["Lan", "Chen", "Wang"])):
            with freeze_time(fields.Datetime.to_datetime(NOW) + timedelta(days=days)):
                self._marks()
            self.assertEqual(self._sees(flag), expected)

    def test_series_and_bursts_are_asked_once(self):
        series = [
            self._record(partner_id=self.customer.id, date=f"2026-05-{day:02} 03:00:00")
            for day in (18, 19, 19, 20)
        ]
        self._marks()
        self._marks()
        for record in series:
            self.assertEqual(record.sudo().flag_ids.mapped("kind"), ["series"])
        with freeze_time("2026-05-31 12:00:00"):
            crowd = [
                self._record(self.jonas, date=f"2026-05-31 0{hour}:00:00") for hour in range(3, 8)
            ]
            self._marks()
        self.assertEqual({r.sudo().flag_ids.kind for r in crowd}, {"burst"})

    def test_sample_is_drawn_once_and_only_hr_sees_it(self):
        self.company_a.expat_kpi_audit_share = 100
        record = self._record()
        self.assertTrue(record.with_user(self.wang).is_audit)
        with self.assertRaises(AccessError):
            record.read(["is_audit"])
        with self.assertRaises(AccessError):
            record.search([("is_audit", "=", True)])
        self.company_a.expat_kpi_audit_share = 0
        record.note = "Edited"
        self._marks()
        self.assertTrue(record.with_user(self.wang).is_audit, "not drawn again")
        self.assertFalse(self._record().sudo().is_audit)

    def test_statements_do_not_grow_with_records(self):
        counts = []
        for number in (1, 9):
            for _record in range(number):
                self._record(partner_id=self.customer.id, date="2026-05-19 03:00:00")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._marks()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        # The second time questions are asked, too.
        self.assertLessEqual(counts[1], counts[0] + 8)


@tagged("post_install", "-at_install")
class TestFollowed(RecordCase):
    """A quotation, an order or a mail, made as people make them, shows a visit before it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.lan.user_id
        cls.user.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        # The clock of the database is not to be frozen.
        cls.now = fields.Datetime.now()
        cls.contact = cls.env["res.partner"].create(
            {"name": "Mr. Hung", "parent_id": cls.customer.id, "email": "hung@example.com"}
        )
        cls.lead = cls._lead(cls.lan, partner_id=cls.contact.id)
        cls.other_lead = cls._lead(cls.jonas, partner_id=cls.contact.id)

    def setUp(self):
        super().setUp()
        if not self._testMethodName.endswith("mail") and not {"sale", "sale_crm"}.issubset(
            self.registry._init_modules
        ):
            self.skipTest("Not installed: sale_crm.")

    def _visits(self, lead=True):
        """Visits just before, just too long before, of somebody else, of another customer."""
        other = self.env["res.partner"].create({"name": "Other customer"})
        lead = {"lead_id": self.lead.id} if lead else {}
        before = self.now - timedelta(hours=2)
        return [
            self._record(date=before, partner_id=self.customer.id, **lead),
            self._record(
                date=self.now - timedelta(days=30, minutes=1), partner_id=self.customer.id, **lead
            ),
            self._record(self.jonas, date=before, partner_id=self.customer.id),
            self._record(date=before, partner_id=other.id),
        ]

    def _marks(self, records):
        self.env["expat.kpi.record"]._cron_quality()
        return [record.mark for record in records]

    def _quotation(self):
        """What the button on the opportunity makes."""
        lead = self.lead.with_user(self.user)
        context = lead.action_sale_quotations_new()["context"]
        with Form(self.env["sale.order"].with_user(self.user).with_context(**context)) as form:
            self.assertEqual(form.partner_id, self.contact)
        return form.save()

    def test_by_a_quotation(self):
        records = self._visits()
        self.assertEqual(self._marks(records), ["self"] * 4)
        order = self._quotation()
        self.assertEqual(self._marks(records), ["followed", "self", "self", "self"])
        order._action_cancel()
        self.assertEqual(self._marks(records), ["self"] * 4)

    def test_by_a_quotation_in_time(self):
        """One that is made too late, or was there before, follows nothing."""
        order = self._quotation()
        record = self._visits()[0]
        for moment, mark in (
            (record.date + timedelta(days=30), "followed"),
            (record.date + timedelta(days=30, minutes=1), "self"),
            (record.date - timedelta(minutes=1), "self"),
        ):
            self.env.cr.execute(
                "UPDATE sale_order SET create_date = %s WHERE id = %s", [moment, order.id]
            )
            order.invalidate_recordset()
            self.assertEqual(self._marks([record]), [mark], moment)

    def test_by_an_order_of_what_was_quoted_before(self):
        order = self._quotation()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = %s WHERE id = %s",
            [self.now - timedelta(days=50), order.id],
        )
        order.invalidate_recordset()
        records = self._visits()
        self.assertEqual(self._marks(records), ["self"] * 4)
        order.action_confirm()
        self.assertEqual(self._marks(records), ["followed", "self", "self", "self"])

    def test_by_a_mail(self):
        records = self._visits()
        for lead, user, marks in (
            (self.other_lead, self.jonas.user_id, ["self"] * 4),
            (self.lead, self.user, ["followed", "self", "self", "self"]),
        ):
            user.group_ids += self.env.ref("sales_team.group_sale_salesman")
            composer = self.env["mail.compose.message"].with_user(user)
            composer.create(
                {
                    "model": "crm.lead",
                    "res_ids": repr(lead.ids),
                    "subject": "The offer",
                    "body": "Dear Mr. Hung",
                    "partner_ids": [Command.set(self.contact.ids)],
                }
            ).action_send_mail()
            self.assertEqual(self._marks(records), marks)
