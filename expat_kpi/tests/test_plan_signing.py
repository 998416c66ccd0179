from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .plan_common import PlanCase

AFTER = "2026-07-20 02:00:00"


@tagged("post_install", "-at_install")
class TestPlanSigning(PlanCase):
    """Who signs, what a signature stands on, and HR's way out of a deadlock."""

    def _add_rule(self, *parties, **values):
        return self.env["expat.kpi.signatory.rule"].create(
            {
                "name": "Own rule",
                "sequence": 1,
                "company_id": self.company_a.id,
                "signatory_ids": [Command.create(party) for party in parties],
                **values,
            }
        )

    # ------------------------------------------------------------------
    # In the own name
    # ------------------------------------------------------------------

    def test_the_third_signature_approves(self):
        self._open()
        for who, state in (
            (self.lan, "negotiation"),
            (self.wang, "negotiation"),
            (self.chen, "approved"),
        ):
            self._sign(who)
            self.assertEqual(self.plan.state, state)
        self.assertEqual(self.plan.revision_id, self.plan.latest_revision_id)
        self.assertEqual(
            self.plan.signature_ids.mapped("content_hash"), [self.plan.revision_id.content_hash] * 3
        )

    def test_nobody_signs_for_another(self):
        self._open()
        content = self.plan.latest_revision_id.content_hash
        for who in (self.boss, self.jonas, self.qiu):
            with self._refused():
                self._as(who).action_sign_content(content)
        # HR and the administrator sign as HR and as nobody else, also through sudo
        self._as(self.admin).sudo().action_sign_content(content)
        self.assertEqual(self.plan.signature_ids.mapped("role"), ["hr"])
        for who in (self.wang, self.zhou, self.admin):
            with self._refused("signed this version already"):
                self._as(who).action_sign_content(content)
            with self._refused("signed this version already"):
                self._as(who).sudo().action_sign_content(content)
        with self._refused("You are not the one"):
            self.plan.sudo().action_sign_content(content)  # OdooBot is nobody here
        self.assertEqual(self._signed_by(), ["Admin"])

    def test_signing_twice_adds_nothing(self):
        self._open()
        self._sign(self.lan)
        with self._refused("signed this version already"):
            self._sign(self.lan)
        self.assertEqual(len(self.plan.signature_ids), 1)

    def test_a_signature_on_an_old_version_is_void(self):
        self._open()
        dialog = self._as(self.chen).action_sign()
        read = (
            self._as(self.chen)
            .env["expat.kpi.plan.sign"]
            .with_context(**dialog["context"])
            .create({})
        )
        old = self.plan.latest_revision_id
        self._as(self.wang, self._propose(self.lan, self.projects, target=20)).action_accept()
        for sign in (
            read.action_confirm,
            lambda: self._as(self.chen).action_sign_content(old.content_hash),
            lambda: self._as(self.chen).action_sign_content(False),
            lambda: self._as(self.chen).action_sign_content("0" * 64),
        ):
            with self._refused("version 2 is the latest"):
                sign()
        self.assertFalse(self.plan.signature_ids)

    def test_silence_never_signs(self):
        self._open()
        self._sign(self.wang)
        with freeze_time("2027-07-01"), self.enter_registry_test_mode():
            self.env.ref("expat_kpi.ir_cron_nudge").method_direct_trigger()
        self.assertEqual(self.plan.state, "negotiation")
        self.assertEqual(self._signed_by(), ["Wang"])

    def test_a_manager_who_is_hr_signs_for_both_by_one_click(self):
        self.chen.user_id.group_ids += self.env.ref("expat_kpi.group_officer")
        self._open()
        self._sign(self.chen)
        self.assertEqual(sorted(self.plan.signature_ids.mapped("role")), ["hr", "manager"])
        self.assertEqual(self.plan.signature_ids.user_id, self.chen.user_id)
        self._sign(self.lan)
        self.assertEqual(self.plan.state, "approved")

    def test_an_expat_who_is_hr_is_no_judge_of_the_own_plan(self):
        self.lan.user_id.group_ids += self.env.ref("expat_kpi.group_administrator")
        for attempt in (
            lambda: self._open(who=self.lan),
            lambda: self._decide(self.lan, "cancel"),
        ):
            with self._refused("You are not the one"):
                attempt()
        self._open()
        self._sign(self.lan)
        self.assertEqual(self.plan.signature_ids.mapped("role"), ["expat"])
        with freeze_time(AFTER), self._refused("You are not the one"):
            self._decide(self.lan, "override")

    def test_verbs_are_what_the_reader_may_do(self):
        def verbs(who):
            return set((self._as(who).verbs or "").split())

        self.assertEqual(verbs(self.wang), {"open", "cancel"})
        self.assertEqual(verbs(self.chen), {"open"})
        self.assertEqual(verbs(self.lan), set())
        self._open()
        talk = {"propose", "answer", "accept"}
        self.assertEqual(verbs(self.lan), talk | {"sign"})
        self.assertEqual(verbs(self.chen), talk | {"sign", "withdraw"})
        self.assertEqual(verbs(self.wang), talk | {"sign", "withdraw", "cancel"})
        self.assertEqual(verbs(self.boss), set())
        self._sign(self.lan)
        self.assertEqual(verbs(self.lan), talk)
        with freeze_time(AFTER):
            self.env.invalidate_all()
            self.assertIn("override", verbs(self.wang))

    # ------------------------------------------------------------------
    # Deadlock
    # ------------------------------------------------------------------

    def test_override_only_after_the_deadline_with_a_reason_by_name(self):
        self._open()
        self._sign(self.lan)
        with self._refused("only after the deadline"):
            self._decide(self.wang, "override")
        with freeze_time(AFTER):
            for who in (self.chen, self.lan):
                with self._refused("You are not the one"):
                    self._decide(who, "override")
            with self._refused("Give a reason"):
                self._decide(self.wang, "override", " ")
            self._decide(self.wang, "override", "The manager is away for months.")
        self.assertEqual(self.plan.state, "approved")
        override = self._as(self.lan).override_id
        self.assertEqual(
            (override.user_id, override.reason, override.kind),
            (self.wang, "The manager is away for months.", "override"),
        )
        self.assertFalse(self.plan.party_ids.filtered(lambda one: one.role == "manager").is_signed)
        messages = "".join(self.plan.message_ids.mapped("body"))
        self.assertIn("The manager is away for months.", messages)
        self.assertIn("Direct manager, HR", messages)

    def test_the_deadline_is_not_brought_forward(self):
        self._open()
        self.assertEqual(self.plan.date_deadline, self._day("2026-07-15"))
        for day in ("2026-07-02", False, "2025-01-01"):
            with self._refused("not brought forward"):
                self._as(self.wang).write({"date_deadline": day})
        self._as(self.wang).write({"date_deadline": "2026-07-31"})
        with freeze_time(AFTER), self._refused("only after the deadline"):
            self._decide(self.wang, "override")

    def test_a_past_deadline_of_a_draft_does_not_count(self):
        self.plan.date_deadline = "2026-06-01"
        self._open()
        self.assertEqual(self.plan.date_deadline, self._day("2026-07-15"))

    def test_the_deadline_ends_where_the_parties_are(self):
        (self.chen.user_id + self.wang).tz = "Asia/Shanghai"
        self._open()
        # 15 July, 17:30 UTC: already the 16th in Hanoi
        with freeze_time("2026-07-15 16:30:00"), self._refused("only after the deadline"):
            self._decide(self.wang, "override")
        with freeze_time("2026-07-15 17:30:00"):
            self._decide(self.wang, "override")
        self.assertEqual(self.plan.state, "approved")

    # ------------------------------------------------------------------
    # Who must sign
    # ------------------------------------------------------------------

    def test_today_is_where_the_expat_is_until_moving_on(self):
        # 03:00 UTC is 10:00 in Hanoi and midnight in São Paulo, where Lan will be in September.
        old = self.lan.posting_ids
        old.date_to = "2026-08-31"
        old.create(
            {
                "employee_id": self.lan.id,
                "country_id": self.env.ref("base.br").id,
                "tz": "America/Sao_Paulo",
                "date_from": "2026-09-01",
            }
        )
        for moment, day in (
            ("2026-06-30 18:00:00", "2026-07-01"),
            ("2026-08-30 18:00:00", "2026-08-31"),
            # On the way west the last day in Hanoi is not over before the first one further on.
            ("2026-08-31 18:00:00", "2026-09-01"),
            ("2026-09-02 02:00:00", "2026-09-01"),
        ):
            with self.subTest(moment), freeze_time(moment):
                self.assertEqual(self.plan._today(), self._day(day))

    def test_whoever_may_read_a_plan_may_know_its_clock(self):
        self._add_rule(
            {"role": "expat"},
            {"role": "person", "user_id": self.jonas.user_id.id, "label": "Works council"},
        )
        self._open()
        self.env.invalidate_all()
        self.assertEqual(self._as(self.jonas)._today(), self._day("2026-07-01"))

    def test_others_may_have_to_sign_too(self):
        self._add_rule(
            {"role": "expat"},
            {"role": "manager"},
            {"role": "person", "user_id": self.qiu.user_id.id, "label": "Country head"},
            {"role": "person", "user_id": self.jonas.user_id.id, "label": "Works council"},
        )
        with self._refused():
            self._as(self.qiu).read(["state"])
        self._open()
        # Who must sign a plan may read it
        self.assertEqual(self._as(self.qiu).line_ids.mapped("target"), [12, 100])
        for who in (self.lan, self.chen, self.qiu):
            self._sign(who)
            self.assertEqual(self.plan.state, "negotiation")
        self._sign(self.jonas)
        self.assertEqual(self.plan.state, "approved")
        self.assertEqual(
            self.plan.party_ids.mapped("title"),
            ["Employee", "Direct manager", "Country head", "Works council"],
        )

    def test_never_fewer_than_the_expat_and_one_above(self):
        for parties, sentence in (
            ([{"role": "manager"}, {"role": "hr"}], "employee whose plan it is"),
            ([{"role": "expat"}, {"role": "hr"}], "Beside the employee"),
            ([{"role": "expat"}], "Beside the employee"),
        ):
            with self.subTest(parties), self._refused(sentence, ValidationError):
                self._add_rule(*parties)
        rule = self._add_rule({"role": "expat"}, {"role": "manager"})
        with self._refused("Beside the employee", ValidationError):
            rule.write({"signatory_ids": [Command.delete(rule.signatory_ids[1].id)]})
        with self._refused("Beside the employee", ValidationError):
            rule.signatory_ids[1].unlink()

    def test_a_later_change_of_the_rule_leaves_an_open_plan_alone(self):
        rule = self._add_rule({"role": "expat"}, {"role": "manager"}, {"role": "hr"})
        self._open()
        rule.signatory_ids.filtered(lambda one: one.role == "hr").unlink()
        self._sign(self.lan)
        self._sign(self.chen)
        self.assertEqual(self.plan.state, "negotiation")

    def test_nobody_to_sign_is_said_before_sending_out(self):
        self.chen.user_id = False
        with self._refused("nobody to sign as: Direct manager"):
            self._open()
        self.plan.manager_id = self.lan
        with self._refused("nobody to sign as: Direct manager"):
            self._open()

    # ------------------------------------------------------------------
    # Nudging
    # ------------------------------------------------------------------

    def test_who_is_waited_for_has_an_activity(self):
        self._open()
        for who in (self.lan.user_id, self.chen.user_id, self.wang):
            self.assertEqual(len(self._activities(who)), 1)
        self.assertEqual(self._activities(self.lan.user_id).date_deadline, self.plan.date_deadline)
        self._sign(self.lan)
        self.assertFalse(self._activities(self.lan.user_id))
        proposal = self._propose(self.chen, self.projects, target=30)
        self.assertIn("Qualified projects", self._activities(self.lan.user_id).summary)
        self._as(self.lan, proposal).action_accept()
        [activity] = self._activities(self.lan.user_id)
        self.assertIn("Sign version 2", activity.summary)

    def test_plans_that_wait_for_me(self):
        def waiting(who):
            plans = self._as(who, self.env["expat.kpi.plan"])
            found = plans.search([("waits_for_me", "=", True)])
            self.assertEqual(
                self.plan in plans.search([("waits_for_me", "=", False)]), self.plan not in found
            )
            self.assertEqual(self._as(who).waits_for_me, self.plan in found)
            return self.plan in found

        self.assertFalse(waiting(self.lan))
        self._open()
        self.assertTrue(waiting(self.lan))
        self._sign(self.lan)
        self.assertFalse(waiting(self.lan))
        self._propose(self.chen, self.projects, target=30)
        self.assertTrue(waiting(self.lan))
        self.assertFalse(waiting(self.boss))

    def test_after_the_deadline_the_deputy_is_told(self):
        self._add_rule(
            {"role": "expat"},
            {"role": "manager", "deputy_id": self.qiu.user_id.id},
            days_to_agree=3,
        )
        self._open()
        with freeze_time("2026-07-05 02:00:00"):
            self.plan._nudge()
            [activity] = self._activities(self.qiu.user_id)
            self.assertIn("Chen", activity.summary)
            self.assertIn("deadline has passed", self._last_message())
            count = len(self.plan.message_ids)
            self.plan._nudge()
            self.assertEqual(len(self.plan.message_ids), count, "said once")
            # The deputy is told, and signs for nobody
            with self._refused("You are not the one"):
                self._sign(self.qiu)
            self._sign(self.chen)
        self.assertFalse(self._activities(self.qiu.user_id))

    def test_reminders_come_on_local_working_days(self):
        self._open()  # until Wednesday 15 July

        def reminded():
            return {party.user_id.name for party in self.plan.party_ids if party.date_reminded}

        for day, names in (
            ("2026-07-09 02:00:00", set()),  # four working days before
            # 18:00 UTC on Thursday is Friday in Hanoi, and Thursday where nobody set a zone
            ("2026-07-09 18:00:00", {"Lan"}),
            ("2026-07-10 02:00:00", {"Lan", "Chen", "Wang"}),
        ):
            with self.subTest(day), freeze_time(day):
                self.plan._nudge()
                self.assertEqual(reminded(), names)
