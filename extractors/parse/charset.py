"""Bytes to text.

The site has UTF-8 pages that declare another charset, and Windows-1252 pages that declare none. So
valid UTF-8 is UTF-8 whatever the page declares, and other bytes are in the declared charset or else
in Windows-1252. A UTF-8 page with some damaged bytes stays UTF-8: each damaged character becomes
U+FFFD.
"""

import re
from contextlib import suppress

from bs4.dammit import EncodingDetector

from extractors.errors import MptfError

DAMAGED = "\ufffd"  # stands for bytes that cannot be decoded
_BYTE_ORDER_MARK = "\ufeff"
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
# Pages that declare ISO-8859-1 have Windows-1252's quotes, as browsers know too. No page can be in
# any of the others.
_READ_AS_WINDOWS = re.compile(
    r"iso-?8859-?1|latin-?1|us-ascii|utf\W?\d.*|punycode|idna|undefined|(?:raw.)?unicode.escape"
)


class NotTextError(MptfError, ValueError):
    """The bytes are not text in any charset that the site uses; a retry changes nothing."""


def decode(body: bytes) -> str:
    """Return the text of a page.

    Raises:
        NotTextError: the bytes are a picture, an archive or other binary data.
    """
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            raise NotTextError(f"the body is {name}")
    if body.startswith(_UTF16_MARKS):
        body = body.decode("utf-16", errors="replace").encode()
    if len(body.translate(None, _CONTROLS)) < len(body):
        raise NotTextError("the body holds control bytes, as no page does")
    try:
        return body.decode().removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError:
        return _damaged_utf8(body) or _decode_declared(body)


def _damaged_utf8(body: bytes) -> str | None:
    """Return the text if more of its non-ASCII characters are valid UTF-8 than damaged."""
    text = body.decode(errors="replace").removeprefix(_BYTE_ORDER_MARK)
    damaged = text.count(DAMAGED)
    whole = len(_ASCII.sub("", text)) - damaged
    return text if whole > damaged else None


def _decode_declared(body: bytes) -> str:
    """Decode a body that is not UTF-8 by the charset that its markup declares."""
    declared = EncodingDetector.find_declared_encoding(
        body[:_HEAD], is_html=True, search_entire_document=True
    )
    charset = _WINDOWS if declared is None or _READ_AS_WINDOWS.fullmatch(declared) else declared
    for name, errors in ((charset, "strict"), (_WINDOWS, "strict"), (charset, "replace")):
        with suppress(UnicodeError, LookupError):
            return body.decode(name, errors)
    return body.decode(_WINDOWS, "replace")
