from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import html2plaintext

from .adjustment_common import AdjustmentCase


@tagged("post_install", "-at_install")
class TestAdjustment(AdjustmentCase):
    """Chapter 3 of the story: the quarter changes, and everybody agrees again."""

    def test_target_over_the_quarter_is_that_of_its_slices_by_local_working_days(self):
        before = self.plan.revision_id
        adjustment = self._adjust(self.wang, ("change", self.visits, {"target": 18}))
        self.assertIn("32 of the plan's 64 working days (50 %)", adjustment.touched)
        # Nothing has happened to what was agreed.
        self.assertEqual((self.plan.state, self.plan.revision_id), ("approved", before))
        self.assertEqual(self._line(self.visits).target, 12)
        self._sign_all()
        line = self._line(self.visits)
        # 12 on 32 days, 18 on 32 days
        self.assertEqual((self.plan.state, line.target, line.weight), ("adjusted", 15, 60))
        self.assertEqual(
            [(one["from"], one["to"], one["days"], one["target"]) for one in line.slices],
            [("2026-07-01", "2026-08-13", 32, 12.0), ("2026-08-14", "2026-09-30", 32, 18.0)],
        )
        self.assertEqual(adjustment.state, "in_force")
        self.assertEqual(self.plan.revision_id, adjustment.revision_id)
        self.assertFalse(self.plan.open_adjustment_id)
        # What was agreed before stays readable.
        self.assertTrue(before._is_intact())
        self.assertIn("12", html2plaintext(before.content_html))
        self.assertEqual(before._content()["lines"][0]["target"], 12)

    def test_again_with_an_added_line_and_an_end(self):
        self._adjust(self.wang, ("change", self.visits, {"target": 18}))
        self._sign_all()
        self._adjust(
            self.chen,
            ("change", self.visits, {"weight": 30}),
            ("add", self.retention, {"target": 70, "weight": 30}),
            date_from="2026-09-03",
            reason_category="raw_material",
        )
        with self._at("2026-08-20 02:00:00"):
            self._sign_all()
        visits, retention = self._line(self.visits), self._line(self.retention)
        # 3 to 30 September: 20 of 64 days. Weight: (44 × 60 + 20 × 30) / 64; retention 20 × 30 / 64
        self.assertEqual((visits.target, visits.weight), (15, 50.62))
        self.assertEqual((retention.target, retention.weight), (70, 9.38))
        self.assertEqual(self.plan.weight_total, 100)
        self.assertEqual(
            (retention.date_from, retention.date_to),
            (self._day("2026-09-03"), self._day("2026-09-30")),
        )
        self.assertEqual(len(visits.slices), 3)
        self.assertEqual(self.plan.revision_ids.mapped("number"), [3, 2, 1])
        # For one week only, then back to what held before.
        self._adjust(
            self.wang,
            ("change", self.projects, {"target": 50}),
            date_from="2026-08-24",
            date_to="2026-08-30",
        )
        self._sign_all()
        projects = self._line(self.projects)
        self.assertEqual(
            [(one["from"], one["target"]) for one in projects.slices],
            [("2026-07-01", 100.0), ("2026-08-24", 50.0), ("2026-08-31", 100.0)],
        )
        self.assertEqual(projects.target, 96.09)  # (59 × 100 + 5 × 50) / 64

    def test_restated_holds_for_the_whole_period(self):
        self._adjust(self.wang, ("change", self.visits, {"target": 9}), method="restated")
        self._sign_all()
        line = self._line(self.visits)
        self.assertEqual((line.target, line.slices), (9, False))
        self.assertEqual(line.date_from, self.plan.date_from)

    def test_a_line_dropped_from_a_day_is_measured_until_then(self):
        self._adjust(
            self.chen,
            ("drop", self.projects, {}),
            ("change", self.visits, {"weight": 100}),
        )
        self._sign_all()
        line = self._line(self.projects)
        self.assertEqual((line.weight, str(line.date_to)), (20, "2026-08-13"))
        self.assertEqual(line._spans(), ((self._day("2026-07-01"), self._day("2026-08-13")),))

    # -- consent

    def test_refused_or_withdrawn_leaves_what_was_agreed(self):
        in_force = self.plan.revision_id
        signed = self.plan.party_ids.mapped("signature_id")
        adjustment = self._adjust(self.lan, ("change", self.visits, {"target": 6}))
        self.assertFalse(self.plan.party_ids.signature_id)
        self._sign_ticked(self.wang)
        with self._refused("your own adjustment"):
            self._decide(self.lan, "refuse")
        with self._refused("Give a reason"):
            self._decide(self.chen, "refuse", " ")
        self._decide(self.chen, "refuse", "Twelve can be done.")
        self.assertEqual(
            (adjustment.state, adjustment.answer_user_id, adjustment.answer_reason),
            ("refused", self.chen.user_id, "Twelve can be done."),
        )
        self.assertEqual((self.plan.state, self.plan.latest_revision_id), ("approved", in_force))
        self.assertEqual(self.plan.party_ids.signature_id, signed)
        self.assertFalse(self._activities(self.lan.user_id))
        self.assertTrue(adjustment.revision_id.exists())
        second = self._adjust(self.lan, ("change", self.visits, {"target": 6}))
        with self._refused("Only who proposed"):
            self._as(self.wang).action_retract()
        self._as(self.lan).action_retract()
        self.assertEqual((second.state, self.plan.revision_id), ("withdrawn", in_force))
        self.assertEqual(second.revision_id.number, 3)

    def test_one_at_a_time(self):
        other = self._draft(self.lan, ("change", self.visits, {"target": 6}))
        self._adjust(self.chen, ("change", self.visits, {"target": 18}))
        with self._refused("waits for signatures already, proposed by Chen"):
            other.action_propose()
        self.assertEqual(other.state, "draft")

    def test_no_override_and_silence_never_signs(self):
        self._adjust(self.chen, ("change", self.visits, {"target": 18}))
        with self._at("2026-09-20 02:00:00"):
            self.plan._nudge()
            self.assertTrue(self.plan.is_overdue_told)
            self.assertNotIn("HR may settle", self._last_message())
            self.assertNotIn("override", self._as(self.wang).verbs)
            with self._refused("“Approved” by now"):
                self._decide(self.wang, "override")
        self.assertEqual((self.plan.state, self.plan.revision_id.number), ("approved", 1))

    def test_the_deadline_is_put_off_while_it_waits_for_signatures(self):
        with self._refused("not brought forward"):
            self._as(self.wang).date_deadline = "2026-12-31"
        self._adjust(self.chen, ("change", self.visits, {"target": 18}))
        self._as(self.wang).date_deadline = "2026-12-31"
        for earlier in ("2026-12-30", False):
            with self._refused("not brought forward"):
                self._as(self.wang).date_deadline = earlier

    def test_who_is_waited_for_is_told_and_nobody_else(self):
        self._adjust(self.wang, ("change", self.visits, {"target": 18}))
        for user in (self.lan.user_id, self.chen.user_id, self.wang):
            self.assertIn("version 2", self._activities(user).summary)
            self.assertTrue(self._as(user).waits_for_me)
        self._sign_ticked(self.lan)
        self.assertFalse(self._activities(self.lan.user_id))
        self.assertFalse(self._as(self.lan).waits_for_me)

    def test_what_is_proposed_stands_beside_what_holds_until_it_is_answered(self):
        self._adjust(
            self.wang,
            ("change", self.visits, {"target": 18}),
            ("drop", self.projects, {}),
            ("add", self.retention, {"target": 70, "weight": 40}),
        )
        plan = self._as(self.lan)
        self.assertEqual(plan.line_ids.mapped("proposal_text"), ["Target 12 → 18", "Drop the line"])
        self.assertIn("Retention", plan.adjustment_html)
        self.assertEqual(plan.line_ids.mapped("target"), [12, 100], "what was agreed holds")
        self._decide(self.lan, "refuse")
        self.assertEqual(plan.line_ids.mapped("proposal_text"), [False, False])
        self.assertFalse(plan.adjustment_html)

    def test_another_manager_signs_in_the_former_ones_place(self):
        self._adjust(self.wang, ("change", self.visits, {"target": 18}))
        self._sign_ticked(self.chen)
        self.lan.parent_id = self.qiu
        self.assertNotIn("manager", self.plan.party_ids.filtered("signature_id").mapped("role"))
        with self._refused():
            self._sign_ticked(self.chen)
        self._sign_ticked(self.lan)
        self._sign_ticked(self.wang)
        self._sign_ticked(self.qiu)
        self.assertEqual(self.plan.state, "adjusted")

    def test_a_former_manager_adjusts_nothing(self):
        self.lan.parent_id = self.qiu
        with self._refused(error=AccessError):
            self._draft(self.chen, ("change", self.visits, {"target": 18}))
        self.assertIn("adjust", self._as(self.qiu).verbs)
        # Who signed what is in force stays to be read.
        party = self.plan.party_ids.filtered(lambda one: one.role == "manager")
        self.assertEqual(party.signer_id, self.chen.user_id)

    def test_the_review_lets_an_open_adjustment_lapse(self):
        adjustment = self._adjust(self.wang, ("change", self.visits, {"target": 18}))
        self._as(self.chen).action_review()
        self.assertEqual((self.plan.state, adjustment.state), ("review", "lapsed"))
        self.assertEqual(self.plan.latest_revision_id, self.plan.revision_id)
        with self._refused("“In Review” by now"):
            self._draft(self.wang)

    # -- never before today against the expat without a tick of its own

    def test_harder_before_today_needs_the_expats_own_tick(self):
        with self._at("2026-08-20 02:00:00"):
            self._adjust(self.wang, ("change", self.visits, {"target": 18}))
            self._sign_ticked(self.wang)
            self._sign_ticked(self.chen)
            with self._refused("asks more of you from .*14"):
                self._sign_ticked(self.lan, ticks=False)
            # Neither by a word of the others …
            content = self.plan.latest_revision_id.content_hash
            with self._refused():
                self._as(self.chen).action_sign_content(content, True)
            # … but by the own.
            self.assertIn("before today", self._sign_ticked(self.lan))
        signatures = self.plan.party_ids.signature_id
        self.assertEqual(self.plan.state, "adjusted")
        self.assertEqual(
            {one.role: one.date_past for one in signatures},
            {"expat": self._day("2026-08-14"), "manager": False, "hr": False},
        )

    def test_today_is_where_the_expat_is(self):
        # 18:00 UTC on the 13th is the 14th in Hanoi.
        with self._at("2026-08-13 18:00:00"):
            self._adjust(self.wang, ("change", self.visits, {"target": 18}))
            self.assertFalse(self._as(self.lan)._past_sentence())
        with self._at("2026-08-14 18:00:00"):
            self.assertTrue(self.plan._past_sentence())

    def test_easier_before_today_needs_no_tick(self):
        with self._at("2026-08-20 02:00:00"):
            self._adjust(self.wang, ("change", self.visits, {"target": 6}))
            self.assertFalse(self._sign_ticked(self.lan, ticks=False))

    def test_restated_and_harder_needs_the_tick_once_the_period_has_begun(self):
        with self._at("2026-08-20 02:00:00"):
            self._adjust(self.wang, ("change", self.visits, {"target": 13}), method="restated")
            with self._refused("asks more of you from"):
                self._sign_ticked(self.lan, ticks=False)

    # -- bad input

    def test_what_nobody_could_agree_on_is_refused_in_words(self):
        more = ("change", self.visits, {"target": 18})
        for sentence, lines, values in (
            ("Say what is to change", [], {}),
            ("within the days of the plan", [more], {"date_from": "2026-10-01"}),
            ("within the days of the plan", [more], {"date_from": "2026-06-30"}),
            ("within the days of the plan", [more], {"date_to": "2026-10-01"}),
            ("cannot end before it begins", [more], {"date_to": "2026-08-01"}),
            ("there twice", [more, more], {}),
            ("Nothing is changed", [("change", self.visits, {})], {}),
            ("weights must be 100", [("change", self.visits, {"weight": 50})], {}),
            ("weights must be 100", [("drop", self.visits, {})], {}),
            ("no line would be left", [("drop", self.visits, {}), ("drop", self.projects, {})], {}),
            ("not in the plan", [("change", self.retention, {"target": 1, "weight": 0})], {}),
            ("in the plan already", [("add", self.visits, {"target": 1, "weight": 0})], {}),
            ("worse side", [("change", self.visits, {"threshold": 30})], {}),
            ("above zero", [("change", self.visits, {"target": 0})], {}),
            ("No day from", [more], {"date_from": "2026-09-01", "date_to": "2026-09-02"}),
            ("no last day", [more], {"method": "restated", "date_to": "2026-09-02"}),
        ):
            with self.subTest(sentence=sentence, values=values):
                with self._refused(sentence, ValidationError):
                    self._adjust(self.wang, *lines, **values)
        with self._refused("must be a number", ValidationError):
            self._draft(self.wang, ("change", self.visits, {"target": float("nan")}))

    def test_preview_says_what_is_wrong_or_what_comes_of_it(self):
        draft = self._draft(self.lan, ("change", self.visits, {"target": 18, "weight": 50}))
        self.assertIn("weights must be 100", draft.problem)
        self.assertFalse(draft.preview_html)
        draft.line_ids.weight = 60
        self.assertFalse(draft.problem)
        text = html2plaintext(draft.preview_html)
        for told in ("12", "15", "18", "32 working days"):
            self.assertIn(told, text)
        self.assertIn("Target 12", draft.line_ids.old_text)

    def test_the_form_begins_with_what_holds(self):
        action = self._as(self.lan).action_adjust()
        model = self._as(self.lan, self.env["expat.kpi.adjustment"])
        with Form(model.with_context(**action["context"])) as form:
            form.reason = "Customers decide slowly."
            form.date_from = "2026-08-14"
            with form.line_ids.new() as line:
                line.indicator_id = self.visits
                self.assertEqual((line.target, line.weight), (12, 60))
                line.target = 9
            self.assertIn("working days", form.preview_html)
        made = form.record
        self.assertEqual((made.user_id, made.line_ids.target), (self.lan.user_id, 9))
        made.action_propose()
        self.assertEqual(self.plan.open_adjustment_id, made)

    # -- who may

    def test_drafts_are_their_makers(self):
        draft = self._draft(self.lan, ("change", self.visits, {"target": 6}))
        with self._refused(error=AccessError):
            self._as(self.chen, draft).read(["reason"])
        with self._refused("Lan's"):
            self._as(self.wang, draft).reason = "Mine."
        with self._refused("Lan's"):
            self._as(self.wang, draft).action_propose()
        with self._refused("not the one"):
            self._draft(self.boss, ("change", self.visits, {"target": 6}))
        draft.action_propose()
        with self._refused("stays as it was", UserError):
            draft.line_ids.target = 1
        with self._refused("stays as it was", UserError):
            draft.unlink()
        self.assertEqual(self._as(self.chen, draft).reason, "Southeast Asia grows.")

    def test_nothing_of_it_is_set_by_writing(self):
        adjustment = self._adjust(self.wang, ("change", self.visits, {"target": 18}))
        for record, values in (
            (adjustment, {"state": "in_force"}),
            (adjustment, {"user_id": self.chen.user_id.id}),
            (self.plan, {"open_adjustment_id": False}),
            (self.plan, {"adjustment_ids": [(5, 0, 0)]}),
            (self._line(self.visits), {"slices": False}),
        ):
            with self.subTest(values=values), self._refused("set by the system"):
                record.write(values)
        for values in (
            {"state": "proposed"},
            {"revision_id": self.plan.revision_id.id},
            # Who may read it follows from the plan.
            {"employee_id": self.qiu.id},
            {"company_id": self.env.company.id},
        ):
            with self.subTest(values=values), self._refused("set by the system"):
                self._draft(self.wang, **values)
        draft = self._draft(self.wang, ("change", self.visits, {"target": 18}))
        for record in (draft, draft.line_ids):
            with self.subTest(record), self._refused("set by the system"):
                record.write({"employee_id": self.qiu.id})
        sneaked = self._as(self.wang, self.env["expat.kpi.adjustment"]).with_context(
            default_state="in_force", default_user_id=self.chen.user_id.id
        )
        made = sneaked.create({"plan_id": self.plan.id, "reason": "x", "date_from": "2026-08-14"})
        self.assertEqual((made.state, made.user_id), ("draft", self.wang))
