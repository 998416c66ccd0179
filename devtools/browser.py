"""Chromium for the browser tests, and a Chinese font for its pictures."""

import subprocess
from pathlib import Path

from . import machine
from .files import digest
from .problem import Problem

TITLE = "Chromium and a Chinese font"
# The names under which Odoo's tests look for it, in this order.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
REMEDY = (
    "install it (Debian, as root: apt-get install chromium fonts-noto-cjk), or set CHROME_BIN to "
    "a Chromium or Chrome"
)


def program(ctx):
    """The browser, or None. Raises a Problem when CHROME_BIN names none."""
    named = ctx.environ.get("CHROME_BIN")
    if named:
        found = machine.tool(ctx, named)
        if not found:
            raise Problem(
                f"CHROME_BIN is {named}, and that is no program: let it name a Chromium or Chrome."
            )
        return found
    for name in NAMES:
        if found := machine.tool(ctx, name):
            return found
    return None


def wrapper_folder(ctx):
    """Folder for the PATH in which CHROME_BIN has the name that Odoo looks for first, or None."""
    named = ctx.environ.get("CHROME_BIN")
    if not named:
        return None
    target = Path(machine.tool(ctx, named) or named).absolute()
    folder = ctx.cache / "browser" / digest(target)
    wrapper = folder / NAMES[0]
    if not wrapper.exists():
        folder.mkdir(parents=True, exist_ok=True)
        wrapper.write_text(f"#!/bin/sh\nexec '{target}' \"$@\"\n")
        wrapper.chmod(0o755)
    return folder


def has_chinese_font(ctx):
    """None where that cannot be known."""
    lister = machine.tool(ctx, "fc-list")
    if not lister:
        return None
    found = subprocess.run([lister, ":lang=zh", "family"], stdout=subprocess.PIPE, text=True)
    return bool(found.stdout.strip())


def needed(ctx):
    if not program(ctx):
        return True
    return has_chinese_font(ctx) is False and _may_install(ctx)


def install(ctx, step):
    if _may_install(ctx):
        machine.apt_install(ctx, "Chromium", PACKAGES, step)
    if not program(ctx):
        sentence = f"Chromium is missing, which the browser tests need: {REMEDY}."
        if ctx.ci:
            raise Problem(sentence)
        ctx.say.warn(f"{sentence} They are skipped.")


def _may_install(ctx):
    return ctx.is_root and machine.is_debian(ctx)
