"""The slices of a line after an adjustment, ready to be shown."""

from datetime import date

from babel.dates import format_skeleton

from odoo.tools import babel_locale_parse
from odoo.tools.misc import get_lang


def short_day(env, day: date) -> str:
    """Day and month as the reader's language writes them: “Aug 14”."""
    return format_skeleton("MMMd", day, locale=babel_locale_parse(get_lang(env).code))


def slice_rows(env, line: dict, text) -> list[dict]:
    """The slices of a line of a content.

    :param text: what makes a sentence of numbers
    """
    return [
        {
            "start": short_day(env, date.fromisoformat(part["from"])),
            "stop": short_day(env, date.fromisoformat(part["to"])),
            "days": part["days"],
            "terms": text({**line, **part}),
        }
        for part in line.get("slices") or ()
    ]
