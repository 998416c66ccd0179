"""Python packages in virtual environments in the cache, one per Python version and purpose.

A stamp with the hash of the requirements is written last: an environment without it, or with
another, is completed; one that does not even run is made anew.
"""

import re
import subprocess
import sys

from . import files
from .problem import Problem

TITLE = "Python packages"


def folder(ctx, name=""):
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return ctx.cache / f"venv{'-' + name if name else ''}-{version}"


def python(ctx, name=""):
    return folder(ctx, name) / "bin" / "python"


def site_packages(ctx, name=""):
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return folder(ctx, name) / "lib" / version / "site-packages"


def requirements(ctx, name=""):
    return ctx.root / "devtools" / f"requirements{'-' + name if name else ''}.txt"


def requirements_digest(ctx, name=""):
    return files.sha256(requirements(ctx, name))[:16]


def needed(ctx, name=""):
    stamp = folder(ctx, name) / ".complete"
    if not stamp.exists() or stamp.read_text().strip() != requirements_digest(ctx, name):
        return True
    # An environment breaks when the Python that it was made from is removed.
    return not _runs(python(ctx, name))


def install(ctx, step=None, name=""):
    home = folder(ctx, name)
    (home / ".complete").unlink(missing_ok=True)
    if not _runs(python(ctx, name), "-m", "pip", "--version"):
        files.remove(home)
        ctx.run_logged(
            "Making the Python environment",
            *(sys.executable, "-m", "venv", home),
            env=ctx.environ,
            understand=_without_venv,
        )
    wanted = requirements(ctx, name)
    total = sum(1 for line in wanted.read_text().splitlines() if "==" in line)
    ctx.run_logged(
        "Python packages by pip",
        *(python(ctx, name), "-m", "pip", "install", "--progress-bar=off", "-r", wanted),
        env=ctx.environ,
        step=step,
        progress=_count(total),
        network=True,
        understand=_unfit,
    )
    (home / ".complete").write_text(requirements_digest(ctx, name) + "\n")


def tool_python(ctx, name):
    """The Python of a tool's own environment, made or completed when needed."""
    if needed(ctx, name):
        files.check_cache(ctx)
        with ctx.lock():
            if needed(ctx, name):
                with ctx.say.step(f"Python packages for {name}") as step:
                    install(ctx, step, name)
    return python(ctx, name)


def _runs(program, *args):
    command = [str(program), *(args or ("-c", "pass"))]
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return done.returncode == 0


def _count(total):
    seen = set()

    def progress(line):
        if match := re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
            seen.add(match[1].lower())
            return f"{len(seen)} of about {total} packages"
        return "unpacking them" if line.startswith("Installing collected") else None

    return progress


def _without_venv(output):
    if "ensurepip" in output:
        return Problem(
            "This Python cannot make virtual environments: install that part of it (Debian: "
            "apt-get install python3-venv) and run the same command again."
        )
    return None


def _unfit(output):
    if match := re.search(r"No matching distribution found for (\S+)", output):
        return Problem(
            f"The package index has no {match[1]} that fits this Python "
            f"({sys.version.split()[0]}, {sys.platform}): use Python 3.10 to 3.13 on Linux, or "
            "point pip to an index that has it (PIP_INDEX_URL), and run the same command again."
        )
    return None
