"""The local day: in every zone the days tile the time line, whatever the clocks do."""

import itertools
import time
from datetime import date, datetime, timedelta

import pytest
import pytz
from engine import periods
from engine.periods import PeriodError, Span, ZoneError, check_zone, local_day, utc_bounds
from hypothesis import example, given
from hypothesis import strategies as st

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


def bounds(day, zone):
    return utc_bounds(Span(day, day), zone)


# day, zone, first moment, first moment of the next day
BOUNDS = [
    ("2026-03-31", "UTC", "2026-03-31 00:00", "2026-04-01 00:00"),
    ("2026-03-31", "Asia/Ho_Chi_Minh", "2026-03-30 17:00", "2026-03-31 17:00"),
    ("2026-03-31", "Asia/Shanghai", "2026-03-30 16:00", "2026-03-31 16:00"),
    ("2026-03-31", "Asia/Kathmandu", "2026-03-30 18:15", "2026-03-31 18:15"),
    ("2026-03-31", "Asia/Kolkata", "2026-03-30 18:30", "2026-03-31 18:30"),
    ("2026-03-31", "Pacific/Kiritimati", "2026-03-30 10:00", "2026-03-31 10:00"),
    ("2026-03-31", "Pacific/Pago_Pago", "2026-03-31 11:00", "2026-04-01 11:00"),
    ("2026-03-31", "Pacific/Chatham", "2026-03-30 10:15", "2026-03-31 10:15"),
    # 23 and 25 hours, changed in the small hours
    ("2026-03-29", "Europe/Berlin", "2026-03-28 23:00", "2026-03-29 22:00"),
    ("2026-10-25", "Europe/Berlin", "2026-10-24 22:00", "2026-10-25 23:00"),
    # Half an hour
    ("2020-04-05", "Australia/Lord_Howe", "2020-04-04 13:00", "2020-04-05 13:30"),
    ("2020-10-04", "Australia/Lord_Howe", "2020-10-03 13:30", "2020-10-04 13:00"),
    # Midnight is skipped: the day begins at one o'clock
    ("2017-10-15", "America/Sao_Paulo", "2017-10-15 03:00", "2017-10-16 02:00"),
    ("2022-03-27", "Asia/Beirut", "2022-03-26 22:00", "2022-03-27 21:00"),
    ("2022-09-11", "America/Santiago", "2022-09-11 04:00", "2022-09-12 03:00"),
    ("2017-03-12", "America/Havana", "2017-03-12 05:00", "2017-03-13 04:00"),
    # The hour before midnight comes twice: it is the old day both times
    ("2018-02-17", "America/Sao_Paulo", "2018-02-17 02:00", "2018-02-18 03:00"),
    ("2022-04-02", "America/Santiago", "2022-04-02 03:00", "2022-04-03 04:00"),
    ("2017-10-28", "Asia/Beirut", "2017-10-27 21:00", "2017-10-28 22:00"),
    # The hour after midnight comes twice: it is the new day both times
    ("2017-11-05", "America/Havana", "2017-11-05 04:00", "2017-11-06 05:00"),
    # Set back one minute after midnight: the day that has begun goes on
    ("2010-11-06", "America/St_Johns", "2010-11-06 02:30", "2010-11-07 02:30"),
    ("2010-11-07", "America/St_Johns", "2010-11-07 02:30", "2010-11-08 03:30"),
    # Days left out at the date line are empty
    ("2011-12-29", "Pacific/Apia", "2011-12-29 10:00", "2011-12-30 10:00"),
    ("2011-12-30", "Pacific/Apia", "2011-12-30 10:00", "2011-12-30 10:00"),
    ("2011-12-31", "Pacific/Apia", "2011-12-30 10:00", "2011-12-31 10:00"),
    ("1993-08-21", "Pacific/Kwajalein", "1993-08-21 12:00", "1993-08-21 12:00"),
]

# moment in UTC, zone, local day
DAYS = [
    ("2026-03-31 16:30", "Asia/Ho_Chi_Minh", "2026-03-31"),
    ("2026-03-31 16:59:59.999999", "Asia/Ho_Chi_Minh", "2026-03-31"),
    ("2026-03-31 17:00", "Asia/Ho_Chi_Minh", "2026-04-01"),
    ("2026-01-31 17:30", "Asia/Shanghai", "2026-02-01"),
    ("2026-01-31 17:30", "America/Sao_Paulo", "2026-01-31"),
    ("2011-12-30 09:59:59", "Pacific/Apia", "2011-12-29"),
    ("2011-12-30 10:00", "Pacific/Apia", "2011-12-31"),
    ("2010-11-07 02:30", "America/St_Johns", "2010-11-07"),
    ("2010-11-07 02:31", "America/St_Johns", "2010-11-07"),  # the clock shows 23:01 on the 6th
    ("2010-11-07 03:31", "America/St_Johns", "2010-11-07"),
]


@pytest.mark.parametrize(("day", "zone", "start", "end"), BOUNDS)
def test_bounds_of_a_day(day, zone, start, end):
    expected = (datetime.fromisoformat(start), datetime.fromisoformat(end))
    assert bounds(date.fromisoformat(day), zone) == expected


@pytest.mark.parametrize(("moment", "zone", "day"), DAYS)
def test_day_of_a_moment(moment, zone, day):
    assert local_day(datetime.fromisoformat(moment), zone) == date.fromisoformat(day)


@pytest.mark.parametrize(("day", "zone"), [case[:2] for case in BOUNDS])
def test_bounds_are_where_the_calendar_on_the_wall_turns(day, zone):
    # A second way to the same instants: look at the wall every minute.
    day = date.fromisoformat(day)
    moment = datetime(day.year, day.month, day.day) - timedelta(hours=20)
    turns = {}
    latest = date.min
    for _minute in range(60 * 80):
        shown = pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).date()
        for passed in range(1, (shown - max(latest, shown - 3 * DAY)).days + 1):
            turns[shown - DAY * (passed - 1)] = moment
        latest = max(latest, shown)
        moment += timedelta(minutes=1)
    assert bounds(day, zone) == (turns[day], turns[day + DAY])


def test_both_ends_of_a_month_at_half_past_eleven():
    march = Span(date(2026, 3, 1), date(2026, 3, 31))
    hanoi, server = "Asia/Ho_Chi_Minh", "UTC"
    evening_before = datetime(2026, 2, 28, 16, 30)  # 23:30 on 28 February in Hanoi
    last_evening = datetime(2026, 3, 31, 16, 30)  # 23:30 on 31 March in Hanoi
    early_visit = datetime(2026, 2, 28, 17, 30)  # 0:30 on 1 March in Hanoi
    assert local_day(evening_before, hanoi) not in march
    assert local_day(last_evening, hanoi) in march
    assert local_day(early_visit, hanoi) in march
    assert local_day(early_visit, server) not in march


@pytest.mark.parametrize(
    "zone", ["Asia/Hanoi", "asia/tokyo", "", " UTC", "../UTC", "/etc/passwd", "x" * 9999, None, 7]
)
def test_a_zone_that_does_not_exist(zone):
    for call in (
        lambda: check_zone(zone),
        lambda: local_day(datetime(2026, 7, 1), zone),
        lambda: utc_bounds(Span(date(2026, 7, 1), date(2026, 7, 1)), zone),
    ):
        with pytest.raises(ZoneError) as caught:
            call()
        assert caught.value.code == "unknown_zone"
        assert isinstance(caught.value, PeriodError)


def test_a_zone_that_exists():
    assert check_zone("Asia/Ho_Chi_Minh") == "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    "moment", [None, date(2026, 7, 1), "2026-07-01", pytz.utc.localize(datetime(2026, 7, 1))]
)
def test_a_moment_is_naive(moment):
    with pytest.raises(TypeError):
        local_day(moment, "UTC")


def test_open_ends():
    assert utc_bounds(Span(date.min, date.max), "Asia/Tokyo") == (datetime.min, datetime.max)
    start, end = utc_bounds(Span(date(2026, 7, 1), date.max), "Asia/Tokyo")
    assert (start, end) == (datetime(2026, 6, 30, 15), datetime.max)
    start, end = utc_bounds(Span(date.min, date(2026, 7, 1)), "Asia/Tokyo")
    assert (start, end) == (datetime.min, datetime(2026, 7, 1, 15))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_ends_of_the_calendar_do_no_harm(zone):
    for year in (1, 9999):
        for day in (date(year, 1, 1), date(year, 12, 31)):
            start, end = bounds(day, zone)
            assert start <= end
            assert local_day(datetime(day.year, day.month, day.day, 12), zone).year == year
    assert bounds(date(9998, 12, 31), zone)[1] == datetime.max
    assert bounds(date(2, 1, 1), zone)[0] > datetime.min
    assert local_day(datetime.min, zone) == date.min
    assert local_day(datetime.max, zone) == date.max


def test_the_zone_of_the_server_does_not_matter(monkeypatch):
    expected = bounds(date(2018, 2, 17), "America/Sao_Paulo")
    for server in ("Pacific/Apia", "America/New_York", "Asia/Kolkata", "UTC"):
        monkeypatch.setenv("TZ", server)
        time.tzset()
        periods._day_start.cache_clear()
        assert bounds(date(2018, 2, 17), "America/Sao_Paulo") == expected
        assert local_day(datetime(2026, 3, 31, 16, 30), "Asia/Tokyo") == date(2026, 4, 1)
    monkeypatch.undo()
    time.tzset()


# Every change of every zone since 1902, from the database of pytz
CHANGES = [
    (name, change)
    for name in pytz.all_timezones
    for change in getattr(pytz.timezone(name), "_utc_transition_times", ())
    if change.year >= 1902
]


def test_what_the_computation_takes_for_granted():
    for name in pytz.all_timezones:
        zone = pytz.timezone(name)
        changes = getattr(zone, "_utc_transition_times", ())[1:]
        for one, other in itertools.pairwise(changes):
            assert other - one > timedelta(hours=32), (name, one)
        for change in (datetime(1850, 1, 1), *changes, datetime(2026, 7, 1)):
            local = pytz.utc.localize(change).astimezone(zone).replace(tzinfo=None)
            assert abs(local - change) < timedelta(hours=16), (name, change)
            assert change.microsecond == 0


def test_since_2011_the_local_day_is_the_date_on_the_wall():
    # So a database that converts a moment by itself finds the same day.
    for name, change in CHANGES:
        if change.year >= 2011:
            zone = pytz.timezone(name)
            for moment in (change - SECOND, change, change + timedelta(minutes=59)):
                shown = pytz.utc.localize(moment).astimezone(zone).date()
                assert local_day(moment, name) == shown, (name, moment)


ordinary = st.tuples(
    st.sampled_from(pytz.all_timezones),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
)
around_changes = st.builds(
    lambda change, hours, more: (change[0], change[1] + timedelta(hours=hours) + more),
    st.sampled_from(CHANGES),
    st.integers(-50, 50),
    st.sampled_from([-SECOND, -TICK, timedelta(0), TICK, SECOND]),
)
places = st.one_of(around_changes, ordinary)


@given(places)
@example(("America/St_Johns", datetime(2010, 11, 7, 2, 31)))
@example(("Pacific/Apia", datetime(2011, 12, 30, 10)))
@example(("Pacific/Guam", datetime(1969, 1, 25, 14, 1)))
def test_a_moment_lies_within_its_day_and_no_other(place):
    zone, moment = place
    day = local_day(moment, zone)
    for offset in range(-3, 4):
        start, end = bounds(day + offset * DAY, zone)
        assert start <= end
        assert (start <= moment < end) is (offset == 0)


@given(places)
def test_the_last_and_the_first_moment_of_a_day(place):
    zone, moment = place
    day = local_day(moment, zone)
    start, end = bounds(day, zone)
    assert local_day(start, zone) == local_day(end - TICK, zone) == day
    assert local_day(start - TICK, zone) < day < local_day(end, zone)
    assert timedelta(hours=0) < end - start <= timedelta(hours=48)


@given(places, st.integers(0, 40), st.integers(1, 40))
def test_consecutive_spans_tile_the_time_line(place, before, after):
    zone, moment = place
    middle = local_day(moment, zone)
    whole = Span(middle - before * DAY, middle + after * DAY)
    parts = [part for each in whole.split(middle) for part in each.months()]
    edges = [utc_bounds(part, zone) for part in parts]
    for one, other in itertools.pairwise(edges):
        assert one[1] == other[0]
    assert (edges[0][0], edges[-1][1]) == utc_bounds(whole, zone)


@given(
    st.lists(places, min_size=1, max_size=20),
    st.sampled_from(pytz.all_timezones),
    st.dates(date(2009, 1, 1), date(2013, 1, 1)),
    st.integers(1, 400),
)
def test_every_record_is_counted_once(others, zone, first, length):
    # Records of all times; each falls on one day of the zone, and into a span by its moment
    # exactly when by its day.
    whole = Span(first, first + length * DAY)
    start, end = utc_bounds(whole, zone)
    moments = [moment for _zone, moment in others]
    moments += [start, start - TICK, end, end - TICK, start + (end - start) / 2]
    for moment in moments:
        assert (start <= moment < end) is (local_day(moment, zone) in whole)
