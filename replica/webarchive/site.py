"""A web archive of the stand-in, as the Wayback Machine of the Internet Archive answers.

Its index is at `/cdx/search/cdx`, its captures at `/web/<timestamp>id_/<URL>`. An answer that is a
capture, whatever its status, has a `Memento-Datetime`; one without it is the archive's own. Flags
make no difference: captures are always replayed as they were, without a banner.
"""

import re
from calendar import monthrange
from collections import deque
from collections.abc import Callable, Collection
from datetime import datetime
from time import monotonic
from urllib.parse import urljoin

from replica.http import Answer, ContentFault, Request, Site, http_date
from replica.webarchive.captures import Addresses, Capture, Captures, header, timestamp_of
from replica.webarchive.cdx import BadQueryError, answer_query, parse_query
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
_CLOSED_SECONDS = 60
# The archive sends these under their own names, or has undone what they say.
_NOT_PREFIXED = frozenset({"content-type", "location", "content-encoding", "transfer-encoding"})


class WebArchive:
    """A site that archives another.

    Args:
        site: the site that was captured.
        addresses: returns the sorted paths that were public by a time; see `Captures`.
        seed: decides what was captured, and when.
        host: the host under which the site was captured.
        excluded: paths that the archive must not show.
        most_rows: the most rows in one answer of the index.
        requests_per_minute: the most requests of real time; None for no limit.
        clock: monotonic seconds of real time.
        base_url: the archive's name for itself in `Link` headers.
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
        self._limit = _RateLimit(requests_per_minute, clock)
        self._base_url = base_url

    def answer(
        self,
        request: Request,
        now: datetime,
        fault: ContentFault | None = None,  # noqa: ARG002 because captures hold what the site said at their time
    ) -> Answer:
        """Return the archive's answer from the captures made by `now`."""
        if not self._limit.allows_another():
            again = ("Retry-After", str(_CLOSED_SECONDS))
            return _page(429, "Too Many Requests", "Please ask less often.", again)
        if request.path in _CDX_PATHS:
            return self._search(request.query, now)
        found = _REPLAY.fullmatch(request.path)
        if found is None:
            return _page(404, "Not Found", "There is no such page at this archive.")
        url = f"{found['url']}?{request.query}" if request.query else found["url"]
        return self._replay(url, found["digits"] or timestamp_of(now), found["flags"] or "", now)

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
        return _replayed(captures, at, self._captures.answer(nearest), flags, self._base_url)


def _time(digits: str) -> datetime:
    """Return the earliest time that up to 14 digits can mean, or one near it if it is invalid."""
    digits += _EARLIEST[len(digits) :]
    numbers = [int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, 14, 2))]
    year, month, day, hour, minute, second = numbers
    year, month = max(year, _FIRST_YEAR), min(max(month, 1), 12)
    day = min(max(day, 1), monthrange(year, month)[1])
    return datetime(year, month, day, min(hour, 23), min(minute, 59), min(second, 59))  # noqa: DTZ001 because it is naive UTC


def _page(status: int, title: str, text: str, *headers: tuple[str, str]) -> Answer:
    """Return a page of the archive's own."""
    body = (
        "<!DOCTYPE html>\n<html><head><title>Internet Archive Wayback Machine</title></head>\n"
        f"<body><h1>{title}</h1>\n<p>{text}</p></body></html>\n"
    )
    return Answer(status, (("Content-Type", "text/html; charset=utf-8"), *headers), body.encode())


class _RateLimit:
    """A limit of requests in any minute; beyond it, all are refused until a minute without any."""

    def __init__(self, per_minute: int | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._recent: deque[float] | None = None if per_minute is None else deque(maxlen=per_minute)
        self._closed_until = float("-inf")

    def allows_another(self) -> bool:
        """Count a request, and return whether it is answered."""
        recent = self._recent
        if recent is None:
            return True
        now = self._clock()
        is_full = len(recent) == recent.maxlen and (not recent or now - recent[0] < _CLOSED_SECONDS)
        if is_full or now < self._closed_until:
            self._closed_until = now + _CLOSED_SECONDS
            return False
        recent.append(now)
        return True


def _replayed(
    captures: tuple[Capture, ...], at: int, then: Answer, flags: str, base_url: str
) -> Answer:
    """Return one of a URL's captures, whose answer was `then`; redirects stay in the archive."""
    row = captures[at].row
    crawled = http_date(captures[at].crawled)
    headers = [
        ("Content-Type", header(then, "content-type") or "application/octet-stream"),
        ("Memento-Datetime", crawled),
        ("Link", _links(captures, at, base_url)),
        ("X-Archive-Orig-Date", crawled),
        ("X-Archive-Orig-Content-Length", str(len(then.body))),
        ("X-Archive-Src", f"crawl-{row.timestamp[:8]}/{row.timestamp}-00000.warc.gz"),
    ]
    headers += [
        (f"X-Archive-Orig-{name}", text)
        for name, text in then.headers
        if name.lower() not in _NOT_PREFIXED
    ]
    if location := header(then, "location"):
        target = urljoin(row.original, location)
        headers.append(("Location", f"/web/{row.timestamp}{flags}/{target}"))
    return Answer(then.status, tuple(headers), then.body)


def _links(captures: tuple[Capture, ...], at: int, base_url: str) -> str:
    """Return the Link header: the original, its time map and gate, and the captures around."""
    original = captures[at].row.original
    base = f"{base_url}/web"
    links = [
        f'<{original}>; rel="original"',
        f'<{base}/timemap/link/{original}>; rel="timemap"; type="application/link-format"',
        f'<{base}/{original}>; rel="timegate"',
    ]
    last = len(captures) - 1
    around = {"first": 0, "prev": at - 1, "": at, "next": at + 1, "last": last}
    for index in sorted({index for index in around.values() if 0 <= index <= last}):
        names = [name for name, other in around.items() if name and other == index]
        row = captures[index].row
        links.append(
            f'<{base}/{row.timestamp}/{row.original}>; rel="{" ".join([*names, "memento"])}";'
            f' datetime="{http_date(captures[index].crawled)}"'
        )
    return ", ".join(links)
