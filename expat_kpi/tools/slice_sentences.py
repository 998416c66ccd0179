"""The slices of a line after an adjustment, ready to be shown."""

from datetime import date

from odoo.tools import format_date


def slice_rows(env, line: dict, text) -> list[dict]:
    """The slices of a line of a content, ready to be shown.

    :param text: what makes a sentence of numbers
    """
    return [
        {
            "start": format_date(env, date.fromisoformat(part["from"]), date_format="d MMM"),
            "stop": format_date(env, date.fromisoformat(part["to"]), date_format="d MMM"),
            "days": part["days"],
            "terms": text({**line, **part}),
        }
        for part in line.get("slices") or ()
    ]
