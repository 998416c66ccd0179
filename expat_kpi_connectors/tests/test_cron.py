import os
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.base.models import ir_cron

from .record_common import RecordCase
from .test_record_policy import HANOI, picture


@tagged("post_install", "-at_install")
class TestCron(RecordCase):
    """The scheduled actions as the server runs them: by their own user, for all companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_b = cls.env["res.company"].create(
            {"name": "Company B", "expat_kpi_audit_share": 0}
        )
        cls.env.user.company_ids += cls.company_b
        cls.mai = cls.env["hr.employee"].create(
            {
                "name": "Mai",
                "company_id": cls.company_b.id,
                "user_id": cls._create_user("mai").id,
            }
        )
        cls.mai.user_id.write(
            {"company_ids": [Command.set(cls.company_b.ids)], "company_id": cls.company_b.id}
        )
        cls._post(cls.mai, "vn", "Asia/Ho_Chi_Minh", "2015-01-01")
        # In company A positions are kept for ten days, in company B for a year.
        cls.policies = cls._policy(place_days=10, photo_days=20)
        cls.policies += cls._policy(company_id=cls.company_b.id, photo_days=40)
        for policy, employee in zip(cls.policies, (cls.lan, cls.mai), strict=True):
            cls._as(policy, employee).action_confirm(policy.notice_version)

    @classmethod
    def _as(cls, records, employee):
        """These records, for an employee in the own company."""
        context = {"allowed_company_ids": employee.company_id.ids}
        return records.with_user(employee.user_id).with_context(**context)

    @classmethod
    def _log(cls, employee, date, **values):
        return (
            cls._as(cls.env["expat.kpi.record"], employee)
            .create(
                {
                    "employee_id": employee.id,
                    "kind_id": cls.kinds["visit"].id,
                    "date": date,
                    **values,
                }
            )
            .sudo()
        )

    def _run_cron(self, name, addon="expat_kpi_connectors"):
        """Run a scheduled action as the server does, in a transaction of its own."""
        cron = self.env.ref(f"{addon}.{name}")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(cron.failure_count)

    def _kept(self, record):
        return bool(record.place_ids), bool(record.place), len(record.photo_ids)

    def test_what_is_too_old_is_erased_by_the_policy_of_its_company(self):
        now = fields.Datetime.now()
        records = [
            self._log(employee, now - timedelta(days=days), place="Hall 1")
            for employee, days in ((self.lan, 25), (self.lan, 15), (self.lan, 5), (self.mai, 25))
        ]
        photo = self.env["expat.kpi.record.photo"]
        for record in records:
            record._keep_position(*HANOI)
            self._as(photo, record.employee_id).create(
                {"record_id": record.id, "image": picture((9, 9), noise=True)}
            )
        old = self.env["ir.attachment"].search(
            [
                ("res_model", "=", photo._name),
                ("res_field", "=", "image"),
                ("res_id", "in", records[0].photo_ids.ids),
            ]
        )
        path = old._full_path(old.store_fname)
        self.assertTrue(os.path.exists(path))

        self._run_cron("ir_cron_erase")
        self.assertEqual(
            [self._kept(record) for record in records],
            [(False, False, 0), (False, False, 1), (True, True, 1), (True, True, 1)],
        )
        self.assertFalse(old.exists())
        self.env["ir.attachment"]._gc_file_store_unsafe()
        self.assertFalse(os.path.exists(path), "nothing else holds the file")

    def test_marks_and_questions_go_on_in_each_company(self):
        self.company_a.expat_kpi_flag_days, self.company_b.expat_kpi_flag_days = 7, 30
        now = fields.Datetime.now()
        records = [
            self._log(employee, now - timedelta(hours=1), partner_id=self.customer.id)
            for employee in (self.lan, self.mai)
        ]
        flags = self.env["expat.kpi.record.flag"]
        for record in records:
            flags._ask(record, "late")
            self.customer.message_post(
                body="The offer",
                author_id=record.employee_id.user_id.partner_id.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        flags = flags.search([("record_id", "in", [record.id for record in records])])
        flags.flush_recordset()
        self.env.cr.execute(
            "UPDATE expat_kpi_record_flag SET date_asked = %s WHERE id = ANY(%s)",
            [now - timedelta(days=8), flags.ids],
        )
        self.assertEqual([record.mark for record in records], ["self", "self"])
        self._run_cron("ir_cron_quality")
        self.assertEqual([record.mark for record in records], ["followed", "followed"])
        self.assertEqual(
            {flag.company_id: flag.is_shared for flag in flags},
            {self.company_a: True, self.company_b: False},
        )

    def test_numbers_are_refreshed_for_all_companies(self):
        measure = self._measure("cron_records", self._records_source(), "employee_id", "date")
        measure.company_id = False
        now = fields.Datetime.now()
        for employee in (self.lan, self.mai):
            self._log(employee, now - timedelta(hours=1))
        self._run_cron("ir_cron_refresh", "expat_kpi")
        found = {employee for employee, _day in self._sums(measure)}
        self.assertLessEqual({self.lan, self.mai}, found)

    def test_numbers_that_there_was_no_time_for_are_not_left_for_the_next_interval(self):
        cron = self.env.ref("expat_kpi.ir_cron_refresh")
        waiting = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        waiting.unlink()
        self.env["expat.kpi.measure.version"].search([]).date_refreshed = False
        with patch.multiple(ir_cron, MIN_TIME_PER_JOB=0, MIN_RUNS_PER_JOB=2):
            self._run_cron("ir_cron_refresh", "expat_kpi")
        self.assertTrue(waiting.search([("cron_id", "=", cron.id)]))

    def _records_source(self):
        return self.env.ref("expat_kpi_connectors.source_record")
