r"""Bytes to text.

Two oddities of the site's pages: UTF-8 pages that declare another charset, and Windows-1252 pages
that declare none. So valid UTF-8 is UTF-8 whatever the page says, and what is not UTF-8 is what the
page declares, or else Windows-1252. A UTF-8 page of which some bytes were damaged on the way stays
UTF-8: the damaged characters become U+FFFD, and the rest is not misread for their sake.
"""

import re
from contextlib import suppress

from bs4.dammit import EncodingDetector

from extractors.errors import MptfError

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
_HEAD = 4096  # bytes in which a page declares its charset
_WINDOWS = "windows-1252"
# Pages that declare ISO-8859-1 hold Windows-1252's quotes, as browsers know too; the others are no
# charsets that a page could be in.
_TAKEN_FOR_WINDOWS = re.compile(
    r"iso-?8859-?1|latin-?1|us-ascii|utf\W?\d.*|punycode|idna|undefined|(?:raw.)?unicode.escape"
)


class NotTextError(MptfError, ValueError):
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
    declared = EncodingDetector.find_declared_encoding(
        body[:_HEAD], is_html=True, search_entire_document=True
    )
    taken = _WINDOWS if declared is None or _TAKEN_FOR_WINDOWS.fullmatch(declared) else declared
    for charset, errors in ((taken, "strict"), (_WINDOWS, "strict"), (taken, "replace")):
        with suppress(UnicodeError, LookupError):
            return body.decode(charset, errors)
    return body.decode(_WINDOWS, "replace")
