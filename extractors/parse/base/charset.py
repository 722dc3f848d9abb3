"""Bytes to text.

The site has UTF-8 pages that declare another charset, and Windows-1252 pages that declare none. So
valid UTF-8 is UTF-8 whatever the page declares, and other bytes are in the declared charset or else
in Windows-1252. A UTF-8 page with some damaged bytes stays UTF-8: each damaged character becomes
U+FFFD.

A stray control byte costs that byte. In prose it is as if it were not there; beside a digit it may
have been a digit itself, so there it becomes U+FFFD too, and no amount is read from it.
"""

import re
from contextlib import suppress
from typing import NamedTuple

from extractors.errors import MptfError

DAMAGED = "\ufffd"  # stands for bytes that cannot be decoded
_BYTE_ORDER_MARK = "\ufeff"
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\x0b\x0c\r\x1b"})
_CONTROL = r"[\x00-\x08\x0e-\x1f\x7f]+"
_ANY_CONTROL = re.compile(_CONTROL)
_CONTROL_BY_DIGIT = re.compile(
    rf"(?<=[0-9]){_CONTROL}|(?<=[0-9][.,]){_CONTROL}|{_CONTROL}(?=[-(]?\$?[.,]?[0-9])"
)
_FEW_CONTROLS, _CONTROLS_IN_TEXT = 8, 0.01  # of a page; beyond it, their share of all bytes
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
_NUL_SHARE = 0.5  # of the bytes of one parity, in UTF-16
_HEAD = 4096  # bytes in which a page declares its charset
_WINDOWS = "windows-1252"
# Pages that declare ISO-8859-1 have Windows-1252's quotes, as browsers know too. No page can be in
# any of the others.
_READ_AS_WINDOWS = re.compile(
    r"iso-?8859-?1|latin-?1|us-ascii|utf\W?\d.*|punycode|idna|undefined|(?:raw.)?unicode.escape"
)


class NotTextError(MptfError, ValueError):
    """The bytes are not text in any charset that the site uses; a retry changes nothing."""


class Text(NamedTuple):
    """A page's text, and how many control characters were dropped from it or replaced."""

    text: str
    controls: int


def decode(body: bytes) -> Text:
    """Return the text of a page.

    Raises:
        NotTextError: the bytes are a picture, an archive or other binary data.
    """
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            raise NotTextError(f"the body is {name}")
    body = _without_utf16(body)
    controls = len(body) - len(body.translate(None, _CONTROLS))
    if controls > max(_FEW_CONTROLS, len(body) * _CONTROLS_IN_TEXT):
        raise NotTextError("the body holds many control bytes, as no page does")
    try:
        text = body.decode().removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError:
        text = _damaged_utf8(body) or _decode_declared(body)
    if controls:
        text = _ANY_CONTROL.sub("", _CONTROL_BY_DIGIT.sub(DAMAGED, text))
    return Text(text, controls)


def _without_utf16(body: bytes) -> bytes:
    """Return a body in UTF-8 if it is in UTF-16, with or without a mark."""
    charset = "utf-16" if body.startswith(_UTF16_MARKS) else None
    even, odd = body[:_HEAD:2], body[1:_HEAD:2]
    if odd and charset is None:
        if odd.count(0) > len(odd) * _NUL_SHARE and not even.count(0):
            charset = "utf-16-le"
        elif even.count(0) > len(even) * _NUL_SHARE and not odd.count(0):
            charset = "utf-16-be"
    return body if charset is None else body.decode(charset, errors="replace").encode()


def _damaged_utf8(body: bytes) -> str | None:
    """Return the text if more of its non-ASCII characters are valid UTF-8 than damaged."""
    text = body.decode(errors="replace").removeprefix(_BYTE_ORDER_MARK)
    damaged = text.count(DAMAGED)
    whole = len(_ASCII.sub("", text)) - damaged
    return text if whole > damaged else None


def _decode_declared(body: bytes) -> str:
    """Decode a body that is not UTF-8 by the charset that its markup declares."""
    from bs4.dammit import EncodingDetector  # noqa: PLC0415 because few pages are not UTF-8

    declared = EncodingDetector.find_declared_encoding(
        body[:_HEAD], is_html=True, search_entire_document=True
    )
    charset = _WINDOWS if declared is None or _READ_AS_WINDOWS.fullmatch(declared) else declared
    for name, errors in ((charset, "strict"), (_WINDOWS, "strict"), (charset, "replace")):
        with suppress(ValueError, LookupError):  # ValueError: no text, or a NUL in the name
            return body.decode(name, errors)
    return body.decode(_WINDOWS, "replace")
