"""How far an actual reaches its target, in percent; more than 100 where it goes beyond.

=========  ============================  =======================================================
direction  100 %                         otherwise
=========  ============================  =======================================================
more       actual = target               100 · actual / target
less       actual = target               100 · (2 − actual / target): a tenth below is 110 %, a
                                         tenth above 90 %, twice the target 0 %
band       lower ≤ actual ≤ upper        100 · (1 − distance / width): falls to 0 at one width of
                                         the band outside it; never above 100
=========  ============================  =======================================================

Never below 0. "More" and "less" are the usual ones of performance software: "actual * 100 /
target" and "200 − actual * 100 / target" for upward and downward polarity in STRATEC Gestão
Estratégica 2.0 ("Cálculos de desempenho"), "1 − (actual / target) + 1" for "less is better" in
CAMMS Interplan ("KPI Performance Calculations"). The other habit for "less", target / actual,
has no value at an actual of 0, which is the best there is, and rewards the first step most.
The band is ours: vendors differ, and theirs jump at the edges.

This is not the score: thresholds, stretch and cap bend it later.
"""

from __future__ import annotations

from math import isfinite

from .values import Failure, Number, Value, bare, value

DIRECTIONS = ("more", "less", "band")

_BAD_TARGET = Failure("bad_target")

# 28 against 25 is 112 and not 112.00000000000001: the dust of binary fractions decides nothing.
_DECIMALS = 9


def attainment(
    direction: str,
    actual: Value,
    target: float | None = None,
    *,
    lower: float | None = None,
    upper: float | None = None,
) -> Value:
    """The attainment in percent, from 0 up.

    :param direction: "more", "less" (both with ``target``) or "band" (``lower``, ``upper``)
    :param actual: in the unit of the indicator; NoData and Failure come back as they are
    :param target: in the same unit, above 0: a share of nothing or of less has no meaning
    :param lower, upper: in the same unit, lower below upper; both ends are within the band
    :return: Number; Failure("bad_target") for targets that are missing, not finite, or not as
        said; Failure("overflow") where the share is beyond a float
    :raises ValueError: for another direction

    >>> attainment("more", Number(28), 25)
    Number(value=112.0)
    >>> attainment("less", Number(45), 45), attainment("less", Number(54), 45)
    (Number(value=100.0), Number(value=80.0))
    >>> attainment("band", Number(12), lower=8, upper=10)
    Number(value=0.0)
    >>> attainment("more", Failure("refresh_failed"), 25)
    Failure(reason='refresh_failed', params={})
    >>> attainment("more", Number(28), 0)
    Failure(reason='bad_target', params={})
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"not a direction: {direction!r}")
    if not isinstance(actual, Number):
        return actual
    if direction == "band":
        if not (_is_finite(lower) and _is_finite(upper) and lower < upper):
            return _BAD_TARGET
        return _percent(1 - _distance(actual.value, lower, upper) / (upper - lower))
    if not (_is_finite(target) and target > 0):
        return _BAD_TARGET
    share = actual.value / target
    return _percent(share if direction == "more" else 2 - share)


def _is_finite(number) -> bool:
    # An empty field of a record reads as False, which Python takes for 0.
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
    return is_number and isinstance(bare(number), float)


def _distance(number: float, lower: float, upper: float) -> float:
    return max(lower - number, number - upper, 0.0)


def _percent(share: float) -> Value:
    percent = 100 * share
    if percent <= 0:
        return Number(0)
    return value(round(percent, _DECIMALS)) if isfinite(percent) else Failure("overflow")
