"""Spans and periods: what is cut adds up to what was whole."""

import itertools
import pickle
from datetime import date, datetime, timedelta

import pytest
from engine.periods import (
    ERRORS,
    KINDS,
    PeriodError,
    Span,
    check_zone,
    next_period,
    period,
    previous_period,
)
from hypothesis import given
from hypothesis import strategies as st

DAY = timedelta(days=1)


def span(text):
    return Span(*map(date.fromisoformat, text.split("..")))


PERIODS = [
    ("month", "2026-07-14", "2026-07-01..2026-07-31"),
    ("month", "2024-02-29", "2024-02-01..2024-02-29"),
    ("month", "2023-02-01", "2023-02-01..2023-02-28"),
    ("month", "2026-12-31", "2026-12-01..2026-12-31"),
    ("quarter", "2026-07-01", "2026-07-01..2026-09-30"),
    ("quarter", "2026-12-31", "2026-10-01..2026-12-31"),
    ("quarter", "2024-01-01", "2024-01-01..2024-03-31"),
    ("half_year", "2026-06-30", "2026-01-01..2026-06-30"),
    ("half_year", "2026-07-01", "2026-07-01..2026-12-31"),
    ("year", "2026-07-01", "2026-01-01..2026-12-31"),
    ("year", "9999-12-31", "9999-01-01..9999-12-31"),
]

# kind, period, the one after
NEIGHBOURS = [
    ("month", "2026-01-01..2026-01-31", "2026-02-01..2026-02-28"),
    ("month", "2026-12-01..2026-12-31", "2027-01-01..2027-01-31"),
    ("quarter", "2026-10-01..2026-12-31", "2027-01-01..2027-03-31"),
    ("half_year", "2026-01-01..2026-06-30", "2026-07-01..2026-12-31"),
    ("year", "2026-01-01..2026-12-31", "2027-01-01..2027-12-31"),
    ("free", "2026-07-10..2026-07-16", "2026-07-17..2026-07-23"),
    ("free", "2024-02-29..2024-02-29", "2024-03-01..2024-03-01"),
]

# span, first day of the second part, parts
SPLITS = [
    ("2026-07-01..2026-07-31", "2026-07-15", ["2026-07-01..2026-07-14", "2026-07-15..2026-07-31"]),
    ("2026-07-01..2026-07-31", "2026-07-31", ["2026-07-01..2026-07-30", "2026-07-31..2026-07-31"]),
    ("2026-07-01..2026-07-31", "2026-07-02", ["2026-07-01..2026-07-01", "2026-07-02..2026-07-31"]),
    ("2026-07-01..2026-07-31", "2026-07-01", ["2026-07-01..2026-07-31"]),
    ("2026-07-01..2026-07-31", "2026-08-01", ["2026-07-01..2026-07-31"]),
    ("2026-07-01..2026-07-31", "2020-01-01", ["2026-07-01..2026-07-31"]),
    ("2026-07-01..2026-07-01", "2026-07-01", ["2026-07-01..2026-07-01"]),
]

INTERSECTIONS = [
    ("2026-07-01..2026-07-31", "2026-07-15..2026-08-15", "2026-07-15..2026-07-31"),
    ("2026-07-01..2026-07-31", "2026-07-10..2026-07-12", "2026-07-10..2026-07-12"),
    ("2026-07-01..2026-07-31", "2026-07-31..2026-09-30", "2026-07-31..2026-07-31"),
    ("2026-07-01..2026-07-31", "2026-08-01..2026-08-31", None),
]


@pytest.mark.parametrize(("kind", "day", "expected"), PERIODS)
def test_period_of_a_day(kind, day, expected):
    assert str(period(kind, date.fromisoformat(day))) == expected


@pytest.mark.parametrize(("kind", "first", "second"), NEIGHBOURS)
def test_neighbours(kind, first, second):
    assert next_period(kind, span(first)) == span(second)
    assert previous_period(kind, span(second)) == span(first)


@pytest.mark.parametrize(("whole", "day", "parts"), SPLITS)
def test_split(whole, day, parts):
    assert [str(part) for part in span(whole).split(date.fromisoformat(day))] == parts


@pytest.mark.parametrize(("one", "other", "both"), INTERSECTIONS)
def test_intersection(one, other, both):
    expected = span(both) if both else None
    assert span(one).intersection(span(other)) == span(other).intersection(span(one)) == expected


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: span("2026-07-02..2026-07-01"), "ends_before_start"),
        (lambda: period("week", date(2026, 7, 1)), "unknown_kind"),
        (lambda: period("free", date(2026, 7, 1)), "free_period"),
        (lambda: next_period("week", span("2026-07-01..2026-07-07")), "unknown_kind"),
        (lambda: next_period("month", span("2026-07-01..2026-07-30")), "not_a_period"),
        (lambda: previous_period("quarter", span("2026-07-01..2026-07-31")), "not_a_period"),
        (lambda: check_zone("Asia/Hanoi"), "unknown_zone"),
    ],
)
def test_faults_are_typed(call, code):
    with pytest.raises(PeriodError) as caught:
        call()
    assert caught.value.code == code
    assert sorted(caught.value.params) == sorted(ERRORS[code])
    assert str(caught.value).startswith(code)


def test_every_fault_is_shown_above():
    assert set(ERRORS) == {
        "ends_before_start",
        "unknown_kind",
        "free_period",
        "not_a_period",
        "unknown_zone",
    }
    with pytest.raises(TypeError):
        PeriodError("unknown_kind")


@pytest.mark.parametrize("day", [None, False, "2026-07-01", datetime(2026, 7, 1)])
def test_a_span_holds_days_only(day):
    with pytest.raises(TypeError):
        Span(day, date(2026, 7, 31))
    with pytest.raises(TypeError):
        Span(date(2026, 7, 1), day)


def test_months_of_a_span():
    assert [str(month) for month in span("2025-12-15..2026-02-10").months()] == [
        "2025-12-15..2025-12-31",
        "2026-01-01..2026-01-31",
        "2026-02-01..2026-02-10",
    ]
    assert [str(month) for month in span("9999-12-30..9999-12-31").months()] == [
        "9999-12-30..9999-12-31"
    ]


def test_spans_sort_and_can_be_kept():
    spans = [span("2026-07-01..2026-07-31"), span("2026-07-01..2026-07-02")]
    assert sorted(spans) == spans[::-1]
    assert pickle.loads(pickle.dumps(spans[0])) == spans[0]
    assert len({*spans, span("2026-07-01..2026-07-31")}) == 2


days = st.dates(date(2019, 12, 1), date(2024, 3, 31))
spans = st.tuples(days, days).map(lambda ends: Span(min(ends), max(ends)))
# Facts: what adds up, by local day
facts = st.dictionaries(days, st.integers(-1000, 1000), max_size=40)


def total(amounts, part):
    return sum(amount for day, amount in amounts.items() if day in part)


@given(spans, st.lists(days, max_size=6), facts)
def test_splitting_a_span_never_changes_a_sum(whole, cuts, amounts):
    parts = [whole]
    for cut in cuts:
        parts = [part for each in parts for part in each.split(cut)]
    assert sum(total(amounts, part) for part in parts) == total(amounts, whole)
    assert sum(part.days for part in parts) == whole.days == len(list(whole))
    assert parts[0].date_from == whole.date_from
    assert parts[-1].date_to == whole.date_to
    for one, other in itertools.pairwise(sorted(parts)):
        assert other.date_from - one.date_to == DAY


@given(spans, facts)
def test_months_add_up_to_the_span(whole, amounts):
    months = list(whole.months())
    assert sum(total(amounts, month) for month in months) == total(amounts, whole)
    assert [day for month in months for day in month] == list(whole)
    assert all(month.date_from.month == month.date_to.month for month in months)


@given(days, st.sampled_from(KINDS[:-1]))
def test_periods_tile_the_calendar(day, kind):
    here = period(kind, day)
    assert day in here
    assert all(period(kind, other) == here for other in (here.date_from, here.date_to))
    after = next_period(kind, here)
    assert after.date_from - here.date_to == DAY
    assert previous_period(kind, after) == here


@given(spans)
def test_free_periods_keep_their_length(here):
    after = next_period("free", here)
    assert after.days == here.days
    assert after.date_from - here.date_to == DAY
    assert previous_period("free", after) == here


@given(spans, spans)
def test_intersection_holds_the_days_of_both(one, other):
    both = one.intersection(other)
    assert (list(both) if both else []) == [day for day in one if day in other]
