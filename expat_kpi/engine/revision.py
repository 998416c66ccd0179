"""What is agreed on: the content of a revision, its hash, and how two of them differ.

*What it accepts.* A content is a dictionary of plain values::

    {"plan": {"employee": …, "date_from": "2026-07-01", "date_to": "2026-09-30"},
     "lines": [{"indicator": 5, "name": "Customer visits", "direction": "more", "formula": …,
                "measures": {"visits": 3}, "target": 12.0, "target_max": 0.0, "threshold": 8.0,
                "stretch": 15.0, "weight": 40.0}, …]}

A line is known by its indicator, of which a plan has one line at most. ``measures`` pins the
version of each measure that the formula rests on. After an adjustment a line may have ``slices``,
the numbers that hold on its days (see `adjustment`); the line's own are those over the period.

*How to use it.* :func:`canonical` writes a content as text that is the same wherever it is
written, :func:`content_hash` is what people sign, :func:`diff` sets two contents side by side:

>>> visits = {"indicator": 5, "name": "Visits", "target": 100.0, "weight": 60.0}
>>> repurchase = {"indicator": 6, "name": "Repurchase", "target": 60.0, "weight": 40.0}
>>> first = {"plan": {}, "lines": [visits]}
>>> second = {"plan": {}, "lines": [{**visits, "target": 20.0}, repurchase]}
>>> [(change.kind, change.name, change.fields) for change in diff(first, second)]
[('changed', 'Visits', {'target': (100.0, 20.0)}), ('added', 'Repurchase', {})]

*Threshold and stretch* are numbers of the indicator, 0 where there is none: the threshold is the
least that counts at all, on the worse side of the target, the stretch the best that is paid for,
on the better side. A band has neither.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from math import isfinite

# The numbers of a line that people negotiate, and the decimals that are kept of each.
TERMS = {"target": 4, "target_max": 4, "threshold": 4, "stretch": 4, "weight": 2}


@dataclass(frozen=True)
class Change:
    """One line, before and after: "same", "changed", "added" or "dropped".

    ``fields``: {field: (before, after)} of what changed; lines that were added or dropped have
    none, their numbers are in ``before`` or ``after``.
    """

    kind: str
    name: str
    before: dict | None
    after: dict | None
    fields: dict = field(default_factory=dict)


def rounded(name: str, number: float) -> float:
    """A negotiated number as it is stored: the dust of binary fractions is no change.

    >>> rounded("weight", 33.330000000000005), rounded("target", -0.0)
    (33.33, 0.0)
    """
    return round(float(number or 0.0), TERMS[name]) + 0.0


def canonical(content: dict) -> str:
    """The content as JSON with one spelling.

    :raises ValueError: for a number that is none
    """
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def content_hash(content: dict) -> str:
    """What a signature stands on, in 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def terms(content: dict) -> dict:
    """What was negotiated, without the definitions: {indicator: (target, …, weight)}."""
    return {
        line["indicator"]: tuple(rounded(name, line.get(name)) for name in TERMS)
        for line in content["lines"]
    }


def diff(before: dict, after: dict) -> list[Change]:
    """The lines of both, in the later one's order, then what was dropped."""
    old = {line["indicator"]: line for line in before["lines"]}
    new = {line["indicator"]: line for line in after["lines"]}
    changes = []
    for indicator, line in new.items():
        if indicator not in old:
            changes.append(Change("added", line["name"], None, line))
            continue
        fields = {
            name: (old[indicator].get(name), line.get(name))
            for name in (*TERMS, "slices", "formula", "direction", "unit", "measures")
            if old[indicator].get(name) != line.get(name)
        }
        kind = "changed" if fields else "same"
        changes.append(Change(kind, line["name"], old[indicator], line, fields))
    changes += [
        Change("dropped", line["name"], line, None)
        for indicator, line in old.items()
        if indicator not in new
    ]
    return changes


def terms_problem(
    direction: str,
    *,
    target: float,
    target_max: float = 0.0,
    threshold: float = 0.0,
    stretch: float = 0.0,
    weight: float = 0.0,
) -> str | None:
    """Why nobody could agree on these numbers; None if one can.

    >>> terms_problem("more", target=12, threshold=15)
    'threshold_side'
    >>> terms_problem("less", target=45, threshold=60, stretch=30) is None
    True
    """
    if not all(map(isfinite, (target, target_max, threshold, stretch))):
        return "not_a_number"
    if target <= 0:
        return "bad_target"
    if not isfinite(weight) or not 0 <= weight <= 100:
        return "bad_weight"
    if threshold < 0 or stretch < 0:
        return "negative"
    if direction == "band":
        return _band_problem(target, target_max, threshold, stretch)
    # What is worse lies below the target where more is better, above it where less is.
    sign = 1 if direction == "more" else -1
    if threshold and sign * (target - threshold) <= 0:
        return "threshold_side"
    if stretch and sign * (stretch - target) <= 0:
        return "stretch_side"
    return None


def _band_problem(target, target_max, threshold, stretch):
    if target_max <= target:
        return "bad_band"
    return "band_without" if threshold or stretch else None
