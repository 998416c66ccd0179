"""Spans of local days, and the instants at which a local day begins and ends.

*What it accepts.* Days are :class:`datetime.date`; a moment is a naive datetime in UTC, as Odoo
stores it; a zone is a name of the IANA database that pytz knows. A :class:`Span` holds both its
ends. The engine has no clock and no zone of its own: all of it is passed in.

*How to use it.*

>>> july = period("month", date(2026, 7, 14))
>>> print(july, july.days, next_period("month", july))
2026-07-01..2026-07-31 31 2026-08-01..2026-08-31

A visit at 23:30 in Hanoi on 31 March is March, though the server's day would be March anywhere
west of it and the next one still to come:

>>> local_day(datetime(2026, 3, 31, 16, 30), "Asia/Ho_Chi_Minh")
datetime.date(2026, 3, 31)
>>> local_day(datetime(2026, 3, 31, 17, 0), "Asia/Ho_Chi_Minh")
datetime.date(2026, 4, 1)
>>> [str(moment) for moment in utc_bounds(Span(date(2026, 3, 31), date(2026, 3, 31)), "Asia/Tokyo")]
['2026-03-30 15:00:00', '2026-03-31 15:00:00']

*How it works.* A day begins at the first instant at which the local calendar shows that day or a
later one, and ends where the next begins. So the days of a zone tile the time line, whatever its
clocks do: where midnight is skipped the day begins at one o'clock, and a day that a zone left
out when it moved over the date line (Apia, 30 December 2011) is empty. Where clocks were put
back over midnight, an instant may show yesterday's date once more after today has begun (St
John's until 2011: from 0:01 back to 23:01); such an instant stays with the day that has begun,
or a day would come in two pieces.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import pytz

from .errors import CodedError

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
KINDS = (*_MONTHS, "free")
_DAY = timedelta(days=1)

# Every error there is, with the parameters that its sentence may name.
ERRORS: dict[str, tuple[str, ...]] = {
    "unknown_zone": ("zone",),
    "unknown_kind": ("kind",),
    "ends_before_start": ("date_from", "date_to"),
    "free_period": (),  # free periods have no calendar: what contains a day is not known
    "not_a_period": ("kind", "date_from", "date_to"),
}


class PeriodError(CodedError):
    """A span or a zone that cannot be used."""

    errors = ERRORS


class ZoneError(PeriodError):
    """A zone name that does not exist."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The local days from ``date_from`` to ``date_to``, both within; at least one day.

    :raises PeriodError: ends_before_start
    """

    date_from: date
    date_to: date

    def __post_init__(self):
        for day in (self.date_from, self.date_to):
            if not isinstance(day, date) or isinstance(day, datetime):
                raise TypeError(f"not a day: {day!r}")
        if self.date_to < self.date_from:
            raise PeriodError("ends_before_start", date_from=self.date_from, date_to=self.date_to)

    def __str__(self):
        return f"{self.date_from}..{self.date_to}"

    def __contains__(self, day: date) -> bool:
        return self.date_from <= day <= self.date_to

    def __iter__(self) -> Iterator[date]:
        """Each day, in order."""
        for ordinal in range(self.date_from.toordinal(), self.date_to.toordinal() + 1):
            yield date.fromordinal(ordinal)

    @property
    def days(self) -> int:
        """How many days the span has."""
        return self.date_to.toordinal() - self.date_from.toordinal() + 1

    def split(self, day: date) -> tuple[Span, ...]:
        """The span in two, the second from ``day`` on; whole if ``day`` does not part it.

        >>> july = period("month", date(2026, 7, 1))
        >>> [str(part) for part in july.split(date(2026, 7, 15))]
        ['2026-07-01..2026-07-14', '2026-07-15..2026-07-31']
        """
        if not self.date_from < day <= self.date_to:
            return (self,)
        return (Span(self.date_from, day - _DAY), Span(day, self.date_to))

    def intersection(self, other: Span) -> Span | None:
        """The days that lie in both spans; None if there is none."""
        date_from = max(self.date_from, other.date_from)
        date_to = min(self.date_to, other.date_to)
        return Span(date_from, date_to) if date_from <= date_to else None

    def months(self) -> Iterator[Span]:
        """The span cut at the first of each month; its ends may be parts of a month."""
        rest = self
        while True:
            month = _calendar_span(1, rest.date_from)
            yield month.intersection(rest)
            if month.date_to >= rest.date_to:
                return
            rest = Span(month.date_to + _DAY, rest.date_to)


def _calendar_span(months: int, day: date) -> Span:
    """The ``months`` long piece of the calendar year in which ``day`` lies."""
    first = (day.month - 1) // months * months + 1
    last = first + months - 1
    if last == 12:
        return Span(date(day.year, first, 1), date(day.year, 12, 31))
    return Span(date(day.year, first, 1), date(day.year, last + 1, 1) - _DAY)


def period(kind: str, day: date) -> Span:
    """The month, quarter, half-year or year in which a day lies.

    :raises PeriodError: unknown_kind; free_period, which has no calendar

    >>> print(period("half_year", date(2024, 2, 29)))
    2024-01-01..2024-06-30
    """
    if kind == "free":
        raise PeriodError("free_period")
    if kind not in _MONTHS:
        raise PeriodError("unknown_kind", kind=kind)
    return _calendar_span(_MONTHS[kind], day)


def next_period(kind: str, span: Span) -> Span:
    """The period right after this one; a free one has as many days.

    :raises PeriodError: unknown_kind; not_a_period if ``span`` is not a whole one of that kind
    """
    first = span.date_to + _DAY
    if kind == "free":
        return Span(first, first + timedelta(days=span.days - 1))
    _check_whole(kind, span)
    return period(kind, first)


def previous_period(kind: str, span: Span) -> Span:
    """The period right before this one; a free one has as many days.

    :raises PeriodError: as :func:`next_period`

    >>> print(previous_period("quarter", period("quarter", date(2026, 1, 1))))
    2025-10-01..2025-12-31
    """
    last = span.date_from - _DAY
    if kind == "free":
        return Span(last - timedelta(days=span.days - 1), last)
    _check_whole(kind, span)
    return period(kind, last)


def _check_whole(kind: str, span: Span) -> None:
    if period(kind, span.date_from) != span:
        raise PeriodError("not_a_period", kind=kind, date_from=span.date_from, date_to=span.date_to)


def check_zone(zone: str) -> str:
    """The zone's name, if there is such a zone.

    :raises ZoneError: unknown_zone; names are exact, as the database of zones writes them

    >>> check_zone("Asia/Saigon_City")
    Traceback (most recent call last):
        ...
    engine.periods.ZoneError: unknown_zone, zone=Asia/Saigon_City
    """
    # pytz.timezone() opens a file of that name: nothing but a listed name gets there.
    if not isinstance(zone, str) or zone not in pytz.all_timezones_set:
        raise ZoneError("unknown_zone", zone=zone)
    return zone


def local_day(moment: datetime, zone: str) -> date:
    """The day on which a moment (naive, UTC) falls for somebody in that zone.

    It is the ``day`` for which ``utc_bounds(Span(day, day), zone)`` contains the moment.

    :raises ZoneError: unknown_zone
    :raises TypeError: for a moment that carries a zone of its own
    """
    _check_moment(moment)
    check_zone(zone)
    if not _YEAR_2 < moment.toordinal() < _YEAR_9999 - 1:
        return moment.date()  # nobody was posted there then
    day = _local(moment, zone).date()
    while _day_start(day + _DAY, zone) <= moment:
        # The clock shows a day that was already over: see "How it works" above.
        day += _DAY
    return day


def utc_bounds(span: Span, zone: str) -> tuple[datetime, datetime]:
    """The moments (naive, UTC) from which and up to before which the span lasts in that zone.

    The end of a span is the start of the next, so consecutive spans neither share nor lose a
    moment. Both are equal for a span of days that the zone left out. Days of year 1 begin at the
    first and days of year 9999 at the last moment of all, so that open ends may be written as
    ``date.min`` and ``date.max``.

    :raises ZoneError: unknown_zone
    """
    check_zone(zone)
    return (
        _bound(span.date_from.toordinal(), zone),
        _bound(span.date_to.toordinal() + 1, zone),  # a number: there is no day after date.max
    )


def _bound(ordinal: int, zone: str) -> datetime:
    # At either end of what datetime holds, a zone's offset reaches over it.
    if ordinal < _YEAR_2:
        return datetime.min
    return datetime.max if ordinal >= _YEAR_9999 else _day_start(date.fromordinal(ordinal), zone)


_YEAR_2 = date(2, 1, 1).toordinal()
_YEAR_9999 = date(9999, 1, 1).toordinal()

# No zone was ever 16 hours or more away from UTC, or changed twice within twice as long; a test
# asks the database of zones.
_FARTHEST = timedelta(hours=16)


def _check_moment(moment: datetime) -> None:
    if not isinstance(moment, datetime) or moment.tzinfo is not None:
        raise TypeError(f"not a naive moment in UTC: {moment!r}")


def _local(moment: datetime, zone: str) -> datetime:
    return pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).replace(tzinfo=None)


def _offset(moment: datetime, zone: str) -> timedelta:
    return _local(moment, zone) - moment


@lru_cache(maxsize=65536)
def _day_start(day: date, zone: str) -> datetime:
    """The first instant at which the zone's calendar shows ``day`` or a later one."""
    midnight = datetime(day.year, day.month, day.day)
    start, end = midnight - _FARTHEST, midnight + _FARTHEST
    before, after = _offset(start, zone), _offset(end, zone)
    if before == after:
        return midnight - before
    change = _first_change(start, end, before, zone)
    if midnight - before < change:
        return midnight - before
    # Midnight is not reached before the change: it comes after it, or was skipped by it.
    return max(change, midnight - after)


def _first_change(start: datetime, end: datetime, offset: timedelta, zone: str) -> datetime:
    """The instant between start and end from which the offset is another one."""

    def has_changed(second: int) -> bool:
        return _offset(start + timedelta(seconds=second), zone) != offset

    # Zones change on whole seconds, and False sorts before True: halve down to the first.
    seconds = range(int((end - start).total_seconds()))
    return start + timedelta(seconds=bisect(seconds, False, key=has_changed))
