"""A number, no data and a failure never turn into one another."""

import copy
import math
import pickle
from decimal import Decimal

import pytest
from engine import values
from engine.values import Failure, NoData, Number, bare, equal, rounded, value
from formula_strategies import finite
from hypothesis import given
from hypothesis import strategies as st

N, M = Number(6), Number(3)
E, P, C = (NoData(each) for each in ("empty_denominator", "not_posted", "never_computed"))
F, G = Failure("refresh_failed"), Failure("overflow")

OPERATIONS = [
    lambda left, right: left + right,
    lambda left, right: left - right,
    lambda left, right: left * right,
    lambda left, right: left / right,
]

# left, right, what stays
WINNERS = [
    (N, E, E),
    (E, N, E),
    (E, P, P),
    (P, E, P),
    (P, C, P),
    (C, P, C),
    (N, F, F),
    (F, N, F),
    (E, F, F),
    (F, E, F),
    (F, G, F),
    (G, F, G),
    (Number(0), E, E),
    (E, Number(0), E),
    (F, Number(0), F),
]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("left", "right", "winner"), WINNERS)
def test_failure_wins_over_no_data_wins_over_number(operation, left, right, winner):
    assert operation(left, right) is winner


@pytest.mark.parametrize(("left", "right", "winner"), WINNERS)
@pytest.mark.parametrize("pick", [values.lesser, values.greater])
def test_the_smallest_of_something_missing_is_missing(pick, left, right, winner):
    assert pick(bare(left), bare(right)) is winner


def test_arithmetic_of_numbers():
    assert [operation(N, M) for operation in OPERATIONS] == [
        Number(9),
        Number(3),
        Number(18),
        Number(2),
    ]
    assert values.lesser(6.0, 3.0) == values.lesser(3.0, 6.0) == 3.0
    assert values.greater(6.0, 3.0) == values.greater(3.0, 6.0) == 6.0


@pytest.mark.parametrize("numerator", [Number(0), Number(5), Number(-5)])
@pytest.mark.parametrize("zero", [Number(0), Number(-0.0)])
def test_dividing_by_zero_is_no_data(numerator, zero):
    assert numerator / zero == E


@pytest.mark.parametrize(
    ("left", "right", "operation"),
    [
        (1e308, 1e308, OPERATIONS[0]),
        (-1e308, 1e308, OPERATIONS[1]),
        (1e200, 1e200, OPERATIONS[2]),
        (1e300, 1e-300, OPERATIONS[3]),
        (1.0, 5e-324, OPERATIONS[3]),
    ],
)
def test_leaving_the_range_of_a_float_is_a_failure(left, right, operation):
    assert operation(Number(left), Number(right)) == G


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 10**400, Decimal("NaN")])
def test_number_is_finite(number):
    with pytest.raises(ValueError, match="not a finite number"):
        Number(number)


def test_there_is_one_zero():
    assert math.copysign(1, Number(-0.0).value) == 1
    assert repr(Number(0) * Number(-1)) == "Number(value=0.0)"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (3, Number(3)),
        (2.5, Number(2.5)),
        (Decimal("0.1"), Number(0.1)),
        (N, N),
        (E, E),
        (F, F),
        (math.nan, Failure("not_finite")),
        (-math.inf, Failure("not_finite")),
        (Decimal("NaN"), Failure("not_finite")),
        (Decimal("sNaN"), Failure("not_finite")),
        (Decimal("Infinity"), Failure("not_finite")),
        (10**400, G),
        (Decimal("1e400"), G),
    ],
)
def test_a_source_may_give_anything_numeric(amount, expected):
    assert value(amount) == expected


@pytest.mark.parametrize("thing", [None, False, True, "3", b"3", [], 1j])
def test_what_is_no_number_is_a_mistake_of_the_caller(thing):
    with pytest.raises(TypeError):
        value(thing)
    with pytest.raises(TypeError):
        N + thing


@pytest.mark.parametrize("each", [N, E, F])
def test_a_value_is_neither_true_nor_false(each):
    with pytest.raises(TypeError):
        bool(each)


@pytest.mark.parametrize("each", [N, E, F, Failure("missing_rate", {"currency": "VND"})])
def test_values_are_equal_by_content_and_can_be_kept(each):
    assert pickle.loads(pickle.dumps(each)) == each == copy.deepcopy(each)
    assert hash(copy.copy(each)) == hash(each)


def test_zero_no_data_and_failure_differ():
    assert len({Number(0), E, P, F}) == 4
    assert Failure("missing_rate", {"currency": "VND"}) != Failure("missing_rate")
    assert NoData("overflow") != Failure("overflow")


def test_values_are_immutable():
    params = {"currency": "VND"}
    failure = Failure("missing_rate", params)
    params["currency"] = "EUR"
    assert failure.params["currency"] == "VND"
    with pytest.raises(TypeError):
        failure.params["currency"] = "EUR"
    with pytest.raises(AttributeError):
        N.value = 5
    with pytest.raises((AttributeError, TypeError)):
        N.other = 5


@pytest.mark.parametrize(
    ("number", "digits", "expected"),
    [
        (0.5, 0, 1),
        (1.5, 0, 2),
        (2.5, 0, 3),
        (-2.5, 0, -3),
        (2.4999, 0, 2),
        (2.675, 2, 2.68),
        (1.005, 2, 1.01),
        (0.1 + 0.2, 9, 0.3),
        (1234.5, -2, 1200),
        (1250, -2, 1300),
        (49, -2, 0),
        (1e300, 9, 1e300),
        (5e-324, 9, 0),
    ],
)
def test_round_halves_away_from_zero_as_written(number, digits, expected):
    assert rounded(number, digits) == expected


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (0.1 + 0.2, 0.3, True),
        (0.0, -0.0, True),
        (0.0, 5e-324, False),
        (1e15, 1e15 + 1, True),
        (100 * 0.29, 29, True),
        (29, 29.000001, False),
        (1e10, 1e10 + 1, False),
    ],
)
def test_equal_is_equal_to_people(left, right, same):
    assert equal(left, right) is same


anything = st.one_of(
    st.builds(Number, finite),
    st.sampled_from([E, P, F, G]),
    st.sampled_from([Number(0), Number(1e308), Number(5e-324), Number(-1e308)]),
)


@given(anything, anything, st.sampled_from(OPERATIONS))
def test_neither_nan_nor_infinity_comes_out(left, right, operation):
    result = operation(left, right)
    assert not isinstance(result, Number) or math.isfinite(result.value)


@given(anything, anything)
def test_what_is_lost_does_not_depend_on_the_operation(left, right):
    kinds = {type(operation(left, right)) for operation in OPERATIONS[:3]}
    if not (isinstance(left, Number) and isinstance(right, Number)):
        assert len(kinds) == 1
        assert Number not in kinds


@given(finite, st.integers(-9, 9))
def test_rounding_twice_is_rounding_once(number, digits):
    once = rounded(number, digits)
    if math.isfinite(once):
        assert rounded(once, digits) == once
        # Half a step, and what a float of that size cannot tell.
        assert abs(once - number) <= 0.5 * 10.0**-digits * 1.0001 + math.ulp(number)
