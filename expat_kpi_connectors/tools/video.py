"""A video as it is kept: without the position that a phone or camera wrote into it.

Videos of phones (MP4, MOV, 3GP) are rows of boxes, each with its length and kind. What is
told of the video as a whole lies in the box ``moov``; positions in it are overwritten by
zeros of the same length, so that everything else stays where it is.

Sources: ISO 6709 (the text), 3GPP TS 26.244 (``loci``), GPMF of action cameras (``gpmd``).
"""

import re

# +48.7758+009.1829+245.0/ – latitude, longitude and maybe height
_TEXT = re.compile(rb"[+-]\d{2,6}(\.\d+)?[+-]\d{3,7}(\.\d+)?([+-]\d+(\.\d+)?)?(CRS[\w]*)?/")
# Version and flags, language, a name and a role before three numbers of 4 bytes
_LOCI = re.compile(rb"(loci\0{4}..[^\0]*\0.)(.{12})", re.DOTALL)
_TRACK = b"gpmd"


class PositionTrack(ValueError):
    """The video holds a whole track of positions, beside picture and sound."""


def without_position(content):
    """The bytes of a file; those of a video without the position.

    :raise PositionTrack: it cannot be taken out

    >>> place = b"\\0\\0\\0\\x1b\\xa9xyz\\0\\x0f\\x15\\xc7+48.77+009.18/"
    >>> video = b"\\0\\0\\0\\x0cftypmp42" + b"\\0\\0\\0\\x23moov" + place
    >>> without_position(video).endswith(b"+00.00+000.00/")
    True
    >>> without_position(place) == place
    True
    """
    if content[4:8] != b"ftyp":
        return content
    kept = bytearray(content)
    for start, stop in _moov(content):
        told = bytes(kept[start:stop])
        if _TRACK in told:
            raise PositionTrack
        told = _TEXT.sub(lambda found: re.sub(rb"\d", b"0", found[0]), told)
        kept[start:stop] = _LOCI.sub(lambda found: found[1] + bytes(12), told)
    return bytes(kept)


def _moov(content):
    """Where the boxes ``moov`` lie; after a broken length all of the rest."""
    start = 0
    while start + 8 <= len(content):
        size, header = int.from_bytes(content[start : start + 4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(content[start + 8 : start + 16], "big"), 16
        stop = start + size if size else len(content)
        if content[start + 4 : start + 8] == b"moov":
            yield start, min(stop, len(content))
        if stop < start + header:
            yield start, len(content)
            return
        start = stop
