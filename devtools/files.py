"""Small helpers about files and folders."""

import hashlib
import os
import shutil

from . import settings
from .problem import Problem


def digest(*parts):
    """Short name for a list of texts."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).hexdigest()[:12]


def sha256(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(2**20):
            found.update(block)
    return found.hexdigest()


def tree_digest(folder, skip=lambda path: False):
    """Digest of the names and contents of the files below ``folder`` but those that ``skip`` takes.

    ``skip`` gets the path relative to ``folder`` as text.
    """
    found = hashlib.sha256()
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(here, name)
            relative = os.path.relpath(path, folder)
            if not skip(relative):
                found.update(f"{relative}\0{sha256(path)}\0".encode())
    return found.hexdigest()[:16]


def copy_linked(source, target):
    """Copy a filestore by hard links: Odoo never writes into a stored file."""
    shutil.rmtree(target, ignore_errors=True)
    if source.exists():
        shutil.copytree(source, target, copy_function=os.link)
    else:
        target.mkdir(parents=True)


def remove(path):
    """Remove a file or folder, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def need_space(folder, wanted):
    """Raise a Problem unless ``wanted`` bytes are free where ``folder`` is or will be."""
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if free < wanted:
        raise Problem(
            f"Only {free / 2**30:.1f} GB are free at {there} and {wanted / 2**30:.1f} GB are "
            "needed: free some space, or set EXPAT_KPI_CACHE to a folder on a larger disk."
        )


def check_cache(ctx):
    """The cache folder exists, we may write there, and PostgreSQL's user can reach it."""
    try:
        ctx.cache.mkdir(parents=True, exist_ok=True)
        if ctx.is_root and not ctx.environ.get("EXPAT_KPI_CACHE"):
            ctx.cache.chmod(0o755)
    except OSError as error:
        raise Problem(
            f"The cache folder {ctx.cache} cannot be made ({error.strerror}): set EXPAT_KPI_CACHE "
            "to a folder that you may write to."
        ) from error
    if not os.access(ctx.cache, os.W_OK | os.X_OK):
        raise Problem(
            f"The cache folder {ctx.cache} cannot be written to: set EXPAT_KPI_CACHE to a folder "
            "that you may write to."
        )


def need_space_for_setup(ctx):
    first = not (ctx.cache / "servers").exists()
    need_space(ctx.cache, settings.SPACE_FIRST if first else settings.SPACE_LATER)
