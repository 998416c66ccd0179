"""The small commands: each is one function of a context and parsed arguments."""

import json
import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path

from . import databases, files, postgres, python_env, server, settings
from .problem import Problem


def set_up(ctx, _args):
    """Install all that is needed and start nothing: for an image, or before going offline."""
    ctx.plan("python", "odoo", "browser")
    ctx.prepare("python", "odoo", "browser")
    if postgres.is_external(ctx):
        with ctx.postgres():
            ctx.say.info(f"PostgreSQL {ctx.server.major} answers.")
    ctx.say.info(f"All is there, in {ctx.cache}.")
    return 0


def shell(ctx, args):
    """Odoo's Python shell on the demo database."""
    with _demo_database(ctx, args) as name:
        command = (ctx.python, "-m", "odoo", "shell", "--no-http", "--log-level=warn", *args.rest)
        return ctx.run(*command, env=ctx.env(name))


def update(ctx, args):
    """Update our addons in the demo database; a server that runs restarts with them."""
    if server.is_up(ctx):
        return _update_running(ctx)
    with _demo_database(ctx, args, update=True):
        return 0


def _update_running(ctx):
    before = server.running(ctx)
    if not before:
        raise Problem("./dev up is just starting: wait for its address, then run this again.")
    os.kill(before["pid"], signal.SIGUSR1)
    with ctx.step("The server updates our addons and restarts"):
        while server.is_up(ctx):
            now = server.running(ctx)
            if now and now["since"] != before["since"]:
                return 0
            time.sleep(0.5)
    raise Problem("The server ended while it updated: see why where ./dev up ran.")


@contextmanager
def _demo_database(ctx, args, update=False):
    """Name of the demo database, made and updated unless a server has it open."""
    ctx.plan("python", "odoo", databases=("bare", "base", "yours"))
    ctx.prepare("python", "odoo")
    name = databases.demo_name(not args.no_demo)
    with ctx.postgres():
        if update:
            databases.forget_state(ctx, name)
        if not server.is_up(ctx):
            databases.ensure_demo(ctx, not args.no_demo)
        yield name


def bench(ctx, args):
    """Run bench/run.py with a PostgreSQL."""
    script = ctx.root / "bench" / "run.py"
    if not script.exists():
        raise Problem("There is no bench/run.py in this checkout, so there is nothing to measure.")
    ctx.plan("python", "odoo")
    ctx.prepare("python", "odoo")
    with ctx.postgres():
        return ctx.run(ctx.python, script, *args.rest)


# More than this scrolls the sentence above them out of sight.
SHOWN_FAULTS = 20


def load_crm(ctx, args):
    """Load a CRM history (a folder of CSV files) into the demo database."""
    folder = Path(args.folder).expanduser().absolute()
    if not folder.is_dir():
        raise Problem(f"There is no folder {folder}: name the one that holds the CSV files.")
    with _demo_database(ctx, args) as name, ctx.step(f"Loading {folder.name}") as step:
        output = ctx.run_logged(
            "Loading the CRM history",
            *(ctx.python, ctx.root / "devtools" / "load_child.py", name, folder),
            env=ctx.env(name),
            step=step,
        )
    counts = json.loads(output.strip().splitlines()[-1])
    if faults := counts.get("faults"):
        shown = "\n".join(f"    {fault}" for fault in faults[:SHOWN_FAULTS])
        raise Problem(
            f"Nothing was loaded. Mend these in {folder} and run it again "
            f"({len(faults)} in all):\n{shown}"
        )
    for what, count in counts.items():
        ctx.say.info(f"    {what:<24} {count}")
    ctx.say.info("    See them under Expat KPI, Progress, without the filter “Under Way”.")
    return 0


def reset(ctx, args):
    """Forget the demo database, or everything."""
    if state := server.running(ctx):
        raise Problem(
            f"./dev up runs (process {state['pid']}): stop it with Ctrl-C where it runs, then "
            "run ./dev reset again."
        )
    if args.all:
        files.remove(ctx.cache)
        ctx.say.info(f"Removed {ctx.cache}: the next run sets everything up again.")
        return 0
    if not python_env.folder(ctx).exists():
        ctx.say.info("There is nothing to reset yet.")
        return 0
    ctx.prepare("python")
    with ctx.postgres():
        for name in (settings.DATABASE, settings.DATABASE_WITHOUT_DEMO):
            databases.drop_demo(ctx, name)
    ctx.say.info("The demo database is gone: ./dev up makes a new one.")
    return 0
