"""Odoo's source: a checkout named by ODOO_SOURCE, or Debian's package unpacked in the cache.

The package is downloaded and unpacked, never installed, so no rights are needed. The mirror is the
one that this machine's own apt uses. Downloads are kept until they are whole (their hash is the
one in Debian's signed lists), and taken up where they broke off; the unpacked tree gets its final
name only when it is complete.
"""

import ast
import os
import re
import shlex
from pathlib import Path

from . import download, files, settings
from .machine import KEYRING, is_debian, tool
from .problem import Problem

TITLE_FETCH = "Odoo from Debian's mirror"
TITLE_UNPACK = "Unpacking Odoo"

PACKAGE_ROOT = Path("usr/lib/python3/dist-packages")

# Left out of Debian's package for its licence. Without it every page's script bundle has an error,
# and no tour or JS test passes; it only blurs the background of video calls.
MISSING_SCRIPT = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def folder(ctx):
    """The folder to put on PYTHONPATH, or None where there is none yet."""
    named = ctx.environ.get("ODOO_SOURCE")
    if named:
        return Path(named).expanduser().absolute()
    tree = _current_tree(ctx)
    return tree / PACKAGE_ROOT if tree else None


def version(ctx):
    """What tells one Odoo from another: the package's version, or the checkout's commit."""
    if ctx.environ.get("ODOO_SOURCE"):
        return f"{_release(folder(ctx))} {_commit(folder(ctx))}"
    tree = _current_tree(ctx)
    return tree.name.removeprefix("odoo-") if tree else None


def check_named(ctx):
    """Raise a Problem when ODOO_SOURCE names something that is not Odoo 19."""
    source = folder(ctx)
    found = _release(source)
    if found is None:
        raise Problem(
            f"ODOO_SOURCE is {source}, and there is no Odoo in it: let it name a checkout of "
            "Odoo's branch 19.0, or unset it to have Debian's package used."
        )
    if found != settings.ODOO_SERIES:
        shown = ".".join(str(part) for part in found)
        raise Problem(
            f"ODOO_SOURCE is {source}, which is Odoo {shown}: let it name a checkout of branch "
            "19.0, or unset it to have Debian's package used."
        )


def fetch_needed(ctx):
    return unpack_needed(ctx) and not _whole_downloads(ctx)


def unpack_needed(ctx):
    if ctx.environ.get("ODOO_SOURCE"):
        check_named(ctx)
        return False
    return _current_tree(ctx) is None


# Downloading


def fetch(ctx, step):
    if not is_debian(ctx):
        raise Problem(
            "Odoo is had from Debian's packages, and this is not Debian: set ODOO_SOURCE to a "
            "checkout of Odoo's branch 19.0 (and PGHOST to a PostgreSQL, if the bundled one does "
            "not run here)."
        )
    apt = _PrivateApt(ctx)
    step.tell("reading the lists")
    apt.update()
    wanted = apt.addresses()
    total = sum(item.size for item in wanted)
    done = 0
    target = _download_folder(ctx)
    target.mkdir(parents=True, exist_ok=True)
    for item in wanted:
        before = done

        def tell(size, before=before):
            step.tell(f"{(before + size) / 1e6:.0f} of {total / 1e6:.0f} MB")

        download.fetch(ctx, item, target / item.name, tell)
        done += item.size
    names = {item.name for item in wanted}
    for path in target.iterdir():
        if path.name not in names:
            files.remove(path)
    record = "".join(f"{item.sha256}  {item.name}\n" for item in wanted)
    (target / "SHA256SUMS").write_text(record)
    files.remove(apt.lists)
    files.remove(apt.cache)


def _download_folder(ctx):
    return ctx.cache / "apt" / "deb"


def _recorded_downloads(ctx):
    """{name: sha256} of the packages that belong together; empty before the first download."""
    record = _download_folder(ctx) / "SHA256SUMS"
    if not record.exists():
        return {}
    return {
        name: value
        for value, _space, name in (line.partition("  ") for line in record.read_text().split("\n"))
        if name
    }


def _whole_downloads(ctx):
    """The packages, when all are there and whole; a broken one makes all be asked for again."""
    recorded = _recorded_downloads(ctx)
    paths = [_download_folder(ctx) / name for name in recorded]
    if any(not path.exists() or files.sha256(path) != recorded[path.name] for path in paths):
        return []
    return paths


class _PrivateApt:
    """apt with lists and settings of its own in the cache, and the machine's own mirror."""

    def __init__(self, ctx):
        self.ctx = ctx
        self.home = ctx.cache / "apt"
        self.lists = self.home / "lists"
        self.cache = self.home / "cache"
        (self.lists / "partial").mkdir(parents=True, exist_ok=True)
        (self.cache / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        self.program = tool(ctx, "apt-get")
        # apt's own words are read, so they must be English.
        self.env = dict(ctx.environ, LC_ALL="C")
        self._write_sources()

    def update(self):
        self._run("Debian's package lists", "update")

    def addresses(self):
        """What is to be downloaded, as apt's signed lists know it."""
        pinned = f"{settings.ODOO_PACKAGE}={settings.ODOO_VERSION}"
        try:
            return self._print_uris(pinned)
        except Problem as problem:
            if "was not found" not in str(problem):
                raise
        found = self._print_uris(f"{settings.ODOO_PACKAGE}/{settings.ODOO_SUITE}")
        newer = next(item.version for item in found if item.package == settings.ODOO_PACKAGE)
        self.ctx.say.warn(
            f"Debian no longer has Odoo {settings.ODOO_VERSION}, which this was tried with; taking "
            f"{newer}. Set ODOO_SOURCE to a checkout of branch 19.0 if something does not fit."
        )
        return found

    def _print_uris(self, odoo):
        libraries = [f"{name}/{settings.LIBRARY_SUITE}" for name in settings.LIBRARY_PACKAGES]
        output = self._run("Debian's package lists", "download", "--print-uris", odoo, *libraries)
        found = [
            download.Item.from_apt(*shlex.split(line))
            for line in output.splitlines()
            if re.match(r"'\S+' \S+ \d+ SHA256:", line)
        ]
        if len(found) != 1 + len(libraries):
            raise Problem(
                "Debian's mirror does not list all packages that are needed: run apt-get update "
                "to see what is wrong with it, or set ODOO_SOURCE to a checkout of branch 19.0."
            )
        return found

    def _run(self, what, *args):
        options = {
            "Dir::Etc::sourcelist": self.home / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": self.lists,
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self.cache,
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "root",
            # Without this an update without a network ends as a success.
            "APT::Update::Error-Mode": "any",
        }
        flags = [f"-o{name}={value}" for name, value in options.items()]
        command = (self.program, "-qq", *flags, *args)
        return self.ctx.run_logged(what, *command, env=self.env, network=True, understand=_expired)

    def _write_sources(self):
        mirror = self._mirror()
        lines = [
            f"deb [signed-by={KEYRING}] {mirror} {suite} main\n"
            for suite in (settings.ODOO_SUITE, settings.LIBRARY_SUITE)
        ]
        (self.home / "sources.list").write_text("".join(lines))

    def _mirror(self):
        """Address of the mirror of Debian's main archive in the machine's own apt settings."""
        listed = self.ctx.output(
            *(self.program, "indextargets", "--no-release-info"),
            *("--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"),
            env=self.env,
        )
        for line in listed.splitlines():
            release, _space, uri = line.partition(" ")
            if re.search(r"-(security|updates|backports|proposed-updates)$", release):
                continue
            if re.match(r"(https?|mirror|file|tor)\S*/debian/?$", uri):
                return uri
        raise Problem(
            "apt on this machine names no mirror of Debian's main archive: add one to "
            "/etc/apt/sources.list, or set ODOO_SOURCE to a checkout of Odoo's branch 19.0."
        )


def _expired(output):
    if re.search(r"Release file for .* is (expired|not valid yet)", output):
        return Problem(
            "Debian's package lists are out of date at your mirror, or this machine's clock is "
            "wrong: set the clock, use a current mirror, or, where the mirror is a snapshot, set "
            'Acquire::Check-Valid-Until "false" in apt\'s own settings, and run the same command '
            "again."
        )
    return None


# Unpacking


def unpack(ctx, step):
    packages = _whole_downloads(ctx)
    found = next(path.name for path in packages if path.name.startswith("odoo-"))
    target = ctx.cache / "odoo" / f"odoo-{found.split('_')[1].replace('%3a', ':')}"
    making = target.with_name(target.name + ".making")
    files.remove(making)
    making.mkdir(parents=True)
    for number, package in enumerate(packages, start=1):
        step.tell(f"{number} of {len(packages)} packages")
        ctx.run_logged(
            "Unpacking Odoo", *(tool(ctx, "dpkg-deb"), "-x", package, making), env=ctx.environ
        )
    script = making / PACKAGE_ROOT / MISSING_SCRIPT
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("/* Blurring the background of video calls is left out. */\n")
    dangling, count = _survey(making)
    if dangling:
        raise Problem(
            f"Odoo's package points at files that no other brought ({dangling[0]}): Debian has "
            "changed it; set ODOO_SOURCE to a checkout of Odoo's branch 19.0."
        )
    (making / ".complete").write_text(f"{count}\n")
    files.remove(target)
    making.rename(target)
    for other in target.parent.iterdir():
        if other != target:
            files.remove(other)


def _survey(tree):
    """(symbolic links that point nowhere, number of files but those that Python writes)"""
    dangling, count = [], 0
    for here, folders, names in os.walk(tree):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = os.path.join(here, name)
            count += 1
            if os.path.islink(path) and not _points_somewhere(tree, path):
                dangling.append(path)
    return dangling, count


def _points_somewhere(tree, link):
    aim = os.readlink(link)
    if os.path.isabs(aim):
        return os.path.exists(str(tree) + aim)
    return os.path.exists(link)


def _current_tree(ctx):
    """The unpacked package, or None when it is missing or not whole."""
    for tree in sorted((ctx.cache / "odoo").glob("odoo-*")):
        if tree.suffix != ".making" and is_whole(tree):
            return tree
    return None


def is_whole(tree, thorough=False):
    stamp = tree / ".complete"
    try:
        count = int(stamp.read_text())
    except (OSError, ValueError):
        return False
    if thorough:
        return _survey(tree) == ([], count + 1)
    return all((tree / PACKAGE_ROOT / "odoo" / name).exists() for name in ("release.py", "addons"))


# Knowing what it is


def _release(source):
    """Odoo's series as (19, 0), or None where there is no Odoo."""
    try:
        text = (source / "odoo" / "release.py").read_text(encoding="utf-8")
    except OSError:
        return None
    match = re.search(r"^version_info = \((\d+), (\d+),", text, re.MULTILINE)
    return tuple(ast.literal_eval(part) for part in match.groups()) if match else None


def _commit(source):
    head = source / ".git" / "HEAD"
    try:
        text = head.read_text().strip()
        if text.startswith("ref: "):
            return (source / ".git" / text[5:]).read_text().strip()
        return text
    except OSError:
        return ""
