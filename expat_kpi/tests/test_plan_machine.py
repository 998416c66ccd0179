import os
import sys
from collections import Counter

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .plan_common import PlanCase

# Those who may do something come more often than those who may not.
ANYBODY = st.sampled_from(
    ("lan", "lan", "chen", "chen", "wang", "wang", "qiu", "zhou", "boss", "robot")
)
# How many sequences of 25 deeds are tried; EXPAT_KPI_MACHINE=2000 for a hunt.
EXAMPLES = int(os.environ.get("EXPAT_KPI_MACHINE", "30"))


class Model:
    """The plan as it should be, in plain values. Content: {indicator: (target, weight)}."""

    def __init__(self):
        self.state = "draft"
        self.manager = "chen"
        self.version = 0
        self.content = {"visits": (12, 60), "projects": (100, 40)}
        self.agreed = None  # the content in force
        self.agreed_signed = {}  # … and who has signed that
        self.signed = {}  # party: (person, content signed)
        self.override = False
        self.overdue = False
        self.proposals = []  # [proposer, indicator, old, new, is open]
        self.adjustment = None  # (proposer, content that it makes)

    def is_hr(self, who):
        return who in ("wang", "zhou")

    def is_party(self, who):
        return who in ("lan", self.manager) or self.is_hr(who)

    def parties(self, who):
        return [
            party
            for party, holds in (
                ("expat", who == "lan"),
                ("manager", who == self.manager),
                ("hr", self.is_hr(who)),
            )
            if holds and party not in self.signed
        ]

    def weights(self):
        return sum(weight for _target, weight in self.content.values())

    def renew(self):
        self.version += 1
        self.signed = {}

    def lapse(self):
        for proposal in self.proposals:
            proposal[4] = False

    @property
    def is_consenting(self):
        return self.state == "negotiation" or self.adjustment is not None

    @property
    def is_in_force(self):
        return self.state in ("approved", "adjusted")

    def end_adjustment(self):
        """What was agreed stays; who had signed that has signed again."""
        self.adjustment = None
        self.signed = dict(self.agreed_signed)


# Where a run begins with an approved plan, the deeds of the negotiation would fill it with
# refusals; the other runs try those.
talk = precondition(lambda self: not self.is_settled)


class Machine(RuleBasedStateMachine):
    """Deeds of people, on the plan and on the model side by side."""

    case = None  # the test
    people = {}
    employees = {}
    done = None  # Counter of (verb, state) that went through

    @initialize(
        start=st.sampled_from(
            ("negotiation", "negotiation", "deadlock", "approved", "approved", "draft")
        )
    )
    def begin(self, start):
        self.case.env.flush_all()
        self.savepoint = self.case.env.cr.savepoint(flush=False)
        self.case.env.invalidate_all(flush=False)
        self.model = Model()
        self.records = []
        self.hashes = [False]
        self.plan = self.case.plan
        self.is_settled = start == "approved"
        if start != "draft":
            self.open("wang")
        if start == "approved":
            self.sign_one_after_another(("lan", "manager", "wang"), 3)
        elif start == "deadlock":
            self.deadline_passes()
            self.override("wang", "It must go on.")

    def teardown(self):
        if hasattr(self, "savepoint"):
            self.case.env.flush_all()
            self.savepoint.close(rollback=True)
            self.case.env.invalidate_all(flush=False)

    def attempt(self, is_allowed, function):
        """Do it: it must be refused with a sentence, or done, as the model says."""
        try:
            with self.case.env.cr.savepoint():
                function()
        except UserError:
            self.case.env.invalidate_all(flush=False)
            assert not is_allowed, "refused, though it is allowed"
            return False
        assert is_allowed, "done, though nobody may"
        self.done[sys._getframe(1).f_code.co_name.strip("_"), self.model.state] += 1
        return True

    def by(self, who):
        return self.case._as(self.people[who], self.plan)

    # -- the verbs

    @talk
    @rule(who=ANYBODY)
    def open(self, who):
        model = self.model
        may = model.is_hr(who) or who == model.manager
        allowed = model.state == "draft" and may and model.weights() == 100
        if self.attempt(allowed, self.by(who).action_open):
            model.state, model.overdue = "negotiation", False
            model.renew()
            self.hashes.append(self.plan.latest_revision_id.content_hash)

    @talk
    @rule(who=ANYBODY)
    def withdraw(self, who):
        model = self.model
        allowed = model.state == "negotiation" and (model.is_hr(who) or who == model.manager)
        if self.attempt(allowed, self.by(who).action_withdraw):
            model.state, model.signed = "draft", {}
            model.lapse()

    @rule(who=ANYBODY, age=st.sampled_from((0, 0, 0, 0, 1, 2)))
    def sign(self, who, age):
        model = self.model
        content = self.hashes[-1 - min(age, len(self.hashes) - 1)]
        is_latest = model.version and content == self.hashes[-1]
        mine = model.parties(who)
        signable = model.is_consenting and (model.adjustment or model.weights() == 100)
        allowed = signable and is_latest and mine
        if self.attempt(bool(allowed), lambda: self.by(who).action_sign_content(content)):
            said = model.adjustment[1] if model.adjustment else model.content
            for party in mine:
                model.signed[party] = (who, dict(said))
            for proposal in model.proposals:
                proposal[4] = proposal[4] and proposal[0] != who
            if len(model.signed) == 3 and model.adjustment:
                model.content = model.agreed = model.adjustment[1]
                model.state, model.adjustment = "adjusted", None
                model.agreed_signed = dict(model.signed)
                model.override = False
            elif len(model.signed) == 3:
                self.approve()

    @rule(
        first=st.permutations(("lan", "manager", "wang")),
        count=st.sampled_from((2, 2, 3)),
    )
    def sign_one_after_another(self, first, count):
        """What random deeds would seldom come to: nearly all of the signatures."""
        for who in first[:count]:
            self.sign(self.model.manager if who == "manager" else who, 0)

    @talk
    @rule(name=st.sampled_from(("visits", "projects")), who=st.sampled_from(("lan", "wang")))
    def agree_on_a_change(self, name, who):
        """Propose 5 more; not the proposer, but the manager accepts."""
        target, weight = self.model.content[name]
        if self._propose(who, name, target + 5, weight):
            number = len(self.model.proposals) - 1
            self.answer(who, number, "accept")
            self.answer(self.model.manager, number, "accept")

    def approve(self):
        self.model.state, self.model.agreed = "approved", dict(self.model.content)
        self.model.agreed_signed = dict(self.model.signed)
        self.model.lapse()

    @rule(who=ANYBODY, reason=st.sampled_from(("It must go on.", " ")))
    def override(self, who, reason):
        model = self.model
        allowed = (
            model.state == "negotiation"
            and model.is_hr(who)
            and model.overdue
            and reason.strip()
            and model.weights() == 100
        )
        if self.attempt(
            bool(allowed), lambda: self.case._decide(self.people[who], "override", reason)
        ):
            model.override = True
            self.approve()

    @talk
    @rule()
    def take_back(self):
        self.withdraw("wang")
        self.open("wang")

    @talk
    @rule(who=ANYBODY, is_end=st.booleans())
    def deadlock(self, who, is_end):
        self.deadline_passes()
        self.override("wang", "It must go on.")
        self.review(who)
        if is_end:
            self.cancel("wang")

    # The end of everything comes late, or there is little to see.
    @precondition(lambda self: self.model.version > 2 or self.model.state == "review")
    @rule(who=ANYBODY)
    def cancel(self, who):
        model = self.model
        allowed = model.state not in ("closed", "cancelled") and model.is_hr(who)
        if self.attempt(allowed, lambda: self.case._decide(self.people[who], "cancel")):
            if model.state == "negotiation":
                model.signed = {}
            elif model.adjustment:
                model.end_adjustment()
            model.state = "cancelled"
            model.lapse()

    @precondition(lambda self: not self.is_settled or self.model.version > 2)
    @rule(who=ANYBODY)
    def review(self, who):
        model = self.model
        allowed = model.is_in_force and (model.is_hr(who) or who == model.manager)
        if self.attempt(allowed, self.by(who).action_review):
            if model.adjustment:
                model.end_adjustment()
            model.state = "review"

    # -- adjustments: of the whole period, so that the plain content says it all

    @precondition(lambda self: self.model.is_in_force or self.model.version == 1)
    @rule(
        who=ANYBODY,
        name=st.sampled_from(("visits", "projects")),
        aim=st.sampled_from((6, 21, 101)),
    )
    def adjust(self, who, name, aim):
        self._adjust(who, name, aim)

    @precondition(lambda self: self.model.is_in_force and not self.model.adjustment)
    @rule(aim=st.sampled_from((7, 22)), count=st.sampled_from((2, 3, 3)))
    def adjust_and_sign(self, aim, count):
        """What random deeds would seldom come to."""
        if self._adjust("wang", "visits", aim):
            for who in ("lan", self.model.manager, "wang")[:count]:
                self.sign(who, 0)

    @precondition(lambda self: self.model.is_in_force and not self.model.adjustment)
    @rule(signer=st.sampled_from(("lan", "wang")), who=st.sampled_from(("lan", "wang")))
    def adjust_in_vain(self, signer, who):
        """One has signed, and one says no."""
        if self._adjust("wang", "projects", self.model.content["projects"][0] + 1):
            self.sign(signer, 0)
            self.end_adjustment(who, "retract" if who == "wang" else "refuse")

    def _adjust(self, who, name, aim):
        model = self.model
        allowed = (
            model.is_in_force
            and model.adjustment is None
            and model.is_party(who)
            and model.content[name][0] != aim
        )

        def deed():
            record = self.case._as(self.people[who], self.case.env["expat.kpi.adjustment"])
            indicator = getattr(self.case, name)
            record.create(
                {
                    "plan_id": self.plan.id,
                    "reason": "So it is.",
                    "method": "restated",
                    "date_from": "2026-07-01",
                    "line_ids": [(0, 0, {"indicator_id": indicator.id, "target": aim})],
                }
            ).action_propose()

        if self.attempt(allowed, deed):
            content = {**model.content, name: (aim, model.content[name][1])}
            model.adjustment = (who, content)
            model.renew()
            self.hashes.append(self.plan.latest_revision_id.content_hash)
            return True
        return False

    @precondition(lambda self: self.model.is_in_force)
    @rule(who=ANYBODY, verb=st.sampled_from(("refuse", "retract")))
    def end_adjustment(self, who, verb):
        model = self.model
        is_own = bool(model.adjustment) and model.adjustment[0] == who
        allowed = (
            model.adjustment is not None and model.is_party(who) and is_own == (verb == "retract")
        )
        function = (
            self.by(who).action_retract
            if verb == "retract"
            else lambda: self.case._decide(self.people[who], "refuse")
        )
        if self.attempt(allowed, function):
            model.end_adjustment()
            # What was signed before is the latest again.
            self.hashes.append(self.plan.latest_revision_id.content_hash)

    @rule(who=ANYBODY)
    def close(self, who):
        # The period is not over.
        self.attempt(False, self.by(who).action_close)

    @talk
    @rule(
        who=ANYBODY,
        name=st.sampled_from(("visits", "projects")),
        aim=st.sampled_from((5, 20, 100)),
        weight=st.sampled_from((40, 50, 60)),
    )
    def propose(self, who, name, aim, weight):
        self._propose(who, name, aim, weight)

    def _propose(self, who, name, aim, weight):
        model = self.model
        old, new = model.content[name], (aim, weight)
        allowed = model.state == "negotiation" and model.is_party(who) and old != new
        made = []
        if self.attempt(
            allowed,
            lambda: made.append(
                self.case._propose(
                    self.people[who], getattr(self.case, name), target=aim, weight=weight
                )
            ),
        ):
            model.proposals.append([who, name, old, new, True])
            self.records.append(made[0].sudo())
            return True
        return False

    @talk
    @rule(who=ANYBODY, number=st.integers(0, 2), verb=st.sampled_from(("accept", "refuse")))
    def answer(self, who, number, verb):
        model = self.model
        if number >= len(model.proposals):
            return
        proposal = model.proposals[number]
        proposer, name, old, new, is_open = proposal
        now = model.content[name]
        fits = all(old[at] == new[at] or old[at] == now[at] for at in (0, 1))
        allowed = (
            model.state == "negotiation"
            and model.is_party(who)
            and who != proposer
            and is_open
            and (verb == "refuse" or fits)
        )
        record = self.case._as(self.people[who], self.records[number])
        function = (
            record.action_accept
            if verb == "accept"
            else lambda: self.case._decide(self.people[who], "refuse", proposal=record)
        )
        if self.attempt(allowed, function):
            proposal[4] = False
            if verb == "accept":
                model.content[name] = tuple(
                    new[at] if old[at] != new[at] else now[at] for at in (0, 1)
                )
                model.renew()
                self.hashes.append(self.plan.latest_revision_id.content_hash)

    # -- ways around the verbs

    @rule(
        who=ANYBODY,
        vals=st.sampled_from(
            (
                {"state": "approved"},
                {"state": "draft"},
                {"revision_id": False},
                {"latest_revision_id": False},
                {"signature_ids": [(0, 0, {"role": "manager"})]},
                {"party_ids": [(5, 0, 0)]},
            )
        ),
    )
    def write_guarded(self, who, vals):
        plan = self.by(who).with_context(default_state="approved", force=True)
        self.attempt(False, lambda: plan.write(vals))
        self.attempt(False, lambda: plan.sudo().write(vals))

    @talk
    @rule(who=ANYBODY, aim=st.sampled_from((12, 30)))
    def write_line(self, who, aim):
        model = self.model
        line = self.case._as(self.people[who], self.case._line(self.case.visits))
        is_superuser = who == "robot"
        allowed = model.state == "draft" and (model.is_hr(who) or is_superuser)
        if self.attempt(allowed, lambda: line.write({"target": aim})):
            model.content["visits"] = (aim, model.content["visits"][1])

    # -- what happens around it

    @rule()
    def deadline_passes(self):
        if self.model.is_consenting:
            self.plan._set_guarded({"date_deadline": "2026-06-30"})
            self.plan._nudge()
            self.model.overdue = True

    @rule(who=st.sampled_from(("chen", "qiu")))
    def manager_changes(self, who):
        model = self.model
        self.case.lan.parent_id = self.employees[who]
        if model.manager != who and model.state not in ("closed", "cancelled"):
            model.manager = who
            if model.is_consenting:
                model.signed.pop("manager", None)

    # -- what must hold at any time

    @invariant()
    def plan_is_as_the_model_says(self):
        if not hasattr(self, "model"):
            return
        plan, model = self.plan, self.model
        assert plan.state == model.state
        content = {
            name: (line.target, line.weight)
            for name in ("visits", "projects")
            for line in self.case._line(getattr(self.case, name))
        }
        assert content == model.content
        assert bool(plan.open_adjustment_id) == (model.adjustment is not None)
        if model.is_consenting or model.is_in_force:
            roles = {party.role for party in plan.party_ids if party.signature_id}
            assert roles == set(model.signed)

    @invariant()
    def approved_means_all_signed_the_same_content_or_an_override(self):
        if not hasattr(self, "model"):
            return
        plan = self.plan
        in_force = plan.state in ("approved", "adjusted", "review", "closed")
        # In negotiation nothing is in force, and all may have signed nothing but the latest.
        stands = plan.revision_id if in_force else plan.latest_revision_id
        signed = plan.signature_ids.filtered(
            lambda one: one.content_hash == stands.content_hash and one.revision_id == stands
        )
        is_overridden = "override" in signed.mapped("kind")
        if plan.open_adjustment_id:
            # The parties are asked for something else; what they had signed stands in history.
            held = set(signed.filtered(lambda one: one.kind == "signature").mapped("role"))
        else:
            held = {
                party.role
                for party in plan.party_ids
                if party.signature_id in signed and party.signature_id.kind == "signature"
            }
        has_all = bool(plan.party_ids) and held == set(plan.party_ids.mapped("role"))
        if plan.state != "cancelled" and plan.state != "draft":
            assert in_force == bool(has_all or is_overridden)
        if in_force:
            is_waiting = bool(plan.open_adjustment_id)
            assert (plan.revision_id == plan.latest_revision_id) == (not is_waiting)
            assert plan.revision_id._is_intact()
            lines = plan.revision_id._content()["lines"]
            assert [(line["target"], line["weight"]) for line in lines] == [
                self.model.agreed[name] for name in ("visits", "projects")
            ]


@tagged("post_install", "-at_install")
class TestPlanMachine(PlanCase):
    """Everybody tries everything in any order: nothing happens but what the design allows."""

    def test_no_illegal_edge(self):
        people = {
            "lan": self.lan.user_id,
            "chen": self.chen.user_id,
            "wang": self.wang,
            "zhou": self.zhou,
            "boss": self.boss.user_id,
            "qiu": self.qiu.user_id,
            "robot": self.env.ref("base.user_root"),
        }
        employees = {"chen": self.chen, "qiu": self.qiu}
        done = Counter()
        with mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_model"):
            run_state_machine_as_test(
                type(
                    "PlanMachine",
                    (Machine,),
                    {"case": self, "people": people, "employees": employees, "done": done},
                ),
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=25,
                    deadline=None,
                    derandomize=True,
                    database=None,
                    phases=(Phase.generate,),
                    suppress_health_check=list(HealthCheck),
                ),
            )
        # It is worth something only if all of it has happened.
        verbs = {verb for verb, _state in done}
        self.assertLessEqual(
            {
                "open",
                "withdraw",
                "propose",
                "answer",
                "sign",
                "override",
                "cancel",
                "review",
                "adjust",
                "end_adjustment",
            },
            verbs,
        )
