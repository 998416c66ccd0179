"""``./dev test``: one pytest call over all that was asked for.

What needs no Odoo (the engine, devtools itself) runs without it when asked for alone.
"""

import importlib
from pathlib import Path

from . import databases, settings
from .problem import Problem

# pytest's options that take the next argument as their value.
WITH_VALUE = {"-k", "-m", "-n", "-p", "-c", "-o", "-W", "-r", "--tb", "--maxfail", "--durations"}

PLAIN = ("tests/engine", "devtools")
EVERYTHING = ("devtools/tests", "tests", *settings.ADDONS)


def main(ctx, args):
    """Run what was asked for; the exit code is pytest's (or that of lint)."""
    what, options = split(args)
    lint_wanted = "--no-lint" not in options and (not what or "lint" in what)
    options = [option for option in options if option != "--no-lint"]
    only_lint = what == ["lint"]
    code = lint(ctx) if lint_wanted else 0
    if code or only_lint:
        return code
    paths = [_path(ctx, name) for name in what if name != "lint"] or _everything(ctx)
    if not paths:
        raise Problem("This checkout has no tests.")
    if all(_is_plain(ctx, path) for path in paths):
        return _run_plain(ctx, paths, options)
    return _run_with_odoo(ctx, paths, options)


def split(args):
    """(what to test, pytest's own arguments)"""
    what, options = [], []
    rest = iter(args)
    for arg in rest:
        if arg in WITH_VALUE:
            options += [arg, next(rest, "")]
        elif arg.startswith("-"):
            options.append(arg)
        else:
            what.append(arg)
    return what, options


def lint(ctx, args=()):
    try:
        module = importlib.import_module("devtools.lint")
    except ModuleNotFoundError as error:
        if error.name != "devtools.lint":
            raise
        ctx.say.warn("This checkout has no devtools/lint.py; nothing is linted.")
        return 0
    return module.main(ctx, list(args)) or 0


def _everything(ctx):
    return [str(ctx.root / name) for name in EVERYTHING if (ctx.root / name).exists()]


def _path(ctx, name):
    """The path that pytest gets for an addon's name, ``engine``, or a path (with ``::test``)."""
    if name == "engine":
        name = "tests/engine"
    file, _colons, _test = name.partition("::")
    for folder in (Path(ctx.environ.get("PWD") or "."), ctx.root):
        if (folder / file).exists():
            return str(folder / name)
    raise Problem(
        f"There is nothing called {name} to test: name an addon ({', '.join(settings.ADDONS)}), "
        "engine, lint, or a path; ./dev help tells more."
    )


def _is_plain(ctx, path):
    file = Path(path.partition("::")[0]).resolve()
    return any(file.is_relative_to(ctx.root / folder) for folder in PLAIN)


def _run_plain(ctx, paths, options):
    ctx.plan("python")
    ctx.prepare("python")
    # Odoo's plugin starts Odoo for every session.
    return _pytest(ctx, "-p", "no:odoo", *paths, *options, env=ctx.env())


def _run_with_odoo(ctx, paths, options):
    ctx.plan("python", "odoo", "browser", databases=("bare", "base", "template"))
    ctx.prepare("python", "odoo", "browser")
    with ctx.scratch_database() as name:
        return _pytest(
            ctx,
            *("-p", "devtools.pytest_bundles"),
            f"--odoo-database={name}",
            "--odoo-http",
            "--odoo-log-level=warn",
            *paths,
            *options,
            env={**ctx.env(name), "EXPAT_KPI_BARE": databases.ensure_bare(ctx, True)},
        )


def _pytest(ctx, *args, env):
    command = (ctx.python, "-m", "pytest", "-p", "devtools.pytest_plugin")
    return ctx.run(*command, f"--rootdir={ctx.root}", *args, cwd=ctx.root, env=env)
