"""Each fault ends with one sentence that names the remedy; the next run works."""

import os
import shutil
import socket
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from devtools import machine as machine_module
from devtools.odoo_source import PACKAGE_ROOT
from devtools.problem import Problem
from devtools.settings import ODOO_PACKAGE, ODOO_VERSION


def unpacked(machine, version=ODOO_VERSION):
    return machine.cache / "odoo" / f"odoo-{version}"


# No network


def test_no_network_for_debian(machine, debian):
    debian.offline()
    told = machine.complaint("setup")
    assert "network cannot be reached" in told
    assert "run the same command again" in told
    debian.publish(ODOO_VERSION)
    machine.works("setup")


def test_no_network_for_python_packages(machine):
    machine.has_odoo()
    machine.has_empty_python_environment()
    # An index on a port where nobody listens. What these tests run in is not to be touched.
    pip = {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
        "PIP_IGNORE_INSTALLED": "1",
        "PIP_DRY_RUN": "1",
    }
    told = machine.complaint("setup", **pip)
    assert "Python packages" in told
    assert "network cannot be reached" in told
    # With a network pip finds what is missing: here, nothing.
    machine.works("setup")


def test_a_download_that_breaks_off_is_taken_up(machine, debian):
    debian.breaks_off = True
    told = machine.complaint("setup")
    assert "broke off" in told
    assert "goes on from here" in told
    debian.breaks_off = False
    debian.asked.clear()
    machine.works("setup")
    large = f"{ODOO_PACKAGE}_{ODOO_VERSION}_all.deb"
    assert [start > 0 for name, start in debian.asked if name == large] == [True]


# No space


def test_no_disk_space_at_the_start(machine, folder):
    # From outside there is no small disk to be had; so the question for its size is answered.
    (folder / "sitecustomize.py").write_text(
        "import collections, shutil\n"
        "Usage = collections.namedtuple('Usage', 'total used free')\n"
        "shutil.disk_usage = lambda path: Usage(10**9, 9 * 10**8, 10**8)\n"
    )
    machine.has_python_packages()
    machine.has_odoo()
    told = machine.complaint("setup", PYTHONPATH=str(folder))
    assert "0.1 GB are free" in told
    assert "EXPAT_KPI_CACHE" in told
    machine.works("setup")


def test_the_disk_fills_while_unpacking(machine, debian):
    machine.program("dpkg-deb", "echo 'tar: x: Cannot write: No space left on device'; exit 2")
    told = machine.complaint("setup")
    assert "disk is full" in told
    assert not unpacked(machine).exists()
    machine.program("dpkg-deb", 'exec tar -xf "$2" -C "$3"')
    machine.works("setup")
    assert unpacked(machine).exists()


# A busy port


def test_a_busy_port_names_its_holder(machine):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = machine.complaint("up", "--port", port)
    assert f"Port {port} is taken by process {os.getpid()} (" in told
    assert "--port" in told


# PostgreSQL


def test_a_wrong_postgres_password(machine, guarded_postgres):
    machine.has_python_packages()
    machine.has_odoo()
    told = machine.complaint("setup", **guarded_postgres, PGPASSWORD="wrong")
    assert "refuses the password of role odoo" in told
    assert "PGPASSWORD" in told
    assert "wants a password" in machine.complaint("setup", **guarded_postgres)
    machine.works("setup", **guarded_postgres, PGPASSWORD="right")


def test_a_role_that_may_not_create_databases(machine, guarded_postgres):
    from devtools import sql
    from devtools.context import Context

    machine.has_python_packages()
    machine.has_odoo()
    environ = {**machine.environ, **guarded_postgres, "PGPASSWORD": "right"}
    sql.run(Context(environ=environ), "CREATE ROLE humble LOGIN PASSWORD 'right'")
    told = machine.complaint(
        "setup", **{**guarded_postgres, "PGUSER": "humble"}, PGPASSWORD="right"
    )
    assert "may not create databases" in told
    assert "ALTER ROLE humble CREATEDB" in told


def test_no_postgres_where_one_is_named(machine):
    machine.has_python_packages()
    machine.has_odoo()
    told = machine.complaint("setup", PGHOST="127.0.0.1", PGPORT="9", PGUSER="odoo")
    assert "No PostgreSQL can be reached at 127.0.0.1, port 9" in told
    assert "unset PGHOST" in told


def test_the_role_that_odoo_refuses(machine):
    machine.has_python_packages()
    machine.has_odoo()
    assert "createuser" in machine.complaint("setup", PGUSER="postgres")


def test_a_cluster_broken_by_a_power_cut_is_made_anew(machine):
    machine.has_python_packages()
    machine.has_odoo()
    machine.works("reset")
    (control,) = machine.cache.glob("postgres/*/data/global/pg_control")
    control.unlink()
    told = machine.works("reset")
    assert "made anew" in told
    # And it was stopped by who started it.
    assert not list(machine.cache.glob("postgres/*/data/postmaster.pid"))


def test_a_lock_file_left_by_a_crash_does_not_stop_it(machine):
    machine.has_python_packages()
    machine.has_odoo()
    machine.works("reset")
    (data,) = machine.cache.glob("postgres/*/data")
    # The number is that of some process which is alive and no PostgreSQL.
    left = data / "postmaster.pid"
    left.write_text(f"{os.getpid()}\n{data}\n0\n1\n\n127.0.0.1\n")
    assert "made anew" not in machine.works("reset")
    assert not left.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root runs PostgreSQL as somebody else.")
def test_root_with_a_cache_that_nobody_can_reach(machine, folder):
    machine.has_python_packages()
    machine.has_odoo()
    machine.cache.chmod(0o700)
    told = machine.complaint("reset")
    assert f"cannot pass {machine.cache}" in told
    assert "EXPAT_KPI_CACHE" in told


# A cache that is not whole


def test_a_half_unpacked_odoo_is_unpacked_again(machine, debian):
    machine.works("setup")
    release = unpacked(machine) / PACKAGE_ROOT / "odoo" / "release.py"
    release.unlink()
    machine.works("setup")
    assert release.exists()
    # As when the machine went down in the middle.
    (unpacked(machine) / ".complete").unlink()
    debian.asked.clear()
    machine.works("setup")
    assert (unpacked(machine) / ".complete").exists()
    assert debian.asked == []


def test_a_truncated_package_is_completed(machine, debian):
    machine.works("setup")
    (package,) = machine.cache.glob(f"apt/deb/{ODOO_PACKAGE}_*")
    whole = package.read_bytes()
    package.write_bytes(whole[:50_000])
    shutil.rmtree(unpacked(machine))
    machine.works("setup")
    assert package.read_bytes() == whole
    assert unpacked(machine).exists()


def test_a_garbled_package_is_fetched_again(machine, debian):
    machine.works("setup")
    (package,) = machine.cache.glob(f"apt/deb/{ODOO_PACKAGE}_*")
    whole = package.read_bytes()
    package.write_bytes(b"x" * 50_000)
    shutil.rmtree(unpacked(machine))
    machine.works("setup")
    assert package.read_bytes() == whole


def test_a_version_that_debian_no_longer_has(machine, debian):
    debian.publish("19.0.1-1")
    told = machine.works("setup")
    assert "taking 19.0.1-1" in told
    assert unpacked(machine, "19.0.1-1").exists()


def test_a_cache_that_cannot_be_made(machine):
    told = machine.complaint("setup", EXPAT_KPI_CACHE="/dev/null/cache")
    assert "set EXPAT_KPI_CACHE" in told


# Python


def test_no_python_that_fits(machine):
    only = machine.bin.parent / "only"
    only.mkdir()
    for name in ("sh", "dirname", "id"):
        (only / name).symlink_to(shutil.which(name))
    for name in ("python3", "python3.11"):
        (only / name).write_text("#!/bin/sh\nexit 1\n")
        (only / name).chmod(0o755)
    told = machine.complaint("help", PATH=str(only))
    assert "No Python 3.10 to 3.13" in told
    assert "apt-get install python3 python3-venv" in told
    machine.works("help")


Version = namedtuple("Version", "major minor micro releaselevel serial")


@pytest.mark.parametrize("minor", [9, 14])
def test_an_unsupported_python_is_refused(monkeypatch, minor):
    monkeypatch.setattr(sys, "version_info", Version(3, minor, 0, "final", 0))
    with pytest.raises(Problem, match=r"needs Python 3\.10 to 3\.13 and this is 3\."):
        machine_module.check_python()


# What was named and is not there


def test_odoo_source_that_is_none(machine, folder):
    machine.has_python_packages()
    assert "branch 19.0" in machine.complaint("setup", ODOO_SOURCE=str(folder))


def test_odoo_source_of_another_version(machine):
    machine.has_python_packages()
    release = machine.has_odoo() / "odoo" / "release.py"
    release.write_text("version_info = (18, 0, 0, 'final', 0, '')\n")
    told = machine.complaint("setup")
    assert "Odoo 18.0" in told
    assert "branch 19.0" in told


def test_a_browser_that_is_none(machine):
    machine.has_python_packages()
    machine.has_odoo()
    told = machine.complaint("setup", CHROME_BIN="/nowhere/chromium")
    assert "CHROME_BIN" in told


def test_no_browser_is_a_failure_on_ci_and_a_note_elsewhere(machine):
    machine.has_python_packages()
    machine.has_odoo()
    # A PATH without any browser, and without an apt-get that could bring one.
    for name in ("sh", "dirname", "id", "rm"):
        (machine.bin / name).symlink_to(shutil.which(name))
    bare = {"PATH": str(machine.bin), "CHROME_BIN": ""}
    told = machine.complaint("setup", CI="true", **bare)
    assert "Chromium is missing" in told
    assert "CHROME_BIN" in told
    assert "They are skipped" in machine.works("setup", **bare)


def test_without_debian_the_source_has_to_be_named(machine):
    machine.has_python_packages()
    for name in ("sh", "dirname", "id"):
        (machine.bin / name).symlink_to(shutil.which(name))
    told = machine.complaint("setup", PATH=str(machine.bin))
    assert "not Debian" in told
    assert "ODOO_SOURCE" in told


def test_unknown_words(machine):
    assert "./dev help" in machine.complaint("fly")
    assert "nothing called moon" in machine.complaint("test", "moon")
    assert Path(machine.bin).exists()
