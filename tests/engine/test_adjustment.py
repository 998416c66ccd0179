"""Slices of a period: what holds on each day, and over all of them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from engine.adjustment import (
    ERRORS,
    AdjustmentError,
    Edit,
    Line,
    Slice,
    adjusted,
    days_in,
    edited_span,
    from_content,
    harder_from,
    is_harder,
    over_period,
    partition,
    slices_content,
)
from engine.periods import Span
from engine.revision import TERMS, terms_problem
from hypothesis import assume, given
from hypothesis import strategies as st

PERIOD = Span(date(2026, 7, 1), date(2026, 9, 30))
DAYS = list(PERIOD)
WORKED = [day for day in DAYS if day.weekday() < 5]


def terms(target, weight=100.0, **others):
    return {**dict.fromkeys(TERMS, 0.0), "target": float(target), "weight": float(weight), **others}


def line(indicator, *numbers, **about):
    return Line(indicator, (Slice(PERIOD, terms(*numbers)),), name=f"Line {indicator}", **about)


TWO = [line(1, 12, 60, is_additive=True), line(2, 25, 40)]
SPANS = st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(
    lambda ends: Span(min(ends), max(ends))
)
# What is done one after another: weights move between two lines, or a third comes and goes.
STEPS = st.lists(
    st.tuples(SPANS, st.sampled_from(("share", "aim", "third")), st.integers(1, 99)), max_size=4
)


def played(steps, lines=TWO):
    """The lines after all steps; what cannot be is left out."""
    for span, kind, number in steps:
        one, two = lines[:2]
        day = span.date_from
        weights = [known["weight"] for known in (one.terms_on(day), two.terms_on(day))]
        third = next((known for known in lines if known.indicator == 3), Line(3, name="Line 3"))
        if kind == "share":
            total = sum(weights)
            edits = [
                Edit("change", one, terms(10, round(total * number / 100, 2))),
                Edit("change", two, terms(20, round(total - round(total * number / 100, 2), 2))),
            ]
        elif kind == "aim":
            edits = [Edit("change", one, terms(number, weights[0]))]
        elif third.terms_on(day):
            edits = [
                Edit("drop", third),
                Edit("change", one, terms(12, 60)),
                Edit("change", two, terms(25, 40)),
            ]
        else:
            edits = [
                Edit("add", third, terms(70, 20)),
                Edit("change", one, terms(12, 50)),
                Edit("change", two, terms(25, 30)),
            ]
        try:
            lines = adjusted(PERIOD, lines, edits, span)
        except AdjustmentError:
            continue
    return lines


@given(STEPS)
def test_slices_never_overlap_and_lie_within_the_period(steps):
    for known in played(steps):
        spans = [part.span for part in known.slices]
        assert spans == sorted(spans)
        assert all(a.date_to < b.date_from for a, b in pairwise(spans))
        assert all(PERIOD.intersection(span) == span for span in spans)


@given(STEPS)
def test_weights_are_100_on_each_day_and_over_the_period(steps):
    lines = played(steps)
    for day in DAYS[::7]:
        there = [held["weight"] for known in lines if (held := known.terms_on(day))]
        assert abs(sum(there) - 100) < 0.005
    over = over_period(PERIOD, lines, WORKED)
    assert round(sum(held["weight"] for held in over.values()), 2) == 100


@given(
    st.integers(2, 12).flatmap(
        lambda count: st.tuples(st.just(count), st.integers(1, count - 1), SPANS)
    )
)
def test_equal_shares_are_agreed_on_and_100_over_the_period(drawn):
    """Each of them rounded, on some days among fewer lines than on others."""
    many, few, span = drawn
    known = [line(one, 12, round(100 / many, 2)) for one in range(many)]
    edits = [
        Edit("change", one, terms(12, round(100 / few, 2)))
        if one.indicator < few
        else Edit("drop", one)
        for one in known
    ]
    over = over_period(PERIOD, adjusted(PERIOD, known, edits, span), WORKED)
    assert round(sum(held["weight"] for held in over.values()), 2) == 100


@given(STEPS)
def test_partition_tiles_the_period_and_nothing_changes_within(steps):
    lines = played(steps)
    spans = partition(PERIOD, lines)
    assert [day for span in spans for day in span] == DAYS
    for span in spans:
        for known in lines:
            assert len({str(known.terms_on(day)) for day in (span.date_from, span.date_to)}) == 1


@given(STEPS)
def test_target_over_the_period_is_the_sum_day_by_day(steps):
    """The plain way: each working day brings its share of what holds on it."""
    for known in played(steps):
        told = over_period(PERIOD, [known], WORKED)[known.indicator]["target"]
        held = [there["target"] for day in WORKED if (there := known.terms_on(day))]
        assume(held)
        plain = sum(held) / (len(WORKED) if known.is_additive else len(held))
        assert told == pytest.approx(plain, abs=0.0051)


@given(STEPS, SPANS, st.integers(1, 99))
def test_an_adjustment_changes_no_day_outside_its_span(steps, span, target):
    lines = played(steps)
    held = lines[0].terms_on(span.date_from)
    try:
        after = adjusted(
            PERIOD, lines, [Edit("change", lines[0], {**held, "target": float(target)})], span
        )
    except AdjustmentError:
        return
    for before, later in zip(lines, after, strict=True):
        for day in DAYS:
            if day not in span:
                assert before.terms_on(day) == later.terms_on(day)


@given(STEPS)
def test_slices_survive_being_stored(steps):
    lines = played(steps)
    over = over_period(PERIOD, lines, WORKED)
    content = {
        "plan": {"date_from": "2026-07-01", "date_to": "2026-09-30"},
        "lines": [
            {
                "indicator": known.indicator,
                "name": known.name,
                **over[known.indicator],
                "slices": slices_content(PERIOD, known, WORKED),
            }
            for known in lines
        ],
    }
    period, stored = from_content(content, additive={1})
    assert period == PERIOD
    assert [known.slices for known in stored] == [known.slices for known in lines]


@given(
    st.sampled_from(("more", "less")),
    st.lists(st.tuples(SPANS, st.integers(10, 90), st.booleans(), st.booleans()), max_size=5),
)
def test_numbers_over_the_period_are_such_as_people_may_agree_on(direction, edits):
    lines = [line(1, 50, 100, direction=direction, is_additive=True)]
    sign = 1 if direction == "more" else -1
    for span, target, has_threshold, has_stretch in edits:
        held = terms(
            target,
            threshold=float(target - 5 * sign) if has_threshold else 0.0,
            stretch=float(target + 5 * sign) if has_stretch else 0.0,
        )
        try:
            lines = adjusted(PERIOD, lines, [Edit("change", lines[0], held)], span)
        except AdjustmentError as error:
            assert error.code == "nothing_changes"
    over = over_period(PERIOD, lines, WORKED)[1]
    assert terms_problem(direction, **over) is None


def test_worked_out_by_hand_around_holidays():
    """Hanoi: 1 and 2 September are holidays, so 32 of 64 days come before 14 August."""
    worked = [day for day in WORKED if day not in (date(2026, 9, 1), date(2026, 9, 2))]
    span = edited_span(PERIOD, "slices", date(2026, 8, 14))
    after = adjusted(PERIOD, TWO, [Edit("change", TWO[0], terms(18, 60))], span)
    assert (days_in(span, worked), len(worked)) == (32, 64)
    assert over_period(PERIOD, after, worked)[1]["target"] == 15


def test_an_added_line_gets_its_share_where_it_adds_up():
    span = edited_span(PERIOD, "slices", date(2026, 8, 17))  # 33 of 66 weekdays
    rate, sum_ = Line(3, name="Retention"), Line(4, name="Audits", is_additive=True)
    after = adjusted(
        PERIOD,
        TWO,
        [
            Edit("change", TWO[0], terms(12, 40)),
            Edit("add", rate, terms(70, 10)),
            Edit("add", sum_, terms(30, 10)),
        ],
        span,
    )
    over = over_period(PERIOD, after, WORKED)
    assert (over[3]["target"], over[4]["target"]) == (70, 15)
    assert [over[number]["weight"] for number in (1, 2, 3, 4)] == [50, 40, 5, 5]


def test_without_working_days_calendar_days_count():
    span = Span(date(2026, 7, 1), date(2026, 8, 15))  # 46 of 92 days
    after = adjusted(PERIOD, TWO, [Edit("change", TWO[0], terms(24, 60))], span)
    assert over_period(PERIOD, after, [])[1]["target"] == 18


def test_a_stretch_is_missed_where_there_is_none():
    span = edited_span(PERIOD, "slices", date(2026, 8, 17))
    before = [line(1, 10, 100)]
    after = adjusted(PERIOD, before, [Edit("change", before[0], terms(10, stretch=14.0))], span)
    assert over_period(PERIOD, after, WORKED)[1]["stretch"] == 12


@pytest.mark.parametrize(
    ("direction", "before", "after", "harder"),
    [
        ("more", (12,), (13,), True),
        ("more", (12,), (11,), False),
        ("less", (45,), (40,), True),
        ("less", (45,), (50,), False),
        ("more", (12, {"threshold": 8}), (12, {"threshold": 9}), True),
        ("more", (12,), (12, {"threshold": 1}), True),
        ("more", (12, {"threshold": 8}), (12,), False),
        ("less", (45, {"threshold": 60}), (45, {"threshold": 50}), True),
        ("less", (45,), (45, {"threshold": 60}), True),
        ("more", (12, {"stretch": 15}), (12,), True),
        ("more", (12, {"stretch": 15}), (12, {"stretch": 14}), False),
        ("more", (12,), (12, {"stretch": 14}), False),
        ("less", (45, {"stretch": 30}), (45, {"stretch": 20}), True),
        ("band", (10, {"target_max": 20}), (11, {"target_max": 20}), True),
        ("band", (10, {"target_max": 20}), (10, {"target_max": 19}), True),
        ("band", (10, {"target_max": 20}), (9, {"target_max": 21}), False),
    ],
)
def test_what_is_harder(direction, before, after, harder):
    def of(numbers):
        return terms(numbers[0], **(numbers[1] if len(numbers) > 1 else {}))

    assert is_harder(direction, of(before), of(after)) == harder
    # A weight changes nothing about that.
    assert is_harder(direction, of(before), {**of(after), "weight": 1.0}) == harder


def test_an_added_line_is_harder_and_a_dropped_one_is_not():
    assert is_harder("more", None, terms(1))
    assert not is_harder("more", terms(1), None)


def test_harder_from_the_first_such_day():
    easier = adjusted(
        PERIOD, TWO, [Edit("change", TWO[0], terms(6, 60))], Span(DAYS[0], date(2026, 7, 31))
    )
    assert harder_from(PERIOD, TWO, easier) is None
    # Back to what it was before: from there on it is harder than what was agreed last.
    assert harder_from(PERIOD, easier, TWO) == DAYS[0]
    later = adjusted(
        PERIOD,
        easier,
        [Edit("change", easier[0], terms(13, 60))],
        Span(date(2026, 8, 10), date(2026, 8, 20)),
    )
    assert harder_from(PERIOD, easier, later) == date(2026, 8, 10)


@pytest.mark.parametrize(
    ("method", "date_from", "date_to", "code"),
    [
        ("slices", date(2026, 6, 30), None, "outside"),
        ("slices", date(2026, 10, 1), None, "outside"),
        ("slices", date(2026, 8, 1), date(2026, 10, 1), "outside"),
        ("slices", date(2026, 8, 2), date(2026, 8, 1), "ends_before_start"),
        ("restated", date(2026, 8, 2), date(2026, 8, 3), "restated_with_end"),
    ],
)
def test_days_that_cannot_be(method, date_from, date_to, code):
    with pytest.raises(AdjustmentError) as error:
        edited_span(PERIOD, method, date_from, date_to)
    assert error.value.code == code
    assert code in ERRORS


def test_the_last_day_alone_can_be_adjusted():
    assert edited_span(PERIOD, "slices", DAYS[-1]).days == 1
    assert edited_span(PERIOD, "slices", DAYS[0]) == PERIOD
    assert edited_span(PERIOD, "restated", DAYS[9]) == PERIOD


def test_a_day_without_weights_of_100_is_named():
    # The weights of two lines were moved for August; a change of one for longer does not fit.
    august = Span(date(2026, 8, 1), date(2026, 8, 31))
    moved = adjusted(
        PERIOD,
        TWO,
        [Edit("change", TWO[0], terms(12, 50)), Edit("change", TWO[1], terms(25, 50))],
        august,
    )
    with pytest.raises(AdjustmentError) as error:
        adjusted(
            PERIOD,
            moved,
            [Edit("change", moved[0], terms(15, 50))],
            edited_span(PERIOD, "slices", date(2026, 8, 15)),
        )
    assert error.value.code == "weights"
    assert error.value.params["span"].date_from == august.date_to + timedelta(days=1)
    assert error.value.params["missing"] == 10


def test_every_error_takes_its_parameters():
    with pytest.raises(TypeError):
        AdjustmentError("weights")
    assert str(AdjustmentError("twice", name="Visits")) == "twice, name=Visits"
