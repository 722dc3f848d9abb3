r"""Bytes to text.

Two oddities of the site's pages: UTF-8 pages that declare another charset, and Windows-1252 pages
that declare none. So valid UTF-8 is UTF-8 whatever the page says, and what is not UTF-8 is what the
page declares, or else Windows-1252. A UTF-8 page of which some bytes were damaged on the way stays
UTF-8: the damaged characters become U+FFFD, and the rest is not misread for their sake.
"""

import re

from bs4.dammit import EncodingDetector, UnicodeDammit

DAMAGED = "\ufffd"  # stands for what no charset can read
_MARK = "\ufeff"  # of the order of bytes, which says that it is UTF-8
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\x0b\x0c\r\x1b"})
_MAGIC = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip file",
    b"\x1f\x8b": "a gzip file",
    b"\xd0\xcf\x11\xe0": "an Office document",
}
_ASCII = re.compile(r"[\x00-\x7f]+")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class NotTextError(ValueError):
    """The bytes are no text in any charset that the site uses."""


def decode(body: bytes) -> str:
    """The text of a page.

    Raises:
        NotTextError: the bytes are a picture, an archive or another binary.
    """
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            raise NotTextError(f"the body is {name}")
    if body.startswith(_UTF16_MARKS):
        body = body.decode("utf-16", errors="replace").encode()
    if len(body.translate(None, _CONTROLS)) < len(body):
        raise NotTextError("the body holds control bytes, as no page does")
    try:
        return body.decode().removeprefix(_MARK)
    except UnicodeDecodeError:
        return _damaged_utf8(body) or _decode_declared(body)


def _damaged_utf8(body: bytes) -> str | None:
    """The text, if it is UTF-8 more often than not, as no text in another charset is."""
    text = body.decode(errors="replace").removeprefix(_MARK)
    damaged = text.count(DAMAGED)
    whole = len(_ASCII.sub("", text)) - damaged
    return text if whole > damaged else None


def _decode_declared(body: bytes) -> str:
    """A body that is not UTF-8, in the charset that its markup declares."""
    declared = EncodingDetector.find_declared_encoding(body, is_html=True)
    # Pages that declare ISO-8859-1 hold Windows-1252's quotes, as browsers know too.
    candidates = [] if declared in {None, "iso-8859-1", "us-ascii", "utf-8"} else [declared]
    candidates.append("windows-1252")
    # Named as known, so that UnicodeDammit never asks a guessing library that may be installed.
    text = UnicodeDammit(body, known_definite_encodings=candidates, is_html=True).unicode_markup
    if text is None:
        raise NotTextError("the body is no text in UTF-8, Windows-1252 or its declared charset")
    return text
