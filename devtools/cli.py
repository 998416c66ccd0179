"""The commands of ``./dev`` and their arguments."""

import argparse
import errno
import importlib
import os
import signal
import subprocess

from . import commands, doctor, machine, server, settings, testrun
from .context import Context
from .problem import Problem, disk_full

HELP = f"""\
./dev up [--port N] [--no-demo]   start Odoo with the three addons on http://127.0.0.1
                                  (port {settings.PORT} or the next free one); Ctrl-C stops it
./dev test [what …] [options]     lint and all tests, or what you name: an addon, a path, engine,
                                  lint. Options are pytest's: ./dev test expat_kpi -k signature
./dev lint                        check the code, the views, the manifests
./dev update                      update the addons in the demo database (also of a running server)
./dev shell                       Odoo's Python shell on the demo database
./dev load-crm DIR                load a CRM history (CSV) into the demo database
./dev i18n                        write the translation templates, merge the translations
./dev bench [options]             measure how fast it is
./dev reset [--all]               forget the demo database; with --all everything installed
./dev setup                       install what the others need, start nothing
./dev doctor                      say what is there and what is missing
./dev help                        this

Everything is kept in one folder outside the checkout: EXPAT_KPI_CACHE, else /var/lib/expat-kpi for
root and ~/.cache/expat-kpi for others. What is there already is used when you name it: ODOO_SOURCE
(a checkout of Odoo's branch 19.0), PGHOST, PGPORT, PGUSER, PGPASSWORD (a PostgreSQL), CHROME_BIN.
"""


class Ended(BaseException):
    """Somebody asked us to end, other than by Ctrl-C."""


def main(argv):
    # Files in the cache are read by PostgreSQL's user too.
    os.umask(0o022)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    ctx = Context()
    try:
        machine.check_python()
        return _command(ctx, argv)
    except Problem as problem:
        ctx.say.problem(problem)
        return 1
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd))
        ctx.say.problem(Problem(f"{command} failed (code {error.returncode}): see what it said."))
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        ctx.say.problem(disk_full(ctx.cache))
        return 1
    except (KeyboardInterrupt, Ended):
        ctx.say.info("\nStopped.")
        return 130


def _end(*_signal):
    raise Ended


def _command(ctx, argv):
    name, rest = (argv[0], argv[1:]) if argv else ("help", [])
    if name in ("help", "-h", "--help"):
        ctx.say.info(HELP.rstrip())
        return 0
    # These have a syntax of their own: pytest's, or that of a module which may not be there yet.
    if name == "test":
        return testrun.main(ctx, rest)
    if name == "lint":
        return testrun.lint(ctx, rest)
    if name == "i18n":
        return importlib.import_module("devtools.i18n").main(ctx, rest) or 0
    parsers = {
        "up": (server.main, _up_arguments),
        "setup": (commands.set_up, _no_arguments),
        "update": (commands.update, _demo_arguments),
        "shell": (commands.shell, _shell_arguments),
        "bench": (commands.bench, _rest),
        "load-crm": (commands.load_crm, _load_arguments),
        "reset": (commands.reset, _reset_arguments),
        "doctor": (doctor.main, _no_arguments),
    }
    if name not in parsers:
        raise Problem(f"There is no command {name}: ./dev help lists them.")
    run, add_arguments = parsers[name]
    parser = argparse.ArgumentParser(prog=f"./dev {name}", description=run.__doc__)
    add_arguments(parser)
    args, unknown = parser.parse_known_args(rest)
    if hasattr(args, "rest"):
        args.rest = unknown + args.rest
    elif unknown:
        parser.error(f"unknown: {' '.join(unknown)}")
    return run(ctx, args)


def _no_arguments(_parser):
    pass


def _rest(parser):
    parser.add_argument("rest", nargs="*", help="handed on as they are")


def _demo_arguments(parser):
    parser.add_argument("--no-demo", action="store_true", help="the database without demo data")


def _up_arguments(parser):
    parser.add_argument("--port", type=int, help=f"else {settings.PORT} or the next free one")
    _demo_arguments(parser)


def _shell_arguments(parser):
    _demo_arguments(parser)
    _rest(parser)


def _load_arguments(parser):
    parser.add_argument("folder", help="with the CSV files of the history")
    _demo_arguments(parser)


def _reset_arguments(parser):
    parser.add_argument("--all", action="store_true", help="also all that was installed")
