"""What is said about adjustments: why one cannot be, what it touches, what is agreed to."""

from datetime import date

from odoo.tools import format_date, formatLang

from ..engine.adjustment import AdjustmentError
from .plan_sentences import terms_sentence, weights_sentence


def adjustment_sentence(env, error: AdjustmentError) -> str:
    """Why nobody could agree on an adjustment, and what to do."""
    _ = env._
    params = error.params
    name = params.get("name")
    days = {}
    if "span" in params:
        days = {
            "start": format_date(env, params["span"].date_from),
            "stop": format_date(env, params["span"].date_to),
        }
    sentences = {
        "no_edits": lambda: _("Say what is to change: add a line to the adjustment."),
        "twice": lambda: _("“%(indicator)s” is there twice. Once is enough.", indicator=name),
        "absent": lambda: _(
            "“%(indicator)s” is not in the plan on these days, so it cannot be changed or dropped.",
            indicator=name,
        ),
        "present": lambda: _(
            "“%(indicator)s” is in the plan already on some of these days. Change it instead.",
            indicator=name,
        ),
        "unsound": lambda: terms_sentence(env, params["problem"], name),
        "nothing_changes": lambda: _("Nothing is changed. Enter what it should be."),
        "no_lines": lambda: _(
            "From %(start)s to %(stop)s no line would be left in the plan. To end a plan, cancel "
            "it.",
            **days,
        ),
        "weights": lambda: _(
            "From %(start)s to %(stop)s: %(problem)s",
            problem=weights_sentence(env, params["missing"]),
            **days,
        ),
        "ends_before_start": lambda: _("An adjustment cannot end before it begins."),
        "outside": lambda: _("An adjustment must lie within the days of the plan."),
        "restated_with_end": lambda: _(
            "What is restated for the whole period has no last day. Leave it empty."
        ),
        "no_working_days": lambda: _(
            "No day from %(start)s to %(stop)s is worked where the employee is, so nothing would "
            "change.",
            **days,
        ),
    }
    return sentences[error.code]()


def touched_sentence(env, content: dict) -> str | bool:
    """From which day on an adjustment holds, and how much of the period it touches."""
    told = content.get("adjustment")
    if not told:
        return False
    named = {
        "start": format_date(env, date.fromisoformat(told["from"])),
        "stop": format_date(env, date.fromisoformat(told["to"])),
        "days": told["days"],
        "total": told["days_total"],
        "share": formatLang(env, 100 * told["days"] / (told["days_total"] or 1), digits=0),
    }
    if told["method"] == "restated":
        return env._("Restated for the whole period, %(start)s to %(stop)s.", **named)
    return env._(
        "From %(start)s to %(stop)s: %(days)s of the plan's %(total)s working days (%(share)s %%).",
        **named,
    )


def past_sentence(env, day: date) -> str:
    """What the expat agrees to by a tick of its own."""
    return env._("I agree that this counts from %(day)s, before today.", day=format_date(env, day))
