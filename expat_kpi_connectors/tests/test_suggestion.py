from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .test_cycle import CycleCase


@tagged("post_install", "-at_install")
@freeze_time("2026-07-02 06:00:00")
class TestSuggestion(CycleCase):
    """Own months from July 2025 to June 2026, and four peers in the region."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peers = cls.env["hr.employee"]
        for number in range(4):
            peer = cls._create_employee(f"peer{number}", "vn", "Asia/Ho_Chi_Minh", cls.chen)
            peer.posting_ids.region_id = cls.asia
            cls.peers += peer
        rows = []
        for month in range(12):
            moment = datetime(2025 + (month + 6) // 12, (month + 6) % 12 + 1, 10, 5)
            # Lan: 4 orders in eight months, 6 in four; peers 2, 5, 6 and 7 in every month
            rows += [(cls.lan, moment, True, {})] * (6 if month % 3 == 0 else 4)
            for peer, count in zip(cls.peers, (2, 5, 6, 7), strict=True):
                rows += [(peer, moment, True, {})] * count
        cls._leads(rows)
        cls.measure._refresh(datetime(2025, 1, 1).date(), datetime(2026, 12, 31).date())
        cls.cycle = cls._cycle()
        cls.cycle._create_plans()
        cls.plan = cls.cycle.plan_ids.filtered(lambda plan: plan.employee_id == cls.lan)
        cls.line = cls.plan.line_ids[0]

    def test_beside_the_target(self):
        base = {"indicator_id": self.orders.id, "company_id": self.company_a.id}
        germany = self.env.ref("base.de").id
        self.env["expat.kpi.benchmark"].create(
            [
                {**base, "value": 9, "year": 2020, "source": "Old"},
                {**base, "value": 5, "spread": 1, "year": 2025, "source": "VDA"},
                {**base, "value": 7, "year": 2026, "country_id": germany, "source": "Elsewhere"},
            ]
        )
        self.line.target = 15
        self.assertEqual(
            self.line.evidence_text,
            "own median 12 · 4 peers 6 to 21 · benchmark 15 ± 3 (VDA, 2025)",
        )
        self.assertEqual(
            self.line.odds_text, "Reached in 4 of the last 12 months; by 3 of 4 peers."
        )
        self.assertEqual(self.line.hardness, "fair")
        # Peers differ, and do so steadily: 12/13 of the own median, 4, and 1/13 of theirs, 5.5,
        # times three months, shown without decimals
        self.assertEqual(self.line.suggested_target, 12)
        self.assertIn("Own months count for 92 %", self.line.suggestion_text)

    def test_too_loose_and_too_harsh_in_words(self):
        for target, hardness in ((9, "too_loose"), (15, "fair"), (60, "too_harsh")):
            self.line.target = target
            self.assertEqual(self.line.hardness, hardness)

    def test_too_little_history_is_said(self):
        self.lan.posting_ids.date_from = "2026-06-01"
        peers = self.peers.posting_ids
        peers.date_from = "2026-06-01"
        self.line.invalidate_recordset()
        self.assertEqual(self.line.hardness, "little_history")
        self.assertFalse(self.line.has_suggestion)
        self.assertIn("too little history: 1 months", self.line.evidence_text)
        with self.assertRaisesRegex(UserError, "too little history"):
            self.line.action_take_suggestion()

    def test_one_click_takes_it_in_draft(self):
        line = self.line.with_user(self.wang)
        line.threshold = 6
        suggested = line.suggested_target
        line.action_take_suggestion()
        self.assertEqual(line.target, suggested)
        self.assertEqual(line.threshold, round(6 * suggested / 12))
        with self.assertRaises(AccessError):
            self.line.with_user(self.lan.user_id).action_take_suggestion()
        self.plan._set_guarded({"state": "approved"})
        with self.assertRaises(UserError):
            line.action_take_suggestion()

    def test_a_cycle_may_begin_with_it(self):
        suggested = self.line.suggested_target
        self.cycle.plan_ids.unlink()
        self.cycle.targets_from = "suggestion"
        self.cycle._create_plans()
        by_employee = {plan.employee_id: plan.line_ids[0] for plan in self.cycle.plan_ids}
        self.assertEqual(by_employee[self.lan].target, suggested)
        self.assertEqual(by_employee[self.lan].suggested_target, suggested)

    def test_one_computation_for_all_lines(self):
        lines = self.cycle.plan_ids.line_ids
        counts = []
        for group in (lines.browse(lines.ids[:2]), lines.browse(lines.ids)):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            group.mapped("odds_text")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 2, counts)

    def test_peers_are_a_range_and_a_number_of_at_least_three(self):
        self.peers[:2].posting_ids.unlink()
        self.line.target = 15
        self.line.invalidate_recordset()
        fields = ["evidence_text", "odds_text", "suggestion_text", "hardness", "suggested_target"]
        [told] = self.line.with_user(self.lan.user_id).read(fields)
        self.assertEqual(told["evidence_text"], "own median 12")
        self.assertEqual(told["odds_text"], "Reached in 4 of the last 12 months.")
        self.assertEqual(told["suggested_target"], 12, "two peers do not move it either")
        self.assertIn("too few peers", told["suggestion_text"])

    def test_nobody_tries_targets_to_find_out_about_peers(self):
        spec = {"odds_text": {}, "hardness": {}, "suggested_target": {}, "evidence_text": {}}

        def tried(user, values, record=self.line):
            self.env.invalidate_all()
            found = record.with_user(user).onchange(values, ["target"], spec)
            return {name: value for name, value in found["value"].items() if value}

        self.assertIn("by 0 of 4 peers", tried(self.wang, {"target": 24})["odds_text"])
        values = {"plan_id": self.plan.id, "indicator_id": self.orders.id, "target": 24}
        for user in (self.lan.user_id, self.chen.user_id, self.jonas.user_id):
            for record in (self.line, self.line.browse()):
                with self.assertRaises(AccessError):
                    tried(user, values, record)
        [told] = self.line.with_user(self.lan.user_id).read(["odds_text"])
        self.assertIn("of 4 peers", told["odds_text"])
        with self.assertRaises(AccessError):
            self.line.with_user(self.jonas.user_id).read(["odds_text"])

    def test_another_companys_officer_finds_out_nothing(self):
        company = self.env["res.company"].create({"name": "Company B"})
        officer = self._create_user("officer_b", "expat_kpi.group_officer")
        officer.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        lines = self.line.browse().with_user(officer).with_context(allowed_company_ids=company.ids)
        found = lines.new({"plan_id": self.plan.id, "indicator_id": self.orders.id, "target": 15})
        self.assertFalse(found.sudo(False)._open_to_reader())
