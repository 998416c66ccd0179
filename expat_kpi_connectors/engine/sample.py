"""A random sample that nobody can roll again."""

from hashlib import sha256


def is_drawn(secret, number, share):
    """Whether the record of this number belongs to a sample of ``share`` percent.

    The draw follows from the number, which the server gives, and from a secret of the
    company: asked again it is the same, and nobody outside can tell it beforehand.

    >>> [is_drawn("s", n, 0) for n in range(3)], [is_drawn("s", n, 100) for n in range(3)]
    ([False, False, False], [True, True, True])
    >>> is_drawn("s", 5, 20) == is_drawn("s", 5, 20)
    True
    >>> 150 < sum(is_drawn("s", n, 20) for n in range(1000)) < 250
    True

    A larger share contains the smaller one:

    >>> all(is_drawn("s", n, 30) for n in range(1000) if is_drawn("s", n, 20))
    True
    """
    digest = sha256(f"{secret}/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share / 100 * 2**64
