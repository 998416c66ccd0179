"""``./dev lint``: all linters over the checkout, one line a tool.

A check is a function of a :class:`Lint` that returns its findings as text, empty when there are
none. It raises Problem when its tool cannot be had.
"""

import argparse
import ast
import re
import subprocess
import time
from pathlib import Path

from . import files, settings
from .problem import Problem

# What the folders of a checkout without git hold that is none of ours.
STRANGE = {"node_modules", "__pycache__", ".git", ".ruff_cache", ".pytest_cache", ".hypothesis"}
GENERATED = {"package-lock.json"}
TEXT = re.compile(
    r"\.(cfg|cjs|conf|css|csv|example|in|ini|js|json|md|po|pot|py|scss|sh|toml|txt|xml|ya?ml)$"
    r"|^(dev|\.editorconfig|\.gitignore|\.pylintrc)$|/\.?run$"
)
# missing-readme: a README.rst is what the OCA generates from readme/ when it publishes an addon.
# prefer-env-translation: it also finds `_ = env._`, which is env._; ruff forbids to import `_`.
# consider-merging-classes-inherited: a model's second subject has a file of its own here.
PYLINT_DISABLED = (
    "--disable=missing-readme,prefer-env-translation,consider-merging-classes-inherited"
)
LINE_OF_CONFLICT = re.compile(r"^(<{7} |={7}$|>{7} )", re.MULTILINE)


class Lint:
    """What the checks share: the files, where the tools are, whether to mend."""

    def __init__(self, ctx, fix=False):
        self.ctx = ctx
        self.fix = fix
        self.files = tracked(ctx.root)

    def find(self, pattern):
        """Files whose path matches the regular expression, relative to the root."""
        return [name for name in self.files if re.search(pattern, name)]

    def python(self, *command):
        """Findings of a Python tool from the linters' own environment."""
        program, *rest = command
        python = self.ctx.tool_python("lint")
        return self.run(python.parent / program, *rest)

    def node(self, *command):
        program, *rest = command
        modules = self.ctx.node_modules()
        return self.run(modules / ".bin" / program, *rest, NODE_PATH=modules)

    def run(self, *command, **env):
        """What ``command`` prints if it ends with a code other than 0, else nothing."""
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.ctx.root,
            env=self.ctx.env(PYTHONDONTWRITEBYTECODE=1, NO_COLOR=1, **env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return ""
        return done.stdout.strip() or f"ended with code {done.returncode} and said nothing"


def tracked(root):
    """Paths of the checkout's own files, those not yet added included, those ignored not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        told = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
        names = set(told.split("\0")) - {""}
    except (OSError, subprocess.CalledProcessError):
        # An archive without its history.
        names = {
            str(path.relative_to(root))
            for path in Path(root).rglob("*")
            if path.is_file() and not STRANGE.intersection(path.parts)
        }
    return sorted(name for name in names if (Path(root) / name).is_file())


# Python


def ruff_check(lint):
    cache = lint.ctx.cache / "ruff"
    fix = ["--fix"] if lint.fix else []
    how = ("--quiet", "--output-format=concise", f"--cache-dir={cache}")
    return lint.python("ruff", "check", *how, *fix, ".")


def ruff_format(lint):
    cache = lint.ctx.cache / "ruff"
    look = [] if lint.fix else ["--check", "--output-format=concise"]
    return lint.python("ruff", "format", f"--cache-dir={cache}", *look, ".")


def pylint_odoo(lint):
    env = {"PYLINTHOME": lint.ctx.cache / "pylint"}
    python = lint.ctx.tool_python("lint")
    found = lint.run(python.parent / "pylint", PYLINT_DISABLED, *lint.ctx.addons, **env)
    return "\n".join(line for line in found.splitlines() if not line.startswith("*****"))


def sql(lint):
    """Statements reach the database as ``SQL("… %s", value)``, never as text put together.

    Tests are left to pylint-odoo: their values are their own.
    """
    pattern = rf"^({'|'.join(settings.ADDONS)})/(?!tests/).*\.py$"
    findings = []
    for name in lint.find(pattern):
        source = (lint.ctx.root / name).read_text(encoding="utf-8")
        findings += [f"{name}:{line}: {text}" for line, text in loose_sql(source)]
    return "\n".join(findings)


def loose_sql(source):
    """``(line, sentence)`` for every ``….cr.execute(…)`` whose statement is text put together, or
    has values beside it. A plain text without values is a statement like any other."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return  # ruff says so
    texts = _names_of_text(tree)
    for node in ast.walk(tree):
        if not _is_execute(node) or not node.args:
            continue
        statement = node.args[0]
        has_values = len(node.args) > 1 or node.keywords
        if isinstance(statement, ast.Constant) and not has_values:
            continue
        if _is_text(statement) or (isinstance(statement, ast.Name) and statement.id in texts):
            yield node.lineno, "cr.execute takes an SQL object, not text"
        elif has_values:
            yield node.lineno, "the values belong into the SQL object, not into cr.execute"


def _is_execute(node):
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr not in ("execute", "executemany", "execute_values"):
        return False
    cursor = node.func.value
    name = getattr(cursor, "attr", None) or getattr(cursor, "id", "")
    return name in ("cr", "_cr", "cursor")


def _is_text(node):
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("format", "join") and _is_text(node.func.value)
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _names_of_text(tree):
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_text(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


# Odoo's files


def oca_module(lint):
    fix = ["--fix"] if lint.fix else []
    found = lint.python("oca-checks-odoo-module", *fix, *lint.ctx.addons)
    return "\n".join(line for line in found.splitlines() if line.strip())


def oca_po(lint):
    names = lint.find(r"\.pot?$")
    return lint.python("oca-checks-po", *names) if names else ""


# JavaScript, XML, SCSS


def prettier(lint):
    names = [
        name
        for name in lint.find(r"\.(cjs|css|js|json|scss|xml|ya?ml)$")
        if Path(name).name not in GENERATED
    ]
    if not names:
        return ""
    plugin = lint.ctx.node_modules() / "@prettier" / "plugin-xml" / "src" / "plugin.js"
    look = "--write" if lint.fix else "--check"
    return lint.node("prettier", f"--plugin={plugin}", "--log-level=warn", look, *names)


def eslint(lint):
    names = lint.find(r"\.c?js$")
    fix = ["--fix"] if lint.fix else []
    return lint.node("eslint", "--max-warnings=0", *fix, *names) if names else ""


# Everything


def shell(lint):
    names = [name for name in lint.files if _starts_with_sh(lint.ctx.root / name)]
    return "\n".join(filter(None, (lint.run("sh", "-n", name) for name in names)))


def _starts_with_sh(path):
    with open(path, "rb") as file:
        return file.readline(80).rstrip() in (b"#!/bin/sh", b"#!/usr/bin/env sh")


def text(lint):
    """Line ends, spaces at the end of lines, the last line, marks of a merge."""
    findings = []
    for name in lint.find(TEXT):
        path = lint.ctx.root / name
        found = path.read_bytes()
        try:
            content = found.decode("utf-8")
        except UnicodeDecodeError:
            findings.append(f"{name}: not UTF-8")
            continue
        if lint.fix and content != tidy(content):
            path.write_bytes(tidy(content).encode("utf-8"))
            content = tidy(content)
        findings += [f"{name}: {sentence}" for sentence in untidy(content)]
    return "\n".join(findings)


def tidy(content):
    lines = [line.rstrip(" \t") for line in content.replace("\r\n", "\n").split("\n")]
    kept = "\n".join(lines).rstrip("\n")
    return kept + "\n" if kept else ""


def untidy(content):
    if "\r" in content:
        yield "lines end with a carriage return"
    if re.search(r"[ \t]$", content, re.MULTILINE):
        yield "spaces at the end of a line"
    if content and (not content.endswith("\n") or content.endswith("\n\n")):
        yield "must end with one line end"
    if LINE_OF_CONFLICT.search(content):
        yield "holds marks of a merge"


CHECKS = {
    "ruff": ruff_check,
    "ruff-format": ruff_format,
    "pylint-odoo": pylint_odoo,
    "sql": sql,
    "oca-module": oca_module,
    "oca-po": oca_po,
    "prettier": prettier,
    "eslint": eslint,
    "shell": shell,
    "text": text,
}
# Those that may be missing where nobody has Node.
NEEDS_NODE = ("prettier", "eslint")


def main(ctx, args):
    parser = argparse.ArgumentParser(prog="./dev lint", description="Run all linters, or some.")
    parser.add_argument("--fix", action="store_true", help="mend what the tools can mend")
    parser.add_argument("tools", nargs="*", metavar="tool", help=" ".join(CHECKS))
    asked = parser.parse_args(args)
    if unknown := [name for name in asked.tools if name not in CHECKS]:
        raise Problem(f"There is no linter {unknown[0]}: choose of {', '.join(CHECKS)}.")
    files.check_cache(ctx)
    lint = Lint(ctx, fix=asked.fix)
    return 1 if sum([not report(lint, name) for name in asked.tools or CHECKS]) else 0


def report(lint, name):
    """Run one check and say what it found. True if that is nothing."""
    say = lint.ctx.say.info
    began = time.monotonic()
    try:
        findings = CHECKS[name](lint)
    except Problem as problem:
        # On the machine that decides (CI), a linter that cannot run is no clean run.
        may_miss = name in NEEDS_NODE and not lint.ctx.ci
        say(f"{name:<12} {'skipped' if may_miss else 'FAILED'}: {problem}")
        return may_miss
    if findings:
        say(f"{name:<12} FAILED")
        say("\n".join(f"    {line}".rstrip() for line in findings.splitlines()))
        return False
    say(f"{name:<12} ok  ({time.monotonic() - began:.1f} s)")
    return True
