"""Databases: built once, named by what they were built from, then copied.

``bare``      what our addons require of Odoo, with demo data and languages
``base``      a copy of it with all that they may count: minutes to build, seldom
``template``  a copy of a base with our addons: seconds to build, whenever they change
``scratch``   a copy of a template for one run: half a second
``demo``      what ``./dev up`` shows; only updated, never thrown away but by ``./dev reset``

A database under construction has another name, so a name stands for a finished one.
"""

import fcntl
import json
import os
import re
import secrets
from contextlib import ExitStack, contextmanager

from . import files, odoo_source, python_env, settings, sql
from .locks import is_held, open_lock, try_lock
from .problem import Problem

MAKING = "_making"

# What of an addon does not change what is installed.
NOT_INSTALLED = re.compile(
    r"^(tests|readme|static/tests)/|(^|/)__pycache__/|\.pyc$|\.md$|\.pot$|\.rst$"
)

# Names


def base_name(ctx, demo):
    key = files.digest(
        odoo_source.version(ctx),
        python_env.requirements_digest(ctx),
        ctx.server.major,
        # Of several caches on one server each has its own.
        ctx.cache,
        settings.BASE_MODULES,
        settings.LANGUAGES,
        demo,
    )
    return settings.BASE_PREFIX + key


def bare_name(ctx, demo):
    return settings.BARE_PREFIX + files.digest(base_name(ctx, demo), settings.REQUIRED_MODULES)


def template_name(ctx, demo):
    digests = addon_digests(ctx)
    return settings.TEMPLATE_PREFIX + files.digest(base_name(ctx, demo), sorted(digests.items()))


def addon_digests(ctx):
    """{addon: digest of what is installed of it}"""
    return {
        name: files.tree_digest(ctx.root / name, skip=NOT_INSTALLED.search) for name in ctx.addons
    }


# Bare, base and template


def ensure_bare(ctx, demo):
    """Name of a database with what our addons require, built when there is none."""
    return _ensure(
        ctx,
        bare_name(ctx, demo),
        settings.BARE_PREFIX,
        f"Bare database{' with demo data' if demo else ''}",
        lambda name, step: _build_bare(ctx, name, demo, step),
    )


def ensure_base(ctx, demo):
    """Name of the base database, built when there is none."""
    name = base_name(ctx, demo)
    bare = None if _is_there(ctx, name) else ensure_bare(ctx, demo)
    return _ensure(
        ctx,
        name,
        settings.BASE_PREFIX,
        f"Base database{' with demo data' if demo else ''}",
        lambda name, step: _build_from(ctx, bare, name, settings.BASE_MODULES, demo, step),
    )


def ensure_template(ctx, demo):
    """Name of a database with our addons, built when there is none."""
    base = ensure_base(ctx, demo)
    return _ensure(
        ctx,
        template_name(ctx, demo),
        settings.TEMPLATE_PREFIX,
        "Database with our addons",
        lambda name, step: _build_from(ctx, base, name, ctx.addons, demo, step),
    )


def _ensure(ctx, name, prefix, title, build):
    """Build a database where there is none, and seal it."""
    if not _is_there(ctx, name):
        with ctx.lock():
            if not _is_there(ctx, name):
                _forget_old(ctx, prefix)
                with ctx.step(title) as step:
                    build(name, step)
                    _seal(ctx, name)
    _touch(ctx, name)
    return name


def _build_bare(ctx, name, demo, step):
    making = name + MAKING
    drop(ctx, making)
    languages = ",".join(settings.LANGUAGES)
    install(ctx, making, settings.REQUIRED_MODULES, demo, step, "--load-language", languages)
    _rename(ctx, making, name)


def _build_from(ctx, source, name, modules, demo, step):
    making = name + MAKING
    copy(ctx, source, making)
    if modules:
        install(ctx, making, modules, demo, step)
    _rename(ctx, making, name)


def install(ctx, database, modules, demo, step=None, *options, update=()):
    """Install and update modules; a Problem when one is not installed with all its data."""
    args = ["--stop-after-init", "--no-http", "--log-level=info", *options]
    if modules:
        args += ["-i", ",".join(modules)]
    if update:
        args += ["-u", ",".join(update)]
    if demo:
        args.append("--with-demo")
    output = ctx.odoo(
        *args, database=database, what="Installing Odoo modules", step=step, progress=_modules
    )
    if match := re.search(r"Module (\w+) demo data failed to install", output):
        raise Problem(
            f"The demo data of {match[1]} cannot be loaded: see why in the log and mend it.",
            log=_newest_log(ctx),
        )
    asked = sorted({*modules, *update})
    (found,) = sql.run(
        ctx,
        ("SELECT name FROM ir_module_module WHERE state = 'installed' AND name = ANY(%s)", [asked]),
        database=database,
    )
    missing = set(asked) - {row[0] for row in found}
    if missing:
        raise Problem(
            f"Odoo did not install {', '.join(sorted(missing))}: see why in the log and mend it.",
            log=_newest_log(ctx),
        )


def _newest_log(ctx):
    return max(ctx.log_folder.glob("*.log"), key=lambda path: path.stat().st_mtime)


def _modules(line):
    match = re.search(r"Loading module (\w+) \((\d+)/(\d+)\)", line)
    return f"{match[2]} of {match[3]} modules" if match else None


# Copies


@contextmanager
def scratch(ctx, demo=True):
    """A copy of the template for one run. It stays until the next run, to be looked at."""
    name = f"{settings.SCRATCH_PREFIX}{os.getpid()}_{secrets.token_hex(3)}"
    with ExitStack() as stack:
        # Two runs must not forget the same copy, nor one the template that the other copies.
        with ctx.lock():
            forget_scratch(ctx)
            template = ensure_template(ctx, demo)
            file = stack.enter_context(open_lock(_run_file(ctx, name)))
            try_lock(file, fcntl.LOCK_EX)
            copy(ctx, template, name)
        yield name


def forget_scratch(ctx):
    """Drop the copies of runs that are over."""
    for path in _run_file(ctx, "").glob(f"{settings.SCRATCH_PREFIX}*"):
        if not is_held(path):
            drop(ctx, path.name)
            path.unlink(missing_ok=True)


def _run_file(ctx, name):
    return ctx.server.home / "runs" / name


def copy(ctx, source, target):
    drop(ctx, target)
    sql.run(ctx, f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    files.copy_linked(filestore(ctx, source), filestore(ctx, target))


def drop(ctx, name):
    sql.run(ctx, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    files.remove(filestore(ctx, name))


def filestore(ctx, name):
    return ctx.server.home / "data" / "filestore" / name


# The demo database


def demo_name(demo):
    return settings.DATABASE if demo else settings.DATABASE_WITHOUT_DEMO


def ensure_demo(ctx, demo=True):
    """Name of the database to show, made or updated when our addons changed since."""
    name = demo_name(demo)
    with ctx.lock():
        digests = addon_digests(ctx)
        if not _is_there(ctx, name):
            _check_not_foreign(ctx, name)
            base = ensure_base(ctx, demo)
            with ctx.step("Your database") as step:
                _build_from(ctx, base, name, ctx.addons, demo, step)
        else:
            _update_demo(ctx, name, demo, digests)
        state = {"addons": digests, "modules": settings.BASE_MODULES}
        _state_file(ctx, name).write_text(json.dumps(state))
    return name


def _check_not_foreign(ctx, name):
    """Raise a Problem rather than replace a database that somebody else made."""
    if _exists(ctx, name) and not _state_file(ctx, name).exists():
        raise Problem(
            f"PostgreSQL has a database {name} that ./dev did not make: rename it, or set PGHOST "
            "and PGPORT to another server (unset, one is started here)."
        )


def _update_demo(ctx, name, demo, digests):
    state = _state(ctx, name)
    had = state.get("addons", {})
    changed = [addon for addon in digests if addon in had and had[addon] != digests[addon]]
    fresh = [addon for addon in digests if addon not in had]
    fresh += [module for module in settings.BASE_MODULES if module not in state.get("modules", [])]
    if changed or fresh:
        with ctx.step(f"Updating {', '.join(changed + fresh)}") as step:
            install(ctx, name, fresh, demo, step, update=changed)


def forget_state(ctx, name):
    """Let the next start update all our addons."""
    state = _state(ctx, name)
    if state:
        state["addons"] = dict.fromkeys(state.get("addons", {}), "")
        _state_file(ctx, name).write_text(json.dumps(state))


def drop_demo(ctx, name):
    if _state_file(ctx, name).exists():
        drop(ctx, name)
        _state_file(ctx, name).unlink()


def _state(ctx, name):
    try:
        return json.loads(_state_file(ctx, name).read_text())
    except (OSError, ValueError):
        return {}


def _state_file(ctx, name):
    folder = ctx.server.home / "databases"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.json"


# Housekeeping


def _is_there(ctx, name):
    """Both halves of it: the database and its filestore."""
    return filestore(ctx, name).is_dir() and _exists(ctx, name)


def _exists(ctx, name):
    (rows,) = sql.run(ctx, ("SELECT 1 FROM pg_database WHERE datname = %s", [name]))
    return bool(rows)


def _rename(ctx, old, new):
    drop(ctx, new)
    filestore(ctx, old).mkdir(parents=True, exist_ok=True)
    filestore(ctx, old).rename(filestore(ctx, new))
    sql.run(ctx, f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def _seal(ctx, name):
    """No session may open it: copying a database that somebody uses fails."""
    sql.run(ctx, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')


def _touch(ctx, name):
    path = ctx.server.home / "databases" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def _forget_old(ctx, prefix):
    """Keep the databases of this kind that were used last, drop the others."""
    used = sorted(
        (path for path in (ctx.server.home / "databases").glob(f"{prefix}*")),
        key=lambda path: path.stat().st_mtime,
    )
    for path in used[: -(settings.KEEP_TEMPLATES - 1)]:
        drop(ctx, path.name)
        path.unlink(missing_ok=True)
