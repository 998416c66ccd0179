from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestPlanPeople(PlanCase):
    """Who takes whose place in the middle of a negotiation."""

    def test_the_new_manager_acts_and_the_old_one_does_not(self):
        self._open()
        self._sign(self.chen)
        self._sign(self.lan)
        self.assertIn(self.chen.user_id.partner_id, self.plan.message_partner_ids)
        self.lan.parent_id = self.qiu
        self.assertEqual(self.plan.manager_id, self.qiu)
        self.assertEqual(self._signed_by(), ["Lan"], "the old manager's signature is void")
        with self._refused():
            self._sign(self.chen)
        with self._refused():
            self._propose(self.chen, self.projects, target=20)
        with self._refused():
            self._as(self.chen).read(["state"])
        # Followers and activities have moved with it
        self.assertNotIn(self.chen.user_id.partner_id, self.plan.message_partner_ids)
        self.assertIn(self.qiu.user_id.partner_id, self.plan.message_partner_ids)
        self.assertFalse(self._activities(self.chen.user_id))
        self.assertEqual(len(self._activities(self.qiu.user_id)), 1)
        self.assertIn("is now Qiu, no longer Chen", self._last_message())
        self._sign(self.qiu)
        self._sign(self.wang)
        self.assertEqual(self.plan.state, "approved")

    def test_who_comes_back_signs_the_same_version_anew(self):
        self._open()
        self._sign(self.chen)
        self.lan.parent_id = self.qiu
        with freeze_time("2026-07-02 02:00:00"):
            self.lan.parent_id = self.chen
            self.assertEqual(self._signed_by(), [], "the signature was void, and stays so")
            self._sign(self.chen)
        self.assertEqual(self._signed_by(), ["Chen"])
        self.assertEqual(len(self.plan.signature_ids), 2, "both stay in the record")
        self.assertEqual(self.plan.signature_ids.mapped("is_on_latest"), [True, False])

    def test_other_activities_move_too(self):
        self._open()
        activity = self.plan.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.chen.user_id.id
        )
        self.lan.parent_id = self.qiu
        self.assertEqual(activity.user_id, self.qiu.user_id)

    def test_a_manager_chosen_on_the_plan_stays(self):
        self.plan.manager_id = self.boss
        self._open()
        self.lan.parent_id = self.qiu
        self.assertEqual(self.plan.manager_id, self.boss)
        self._as(self.wang).write({"manager_id": self.qiu.id})
        self.assertEqual(
            self.plan.party_ids.filtered(lambda one: one.role == "manager").user_id,
            self.qiu.user_id,
        )

    def test_hr_chooses_no_signer_and_no_deadline_of_the_own_plan(self):
        self.lan.user_id.group_ids += self.env.ref("expat_kpi.group_officer")
        for _state in ("draft", "negotiation"):
            for vals in ({"manager_id": self.qiu.id}, {"date_deadline": "2026-12-31"}):
                with self.subTest(vals), self._refused("your own plan"):
                    self._as(self.lan).write(vals)
            if self.plan.state == "draft":
                self._open()
        self._as(self.wang).write({"manager_id": self.qiu.id})
        self.assertEqual(self.plan.manager_id, self.qiu)

    def test_who_is_hr_no_more_signs_and_proposes_for_hr_no_more(self):
        self._open()
        self.wang.group_ids = self.env.ref("base.group_user")
        with self._refused("not the one"):
            self._sign(self.wang)
        with self._refused("not the one"):
            self._propose(self.wang, self.projects, target=20)
        self._sign(self.zhou)
        self.assertEqual(self._signed_by(), ["Zhou"])

    def test_another_user_of_the_manager(self):
        self._open()
        other = self._create_user("other")
        self.chen.user_id = other
        self._sign(other)
        self.assertEqual(self._signed_by(), ["Other"])

    def test_another_user_of_the_expat_signs_nothing_that_was_sent_to_the_first(self):
        """HR links users to employees; that makes nobody sign as somebody else."""
        self._open()
        self.lan.user_id = self.zhou
        with self._refused():
            self._sign(self.zhou)
        self.assertEqual(self._signed_by(), [])

    def test_the_manager_of_a_closed_plan_stays_in_the_record(self):
        self._decide(self.wang, "cancel")
        self.lan.parent_id = self.qiu
        self.assertEqual(self.plan.manager_id, self.chen)
        with self._refused("stays in the record"):
            self._as(self.wang).write({"manager_id": self.qiu.id})

    def test_mail_reaches_no_former_manager(self):
        self._open()
        self.lan.parent_id = self.qiu
        before = self.plan.message_ids
        self._propose(self.lan, self.projects, target=20)
        [message] = self.plan.message_ids - before
        self.assertNotIn(self.chen.user_id.partner_id, message.notified_partner_ids)
        self.assertIn(self.qiu.user_id.partner_id, message.notified_partner_ids)

    # ------------------------------------------------------------------
    # The dotted-line manager
    # ------------------------------------------------------------------

    def _dotted(self, who=None):
        """Lan's plan is signed by Lan and whoever the posting names; Qiu unless said."""
        self.env["expat.kpi.signatory.rule"].create(
            {
                "name": "Dotted line",
                "sequence": 1,
                "company_id": self.company_a.id,
                "signatory_ids": [
                    Command.create({"role": role}) for role in ("expat", "dotted_manager")
                ],
            }
        )
        self.lan.posting_ids.dotted_manager_id = who or self.qiu
        self._open()
        return self.plan.party_ids.filtered(lambda one: one.role == "dotted_manager")

    def test_the_new_dotted_manager_acts_and_the_old_one_does_not(self):
        party = self._dotted()
        self._sign(self.qiu)
        activity = self.plan.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.qiu.user_id.id
        )
        self.lan.posting_ids.dotted_manager_id = self.boss
        self.assertEqual(party.user_id, self.boss.user_id)
        self.assertEqual(self._signed_by(), [], "the old one's signature is void")
        with self._refused(error=AccessError):
            self._sign(self.qiu)
        self.assertNotIn(self.qiu.user_id.partner_id, self.plan.message_partner_ids)
        self.assertIn(self.boss.user_id.partner_id, self.plan.message_partner_ids)
        self.assertEqual(activity.user_id, self.boss.user_id)
        self.assertIn("is now Boss, no longer Qiu", self._last_message())
        self._sign(self.lan)
        self._sign(self.boss)
        self.assertEqual(self.plan.state, "approved")

    def test_in_an_agreed_plan_the_signature_stays_and_the_new_one_answers(self):
        party = self._dotted()
        self._sign(self.lan)
        self._sign(self.qiu)
        self.lan.posting_ids.dotted_manager_id = self.boss
        self.assertEqual(party.user_id, self.boss.user_id)
        self.assertEqual(party.signer_id, self.qiu.user_id)
        with self._refused(error=AccessError):
            self._as(self.qiu).read(["state"])
        # Nothing happens to a plan that is over.
        self._decide(self.wang, "cancel")
        self.lan.posting_ids.dotted_manager_id = self.jonas
        self.assertEqual(party.user_id, self.boss.user_id)

    def test_another_posting_brings_its_dotted_manager(self):
        party = self._dotted()
        old = self.lan.posting_ids
        old.date_to = "2026-07-31"
        new = old.create(
            {
                "employee_id": self.lan.id,
                "country_id": self.env.ref("base.th").id,
                "date_from": "2026-08-01",
                "dotted_manager_id": self.boss.id,
            }
        )
        self.assertEqual(party.user_id, self.boss.user_id)
        new.date_from = "2026-10-01"
        self.assertEqual(party.user_id, self.qiu.user_id, "the posting is after the plan now")
        new.date_from = "2026-08-01"
        new.unlink()
        self.assertEqual(party.user_id, self.qiu.user_id)
        self.lan.posting_ids.employee_id = self.jonas
        self.assertFalse(party.user_id)

    def test_another_user_of_the_dotted_manager(self):
        party = self._dotted()
        other = self._create_user("other")
        self.qiu.user_id = other
        self.assertEqual(party.user_id, other)
        self.qiu.user_id = self.lan.user_id.copy()
        self.lan.posting_ids.dotted_manager_id = self.lan
        self.assertFalse(party.user_id, "nobody signs the own plan for somebody else")

    def test_who_is_left_follows_on_in_another_role(self):
        self._dotted(self.chen)
        self.lan.posting_ids.dotted_manager_id = self.boss
        self.assertEqual(self.plan.manager_id, self.chen)
        self.assertIn(self.chen.user_id.partner_id, self.plan.message_partner_ids)

    def test_postings_of_many_are_made_without_a_query_for_each_plan(self):
        people = self.env["hr.employee"].create(
            [{"name": f"P{number}", "company_id": self.company_a.id} for number in range(12)]
        )
        self.env["expat.kpi.plan"].create(
            [{"cycle_id": self.cycle.id, "employee_id": one.id} for one in people]
        )

        def post(employees):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["expat.posting"].create(
                [
                    {
                        "employee_id": one.id,
                        "country_id": self.env.ref("base.vn").id,
                        "date_from": "2026-01-01",
                    }
                    for one in employees
                ]
            )
            return self.cr.sql_log_count - before

        post(people[:1])
        few, many = post(people[1:3]), post(people[3:])
        self.assertLessEqual(many, few + 14, "two a posting are the mail thread's")

    # ------------------------------------------------------------------
    # To another company
    # ------------------------------------------------------------------

    def _move(self, *, with_access):
        company_b = self.env["res.company"].create({"name": "Company B"})
        self.env.user.company_ids += company_b
        if not with_access:
            self.lan.user_id.write(
                {"company_ids": [Command.set(company_b.ids)], "company_id": company_b.id}
            )
        self.lan.with_context(allowed_company_ids=(self.company_a + company_b).ids).write(
            {"company_id": company_b.id, "parent_id": False, "user_id": self.lan.user_id.id}
        )
        return company_b

    def test_the_plan_stays_when_its_employee_goes_to_another_company(self):
        self.plan.manager_id = self.boss
        self._open()
        self._sign(self.boss)
        self._move(with_access=False)
        self.assertEqual(self.plan.company_id, self.company_a)
        self.assertIn("no access: Lan", self.plan.company_text)
        self.assertIn("belongs to Company B now", self._last_message())
        # Nothing is asked of who cannot open it, and nothing sent
        self.assertNotIn(self.lan.user_id.partner_id, self.plan.message_partner_ids)
        self.assertFalse(self._activities(self.lan.user_id))
        self.assertTrue(self._activities(self.wang))
        with self._refused(error=AccessError):
            self._sign(self.lan)
        self.assertEqual(self._signed_by(), ["Boss"], "what the others signed stays")

    def test_who_keeps_the_access_acts_as_before(self):
        self.plan.manager_id = self.boss
        self._open()
        self._move(with_access=True)
        self.assertIn("everybody who must sign has access", self.plan.company_text)
        self._sign(self.lan)
        self.assertEqual(self._signed_by(), ["Lan"])

    def test_activities_speak_the_language_of_who_has_them(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.chen.user_id.lang = "zh_CN"
        seen = []
        spoken = type(self.plan)._spoken_to

        def spy(records, user):
            result = spoken(records, user)
            seen.append((user.name, result.env.lang))
            return result

        with patch.object(type(self.plan), "_spoken_to", spy):
            self._open()
        self.assertIn(("Chen", "zh_CN"), seen)
        self.assertIn(("Lan", "en_US"), seen)
