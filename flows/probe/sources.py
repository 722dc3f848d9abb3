"""Where a probe gets responses from: the site, each archived first, or an earlier probe's archive.

Both give the same outcome for the same URL, so that both lead to the same report.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import urljoin, urlsplit

from extractors.archive.reader import Archive
from extractors.archive.responses import ArchivedResponse, Responses
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture, NonCapture, RevisitCapture
from extractors.errors import MptfError
from extractors.fetch.clock import Clock, to_utc
from extractors.fetch.errors import BadBaseError, Failure, FailureKind, SiteClosedError
from extractors.fetch.gateway import Gateway, PageRequest, Site
from extractors.fetch.http import Response
from extractors.fetch.robots import Robots
from extractors.fetch.throttle import Budget
from flows.crawl.site import open_gateway
from flows.settings import Settings

_ROBOTS_PATH = "/robots.txt"
_MAX_REDIRECTS = 5
_LONGEST_DETAIL = 500  # bytes
# Nothing was received, so there is nothing to archive.
_UNSENT = frozenset({FailureKind.ROBOTS, FailureKind.NOT_ASKED})


class NoProbeError(MptfError):
    """No probe of the site is archived here; the message says what to do."""


class Source(Protocol):
    """Responses of a site, or of its archive.

    Attributes:
        site: the site.
        started_at: when the probe began, by the clock of its captures (naive UTC).
        robots: the rules of its robots.txt.
        requests: how many requests were sent.
        left: how many more may be sent; None if none are.
    """

    site: Site
    started_at: datetime
    robots: Robots

    @property
    def requests(self) -> int:
        """Return how many requests were sent."""

    @property
    def left(self) -> int | None:
        """Return how many requests may still be sent; None if none ever are."""

    def fetch(self, url: str, headers: Mapping[str, str]) -> NewCapture | Failure:
        """Return what a URL, as archived, was answered with."""

    def archived_urls(self) -> list[str]:
        """Return the URLs that earlier probes asked for; none if the site itself is asked."""


class LiveSource:
    """The site; every response is archived before it is returned."""

    def __init__(
        self, gateway: Gateway, writer: ArchiveWriter, started_at: datetime, clock: Clock,
        settings: Settings, budget: Budget, most: int,
    ) -> None:  # fmt: skip
        self.site = gateway.site
        self.robots = gateway.robots
        self.started_at = started_at
        self._gateway = gateway
        self._writer = writer
        self._clock = clock
        self._settings = settings
        self._budget = budget
        self._most = most

    @property
    def requests(self) -> int:
        """Return how many requests were sent."""
        return self._most - self._budget.left

    @property
    def left(self) -> int | None:
        """Return how many requests may still be sent."""
        return self._budget.left

    def fetch(self, url: str, headers: Mapping[str, str]) -> NewCapture | Failure:
        """Fetch a URL, once more if that may help, and archive what was answered."""
        outcome = self._fetch_once(url, headers)
        if isinstance(outcome, Failure) and outcome.is_transient and self.left:
            wait = outcome.retry_after or self._settings.retry_seconds
            if wait <= self._settings.longest_wait:
                self._clock.sleep(wait)
                outcome = self._fetch_once(url, headers)
        return outcome

    def archived_urls(self) -> list[str]:
        """Return nothing."""
        return []

    def _fetch_once(self, url: str, headers: Mapping[str, str]) -> NewCapture | Failure:
        outcome = self._gateway.fetch(PageRequest(url, headers=tuple(headers.items())))
        others = _archive_others(self._gateway, self._writer)
        if isinstance(outcome, RevisitCapture):
            raise AssertionError("no request of a probe is conditional")
        if isinstance(outcome, NewCapture):
            self._writer.add(outcome)
        elif outcome.kind not in _UNSENT and all(other.reason != outcome.kind for other in others):
            self._writer.add_non_capture(_failed(outcome, to_utc(self._clock.now())))
        return outcome


def _failed(failure: Failure, at: datetime) -> NonCapture:
    """Return the record of a request without a response."""
    return NonCapture(failure.url, at, failure.kind, None, (), failure.detail.encode())


@contextmanager
def open_site(
    settings: Settings, archive: Archive, clock: Clock, now: datetime, most: int
) -> Iterator[LiveSource]:
    """Read the site's robots.txt, and yield the site for `most` requests in all.

    Raises:
        SiteClosedError: robots.txt cannot be fetched, so nothing was requested.
        SettingsError: the site is not on this machine, and no contact or no pace is set.
        BadBaseError: the base URL is invalid.
    """
    budget = Budget(most)
    with open_gateway(settings, clock, budget) as gateway:
        try:
            started_at = gateway.read_robots()
        except SiteClosedError:
            with _writer(archive, now) as writer:
                _archive_others(gateway, writer)
            raise
        with _writer(archive, started_at) as writer:
            _archive_others(gateway, writer)
            yield LiveSource(gateway, writer, started_at, clock, settings, budget, most)


def _writer(archive: Archive, started_at: datetime) -> ArchiveWriter:
    run_id = f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    return ArchiveWriter(archive, run_id, started_at, lambda _: None)


def _archive_others(gateway: Gateway, writer: ArchiveWriter) -> list[NonCapture]:
    """Archive and return the responses that are not captures."""
    others = gateway.pop_non_captures()
    for other in others:
        writer.add_non_capture(other)
    return others


class _Opening(NamedTuple):
    """How a probe's archive file begins."""

    warc_file: str
    site: Site
    robots: Robots
    started_at: datetime


class ArchivedSource:
    """What earlier probes of a site archived; nothing is requested."""

    def __init__(self, responses: Responses, newest: _Opening) -> None:
        self.site = newest.site
        self.started_at = newest.started_at
        self.robots = newest.robots
        self.requests = responses.counts[newest.warc_file]
        self.left = None
        self._responses = responses

    def fetch(self, url: str, headers: Mapping[str, str]) -> NewCapture | Failure:  # noqa: ARG002 because what was sent is not archived
        """Return what a URL was answered with when it was last asked for."""
        at = url
        for _ in range(_MAX_REDIRECTS + 1):
            if not self.robots.allows(at):
                return Failure(url, FailureKind.ROBOTS, f"robots.txt does not allow {at}")
            found = self._responses.get(at)
            if found is None:
                break
            if not found.reason:
                return NewCapture(
                    at, found.received_at, "fetch", "gateway", found.body, found.status,
                    found.headers,
                )  # fmt: skip
            if found.reason != "redirect":
                return Failure(url, _kind(found.reason), _detail(found))
            at = self._target(at, _response(found).header("Location") or "")
        return Failure(url, FailureKind.NOT_ASKED, "no request was left")

    def archived_urls(self) -> list[str]:
        """Return the URLs that were asked for."""
        return self._responses.urls()

    def _target(self, url: str, location: str) -> str:
        """Return where a redirect leads; one to a mirror's own host stays on the site."""
        target = urljoin(url, location).partition("#")[0]
        if self._responses.get(target) is None:
            parts = urlsplit(target)
            query = f"?{parts.query}" if parts.query else ""
            return f"{self.site.known_as}{parts.path}{query}"
        return target


def open_archive(archive: Archive, base_url: str | None) -> ArchivedSource:
    """Return what the probes of a site archived; without a base URL, of the site probed last.

    Raises:
        NoProbeError: none is archived.
        SiteClosedError: the newest one received no usable robots.txt.
    """
    base = Site(base_url).known_as if base_url else None
    found: list[_Opening] = []
    problem: SiteClosedError | None = None
    for name in reversed(archive.files()):
        try:
            opening = _opening(archive, name)
        except SiteClosedError as error:
            problem = problem or error
            continue
        if opening is not None and base in {None, opening.site.known_as}:
            base = opening.site.known_as
            found.append(opening)
    if found:
        return ArchivedSource(Responses(archive, [one.warc_file for one in found[::-1]]), found[0])
    if problem is not None:
        raise problem
    of_site = f" of {base_url}" if base_url else ""
    raise NoProbeError(
        f"no probe{of_site} is archived in {archive.folder}: run `mptf probe`, or copy the probe/"
        " folder of someone who did"
    )


def _opening(archive: Archive, warc_file: str) -> _Opening | None:
    """Return how an archive file begins: a probe's asks for robots.txt, maybe over redirects.

    Raises:
        SiteClosedError: the site answered so that nothing might be requested.
    """
    responses = Responses(archive, [warc_file])
    first = [responses.get(url) for url in responses.urls()[: _MAX_REDIRECTS + 1]]
    robots = next((one for one in first if one and one.reason == "robots"), None)
    if robots is None or not first[0] or not first[0].url.endswith(_ROBOTS_PATH):
        return None
    try:
        site = Site(first[0].url.removesuffix(_ROBOTS_PATH))
    except BadBaseError:
        return None
    return _Opening(warc_file, site, Robots.from_response(_response(robots)), robots.started_at)


def _response(archived: ArchivedResponse) -> Response:
    return Response(archived.status or 0, archived.headers, archived.body)


def _kind(reason: str) -> FailureKind:
    try:
        return FailureKind(reason)
    except ValueError:
        return FailureKind.UNEXPECTED


def _detail(found: ArchivedResponse) -> str:
    if found.status is not None:
        return f"answered {found.status}"
    return found.body[:_LONGEST_DETAIL].decode(errors="replace")
