"""One change for many plans: what it makes of their lines, weights and days."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from engine.event import (
    LEANINGS,
    PROBLEMS,
    Line,
    Rule,
    apply,
    apply_throughout,
    leans,
    moved,
    spread,
    touched,
)
from engine.periods import Span
from engine.revision import TERMS, terms_problem
from hypothesis import assume, given
from hypothesis import strategies as st

NOTHING = {"target": 10.0, "target_max": 0.0, "threshold": 0.0, "stretch": 0.0, "weight": 0.0}


def line(indicator, target, weight, direction="more", digits=0, **terms):
    return Line(
        indicator, direction, digits, {**NOTHING, "target": target, "weight": weight, **terms}
    )


@st.composite
def plans(draw):
    """Lines whose weights are 100 together, to the cent."""
    parts = draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=6))
    assume(sum(parts))
    weights = spread(parts, 10_000)
    lines = []
    for indicator, weight in enumerate(weights, start=1):
        direction = draw(st.sampled_from(["more", "less"]))
        target = draw(st.integers(1, 5000)) / 10
        lines.append(line(indicator, target, weight / 100, direction, digits=1))
    return lines


@st.composite
def rule_sets(draw):
    rules = []
    for indicator in draw(st.lists(st.integers(1, 9), min_size=1, max_size=5, unique=True)):
        kind = draw(st.sampled_from(["set", "percent", "amount", "add", "drop"]))
        rules.append(
            Rule(
                kind,
                indicator,
                value=draw(st.integers(-100, 5000)) / 10,
                weight=draw(st.integers(0, 6000)) / 100 if kind == "add" else 0.0,
                counter=draw(st.none() | st.integers(1, 9)),
                digits=1,
            )
        )
    return rules


@given(plans(), rule_sets())
def test_weights_stay_a_hundred_to_the_cent_or_nothing_is_done(lines, rules):
    outcome = apply(lines, rules)
    if outcome.problem:
        assert outcome.problem in PROBLEMS
        assert not outcome.after and not outcome.changes
        return
    assert sum(round(one.terms["weight"] * 100) for one in outcome.after) == 10_000
    assert all(one.terms["weight"] >= 0 for one in outcome.after)
    for one in outcome.after:
        assert one.terms == {name: round(one.terms[name], TERMS[name]) for name in TERMS}
        assert not terms_problem(one.direction, **one.terms)


@given(plans(), rule_sets())
def test_changes_lead_from_before_to_after(lines, rules):
    outcome = apply(lines, rules)
    assume(not outcome.problem)
    terms = {one.indicator: one.terms for one in lines}
    for change in outcome.changes:
        assert terms.pop(change.indicator, None) == change.before
        if change.after:
            terms[change.indicator] = change.after
        assert change.before != change.after and change.leaning in LEANINGS
    assert terms == {one.indicator: one.terms for one in outcome.after}


@given(plans(), rule_sets())
def test_indicators_that_no_rule_names_keep_their_numbers(lines, rules):
    outcome = apply(lines, rules)
    named = {rule.indicator for rule in rules}
    after = {one.indicator: one.terms for one in outcome.after}
    for one in lines:
        if one.indicator in after and one.indicator not in named:
            changed = {name for name in TERMS if after[one.indicator][name] != one.terms[name]}
            assert changed <= {"weight"}


@given(st.lists(st.integers(0, 10_000), max_size=8), st.integers(0, 10_000))
def test_what_is_spread_is_all_there_and_keeps_the_order(weights, total):
    shares = spread(weights, total)
    if shares is None:
        assert not sum(weights) and total
        return
    assert sum(shares) == total and min(shares, default=0) >= 0
    for (one, share), (other, other_share) in zip(
        zip(weights, shares, strict=True),
        list(zip(weights, shares, strict=True))[1:],
        strict=False,
    ):
        if one > other:
            assert share >= other_share


def test_chapter_three():
    """Conversion to 20 % and retention of at least 70 % for 15, taken from the others."""
    lines = [line(1, 36.0, 30.0), line(2, 6.0, 30.0), line(3, 25.0, 40.0, threshold=15, stretch=35)]
    outcome = apply(lines, [Rule("set", 3, value=20), Rule("add", 4, value=70, weight=15)])
    assert [one.terms["weight"] for one in outcome.after] == [25.5, 25.5, 34.0, 15.0]
    conversion = outcome.after[2].terms
    assert (conversion["target"], conversion["threshold"], conversion["stretch"]) == (20, 12, 28)
    assert outcome.leaning == "mixed"


def test_weight_from_the_one_line_that_is_named():
    lines = [line(1, 36.0, 30.0), line(2, 6.0, 70.0)]
    outcome = apply(lines, [Rule("add", 4, value=70, weight=15, counter=2)])
    assert [one.terms["weight"] for one in outcome.after] == [30.0, 55.0, 15.0]
    outcome = apply(lines, [Rule("drop", 1, counter=2)])
    assert [one.terms["weight"] for one in outcome.after] == [100.0]
    assert outcome.leaning == "easier"


@pytest.mark.parametrize(
    ("rules", "problem", "indicator"),
    [
        ([Rule("set", 9, value=5)], "no_indicator", None),
        ([Rule("set", 9, value=5), Rule("add", 4, value=7, weight=10)], "no_indicator", None),
        ([Rule("set", 1, value=36)], "no_change", None),
        ([Rule("percent", 1, value=-100)], "terms", 1),
        ([Rule("amount", 1, value=-40)], "terms", 1),
        ([Rule("set", 1, value=float("nan"))], "terms", 1),
        ([Rule("add", 4, value=7, weight=101)], "too_much_weight", None),
        ([Rule("add", 4, value=7, weight=10, counter=9)], "counter_missing", 9),
        ([Rule("add", 4, value=7, weight=31, counter=1)], "counter_weight", 1),
        ([Rule("drop", 1), Rule("drop", 2)], "nothing_left", None),
        ([Rule("add", 1, value=7, weight=10)], "no_indicator", None),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_done(rules, problem, indicator):
    outcome = apply([line(1, 36.0, 30.0), line(2, 6.0, 70.0)], rules)
    assert (outcome.problem, outcome.indicator, outcome.after) == (problem, indicator, ())


def test_one_outcome_for_all_days_or_none():
    august, september = (
        [line(1, 24, 60), line(2, 10, 40)],
        [line(1, 12, 60), line(2, 10, 40)],
    )
    halved, to_18, to_12 = (
        [Rule("percent", 1, value=-50)],
        [Rule("set", 1, value=18.0)],
        [Rule("set", 1, value=12.0)],
    )
    assert apply_throughout([august], halved) == apply(august, halved)
    outcome = apply_throughout([august, september], halved)
    assert (outcome.problem, outcome.indicator, outcome.changes) == ("changes_within", 1, ())
    outcome = apply_throughout([august, september], to_18)
    assert [(one.indicator, one.after["target"], one.leaning) for one in outcome.changes] == [
        (1, 18.0, "mixed")
    ]
    # Where it says so already on some days, it is changed on the others.
    for variants in ([august, september], [september, august]):
        outcome = apply_throughout(variants, to_12)
        assert [(one.indicator, one.before["target"]) for one in outcome.changes] == [(1, 24.0)]
    assert apply_throughout([september] * 2, to_12).problem == "no_change"


def test_lines_that_come_or_go_within_the_days():
    both, one = [line(1, 24, 60), line(2, 10, 40)], [line(1, 24, 100)]
    # What is there on some days alone is changed on those.
    outcome = apply_throughout([both, one], [Rule("set", 2, value=5.0)])
    assert [(told.indicator, told.kind) for told in outcome.changes] == [(2, "change")]
    # A weight that is shared on some days and is another on the others has no one number.
    other = [line(1, 24, 70), line(3, 10, 30)]
    for variants in ([both, other], [other, both]):
        outcome = apply_throughout(variants, [Rule("drop", 2)])
        assert (outcome.problem, outcome.indicator) == ("changes_within", 1)
    assert apply_throughout([both, one], [Rule("drop", 2)]).changes[0].after["weight"] == 100
    # What cannot be done on some days is not done.
    rules = [Rule("add", 3, value=5.0, weight=30.0, counter=2)]
    assert apply_throughout([both, one], rules).problem == "counter_missing"


def test_rounding_follows_the_indicator_and_never_to_nothing():
    assert moved(line(1, 7.0, 50.0), Rule("percent", 1, value=-20))["target"] == 6.0
    assert moved(line(1, 7.0, 50.0, digits=1), Rule("percent", 1, value=-20))["target"] == 5.6
    assert moved(line(1, 1.0, 50.0), Rule("percent", 1, value=-90))["target"] == 1.0


def test_a_threshold_that_rounding_would_put_on_the_target_keeps_its_decimals():
    found = moved(line(1, 5.0, 50.0, threshold=4.0), Rule("set", 1, value=1))
    assert (found["target"], found["threshold"]) == (1.0, 0.8)


@given(
    st.sampled_from(["more", "less"]),
    st.integers(1, 1000),
    st.integers(1, 1000),
)
def test_easier_one_way_is_harder_the_other(direction, one, other):
    there = leans(direction, {"target": one}, {"target": other})
    back = leans(direction, {"target": other}, {"target": one})
    assert {there, back} == ({"same"} if one == other else {"easier", "harder"})
    if one != other:
        assert there == ("harder" if (other > one) == (direction == "more") else "easier")


def test_a_wider_band_is_easier():
    band = {"target": 8, "target_max": 10}
    assert leans("band", band, {"target": 7, "target_max": 11}) == "easier"
    assert leans("band", band, {"target": 8.5, "target_max": 10}) == "harder"
    assert leans("band", band, {"target": 9, "target_max": 11}) == "mixed"


def test_a_threshold_on_a_line_that_had_none_is_harder():
    assert leans("less", {"target": 45}, {"target": 45, "threshold": 60}) == "harder"
    assert leans("more", {"target": 5, "threshold": 3}, {"target": 5}) == "easier"


DAYS = st.integers(0, 60).map(lambda number: date(2026, 7, 1) + timedelta(days=number))
SPANS = st.tuples(DAYS, DAYS).map(lambda pair: Span(min(pair), max(pair)))


@given(SPANS, SPANS, st.lists(SPANS, max_size=4))
def test_touched_days_are_those_of_event_plan_and_a_stay(event, plan, stays):
    parts = touched(event, plan, stays)
    found = [day for part in parts for day in part]
    assert sorted(set(found)) == found
    everything = [date(2026, 7, 1) + timedelta(days=number) for number in range(62)]
    assert found == [
        day
        for day in everything
        if day in event and day in plan and any(day in stay for stay in stays)
    ]
    for one, other in pairwise(parts):
        assert one.date_to + timedelta(days=1) < other.date_from, "what meets is one"
