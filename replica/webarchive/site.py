"""A web archive of the stand-in, as the Wayback Machine of the Internet Archive answers.

Its index is at `/cdx/search/cdx`, its captures at `/web/<timestamp><flags>/<address>`. An answer
that is a capture, whatever its status, says so by `Memento-Datetime`; one without it is the
archive's own.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Collection
from datetime import datetime
from time import monotonic

from replica.http import Answer, ContentFault, Request, Site
from replica.webarchive.captures import Addresses, Captures, timestamp_of
from replica.webarchive.cdx import BadQueryError, answer_query, parse_query
from replica.webarchive.ratelimit import CLOSED_SECONDS, RateLimit
from replica.webarchive.replay import played
from replica.webarchive.surt import BadAddressError, urlkey

_CDX_PATHS = ("/cdx/search/cdx", "/cdx/search")
_REPLAY = re.compile(
    r"/web/(?:(?P<digits>[0-9]{1,14})(?P<flags>[a-z]{2}_)?/)?(?P<url>https?:/+.+|[^/]+\.[^/]+.*)"
)
_EXCLUDED = "AdministrativeAccessControlException"
_ERROR_HEADER = "X-Archive-Wayback-Runtime-Error"
_PLAIN = "text/plain; charset=utf-8"
_EARLIEST = "00000101000000"
_FIRST_YEAR = 1996


class WebArchive:
    """A site that archives another. `addresses` is described with `Captures`.

    Args:
        site: what was captured.
        addresses: the sorted addresses that were public by a time.
        seed: chance in what was captured, and when.
        host: the host under which the site was captured.
        excluded: addresses that the archive must not show.
        most_rows: the most rows in one answer of the index.
        requests_per_minute: the most requests of real time; None takes all.
        clock: monotonic seconds of real time.
        base_url: what the archive calls itself in `Link` headers.
    """

    def __init__(
        self,
        site: Site,
        addresses: Addresses,
        seed: int,
        *,
        host: str = "mptf.undp.org",
        excluded: Collection[str] = (),
        most_rows: int = 5000,
        requests_per_minute: int | None = None,
        clock: Callable[[], float] = monotonic,
        base_url: str = "https://web.archive.org",
    ) -> None:
        self._excluded = frozenset(urlkey(host + address) for address in excluded)
        self._captures = Captures(site, addresses, seed, host, self._excluded)
        self._most_rows = most_rows
        self._limit = RateLimit(requests_per_minute, clock)
        self._base_url = base_url

    def answer(
        self,
        request: Request,
        now: datetime,
        fault: ContentFault | None = None,  # noqa: ARG002 because captures hold what was said then
    ) -> Answer:
        """The archive's answer at `now`, of what was captured by then."""
        if not self._limit.takes_another():
            again = ("Retry-After", str(CLOSED_SECONDS))
            return _page(429, "Too Many Requests", "Please ask less often.", again)
        if request.path in _CDX_PATHS:
            return self._search(request.query, now)
        asked = _REPLAY.fullmatch(request.path)
        if asked is None:
            return _page(404, "Not Found", "There is no such page at this archive.")
        url = f"{asked['url']}?{request.query}" if request.query else asked["url"]
        return self._replay(url, asked["digits"] or timestamp_of(now), asked["flags"] or "", now)

    def _search(self, text: str, now: datetime) -> Answer:
        try:
            query = parse_query(text)
        except BadQueryError as error:
            return Answer(400, (("Content-Type", _PLAIN),), f"{error}\n".encode())
        if query.start in self._excluded:
            message = (
                "org.archive.util.io.RuntimeIOException:"
                f" org.archive.wayback.exception.{_EXCLUDED}: Blocked Site Error"
            )
            headers = (("Content-Type", _PLAIN), (_ERROR_HEADER, message))
            return Answer(403, headers, f"{message}\n".encode())
        listing = answer_query(query, self._captures, now, self._most_rows)
        content_type = "application/json" if query.is_json else _PLAIN
        return Answer(200, (("Content-Type", content_type),), listing.encode())

    def _replay(self, url: str, digits: str, flags: str, now: datetime) -> Answer:
        try:
            key = urlkey(url)
        except BadAddressError:
            return _page(404, "Not Found", "This is no address of a page.")
        if key in self._excluded:
            why = (_ERROR_HEADER, f"{_EXCLUDED}: Blocked Site Error")
            return _page(403, "Sorry.", "This URL has been excluded from the Wayback Machine.", why)
        captures = self._captures.of(key, now)
        if not captures:
            return _page(404, "Hrm.", "The Wayback Machine has not archived that URL.")
        wanted = _time(digits)
        at = min(range(len(captures)), key=lambda index: abs(captures[index].crawled - wanted))
        nearest = captures[at]
        if nearest.row.timestamp != digits:
            location = f"/web/{nearest.row.timestamp}{flags}/{nearest.row.original}"
            return _page(302, "Found", "The nearest capture is elsewhere.", ("Location", location))
        return played(captures, at, self._captures.answer(nearest), flags, self._base_url)


def _time(digits: str) -> datetime:
    """The time of up to 14 digits: the earliest they can mean, or near it where they mean none."""
    digits += _EARLIEST[len(digits) :]
    numbers = [int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, 14, 2))]
    year, month, day, hour, minute, second = numbers
    year, month = max(year, _FIRST_YEAR), min(max(month, 1), 12)
    day = min(max(day, 1), monthrange(year, month)[1])
    return datetime(year, month, day, min(hour, 23), min(minute, 59), min(second, 59))  # noqa: DTZ001 because it is naive UTC


def _page(status: int, title: str, text: str, *headers: tuple[str, str]) -> Answer:
    """A page of the archive's own."""
    body = (
        "<!DOCTYPE html>\n<html><head><title>Internet Archive Wayback Machine</title></head>\n"
        f"<body><h1>{title}</h1>\n<p>{text}</p></body></html>\n"
    )
    return Answer(status, (("Content-Type", "text/html; charset=utf-8"), *headers), body.encode())
