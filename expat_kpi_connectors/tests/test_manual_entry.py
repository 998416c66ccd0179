from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import ExpatCase

MAY = date(2026, 5, 1), date(2026, 5, 31)


@tagged("post_install", "-at_install")
class TestManualEntry(ExpatCase):
    """A value is entered by the person and confirmed by somebody above."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.measure = cls.env["expat.kpi.measure"].create(
            {
                "name": "Trainings held",
                "code": "manual_trainings",
                "kind": "manual",
                "company_id": cls.company_a.id,
            }
        )

    def _enter(self, employee, amount=2.0, day="2026-05-05", user=None, context=None, **values):
        entries = self.env["expat.kpi.manual.entry"].with_user(user or employee.user_id)
        return entries.with_context(**(context or {})).create(
            {
                "employee_id": employee.id,
                "measure_id": self.measure.id,
                "amount": amount,
                "day": day,
                "note": "Minutes are attached.",
                **values,
            }
        )

    def _counted(self):
        self.measure._refresh(*MAY)
        self.assertFalse(self.measure.error)
        return self._sums(self.measure)

    def test_only_confirmed_values_count(self):
        entries = self._enter(self.lan) + self._enter(self.lan, 3.0)
        self.assertFalse(self._counted())
        entries[0].with_user(self.chen.user_id).action_confirm()
        self.assertEqual(self._counted(), {(self.lan, date(2026, 5, 5)): 2})
        entries[1].with_user(self.chen.user_id).action_refuse()
        self.assertEqual(self._counted(), {(self.lan, date(2026, 5, 5)): 2})
        entries[0].with_user(self.chen.user_id).action_withdraw()
        self.assertFalse(self._counted())

    def test_each_measure_counts_its_own_entries(self):
        other = self.measure.copy({"code": "manual_other"})
        self._enter(self.lan).with_user(self.wang).action_confirm()
        self._enter(self.lan, 5.0, measure_id=other.id).with_user(self.wang).action_confirm()
        self.assertEqual(sum(self._counted().values()), 2)
        other._refresh(*MAY)
        self.assertEqual(sum(self._sums(other).values()), 5)

    def test_nobody_confirms_for_themselves(self):
        entry = self._enter(self.lan)
        for user in (self.lan.user_id, self.jonas.user_id):
            with self.assertRaises(AccessError):
                entry.with_user(user).action_confirm()
        # Not even an officer.
        self.lan.user_id.group_ids += self.env.ref("expat_kpi.group_officer")
        with self.assertRaises(AccessError):
            entry.with_user(self.lan.user_id).action_confirm()
        self.assertEqual(entry.state, "to_confirm")

    def test_line_above_dotted_line_and_hr_confirm(self):
        boss = self._create_employee("boss")
        self.chen.parent_id = boss
        dotted = self._create_employee("dotted")
        self.lan.posting_ids.dotted_manager_id = dotted
        for user in (self.chen.user_id, boss.user_id, dotted.user_id, self.wang):
            entry = self._enter(self.lan)
            self.assertTrue(entry.with_user(user).can_decide)
            entry.with_user(user).action_confirm()
            self.assertEqual((entry.state, entry.decided_by_id), ("confirmed", user))

    def test_decision_cannot_be_entered(self):
        entry = self._enter(self.lan)
        for name, value in (
            ("state", "confirmed"),
            ("decided_by_id", self.chen.user_id.id),
            ("date_decided", "2026-05-05 00:00:00"),
            # Of another company it would be seen by others, and counted by nobody.
            ("company_id", self.env.ref("base.main_company").id),
        ):
            with self.assertRaises(UserError):
                entry.write({name: value})
            with self.assertRaises(UserError):
                self._enter(self.lan, **{name: value})
            made = self._enter(self.lan, context={f"default_{name}": value})
            self.assertRecordValues(
                made,
                [
                    {
                        "state": "to_confirm",
                        "decided_by_id": False,
                        "date_decided": False,
                        "company_id": self.company_a.id,
                    }
                ],
            )

    def test_confirmed_values_stay(self):
        entry = self._enter(self.lan)
        entry.with_user(self.chen.user_id).action_confirm()
        for user in (self.lan.user_id, self.wang):
            with self.assertRaises(UserError):
                entry.with_user(user).amount = 99
            with self.assertRaises(UserError):
                entry.with_user(user).unlink()

    def test_corrected_after_refusal_is_asked_again(self):
        entry = self._enter(self.lan)
        entry.with_user(self.chen.user_id).action_refuse()
        entry.with_user(self.lan.user_id).write({"amount": 1, "note": "One, as you said."})
        self.assertEqual(entry.state, "to_confirm")
        self.assertFalse(entry.decided_by_id)

    def test_people_see_their_own_and_their_team(self):
        entry = self._enter(self.lan)
        for user, sees in (
            (self.lan.user_id, True),
            (self.chen.user_id, True),
            (self.wang, True),
            (self.jonas.user_id, False),
        ):
            found = self.env["expat.kpi.manual.entry"].with_user(user).search([])
            self.assertEqual(entry in found, sees, user.name)
        with self.assertRaises(AccessError):
            entry.with_user(self.chen.user_id).amount = 5
        with self.assertRaises(AccessError):
            self._enter(self.lan, user=self.jonas.user_id)
        with self.assertRaises(AccessError):
            entry.with_user(self.lan.user_id).employee_id = self.jonas

    def test_manager_may_discuss_the_evidence(self):
        entry = self._enter(self.lan)
        message = entry.with_user(self.chen.user_id).message_post(body="Which training?")
        self.assertIn(message, entry.message_ids)

    def test_what_cannot_be_is_refused(self):
        with self.assertRaises(ValidationError):
            self._enter(self.lan, day=fields.Date.today() + timedelta(days=3))
        for amount in (float("inf"), 1e308, 10**400):
            with self.subTest(amount), self.assertRaises(ValidationError):
                self._enter(self.lan, amount)
        records = self._measure("manual_records")
        with self.assertRaises(ValidationError):
            self._enter(self.lan, measure_id=records.id)

    def test_hr_makes_one_in_the_form(self):
        with Form(self.env["expat.kpi.measure"].with_user(self.wang)) as form:
            form.name = "Audits passed"
            form.code = "manual_audits"
            form.kind = "manual"
            form.try_employee_id = self.lan
            self.assertEqual(form.preview["number"], "0")
        measure = form.save()
        self.assertEqual(measure.source_id, self.env.ref("expat_kpi.source_manual_entry"))
        self.assertEqual(measure.version_id.number, 1)
        self.assertFalse(measure.is_changed)

    def test_preview_says_what_waits(self):
        self._enter(self.lan)
        preview = (
            self.measure.with_user(self.wang)
            .new(
                {"try_employee_id": self.lan.id, "try_month": date(2026, 5, 1)},
                origin=self.measure.with_user(self.wang),
            )
            .preview
        )
        self.assertEqual(preview["number"], "0")
        [missed] = preview["missed"]["records"]
        self.assertEqual(missed["reasons"], ["not: “State” is Confirmed"])
