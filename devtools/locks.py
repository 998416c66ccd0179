"""File locks. The system frees them when their holder dies, so none is ever stale."""

import errno
import fcntl
import os
from contextlib import contextmanager


class Lock:
    """An exclusive lock; may be taken again by the process that holds it."""

    def __init__(self, path, say=None):
        self.path = path
        self.say = say
        self._depth = 0
        self._file = None

    def __enter__(self):
        if not self._depth:
            self._file = open_lock(self.path)
            if not try_lock(self._file, fcntl.LOCK_EX):
                if self.say:
                    self.say.info("Another ./dev is setting things up; waiting for it …")
                fcntl.flock(self._file, fcntl.LOCK_EX)
        self._depth += 1
        return self

    def __exit__(self, *exc):
        self._depth -= 1
        if not self._depth:
            self._file.close()
            self._file = None


def open_lock(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+")


def try_lock(file, kind):
    """True when the lock is ours now, False when somebody else holds it."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True


@contextmanager
def held(path):
    """Hold an exclusive lock on ``path``, or yield None when somebody else does."""
    with open_lock(path) as file:
        yield file if try_lock(file, fcntl.LOCK_EX) else None


def is_held(path):
    with held(path) as file:
        return file is None
