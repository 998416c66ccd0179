"""What kind of machine this is, and installing Debian's packages where we may."""

import shutil
import sys
from pathlib import Path

from . import settings
from .problem import Problem

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def is_debian(ctx):
    """True where Debian's own packages can be had: apt, dpkg and Debian's keys."""
    return bool(tool(ctx, "apt-get") and tool(ctx, "dpkg-deb") and KEYRING.exists())


def tool(ctx, name, *folders):
    """Where the program ``name`` is, or None. Looks at the PATH that ``./dev`` was started with."""
    path = ":".join([ctx.environ.get("PATH", ""), *folders])
    return shutil.which(name, path=path)


def check_python():
    if not settings.PYTHON_MIN <= sys.version_info[:2] <= settings.PYTHON_MAX:
        found = ".".join(str(part) for part in sys.version_info[:2])
        raise Problem(
            f"Odoo 19 needs Python 3.10 to 3.13 and this is {found}: install one of these (Debian: "
            "apt-get install python3 python3-venv) and run ./dev again."
        )


def apt_install(ctx, what, packages, step=None):
    """Install Debian packages as root."""
    env = dict(ctx.env(), DEBIAN_FRONTEND="noninteractive")
    apt = tool(ctx, "apt-get")
    ctx.run_logged(f"{what}: apt-get update", apt, "-q", "update", env=env, network=True)
    ctx.run_logged(
        f"{what}: apt-get install",
        *(apt, "-q", "-y", "install", "--no-install-recommends", *packages),
        env=env,
        step=step,
        progress=_unpacking(),
        network=True,
    )


def _unpacking():
    count = 0

    def progress(line):
        nonlocal count
        count += line.startswith(("Unpacking ", "Setting up "))
        return f"{count // 2} packages" if count else None

    return progress
