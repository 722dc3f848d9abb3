"""The Gateway over HTTP: each URL gives one capture, or one failure with its kind.

Responses are hostile: `extractors.fetch.http` limits them. Redirects are followed here, and each
target is checked before it is requested: on an allowed host, allowed by robots.txt, not requested
before, and never from https to http.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from extractors.captures import NewCapture, NonCapture, RevisitCapture
from extractors.fetch.clock import Clock, to_utc
from extractors.fetch.errors import BadBaseError, Failure, FailureKind, FetchError
from extractors.fetch.http import HttpClient, Response
from extractors.fetch.robots import Robots
from extractors.fetch.throttle import RateLimiter
from extractors.ids import api_query_of, subject_of
from extractors.times import mail_time

_MAX_REDIRECTS = 5
_OK, _NOT_MODIFIED = 200, 304
_GONE = frozenset({404, 410})
_CLIENT_ERROR = 400
_ROBOTS_PATH = "/robots.txt"
# HTTP dates have whole seconds, so a page may change again within the second of its Last-Modified.
_MIN_AGE_SECONDS = 60


class Site:
    """The base URL that requests go to, and the one in the archived URLs of its pages.

    They differ if a mirror or a stand-in is used instead of the site.
    """

    def __init__(self, base_url: str, known_as: str | None = None, hosts: Iterable[str] = ()):
        self.base_url = _checked_base(base_url)
        self.known_as = _checked_base(known_as) if known_as else self.base_url
        parts = urlsplit(self.base_url)
        self.host = parts.hostname or ""
        self.netloc = parts.netloc.lower()
        self._hosts = {self.netloc, *(host.lower() for host in hosts)}

    def request_url(self, url: str) -> str:
        """Return the URL to request for a page that is archived as `url`."""
        return _rebase(url, self.known_as, self.base_url)

    def archived_url(self, url: str) -> str:
        """Return the URL to archive for a page that was requested as `url`."""
        return _rebase(url, self.base_url, self.known_as)

    def allows(self, url: str) -> bool:
        """Return whether a URL, as requested, is on the site."""
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"}
            and parts.netloc.lower() in self._hosts
            and not (self.base_url.startswith("https:") and parts.scheme == "http")
        )

    def join(self, page: str, link: str) -> str | None:
        """Resolve a link of the page archived as `page`; None if it leads off the site."""
        try:
            url = urljoin(page, link.strip()).partition("#")[0]
            return url if self.allows(self.request_url(url)) and url.isprintable() else None
        except ValueError:
            return None


def _rebase(url: str, old_base: str, new_base: str) -> str:
    return new_base + url[len(old_base) :] if url.startswith(f"{old_base}/") else url


class CachedCopy(NamedTuple):
    """An archived page: the validators in its response, and the digest and size of its body."""

    etag: str | None
    last_modified: str | None
    body_sha256: str
    body_bytes: int

    def conditions(self) -> dict[str, str]:
        """Return the headers that request the page only if it has changed."""
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in conditions.items() if value}


class PageRequest(NamedTuple):
    """A page to fetch, by its archived URL. `alternatives` are URLs to try after a 404, in order.

    With `cached`, the request is conditional; with `afresh` none for its subject is. `headers` are
    sent to the URL itself only. With `stays`, a redirect from a list or the API to anything else is
    a failure: a site that has none leads to its home page or to a login. `refused_before` says that
    the site refused the page since it last sent it.
    """

    url: str
    cached: CachedCopy | None = None
    alternatives: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    stays: bool = False
    afresh: bool = False
    refused_before: bool = False


class Gateway:
    """The site, fetched at the pace of a rate limiter. Safe between threads.

    Args:
        site: where to send requests, and how to name pages.
        client: the HTTP client.
        limiter: what delays requests.
        clock: the time of captures, and waiting.
        by_its_clock: whether captures have the time of the response's Date header.
    """

    def __init__(
        self,
        site: Site,
        client: HttpClient,
        limiter: RateLimiter,
        clock: Clock,
        *,
        by_its_clock: bool = False,
    ) -> None:
        self.site = site
        self.robots = Robots(None)
        self._client = client
        self._limiter = limiter
        self._clock = clock
        self._by_its_clock = by_its_clock
        self._non_captures: SimpleQueue[NonCapture] = SimpleQueue()

    def abort(self) -> None:
        """End every request under way: nobody waits for its response."""
        self._client.abort()

    def pop_non_captures(self) -> list[NonCapture]:
        """Remove and return the responses since the last call that are not captures."""
        popped = []
        with suppress(Empty):
            while True:
                popped.append(self._non_captures.get_nowait())
        return popped

    def read_robots(self) -> datetime:
        """Load robots.txt, which binds every later request, and return the time of the response.

        Raises:
            SiteClosedError: it cannot be fetched, so nothing may be requested.
        """
        try:
            url, response = self._follow(self.site.base_url + _ROBOTS_PATH, {}, obey_robots=False)
        except FetchError as error:
            raise Robots.unreachable(error) from error
        self._note_non_capture(url, response, "robots")
        self.robots = Robots.from_response(response)
        self._limiter.require_delay(self.robots.crawl_delay)
        return self._time_of(response)[0]

    def fetch(self, request: PageRequest) -> NewCapture | RevisitCapture | Failure:
        """Fetch a page."""
        cached = request.cached
        url = self.site.request_url(request.url)
        headers = dict(request.headers) | (cached.conditions() if cached else {})
        try:
            final_url, response = self._follow(url, headers)
        except FetchError as error:
            return Failure(request.url, error.kind, error.detail)
        captured_at, source = self._time_of(response)
        if response.status == _NOT_MODIFIED and cached is not None and final_url == url:
            return RevisitCapture(
                request.url, captured_at, source, "gateway", cached.body_sha256, cached.body_bytes,
                response.status, response.headers,
            )  # fmt: skip
        if response.status != _OK:
            failure = self._failure(request.url, response)
            self._note_non_capture(final_url, response, failure.kind)
            return failure
        if request.stays and _kind_of(final_url) != _kind_of(url):
            self._note_non_capture(final_url, response, FailureKind.MOVED)
            return Failure(request.url, FailureKind.MOVED, f"leads to {_path_of(final_url)}")
        return NewCapture(
            self.site.archived_url(final_url), captured_at, source, "gateway", response.body,
            response.status, response.headers,
        )  # fmt: skip

    def pause(self, seconds: float) -> None:
        """Send no request for so long, from any run that shares the rate limiter."""
        self._limiter.pause(seconds)

    def _follow(
        self, url: str, headers: dict[str, str], *, obey_robots: bool = True
    ) -> tuple[str, Response]:
        """Follow redirects from a URL; return the last URL and its response."""
        requested = [url]
        while True:
            if obey_robots and not self.robots.allows(url):
                raise FetchError(FailureKind.ROBOTS, f"robots.txt does not allow {url}")
            response = self._client.get_throttled(url, self._limiter, self._clock, headers)
            if not response.is_redirect:
                return url, response
            self._note_non_capture(url, response, "redirect")
            url = self._redirect_target(url, response)
            if url in requested or len(requested) > _MAX_REDIRECTS:
                raise FetchError(
                    FailureKind.REDIRECT_LOOP,
                    f"redirected {len(requested)} times, the last to {url}",
                )
            requested.append(url)
            headers = {}  # the validators were another URL's

    def _redirect_target(self, url: str, response: Response) -> str:
        location = response.header("Location") or ""
        try:
            target = urljoin(url, location).partition("#")[0]
            allowed = bool(location) and self.site.allows(target)
        except ValueError:
            allowed = False
        if not allowed:
            raise FetchError(
                FailureKind.REDIRECT_REFUSED, f"redirected off the site, to {location[:200]!r}"
            )
        return target

    def _note_non_capture(self, url: str, response: Response, reason: str) -> None:
        received_at = to_utc(self._clock.now())
        url = self.site.archived_url(url)
        self._non_captures.put(
            NonCapture(url, received_at, reason, response.status, response.headers, response.body)
        )

    def _failure(self, url: str, response: Response) -> Failure:
        """Classify a status other than 200."""
        status = response.status
        detail = f"answered {status}"
        if response.is_busy:
            date = mail_time(response.header("Date"))  # a date in Retry-After is by this clock
            now = self._clock.now() if date is None else date.replace(tzinfo=UTC).timestamp()
            wait = retry_after(response.header("Retry-After"), now)
            return Failure(url, FailureKind.BUSY, detail, wait)
        if status in _GONE:
            return Failure(url, FailureKind.NOT_FOUND, detail)
        if not response.server_ok:
            return Failure(url, FailureKind.SERVER_ERROR, detail)
        kind = FailureKind.REFUSED if status >= _CLIENT_ERROR else FailureKind.UNEXPECTED
        return Failure(url, kind, detail)

    def _time_of(self, response: Response) -> tuple[datetime, str]:
        """Return the capture time and its source: our clock, or the site's if configured."""
        if self._by_its_clock and (date := mail_time(response.header("Date"))) is not None:
            return date, "http_date"
        return to_utc(self._clock.now()), "fetch"


def _kind_of(url: str) -> str | None:
    return "api" if api_query_of(url) else subject_of(url)


def _path_of(url: str) -> str:
    return urlsplit(url).path[:200] or "/"


def usable_last_modified(last_modified: str | None, captured_at: datetime) -> str | None:
    """Return a Last-Modified that can tell versions apart; None if too new or in the future."""
    time = mail_time(last_modified)
    if time is None or (captured_at - time).total_seconds() < _MIN_AGE_SECONDS:
        return None
    return last_modified


def retry_after(text: str | None, now: float) -> float | None:
    """Parse Retry-After, seconds or an HTTP date, into seconds; None if it is neither."""
    if text is None:
        return None
    stripped = text.strip()
    if stripped.isascii() and stripped.isdecimal():
        return float(stripped[:9])
    time = mail_time(stripped)
    return None if time is None else max(0.0, time.replace(tzinfo=UTC).timestamp() - now)


def _checked_base(url: str) -> str:
    message = f"the base URL is invalid: {url[:200]!r}; use one such as https://mptf.undp.org"
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        raise BadBaseError(message) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
        raise BadBaseError(message)
    if parts.username is not None or parts.password is not None:
        raise BadBaseError("the base URL must not contain a name and password: it is archived")
    if parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise BadBaseError(message)
    return url.rstrip("/")
