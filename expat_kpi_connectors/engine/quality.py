"""How well a field record is shown to be true, and what is asked about.

A mark says what there is besides the person's own word. A flag is a question to the
person, not a verdict: who drove to three customers in the last two days of a month
may well have done so.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

MARKS = ("self", "accepted", "evidence", "followed")

# A series: so many records in a row, all of one customer, within so many days.
SERIES_LENGTH = 4
SERIES_DAYS = 7
# A burst: in the last days of a month, at least so many, and at least this share of the month's.
BURST_DAYS = 2
BURST_LENGTH = 5
BURST_SHARE = 0.5


@dataclass(frozen=True)
class Logged:
    """One record: its id, the local day it was on, the customer (None: nobody named)."""

    id: int
    day: date
    customer: int | None = None


def mark(*, is_accepted, has_evidence, is_followed):
    """The best of what is known.

    >>> mark(is_accepted=False, has_evidence=False, is_followed=False)
    'self'
    >>> mark(is_accepted=True, has_evidence=False, is_followed=False)
    'accepted'
    >>> mark(is_accepted=True, has_evidence=True, is_followed=False)
    'evidence'
    >>> mark(is_accepted=False, has_evidence=False, is_followed=True)
    'followed'
    """
    if is_followed:
        return "followed"
    if has_evidence:
        return "evidence"
    return "accepted" if is_accepted else "self"


def is_late(happened, sent, days):
    """Whether more than so many days lie between what happened and its arrival.

    >>> from datetime import datetime
    >>> is_late(datetime(2026, 5, 1, 9), datetime(2026, 5, 4, 9), 3)
    False
    >>> is_late(datetime(2026, 5, 1, 9), datetime(2026, 5, 4, 9, 1), 3)
    True
    """
    return sent - happened > timedelta(days=days)


def series(records):
    """Ids of the records of one person that belong to a series with one customer.

    >>> week = [Logged(n, date(2026, 5, n), 7) for n in range(1, 5)]
    >>> sorted(series(week))
    [1, 2, 3, 4]

    Another customer in between, or more time, and it is none:

    >>> sorted(series([*week[:3], Logged(9, date(2026, 5, 3), 8), week[3]]))
    []
    >>> sorted(series([Logged(n, date(2026, 5, 5 * n), 7) for n in range(1, 6)]))
    []
    >>> sorted(series([Logged(n, date(2026, 5, n)) for n in range(1, 9)]))
    []
    """
    found = set()
    ordered = sorted(records, key=lambda record: (record.day, record.id))
    for last in range(SERIES_LENGTH, len(ordered) + 1):
        part = ordered[last - SERIES_LENGTH : last]
        is_one_customer = {record.customer for record in part} == {part[0].customer}
        is_close = (part[-1].day - part[0].day).days < SERIES_DAYS
        if part[0].customer is not None and is_one_customer and is_close:
            found.update(record.id for record in part)
    return found


def bursts(records):
    """Ids of the records of one person that crowd at the end of a month.

    >>> early = [Logged(n, date(2026, 5, n)) for n in range(1, 5)]
    >>> late = [Logged(n, date(2026, 5, 30 + n % 2)) for n in range(30, 35)]
    >>> sorted(bursts(early + late))
    [30, 31, 32, 33, 34]
    >>> bursts(early + late[:4]), bursts([*early, *late, Logged(7, date(2026, 5, 7)),
    ...     Logged(8, date(2026, 5, 8))])
    (set(), set())
    """
    months = defaultdict(list)
    for record in records:
        months[record.day.year, record.day.month].append(record)
    found = set()
    for month in months.values():
        ends = [record for record in month if _is_month_end(record.day)]
        if len(ends) >= BURST_LENGTH and len(ends) >= BURST_SHARE * len(month):
            found.update(record.id for record in ends)
    return found


def _is_month_end(day):
    return (day + timedelta(days=BURST_DAYS)).month != day.month
