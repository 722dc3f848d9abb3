"""The site's own clock, printed in a page's head (`25 May 2022 9:58 AM GMT`).

It is the capture time of a saved page that comes with no other. It is read from the bytes, before
they are archived, because the archive's record carries the capture time.
"""

import re
from datetime import datetime

_GAP = rb"(?:\s|&nbsp;|\xc2\xa0|\xa0|<[^<>]{0,200}>)+"
_CLOCK = re.compile(
    rb"(?<!\d)(\d{1,2})" + _GAP + rb"([A-Z][a-z]{2,8})" + _GAP + rb"(\d{4})"
    + _GAP + rb"(\d{1,2}:\d{2})" + _GAP + rb"([AP]M)" + _GAP + rb"GMT"
)  # fmt: skip


def page_clock(body: bytes) -> datetime | None:
    """The time that the page itself prints (UTC, to the minute), or None where it prints none."""
    found = _CLOCK.search(body)
    if found is None:
        return None
    day, month, year, time, half = (part.decode("ascii") for part in found.groups())
    try:
        return datetime.strptime(f"{day} {month[:3]} {year} {time} {half}", "%d %b %Y %I:%M %p")  # noqa: DTZ007 because the page says GMT and every time here is naive UTC
    except ValueError:
        return None
