"""MIME HTML (.mhtml, .mht, and .xls of Excel's "Single File Web Page"): a page as a mail message.

A page that browsers or Excel saved so is archived as it is, and decoded wherever its HTML is
needed: the site itself may send such a view.
"""

import codecs
import re
from email import message_from_bytes
from email.errors import CloseBoundaryNotFoundDefect
from email.message import Message
from typing import NamedTuple

from extractors.errors import MptfError

_FIRST_LINE = re.compile(rb"[a-z][a-z0-9-]*:", re.IGNORECASE)
_HEAD_BYTES = 8192
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_IS_MIME = re.compile(rb"^(?:mime-version:|content-type:[ \t]*multipart/)", re.I | re.M)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_MOST_LINES, _MOST_PARTS, _MOST_GROUPS = 2_000_000, 10_000, 30
_MOST_STYLES = 16 * 2**20  # bytes in place of links, a million of which may name one sheet
# The mail library compares each line with the boundary of every group that it is in, and takes time
# that grows as the square of this header's length.
_GROUP = re.compile(rb"(?:\A|[\r\n])content-type:\s*multipart/", re.IGNORECASE)
_LONG_TYPE = re.compile(rb"(?:\A|[\r\n])content-type:(?:[^\r\n]|[\r\n]+[ \t]){1000}", re.IGNORECASE)
# No page is in these. Decoding the first takes time that grows as the square of its length.
_NO_CHARSETS = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape"})
_ENCODINGS = frozenset({"", "7bit", "8bit", "binary", "quoted-printable", "base64"})
_FRAMES = re.compile(rb"<frameset\b", re.IGNORECASE)
_END = re.compile(rb"</(?:body|html)\s*>", re.IGNORECASE)
_LINK = re.compile(rb"<link\b[^<>]{0,4000}+>", re.IGNORECASE)
_REL = re.compile(rb"""\brel\s*=\s*["']?\s*stylesheet\b""", re.IGNORECASE)
_HREF = re.compile(rb"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_MEDIA = re.compile(rb"""\bmedia\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_TABS = "tabstrip.htm"  # the names of a workbook's sheets, as a frame
_HIDDEN_SHEET = re.compile(rb"<x:Visible>\s*Sheet(?:Very)?Hidden", re.IGNORECASE)


class NotMimeHtmlError(MptfError, ValueError):
    """A MIME message without HTML that can be decoded; a retry changes nothing."""


class MimePage(NamedTuple):
    """A page that was saved as a MIME message.

    Attributes:
        html: the page, or the frames of a frameset one behind the other, with the style sheets
            that the message holds in place of the links to them.
        url: where it was saved from, if the message says so.
        date: when it was saved, as printed, if the message says where from.
        is_whole: whether the message goes on behind the page.
    """

    html: bytes
    url: str | None
    date: str | None
    is_whole: bool


def is_mime(body: bytes) -> bool:
    """Return whether a body is a MIME message: it begins with headers that say so."""
    start = body[:_HEAD_BYTES].removeprefix(_BYTE_ORDER_MARK).lstrip()
    if not _FIRST_LINE.match(start):
        return False
    return _IS_MIME.search(_BLANK_LINE.split(start, 1)[0]) is not None


def read_mime(body: bytes) -> MimePage:
    """Return the page in a MIME message.

    Raises:
        NotMimeHtmlError: it holds no HTML, or HTML that cannot be decoded.
    """
    _check_cost(body)
    try:
        message = message_from_bytes(body.removeprefix(_BYTE_ORDER_MARK).lstrip())
        leaves = [part for part in message.walk() if not part.is_multipart()]
    except RecursionError as error:
        raise NotMimeHtmlError("a MIME message with parts too deep within each other") from error
    pages = [part for part in leaves if part.get_content_type() == "text/html"]
    if not pages or len(leaves) > _MOST_PARTS:
        raise NotMimeHtmlError("a MIME message without a part of HTML")
    root = _root(message, pages)
    html = _decoded(root)
    shown = [root]
    if _FRAMES.search(html) and len(pages) > 1:
        shown = [part for part in pages if part is not root and not _is_furniture(part)]
        frames = map(_decoded, shown)
        *sheets, last = [f for f in frames if not _HIDDEN_SHEET.search(f)] or [b""]
        html = b"\n".join([*(_END.sub(b"", sheet) for sheet in sheets), last])
    location = root["Content-Location"] or message["Snapshot-Content-Location"]
    return MimePage(
        html=_with_styles(html, leaves),
        url=_web_url(message["Snapshot-Content-Location"]) or _web_url(root["Content-Location"]),
        date=str(message["Date"]) if message["Date"] and location else None,
        is_whole=shown[-1:] != leaves[-1:] or _is_closed(message),
    )


def _check_cost(body: bytes) -> None:
    """Check that the message is read in a time that grows as its length."""
    if max(body.count(b"\n"), body.count(b"\r")) > _MOST_LINES:
        raise NotMimeHtmlError(f"a MIME message of more than {_MOST_LINES:,} lines")
    if len(_GROUP.findall(body)) > _MOST_GROUPS:
        raise NotMimeHtmlError(f"a MIME message of more than {_MOST_GROUPS} groups of parts")
    if _LONG_TYPE.search(body):
        raise NotMimeHtmlError("a MIME message with a longer Content-Type than any page has")


def _root(message: Message, pages: list[Message]) -> Message:
    """Return the part that is the page itself; the others are its frames."""
    start = message.get_param("start")
    return next((part for part in pages if start and part["Content-ID"] == start), pages[0])


def _is_closed(message: Message) -> bool:
    """Return whether every multipart has its final boundary."""
    defects = (defect for part in message.walk() for defect in part.defects)
    return not any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in defects)


def _with_styles(html: bytes, leaves: list[Message]) -> bytes:
    """Return a page with its style sheets in it; Chrome makes parts of its `<style>` elements.

    Raises:
        NotMimeHtmlError: in place of the links to them they are larger than any page.
    """
    sheets: dict[bytes, Message] = {}
    decoded: dict[bytes, bytes] = {}
    room = _MOST_STYLES
    for part in leaves:
        if part.get_content_type() == "text/css":
            content_id = str(part["Content-ID"] or "").strip("<> ")
            for name in (f"cid:{content_id}", str(part["Content-Location"] or "").strip()):
                sheets.setdefault(name.encode(errors="replace"), part)

    def style(link: re.Match[bytes]) -> bytes:
        nonlocal room
        tag = link[0]
        href = _HREF.search(tag) if _REL.search(tag) else None
        name = b"" if href is None else next(filter(None, href.groups()), b"")
        part = sheets.get(name.replace(b"&amp;", b"&")) if name else None
        if part is not None and name not in decoded:
            decoded[name] = _decoded(part)
        css = decoded.get(name, b"")
        room -= len(css)
        if room < 0:
            raise NotMimeHtmlError("a MIME message with longer style sheets than any page has")
        if not css or b"</" in css:
            return tag
        media = _MEDIA.search(tag)
        return b"<style%b>%b</style>" % (b" " + media[0] if media else b"", css)

    return _LINK.sub(style, html) if sheets else html


def _is_furniture(part: Message) -> bool:
    return str(part["Content-Location"] or "").lower().endswith(_TABS)


def _decoded(part: Message) -> bytes:
    """Return a part's HTML, in UTF-8 if the part declares another charset than the HTML."""
    encoding = str(part["Content-Transfer-Encoding"] or "").strip().lower()
    if encoding not in _ENCODINGS:
        raise NotMimeHtmlError(f"a MIME part in an unknown encoding: {encoding[:40]!r}")
    html = part.get_payload(decode=True)
    if not isinstance(html, bytes) or (encoding == "base64" and part.defects):
        raise NotMimeHtmlError(f"a MIME part that is not {encoding or 'text'}, as it says")
    charset = part.get_content_charset()
    charset = "utf-16" if charset == "unicode" else charset  # as Internet Explorer calls it
    if charset is None or _is_utf8(html):
        return html
    try:
        if codecs.lookup(charset).name.replace("-", "_") in _NO_CHARSETS:
            raise LookupError
        return html.decode(charset).encode()
    except LookupError as error:
        raise NotMimeHtmlError(f"a MIME part in an unknown charset: {charset[:40]!r}") from error
    except ValueError:  # the declared charset is wrong, as on pages of the site
        return html


def _is_utf8(html: bytes) -> bool:
    try:
        html.decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in html


def _web_url(header: str | None) -> str | None:
    """Return the URL in a header, which may be folded, if it is one of the web."""
    url = "".join(str(header or "").split())
    return url if url.lower().startswith(("http://", "https://")) else None
