"""What becomes of a plan when some of its numbers change from a day on.

*What it accepts.* A :class:`Line` is an indicator through the period of a plan: slices that do not
overlap, in order, each with the numbers that hold on its days, said for the whole period. Where a
line has no slice it is not in the plan. An :class:`Edit` changes, adds or drops a line on the days
of a span. Working days are those of the expat, of the whole period.

*How to use it.* Two new customers become three from 17 August on; the quarter has 66 weekdays, of
which 33 come before that day:

>>> quarter = Span(date(2026, 7, 1), date(2026, 9, 30))
>>> two = {"target": 2.0, "target_max": 0.0, "threshold": 0.0, "stretch": 0.0, "weight": 100.0}
>>> line = Line(5, (Slice(quarter, two),), name="New customers", is_additive=True)
>>> edit = Edit("change", line, {**two, "target": 3.0})
>>> span = edited_span(quarter, "slices", date(2026, 8, 17))
>>> [after] = adjusted(quarter, [line], [edit], span)
>>> [str(part.span) for part in after.slices]
['2026-07-01..2026-08-16', '2026-08-17..2026-09-30']
>>> weekdays = [day for day in quarter if day.weekday() < 5]
>>> over_period(quarter, [after], weekdays)[5]["target"]
2.5
>>> harder_from(quarter, [line], [after])
datetime.date(2026, 8, 17)

Adjusted again, and back on the last day of August by itself: slices of slices.

>>> again = adjusted(quarter, [after], [Edit("change", after, {**two, "target": 4.0})],
...     edited_span(quarter, "slices", date(2026, 8, 10), date(2026, 8, 31)))
>>> [(str(part.span), part.terms["target"]) for part in again[0].slices]  # doctest: +ELLIPSIS
[('2026-07-01..2026-08-09', 2.0), ('2026-08-10..2026-08-31', 4.0), ('2026-09-01..2026-09-30', 3.0)]

*How it works.* The number over the period is the mean of the slices, by the working days of each:
Σ target × days / Σ days. A weight is 0 where the line is not in the plan, so that the weights are
100 together over the period as they are on each day. A line that is in the plan for a part of the
period has a target over that part: what adds up, such as visits, gets its share of the period's
working days; a rate is the mean of its own slices.

*Restated* numbers hold for the whole period, as if they had been agreed on at its beginning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .errors import CodedError
from .periods import Span
from .revision import TERMS, rounded, terms_problem
from .workdays import settled_weights, weights_problem

KINDS = ("change", "add", "drop")
METHODS = ("slices", "restated")
_DAY = timedelta(days=1)

# Every error there is, with the parameters that its sentence may name.
ERRORS: dict[str, tuple[str, ...]] = {
    "no_edits": (),
    "twice": ("name",),
    "absent": ("name",),
    "present": ("name",),
    "unsound": ("name", "problem"),
    "nothing_changes": (),
    "no_lines": ("span",),
    "weights": ("span", "missing"),
    "ends_before_start": (),
    "outside": (),
    "restated_with_end": (),
    "no_working_days": ("span",),
}


class AdjustmentError(CodedError):
    """An adjustment that nobody could agree on."""

    errors = ERRORS


@dataclass(frozen=True)
class Slice:
    """Days on which the same numbers hold; ``terms`` as :data:`revision.TERMS` names them."""

    span: Span
    terms: dict[str, float]


@dataclass(frozen=True)
class Line:
    """An indicator through the period: slices in order; where there is none, it is not there."""

    indicator: int
    slices: tuple[Slice, ...] = ()
    name: str = ""
    direction: str = "more"
    is_additive: bool = False
    digits: int = 0

    def terms_on(self, day: date) -> dict[str, float] | None:
        """What holds on a day; None where the line is not in the plan."""
        return next((part.terms for part in self.slices if day in part.span), None)


@dataclass(frozen=True)
class Edit:
    """One line of an adjustment. ``line``: as it is; for a new one, without slices."""

    kind: str
    line: Line
    terms: dict[str, float] | None = None


# ----------------------------------------------------------------------
# Slices
# ----------------------------------------------------------------------


def edited_span(period: Span, method: str, date_from: date, date_to: date | None = None) -> Span:
    """The days on which an adjustment holds.

    :raises AdjustmentError: where there are none within the period
    """
    if method == "restated":
        if date_to:
            raise AdjustmentError("restated_with_end")
        return period
    if date_to and date_to < date_from:
        raise AdjustmentError("ends_before_start")
    if date_from not in period or (date_to or period.date_to) not in period:
        raise AdjustmentError("outside")
    return Span(date_from, date_to or period.date_to)


def adjusted(period: Span, lines: Sequence[Line], edits: Sequence[Edit], span: Span) -> list[Line]:
    """The lines after all edits on the days of a span; a line without any day is left out.

    :raises AdjustmentError: where nobody could agree on the outcome
    """
    if not edits:
        raise AdjustmentError("no_edits")
    after = {line.indicator: line for line in lines}
    seen = set()
    for edit in edits:
        if edit.line.indicator in seen:
            raise AdjustmentError("twice", name=edit.line.name)
        seen.add(edit.line.indicator)
        line = after.get(edit.line.indicator, edit.line)
        after[line.indicator] = replace(line, slices=_edited(line, edit, span))
    result = [line for line in after.values() if line.slices]
    if [line.slices for line in result] == [line.slices for line in lines]:
        raise AdjustmentError("nothing_changes")
    _check_weights(period, result)
    return result


def _edited(line: Line, edit: Edit, span: Span) -> tuple[Slice, ...]:
    here = [part for part in line.slices if part.span.intersection(span)]
    if edit.kind == "add" and here:
        raise AdjustmentError("present", name=line.name)
    if edit.kind != "add" and not here:
        raise AdjustmentError("absent", name=line.name)
    if edit.kind == "drop":
        new = []
    else:
        terms = {name: rounded(name, edit.terms[name]) for name in TERMS}
        problem = terms_problem(line.direction, **terms)
        if problem:
            raise AdjustmentError("unsound", name=line.name, problem=problem)
        spans = [part.span.intersection(span) for part in here] or [span]
        new = [Slice(own, terms) for own in spans]
    kept = [Slice(own, part.terms) for part in line.slices for own in _without(part.span, span)]
    return _merged(kept + new)


def _without(whole: Span, hole: Span) -> list[Span]:
    """What is left of a span outside of another."""
    parts = []
    if whole.date_from < hole.date_from:
        parts.append(Span(whole.date_from, min(whole.date_to, hole.date_from - _DAY)))
    if whole.date_to > hole.date_to:
        parts.append(Span(max(whole.date_from, hole.date_to + _DAY), whole.date_to))
    return parts


def _merged(slices: Iterable[Slice]) -> tuple[Slice, ...]:
    """Slices in order; neighbours with the same numbers are one."""
    result: list[Slice] = []
    for part in sorted(slices, key=lambda part: part.span):
        last = result[-1] if result else None
        if last and last.terms == part.terms and last.span.date_to + _DAY == part.span.date_from:
            result[-1] = Slice(Span(last.span.date_from, part.span.date_to), part.terms)
        else:
            result.append(part)
    return tuple(result)


def partition(whole: Span, lines: Iterable[Line]) -> list[Span]:
    """A period, or some days of it, in the longest spans within which no line changes."""
    cuts = {whole.date_from}
    for line in lines:
        for part in line.slices:
            cuts |= {part.span.date_from, part.span.date_to + _DAY}
    starts = sorted(day for day in cuts if day in whole)
    stops = [day - _DAY for day in starts[1:]] + [whole.date_to]
    return [Span(*ends) for ends in zip(starts, stops, strict=True)]


def _check_weights(period: Span, lines: Sequence[Line]) -> None:
    for span in partition(period, lines):
        there = [terms for line in lines if (terms := line.terms_on(span.date_from))]
        if not there:
            raise AdjustmentError("no_lines", span=span)
        missing = weights_problem([terms["weight"] for terms in there])
        if missing:
            raise AdjustmentError("weights", span=span, missing=missing)


# ----------------------------------------------------------------------
# Over the period
# ----------------------------------------------------------------------


def days_in(span: Span, working: Collection[date]) -> int:
    """How many of the working days lie in a span."""
    return sum(day in span for day in working)


def over_period(
    period: Span, lines: Sequence[Line], working: Collection[date]
) -> dict[int, dict[str, float]]:
    """{indicator: the numbers of the line over the period}; the weights are 100 together.

    A period without any working day is taken by its calendar days.
    """
    working = [day for day in working if day in period] or list(period)
    result = {line.indicator: _line_over_period(line, working) for line in lines}
    # Rounded as agreed on for a day, and again as a mean.
    weights = settled_weights([terms["weight"] for terms in result.values()], roundings=2)
    for terms, weight in zip(result.values(), weights, strict=True):
        terms["weight"] = weight
    return result


def _line_over_period(line: Line, working: Collection[date]) -> dict[str, float]:
    parts = [(part, count) for part in line.slices if (count := days_in(part.span, working))]
    own, whole = sum(count for _part, count in parts), len(working)
    if not own:
        # None of its days is worked: it weighs nothing, and its target is that of those days.
        parts = [(part, part.span.days) for part in line.slices]
    if len(parts) == 1 and own == whole:
        return dict(parts[0][0].terms)
    share = own / whole if line.is_additive and own else 1.0
    has_stretch = any(part.terms["stretch"] for part, _count in parts)

    def mean(name):
        values = [(_term(line, part.terms, name, has_stretch), count) for part, count in parts]
        if any(amount is None for amount, _count in values):
            return 0.0
        total = sum(count for _amount, count in values)
        return sum(amount * count for amount, count in values) / total * share

    exact = {name: mean(name) for name in TERMS if name != "weight"}
    weight = sum(part.terms["weight"] * count for part, count in parts) / whole if own else 0.0
    # Two decimals, or what the indicator shows; if a threshold would meet its target, all four.
    for digits in (max(2, min(line.digits, 4)), 4):
        terms = {name: round(amount, digits) + 0.0 for name, amount in exact.items()}
        if not terms_problem(line.direction, **terms):
            break
    return {**terms, "weight": round(weight, 2)}


def _term(line: Line, terms: dict[str, float], name: str, has_stretch: bool) -> float | None:
    """A number of one slice as it goes into the mean; None where it makes the mean none.

    Without a stretch nothing beyond the target is rewarded. Without a threshold whatever was
    reached counts: that is 0 where more is better, and has no number where less is.
    """
    amount = terms[name]
    if name == "stretch" and not amount:
        return terms["target"] if has_stretch else 0.0
    if name == "threshold" and not amount and line.direction == "less":
        return None
    return amount


# ----------------------------------------------------------------------
# For or against the expat
# ----------------------------------------------------------------------


def is_harder(
    direction: str, before: dict[str, float] | None, after: dict[str, float] | None
) -> bool:
    """Whether numbers ask more of the expat than those before them.

    Harder is: a line that was not there; a target, threshold or stretch that lies further on the
    better side; a threshold where whatever was reached counted; a reward beyond the target that
    is gone; a band that is narrower at either end. A weight is none of this, and neither is a
    line that is dropped.

    >>> is_harder("less", {"target": 45, "threshold": 0}, {"target": 40, "threshold": 0})
    True
    >>> is_harder("more", {"target": 25, "weight": 20}, {"target": 20, "weight": 40})
    False
    """
    if after is None:
        return False
    if before is None:
        return True
    old = {name: before.get(name) or 0.0 for name in TERMS}
    new = {name: after.get(name) or 0.0 for name in TERMS}
    if direction == "band":
        return new["target"] > old["target"] or new["target_max"] < old["target_max"]
    sign = 1 if direction == "more" else -1
    if sign * (new["target"] - old["target"]) > 0:
        return True
    if new["threshold"] and (
        not old["threshold"] or sign * (new["threshold"] - old["threshold"]) > 0
    ):
        return True
    return bool(old["stretch"]) and (
        not new["stretch"] or sign * (new["stretch"] - old["stretch"]) > 0
    )


def harder_from(period: Span, before: Sequence[Line], after: Sequence[Line]) -> date | None:
    """The first day on which any line asks more of the expat than before; None if none does."""
    old = {line.indicator: line for line in before}
    for span in partition(period, [*before, *after]):
        day = span.date_from
        for line in after:
            known = old.get(line.indicator)
            if is_harder(line.direction, known and known.terms_on(day), line.terms_on(day)):
                return day
    return None


# ----------------------------------------------------------------------
# In the content of a revision
# ----------------------------------------------------------------------


def from_content(content: dict, additive: Collection[int] = ()) -> tuple[Span, list[Line]]:
    """The period and the lines of a revision's content.

    :param additive: indicators whose months add up
    """
    period = Span(*(date.fromisoformat(content["plan"][name]) for name in ("date_from", "date_to")))
    lines = [
        Line(
            indicator=line["indicator"],
            slices=tuple(
                Slice(
                    Span(date.fromisoformat(part["from"]), date.fromisoformat(part["to"])),
                    {name: rounded(name, part.get(name)) for name in TERMS},
                )
                for part in line.get("slices") or [_whole(period, line)]
            ),
            name=line.get("name", ""),
            direction=line.get("direction", "more"),
            is_additive=line["indicator"] in additive,
            digits=line.get("digits") or 0,
        )
        for line in content["lines"]
    ]
    return period, lines


def _whole(period: Span, line: dict) -> dict:
    return {**line, "from": period.date_from.isoformat(), "to": period.date_to.isoformat()}


def slices_content(period: Span, line: Line, working: Collection[date]) -> list[dict]:
    """The slices of a line as they stand in a content; none where one is the whole period."""
    if [part.span for part in line.slices] == [period]:
        return []
    return [
        {
            "from": part.span.date_from.isoformat(),
            "to": part.span.date_to.isoformat(),
            "days": days_in(part.span, working),
            **part.terms,
        }
        for part in line.slices
    ]
