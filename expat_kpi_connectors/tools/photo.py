"""A photo as it is kept: small, upright, and without what the camera wrote into it."""

from io import BytesIO

from PIL import Image, ImageOps

LONGEST_SIDE = 1920
# A picture of a few bytes may claim to be of any size; decoding it would take all memory.
MOST_PIXELS = 60_000_000


# How files of cameras begin; HEIC and AVIF name their kind after it.
STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*")
BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")


def is_picture(content):
    """Whether these are the bytes of a picture, be it readable here or not.

    >>> is_picture(b"\\0\\0\\0\\x18ftypheic"), is_picture(b"\\xff\\xd8\\xff\\xe1")
    (True, True)
    >>> is_picture(b"%PDF-1.7"), is_picture(b"\\0\\0\\0\\x18ftypmp42")
    (False, False)
    """
    return content.startswith(STARTS) or (content[4:8] == b"ftyp" and content[8:12] in BRANDS)


def cleaned(content):
    """The picture as JPEG, at most `LONGEST_SIDE` long.

    Whatever the file said besides is gone: cameras write the position into it.

    :param content: bytes of an image
    :return: bytes, or None when this is no picture that can be read
    """
    try:
        with Image.open(BytesIO(content)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image = ImageOps.exif_transpose(image)
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            image = image.convert("RGB")
            plain = Image.new("RGB", image.size)
            plain.paste(image)
            stream = BytesIO()
            plain.save(stream, "JPEG", quality=82, optimize=True)
            return stream.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
