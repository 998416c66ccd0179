"""The one object that every command gets."""

import os
import subprocess
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from . import settings
from .locks import Lock
from .process import run_foreground, run_logged
from .say import Say


class Context:
    """Where things are, how to run a child, how to say things.

    For a command module (``devtools/lint.py``: ``def main(ctx, args): … return exit_code``):

    ``ctx.root``, ``ctx.cache``   folders (``Path``): the checkout; the cache outside of it
    ``ctx.python``                the virtual environment's Python (``Path``): Odoo's libraries,
                                  pytest. It exists after ``ctx.prepare("python")``
    ``ctx.say``                   ``ctx.say.info(text)``, ``ctx.say.warn(text)``,
                                  ``with ctx.say.step("Doing x") as step: step.tell("3 of 7")``
    ``ctx.ci``                    true where the variable CI is set: a missing tool is a failure
    ``ctx.is_root``
    ``ctx.env(database=None)``    environment for children: PG*, PATH with PostgreSQL's programs,
                                  PYTHONPATH with Odoo, and, given a database, ODOO_RC naming it
    ``ctx.run(*command, cwd=None, env=None)``     run in the foreground, output goes to the
                                  terminal; returns the exit code
    ``ctx.run_logged(what, *command, step=None, progress=None, …)``   run quietly with the output
                                  in a log file; a failure is one sentence (a Problem)
    ``ctx.tool_python(name)``     Python of a virtual environment of its own that holds
                                  ``devtools/requirements-<name>.txt`` (made when missing or
                                  changed): linters, whose libraries clash with Odoo's
    ``ctx.node_modules()``        folder with what ``devtools/package.json`` and its lock file
                                  name, installed by npm into the cache; its ``.bin`` has the tools
    ``ctx.prepare(*parts)``       set up what is missing of "python", "odoo", "browser"
    ``with ctx.postgres():``      a database server is up; PG* in ``ctx.env()`` point to it, and
                                  ``ctx.server.home`` is the folder of its databases' files
    ``with ctx.scratch_database(demo=True) as name:``   a fresh copy of the database with our three
                                  addons (and, with demo, their demo data); gone afterwards.
                                  Prepares all that it needs
    ``ctx.odoo(*args, database)`` run ``python -m odoo *args`` on a database (logged, see above)

    Raise ``devtools.problem.Problem("One sentence with the remedy.")`` for what the user can mend.
    """

    def __init__(self, root=None, environ=None, say=None):
        self.root = Path(root or Path(__file__).resolve().parent.parent)
        self.environ = dict(os.environ if environ is None else environ)
        self.say = say or Say()
        self.server = None  # devtools.postgres sets it while a server is up
        self._planned = self._step = 0
        self._lock = Lock(self.cache / "lock", self.say)

    # Where things are

    @cached_property
    def is_root(self):
        return os.geteuid() == 0

    @cached_property
    def ci(self):
        return bool(self.environ.get("CI"))

    @cached_property
    def cache(self):
        """Everything that is installed or made: EXPAT_KPI_CACHE, or a folder of the user's."""
        named = self.environ.get("EXPAT_KPI_CACHE")
        if named:
            return Path(named).expanduser().absolute()
        if self.is_root:
            # Not below /root: PostgreSQL runs as nobody, who must be able to get there.
            return Path("/var/lib/expat-kpi")
        home = self.environ.get("XDG_CACHE_HOME") or "~/.cache"
        return Path(home).expanduser().absolute() / "expat-kpi"

    @property
    def python(self):
        from . import python_env

        return python_env.python(self)

    @property
    def log_folder(self):
        return self.cache / "log"

    @property
    def addons(self):
        """Those of our addons that this checkout has."""
        return [name for name in settings.ADDONS if (self.root / name / "__manifest__.py").exists()]

    # Running things

    def plan(self, *parts, databases=(), more=0):
        """Count the steps that this command will take, so that each can say ``[2/7]``.

        :param parts: as in ``prepare``
        :param databases: kinds of database that will be made where none is yet
        :param more: number of further steps
        """
        from . import setup

        fresh = not (self.cache / "servers").exists()
        steps = setup.missing(self, *parts) + (list(databases) if fresh else [])
        self._planned, self._step = len(steps) + more, 0

    def step(self, title):
        """Like ``say.step``, with the number of the step in front where there are several."""
        self._step += 1
        if self._planned < 2:
            return self.say.step(title)
        self._planned = max(self._planned, self._step)
        return self.say.step(f"[{self._step}/{self._planned}] {title}")

    def env(self, database=None, **more):
        from . import environment

        return environment.for_children(self, database, **more)

    def run(self, *command, cwd=None, env=None, **options):
        return run_foreground(command, cwd=cwd or self.root, env=env or self.env(), **options)

    def run_logged(self, what, *command, env=None, **options):
        """See devtools.process.run_logged."""
        return run_logged(self, what, command, env=env or self.env(), **options)

    def output(self, *command, **options):
        """What a short command prints; raises CalledProcessError when it fails."""
        options.setdefault("env", self.env())
        options.setdefault("cwd", self.root)
        return subprocess.run(
            [str(part) for part in command],
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            **options,
        ).stdout

    def odoo(self, *args, database, what="Odoo", **options):
        command = (self.python, "-m", "odoo", *args)
        return self.run_logged(what, *command, env=self.env(database), **options)

    # Having things

    def lock(self):
        """One process at a time changes the cache."""
        return self._lock

    def prepare(self, *parts):
        from . import setup

        setup.prepare(self, *parts)

    def tool_python(self, name):
        from . import python_env

        return python_env.tool_python(self, name)

    def node_modules(self):
        from . import node_env

        return node_env.node_modules(self)

    @contextmanager
    def postgres(self):
        from . import postgres

        with postgres.running(self):
            yield self.server

    @contextmanager
    def scratch_database(self, demo=True):
        from . import databases

        with ExitStack() as stack:
            self.prepare("python", "odoo")
            stack.enter_context(self.postgres())
            yield stack.enter_context(databases.scratch(self, demo=demo))
