"""Children: none outlives us, and their output is kept where a failure can be read."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

from .problem import Problem, explain

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent():
    # Ctrl-C is handled by us; this is for a parent that is killed and can do nothing more.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def child(command, patience=15, **options):
    """A running child. It ends with the block: asked first, then killed after ``patience`` s."""
    if _libc:
        options.setdefault("preexec_fn", _die_with_parent)
    process = subprocess.Popen([str(part) for part in command], **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_foreground(command, **options):
    """Run a child that has the terminal, and return its exit code.

    Ctrl-C reaches it too and is its own business: we wait for what it makes of that.
    """
    before = signal.signal(signal.SIGINT, lambda *_signal: None)
    try:
        with child(command, **options) as process:
            return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def run_logged(
    ctx, what, command, *, step=None, progress=None, understand=None, network=False, **options
):
    """Run ``command`` quietly and return its output.

    :param what: names the work in the log's file name and in a failure's sentence
    :param progress: function of a line of output; what it returns (if anything) is told to ``step``
    :param understand: function of the whole output that may return a Problem of a better sentence
    :param network: a failure may be that of the network
    """
    log = ctx.log_folder / f"{_slug(what)}-{os.getpid()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    _forget_old_logs(log.parent)
    lines = []
    options.setdefault("cwd", "/")
    options.setdefault("start_new_session", True)
    with open(log, "w", encoding="utf-8") as record:
        record.write("$ " + " ".join(str(part) for part in command) + "\n")
        with child(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        ) as process:
            for line in process.stdout:
                record.write(line)
                lines.append(line)
                told = progress(line) if progress else None
                if told and step:
                    step.tell(told)
            code = process.wait()
    output = "".join(lines)
    if code:
        problem = explain(what, output, ctx.cache, network)
        if problem is None and understand:
            problem = understand(output)
        if problem is None:
            problem = Problem(f"{what} failed: {_last_words(lines)}")
        problem.log = log
        raise problem
    return output


def _slug(text):
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def _last_words(lines):
    """The line of the output that most likely says why."""
    told = [line.strip() for line in lines if line.strip()]
    for line in reversed(told):
        if re.search(r"error|critical|fatal|exception|^E:", line, re.IGNORECASE):
            return line[:300]
    return told[-1][:300] if told else "it said nothing."


def _forget_old_logs(folder, days=7):
    for path in folder.glob("*.log"):
        try:
            if path.stat().st_mtime < time.time() - days * 86400:
                path.unlink()
        except OSError:
            continue
