"""``./dev doctor``: what is there, what is missing, what to do."""

import shutil
import sys

from . import browser, machine, node_env, odoo_source, postgres, python_env, server, settings
from .problem import Problem


def main(ctx, _args):
    """Say what is there and what is missing; exit code 1 when something has to be done by hand."""
    wrong = 0
    for title, check in CHECKS:
        try:
            word, told = "ok", check(ctx)
        except Problem as problem:
            word, told = "MISSING", str(problem)
            wrong += 1
        ctx.say.info(f"{word:<8} {title:<12} {told}")
    return 1 if wrong else 0


def _python(ctx):
    machine.check_python()
    made = "not made yet" if python_env.needed(ctx) else f"complete, in {python_env.folder(ctx)}"
    return f"{sys.version.split()[0]}, {sys.executable}; packages: {made}"


def _cache(ctx):
    there = ctx.cache
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if free < settings.SPACE_LATER:
        raise Problem(f"Only {free / 2**30:.1f} GB are free at {there}: free some space.")
    return f"{ctx.cache}, {free / 2**30:.0f} GB free"


def _odoo(ctx):
    if ctx.environ.get("ODOO_SOURCE"):
        odoo_source.check_named(ctx)
        return f"19.0 from ODOO_SOURCE, {odoo_source.folder(ctx)}"
    source = odoo_source.folder(ctx)
    if source is None:
        if not machine.is_debian(ctx):
            raise Problem("This is not Debian: set ODOO_SOURCE to a checkout of branch 19.0.")
        return "not fetched yet; comes from Debian"
    tree = ctx.cache / "odoo" / f"odoo-{odoo_source.version(ctx)}"
    if not odoo_source.is_whole(tree, thorough=True):
        raise Problem(f"{tree} is not whole: remove it, the next run unpacks it again.")
    return f"{odoo_source.version(ctx)}, whole, in {tree}"


def _postgres(ctx):
    if not postgres.is_external(ctx) and not postgres.programs(ctx):
        return "not installed yet; comes with the Python packages"
    with ctx.postgres():
        kind = "a private one" if ctx.server.embedded else "the one that PG* variables name"
        return f"{ctx.server.major}, {kind}, {ctx.env().get('PGHOST', 'local socket')}"


def _browser(ctx):
    found = browser.program(ctx)
    if not found:
        raise Problem(f"No Chromium, which the browser tests need: {browser.REMEDY}.")
    if browser.has_chinese_font(ctx) is False:
        raise Problem("No Chinese font: apt-get install fonts-noto-cjk (as root, on Debian).")
    return found


def _node(ctx):
    if sentence := node_env.missing(ctx):
        raise Problem(sentence)
    return f"{node_env.version(ctx)}, for the linters of JavaScript and XML"


def _server(ctx):
    state = server.running(ctx)
    if not state:
        return "./dev up is not running"
    return f"./dev up runs at {server.address(state['port'])} (process {state['pid']})"


CHECKS = (
    ("Python", _python),
    ("Cache", _cache),
    ("Odoo", _odoo),
    ("PostgreSQL", _postgres),
    ("Chromium", _browser),
    ("Node", _node),
    ("Server", _server),
)
