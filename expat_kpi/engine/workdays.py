"""How much of a period somebody works, and what that makes of a target.

*What it accepts.* A stay is a span of local days at one place, with the days worked there in the
whole period, inside the stay and outside of it.

*How to use it.*

>>> july = Span(date(2026, 7, 1), date(2026, 7, 31))
>>> weekdays = frozenset(day for day in july if day.weekday() < 5)
>>> joiner = Stay(Span(date(2026, 7, 16), date(2026, 7, 31)), weekdays)
>>> worked_share(july, [joiner])
(12, 23)
>>> scaled(20, 12 / 23), scaled(0.4, 12 / 23), scaled(2.5, 0.5, digits=1)
(10.0, 1.0, 1.2)

*How it works.* Every day of the period belongs to one place: the stay that covers it, or else the
latest, whose holidays would have been kept. The share is the days worked within stays over all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite

from .periods import Span, period

# A weight has two decimals: each may be half of the last one off.
_WEIGHT_HALF = 0.005
_DUST = 1e-9


@dataclass(frozen=True)
class Stay:
    """Where somebody is for some days, and which days of the period are worked there."""

    span: Span
    working: Collection[date]


def worked_share(whole: Span, stays: Sequence[Stay]) -> tuple[int, int]:
    """(days worked within the stays, days worked in the whole period)."""
    days = working_days(whole, stays)
    return sum(any(day in stay.span for stay in stays) for day in days), len(days)


def working_days(whole: Span, stays: Sequence[Stay]) -> frozenset[date]:
    """The days of the period that are worked: each by the stay that covers it, or the latest."""
    stays = sorted(stays, key=lambda stay: stay.span)
    return frozenset(
        day
        for day in whole
        if day in next((stay for stay in reversed(stays) if day in stay.span), stays[-1]).working
    )


def months(span: Span) -> float:
    """The length of a span in months; a part of one counts by its days.

    >>> months(Span(date(2026, 7, 1), date(2026, 9, 30))), months(Span(date(2026, 6, 1),
    ...     date(2026, 6, 15)))
    (3.0, 0.5)
    """
    total = 0.0
    for part in span.months():
        total += part.days / period("month", part.date_from).days
    return total


def scaled(amount: float, factor: float, digits: int = 0) -> float:
    """A share of a target, as it is shown; not rounded to nothing."""
    if not amount:
        return 0.0
    return round(amount * factor, digits) or 10.0**-digits


def weights_problem(weights: Sequence[float], roundings: int = 1) -> float:
    """What is missing from 100, below 0 where there is too much; 0 where only rounding is.

    The one rule for templates, plans and adjustments.

    :param roundings: how often each weight was rounded

    >>> weights_problem([33.33] * 3), weights_problem([50, 49.5]), weights_problem([60, 50])
    (0.0, 0.5, -10.0)
    """
    if not all(map(isfinite, weights)):
        return 100.0
    missing = 100.0 - sum(weights)
    slack = _WEIGHT_HALF * len(weights) * roundings + _DUST
    return 0.0 if abs(missing) <= slack else round(missing, 2)


def settled_weights(weights: Sequence[float], roundings: int = 1) -> list[float]:
    """Weights that are 100 together to the last decimal; the largest takes what rounding left.

    >>> settled_weights([33.33, 33.33, 33.33])
    [33.34, 33.33, 33.33]
    """
    weights = [round(weight, 2) for weight in weights]
    missing = round(100.0 - sum(weights), 2)
    if weights and not weights_problem(weights, roundings):
        place = weights.index(max(weights))
        weights[place] = round(weights[place] + missing, 2)
    return weights
