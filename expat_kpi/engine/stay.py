"""Where somebody is at a moment, and on which day, who stays in one place after another.

*How to use it.* Stays in order, no two of which share a day::

    found = stay_at(moment, stays)      # (position, local day), or None: in none of them

>>> hanoi = Stay("Asia/Ho_Chi_Minh", date(2026, 5, 1), date(2026, 5, 14))
>>> stay_at(datetime(2026, 5, 14, 16, 59), [hanoi])
(0, datetime.date(2026, 5, 14))
>>> stay_at(datetime(2026, 5, 14, 17), [hanoi])

*How it works.* Where one stay follows another at once, it begins at its own midnight, and the
earlier one lasts until then. Flying west, the hours in between count on the last day of the
earlier one; flying east, no hour counts twice. `tools.fact_spans` tells the database the same.

>>> home = Stay("America/Sao_Paulo", date(2026, 5, 15), None)
>>> stay_at(datetime(2026, 5, 14, 17), [hanoi, home])
(0, datetime.date(2026, 5, 14))
>>> stay_at(datetime(2026, 5, 15, 3), [hanoi, home])
(1, datetime.date(2026, 5, 15))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .periods import local_day

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stay:
    """Local days of a zone, both within; ``date_to`` None: no end is known."""

    zone: str
    date_from: date
    date_to: date | None = None


def stay_at(moment: datetime, stays: Sequence[Stay]) -> tuple[int, date] | None:
    """The position of the stay in which a moment (naive, UTC) lies, and its local day there.

    :raises ZoneError: unknown_zone
    """
    following = None
    for position in range(len(stays) - 1, -1, -1):
        stay = stays[position]
        day = local_day(moment, stay.zone)
        if day >= stay.date_from:
            if stay.date_to is None or day <= stay.date_to:
                return position, day
            if following and following.date_from == stay.date_to + _DAY:
                return position, stay.date_to
            return None
        following = stay
    return None
