"""Runs of days: within one a local day is found by an addition."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
import pytz
from engine.clock_runs import clock_runs
from engine.periods import Span, ZoneError, local_day, utc_bounds
from hypothesis import example, given
from hypothesis import strategies as st

ZONES = sorted(pytz.common_timezones)


def day_in(runs, moment):
    """The day of a moment as the database finds it; None outside of the runs."""
    for run in runs:
        if run.start <= moment < run.stop:
            return min((moment + run.shift).date(), run.date_to)
    return None


@given(
    zone=st.sampled_from(ZONES),
    first=st.dates(date(1975, 1, 1), date(2037, 1, 1)),
    days=st.integers(1, 400),
    seconds=st.integers(-3 * 86400, 403 * 86400),
)
@example("America/St_Johns", date(2010, 11, 1), 30, 6 * 86400 + 9 * 1800 + 90)
@example("Pacific/Apia", date(2011, 12, 20), 20, 10 * 86400)
@example("America/Havana", date(2026, 10, 20), 20, 12 * 86400 + 5 * 3600 + 1800)
def test_the_day_is_that_of_the_engine(zone, first, days, seconds):
    span = Span(first, first + timedelta(days=days - 1))
    moment = datetime.combine(first, datetime.min.time()) + timedelta(seconds=seconds)
    day = local_day(moment, zone)
    assert day_in(clock_runs(span, zone), moment) == (day if day in span else None)


@given(
    zone=st.sampled_from(ZONES),
    first=st.dates(date(1975, 1, 1), date(2037, 1, 1)),
    days=st.integers(1, 400),
)
def test_runs_are_the_span_in_order(zone, first, days):
    span = Span(first, first + timedelta(days=days - 1))
    runs = clock_runs(span, zone)
    assert (runs[0].start, runs[-1].stop) == utc_bounds(span, zone)
    assert (runs[0].date_from, runs[-1].date_to) == (span.date_from, span.date_to)
    for run, following in pairwise(runs):
        assert run.stop == following.start
        assert run.date_to + timedelta(days=1) == following.date_from


def test_a_year_of_one_offset_is_one_run():
    year = Span(date(2026, 1, 1), date(2026, 12, 31))
    assert len(clock_runs(year, "Asia/Ho_Chi_Minh")) == 1
    assert len(clock_runs(year, "Europe/Berlin")) == 3


def test_an_unknown_zone_is_refused():
    with pytest.raises(ZoneError):
        clock_runs(Span(date(2026, 1, 1), date(2026, 1, 1)), "Mars/Olympus")
