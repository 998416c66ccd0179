"""The table of transitions: the states of the design, who may, what must hold."""

import math

import pytest
from engine.lifecycle import (
    CONDITIONS,
    ERRORS,
    ROLES,
    STATES,
    TRANSITIONS,
    VERBS,
    LifecycleError,
    Situation,
    parties_problem,
    roles_of,
    step,
    table,
    verbs,
)
from hypothesis import given
from hypothesis import strategies as st

SOUND = {"weights": (60.0, 40.0)}

# (state, verb, role) -> the state that it leads to, where all that must hold does.
ALLOWED = {
    **{("draft", "open", role): "negotiation" for role in ("hr", "manager")},
    **{("negotiation", "withdraw", role): "draft" for role in ("hr", "manager")},
    **{
        ("negotiation", verb, role): "negotiation"
        for verb in ("propose", "answer", "accept")
        for role in ROLES
    },
    ("negotiation", "sign", "signatory"): "approved",
    ("negotiation", "override", "hr"): "approved",
    **{
        (state, verb, role): state
        for state in ("approved", "adjusted")
        for verb in ("adjust", "refuse", "retract")
        for role in ROLES
    },
    **{(state, "sign", "signatory"): "adjusted" for state in ("approved", "adjusted")},
    **{
        (state, "review", role): "review"
        for state in ("approved", "adjusted")
        for role in ("hr", "manager")
    },
    ("review", "close", "hr"): "closed",
    **{
        (state, "cancel", "hr"): "cancelled"
        for state in ("draft", "negotiation", "approved", "adjusted", "review")
    },
}
ALL_HOLDS = Situation(
    **SOUND,
    deadline_passed=True,
    reason="They do not agree.",
    has_begun=True,
    is_over=True,
)
# … of which these verbs need something else.
HOLDS_FOR = {
    "sign": {"is_adjustment_open": True},
    "refuse": {"is_adjustment_open": True},
    "retract": {"is_adjustment_open": True, "is_own_adjustment": True},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", ROLES)
def test_each_cell_of_the_table(state, verb, role):
    wanted = ALLOWED.get((state, verb, role))
    assert (verb in verbs(state, {role})) == (wanted is not None)
    if wanted is None:
        with pytest.raises(LifecycleError) as error:
            step(state, verb, {role}, ALL_HOLDS)
        assert error.value.code in ("wrong_state", "wrong_role")
    else:
        now = Situation(**{**ALL_HOLDS.__dict__, **HOLDS_FOR.get(verb, {})})
        assert step(state, verb, {role}, now).target == wanted


def test_nothing_leads_out_of_closed_and_cancelled():
    assert not {row.source for row in TRANSITIONS} & {"closed", "cancelled"}


def test_every_state_can_be_reached():
    reached = {"draft"}
    for _round in STATES:
        reached |= {row.target for row in TRANSITIONS if row.source in reached}
    assert reached == set(STATES)


def test_approved_only_by_the_last_signature_or_a_named_override():
    rows = {
        row.verb: row
        for row in TRANSITIONS
        if row.target == "approved" and row.source != "approved"
    }
    assert set(rows) == {"sign", "override"}
    assert "last_signature" in rows["sign"].conditions
    assert {"deadline_passed", "has_reason"} <= set(rows["override"].conditions)
    for row in rows.values():
        assert {"content_current", "weights_100", "lines_sound"} <= set(row.conditions)


@pytest.mark.parametrize(
    ("verb", "changes", "code"),
    [
        ("sign", {"content_current": False}, "content_current"),
        ("sign", {"can_sign": False}, "can_sign"),
        ("sign", {"weights": (99.5,)}, "weights_100"),
        ("sign", {"weights": (), "line_problems": ()}, "has_lines"),
        ("sign", {"line_problems": ("Visits",)}, "lines_sound"),
        ("override", {"deadline_passed": False}, "deadline_passed"),
        ("override", {"reason": "  "}, "has_reason"),
        ("override", {"weights": (float("nan"),)}, "weights_100"),
        ("accept", {"is_own_proposal": True}, "not_own_proposal"),
        ("accept", {"is_proposal_open": False}, "proposal_open"),
        ("answer", {"is_own_proposal": True}, "not_own_proposal"),
        ("cancel", {"reason": ""}, "has_reason"),
    ],
)
def test_names_the_condition_that_fails(verb, changes, code):
    now = Situation(**{**ALL_HOLDS.__dict__, **changes})
    with pytest.raises(LifecycleError) as error:
        step("negotiation", verb, ROLES, now)
    assert error.value.code == code


def test_a_signature_too_few_leaves_the_plan_in_negotiation():
    now = Situation(**SOUND, signatures_missing=1)
    assert step("negotiation", "sign", {"signatory"}, now).target == "negotiation"


OPEN = {**SOUND, "is_adjustment_open": True}


def test_adjusted_only_by_the_last_signature_on_an_adjustment():
    rows = [row for row in TRANSITIONS if row.target == "adjusted" and row.source != "adjusted"]
    assert [(row.source, row.verb) for row in rows] == [("approved", "sign")]
    assert {"last_signature", "adjustment_open", "content_current", "past_agreed"} <= set(
        rows[0].conditions
    )


@pytest.mark.parametrize("state", ["approved", "adjusted"])
@pytest.mark.parametrize(
    ("verb", "changes", "code"),
    [
        ("adjust", {}, "no_adjustment_open"),
        ("adjust", {"is_adjustment_open": False, "reason": " "}, "has_reason"),
        ("sign", {"is_adjustment_open": False}, "adjustment_open"),
        ("sign", {"past_agreed": False}, "past_agreed"),
        ("sign", {"content_current": False}, "content_current"),
        ("sign", {"can_sign": False}, "can_sign"),
        ("refuse", {"is_adjustment_open": False}, "adjustment_open"),
        ("refuse", {"is_own_adjustment": True}, "not_own_adjustment"),
        ("refuse", {"reason": ""}, "has_reason"),
        ("retract", {}, "own_adjustment"),
        ("override", {}, "wrong_state"),
    ],
)
def test_what_an_adjustment_needs(state, verb, changes, code):
    now = Situation(**{**OPEN, "reason": "Prices rose.", **changes})
    with pytest.raises(LifecycleError) as error:
        step(state, verb, ROLES, now)
    assert error.value.code == code


def test_a_signature_too_few_leaves_what_was_agreed_in_force():
    now = Situation(**OPEN, signatures_missing=1)
    assert step("approved", "sign", {"signatory"}, now).target == "approved"


def test_every_error_can_be_raised_with_its_parameters():
    assert set(CONDITIONS) <= set(ERRORS)
    assert str(LifecycleError("weights_100", missing=0.5)) == "weights_100, missing=0.5"
    with pytest.raises(TypeError):
        LifecycleError("weights_100")


@pytest.mark.parametrize("user", [7, 8, 9, 10, None])
@pytest.mark.parametrize("is_officer", [False, True])
def test_the_expat_is_never_a_judge_of_the_own_plan(user, is_officer):
    roles = roles_of(user, expat=7, manager=7, is_officer=is_officer, signatories={7, 8})
    assert ("expat" in roles) == (user == 7)
    if user == 7:
        assert not roles & {"hr", "manager"}
        assert not {"override", "open", "cancel", "withdraw"} & set(verbs("negotiation", roles))


def test_somebody_else_has_no_verb_at_all():
    roles = roles_of(10, expat=7, manager=8, signatories={7, 8, 9})
    assert all(verbs(state, roles) == () for state in STATES)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8))
def test_weights_are_judged_by_the_rule_of_templates(hundredths):
    # Half a hundredth a line, exactly: what rounding can take, and no more.
    fits = abs(10_000 - sum(hundredths)) <= len(hundredths) / 2
    now = Situation(weights=tuple(number / 100 for number in hundredths))
    assert CONDITIONS["weights_100"](now) == fits
    if not fits:
        with pytest.raises(LifecycleError) as caught:
            step("draft", "open", {"hr"}, now)
        assert caught.value.params == {"missing": (10_000 - sum(hundredths)) / 100}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_weight(number):
    assert not CONDITIONS["weights_100"](Situation(weights=(50.0, 50.0, number)))


@pytest.mark.parametrize(
    ("parties", "problem"),
    [
        (("expat", "manager", "hr"), None),
        (("expat", "person"), None),
        (("expat", "dotted_manager"), None),
        (("expat", "hr"), "none_above"),
        (("manager", "hr"), "no_expat"),
        ((), "no_expat"),
    ],
)
def test_never_fewer_than_the_expat_and_one_above(parties, problem):
    assert parties_problem(parties) == problem


def test_table_has_a_line_for_each_row():
    assert len(table().splitlines()) == len(TRANSITIONS) + 2
