"""The Gateway over HTTP: each URL gives one capture, or one failure with its kind.

Responses are hostile: `extractors.fetch.http` limits them. Redirects are followed here, hop by
hop, and checked before each is sent: within the allowed hosts, allowed by robots.txt, never in a
circle, never from https to http.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from queue import Empty, SimpleQueue
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from extractors.captures import NewCapture, NonCapture, RevisitCapture
from extractors.fetch.clock import Clock, utc
from extractors.fetch.errors import BadBaseError, Failure, FailureKind, FetchError
from extractors.fetch.http import HttpClient, Response
from extractors.fetch.robots import Robots
from extractors.fetch.throttle import RateLimiter

_MOST_HOPS = 5
_OK, _NOT_MODIFIED = 200, 304
_GONE = frozenset({404, 410})
_CLIENT_ERROR = 400
_ROBOTS_PATH = "/robots.txt"
# Younger than this when it was sent, a date cannot tell two versions apart: it has whole seconds.
_SETTLED_SECONDS = 60


class Site:
    """Where the site is asked, and the address that its pages are known by.

    They differ where a mirror or a stand-in is asked in the site's place.
    """

    def __init__(self, base_url: str, known_as: str | None = None, hosts: Iterable[str] = ()):
        self.base_url = _checked_base(base_url)
        self.known_as = _checked_base(known_as) if known_as else self.base_url
        parts = urlsplit(self.base_url)
        self.host = parts.hostname or ""
        self.place = parts.netloc.lower()
        self._hosts = {self.place, *(host.lower() for host in hosts)}

    def asked(self, url: str) -> str:
        """The address to ask for a page that is known by `url`."""
        return self._moved(url, self.known_as, self.base_url)

    def known(self, url: str) -> str:
        """The address that a page is known by."""
        return self._moved(url, self.base_url, self.known_as)

    def allows(self, url: str) -> bool:
        """Whether a page at an address, as asked, is the site's."""
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"}
            and parts.netloc.lower() in self._hosts
            and not (self.base_url.startswith("https:") and parts.scheme == "http")
        )

    def join(self, page: str, link: str) -> str | None:
        """The address that a page known by `page` means by a link; None out of the site."""
        try:
            url = urljoin(page, link.strip()).partition("#")[0]
            return url if self.allows(self.asked(url)) and url.isprintable() else None
        except ValueError:
            return None

    @staticmethod
    def _moved(url: str, before: str, after: str) -> str:
        return after + url[len(before) :] if url.startswith(f"{before}/") else url


class CachedCopy(NamedTuple):
    """What the archive holds of an address: the validators that came with it, and the body."""

    etag: str | None
    last_modified: str | None
    body_sha256: str
    body_bytes: int

    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it is another."""
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in conditions.items() if value}


class PageRequest(NamedTuple):
    """A page to be asked for, by the address that it is known by.

    `otherwise` are addresses to try, in order, where there is nothing at this one.
    """

    url: str
    held: CachedCopy | None = None
    otherwise: tuple[str, ...] = ()


class Gateway:
    """The site, asked politely. Safe between threads."""

    def __init__(
        self,
        site: Site,
        exchange: HttpClient,
        pace: RateLimiter,
        clock: Clock,
        *,
        by_its_clock: bool = False,
    ) -> None:
        self.site = site
        self.robots = Robots(None)
        self._exchange = exchange
        self._pace = pace
        self._clock = clock
        self._by_its_clock = by_its_clock
        self._aside: SimpleQueue[NonCapture] = SimpleQueue()

    def taken_aside(self) -> list[NonCapture]:
        """The answers since the last time that are no captures: robots.txt, redirects, errors."""
        taken = []
        with suppress(Empty):
            while True:
                taken.append(self._aside.get_nowait())
        return taken

    def read_robots(self) -> datetime:
        """Read the site's rules, which bind every later request; the time of the answer.

        Raises:
            SiteClosedError: the site cannot say, so nothing may be asked.
        """
        url = self.site.base_url + _ROBOTS_PATH
        try:
            final, answer = self._followed(url, {}, bound=False)
        except FetchError as error:
            raise Robots.unreachable(error) from error
        self._set_aside(final, answer, "robots")
        self.robots = Robots.of(answer)
        self._pace.at_least(self.robots.crawl_delay)
        return self._time(answer)[0]

    def ask(self, ask: PageRequest) -> NewCapture | RevisitCapture | Failure:
        """The page as it is now, or why it could not be had."""
        held = ask.held
        url = self.site.asked(ask.url)
        try:
            final, answer = self._followed(url, held.conditions() if held else {})
            if answer.status == _NOT_MODIFIED and held is not None and final == url:
                captured_at, source = self._time(answer)
                return RevisitCapture(
                    ask.url, captured_at, source, "gateway", held.body_sha256, held.body_bytes,
                    answer.status, answer.headers,
                )  # fmt: skip
            if answer.status != _OK:
                refusal = self._refusal(ask.url, answer)
                self._set_aside(final, answer, refusal.kind)
                return refusal
        except FetchError as error:
            return Failure(ask.url, error.kind, error.detail)
        captured_at, source = self._time(answer)
        return NewCapture(
            self.site.known(final), captured_at, source, "gateway", answer.body, answer.status,
            answer.headers,
        )  # fmt: skip

    def _followed(
        self, url: str, conditions: dict[str, str], *, bound: bool = True
    ) -> tuple[str, Response]:
        """The answer at the end of the redirects, and its address."""
        seen = [url]
        while True:
            if bound and not self.robots.allows(url):
                raise FetchError(FailureKind.ROBOTS, f"robots.txt does not allow {url}")
            answer = self._exchange.get_in_turn(url, self._pace, self._clock, conditions)
            if not answer.redirects:
                return url, answer
            self._set_aside(url, answer, "redirect")
            url = self._next_hop(url, answer)
            if url in seen or len(seen) > _MOST_HOPS:
                raise FetchError(
                    FailureKind.REDIRECT_LOOP, f"redirected {len(seen)} times, the last to {url}"
                )
            seen.append(url)
            conditions = {}  # which were about another address

    def _next_hop(self, url: str, answer: Response) -> str:
        location = answer.header("Location") or ""
        try:
            target = urljoin(url, location).partition("#")[0]
            allowed = bool(location) and self.site.allows(target)
        except ValueError:
            allowed = False
        if not allowed:
            raise FetchError(
                FailureKind.REDIRECT_REFUSED, f"redirected to {location[:200]!r}, out of the site"
            )
        return target

    def _set_aside(self, url: str, answer: Response, why: str) -> None:
        at = utc(self._clock.now())
        aside = NonCapture(
            self.site.known(url), at, why, answer.status, answer.headers, answer.body
        )
        self._aside.put(aside)

    def _refusal(self, url: str, answer: Response) -> Failure:
        """What a status other than 200 means."""
        status = answer.status
        detail = f"answered {status}"
        if answer.busy:
            date = http_time(answer.header("Date"))  # what a date in Retry-After is to be held to
            now = self._clock.now() if date is None else date.replace(tzinfo=UTC).timestamp()
            wait = retry_after(answer.header("Retry-After"), now)
            return Failure(url, FailureKind.BUSY, detail, wait)
        if status in _GONE:
            return Failure(url, FailureKind.NOT_FOUND, detail)
        if not answer.well:
            return Failure(url, FailureKind.SERVER_ERROR, detail)
        kind = FailureKind.REFUSED if status >= _CLIENT_ERROR else FailureKind.UNEXPECTED
        return Failure(url, kind, detail)

    def hold(self, seconds: float) -> None:
        """Ask nothing for so long, from anywhere on this machine."""
        self._pace.hold(seconds)

    def _time(self, answer: Response) -> tuple[datetime, str]:
        """The capture's time: ours, or the site's own where that was chosen."""
        if self._by_its_clock and (date := http_time(answer.header("Date"))) is not None:
            return date, "http_date"
        return utc(self._clock.now()), "fetch"


def usable_last_modified(last_modified: str | None, captured_at: datetime) -> str | None:
    """A Last-Modified that can tell versions apart; None for one that lies or was too young."""
    time = http_time(last_modified)
    if time is None or (captured_at - time).total_seconds() < _SETTLED_SECONDS:
        return None
    return last_modified


def retry_after(text: str | None, now: float) -> float | None:
    """Seconds to wait, from either form of Retry-After; None where it says nothing."""
    if text is None:
        return None
    stripped = text.strip()
    if stripped.isascii() and stripped.isdecimal():
        return float(stripped[:9])
    time = http_time(stripped)
    return None if time is None else max(0.0, time.replace(tzinfo=UTC).timestamp() - now)


def http_time(text: str | None) -> datetime | None:
    """An HTTP date in naive UTC."""
    if not text:
        return None
    try:
        time = parsedate_to_datetime(text)
        return (time.astimezone(UTC) if time.tzinfo else time).replace(tzinfo=None, microsecond=0)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _checked_base(url: str) -> str:
    try:
        parts = urlsplit(url)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        raise BadBaseError(_bad(url)) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_one:
        raise BadBaseError(_bad(url))
    if parts.username is not None or parts.password is not None:
        raise BadBaseError("the site's address must hold no name and password: it is archived")
    if parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise BadBaseError(_bad(url))
    return url.rstrip("/")


def _bad(url: str) -> str:
    return f"{url[:200]!r} is no address of a site such as https://mptf.undp.org"
