"""A photo as it is kept: small, upright, and without what the camera wrote into it."""

from io import BytesIO

from PIL import Image, ImageOps

LONGEST_SIDE = 1920
# A picture of a few bytes may claim to be of any size; decoding it would take all memory.
MOST_PIXELS = 60_000_000


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
