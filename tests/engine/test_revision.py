"""Contents: one spelling, one hash, and how two differ."""

import json
from itertools import pairwise

import pytest
from engine.revision import canonical, content_hash, diff, rounded, terms, terms_problem
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.floats(0, 1e9, allow_nan=False).map(lambda number: rounded("target", number))
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "indicator": st.integers(1, 9),
            "name": st.sampled_from(["Visits", "成果", "Repurchase"]),
            "target": NUMBERS,
            "weight": NUMBERS,
        }
    ),
    unique_by=lambda line: line["indicator"],
    max_size=6,
)
CONTENTS = LINES.map(lambda lines: {"plan": {"date_from": "2026-07-01"}, "lines": lines})


@given(CONTENTS)
def test_a_content_survives_being_stored(content):
    stored = json.loads(canonical(content))
    assert stored == content
    assert content_hash(stored) == content_hash(content)


@given(CONTENTS, CONTENTS)
def test_different_terms_never_share_a_hash(one, other):
    if terms(one) != terms(other):
        assert content_hash(one) != content_hash(other)


@given(CONTENTS, CONTENTS)
def test_diff_leads_from_one_to_the_other(before, after):
    changes = diff(before, after)
    kinds = {change.kind for change in changes}
    assert [change.after for change in changes if change.kind != "dropped"] == after["lines"]
    olds = [change.before for change in changes if change.before]
    assert sorted(olds, key=str) == sorted(before["lines"], key=str)
    if kinds <= {"same"}:
        assert terms(before) == terms(after)
    for change in changes:
        for name, (old, new) in change.fields.items():
            assert (change.before.get(name), change.after.get(name)) == (old, new) and old != new


@given(CONTENTS)
def test_nothing_differs_from_itself(content):
    assert {change.kind for change in diff(content, content)} <= {"same"}


def test_no_number_no_hash():
    with pytest.raises(ValueError):
        canonical({"lines": [{"target": float("nan")}]})


@pytest.mark.parametrize(
    ("direction", "numbers", "problem"),
    [
        ("more", {"target": 12}, None),
        ("more", {"target": 12, "threshold": 8, "stretch": 15}, None),
        ("more", {"target": 12, "threshold": 12}, "threshold_side"),
        ("more", {"target": 12, "stretch": 12}, "stretch_side"),
        ("more", {"target": 12, "stretch": 8}, "stretch_side"),
        ("less", {"target": 45, "threshold": 60, "stretch": 30}, None),
        ("less", {"target": 45, "threshold": 30}, "threshold_side"),
        ("less", {"target": 45, "threshold": 45}, "threshold_side"),
        ("less", {"target": 45, "stretch": 60}, "stretch_side"),
        ("band", {"target": 10, "target_max": 20}, None),
        ("band", {"target": 10, "target_max": 10}, "bad_band"),
        ("band", {"target": 10, "target_max": 20, "threshold": 5}, "band_without"),
        ("more", {"target": 0}, "bad_target"),
        ("more", {"target": -1}, "bad_target"),
        ("more", {"target": float("nan")}, "not_a_number"),
        ("more", {"target": float("inf")}, "not_a_number"),
        ("more", {"target": 1, "threshold": float("nan")}, "not_a_number"),
        ("more", {"target": 1, "weight": float("nan")}, "bad_weight"),
        ("more", {"target": 1, "weight": 100.5}, "bad_weight"),
        ("more", {"target": 1, "weight": -1}, "bad_weight"),
        ("more", {"target": 1, "threshold": -1}, "negative"),
    ],
)
def test_numbers_that_nobody_could_agree_on(direction, numbers, problem):
    assert terms_problem(direction, **numbers) == problem


@given(st.lists(NUMBERS, min_size=3, max_size=3, unique=True))
def test_threshold_target_and_stretch_stand_in_order(numbers):
    for direction, order in (("more", sorted(numbers)), ("less", sorted(numbers, reverse=True))):
        threshold, target, stretch = order
        if all(one > 0 for one in order) and all(one != other for one, other in pairwise(order)):
            terms = {"threshold": threshold, "target": target, "stretch": stretch}
            assert terms_problem(direction, **terms) is None
            swapped = {"threshold": stretch, "target": target, "stretch": threshold}
            assert terms_problem(direction, **swapped) == "threshold_side"
