"""What the user sees: sentences, and steps that say how far they are."""

import sys
import threading
import time
from contextlib import contextmanager

# How often a step that runs says so where lines cannot be rewritten (a log), in seconds.
HEARTBEAT = 30


class Say:
    """Writes to ``out`` (stdout) and, for warnings, to ``err`` (stderr)."""

    def __init__(self, out=None, err=None):
        self.out = out or sys.stdout
        self.err = err or sys.stderr

    def info(self, text=""):
        print(text, file=self.out, flush=True)

    def warn(self, text):
        print(f"Note: {text}", file=self.err, flush=True)

    def problem(self, problem):
        print(f"./dev: {problem}", file=self.err, flush=True)
        if problem.log:
            print(f"       The whole story: {problem.log}", file=self.err, flush=True)

    @contextmanager
    def step(self, title):
        """Announce ``title``, yield a Step whose ``tell`` says how far it is, end with the time."""
        step = Step(title, self.out)
        step.start()
        try:
            yield step
        except BaseException:
            step.finish("stopped")
            raise
        step.finish()


class Step:
    """One long piece of work. On a terminal its line is rewritten, elsewhere it grows."""

    def __init__(self, title, out):
        self.title = title
        self.out = out
        self.live = out.isatty()
        self.detail = ""
        self.began = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def tell(self, detail):
        """Say how far it is: ``63 of 128 MB``, ``34 of 116 modules``."""
        self.detail = detail

    def start(self):
        self._write(f"{self.title} …" if not self.live else "")
        self._thread.start()

    def finish(self, word=""):
        self._done.set()
        self._thread.join()
        took = f"{word + ' after ' if word else ''}{self._seconds()} s"
        if self.live:
            self._rewrite(f"{self.title} … {took}")
            self._write("\n")
        else:
            self._write(f" {took}\n")

    def _seconds(self):
        return round(time.monotonic() - self.began)

    def _tick(self):
        while not self._done.wait(0.5 if self.live else HEARTBEAT):
            far = ", ".join(part for part in (self.detail, f"{self._seconds()} s") if part)
            if self.live:
                self._rewrite(f"{self.title} … {far}")
            else:
                self._write(f" {far} …")

    def _rewrite(self, line):
        self._write(f"\r\x1b[K{line}")

    def _write(self, text):
        self.out.write(text)
        self.out.flush()
