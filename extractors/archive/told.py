"""What a saved page says of itself: its URL, and when it was saved or archived.

Programs that save pages write this into a comment or an attribute. A page that was saved from a web
archive is as old as the archive's capture, whenever it was saved.
"""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import NamedTuple

from extractors.times import digits_time, iso_time, mail_time, printed_time, script_time

_HEAD_BYTES = 1 << 16  # in which most programs write; a few do at the end
_REPLAY = re.compile(r"https?://web\.archive\.org/web/(\d{14})(?:[a-z]{2}_)?/(.+)", re.IGNORECASE)
_WAYBACK_TIME = "%H:%M:%S %b %d, %Y"  # 13:05:00 Jun 15, 2016


class Told(NamedTuple):
    """A URL and a time (naive UTC), as far as they are told, and the program that tells them."""

    program: str = ""
    url: str | None = None
    saved_at: datetime | None = None


def _iso_time(text: str) -> datetime | None:
    try:
        return iso_time(text)
    except ValueError:
        return None


class _Program(NamedTuple):
    """How a program writes; its pattern has the group `url`, and maybe `time`."""

    name: str
    pattern: re.Pattern[str]
    parse_time: Callable[[str], datetime | None]
    scheme: str = ""  # put before its URLs, which lack one


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


# Those that write the time, too, stand before those that do not.
_PROGRAMS = (
    _Program(
        "singlefile",
        _pattern(
            r"<!--\s*(?:Page saved with|Archive processed by) SingleFile\s+url:\s*(?P<url>\S+)"
            r"(?:\s+saved date:\s*(?P<time>[^\n<]{1,120}?))?\s*(?:\n|-->)"
        ),
        script_time,
    ),
    _Program(
        "savepage",  # Save Page WE
        _pattern(
            r"""<meta name="?savepage-url"? content="(?P<url>[^"]{0,2000})"[^>]{0,99}>"""
            r"""(?:.{0,2000}?<meta name="?savepage-date"? content="(?P<time>[^"]*)")?"""
        ),
        script_time,
    ),
    _Program(
        "webscrapbook",
        _pattern(
            r"""<html\b(?=[^>]{0,2000}?\sdata-scrapbook-source="(?P<url>[^"]*)")"""
            r"""(?:(?=[^>]{0,2000}?\sdata-scrapbook-create="(?P<time>\d{14})))?"""
        ),
        digits_time,
    ),
    _Program(
        "monolith",
        _pattern(r"<!--\s*Saved from (?P<url>https?://\S+) at (?P<time>\S+) using monolith"),
        _iso_time,
    ),
    _Program(
        "httrack",
        _pattern(
            r"<!--\s*Mirrored from (?P<url>\S+) by HTTrack Website Copier/"
            r"[^<>]{1,60}?, (?P<time>\w{3}, \d{1,2} \w{3} \d{4} [\d:]+ GMT)\s*-->"
        ),
        mail_time,
        scheme="http://",
    ),
    _Program(
        "browser",  # Chrome, Edge, Internet Explorer: "save as"
        _pattern(r"<!--\s*saved from url=\(\d+\)(?P<url>\S+)\s*-->"),
        lambda _: None,
    ),
)
_WOMBAT = re.compile(r"""__wm\.wombat\(\s*"(?P<url>[^"]+)",\s*"(?P<time>\d{14})\"""")
_ARCHIVED_ON = re.compile(
    r"FILE ARCHIVED ON (?P<time>\d{2}:\d{2}:\d{2} \w{3} \d{2}, \d{4}) AND RETRIEVED FROM THE\s+"
    r"INTERNET ARCHIVE ON"
)


def told_by(body: bytes) -> Told:
    """Return what a saved page says of itself; nothing if it says nothing."""
    head = body[:_HEAD_BYTES].decode("utf-8", "replace")
    found = (_told_by(program, head) for program in _PROGRAMS)
    told = next((one for one in found if one is not None), Told())
    return of_replay(told) or _of_wayback(head, body, told) or told


def of_replay(told: Told) -> Told | None:
    """Return the archived page's URL and time if the URL is that of a web archive's replay."""
    replay = _REPLAY.fullmatch(told.url or "")
    time = digits_time(replay[1]) if replay else None
    return Told("wayback", _absolute(replay[2]), time) if replay and time else None


def _of_wayback(head: str, body: bytes, told: Told) -> Told | None:
    """Return what the Wayback Machine writes into the pages that it shows."""
    if found := _WOMBAT.search(head):
        return Told("wayback", _web_url(found["url"]), digits_time(found["time"]))
    found = _ARCHIVED_ON.search(body[-_HEAD_BYTES:].decode("utf-8", "replace"))
    return Told("wayback", told.url, printed_time(found["time"], _WAYBACK_TIME)) if found else None


def _told_by(program: _Program, head: str) -> Told | None:
    found = program.pattern.search(head)
    if found is None:
        return None
    time = found.groupdict().get("time")
    return Told(
        program.name,
        _web_url(program.scheme + found["url"]),
        program.parse_time(time) if time else None,
    )


def _web_url(printed: str) -> str | None:
    """Return a URL of the web as HTML has it; None for another, such as `about:internet`."""
    url = unescape(printed)
    return url if url.lower().startswith(("http://", "https://")) else None


def _absolute(url: str) -> str:
    return url if "://" in url else f"http://{url}"
