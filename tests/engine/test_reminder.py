from datetime import date, timedelta

from engine.reminder import is_due
from hypothesis import given
from hypothesis import strategies as st

DEADLINE = date(2026, 2, 20)
around = st.integers(-40, 10).map(lambda days: DEADLINE + timedelta(days))
calendars = st.frozensets(around)
befores = st.integers(0, 12)


@given(calendars, befores)
def test_they_come_on_the_last_working_days_up_to_the_deadline(working, before):
    days = sorted({DEADLINE + timedelta(one) for one in range(-40, 11)})
    reminded = [day for day in days if is_due(day, DEADLINE, before, working)]
    up_to = sorted(day for day in working if day <= DEADLINE)
    assert reminded == up_to[-(before + 1) :]


@given(calendars, befores, around)
def test_a_day_off_more_never_makes_the_first_one_later(working, before, off):
    days = [DEADLINE + timedelta(one) for one in range(-40, 1)]

    def first(worked):
        return min((day for day in days if is_due(day, DEADLINE, before, worked)), default=None)

    fewer = working - {off}
    if first(fewer) is not None and sum(day <= DEADLINE for day in fewer) > before:
        assert first(fewer) <= first(working)


def test_tet_before_the_deadline_lets_it_come_before_tet():
    weekdays = frozenset(
        day for one in range(-40, 11) if (day := DEADLINE + timedelta(one)).weekday() < 5
    )
    tet = {date(2026, 2, day) for day in range(14, 23)}
    # Friday the 20th is within Tết: the last day worked is Friday the 13th.
    reminded = [day for day in weekdays - tet if is_due(day, DEADLINE, 3, weekdays - tet)]
    assert sorted(reminded) == [date(2026, 2, day) for day in (10, 11, 12, 13)]
