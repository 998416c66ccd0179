"""A failure that the user can mend: one sentence that says what is wrong and what to do."""

import re


class Problem(Exception):
    """Ends ``./dev`` with its sentence on stderr and exit code 1.

    ``log`` may name the file that holds the whole story.
    """

    def __init__(self, sentence, log=None):
        super().__init__(sentence)
        self.log = log


NO_NETWORK = re.compile(
    r"Temporary failure (in name resolution|resolving)|Could not resolve|Name or service not known"
    r"|Network is unreachable|No route to host|Could not connect|Unable to connect"
    r"|Failed to establish a new connection|NewConnectionError|ConnectTimeout|Connection timed out"
    r"|Connection refused|Read timed out|EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ProxyError",
)
NO_TRUST = re.compile(
    r"certificate verif|CERTIFICATE_VERIFY_FAILED|self.signed certificate|UNABLE_TO_VERIFY",
    re.IGNORECASE,
)
NO_SPACE = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded|not enough free space")


def disk_full(where):
    return Problem(
        f"The disk is full below {where}: free some space, or set EXPAT_KPI_CACHE to a folder on "
        "a larger disk, and run the same command again."
    )


def explain(what, output, where, network):
    """The Problem that the output of a failed child tells of, or None.

    :param what: what it was doing
    :param where: the cache
    :param network: whether it needed the network; others may mention it without any harm
    """
    if NO_SPACE.search(output):
        return disk_full(where)
    if network and NO_TRUST.search(output):
        return Problem(
            f"{what}: the certificate that came is not trusted; if a proxy of yours signs what "
            "passes it, name its certificate (apt: ca-certificates, pip: PIP_CERT, npm: "
            "NODE_EXTRA_CA_CERTS), and run the same command again."
        )
    if network and NO_NETWORK.search(output):
        return Problem(
            f"{what}: the network cannot be reached ({_telling_line(output, NO_NETWORK)}); connect "
            "or set your proxy, and run the same command again: it goes on from here."
        )
    return None


def _telling_line(output, pattern):
    for line in output.splitlines():
        if pattern.search(line):
            line = re.sub(r"^\s*(E|W|Err|ERROR|WARNING)[:\s]+", "", line).strip()
            return line if len(line) <= 160 else line[:157] + "…"
    return ""
