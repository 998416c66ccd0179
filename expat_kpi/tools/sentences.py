"""What the engine answers in codes, said in the reader's language."""

from ..engine.formula import FormulaError


def formula_sentence(env, error: FormulaError) -> str:
    """What is wrong with a formula, at which character, and what to do."""
    _ = env._
    named = {
        **error.params,
        "chain": " → ".join(error.params.get("chain", ())),
    }
    sentences = {
        "empty": _("Enter a formula, such as 100 * won / closed."),
        "too_long": _("The formula is longer than %(limit)s characters.", limit=named.get("limit")),
        "too_deep": _(
            "The formula is nested more than %(limit)s levels deep. Split it.",
            limit=named.get("limit"),
        ),
        "too_large": _(
            "The formula has more than %(limit)s parts. Split it.", limit=named.get("limit")
        ),
        "unknown_character": _(
            "“%(character)s” is no sign of a formula.", character=named.get("character")
        ),
        "number_out_of_range": _(
            "The number %(number)s is too large or too small.", number=named.get("number")
        ),
        "decimal_comma": _("Write decimals with a point: 1.5"),
        "unexpected": _("“%(found)s” does not fit here.", found=named.get("found")),
        "unexpected_end": _("The formula ends too early."),
        "missing_parenthesis": _("This parenthesis is never closed."),
        "stray_parenthesis": _("This parenthesis was never opened."),
        "missing_word": _("“%(word)s” is missing here.", word=named.get("word")),
        "chained_comparison": _("Compare two values only; combine comparisons with if."),
        "reserved_word": _(
            "“%(name)s” is a word of the language, not a code.", name=named.get("name")
        ),
        "unknown_function": _(
            "There is no function “%(name)s”. There are min, max, abs, round and count.",
            name=named.get("name"),
        ),
        "wrong_number_of_arguments": _(
            "“%(name)s” takes another number of values than %(found)s.",
            name=named.get("name"),
            found=named.get("found"),
        ),
        "count_needs_code": _("count(…) takes the code of a measure."),
        "digits_not_whole": _(
            "The second value of round is a whole number of decimals, such as 1."
        ),
        "unknown_code": _("There is no measure or indicator “%(name)s”.", name=named.get("name")),
        "count_of_indicator": _(
            "count(…) takes a measure, and “%(name)s” is an indicator.", name=named.get("name")
        ),
        "cycle": _("The formula leads back to itself: %(chain)s.", chain=named.get("chain")),
    }
    return _(
        "%(problem)s (Character %(column)s)", problem=sentences[error.code], column=error.column
    )


def reason_sentence(env, reason: str) -> str:
    """Why there is no number. Unknown codes are said to be a failure, never hidden."""
    _ = env._
    sentences = {
        "empty_denominator": _("Nothing to divide by yet."),
        "never_computed": _("Not computed for these days yet."),
        "not_posted": _("Not posted on any of these days."),
        "not_started": _("The period has not begun."),
        "overflow": _("The result is too large to be shown."),
        "not_finite": _("A record holds an amount that is no number."),
        "refresh_failed": _("The last refresh failed."),
        "missing_rate": _("A currency has no rate on the day of a record."),
        "mixed_currency": _("Amounts in different currencies are not added up."),
        "bad_target": _("Nothing can be measured against this target."),
        "bad_formula": _("The formula can no longer be read."),
    }
    return sentences.get(reason) or _("It could not be computed.")
