"""The linters' own rules, and how their results are told."""

import io
import subprocess
from types import SimpleNamespace

import pytest

from devtools import lint
from devtools.problem import Problem
from devtools.say import Say


@pytest.fixture
def ctx(tmp_path):
    """A context of an empty checkout whose tools would lie in the cache."""
    root = tmp_path / "checkout"
    root.mkdir()
    return SimpleNamespace(
        root=root,
        cache=tmp_path / "cache",
        ci=False,
        is_root=False,
        environ={},
        addons=["expat_kpi"],
        say=Say(out=io.StringIO(), err=io.StringIO()),
        env=lambda **more: {"PATH": "/usr/bin:/bin", **{k: str(v) for k, v in more.items()}},
    )


def told(ctx):
    return ctx.say.out.getvalue()


def write(root, name, content):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# Which files


def test_ignored_files_are_left_alone_and_new_ones_are_not(ctx):
    subprocess.run(["git", "init", "-q"], cwd=ctx.root, check=True)
    write(ctx.root, ".gitignore", "*.log\n")
    write(ctx.root, "a.py", "")
    write(ctx.root, "sub/b.log", "")
    assert lint.tracked(ctx.root) == [".gitignore", "a.py"]


def test_a_removed_file_is_not_looked_for(ctx):
    subprocess.run(["git", "init", "-q"], cwd=ctx.root, check=True)
    path = write(ctx.root, "a.py", "")
    subprocess.run(["git", "add", "a.py"], cwd=ctx.root, check=True)
    path.unlink()
    assert lint.tracked(ctx.root) == []


def test_a_checkout_without_git_is_walked(ctx):
    write(ctx.root, "sub/a.py", "")
    write(ctx.root, "node_modules/b.js", "")
    assert lint.tracked(ctx.root) == ["sub/a.py"]


# SQL


@pytest.mark.parametrize(
    "source",
    [
        'self.env.cr.execute("SELECT %s", [x])',
        'self.env.cr.execute(f"SELECT {x}")',
        'self.env.cr.execute("SELECT %s" % x)',
        'cr.execute("SELECT {}".format(x))',
        'cr.execute("SELECT " + ", ".join(names))',
        'query = "SELECT 1"\ncr.execute(query)',
        'cr.execute(SQL("SELECT %s"), (x,))',
        "cr.execute(query, params=(x,))",
    ],
)
def test_statement_as_text_is_found(source):
    assert len(list(lint.loose_sql(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        'self.env.cr.execute(SQL("SELECT %s", x))',
        'cr.execute("SELECT 1")',
        "cr.execute(query)",
        "cr.execute(self._query(day))",
        'self.env.execute_query(SQL("SELECT 1"))',
        'pool.execute("anything")',
        "def broken(",
    ],
)
def test_statement_as_object_is_not(source):
    assert list(lint.loose_sql(source)) == []


def test_the_line_is_told(ctx):
    write(ctx.root, "expat_kpi/models/a.py", 'x = 1\ncr.execute(f"SELECT {x}")\n')
    write(ctx.root, "elsewhere/a.py", 'cr.execute(f"SELECT {x}")\n')
    write(ctx.root, "expat_kpi/tests/test_a.py", 'cr.execute(f"SELECT {x}")\n')
    assert lint.sql(lint.Lint(ctx)) == (
        "expat_kpi/models/a.py:2: cr.execute takes an SQL object, not text"
    )


# Text files


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a\r\nb\r\n", "carriage return"),
        ("a \nb\n", "spaces at the end"),
        ("a\t\n", "spaces at the end"),
        ("a", "one line end"),
        ("a\n\n", "one line end"),
        ("<<<<<<< ours\n", "marks of a merge"),
    ],
)
def test_untidy_text_is_found(content, sentence):
    assert sentence in " ".join(lint.untidy(content))


@pytest.mark.parametrize("content", ["", "a\n", "a\n\nb\n", "heading\n==========\n"])
def test_tidy_text_is_left_alone(content):
    assert list(lint.untidy(content)) == []
    assert lint.tidy(content) == content


def test_fix_mends_text_but_no_merge(ctx):
    path = write(ctx.root, "a.md", "a \r\n\r\n<<<<<<< ours\n\n")
    assert "marks of a merge" in lint.text(lint.Lint(ctx, fix=True))
    assert path.read_text() == "a\n\n<<<<<<< ours\n"


def test_bytes_that_are_no_text_are_told(ctx):
    write(ctx.root, "a.md", b"\xff\xfe")
    assert lint.text(lint.Lint(ctx)) == "a.md: not UTF-8"


def test_shell_script_that_does_not_parse_is_found(ctx):
    write(ctx.root, "good", "#!/bin/sh\nif true; then :; fi\n")
    assert lint.shell(lint.Lint(ctx)) == ""
    write(ctx.root, "bad", "#!/bin/sh\nif true; then\n")
    assert "bad" in lint.shell(lint.Lint(ctx))


# What is said


def test_one_line_a_tool_and_its_findings_below(ctx, monkeypatch):
    checks = {"clean": lambda _lint: "", "dirty": lambda _lint: "a.py:1: one\na.py:2: two"}
    monkeypatch.setattr(lint, "CHECKS", checks)
    assert lint.main(ctx, []) == 1
    first, *rest = told(ctx).splitlines()
    assert first.startswith("clean        ok  (")
    assert rest == ["dirty        FAILED", "    a.py:1: one", "    a.py:2: two"]


def test_only_the_tools_asked_for_run(ctx, monkeypatch):
    monkeypatch.setattr(lint, "CHECKS", {"a": lambda _lint: "", "b": lambda _lint: "finding"})
    assert lint.main(ctx, ["a"]) == 0
    assert "b" not in told(ctx).split()


def test_fix_reaches_the_checks(ctx, monkeypatch):
    seen = []
    monkeypatch.setattr(lint, "CHECKS", {"a": lambda of: seen.append(of.fix) or ""})
    assert lint.main(ctx, ["--fix"]) == 0
    assert seen == [True]


def test_an_unknown_tool_is_named(ctx):
    with pytest.raises(Problem, match="There is no linter nonsense"):
        lint.main(ctx, ["nonsense"])


def test_a_failing_tool_that_says_nothing_is_a_finding(ctx):
    assert lint.Lint(ctx).run("sh", "-c", "exit 3") == "ended with code 3 and said nothing"


@pytest.mark.parametrize(
    ("name", "ci", "code", "word"),
    [
        ("eslint", False, 0, "skipped"),
        ("eslint", True, 1, "FAILED"),
        ("ruff", False, 1, "FAILED"),
    ],
)
def test_without_node_lint_says_so_and_fails_only_where_it_decides(
    ctx, monkeypatch, name, ci, code, word
):
    def absent(_lint):
        raise Problem("Install Node.")

    monkeypatch.setattr(lint, "CHECKS", {name: absent})
    ctx.ci = ci
    assert lint.main(ctx, []) == code
    assert told(ctx) == f"{name:<12} {word}: Install Node.\n"
