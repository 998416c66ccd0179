"""When somebody who is waited for is reminded.

*What it accepts.* Local days of one person: today, the deadline, and the days worked around them.

*How to use it.* Three working days before Wednesday the 15th is Friday the 10th, and every
working day from then on:

>>> weekdays = frozenset(day for day in map(_july, range(1, 32)) if day.weekday() < 5)
>>> [is_due(_july(day), _july(15), 3, weekdays) for day in (9, 10, 11, 13, 15, 16)]
[False, True, False, True, True, False]

Holidays right before the deadline let it come earlier, for nobody is asked on them:

>>> holidays = weekdays - {_july(13), _july(14), _july(15)}
>>> [is_due(_july(day), _july(15), 1, holidays) for day in (8, 9, 10, 13)]
[False, True, True, False]

*How it works.* What counts is how many days worked are left after today, up to the deadline. Where
the deadline itself is not worked, so the last day worked before it takes its place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date


def is_due(today: date, deadline: date, days_before: int, working: Collection[date]) -> bool:
    """Whether somebody is reminded today.

    :param days_before: so many of the own working days before the deadline it begins
    :param working: the days worked, at least from today to the deadline
    """
    if today not in working or today > deadline:
        return False
    return sum(today < day <= deadline for day in working) <= days_before


def worked(whole: Mapping[date, float], left: Mapping[date, float]) -> frozenset[date]:
    """The days that are worked, where half of the hours or more are left of a day's own.

    :param whole: hours of each day of the place
    :param left: what is left of them beside somebody's time off

    >>> sorted(worked({_july(1): 8, _july(2): 8, _july(3): 8}, {_july(1): 8, _july(2): 4}))
    [datetime.date(2026, 7, 1), datetime.date(2026, 7, 2)]
    """
    return frozenset(day for day, hours in whole.items() if 2 * left.get(day, 0) >= hours > 0)


def _july(day: int) -> date:
    return date(2026, 7, day)
