import os
import threading

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import SQL, mute_logger

# How often each pair of verbs meets; EXPAT_KPI_RACES=200 for a hunt.
REPEATS = int(os.environ.get("EXPAT_KPI_RACES", "10"))
PEOPLE = ("lan", "chen", "wang")


@tagged("post_install", "-at_install")
class TestPlanRaces(BaseCase):
    """Two people press a button at the same moment, each in a transaction of their own.

    One of them is told what the other did; never is anything mixed. The records are
    committed, as no transaction sees what another has not; the class removes them.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.addClassCleanup(cls._clean)
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            company = env.ref("base.main_company")
            users, employees = {}, {}
            for name in PEOPLE:
                users[name] = env["res.users"].create(
                    {
                        "name": f"Race {name}",
                        "login": f"race_{name}",
                        "company_id": company.id,
                        "company_ids": [(6, 0, company.ids)],
                        "group_ids": [
                            (4, env.ref("base.group_user").id),
                            *(
                                [(4, env.ref("expat_kpi.group_officer").id)]
                                if name == "wang"
                                else []
                            ),
                        ],
                    }
                )
            for name in ("chen", "lan"):
                employees[name] = env["hr.employee"].create(
                    {
                        "name": f"Race {name}",
                        "user_id": users[name].id,
                        "company_id": company.id,
                        "parent_id": employees["chen"].id if name == "lan" else False,
                    }
                )
            cycle = env["expat.kpi.cycle"].create(
                {
                    "name": "Race",
                    "company_id": company.id,
                    "date_from": "2031-01-01",
                    "date_to": "2031-03-31",
                }
            )
            indicators = env["expat.kpi.indicator"].create(
                [
                    {"name": f"Race {number}", "code": f"race_{number}", "formula": "12"}
                    for number in (1, 2)
                ]
            )
            cls.users = {name: user.id for name, user in users.items()}
            cls.employees = {name: one.id for name, one in employees.items()}
            cls.cycle_id, cls.indicator_ids = cycle.id, indicators.ids

    @classmethod
    def _env(cls, cr, uid=SUPERUSER_ID):
        return api.Environment(
            cr, uid, {"no_reset_password": True, "tracking_disable": True, "lang": "en_US"}
        )

    @classmethod
    def _clean(cls):
        """History is not deleted by anybody; what a test has left goes by SQL."""
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            plans = env["expat.kpi.plan"].search([("cycle_id.name", "=", "Race")])
            ids = plans.ids or [0]
            plans.activity_ids.unlink()
            env["mail.message"].search(
                [
                    ("model", "=", "expat.kpi.adjustment"),
                    ("res_id", "in", plans.adjustment_ids.ids),
                ]
            ).unlink()
            env["mail.message"].search(
                [("model", "=", "expat.kpi.plan"), ("res_id", "in", ids)]
            ).unlink()
            env.flush_all()
            for statement in (
                "UPDATE expat_kpi_adjustment SET event_id = NULL WHERE plan_id = ANY(%s)",
                (
                    "DELETE FROM expat_kpi_event WHERE id IN"
                    " (SELECT event_id FROM expat_kpi_event_plan WHERE plan_id = ANY(%s))"
                ),
                "UPDATE expat_kpi_plan SET open_adjustment_id = NULL WHERE id = ANY(%s)",
                "DELETE FROM expat_kpi_adjustment WHERE plan_id = ANY(%s)",
                "UPDATE expat_kpi_plan SET revision_id = NULL WHERE id = ANY(%s)",
                "UPDATE expat_kpi_plan SET latest_revision_id = NULL WHERE id = ANY(%s)",
                "UPDATE expat_kpi_plan_party SET signature_id = NULL WHERE plan_id = ANY(%s)",
                "UPDATE expat_kpi_proposal SET revision_id = NULL WHERE plan_id = ANY(%s)",
                "UPDATE expat_kpi_proposal SET counter_to_id = NULL WHERE plan_id = ANY(%s)",
                "UPDATE expat_kpi_plan SET open_adjustment_id = NULL WHERE id = ANY(%s)",
                "DELETE FROM expat_kpi_adjustment WHERE plan_id = ANY(%s)",
                "DELETE FROM expat_kpi_signature WHERE plan_id = ANY(%s)",
                "DELETE FROM expat_kpi_revision WHERE plan_id = ANY(%s)",
                "DELETE FROM expat_kpi_proposal WHERE plan_id = ANY(%s)",
                "DELETE FROM expat_kpi_plan WHERE id = ANY(%s)",
            ):
                cr.execute(SQL(statement, ids))
            env.invalidate_all()
            env["expat.kpi.cycle"].search([("name", "=", "Race")]).unlink()
            env["expat.kpi.indicator"].search([("code", "=like", "race_%")]).unlink()
            env["hr.employee"].search([("name", "=like", "Race %")]).unlink()
            users = env["res.users"].search([("login", "=like", "race_%")])
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    def _make_plan(self, *, signed=(), targets=()):
        """A fresh plan in negotiation, signed by some, with proposals of Lan's."""
        with self.registry.cursor() as cr:
            env = self._env(cr)
            old = env["expat.kpi.plan"].search(
                [("cycle_id", "=", self.cycle_id), ("state", "!=", "cancelled")]
            )
            for plan in old:
                plan.with_user(self.users["wang"])._cancel("Another race.")
            plan = env["expat.kpi.plan"].create(
                {
                    "cycle_id": self.cycle_id,
                    "employee_id": self.employees["lan"],
                    "line_ids": [
                        (0, 0, {"indicator_id": one, "target": 100, "weight": 50})
                        for one in self.indicator_ids
                    ],
                }
            )
            plan.with_user(self.users["wang"]).action_open()
            content = plan.latest_revision_id.content_hash
            proposals = [
                env["expat.kpi.proposal"]
                .with_user(self.users["lan"])
                .create(
                    {
                        "plan_id": plan.id,
                        "line_id": plan.line_ids[0].id,
                        "target": target,
                        "reason": "So it is.",
                    }
                )
                .id
                for target in targets
            ]
            for name in signed:
                plan.with_user(self.users[name]).action_sign_content(content)
            return plan.id, content, proposals

    def _race(self, *runners):
        """Let them start at once, each as a request does: what PostgreSQL stops is
        played again. Returns for each "done" or the sentence that was told."""
        barrier = threading.Barrier(len(runners))
        results = [None] * len(runners)

        def run(number, user, function):
            barrier.wait()
            for _attempt in range(10):
                try:
                    with self.registry.cursor() as cr:
                        function(self._env(cr, self.users[user]))
                        cr.flush()
                    results[number] = "done"
                    return
                except UserError as error:
                    results[number] = str(error)
                    return
                except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                    continue

        threads = [
            threading.Thread(target=run, args=(number, *runner))
            for number, runner in enumerate(runners)
        ]
        with mute_logger("odoo.sql_db"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertNotIn(None, results, "neither done nor told why not")
        return results

    def _look(self, plan_id):
        """What has become of the plan, and what holds whoever won."""
        with self.registry.cursor() as cr:
            plan = self._env(cr)["expat.kpi.plan"].browse(plan_id)
            latest = plan.latest_revision_id
            lines = [line.target for line in plan.line_ids]
            self.assertEqual([line["target"] for line in latest._content()["lines"]], lines)
            self.assertTrue(latest._is_intact())
            numbers = plan.revision_ids.mapped("number")
            self.assertEqual(sorted(numbers), list(range(1, len(numbers) + 1)))
            counted = plan.party_ids.signature_id
            self.assertEqual(
                set(counted.mapped("content_hash")) - {latest.content_hash}, set(), "mixed"
            )
            has_all = all(party.signature_id for party in plan.party_ids)
            self.assertEqual(plan.state == "approved", has_all)
            return {
                "state": plan.state,
                "number": latest.number,
                "target": lines[0],
                "signed": len(counted),
                "proposals": plan.proposal_ids.sorted("id").mapped("state"),
            }

    def _draft(self, plan_id, user, target):
        """A draft of an adjustment, in an environment of the user's or by its own."""

        def make(env):
            plan = env["expat.kpi.plan"].browse(plan_id)
            return env["expat.kpi.adjustment"].create(
                {
                    "plan_id": plan_id,
                    "reason": "So it is.",
                    "date_from": "2031-02-01",
                    "line_ids": [
                        (
                            0,
                            0,
                            {"indicator_id": plan.line_ids[0].indicator_id.id, "target": target},
                        )
                    ],
                }
            )

        if user is None:
            return make
        with self.registry.cursor() as cr:
            return make(self._env(cr, self.users[user])).id

    def _propose(self, adjustment_id):
        return lambda env: env["expat.kpi.adjustment"].browse(adjustment_id).action_propose()

    def _make_adjusting(self, *signed):
        """An approved plan with an open adjustment of Chen's; (plan, content, adjustment)."""
        plan_id, _content, _none = self._make_plan(signed=PEOPLE)
        adjustment_id = self._draft(plan_id, "chen", 20)
        with self.registry.cursor() as cr:
            self._propose(adjustment_id)(self._env(cr, self.users["chen"]))
        with self.registry.cursor() as cr:
            plan = self._env(cr)["expat.kpi.plan"].browse(plan_id)
            content = plan.latest_revision_id.content_hash
        for name in signed:
            with self.registry.cursor() as cr:
                self._sign(plan_id, content)(self._env(cr, self.users[name]))
        return plan_id, content, adjustment_id

    def _look_adjusting(self, plan_id):
        """What has become of an approved plan, and what holds whoever won."""
        with self.registry.cursor() as cr:
            plan = self._env(cr)["expat.kpi.plan"].browse(plan_id)
            in_force, lines = plan.revision_id, plan.line_ids
            self.assertEqual(
                [(one["target"], one.get("slices")) for one in in_force._content()["lines"]],
                [(line.target, line.slices or None) for line in lines],
                "the lines are what is in force",
            )
            signed = in_force.signature_ids.mapped("role")
            self.assertEqual(sorted(signed), ["expat", "hr", "manager"])
            is_open = bool(plan.open_adjustment_id)
            self.assertEqual(plan.latest_revision_id == in_force, not is_open)
            states = plan.adjustment_ids.sorted("id").mapped("state")
            self.assertEqual(states.count("proposed"), is_open)
            self.assertEqual(plan.state == "adjusted", "in_force" in states)
            counted = plan.party_ids.signature_id
            self.assertLessEqual(counted.revision_id, plan.latest_revision_id, "mixed")
            return {"state": plan.state, "adjustments": states, "signed": len(counted)}

    def test_approving_signature_against_an_adjustment(self):
        for repeat in range(REPEATS):
            plan_id, content, _none = self._make_plan(signed=["lan", "wang"])
            make = self._draft(plan_id, None, 20)
            signing, adjusting = self._race(
                ("chen", self._sign(plan_id, content)),
                ("lan", lambda env, make=make: make(env).action_propose()),
            )
            found = self._look_adjusting(plan_id)
            with self.subTest(repeat=repeat, found=found, told=(signing, adjusting)):
                self.assertEqual((signing, found["state"]), ("done", "approved"))
                if adjusting == "done":
                    self.assertEqual((found["adjustments"], found["signed"]), (["proposed"], 0))
                else:
                    self.assertIn("Negotiation", adjusting)
                    self.assertEqual((found["adjustments"], found["signed"]), ([], 3))

    def test_two_adjust_at_once(self):
        for repeat in range(REPEATS):
            plan_id, _content, _none = self._make_plan(signed=PEOPLE)
            drafts = [self._draft(plan_id, name, 20) for name in ("chen", "wang")]
            results = self._race(
                ("chen", self._propose(drafts[0])), ("wang", self._propose(drafts[1]))
            )
            found = self._look_adjusting(plan_id)
            with self.subTest(repeat=repeat, found=found, results=results):
                self.assertEqual(results.count("done"), 1, "one is told")
                self.assertEqual(sorted(found["adjustments"]), ["draft", "proposed"])

    def test_last_signature_on_an_adjustment_against_refusing_it(self):
        for repeat in range(REPEATS):
            plan_id, content, _adjustment = self._make_adjusting("chen", "lan")
            signing, refusing = self._race(
                ("wang", self._sign(plan_id, content)),
                (
                    "lan",
                    lambda env, plan_id=plan_id: (
                        env["expat.kpi.plan"].browse(plan_id)._refuse_adjustment("No.")
                    ),
                ),
            )
            found = self._look_adjusting(plan_id)
            with self.subTest(repeat=repeat, found=found, told=(signing, refusing)):
                self.assertEqual([signing, refusing].count("done"), 1, "one is told")
                wanted = (
                    ("adjusted", ["in_force"])
                    if signing == "done"
                    else (
                        "approved",
                        ["refused"],
                    )
                )
                self.assertEqual((found["state"], found["adjustments"]), wanted)

    def _sign(self, plan_id, content):
        return lambda env: env["expat.kpi.plan"].browse(plan_id).action_sign_content(content)

    def _accept(self, proposal_id):
        return lambda env: env["expat.kpi.proposal"].browse(proposal_id).action_accept()

    def test_last_signature_against_a_change_of_the_content(self):
        for repeat in range(REPEATS):
            plan_id, content, [proposal] = self._make_plan(signed=["chen"], targets=[20])
            # Lan signed before proposing would withdraw; so Wang signs while Chen accepts.
            signing, accepting = self._race(
                ("wang", self._sign(plan_id, content)), ("chen", self._accept(proposal))
            )
            found = self._look(plan_id)
            with self.subTest(repeat=repeat, found=found):
                if accepting == "done":
                    self.assertEqual(
                        (found["target"], found["number"], found["signed"]), (20, 2, 0)
                    )
                else:
                    self.assertEqual((signing, found["target"]), ("done", 100))

    def test_approving_signature_against_a_proposal(self):
        for repeat in range(REPEATS):
            plan_id, content, _none = self._make_plan(signed=["lan", "wang"])
            with self.registry.cursor() as cr:
                line_id = self._env(cr)["expat.kpi.plan"].browse(plan_id).line_ids[0].id

            def propose(env, plan_id=plan_id, line_id=line_id):
                env["expat.kpi.proposal"].create(
                    {"plan_id": plan_id, "line_id": line_id, "target": 20, "reason": "So."}
                )

            signing, proposing = self._race(
                ("chen", self._sign(plan_id, content)), ("lan", propose)
            )
            found = self._look(plan_id)
            with self.subTest(repeat=repeat, found=found, told=(signing, proposing)):
                if signing == "done":
                    self.assertEqual((found["state"], found["target"]), ("approved", 100))
                    self.assertNotIn("open", found["proposals"])
                else:
                    self.assertEqual(proposing, "done")

    def test_who_looked_before_the_other_wrote_is_stopped(self):
        """Without threads: a view of the database that is older than the other's deed."""
        plan_id, content, _none = self._make_plan(signed=["lan", "wang"])

        def propose(env):
            plan = env["expat.kpi.plan"].browse(plan_id)
            env["expat.kpi.proposal"].create(
                {
                    "plan_id": plan_id,
                    "line_id": plan.line_ids[0].id,
                    "target": 20,
                    "reason": "So.",
                }
            )

        with self.registry.cursor() as late:
            env = self._env(late, self.users["chen"])
            self.assertEqual(env["expat.kpi.plan"].browse(plan_id).state, "negotiation")
            with self.registry.cursor() as early:
                propose(self._env(early, self.users["wang"]))
                early.flush()
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY),
            ):
                self._sign(plan_id, content)(env)
            late.rollback()
            # Played again, as a request is: it sees the proposal, and lets it lapse.
            self._sign(plan_id, content)(self._env(late, self.users["chen"]))
        found = self._look(plan_id)
        self.assertEqual((found["state"], found["proposals"]), ("approved", ["lapsed"]))

    def test_two_accept_rival_proposals(self):
        for repeat in range(REPEATS):
            plan_id, _content, [first, second] = self._make_plan(targets=[20, 30])
            results = self._race(("chen", self._accept(first)), ("wang", self._accept(second)))
            found = self._look(plan_id)
            with self.subTest(repeat=repeat, found=found, results=results):
                self.assertEqual(results.count("done"), 1, "one is told")
                self.assertEqual(found["target"], 20 if results[0] == "done" else 30)
                self.assertEqual(found["number"], 2)
                self.assertEqual(sorted(found["proposals"]), ["accepted", "open"])

    def test_two_accept_the_same_proposal(self):
        for repeat in range(REPEATS):
            plan_id, _content, [proposal] = self._make_plan(targets=[20])
            results = self._race(("chen", self._accept(proposal)), ("wang", self._accept(proposal)))
            found = self._look(plan_id)
            with self.subTest(repeat=repeat, found=found, results=results):
                self.assertEqual(results.count("done"), 1)
                self.assertEqual((found["number"], found["target"]), (2, 20))

    def test_two_propose_the_same_event(self):
        for repeat in range(REPEATS):
            plan_id, _content, _none = self._make_plan(signed=["lan", "chen", "wang"])
            with self.registry.cursor() as cr:
                event = (
                    self._env(cr, self.users["wang"])["expat.kpi.event"]
                    .create(
                        {
                            "name": "Race",
                            "date_from": "2031-02-01",
                            "plan_domain": f"[('id', '=', {plan_id})]",
                            "line_ids": [
                                (0, 0, {"indicator_id": self.indicator_ids[0], "target": 50})
                            ],
                        }
                    )
                    .id
                )

            def propose(env, event=event):
                env["expat.kpi.event"].browse(event).action_propose()

            results = self._race(("wang", propose), ("wang", propose))
            with self.registry.cursor() as cr:
                env = self._env(cr)
                made = env["expat.kpi.adjustment"].search([("event_id", "=", event)])
                with self.subTest(repeat=repeat, results=results):
                    self.assertIn("done", results)
                    self.assertEqual(made.mapped("state"), ["proposed"])
                    self.assertEqual(env["expat.kpi.event"].browse(event).made_count, 1)
                    self.assertEqual(
                        env["expat.kpi.plan"].browse(plan_id).latest_revision_id.number, 2
                    )
