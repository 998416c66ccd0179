import json

from odoo.exceptions import ValidationError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged

from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestPlanNegotiation(PlanCase):
    """From a draft to a plan that all have signed."""

    def test_hundred_projects_become_twenty_and_repurchase_is_added(self):
        """The negotiation of the story: HR wanted 100 projects, they settle on 20."""
        self._open()
        self.assertEqual(self.plan.state, "negotiation")
        self.assertEqual(self.plan.latest_revision_id.number, 1)
        self._sign(self.wang)
        self._sign(self.chen)
        self.assertEqual(self._signed_by(), ["Chen", "Wang"])

        fewer = self._propose(
            self.lan,
            self.projects,
            target=20,
            weight=25,
            reason="Customers decide in 3–6 months, 20 that are real are better.",
        )
        more = self._propose(
            self.lan, self.repurchase, kind="add", target=60, weight=15, reason="It shows trust."
        )
        self.assertEqual(self._line(self.projects).target, 100, "a proposal changes nothing")
        self.assertEqual(self._signed_by(), ["Chen", "Wang"], "and voids nothing")
        self.assertEqual(fewer.summary, "Target 100 → 20, Weight 40 → 25")
        self.assertIn("Target 100 → 20", self._line(self.projects).proposal_text)

        self._as(self.chen, fewer).action_accept()
        self.assertEqual(self._line(self.projects).target, 20)
        self.assertEqual(self.plan.latest_revision_id.number, 2)
        self.assertEqual(self._signed_by(), [], "another content, no signature")
        self.assertIn("The signatures given count no more", self._last_message())
        self.assertIn("Chen, Wang", self._last_message())
        with self._refused("15.00 are missing"):
            self._sign(self.chen)

        self._as(self.wang, more).action_accept()
        self.assertEqual(self.plan.latest_revision_id.number, 3)
        for who in (self.chen, self.lan, self.wang):
            self.assertEqual(self.plan.state, "negotiation")
            self._sign(who)
        self.assertEqual(self.plan.state, "approved")
        self.assertEqual(self.plan.revision_id.number, 3)
        self.assertEqual(
            [
                (line["name"], line["target"], line["weight"])
                for line in self.plan.revision_id._content()["lines"]
            ],
            [
                ("Customer visits", 12, 60),
                ("Qualified projects", 20, 25),
                ("Repurchase share", 60, 15),
            ],
        )
        self.assertTrue(all(revision._is_intact() for revision in self.plan.revision_ids))
        self.assertFalse(self.plan.activity_ids, "nobody is waited for any more")

    def test_columns_stand_in_the_order_of_the_lifecycle(self):
        self._open()
        self._decide(self.wang, "cancel")
        self._create_plan(self.jonas)
        self._open(self._create_plan(self.lan))
        groups = self.plan.with_context(read_group_expand=True).web_read_group(
            [("company_id", "=", self.company_a.id)], ["state"], ["__count"]
        )["groups"]
        self.assertEqual(
            [group["state"] for group in groups], ["draft", "negotiation", "cancelled"]
        )

    def test_days_are_said_as_the_reader_writes_them(self):
        self._open()
        self.assertIn("to be agreed on by 07/15/2026", self._last_message())
        action = self._as(self.lan).action_sign()
        dialog = self._as(self.lan, self.env[action["res_model"]])
        shown = dialog.with_context(**action["context"]).create({}).content_html
        self.assertIn("07/01/2026", shown)

    def test_versions_stay_side_by_side(self):
        self._open()
        self._as(self.wang, self._propose(self.lan, self.projects, target=20)).action_accept()
        first, second = self.plan.revision_ids.sorted("number")
        html = str(second._render_diff(first))
        self.assertIn("<del", html)
        self.assertIn("100", html)
        self.assertIn("Changed", html)
        self.assertNotIn("<del", str(first.content_html))
        action = self._as(self.lan).action_compare()
        compare = self._as(self.lan, self.env["expat.kpi.revision.compare"])
        self.assertIn("<del", compare.with_context(**action["context"]).create({}).diff_html)

    def test_a_counter_proposal_answers_the_first(self):
        self._open()
        first = self._propose(self.lan, self.projects, target=20)
        second = self._propose(self.chen, self.projects, target=30, counter_to_id=first.id)
        self.assertEqual(first.state, "countered")
        self.assertEqual(first.answer_user_id, self.chen.user_id)
        self._as(self.lan, second).action_accept()
        self.assertEqual(self._line(self.projects).target, 30)

    def test_a_refusal_has_a_reason_and_changes_nothing(self):
        self._open()
        proposal = self._propose(self.lan, self.projects, target=20)
        with self._refused("Give a reason"):
            self._decide(self.chen, "refuse", "  ", proposal=proposal)
        self._decide(self.chen, "refuse", "The factory needs more.", proposal=proposal)
        self.assertEqual(
            (proposal.state, proposal.answer_reason), ("refused", "The factory needs more.")
        )
        self.assertEqual(self._line(self.projects).target, 100)
        self.assertEqual(self.plan.latest_revision_id.number, 1)
        self.assertIn("The factory needs more.", self._last_message())
        with self._refused("answered already"):
            self._as(self.wang, proposal).action_accept()

    def test_several_proposals_on_one_line_lose_nothing(self):
        self._open()
        target = self._propose(self.lan, self.projects, target=20)
        threshold = self._propose(self.chen, self.projects, threshold=10)
        rival = self._propose(self.wang, self.projects, target=50)
        self._as(self.wang, target).action_accept()
        # Another field of the same line: both are wanted.
        self._as(self.lan, threshold).action_accept()
        line = self._line(self.projects)
        self.assertEqual((line.target, line.threshold), (20, 10))
        # The same field: what was agreed on is not overwritten.
        with self._refused("has changed since"):
            self._as(self.lan, rival).action_accept()
        self.assertEqual(rival.state, "open")
        self.assertEqual(line.target, 20)

    def test_drop_a_line(self):
        self._open()
        proposal = self._propose(self.chen, self.projects, kind="drop")
        self._as(self.lan, proposal).action_accept()
        self.assertEqual(self.plan.line_ids.indicator_id, self.visits)
        self.assertEqual(proposal.indicator_id, self.projects)
        self.assertEqual(proposal.old_target, 100)

    def test_a_comment_is_part_of_the_talk(self):
        self._open()
        comment = self._propose(self.lan, self.projects, kind="comment", reason="Who decides?")
        self.assertEqual(comment.state, "noted")
        self.assertIn("Who decides?", self._last_message())
        with self._refused():
            self._as(self.chen, comment).action_accept()

    def test_nobody_answers_the_own_proposal(self):
        self._open()
        proposal = self._propose(self.lan, self.projects, target=20)
        for verb in ("accept", "refuse"):
            with self._refused("your own proposal"):
                if verb == "accept":
                    self._as(self.lan, proposal).action_accept()
                else:
                    self._decide(self.lan, "refuse", proposal=proposal)
        self._as(self.lan, proposal).action_withdraw()
        self.assertEqual(proposal.state, "withdrawn")

    def test_a_proposal_stays_as_it_was_made(self):
        self._open()
        proposal = self._propose(self.lan, self.projects, target=20)
        for who in (self.lan, self.wang, self.admin):
            for change in (
                {"target": 5},
                {"reason": "Other"},
                {"state": "accepted"},
                {"user_id": self.chen.user_id.id},
            ):
                with self._refused(error=Exception):
                    self._as(who, proposal).write(change)
            with self._refused(error=Exception):
                self._as(who, proposal).unlink()
        with self._refused():
            proposal.sudo().write({"target": 5})
        with self._refused():
            proposal.sudo().unlink()

    def test_a_proposal_that_nobody_could_accept_is_not_made(self):
        self._open()
        for values, sentence in (
            ({"target": 0}, "above zero"),
            ({"target": -5}, "above zero"),
            ({"target": float("nan")}, "must be a number"),
            ({"threshold": 200}, "worse side"),
            ({"stretch": 50}, "better side"),
            ({"weight": 101}, "between 0 and 100"),
            ({}, "Nothing is changed"),
            ({"target": 20, "reason": " "}, "Give a reason"),
        ):
            with self.subTest(values), self._refused(sentence):
                self._propose(self.lan, self.projects, **values)
        with self._refused("in the plan already"):
            self._propose(self.lan, self.visits, kind="add", target=5)
        with self._refused("which plan"):
            self._as(self.lan, self.env["expat.kpi.proposal"]).create({"reason": "So it is."})

    def test_only_parties_propose(self):
        self._open()
        for who in (self.jonas, self.qiu):
            with self._refused():
                self._propose(who, self.projects, target=20)
        # Above the manager: reads, and is no party
        self.assertEqual(self._as(self.boss).state, "negotiation")
        with self._refused("You are not the one"):
            self._propose(self.boss, self.projects, target=20)

    def test_a_draft_is_sent_out_only_when_it_can_be_agreed_on(self):
        line = self._line(self.projects)
        line.weight = 39.5
        with self._refused("0.50 are missing"):
            self._open()
        line.weight = 41
        with self._refused("1.00 too many"):
            self._open()
        line.weight = 40.004
        self._open()
        self.assertEqual(self.plan.state, "negotiation")

    def test_lines_that_nobody_could_agree_on_are_refused(self):
        line = self._line(self.projects)
        for values, sentence in (
            ({"target": 0}, "above zero"),
            ({"target": -1}, "above zero"),
            ({"target": float("nan")}, "must be a number"),
            ({"target": float("inf")}, "must be a number"),
            ({"threshold": 100}, "worse side"),
            ({"threshold": float("nan")}, "must be a number"),
            ({"stretch": 99}, "better side"),
            ({"weight": float("nan")}, "must be a number"),
            ({"weight": 100.5}, "between 0 and 100"),
        ):
            with self.subTest(values), self._refused(sentence, ValidationError):
                line.write(values)
        less = self.env["expat.kpi.plan.line"].create(
            {"plan_id": self.plan.id, "indicator_id": self.delivery.id, "target": 45}
        )
        with self._refused("worse side", ValidationError):
            less.threshold = 30
        less.write({"threshold": 60, "stretch": 30})
        with self._refused(error=ValidationError):
            less.target = 70
        for missing in ({"target": 3}, {"indicator_id": False, "target": 3}):
            with self.subTest(missing), self._refused(error=Exception):
                self.env["expat.kpi.plan.line"].create({"plan_id": self.plan.id, **missing})

    def test_what_is_no_number_is_refused_in_words_wherever_it_comes_in(self):
        """As it arrives by RPC, where JSON says NaN, Infinity, or any number of digits."""

        def call(model, method, *args):
            model = self._as(self.wang, self.env[model])
            call_kw(model, method, args, {})

        plan, line = self.plan, self._line(self.projects)
        new = {"indicator_id": self.repurchase.id, "target": 9}
        for name in ("target", "target_max", "threshold", "stretch", "weight"):
            for number in ("NaN", "Infinity", "-Infinity", "1e308", "1" * 400, '"nan"', '"a few"'):
                bad = {name: json.loads(number)}
                for way, *said in (
                    ("expat.kpi.plan.line", "write", line.ids, bad),
                    ("expat.kpi.plan.line", "create", [{"plan_id": plan.id, **new, **bad}]),
                    ("expat.kpi.plan", "write", plan.ids, {"line_ids": [(1, line.id, bad)]}),
                    ("expat.kpi.plan", "write", plan.ids, {"line_ids": [(0, 0, {**new, **bad})]}),
                ):
                    with (
                        self.subTest(number=number[:9], name=name, way=way, method=said[0]),
                        self._refused("must be a number", ValidationError),
                    ):
                        call(way, *said)
        self.assertEqual([(one.target, one.weight) for one in plan.line_ids], [(12, 60), (100, 40)])
        with self._refused("between 0 and 100", ValidationError):
            call("expat.kpi.plan.line", "write", line.ids, {"weight": 1e300})

    def test_plans_of_one_person_do_not_overlap(self):
        with self._refused("overlap", Exception):
            self._create_plan(self.lan)
        self._decide(self.wang, "cancel")
        self._create_plan(self.lan)

    def test_an_indicator_stands_in_a_plan_once(self):
        self._line(self.visits).weight = 30
        self.env["expat.kpi.plan.line"].create(
            {
                "plan_id": self.plan.id,
                "indicator_id": self.visits.id,
                "target": 9,
                "weight": 30,
            }
        )
        with self._refused(r"Customer visits \(twice\)"):
            self._open()

    def test_a_plan_without_lines_is_not_sent_out(self):
        self.plan.line_ids.unlink()
        with self._refused("no line"):
            self._open()

    def test_back_to_draft_voids_signatures_and_says_so(self):
        self._open()
        self._sign(self.lan)
        proposal = self._propose(self.chen, self.projects, target=30)
        self._as(self.chen).action_withdraw()
        self.assertEqual(self.plan.state, "draft")
        self.assertEqual(self._signed_by(), [])
        self.assertEqual(proposal.state, "lapsed")
        self.assertIn("count no more", self._last_message())
        self.assertFalse(self.plan.activity_ids)
        # Sent out again: a new version of the same content, to be signed anew
        self._open()
        self.assertEqual(self.plan.latest_revision_id.number, 2)
        self.assertEqual(self._signed_by(), [])

    def test_signing_withdraws_the_own_open_proposals(self):
        self._open()
        proposal = self._propose(self.lan, self.projects, target=20)
        self._sign(self.lan)
        self.assertEqual(proposal.state, "withdrawn")

    def test_response_times_are_kept(self):
        self._open()
        proposal = self._propose(self.lan, self.projects, target=20)
        with freeze_time("2026-07-02 08:00:00"):
            self._sign(self.wang)
            self._decide(self.chen, "refuse", proposal=proposal)
        self.assertEqual(self.plan.signature_ids.response_hours, 30)
        self.assertEqual(proposal.response_hours, 30)

    def test_definitions_are_pinned_and_compared(self):
        self._open()
        first = self.plan.latest_revision_id
        self.projects.formula = "13"
        self._as(self.wang, self._propose(self.lan, self.visits, target=10)).action_accept()
        latest = self.plan.latest_revision_id
        self.assertEqual(first._content()["lines"][1]["formula"], "12")
        self.assertEqual(latest._content()["lines"][1]["formula"], "13")
        self.assertIn("Counted otherwise", str(latest._render_diff(first)))

    def test_thirds_are_a_hundred_and_are_signed_as_a_hundred(self):
        lines = [(one, 12, 33.33) for one in (self.visits, self.projects, self.repurchase)]
        plan = self._create_plan(self.jonas, lines)
        self.assertFalse(plan.weight_sentence)
        self._open(plan)
        content = plan.latest_revision_id._content()
        self.assertEqual([one["weight"] for one in content["lines"]], [33.34, 33.33, 33.33])
        self.assertEqual(plan.line_ids.mapped("weight"), [33.34, 33.33, 33.33])
        # So is what is agreed on a line.
        for indicator in (self.visits, self.projects):
            proposal = self._propose(self.jonas, indicator, weight=33.33, target=10, plan=plan)
            self._as(self.chen, proposal).action_accept()
            content = plan.latest_revision_id._content()
            self.assertEqual(round(sum(one["weight"] for one in content["lines"]), 2), 100)
        for who in (self.jonas, self.chen, self.wang):
            self._sign(who, plan)
        self.assertEqual(plan.state, "approved")

    def test_what_is_more_than_rounding_is_missing(self):
        lines = [(one, 12, 33.32) for one in (self.visits, self.projects, self.repurchase)]
        plan = self._create_plan(self.jonas, lines)
        self.assertIn("0.04", plan.weight_sentence)
        with self._refused("0.04"):
            self._open(plan)
        self.assertEqual(set(plan.line_ids.mapped("weight")), {33.32})
