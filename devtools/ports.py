"""Who listens on a port, as Linux's /proc tells it."""

import os
from pathlib import Path

LISTENS = "0A"


def holder(port):
    """``process 1234 (nginx)``, or None where that cannot be seen."""
    inodes = _inodes(port)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            links = [os.readlink(link) for link in (folder / "fd").iterdir()]
        except OSError:
            continue
        if any(f"socket:[{inode}]" in links for inode in inodes):
            return f"process {folder.name} ({_name(folder)})"
    return None


def _inodes(port):
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTENS and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.append(fields[9])
    return found


def _name(folder):
    try:
        return (folder / "comm").read_text().strip()
    except OSError:
        return "?"
