"""What must be there before anything runs, and in which order it is made."""

from collections.abc import Callable
from dataclasses import dataclass

from . import browser, files, odoo_source, python_env


@dataclass(frozen=True)
class Part:
    """One thing to have. ``needed(ctx)`` is quick; ``make(ctx, step)`` may take minutes."""

    name: str
    title: str
    needed: Callable
    make: Callable


PARTS = (
    Part("python", python_env.TITLE, python_env.needed, python_env.install),
    Part("odoo", odoo_source.TITLE_FETCH, odoo_source.fetch_needed, odoo_source.fetch),
    Part("odoo", odoo_source.TITLE_UNPACK, odoo_source.unpack_needed, odoo_source.unpack),
    Part("browser", browser.TITLE, browser.needed, browser.install),
)


def missing(ctx, *names):
    """Titles of what ``prepare`` would make."""
    return [part.title for part in PARTS if part.name in names and part.needed(ctx)]


def prepare(ctx, *names):
    """Make what is missing of the parts of these names."""
    files.check_cache(ctx)
    files.need_space_for_setup(ctx)
    if not missing(ctx, *names):
        return
    with ctx.lock():
        for part in PARTS:
            # Asked again: who held the lock before us may have made it.
            if part.name in names and part.needed(ctx):
                with ctx.step(part.title) as step:
                    part.make(ctx, step)
