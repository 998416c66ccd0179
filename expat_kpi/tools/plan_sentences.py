"""What is said about plans, their changes and why something cannot be done."""

from functools import partial
from math import isfinite

from odoo.exceptions import ValidationError
from odoo.tools import format_date, formatLang

from ..engine.lifecycle import LifecycleError
from ..engine.revision import TERMS
from .slice_sentences import slice_rows


def lifecycle_sentence(env, error: LifecycleError, plan) -> str:
    """Why a verb cannot be done on this plan now, and what to do."""
    _ = env._
    params = error.params
    states = dict(plan._fields["state"]._description_selection(env))
    sentences = {
        "wrong_state": lambda: _(
            "This cannot be done: the plan of %(employee)s is “%(state)s” by now.",
            employee=plan.employee_id.name,
            state=states.get(params["state"]),
        ),
        "wrong_role": lambda: _(
            "You are not the one to do this on the plan of %(employee)s. "
            "Nobody acts for somebody else.",
            employee=plan.employee_id.name,
        ),
        "has_lines": lambda: _("The plan has no line. Add what is to be reached."),
        "lines_sound": lambda: _(
            "These lines cannot be agreed on: %(names)s.", names=", ".join(params["names"])
        ),
        "weights_100": lambda: weights_sentence(env, params["missing"]),
        "parties_known": lambda: _(
            "There is nobody to sign as: %(names)s. Check the manager of the employee, the user "
            "of each person and the signing rule.",
            names=", ".join(params["names"]),
        ),
        "content_current": lambda: _(
            "The plan has changed while you were reading: version %(number)s is the latest. "
            "Read it and sign that.",
            number=plan.latest_revision_id.number,
        ),
        "can_sign": lambda: _("You have signed this version already."),
        "proposal_open": lambda: _("This proposal has been answered already."),
        "not_own_proposal": lambda: _("You cannot answer your own proposal. Withdraw it instead."),
        "deadline_passed": lambda: _(
            "HR may settle a deadlock only after the deadline, %(day)s.",
            day=format_date(env, plan.date_deadline),
        ),
        "has_reason": lambda: _("Give a reason: everybody who can see the plan can read it."),
        "has_begun": lambda: _(
            "The period has not begun where %(employee)s is.", employee=plan.employee_id.name
        ),
        "no_adjustment_open": lambda: _(
            "An adjustment of this plan waits for signatures already, proposed by %(user)s. "
            "Sign or refuse that one first.",
            user=plan.open_adjustment_id.user_id.name or "",
        ),
        "adjustment_open": lambda: _(
            "No adjustment of this plan is waiting any more. Look at the plan again."
        ),
        "own_adjustment": lambda: _("Only who proposed an adjustment withdraws it."),
        "not_own_adjustment": lambda: _(
            "You cannot refuse your own adjustment. Withdraw it instead."
        ),
        "past_agreed": lambda: _(
            "This asks more of you from %(day)s, before today. Read it, and agree to that day "
            "expressly; else refuse.",
            day=format_date(env, plan._past_day()),
        ),
        "is_over": lambda: _(
            "The period is not over where %(employee)s is.", employee=plan.employee_id.name
        ),
    }
    sentence = sentences.get(error.code)
    return sentence() if sentence else _("This cannot be done now.")


def weights_sentence(env, missing: float) -> str:
    """What the weights lack of 100, or have too much."""
    number = formatLang(env, abs(missing), digits=2)
    if missing > 0:
        return env._("The weights must be 100 together; %(number)s are missing.", number=number)
    return env._("The weights must be 100 together; they are %(number)s too many.", number=number)


def terms_sentence(env, problem: str, name: str) -> str:
    """Why nobody could agree on the numbers of a line."""
    _ = env._
    sentences = {
        "not_a_number": _("The target of “%(indicator)s” must be a number.", indicator=name),
        "bad_target": _(
            "The target of “%(indicator)s” must be a number above zero.", indicator=name
        ),
        "bad_weight": _("A weight lies between 0 and 100."),
        "negative": _(
            "Threshold and stretch of “%(indicator)s” cannot be below zero.", indicator=name
        ),
        "bad_band": _(
            "“%(indicator)s” is to stay within a band: its upper target must be above the target.",
            indicator=name,
        ),
        "band_without": _(
            "“%(indicator)s” is to stay within a band: it has no threshold and no stretch.",
            indicator=name,
        ),
        "threshold_side": _(
            "The threshold of “%(indicator)s” is the least that counts: it must be on the worse "
            "side of the target.",
            indicator=name,
        ),
        "stretch_side": _(
            "The stretch of “%(indicator)s” goes beyond the target: it must be on the better "
            "side of it.",
            indicator=name,
        ),
    }
    return sentences[problem]


def check_finite(env, vals: dict) -> None:
    """Refuse what is no number before the ORM rounds it, which fails on it.

    Text is looked at too: a file may say "nan".
    """
    for name in TERMS:
        if not can_be_rounded(vals.get(name)):
            raise ValidationError(
                env._("“%(term)s” must be a number.", term=term_labels(env)[name])
            )


def can_be_rounded(number) -> bool:
    """Whether the ORM can take what came in for a number; nothing is 0.

    >>> can_be_rounded("2.5"), can_be_rounded(1e308), can_be_rounded(10**400)
    (True, False, False)
    """
    try:
        # Rounding multiplies by the decimals, at most four.
        return isfinite(float(number or 0.0) * 1e4)
    except (TypeError, ValueError, OverflowError):
        return False


def term_labels(env) -> dict[str, str]:
    """The negotiated numbers of a line, as they are called."""
    _ = env._
    return {
        "target": _("Target"),
        "target_max": _("Upper target"),
        "threshold": _("Threshold"),
        "stretch": _("Stretch"),
        "weight": _("Weight"),
    }


def format_term(env, name: str, number: float, line: dict) -> str:
    """A negotiated number with its unit; a dash where there is none."""
    if name == "weight":
        return formatLang(env, number, digits=2).rstrip("0").rstrip(".,")
    if not number and name != "target":
        return "–"
    # The decimals that it has, as in the lines: what is signed is not what a display makes of it.
    digits = next(n for n in range(5) if n == 4 or round(number, n) == number)
    text = formatLang(env, number, digits=digits)
    unit = line.get("unit")
    if unit == "percent":
        return env._("%(value)s %%", value=text)
    if unit == "days":
        return env._("%(value)s days", value=text)
    if unit == "hours":
        return env._("%(value)s hours", value=text)
    if unit == "money" and line.get("currency"):
        return f"{text} {line['currency']}"
    return text


def change_sentence(env, before: dict, after: dict) -> str:
    """Old beside new, in one line: “Target 100 → 20, Weight 40 → 25”."""
    labels = term_labels(env)
    parts = [
        env._(
            "%(term)s %(old)s → %(new)s",
            term=labels[name],
            old=format_term(env, name, before.get(name) or 0.0, before),
            new=format_term(env, name, after.get(name) or 0.0, after),
        )
        for name in TERMS
        if (before.get(name) or 0.0) != (after.get(name) or 0.0)
    ]
    return ", ".join(parts)


def terms_text(env, line: dict) -> str:
    """The numbers of one line: “Target 60 %, Weight 15”."""
    labels = term_labels(env)
    return ", ".join(
        env._("%(term)s %(value)s", term=labels[name], value=format_term(env, name, number, line))
        for name in TERMS
        if (number := line.get(name) or 0.0)
    )


def diff_rows(env, changes) -> list[dict]:
    """The differences of two contents, ready to be shown: a row for each line."""
    indicators = env["expat.kpi.indicator"]
    rows = []
    for change in changes:
        line = change.after or change.before
        indicator = indicators.browse(line["indicator"]).exists()
        # The content keeps the name of that day; as long as it still is the indicator's, the
        # reader sees it in the own language.
        is_same = indicator and indicator.with_context(lang="en_US").name == line["name"]
        cells = {}
        for name in TERMS:
            old = (change.before or {}).get(name) or 0.0
            new = (change.after or {}).get(name) or 0.0
            cells[name] = {
                "old": format_term(env, name, old, change.before) if change.before else "",
                "new": format_term(env, name, new, change.after) if change.after else "",
                "changed": change.kind == "changed" and name in change.fields,
            }
        rows.append(
            {
                "kind": change.kind,
                "name": indicator.name if is_same else line["name"],
                "cells": cells,
                "slices": slice_rows(env, line, partial(terms_text, env)),
                "redefined": [
                    name
                    for name in ("formula", "direction", "unit", "measures")
                    if name in change.fields
                ],
            }
        )
    return rows
