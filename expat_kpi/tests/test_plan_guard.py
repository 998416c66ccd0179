import base64

from odoo import Command
from odoo.tests import freeze_time, tagged

from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestPlanGuard(PlanCase):
    """State, versions and signatures come from the verbs and from nowhere else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everybody = (cls.lan, cls.chen, cls.boss, cls.wang, cls.admin)

    def _approve(self):
        self._open()
        for who in (self.lan, self.chen, self.wang):
            self._sign(who)

    def _snapshot(self):
        plan = self.plan
        plan.invalidate_recordset()
        return (
            plan.state,
            plan.revision_id.content,
            plan.latest_revision_id.content_hash,
            plan.signature_ids.ids,
            plan.party_ids.mapped("signature_id.id"),
            [(line.id, line.target, line.weight) for line in plan.line_ids],
        )

    def test_nothing_of_it_can_be_written(self):
        self._open()
        self._sign(self.lan)
        before = self._snapshot()
        revision, signature, party = (
            self.plan.latest_revision_id,
            self.plan.signature_ids,
            self.plan.party_ids[1],
        )
        signed = {
            "revision_id": revision.id,
            "content_hash": revision.content_hash,
            "role": "manager",
            "user_id": self.chen.user_id.id,
            "date": "2026-07-01",
        }
        for who in self.everybody:
            plan = self._as(who)
            for vals in (
                {"state": "approved"},
                {"revision_id": revision.id},
                {"latest_revision_id": False},
                {"signature_ids": [Command.create(signed)]},
                {"signature_ids": [Command.delete(signature.id)]},
                {"signature_ids": [Command.update(signature.id, {"role": "hr"})]},
                {"revision_ids": [Command.update(revision.id, {"content": "{}"})]},
                {"party_ids": [Command.update(party.id, {"signature_id": signature.id})]},
                {"party_ids": [Command.delete(party.id)]},
                {"proposal_ids": [Command.create({"reason": "x"})]},
                {"date_opened": "2020-01-01"},
                {"change_number": 0},
                # What follows from other fields is entered no more than those.
                {"signed_count": 3},
                {"posting_id": False},
                {"region_id": False},
                {"company_id": self.env.company.id},
            ):
                for record in (plan, plan.sudo()):
                    with self.subTest(who=who.name, vals=vals), self._refused(error=Exception):
                        record.write(vals)
            for record, vals in (
                (revision, {"content": "{}"}),
                (signature, {"user_id": self.chen.user_id.id}),
                (party, {"signature_id": signature.id}),
                (party, {"user_id": self.lan.user_id.id}),
            ):
                for touched in (self._as(who, record), record.sudo()):
                    with self._refused(error=Exception):
                        touched.write(vals)
                    with self._refused(error=Exception):
                        touched.unlink()
                    with self._refused(error=Exception):
                        touched.copy()
            with self._refused(error=Exception):
                self._as(who, signature).create({"plan_id": self.plan.id, **signed})
        self.assertEqual(self._snapshot(), before)

    def test_a_cycle_takes_its_plans_to_no_other_company(self):
        other = self.env["res.company"].create({"name": "Company B"})
        empty = self.cycle.copy({"name": "Empty"})
        with self._refused("stay in their company"):
            (empty + self.cycle).company_id = other
        self.cycle.company_id = self.company_a
        empty.company_id = other
        self.assertEqual(self.plan.company_id, self.company_a)

    def test_lines_change_in_a_draft_only(self):
        line = self._line(self.projects)
        self._as(self.wang, line).write({"target": 90})
        self._open()
        before = self._snapshot()
        other = self._create_plan(self.jonas)
        for state in ("negotiation", "approved"):
            if state == "approved":
                for who in (self.lan, self.chen, self.wang):
                    self._sign(who)
                before = self._snapshot()
            for who in self.everybody:
                for vals in (
                    {"line_ids": [Command.update(line.id, {"target": 1})]},
                    {"line_ids": [Command.delete(line.id)]},
                    {"line_ids": [Command.clear()]},
                    {"line_ids": [Command.set([])]},
                    {"line_ids": [Command.unlink(line.id)]},
                    {"line_ids": [Command.link(other.line_ids[0].id)]},
                    {
                        "line_ids": [
                            Command.create({"indicator_id": self.repurchase.id, "target": 1})
                        ]
                    },
                    {"date_to": "2026-08-31"},
                    {"employee_id": self.jonas.id},
                    {"cycle_id": self.cycle.copy({"name": "Other"}).id},
                ):
                    for record in (self._as(who), self._as(who).sudo()):
                        with self.subTest(who=who.name, vals=vals), self._refused(error=Exception):
                            record.write(vals)
                for vals in (
                    {"target": 1},
                    {"weight": 1},
                    {"plan_id": other.id},
                    {"is_dropped": True},
                ):
                    with self._refused(error=Exception):
                        self._as(who, line).sudo().write(vals)
                with self._refused(error=Exception):
                    self._as(who, line).sudo().unlink()
            self.assertEqual(self.plan.state, state)
            self.assertEqual(self._snapshot(), before)

    def test_context_import_and_copy_set_nothing(self):
        fuzz = {
            "default_state": "approved",
            "default_revision_id": 1,
            "bypass_guard": True,
            "expat_kpi_grant": {"covered": ["expat.kpi.plan", [self.plan.id], ["state"]]},
            "force_write": True,
            "install_mode": True,
            "import_file": True,
            "tracking_disable": True,
            "no_check": True,
            "_force_unlink": True,
        }
        plans = self._as(self.wang, self.env["expat.kpi.plan"]).with_context(**fuzz)
        made = plans.create({"cycle_id": self.cycle.id, "employee_id": self.jonas.id})
        self.assertEqual((made.state, made.revision_id.id), ("draft", False))
        self._open()
        with self._refused(error=Exception):
            plans.browse(self.plan.id).write({"state": "approved"})
        with self._refused(error=Exception):
            self._as(self.wang, self._line(self.visits)).with_context(**fuzz).write({"target": 1})
        result = plans.load(
            ["cycle_id/.id", "employee_id/.id", "state"],
            [[str(self.cycle.id), str(self.qiu.id), "approved"]],
        )
        self.assertFalse(result["ids"])
        result = self._as(self.wang, self.env["expat.kpi.signature"]).load(
            ["plan_id/.id", "role"], [[str(self.plan.id), "manager"]]
        )
        self.assertFalse(result["ids"])
        for who in (self.lan, self.chen, self.wang):
            self._sign(who)
        cycle = self.cycle.copy({"date_from": "2026-10-01", "date_to": "2026-12-31"})
        copy = self._as(self.wang).copy({"cycle_id": cycle.id})
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.revision_id | copy.latest_revision_id | copy.revision_ids)
        self.assertFalse(copy.signature_ids or copy.party_ids or copy.proposal_ids)
        self.assertEqual(copy.line_ids.mapped("target"), [12, 100])

    def test_a_plan_with_a_history_is_not_deleted(self):
        self._open()
        self._as(self.wang).action_withdraw()
        for who in (self.wang, self.admin):
            with self._refused(error=Exception):
                self._as(who).unlink()
        with self._refused("history, which stays"):
            self.plan.sudo().unlink()
        fresh = self._create_plan(self.jonas)
        self._as(self.wang, fresh).unlink()

    def test_a_proposal_is_from_who_is_logged_in(self):
        self._open()
        for vals in (
            {"user_id": self.chen.user_id.id},
            {"state": "accepted"},
            {"old_target": 1},
            {"date": "2020-01-01"},
        ):
            with self._refused("set by the system"):
                self._propose(self.lan, self.projects, target=20, **vals)
        proposals = self._as(self.lan, self.env["expat.kpi.proposal"])
        made = proposals.with_context(
            default_user_id=self.chen.user_id.id, default_state="accepted"
        ).create(
            {
                "plan_id": self.plan.id,
                "line_id": self._line(self.projects).id,
                "target": 20,
                "reason": "So it is.",
            }
        )
        self.assertEqual((made.user_id, made.state), (self.lan.user_id, "open"))

    def test_a_line_of_another_plan_is_not_touched(self):
        other = self._create_plan(self.jonas)
        self._open()
        with self._refused(error=Exception):
            self._as(self.lan, self.env["expat.kpi.proposal"]).create(
                {
                    "plan_id": self.plan.id,
                    "line_id": other.line_ids[0].id,
                    "target": 1,
                    "reason": "Theirs.",
                }
            )
        self.assertEqual(other.line_ids.mapped("target"), [12, 100])

    def test_evidence_is_the_proposers_own_and_read_with_the_plan(self):
        self._open()
        attachments = self._as(self.lan, self.env["ir.attachment"])
        own = attachments.create({"name": "prices.csv", "datas": base64.b64encode(b"1")})
        foreign = self.env["ir.attachment"].create(
            {
                "name": "secret",
                "datas": base64.b64encode(b"2"),
                "res_model": "hr.employee",
                "res_id": self.chen.id,
            }
        )
        with self._refused(error=Exception):
            self._propose(
                self.lan, self.projects, target=20, attachment_ids=[Command.set(foreign.ids)]
            )
        proposal = self._propose(
            self.lan, self.projects, target=20, attachment_ids=[Command.set(own.ids)]
        )
        self.assertEqual(proposal.attachment_ids, own)
        self.assertEqual(self._as(self.chen, own).name, "prices.csv")
        self.assertIn("prices.csv", self._last_message())
        with self._refused(error=Exception):
            self._as(self.jonas, own).read(["datas"])

    def test_review_and_close_wait_for_the_days(self):
        self._approve()
        with freeze_time("2026-06-30 02:00:00"):
            with self._refused("has not begun"):
                self._as(self.chen).action_review()
        self._as(self.chen).action_review()
        with self._refused("is not over"):
            self._as(self.wang).action_close()
        with freeze_time("2026-10-01 02:00:00"):
            with self._refused("You are not the one"):
                self._as(self.chen).action_close()
            self._as(self.wang).action_close()
        self.assertEqual(self.plan.state, "closed")
        for verb in ("cancel", "override"):
            with self._refused("is “Closed” by now"):
                self._decide(self.wang, verb)

    def test_helpers_cannot_be_called_from_outside(self):
        """Public methods are callable over RPC: these are all there are."""
        public = {
            name
            for model in (
                "expat.kpi.plan",
                "expat.kpi.proposal",
                "expat.kpi.signature",
                "expat.kpi.revision",
                "expat.kpi.plan.party",
            )
            for cls in type(self.env[model]).__mro__
            if cls.__module__.startswith("odoo.addons.expat_kpi")
            for name in vars(cls)
            if not name.startswith("_") and callable(vars(cls)[name])
        }
        self.assertEqual(
            {name for name in public if not name.startswith("action_")},
            {"create", "write", "unlink", "note_look"},
        )
