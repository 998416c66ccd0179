"""Stays one after another: every moment is in one of them, on one day."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytz
from engine.periods import Span, utc_bounds
from engine.stay import Stay, stay_at
from hypothesis import given
from hypothesis import strategies as st

ZONES = sorted(pytz.common_timezones)
FIRST = date(2026, 3, 1)


def journey(zones, gap=0):
    """Ten days in each zone, with some days between."""
    stays = []
    for zone in zones:
        first = FIRST + timedelta(days=len(stays) * (10 + gap))
        stays.append(Stay(zone, first, first + timedelta(days=9)))
    return stays


def start_of(stay):
    return utc_bounds(Span(stay.date_from, stay.date_from), stay.zone)[0]


@given(st.lists(st.sampled_from(ZONES), min_size=1, max_size=4))
def test_a_journey_is_one_line_of_days(zones):
    stays = journey(zones)
    moment, last = start_of(stays[0]), stays[-1]
    stop = utc_bounds(Span(last.date_to, last.date_to), last.zone)[1]
    assert stay_at(moment - timedelta(seconds=1), stays) is None
    assert stay_at(stop, stays) is None
    found = []
    while moment < stop:
        found.append(stay_at(moment, stays))
        moment += timedelta(minutes=90)
    assert None not in found
    assert found == sorted(found)


@given(st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)))
def test_the_next_begins_at_its_own_midnight(zones):
    stays = journey(zones)
    start = start_of(stays[1])
    assert stay_at(start, stays) == (1, stays[1].date_from)
    assert stay_at(start - timedelta(seconds=1), stays)[0] == 0


def test_between_stays_that_do_not_follow_at_once_one_is_in_none():
    stays = journey(["Asia/Ho_Chi_Minh", "Europe/Berlin"], gap=1)
    assert stay_at(datetime(2026, 3, 11, 12), stays) is None
    assert all(a.date_to < b.date_from for a, b in pairwise(stays))


def test_a_stay_without_end():
    assert stay_at(datetime(2030, 1, 1), [Stay("UTC", FIRST)]) == (0, date(2030, 1, 1))
    assert stay_at(datetime(2030, 1, 1), []) is None
