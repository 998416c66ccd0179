"""Attainment: exactly 100 where the target is met, and never better for being worse."""

import math

import pytest
from engine.attainment import DIRECTIONS, attainment
from engine.values import Failure, NoData, Number
from hypothesis import assume, given
from hypothesis import strategies as st

BAD_TARGET = Failure("bad_target")

# direction, actual, target, percent
SHARES = [
    ("more", 12, 12, 100),
    ("more", 10, 15, 66.666666667),
    ("more", 28, 25, 112),
    ("more", 3, 2, 150),
    ("more", 0.5, 100, 0.5),
    ("more", 0, 12, 0),
    ("more", -5, 12, 0),
    ("more", 0.28, 0.25, 112),
    ("more", 1000, 1, 100_000),
    ("less", 45, 45, 100),
    ("less", 46, 45, 97.777777778),
    ("less", 40.5, 45, 110),
    ("less", 0, 45, 200),
    ("less", -45, 45, 300),
    ("less", 90, 45, 0),
    ("less", 1000, 45, 0),
]

# actual, percent; the band is from 8 to 10
BAND = [(8, 100), (9, 100), (10, 100), (7, 50), (11, 50), (7.5, 75), (12, 0), (6, 0), (-50, 0)]


@pytest.mark.parametrize(("direction", "actual", "target", "percent"), SHARES)
def test_share_of_a_target(direction, actual, target, percent):
    assert attainment(direction, Number(actual), target) == Number(percent)


@pytest.mark.parametrize(("actual", "percent"), BAND)
def test_band(actual, percent):
    assert attainment("band", Number(actual), lower=8, upper=10) == Number(percent)


@pytest.mark.parametrize("direction", ["more", "less"])
@pytest.mark.parametrize(
    "target", [None, False, 0, -0.0, -5, math.nan, math.inf, -math.inf, 10**400, "25"]
)
def test_a_target_that_measures_nothing(direction, target):
    assert attainment(direction, Number(5), target) == BAD_TARGET


@pytest.mark.parametrize(
    ("lower", "upper"),
    [(None, 10), (8, None), (10, 8), (8, 8), (math.nan, 8), (8, math.inf), (-math.inf, 8)],
)
def test_a_band_that_measures_nothing(lower, upper):
    assert attainment("band", Number(9), lower=lower, upper=upper) == BAD_TARGET


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("actual", [NoData("empty_denominator"), Failure("refresh_failed")])
def test_what_is_no_number_stays(direction, actual):
    # Also against a bad target: there is nothing to measure.
    assert attainment(direction, actual, 12, lower=1, upper=2) is actual
    assert attainment(direction, actual) is actual


def test_an_unknown_direction_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="sideways"):
        attainment("sideways", Number(1), 1)


def test_beyond_a_float():
    assert attainment("more", Number(1e308), 1e-308) == Failure("overflow")
    assert attainment("less", Number(-1e308), 1e-308) == Failure("overflow")
    assert attainment("less", Number(1e308), 1e-308) == Number(0)
    assert attainment("band", Number(1e308), lower=0, upper=1e-308) == Number(0)


targets = st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False)
anything = st.floats(allow_nan=False, allow_infinity=False)
sizes = st.floats(-1e6, 1e6)


@given(st.sampled_from(["more", "less"]), targets)
def test_meeting_the_target_is_exactly_100(direction, target):
    assert attainment(direction, Number(target), target) == Number(100)


@given(st.sampled_from(["more", "less"]), sizes, sizes, st.floats(0.01, 1e6))
def test_better_is_never_less(direction, one, other, target):
    worse, better = sorted((one, other), reverse=direction == "less")
    low, high = (attainment(direction, Number(actual), target) for actual in (worse, better))
    assert low.value <= high.value


@given(sizes, sizes, sizes, st.floats(0.01, 1e6))
def test_farther_from_the_band_is_never_better(one, other, lower, width):
    upper = lower + width
    near, far = sorted((one, other), key=lambda actual: max(lower - actual, actual - upper, 0))
    high, low = (
        attainment("band", Number(actual), lower=lower, upper=upper) for actual in (near, far)
    )
    assert low.value <= high.value <= 100
    if lower <= near <= upper:
        assert high == Number(100)


@given(st.sampled_from(DIRECTIONS), anything, anything, anything, anything)
def test_neither_nan_nor_infinity_leaves(direction, actual, target, lower, upper):
    result = attainment(direction, Number(actual), target, lower=lower, upper=upper)
    assert isinstance(result, (Number, Failure))
    if isinstance(result, Number):
        assert 0 <= result.value < math.inf


@given(
    st.sampled_from(["more", "less"]), st.floats(0, 1e6), st.floats(0.01, 1e6), st.integers(1, 9)
)
def test_the_unit_does_not_matter(direction, actual, target, power):
    assume(actual / target < 1e6)
    factor = 2.0**power
    assert attainment(direction, Number(actual * factor), target * factor) == attainment(
        direction, Number(actual), target
    )
