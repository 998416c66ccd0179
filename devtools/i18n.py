"""``./dev i18n``: writes the translation templates and merges the translations.

Odoo exports the terms of each addon from a database; what comes of it is written by
devtools/po_child.py, which runs where Odoo's libraries are.
"""

import argparse
import json
import tempfile
from pathlib import Path

from . import settings
from .problem import Problem


def main(ctx, args):
    parser = argparse.ArgumentParser(
        prog="./dev i18n",
        description="Write i18n/<addon>.pot of each addon, or of those named, and bring its "
        "translations up to date: new terms come in empty, those that are gone leave.",
    )
    parser.add_argument("addons", nargs="*", metavar="addon", help=" ".join(ctx.addons))
    asked = parser.parse_args(args).addons or ctx.addons
    if unknown := [name for name in asked if name not in ctx.addons]:
        raise Problem(f"There is no addon {unknown[0]} here: choose of {', '.join(ctx.addons)}.")
    ctx.plan("python", "odoo", databases=("bare", "base", "template"), more=len(asked))
    with ctx.scratch_database() as database, tempfile.TemporaryDirectory() as folder:
        for name in asked:
            export(ctx, database, name, Path(folder, f"{name}.pot"))
        told = merge(ctx, asked, folder)
    for line in told:
        ctx.say.info(line)
    return 0


def export(ctx, database, addon, target):
    """Let Odoo write the terms of one addon to ``target``."""
    with ctx.step(f"Terms of {addon}") as step:
        ctx.odoo(
            *("i18n", "export", "--languages", "pot", "--output", target, addon),
            database=database,
            what=f"Exporting the terms of {addon}",
            step=step,
        )
    # Odoo writes nothing, and no error, for an addon without a single term.
    target.touch()


def merge(ctx, addons, exported):
    """Write the files of the addons from the exported templates; one sentence a file."""
    printed = ctx.output(
        ctx.python,
        ctx.root / "devtools" / "po_child.py",
        ctx.root,
        exported,
        ",".join(name for name in settings.LANGUAGES if name != "en_US"),
        *addons,
    )
    return [sentence(**found) for found in json.loads(printed)]


def sentence(*, path, terms, untranslated, removed):
    parts = [f"{path}: {terms} terms"]
    if untranslated:
        parts.append(f"{untranslated} without a translation")
    if removed:
        parts.append(f"{removed} gone")
    return ", ".join(parts)
