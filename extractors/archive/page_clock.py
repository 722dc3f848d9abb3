"""The site's clock in the head of a page (`25 May 2022 9:58 AM GMT`).

It is the capture time of a saved page that has no other. It is found in the bytes, because it must
be known before they are archived: the archive's record contains the capture time.
"""

import re
from datetime import datetime

_GAP = rb"(?:\s|&nbsp;|\xc2\xa0|\xa0|<[^<>]{0,200}>)+"
_CLOCK = re.compile(
    rb"(?<!\d)(\d{1,2})" + _GAP + rb"([A-Z][a-z]{2,8})" + _GAP + rb"(\d{4})"
    + _GAP + rb"(\d{1,2}:\d{2})" + _GAP + rb"([AP]M)" + _GAP + rb"GMT"
)  # fmt: skip


def page_clock(body: bytes) -> datetime | None:
    """Return the time that a page prints (UTC, to the minute), or None."""
    match = _CLOCK.search(body)
    if match is None:
        return None
    day, month, year, time, half = (part.decode("ascii") for part in match.groups())
    try:
        return datetime.strptime(f"{day} {month[:3]} {year} {time} {half}", "%d %b %Y %I:%M %p")  # noqa: DTZ007 because the page says GMT and every time here is naive UTC
    except ValueError:
        return None
