"""What ``./dev test`` makes of its arguments, and what a skip counts for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import testrun
from devtools.context import Context
from devtools.problem import Problem

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("args", "what", "options"),
    [
        (["expat_kpi", "-k", "signature"], ["expat_kpi"], ["-k", "signature"]),
        (["-k", "a b", "expat_kpi"], ["expat_kpi"], ["-k", "a b"]),
        (["-x", "engine", "--tb=short"], ["engine"], ["-x", "--tb=short"]),
        ([], [], []),
        (["-k"], [], ["-k", ""]),
    ],
)
def test_what_and_options_in_any_order(args, what, options):
    assert testrun.split(args) == (what, options)


@pytest.fixture
def ctx(tmp_path):
    """A checkout with an engine's tests and an addon, seen from its folder ``sub``."""
    for name in ("tests/engine", "expat_kpi/tests", "sub"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "expat_kpi" / "tests" / "test_a.py").touch()
    (tmp_path / "sub" / "test_b.py").touch()
    return Context(root=tmp_path, environ={"PWD": str(tmp_path / "sub")})


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("engine", "tests/engine"),
        ("expat_kpi", "expat_kpi"),
        ("expat_kpi/tests/test_a.py::TestA::test_x", "expat_kpi/tests/test_a.py::TestA::test_x"),
        ("test_b.py", "sub/test_b.py"),
    ],
)
def test_a_name_becomes_a_path(ctx, name, path):
    assert testrun._path(ctx, name) == str(ctx.root / path)


def test_an_unknown_name_is_told_with_what_there_is(ctx):
    with pytest.raises(Problem, match="name an addon"):
        testrun._path(ctx, "expat_kpy")


def test_only_the_engine_and_devtools_need_no_odoo(ctx):
    assert testrun._is_plain(ctx, f"{ctx.root}/tests/engine/test_x.py::test_y")
    assert not testrun._is_plain(ctx, f"{ctx.root}/tests")
    assert not testrun._is_plain(ctx, f"{ctx.root}/expat_kpi")


REASONS = {
    "history": "The history is not there: set EXPAT_KPI_CRM_CSV.",
    "browser": "Chrome executable not found",
    "http": "Test x skipped because it is an HttpCase and --odoo-http is not set",
    "start": "Failed to detect chrome devtools port after 10.0s.",
    "socket": "websocket-client module is not installed",
}


def outcomes(folder, **environ):
    """``({skipped test}, {failed test}, all that is said)`` where each test skips."""
    (folder / "pytest.ini").touch()
    (folder / "test_skip.py").write_text(
        "import pytest\n"
        + "".join(f"def test_{name}(): pytest.skip({why!r})\n" for name, why in REASONS.items())
    )
    plugins = ["no:odoo", "no:hypothesispytest", "no:cacheprovider", "devtools.pytest_plugin"]
    command = [sys.executable, "-m", "pytest", "-v", "-rsf", *(f"-p{name}" for name in plugins)]
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    told = subprocess.run(
        [*command, f"--rootdir={folder}", folder],
        cwd=ROOT,
        env={**env, "PYTHONDONTWRITEBYTECODE": "1", **environ},
        capture_output=True,
        text=True,
    ).stdout
    found = re.findall(r"::test_(\w+) (SKIPPED|FAILED)", told)
    return (
        {name for name, result in found if result == "SKIPPED"},
        {name for name, result in found if result == "FAILED"},
        told,
    )


def test_a_skip_that_hides_a_missing_tool_is_a_failure(tmp_path):
    skipped, failed, told = outcomes(tmp_path)
    assert failed == {"http", "start", "socket"}
    assert skipped == {"history", "browser"}
    # What is skipped says what is missing and how to have it.
    assert REASONS["history"] in told
    assert "CHROME_BIN" in told
    assert REASONS["socket"] in told


def test_on_ci_nothing_is_skipped(tmp_path):
    skipped, failed, _told = outcomes(tmp_path, CI="true")
    assert failed == set(REASONS)
    assert not skipped
