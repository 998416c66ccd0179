"""Downloads that are taken up again where they broke off, and checked when they are whole."""

import errno
import http.client
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import unquote

from . import files
from .machine import tool
from .problem import Problem

TIMEOUT = 60  # seconds without a byte
TRIES = 3


@dataclass(frozen=True)
class Item:
    """One file of Debian's mirror, as apt's signed lists describe it."""

    uri: str
    name: str
    size: int
    sha256: str

    @classmethod
    def from_apt(cls, uri, name, size, checksum):
        return cls(uri, name, int(size), checksum.removeprefix("SHA256:"))

    @property
    def package(self):
        return self.name.split("_")[0]

    @property
    def version(self):
        return unquote(self.name.split("_")[1])


def fetch(ctx, item, target, tell):
    """Bring ``item`` to ``target``; ``tell`` hears how many bytes are there.

    What is at ``target`` is a whole file or none: the part that came so far lies beside it.
    """
    part = target.with_name(target.name + ".part")
    if target.exists():
        if target.stat().st_size == item.size and files.sha256(target) == item.sha256:
            return
        # A file that is too short was cut off by somebody: its beginning may still be good.
        target.rename(part)
    for _attempt in range(2):
        _complete(ctx, item, part, tell)
        if files.sha256(part) == item.sha256:
            part.rename(target)
            return
        # The beginning was not good after all: once more, from nothing.
        part.unlink()
    raise Problem(
        f"{item.name} does not arrive as Debian signed it: something between this machine and the "
        "mirror changes it; use another mirror or network, and run the same command again."
    )


def _complete(ctx, item, part, tell):
    if item.uri.startswith(("http://", "https://")):
        for _attempt in range(TRIES):
            try:
                return _by_range(ctx, item, part, tell)
            except (OSError, http.client.HTTPException) as error:
                if getattr(error, "errno", None) == errno.ENOSPC:
                    raise
                broken = error
        if _size(part):
            raise Problem(
                f"{item.name} broke off after {_size(part) / 1e6:.0f} of {item.size / 1e6:.0f} MB "
                f"({broken}): see that the network is there, and run the same command again: it "
                "goes on from here."
            )
    # Proxies with passwords, certificates, file: and mirror: lists are things that apt knows.
    return _by_apt(ctx, item, part)


def _size(part):
    return part.stat().st_size if part.exists() else 0


def _by_range(ctx, item, part, tell):
    have = _size(part)
    if have >= item.size:
        part.unlink()
        have = 0
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(_proxies(ctx)))
    request = urllib.request.Request(item.uri)
    if have:
        request.add_header("Range", f"bytes={have}-")
    with opener.open(request, timeout=TIMEOUT) as answer:
        goes_on = have and answer.status == 206
        with open(part, "ab" if goes_on else "wb") as file:
            have = have if goes_on else 0
            while block := answer.read(2**18):
                file.write(block)
                have += len(block)
                tell(have)
    if have < item.size:
        raise urllib.error.URLError("the connection broke off")


def _proxies(ctx):
    """apt's own proxy setting, else that of the environment (None: urllib reads it)."""
    program = tool(ctx, "apt-config")
    if not program:
        return None
    settings = ctx.output(program, "dump", env=ctx.environ)
    named = re.findall(r'^Acquire::(https?)::Proxy "(\S+)";', settings, re.MULTILINE)
    return {scheme: proxy for scheme, proxy in named if proxy.upper() != "DIRECT"} or None


def _by_apt(ctx, item, part):
    # It does not take up a part whose time stamp is not the mirror's.
    part.unlink(missing_ok=True)
    ctx.run_logged(
        f"Downloading {item.package}",
        tool(ctx, "apt-helper", "/usr/lib/apt"),
        *("-oAPT::Sandbox::User=root", "download-file", item.uri, part, f"SHA256:{item.sha256}"),
        env=dict(ctx.environ, LC_ALL="C"),
        network=True,
    )
