"""A zone's local days as few runs: days in a row that begin 24 hours apart.

*How to use it.* Within a run a moment's day is a sum, which a database computes in no time and
without knowing any zone::

    day = min((moment + shift).date(), run.date_to)

>>> from datetime import date
>>> for run in clock_runs(Span(date(2026, 3, 1), date(2026, 4, 30)), "Europe/Berlin"):
...     print(run.date_from, run.date_to, run.start, run.stop, run.shift)
2026-03-01 2026-03-29 2026-02-28 23:00:00 2026-03-29 22:00:00 1:00:00
2026-03-30 2026-04-30 2026-03-29 22:00:00 2026-04-30 22:00:00 2:00:00

*How it works.* A day that is longer or shorter ends its run: it begins in time, and the next one
does not. What of a longer day lies beyond its 24th hour is kept in it by the minimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from .periods import Span, utc_bounds

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """The local days from ``date_from`` to ``date_to``, both within.

    ``start`` is when the first begins and ``stop`` when the day after the last begins (naive, UTC).
    """

    date_from: date
    date_to: date
    start: datetime
    stop: datetime

    @property
    def shift(self) -> timedelta:
        """What is added to a moment for the local clock."""
        return datetime.combine(self.date_from, time()) - self.start


@lru_cache(maxsize=2048)
def clock_runs(span: Span, zone: str) -> tuple[Run, ...]:
    """The runs of ``span`` in that zone, in order; together they are all its days.

    :raises ZoneError: unknown_zone
    """
    starts = [utc_bounds(Span(day, day), zone)[0] for day in span]
    starts.append(utc_bounds(Span(span.date_to, span.date_to), zone)[1])
    result = []
    first = 0
    for position in range(span.days):
        if starts[position + 1] - starts[position] != _DAY or position == span.days - 1:
            result.append(
                Run(
                    span.date_from + first * _DAY,
                    span.date_from + position * _DAY,
                    starts[first],
                    starts[position + 1],
                )
            )
            first = position + 1
    return tuple(result)
