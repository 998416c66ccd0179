import doctest
import importlib
from collections import Counter
from datetime import date, datetime, timedelta
from uuid import uuid4

from lxml import etree

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.base.tests.common import BaseCommon

from .common import random_moments
from .record_common import RecordCase
from .test_record_policy import picture

NOW = "2026-05-20 12:00:00"


@tagged("post_install", "-at_install")
class TestRecordRules(BaseCommon):
    def test_examples_are_true(self):
        for name in (
            "engine.place",
            "engine.quality",
            "engine.sample",
            "tools.photo",
            "tools.video",
        ):
            module = importlib.import_module(f"odoo.addons.expat_kpi_connectors.{name}")
            found = doctest.testmod(module)
            self.assertTrue(found.attempted)
            self.assertFalse(found.failed)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRecord(RecordCase):
    """A record is made, edited for some hours, amended; it counts on its local day."""

    def test_local_day_is_the_postings(self):
        # 23:30 and 00:30 in Hanoi
        self.assertEqual(self._record(date="2026-04-30 16:30:00").day, date(2026, 4, 30))
        self.assertEqual(self._record(date="2026-04-30 17:30:00").day, date(2026, 5, 1))
        record = self._record(self.maria, "2026-05-01 02:30:00")
        self.assertEqual((record.day, record.country_id.code), (date(2026, 4, 30), "BR"))
        self.maria.posting_ids.sudo().tz = "Europe/Lisbon"
        self.assertEqual(record.day, date(2026, 5, 1), "a corrected posting moves the day")

    def test_day_is_the_one_that_it_counts_on(self):
        """From one posting to the next, whichever way the world goes round."""
        self.lan.posting_ids.unlink()
        journey = ["Asia/Ho_Chi_Minh", "Pacific/Kiritimati", "Pacific/Marquesas", "Europe/Berlin"]
        for number, zone in enumerate(journey):
            first = date(2026, 3, 1) + timedelta(days=10 * number)
            self._post(self.lan, "vn", zone, first, first + timedelta(days=9))
        moments = random_moments("record", journey, 80, start=date(2026, 3, 3), days=34)
        moments += [(datetime(2026, 3, 20, hour), "") for hour in range(24)]
        moments += [(datetime(2026, 3, 21, hour), "") for hour in range(24)]
        records = self.env["expat.kpi.record"].union(
            *(self._record(date=moment) for moment, _zone in moments)
        )
        self.assertTrue(all(record.posting_id for record in records))
        measure = self.env.ref("expat_kpi_connectors.measure_all_visits")
        measure._refresh(date(2026, 2, 1), date(2026, 5, 31))
        self.assertEqual(
            {day: count for (who, day), count in self._sums(measure).items() if who == self.lan},
            Counter(records.mapped("day")),
        )

    def test_without_posting_the_own_zone_decides(self):
        self.chen.resource_calendar_id.tz = "Asia/Shanghai"
        record = self._record(self.chen, "2026-05-01 16:30:00")
        self.assertEqual(record.day, date(2026, 5, 2))
        self.assertFalse(record.posting_id)

    def test_future_is_refused_but_for_a_clock_that_is_a_bit_fast(self):
        self._record(date="2026-05-20 12:04:00")
        for values in (
            {"date": "2026-05-20 12:06:00"},
            {"date_end": "2026-05-21 00:00:00"},
            {"date_solved": "2026-05-21 00:00:00"},
        ):
            with self.assertRaisesRegex(ValidationError, "future"):
                self._record(**values)
        with self.assertRaisesRegex(ValidationError, "more than a year ago"):
            self._record(date="1970-01-01 00:00:00")

    def test_closed_period_stays_as_it_is(self):
        cycle = self.env["expat.kpi.cycle"].create(
            {
                "name": "April",
                "date_from": "2026-04-01",
                "date_to": "2026-04-30",
                "company_id": self.company_a.id,
            }
        )
        plan = self.env["expat.kpi.plan"].create({"cycle_id": cycle.id, "employee_id": self.lan.id})
        old = self._record(date="2026-04-30 10:00:00")
        coordination, incident, urgent = (
            self._record(category=category, date="2026-04-29 10:00:00")
            for category in ("coordination", "incident", "incident")
        )
        for state in ("review", "closed"):
            plan._set_guarded({"state": state})
            with self.assertRaisesRegex(ValidationError, "in review or closed"):
                self._record(date="2026-04-30 16:30:00")
            with self.assertRaisesRegex(ValidationError, "in review or closed"):
                old.note = "later"
            with self.assertRaisesRegex(ValidationError, "in review or closed"):
                old.active = False
            young = self._record(date="2026-05-02 10:00:00")
            with self.assertRaisesRegex(ValidationError, "in review or closed"):
                young.date = "2026-04-30 10:00:00"
            # It would count in April; an incident counts on the day it is solved.
            with self.assertRaisesRegex(ValidationError, "in review or closed"):
                coordination.action_solve()
            self.assertFalse(coordination.is_solved)
            (incident if state == "review" else urgent).action_solve()
        self.assertTrue(incident.is_solved and urgent.is_solved)
        # What one does about it later changes no number of that period.
        old.action_make_activity()
        self.assertTrue(old.activity_ids)
        self.assertFalse(old.is_followed_up or old.is_qualified)
        with self.assertRaisesRegex(ValidationError, "in review or closed"):
            self.env["expat.kpi.record.photo"].with_user(self.lan.user_id).create(
                {"record_id": old.id, "image": picture()}
            )
        # 00:30 in Hanoi is May already, and Jonas has no such plan.
        self._record(date="2026-04-30 17:30:00")
        self._record(self.jonas, date="2026-04-30 10:00:00")
        plan._set_guarded({"state": "cancelled"})
        self._record(date="2026-04-30 16:30:00")
        coordination.action_solve()
        self.assertTrue(coordination.is_solved)

    def test_edited_for_some_hours_then_amended(self):
        record = self._record(note="Talked about brakes")
        self._grow_old(record, "2026-05-18 12:00:01")
        record.note = "Talked about brake discs"
        self._grow_old(record, "2026-05-18 11:59:59")
        for values in ({"note": "x"}, {"active": False}, {"partner_id": self.customer.id}):
            with self.assertRaisesRegex(UserError, "48 hours"):
                record.write(values)
            with self.assertRaisesRegex(UserError, "48 hours"):
                record.with_user(self.wang).write(values)
        self._amend(record, "Wrong customer noted", partner_id=self.customer, note=False)
        self.assertEqual((record.partner_id, record.note), (self.customer, False))
        self.assertFalse(record.is_qualified)
        [amendment] = record.amendment_ids
        self.assertEqual(
            amendment.old_values, {"partner_id": False, "note": "Talked about brake discs"}
        )
        self.assertIn("Customer: – → Red River", amendment.summary)
        self.assertEqual(amendment.user_id, self.lan.user_id)

    def _amend(self, record, reason, user=None, **values):
        wizard = (
            self.env["expat.kpi.record.amend"]
            .with_user(user or record.employee_id.sudo().user_id)
            .with_context(default_record_id=record.id)
        )
        with Form(wizard) as form:
            form.reason = reason
            for name, value in values.items():
                setattr(form, name, value)
        form.save().action_amend()

    def test_form_is_open_to_who_may_edit(self):
        record = self._record()
        for user, may in ((self.lan.user_id, True), (self.wang, True), (self.chen.user_id, False)):
            self.assertEqual(record.with_user(user).can_edit, may)
        with self.assertRaises(AccessError):
            record.with_user(self.chen.user_id).note = "By the manager"
        self._grow_old(record, "2026-05-01 00:00:00")
        self.assertFalse(record.can_edit)
        self.assertTrue(record.can_change)

    def test_who_amends(self):
        record = self._record()
        self._amend(record, "HR heard so", user=self.wang, note="By HR")
        self.assertEqual(record.amendment_ids.user_id, self.wang)
        for user in (self.chen.user_id, self.jonas.user_id):
            with self.assertRaises(AccessError):
                record.with_user(user)._amend({"note": "Not mine"}, "A reason")
        with self.assertRaises(UserError):
            self._amend(record, "Nothing")
        with self.assertRaisesRegex(ValidationError, "future"):
            self._amend(record, "Later", date=self._at("2026-05-21 12:00"))
        for amendment in record.amendment_ids.sudo():
            with self.assertRaises(UserError):
                amendment.reason = "Another"
            with self.assertRaises(UserError):
                amendment.unlink()

    def test_what_the_system_sets_cannot_be_entered(self):
        record = self._record()
        for values in (
            {"mark": "followed"},
            {"has_place": True},
            {"has_photo": True},
            {"is_audit": False},
            {"is_followed_up": True},
            {"follow_up_lead_id": self._lead(self.jonas).id},
            {"day": "2026-05-01"},
            {"place_ids": [Command.create({"latitude": 1, "longitude": 1})]},
            {"client_uuid": "other"},
        ):
            with self.assertRaises(UserError):
                record.write(values)
            if "client_uuid" not in values:
                with self.assertRaises(UserError):
                    self._record(**values)
        with self.assertRaises(AccessError):
            record.employee_id = self.jonas

    def test_archived_not_deleted(self):
        record = self._record()
        record.active = False
        self.assertFalse(record.active)
        with self.assertRaises(AccessError):
            record.with_user(self.wang).unlink()
        with self.assertRaises(UserError):
            record.sudo().unlink()

    def test_same_record_arrives_once(self):
        records = self.env["expat.kpi.record"].with_user(self.lan.user_id)
        vals = {
            "client_uuid": str(uuid4()),
            "kind_id": self.kinds["visit"].id,
            "date": self._at("2026-05-19 03:00"),
        }
        first, is_new = records._receive(vals)
        again, is_new_again = records._receive({**vals, "note": "from the other phone"})
        self.assertEqual((first, is_new, is_new_again), (again, True, False))
        self.assertFalse(first.note)
        first.active = False
        self.assertEqual(records._receive(vals), (first, False), "archived is not forgotten")
        other, is_new = records.with_user(self.jonas.user_id)._receive(vals)
        self.assertTrue(is_new, "another person's identifier is another record")
        self.assertEqual(other.employee_id, self.jonas)

    def test_merged_customer_is_followed_and_deleted_one_leaves_its_name(self):
        double = self.env["res.partner"].create({"name": "Red River Trucks", "is_company": True})
        record = self._record(partner_id=double.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((double + self.customer).ids, self.customer)
        self.assertEqual(record.partner_id, self.customer)
        self.assertFalse(double.exists())
        self.customer.unlink()
        record.invalidate_recordset()
        self.assertFalse(record.partner_id)
        self.assertEqual(record.partner_name, "Red River Trucks")

    def test_a_customer_who_is_taken_away_leaves_nothing(self):
        record = self._record(partner_id=self.customer.id)
        self.assertIn("Red River", record.display_name)
        record.partner_id = False
        self.assertNotIn("Red River", record.display_name)

    def test_solved_and_its_date_go_together(self):
        record = self._record(category="incident", date="2026-05-18 03:00:00")
        self.assertFalse(record.date_solved)
        self._grow_old(record, "2026-05-10 03:00:00")
        record.action_solve()
        self.assertEqual(record.date_solved, fields.Datetime.to_datetime(NOW))
        later = self._record(category="incident", date_solved="2026-05-20 11:00:00")
        self.assertTrue(later.is_solved)
        later.is_solved = False
        self.assertFalse(later.date_solved)

        for values in ({"date_solved": False}, {"is_solved": True, "date_solved": False}):
            record = self._record(category="coordination", date_solved="2026-05-20 11:30:00")
            record.write(values)
            self.assertEqual(bool(record.date_solved), record.is_solved)
        self._amend(record, "Not yet", date_solved=False)
        self.assertFalse(record.is_solved)

    def test_no_link_to_what_the_person_may_not_see(self):
        """By the link one would read its name, and be shown by what others did."""
        lead = self._lead(self.jonas, partner_id=self.customer.id)
        project = self.env["project.project"].create(
            {"name": "Secret", "company_id": self.company_a.id, "privacy_visibility": "followers"}
        )
        task = self.env["project.task"].create({"name": "Secret", "project_id": project.id})
        self.lan.user_id.group_ids += self.env.ref("sales_team.group_sale_salesman")
        self.lan.user_id.group_ids += self.env.ref("project.group_project_user")
        record = self._record()
        for values in ({"lead_id": lead.id}, {"task_id": task.id}):
            with self.assertRaises(AccessError):
                self._record(**values)
            with self.assertRaises(AccessError):
                record.write(values)
            with self.assertRaises(AccessError):
                record._amend(values, "A reason")
        lead.user_id = self.lan.user_id
        record.lead_id = lead
        lead.user_id = self.jonas.user_id
        record.note = "What was linked stays linked"
        record.lead_id = False

    def test_kind_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Other"})
        kind = self.env["expat.kpi.record.kind"].create(
            {"name": "Own kind", "company_id": company.id}
        )
        with self.assertRaises(UserError):
            self._record(kind_id=kind.id)

    # ------------------------------------------------------------------
    # From elsewhere, and onwards
    # ------------------------------------------------------------------

    def _opened(self, action, user=None):
        records = self.env[action["res_model"]].with_user(user or self.lan.user_id)
        return Form(records.with_context(**action["context"]))

    def test_one_click_from_customer_lead_and_task(self):
        self.customer.city = "Hanoi"
        self.lan.user_id.group_ids += self.env.ref("sales_team.group_sale_salesman")
        self.lan.user_id.group_ids += self.env.ref("project.group_project_user")
        lead = self._lead(self.lan, partner_id=self.customer.id)
        task = self.env["project.task"].create(
            {
                "name": "Samples",
                "partner_id": self.customer.id,
                "project_id": self.env["project.project"]
                .create({"name": "P", "company_id": self.company_a.id})
                .id,
                "user_ids": [Command.set(self.lan.user_id.ids)],
            }
        )
        for origin, name in ((self.customer, None), (lead, "lead_id"), (task, "task_id")):
            action = origin.with_user(self.lan.user_id).action_expat_kpi_log()
            record = self._opened(action).save()
            self.assertEqual(record.partner_id, self.customer)
            self.assertEqual((record.place, record.category), ("Hanoi", "visit"))
            if name:
                self.assertEqual(record[name], origin)

    def _meeting(self, **values):
        partners = self.lan.user_id.partner_id + self.customer
        return self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": "2026-05-19 03:00:00",
                "stop": "2026-05-19 04:00:00",
                "user_id": self.lan.user_id.id,
                "partner_ids": [Command.set(partners.ids)],
                "location": "Gate 2",
                **values,
            }
        )

    def test_calendar_asks_for_no_end(self):
        """The calendar leaves out what lacks the field that it takes for the end."""
        record = self._record(date="2026-05-20 03:00:00")
        arch = etree.fromstring(record.get_view(view_type="calendar")["arch"])
        for name in ("date_start", "date_stop"):
            if arch.get(name):
                self.assertTrue(record[arch.get(name)], name)

    def test_a_meeting_has_one_record(self):
        meeting = self._meeting().with_user(self.lan.user_id)
        record = self._opened(meeting.action_expat_kpi_log()).save()
        self.assertRecordValues(
            record,
            [
                {
                    "date": self._at("2026-05-19 03:00"),
                    "date_end": self._at("2026-05-19 04:00"),
                    "partner_id": self.customer.id,
                    "place": "Gate 2",
                    "is_own_event": True,
                }
            ],
        )
        self.assertEqual(meeting.action_expat_kpi_log()["res_id"], record.id)
        meeting.sudo().user_id = self.jonas.user_id
        self.assertFalse(record.is_own_event, "the meeting is another's now, and not logged by him")

    def test_a_whole_day_is_logged_on_that_day_where_the_person_is(self):
        self.maria.user_id.tz = "Asia/Shanghai"  # as at headquarters
        meeting = self._meeting(
            allday=True,
            start_date="2026-05-18",
            stop_date="2026-05-18",
            user_id=self.maria.user_id.id,
        ).with_user(self.maria.user_id)
        record = self._opened(meeting.action_expat_kpi_log(), self.maria.user_id).save()
        self.assertEqual(record.day, date(2026, 5, 18))
        self.assertEqual(record.date, self._at("2026-05-18 12:00"))  # nine in São Paulo

    def test_a_login_without_employee_is_told(self):
        with self.assertRaisesRegex(UserError, "no employee"):
            self.customer.with_user(self.wang).action_expat_kpi_log()

    def test_follow_up_in_one_click(self):
        self.lan.user_id.group_ids += self.env.ref("sales_team.group_sale_salesman")
        record = self._record(partner_id=self.customer.id, need="Axles\n<9 t> for the truck")
        record.action_make_activity()
        activity = self.customer.activity_ids
        self.assertEqual(activity.user_id, self.lan.user_id)
        self.assertEqual(activity.date_deadline, date(2026, 5, 27))
        self.assertIn("Axles<br>&lt;9 t&gt; for the truck", activity.note)
        action = record.action_make_lead()
        lead = self.env["crm.lead"].browse(action["res_id"])
        self.assertEqual((lead.name, lead.partner_id), ("Axles", self.customer))
        self.assertEqual(lead.user_id, self.lan.user_id)
        self.assertIn("Axles<br>&lt;9 t&gt; for the truck", lead.description)
        self.assertEqual(record.action_make_lead()["res_id"], lead.id, "made once")
        plain = self._record(self.jonas)
        self.assertFalse(plain.is_qualified)
        with self.assertRaisesRegex(UserError, "may not make leads"):
            plain.action_make_lead()
        plain.action_make_activity()
        self.assertTrue(plain.is_qualified)
        self.assertEqual(len(plain.activity_ids), 1)

    def test_hr_sets_the_hours(self):
        settings = self.env["expat.kpi.record.settings"].with_user(self.wang)
        with Form(settings) as form:
            self.assertEqual(form.expat_kpi_record_hours, 48)
            form.expat_kpi_record_hours = 2
        form.save().action_save()
        record = self._record()
        self._grow_old(record, fields.Datetime.now() - timedelta(hours=3))
        with self.assertRaisesRegex(UserError, "2 hours"):
            record.note = "x"
        with self.assertRaises(AccessError):
            settings.with_user(self.chen.user_id).create({}).action_save()
