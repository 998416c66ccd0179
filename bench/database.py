"""The databases of the bench: made once, named by what they were made from.

``…_odoo_<key>``   Odoo's modules, no data; copied for the others
``…_plain_<key>``  the same with the seeded records, without our addons
``…_full_<key>``   a copy of that with our addons, postings and five measures

The key is a hash of the sizes and of this folder's seed, so a second run finds them. Where
our addons changed since, they are updated. The way to PostgreSQL is in PG* variables.
"""

import datetime
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path

import psycopg2
import seed

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ("expat_kpi", "expat_kpi_connectors")
# What the rivals and the sources need; sale_crm brings sale_management's orders.
MODULES = ("hr", "crm", "sale_crm", "calendar", "hr_attendance", "project", "gamification")
PREFIX = "expat_kpi_bench"


@dataclass(frozen=True)
class Sizes:
    employees: int = 1000
    leads: int = 1_000_000
    events: int = 1_000_000
    orders: int = 500_000


def connect(name):
    connection = psycopg2.connect(dbname=name)
    connection.autocommit = True
    return connection


def say(text):
    print(text, file=sys.stderr, flush=True)


def ensure(sizes, template=None):
    """Names of the databases without and with our addons, made where they are missing."""
    # Seeded months end with the present one: another month makes other databases.
    month = datetime.date.today().isoformat()[:7]
    key = _hash(astuple(sizes), month, Path(seed.__file__).read_text())
    plain, full = f"{PREFIX}_plain_{key}", f"{PREFIX}_full_{key}"
    if not _exists(plain):
        base = _ensure_odoo(template)
        with _making(plain, base) as making, closing(connect(making)) as connection:
            say(f"seeding {sizes} …")
            seed.records(connection.cursor(), sizes)
    if not _exists(full):
        with _making(full, plain) as making:
            say("installing the addons …")
            _odoo(making, "-i", ",".join(ADDONS))
            with closing(connect(making)) as connection:
                seed.postings(connection.cursor())
                _remember_addons(connection.cursor())
    _update_addons(full)
    return plain, full


def _ensure_odoo(template):
    name = f"{PREFIX}_odoo_{_hash(MODULES, template)}"
    if not _exists(name):
        with _making(name, template or "template1") as making:
            say("installing Odoo's modules …")
            _odoo(making, "-i", ",".join(MODULES))
    return name


class _making:
    """A copy under another name, which gets its own once the block is done."""

    def __init__(self, name, source):
        self.name, self.source, self.working = name, source, f"{name}_making"

    def __enter__(self):
        self.start = time.monotonic()
        with closing(connect("postgres")) as connection, connection.cursor() as cr:
            cr.execute(f'DROP DATABASE IF EXISTS "{self.working}" WITH (FORCE)')
            cr.execute(f'CREATE DATABASE "{self.working}" TEMPLATE "{self.source}"')
        return self.working

    def __exit__(self, kind, _error, _trace):
        if kind:
            return
        with closing(connect("postgres")) as connection, connection.cursor() as cr:
            cr.execute(f'ALTER DATABASE "{self.working}" RENAME TO "{self.name}"')
        say(f"{self.name} made in {time.monotonic() - self.start:.0f} s")


def _exists(name):
    with closing(connect("postgres")) as connection, connection.cursor() as cr:
        cr.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return bool(cr.fetchall())


def _hash(*parts):
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def _addons_digest():
    texts = [
        path.read_bytes()
        for addon in ADDONS
        for path in sorted((ROOT / addon).rglob("*"))
        if path.suffix in (".py", ".xml", ".csv") and "tests" not in path.parts
    ]
    return _hash(*texts)


def _remember_addons(cr):
    cr.execute("DELETE FROM ir_config_parameter WHERE key = 'expat_kpi.bench'")
    cr.execute(
        "INSERT INTO ir_config_parameter (key, value) VALUES ('expat_kpi.bench', %s)",
        [_addons_digest()],
    )


def _update_addons(name):
    with closing(connect(name)) as connection, connection.cursor() as cr:
        cr.execute("SELECT value FROM ir_config_parameter WHERE key = 'expat_kpi.bench'")
        if cr.fetchone() == (_addons_digest(),):
            return
        say("updating the addons …")
        _odoo(name, "-u", ",".join(ADDONS))
        _remember_addons(cr)


def options(name):
    folder = os.environ.get("EXPAT_KPI_BENCH_DATA", os.path.join(tempfile.gettempdir(), PREFIX))
    return [
        "-d", name, "--addons-path", str(ROOT), "--data-dir", folder,
        "--log-level", "error", "--without-demo", "--max-cron-threads", "0",
    ]  # fmt: skip


def _odoo(name, *arguments):
    command = [sys.executable, "-m", "odoo", *options(name), *arguments]
    done = subprocess.run(
        [*command, "--stop-after-init", "--no-http"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stdout[-4000:])
