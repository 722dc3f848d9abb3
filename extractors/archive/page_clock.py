"""The site's clock in the head of a page (`25 May 2022 9:58 AM GMT`).

It is the capture time of a saved page that has no other. It is found in the bytes, because it must
be known before they are archived: the archive's record contains the capture time. It stands alone
above the page's subject; a time in the narrative, or within a sentence, is not the site's.
"""

import re
from datetime import datetime

from extractors.times import printed_time

_LONGEST_HEAD = 1 << 20  # bytes; a saved page has its style sheets there
# `\s` matches U+00A0; the bytes of UTF-8 read as Latin-1 are two. No text matches in two ways, so a
# run of blanks is tried once.
_BLANK = r"(?:\s|&nbsp;|&#160;|Â\xa0)"
_GAP = rf"(?:{_BLANK}|<[^<>]{{0,200}}>)+"
_CLOCK = (
    rf"(?<!\d)(?P<day>\d{{1,2}}){_GAP}(?P<month>[A-Z][a-z]{{2,8}}){_GAP}(?P<year>\d{{4}})"
    rf"{_GAP}(?P<time>\d{{1,2}}:\d{{2}}){_GAP}(?P<half>[AP]M){_GAP}GMT(?!\w)"
)
# A comment, an element whose content is no text of the page, any other tag, the page's subject.
_TOKEN = re.compile(
    rf"(?P<comment><!--)|<(?P<raw>script|style|title|noscript)\b|<[^<>]*>|{_CLOCK}|(?P<subject>"
    r"\b(?:Project|Trust Fund|Joint Programme|Other Fund)s?\s+Factsheet\b|\bTools\s+for\s"
    r"|\b(?:Project ID|Start Date\s*\**|Theme)\s*:|\b(?:Key Figures|Funding Status)\b)",
    re.IGNORECASE,
)
_ENDS = {
    name: re.compile(r"-->" if name == "--" else f"</{name}", re.IGNORECASE)
    for name in ("--", "script", "style", "title", "noscript")
}
_SITE_NAME = re.compile(r"(?:Multi-Partner Trust Fund|MPTF) Office(?: Gateway)?$")
_SIGN_IN = re.compile(r"(?:sign|log) ?in\b", re.IGNORECASE)
_STARTS_ALONE = re.compile(r"[>\n\r|]")
_ENDS_ALONE = re.compile(r"[<\n\r|]")
_REACH = 80  # characters, more than the site's name has
_EDGE_BLANKS = re.compile(rf"^{_BLANK}+|{_BLANK}+$")
_UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_FORMAT = "%d %b %Y %I:%M %p"


def page_clock(body: bytes) -> datetime | None:
    """Return the time that a page's head prints (UTC, to the minute), or None."""
    text = _text(body)
    at = 0
    while found := _TOKEN.search(text, at):
        if found["subject"]:
            return None
        at = found.end()
        if found["comment"] or found["raw"]:
            end = _ENDS["--" if found["comment"] else found["raw"].lower()].search(text, at)
            if end is None:
                return None  # all that follows is a comment or a script
            at = end.end()
        elif found["day"] and _stands_alone(text, found):
            return _time(found)
    return None


def _text(body: bytes) -> str:
    """Return the start of a body as text in which ASCII reads as it is."""
    start = body[:_LONGEST_HEAD]
    encoding = _UTF16_MARKS.get(start[:2], "latin-1")
    if encoding == "latin-1" and start[1:4:2] == b"\0\0":
        encoding = "utf-16-le"
    elif encoding == "latin-1" and start[0:3:2] == b"\0\0":
        encoding = "utf-16-be"
    return start.decode(encoding, errors="replace")


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """Return whether the site's name at most is before a time, and the link to sign in behind."""
    before = _STARTS_ALONE.split(text[max(0, found.start() - _REACH) : found.start()])[-1]
    after = _ENDS_ALONE.split(text[found.end() : found.end() + _REACH])[0]
    before, after = _EDGE_BLANKS.sub("", before), _EDGE_BLANKS.sub("", after)
    is_first = not before or _SITE_NAME.fullmatch(before) is not None
    return is_first and (not after or _SIGN_IN.fullmatch(after) is not None)


def _time(found: re.Match[str]) -> datetime | None:
    printed = f"{found['day']} {found['month'][:3]} {found['year']} {found['time']} {found['half']}"
    return printed_time(printed, _FORMAT)
