"""A market event: one change, worked out for the lines of every plan that it touches.

*What it accepts.* The lines of a plan and the rules of the event, as plain values: a line is its
indicator with the numbers that were agreed on, a rule says what is to become of an indicator.

*How to use it.*

>>> terms = {"target": 25.0, "target_max": 0.0, "threshold": 15.0, "stretch": 0.0}
>>> conversion = Line(1, "more", 1, {**terms, "weight": 60.0})
>>> visits = Line(2, "more", 0, {**terms, "target": 36.0, "threshold": 0.0, "weight": 40.0})
>>> rules = [Rule("set", 1, value=20.0), Rule("add", 3, value=70.0, weight=15.0)]
>>> outcome = apply([conversion, visits], rules)
>>> [(line.indicator, line.terms["target"], line.terms["weight"]) for line in outcome.after]
[(1, 20.0, 51.0), (2, 36.0, 34.0), (3, 70.0, 15.0)]
>>> [(change.kind, change.indicator, change.leaning) for change in outcome.changes]
[('change', 1, 'easier'), ('change', 2, 'same'), ('add', 3, 'harder')]
>>> outcome.leaning
'mixed'

*How it works.* A rule on an indicator that a plan does not have is left out, and so is one that
adds what is there already; a plan that has none of the indicators to be changed or dropped is
not touched at all, for nobody gets the burden of an event without its relief. Threshold and
stretch move with their target, in proportion, unless the rule names them. What added lines weigh
is taken from the others and what dropped ones weighed goes to them, in proportion or from one
that is named, and the weights are 100 again to the last decimal.

A plan that was adjusted may say other numbers on some days of the event than on others;
:func:`apply_throughout` takes all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import isfinite

from .adjustment import is_harder
from .periods import Span
from .revision import TERMS, rounded, terms_problem

KINDS = ("set", "percent", "amount", "add", "drop")
CHANGING = ("set", "percent", "amount")
LEANINGS = ("easier", "harder", "mixed", "same")

# Why an event leaves a plan's lines alone or cannot change them.
PROBLEMS = (
    "no_indicator",
    "no_change",
    "counter_missing",
    "counter_weight",
    "too_much_weight",
    "nothing_left",
    "terms",
    "changes_within",
)

_ALL_CENTS = 10000


@dataclass(frozen=True)
class Line:
    """One line of a plan. ``digits``: decimals that its indicator is shown with."""

    indicator: int
    direction: str
    digits: int
    terms: dict


@dataclass(frozen=True)
class Rule:
    """What becomes of one indicator.

    ``kind``: "set" the target to ``value``, change it by so many "percent" or by an "amount",
    "add" a line with these terms, "drop" it. ``value_max``: upper end of a band. ``threshold``,
    ``stretch``: for "set" and "add"; None lets them move with the target. ``counter``: indicator
    of the line that gives or takes the whole weight; None for all others in proportion.
    """

    kind: str
    indicator: int
    value: float = 0.0
    value_max: float = 0.0
    threshold: float | None = None
    stretch: float | None = None
    weight: float = 0.0
    counter: int | None = None
    direction: str = "more"
    digits: int = 0


@dataclass(frozen=True)
class LineChange:
    """What becomes of one line: "change" (weight alone included), "add" or "drop"."""

    kind: str
    indicator: int
    before: dict | None
    after: dict | None
    leaning: str


@dataclass(frozen=True)
class Outcome:
    """The lines after the event, or why there are none.

    ``problem``: one of :data:`PROBLEMS`, with the ``indicator`` that it is about, if any.
    """

    after: tuple[Line, ...] = ()
    changes: tuple[LineChange, ...] = ()
    problem: str | None = None
    indicator: int | None = None
    skipped: tuple[int, ...] = field(default=())

    @property
    def leaning(self) -> str:
        return together(change.leaning for change in self.changes)


class _Problem(Exception):
    def __init__(self, code, indicator=None):
        super().__init__(code)
        self.code, self.indicator = code, indicator


def apply(lines: Sequence[Line], rules: Sequence[Rule]) -> Outcome:
    """The lines of a plan after the event; nothing of it where one part cannot be done."""
    known = {line.indicator: line for line in lines}
    fitting = [rule for rule in rules if (rule.indicator in known) == (rule.kind != "add")]
    skipped = tuple(rule.indicator for rule in rules if rule not in fitting)
    touching = [rule for rule in rules if rule.kind != "add"]
    if not fitting or (touching and not any(rule.kind != "add" for rule in fitting)):
        return Outcome(problem="no_indicator", skipped=skipped)
    by_indicator = {rule.indicator: rule for rule in fitting}
    try:
        kept = [
            _changed(line, by_indicator.get(line.indicator))
            for line in lines
            if by_indicator.get(line.indicator, Rule("set", 0)).kind != "drop"
        ]
        kept = _weighted(kept, [rule for rule in fitting if rule.kind in ("add", "drop")], known)
        added = [_added(rule) for rule in fitting if rule.kind == "add"]
    except _Problem as problem:
        return Outcome(problem=problem.code, indicator=problem.indicator, skipped=skipped)
    after = (*kept, *added)
    changes = tuple(_changes(known, after))
    if not changes:
        return Outcome(problem="no_change", skipped=skipped)
    return Outcome(after, changes, skipped=skipped)


def apply_throughout(variants: Sequence[Sequence[Line]], rules: Sequence[Rule]) -> Outcome:
    """The outcome for a plan whose lines are not the same on all days of the event.

    What becomes of a line is one set of numbers, for all of these days. Where the rules lead to
    others from a day on, such as half of a target that is another one by then, the problem is
    "changes_within"; and what cannot be done on some days is not done.

    :param variants: the lines on each stretch of days, in order
    """
    outcomes = [apply(lines, rules) for lines in variants]
    for outcome in outcomes:
        if outcome.problem not in (None, "no_change", "no_indicator"):
            return outcome
    changes: dict[int, LineChange] = {}
    for change in (change for outcome in outcomes for change in outcome.changes):
        known = changes.setdefault(change.indicator, change)
        if (known.kind, known.after) != (change.kind, change.after):
            return Outcome(problem="changes_within", indicator=change.indicator)
        leaning = together((known.leaning, change.leaning))
        changes[change.indicator] = replace(known, leaning=leaning)
    # What stays as it is on some days must be what the others come to.
    for lines, outcome in zip(variants, outcomes, strict=True):
        touched_here = {change.indicator for change in outcome.changes}
        for line in lines:
            change = changes.get(line.indicator)
            if change and line.indicator not in touched_here and change.after != line.terms:
                return Outcome(problem="changes_within", indicator=line.indicator)
    found = next((outcome for outcome in outcomes if not outcome.problem), outcomes[0])
    return replace(found, changes=tuple(changes.values()))


def moved(line: Line, rule: Rule) -> dict:
    """The terms of a line after a rule that changes its target, rounded as they are shown.

    >>> line = Line(1, "less", 0, {"target": 45.0, "target_max": 0, "threshold": 60.0,
    ...     "stretch": 30.0, "weight": 20.0})
    >>> moved(line, Rule("percent", 1, value=20.0))["target"]
    54.0
    >>> moved(line, Rule("amount", 1, value=-5.0, threshold=50.0))
    {'target': 40.0, 'target_max': 0.0, 'threshold': 50.0, 'stretch': 27.0, 'weight': 20.0}
    """
    terms = {name: rounded(name, line.terms.get(name)) for name in TERMS}
    old = terms["target"]
    terms["target"] = _moved_number(old, rule, rule.value)
    if line.direction == "band":
        upper = rule.value_max if rule.kind == "set" else rule.value
        terms["target_max"] = _moved_number(terms["target_max"], rule, upper)
    factor = terms["target"] / old if old else 0.0
    for decimals in (line.digits, TERMS["target"]):
        result = {
            name: rounded(name, number if name == "weight" else _shown(number, decimals))
            for name, number in terms.items()
        }
        for name in ("threshold", "stretch"):
            given = getattr(rule, name)
            number = terms[name] * factor if given is None else given
            result[name] = rounded(name, _shown(number, decimals))
        if not terms_problem(line.direction, **result):
            break
    return result


def _moved_number(number: float, rule: Rule, value: float) -> float:
    if rule.kind == "percent":
        return number * (1 + value / 100)
    return number + value if rule.kind == "amount" else value


def _shown(number: float, digits: int) -> float:
    """Rounded to the digits of the indicator, and not to nothing."""
    if not isfinite(number):
        return number
    return round(number, digits) or (10.0**-digits if number > 0 else 0.0)


def _changed(line: Line, rule: Rule | None) -> Line:
    if rule is None:
        return line
    terms = moved(line, rule)
    if terms_problem(line.direction, **terms):
        raise _Problem("terms", line.indicator)
    return replace(line, terms=terms)


def _added(rule: Rule) -> Line:
    numbers = {
        "target": rule.value,
        "target_max": rule.value_max if rule.direction == "band" else 0.0,
        "threshold": rule.threshold or 0.0,
        "stretch": rule.stretch or 0.0,
        "weight": rule.weight,
    }
    terms = {name: rounded(name, number) for name, number in numbers.items()}
    if terms_problem(rule.direction, **terms):
        raise _Problem("terms", rule.indicator)
    return Line(rule.indicator, rule.direction, rule.digits, terms)


def _weighted(kept: list[Line], rules: list[Rule], known: dict[int, Line]) -> list[Line]:
    """The lines that stay, with room made for what comes and shared what goes."""
    if not rules:
        return kept
    weights = {line.indicator: _cents(line.terms["weight"]) for line in kept}
    room = _ALL_CENTS - sum(_cents(rule.weight) for rule in rules if rule.kind == "add")
    if room < 0:
        raise _Problem("too_much_weight")
    for rule in rules:
        if rule.counter is None:
            continue
        if rule.counter not in weights:
            raise _Problem("counter_missing", rule.counter)
        gained = (
            -_cents(rule.weight)
            if rule.kind == "add"
            else _cents(known[rule.indicator].terms["weight"])
        )
        weights[rule.counter] += gained
        if weights[rule.counter] < 0:
            raise _Problem("counter_weight", rule.counter)
    shared = spread(list(weights.values()), room)
    if shared is None:
        raise _Problem("nothing_left")
    return [
        replace(line, terms={**line.terms, "weight": cents / 100})
        for line, cents in zip(kept, shared, strict=True)
    ]


def _cents(weight: float) -> int:
    return round(weight * 100)


def spread(weights: Sequence[int], total: int) -> list[int] | None:
    """Whole numbers in the proportion of others, which are ``total`` together.

    The largest remainders get what rounding left. None where nothing can be shared out.

    >>> spread([3333, 3333, 3334], 8500), spread([0, 0], 10), spread([], 0)
    ([2833, 2833, 2834], None, [])
    """
    whole = sum(weights)
    if whole == total:
        return list(weights)
    if not whole:
        return None
    shares = [divmod(weight * total, whole) for weight in weights]
    result = [share for share, _rest in shares]
    order = sorted(range(len(weights)), key=lambda place: (-shares[place][1], -weights[place]))
    for place in order[: total - sum(result)]:
        result[place] += 1
    return result


def _changes(known: dict[int, Line], after: Iterable[Line]) -> Iterable[LineChange]:
    left = dict(known)
    for line in after:
        old = left.pop(line.indicator, None)
        if old is None:
            leaning = leans(line.direction, None, line.terms)
            yield LineChange("add", line.indicator, None, line.terms, leaning)
            continue
        before = {name: rounded(name, old.terms.get(name)) for name in TERMS}
        if before != line.terms:
            leaning = leans(line.direction, before, line.terms)
            yield LineChange("change", line.indicator, before, line.terms, leaning)
    for indicator, old in left.items():
        leaning = leans(old.direction, old.terms, None)
        yield LineChange("drop", indicator, old.terms, None, leaning)


def leans(direction: str, before: dict | None, after: dict | None) -> str:
    """Whether a line becomes "easier" or "harder" to reach; "same" where only its weight moves.

    None stands for no line: what is added is harder, what is dropped easier.

    >>> leans("more", {"target": 25}, {"target": 20}), leans("less", {"target": 45}, {"target": 40})
    ('easier', 'harder')
    >>> leans("band", {"target": 8, "target_max": 10}, {"target": 9, "target_max": 12})
    'mixed'
    """
    found = []
    if is_harder(direction, before, after):
        found.append("harder")
    if is_harder(direction, after, before):
        found.append("easier")
    return together(found)


def together(leanings: Iterable[str]) -> str:
    """One word for several.

    >>> together(["easier", "same", "easier"]), together(["easier", "harder"]), together([])
    ('easier', 'mixed', 'same')
    """
    found = set(leanings) - {"same"}
    if not found:
        return "same"
    return found.pop() if len(found) == 1 else "mixed"


def touched(event: Span, plan: Span, stays: Iterable[Span]) -> list[Span]:
    """The days of a plan that an event touches: those within the stays at its places.

    Stays that follow each other without a gap are one.

    >>> from datetime import date
    >>> days = lambda first, last: Span(date(2026, 8, first), date(2026, 8, last))
    >>> [str(part) for part in touched(days(5, 31), days(1, 31), [days(1, 9), days(10, 20)])]
    ['2026-08-05..2026-08-20']
    """
    whole = event.intersection(plan)
    parts: list[Span] = []
    for stay in sorted(stays) if whole else ():
        part = whole.intersection(stay)
        if part is None:
            continue
        if parts and part.date_from <= parts[-1].date_to + timedelta(days=1):
            last = parts.pop()
            part = Span(last.date_from, max(last.date_to, part.date_to))
        parts.append(part)
    return parts
