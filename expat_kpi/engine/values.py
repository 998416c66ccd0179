"""What a figure can be: a number, no data, or a failure; three things that are never mixed up.

*What it accepts.* :class:`Number` holds a finite float. :class:`NoData` says that there is
nothing to show and why: no closed lead, so no conversion; it is neither zero nor None.
:class:`Failure` says that there ought to be a number and why there is none: a source that did
not answer, a sum beyond what a float holds. A reason is a short code; the models turn it into a
sentence in the reader's language.

*How they combine.* In arithmetic **a failure wins over no data, and no data over a number**; of
two of the same kind the left one stays. So nobody sees a total in which one part is missing, and
the more serious reason is the one that is told. An empty denominator is the mildest reason of
all, for an indicator may take it for zero: it gives way to any other no data.

>>> Number(7) + Number(3)
Number(value=10.0)
>>> Number(7) + NoData("never_computed")
NoData(reason='never_computed')
>>> NoData("not_posted") * NoData("never_computed")
NoData(reason='not_posted')
>>> NoData("empty_denominator") + NoData("never_computed")
NoData(reason='never_computed')
>>> NoData("never_computed") - Failure("refresh_failed")
Failure(reason='refresh_failed', params={})
>>> Failure("refresh_failed") / Number(0)
Failure(reason='refresh_failed', params={})

Dividing by zero is no failure: the rate of nothing is not known, whatever stands above the line.

>>> Number(7) / Number(0)
NoData(reason='empty_denominator')
>>> Number(0) / Number(0)
NoData(reason='empty_denominator')

A result that no float holds is a failure; neither infinity nor NaN ever leaves.

>>> Number(1e308) * Number(10)
Failure(reason='overflow', params={})
>>> Number(float("nan"))
Traceback (most recent call last):
    ...
ValueError: not a finite number: nan

*How it works.* The operations are functions on *bare* values, a float or NoData or Failure, for
they run once per node of a formula, employee and indicator; :class:`Number` wraps the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from math import isclose, isfinite
from types import MappingProxyType

# The reasons the engine and the models give. A model may add its own; it then owes its sentence.
NO_DATA_REASONS = (
    "empty_denominator",  # a division by zero: nothing closed, so no rate of closing
    "never_computed",  # the measure was not computed for that span
    "not_posted",  # the employee was not posted on any day of the span
)
FAILURE_REASONS = (
    "overflow",  # a step of the computation left the range of a float
    "not_finite",  # a source gave NaN or infinity
    "refresh_failed",  # the last refresh of a measure behind it failed
    "missing_rate",  # an amount in a currency without a rate on that day
    "bad_target",  # a target against which nothing can be measured
)

# Two numbers that differ by less than this part of the larger one are equal when compared:
# 0.1 + 0.2 and 0.3 are one figure to everybody but a computer.
TOLERANCE = 1e-12

# Wide enough for the largest float with nine decimals.
_ROUNDING = Context(prec=400, rounding=ROUND_HALF_UP)


class _Value:
    """The arithmetic that the three kinds share. Operands are values, never plain numbers."""

    __slots__ = ()

    def __add__(self, other):
        return _combine(plus, self, other)

    def __sub__(self, other):
        return _combine(minus, self, other)

    def __mul__(self, other):
        return _combine(times, self, other)

    def __truediv__(self, other):
        return _combine(over, self, other)

    def __bool__(self):
        # `if value:` reads as "is there a number" to one and as "is it not zero" to another.
        raise TypeError("a value is neither true nor false: ask for its kind")


@dataclass(frozen=True, slots=True)
class Number(_Value):
    """A number, in the unit of whatever it is the value of.

    :param value: int, float or Decimal; kept as a float, minus zero as zero
    :raises ValueError: for NaN, infinity, and an integer or Decimal beyond the range of a float
    """

    value: float

    def __post_init__(self):
        try:
            value = float(self.value) + 0.0  # -0.0 + 0.0 is 0.0
        except OverflowError as error:
            raise ValueError("not a finite number: an integer beyond a float") from error
        if not isfinite(value):
            raise ValueError(f"not a finite number: {value}")
        object.__setattr__(self, "value", value)


@dataclass(frozen=True, slots=True)
class NoData(_Value):
    """Nothing to show. ``reason``: a short code, see :data:`NO_DATA_REASONS`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failure(_Value):
    """A number that ought to be there and is not.

    :param reason: a short code, see :data:`FAILURE_REASONS`
    :param params: what the sentence about it names, by name; copied, read-only

    >>> Failure("missing_rate", {"currency": "VND"}).params["currency"]
    'VND'
    """

    reason: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self):
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))

    def __repr__(self):
        return f"Failure(reason={self.reason!r}, params={dict(self.params)!r})"

    def __reduce__(self):
        # A read-only mapping cannot be pickled or copied by itself.
        return Failure, (self.reason, dict(self.params))


Value = Number | NoData | Failure
Bare = float | NoData | Failure

EMPTY_DENOMINATOR = NoData("empty_denominator")
NEVER_COMPUTED = NoData("never_computed")
OVERFLOW = Failure("overflow")


def bare(amount) -> Bare:
    """A float, NoData or Failure from a value or a plain number (int, float, Decimal).

    A number that is not finite becomes a failure, for it came from a source, not from a mistake.

    :raises TypeError: for anything else; None and booleans are not numbers

    >>> bare(Number(2)), bare(3), bare(float("inf"))
    (2.0, 3.0, Failure(reason='not_finite', params={}))
    >>> bare(None)
    Traceback (most recent call last):
        ...
    TypeError: not a value: None
    """
    if isinstance(amount, Number):
        return amount.value
    if isinstance(amount, (NoData, Failure)):
        return amount
    if isinstance(amount, bool) or not isinstance(amount, (int, float, Decimal)):
        raise TypeError(f"not a value: {amount!r}")
    try:
        result = float(amount)
    except OverflowError:
        return OVERFLOW
    except ValueError:  # a signalling NaN of decimal
        return Failure("not_finite")
    if isfinite(result):
        return result
    # float() makes infinity of a Decimal that is finite and too large.
    too_large = isinstance(amount, Decimal) and amount.is_finite()
    return OVERFLOW if too_large else Failure("not_finite")


def value(amount) -> Value:
    """The value of what :func:`bare` takes: a plain number becomes a Number or a Failure.

    >>> value(28), value(float("nan")), value(10**400)
    (Number(value=28.0), Failure(reason='not_finite', params={}), \
Failure(reason='overflow', params={}))
    """
    result = bare(amount)
    return Number(result) if isinstance(result, float) else result


def worse(left: Bare, right: Bare) -> NoData | Failure:
    """Which of two bare values wins, where at least one is not a number; the left one of equals."""
    return left if _rank(left) >= _rank(right) else right


def _rank(amount: Bare) -> int:
    if isinstance(amount, Failure):
        return 3
    if isinstance(amount, NoData):
        return 1 if amount == EMPTY_DENOMINATOR else 2
    return 0


def _combine(operation, left, right):
    if not isinstance(right, _Value):
        return NotImplemented
    return value(operation(bare(left), bare(right)))


# The operations on bare values. `type(x) is float` and not isinstance: these run a hundred
# thousand times for a company, and a bare number is exactly a float.


def plus(left: Bare, right: Bare) -> Bare:
    """The sum of two bare values."""
    if type(left) is float and type(right) is float:
        result = left + right
        return result if isfinite(result) else OVERFLOW
    return worse(left, right)


def minus(left: Bare, right: Bare) -> Bare:
    """The difference of two bare values."""
    if type(left) is float and type(right) is float:
        result = left - right
        return result if isfinite(result) else OVERFLOW
    return worse(left, right)


def times(left: Bare, right: Bare) -> Bare:
    """The product of two bare values."""
    if type(left) is float and type(right) is float:
        result = left * right
        return result if isfinite(result) else OVERFLOW
    return worse(left, right)


def over(left: Bare, right: Bare) -> Bare:
    """The quotient of two bare values; no data where the denominator is zero."""
    if type(left) is float and type(right) is float:
        if right == 0.0:
            return EMPTY_DENOMINATOR
        result = left / right
        return result if isfinite(result) else OVERFLOW
    return worse(left, right)


def lesser(left: Bare, right: Bare) -> Bare:
    """The smaller of two bare values; what is not a number wins, as in a sum."""
    if type(left) is float and type(right) is float:
        return right if right < left else left
    return worse(left, right)


def greater(left: Bare, right: Bare) -> Bare:
    """The larger of two bare values; what is not a number wins, as in a sum."""
    if type(left) is float and type(right) is float:
        return right if right > left else left
    return worse(left, right)


def equal(left: float, right: float) -> bool:
    """Whether two floats are one figure, see :data:`TOLERANCE`.

    >>> equal(0.1 + 0.2, 0.3), equal(0.3, 0.3001)
    (True, False)
    """
    return left == right or isclose(left, right, rel_tol=TOLERANCE)


def rounded(number: float, digits: int = 0) -> float:
    """``number`` to ``digits`` decimals (negative: tens, hundreds, …), halves away from zero.

    It rounds the number as it is written, so that 2.675 becomes 2.68 although the float lies a
    little below. The result may be infinite for the very largest numbers; callers check.

    >>> rounded(2.5), rounded(-2.5), rounded(2.675, 2), rounded(1250, -2)
    (3.0, -3.0, 2.68, 1300.0)
    """
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(number))).quantize(step, context=_ROUNDING))
