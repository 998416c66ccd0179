"""Steps say what they do and how far they are, on a terminal and in a log."""

import io
import re

from devtools import say
from devtools.context import Context


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_in_a_log_a_step_is_one_line_that_grows(monkeypatch):
    monkeypatch.setattr(say, "HEARTBEAT", 0.01)
    out = io.StringIO()
    with say.Say(out=out).step("Downloading") as step:
        step.tell("3 of 7 MB")
        while "3 of 7 MB" not in out.getvalue():
            pass
    # How often it says so depends on how busy the machine is.
    assert re.fullmatch(r"Downloading …( 0 s …)*( 3 of 7 MB, \d+ s …)+ \d+ s\n", out.getvalue())


def test_on_a_terminal_the_line_is_rewritten():
    out = Terminal()
    with say.Say(out=out).step("Downloading"):
        pass
    assert out.getvalue().endswith("\r\x1b[KDownloading … 0 s\n")


def test_steps_are_numbered_where_there_are_several(monkeypatch):
    out = io.StringIO()
    ctx = Context(environ={"EXPAT_KPI_CACHE": "/nowhere"}, say=say.Say(out=out))
    ctx.plan(more=2)
    for title in ("A", "B", "C"):
        with ctx.step(title):
            pass
    ctx.plan(more=1)
    with ctx.step("D"):
        pass
    assert out.getvalue() == "[1/2] A … 0 s\n[2/2] B … 0 s\n[3/3] C … 0 s\nD … 0 s\n"
