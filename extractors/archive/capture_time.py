"""The time of a capture, checked against what the capture shows of itself.

A page cannot be seen before the time that its own clock shows, or after it was taken in. So a clock
in the page's head, or a `Date` header, more than a day later than the time that was given is the
better time. An earlier one proves nothing (caches and revisits repeat them), and is recorded. A
time that cannot be, without a better one, is a refusal. A live capture keeps this program's time.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from extractors.archive.inputs import InputRefusedError
from extractors.archive.page_clock import page_clock
from extractors.archive.warc import place_name
from extractors.captures import NewCapture, RevisitCapture
from extractors.times import mail_time

# The office's first fund is of 2004: no page is older. Files without a time say 1970 or 1980.
FIRST_CAPTURE = datetime(2004, 1, 1)  # noqa: DTZ001 because every time here is naive UTC
TOLERANCE = timedelta(days=1)  # a time without a zone, a clock that is wrong by hours

AnyCapture = NewCapture | RevisitCapture


class _Shown(NamedTuple):
    time: datetime
    source: str


def checked_time(capture: AnyCapture, now: datetime) -> AnyCapture:
    """Return a capture with the time that its evidence supports.

    Where that is another time than was given, `given_at` has the latter. A time that the capture
    shows, and that is not believed, is in `shown_at`.

    Args:
        capture: a capture that is about to be archived.
        now: when it is taken in (naive UTC).

    Raises:
        InputRefusedError: it is later than now, or before the first page, and nothing tells a
            better time.
    """
    given = capture.captured_at
    shown = _shown(capture)
    apart = [one.time for one in shown if abs(one.time - given) > TOLERANCE]
    if capture.source == "gateway":
        return capture._replace(shown_at=min(apart, default=None))
    better = [
        one
        for one in shown
        if _can_be(one.time, now) and (one.time > given + TOLERANCE or not _can_be(given, now))
    ]
    if better:
        best = max(better)
        if isinstance(capture, NewCapture):  # revisits name it by the time that was given
            names = (*capture.known_as, place_name(capture.url, given))
            capture = capture._replace(known_as=names)
        return capture._replace(
            captured_at=best.time, captured_at_source=best.source, given_at=given
        )
    if not _can_be(given, now):
        raise InputRefusedError(
            f"its capture time, {given} ({capture.captured_at_source}), {_why_not(given)}, and"
            " neither a clock on the page nor a Date header tells a better one:"
            " give it with --captured-at"
        )
    return capture._replace(shown_at=min(apart, default=None))


def check_time_option(time: datetime, now: datetime) -> None:
    """Check a capture time that a person gives.

    Raises:
        InputRefusedError: it is in the future, or before the first page.
    """
    if not FIRST_CAPTURE <= time <= now + timedelta(minutes=1):
        raise InputRefusedError(f"the capture time {time} {_why_not(time)}")


def _why_not(time: datetime) -> str:
    too_early = time < FIRST_CAPTURE
    return f"is before {FIRST_CAPTURE.year}, when no page was" if too_early else "is in the future"


def _can_be(time: datetime, now: datetime) -> bool:
    return FIRST_CAPTURE <= time <= now + TOLERANCE


def _shown(capture: NewCapture | RevisitCapture) -> list[_Shown]:
    """Return the times that a capture shows of itself."""
    shown = []
    if isinstance(capture, NewCapture) and (clock := page_clock(capture.body)):
        shown.append(_Shown(clock, "page_clock"))
    printed = next((value for name, value in capture.headers if name.lower() == "date"), None)
    if date := mail_time(printed):
        shown.append(_Shown(date, "http_date"))
    return shown
