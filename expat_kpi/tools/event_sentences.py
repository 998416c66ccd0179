"""What is said about market events: what changes, and why a plan is left alone."""

from odoo.tools import formatLang

from ..engine.revision import TERMS
from .plan_sentences import change_sentence, format_term, terms_text


def rule_sentence(env, line) -> str:
    """One line of an event: “Target → 20 %”."""
    _ = env._
    like = _like(line.indicator_id, line.currency_id)
    if line.kind == "drop":
        return _("Drop the line")
    if line.kind == "add":
        terms = {**like, **{name: line[name] for name in TERMS}}
        return _("New: %(terms)s", terms=terms_text(env, terms))
    if line.kind == "set":
        target = format_term(env, "target", line.target, like)
        if line.direction == "band":
            upper = format_term(env, "target_max", line.target_max, like)
            return _("Target → %(lower)s to %(upper)s", lower=target, upper=upper)
        return _("Target → %(target)s", target=target)
    sign = "+" if line.change_by > 0 else "−"
    if line.kind == "percent":
        number = formatLang(env, abs(line.change_by), digits=1 if line.change_by % 1 else 0)
        return _("Target %(sign)s%(number)s %%", sign=sign, number=number)
    number = format_term(env, "target", abs(line.change_by), like)
    return _("Target %(sign)s%(number)s", sign=sign, number=number)


def _like(indicator, currency) -> dict:
    return {"unit": indicator.unit, "digits": indicator.digits, "currency": currency.name}


def change_texts(env, changes, indicators, currency) -> tuple[str, str]:
    """(what changes in a plan's lines, how the weights of the others move).

    :param changes: as a row of an event keeps them
    :param indicators: {id: record} of all that are named
    """
    _ = env._
    told, weights = [], []
    for change in changes:
        indicator = indicators.get(change["indicator"])
        if not indicator:
            continue
        like = _like(indicator, currency)
        before = {**like, **(change["before"] or {})}
        after = {**like, **(change["after"] or {})}
        if change["kind"] == "add":
            text = _("new: %(terms)s", terms=terms_text(env, after))
        elif change["kind"] == "drop":
            text = _("dropped")
        else:
            text = change_sentence(env, before, after)
            if all(before[name] == after[name] for name in TERMS if name != "weight"):
                weights.append(
                    _("%(indicator)s: %(change)s", indicator=indicator.name, change=text)
                )
                continue
        over = change.get("over_period")
        if over and change["kind"] == "change" and over["target"] != after["target"]:
            text = _(
                "%(change)s; %(number)s over the period",
                change=text,
                number=format_term(env, "target", over["target"], like),
            )
        told.append(_("%(indicator)s: %(change)s", indicator=indicator.name, change=text))
    return "\n".join(told), "; ".join(weights)


def left_sentence(env, reason: str, *, indicator="", day="") -> str:
    """Why an event does not touch a plan."""
    _ = env._
    sentences = {
        "not_chosen": _("Left out by the conditions of the event"),
        "elsewhere": _("Posted elsewhere while the event lasts"),
        "split_stay": _("Was there twice, with days elsewhere in between: adjust the plan itself"),
        "changes_within": _("Says something else later on in these days: adjust the plan itself"),
        "no_working_days": _("No working day left between the event and the end of the plan"),
        "draft": _("Still a draft: write it into the plan"),
        "negotiation": _("In negotiation: propose it there"),
        "review": _("In review already"),
        "closed": _("Closed already"),
        "open_adjustment": _("Has another adjustment that is not answered yet"),
        "no_indicator": _("Has none of the indicators"),
        "no_change": _("Says so already"),
        "counter_missing": _("Does not have the line that is to give or take the weight"),
        "counter_weight": _("The line that is to give weight does not have as much"),
        "too_much_weight": _("The new lines weigh more than 100"),
        "nothing_left": _("No line would be left, or none that weighs anything"),
        "terms": _("The target would not be above zero, or the threshold on its wrong side"),
        "cannot": _("The outcome could not be agreed on"),
    }
    return sentences.get(reason) or sentences["cannot"]
