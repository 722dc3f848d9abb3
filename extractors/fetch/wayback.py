"""Web archives that answer as the Wayback Machine does: an index of captures, and their replay.

The index (CDX) lists what was captured when, with a digest of the bytes. A replay with `id_` gives
the bytes as they were; its own headers say whose they are (`Link rel="original"`) and of when
(`Memento-Datetime`). An answer without a Memento-Datetime is the archive's own: its error, or its
redirect to the capture that is nearest. With one it is a capture, whatever its status.

https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server describes the index,
RFC 7089 the headers.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from extractors.captures import NewCapture
from extractors.errors import MptfError
from extractors.fetch.clock import Clock
from extractors.fetch.errors import PASSING, Failure, FailureKind, FetchError
from extractors.fetch.gateway import http_time, retry_after
from extractors.fetch.http import HttpClient, Response
from extractors.fetch.throttle import RateLimiter
from extractors.ids import programme_id_of

_FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")
_QUOTED_CHARACTERS = 200
_ROWS = 5_000  # in one answer of the index
_MOST_ANSWERS = 1_000
_TIMESTAMP = re.compile(r"[0-9]{14}")
_REPLAY = re.compile(r"/web/(?P<timestamp>[0-9]{14})(?:[a-z]{2}_)?/(?P<url>.+)")
_ORIGINAL = re.compile(r'<([^<>]*)>;\s*rel="?original"?')
_ORIGINAL_PREFIX = "x-archive-orig-"
_MOST_HOPS = 5
_OK, _NOT_FOUND = 200, 404
_ATTEMPTS, _FIRST_WAIT = 5, 5.0  # seconds; twice as long each time
_LONGEST_WAIT = 600.0  # seconds; who is asked to wait longer gives up
_CLOSED_SECONDS = 60.0  # how long the archive stays shut after 429, if it does not say


class Listed(NamedTuple):
    """One line of the index, as listed: `timestamp` has 14 digits (UTC), `status` may be `-`."""

    timestamp: str
    original: str
    mimetype: str
    status: str
    digest: str

    @property
    def captured_at(self) -> datetime:
        """The capture's time, naive UTC."""
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S")  # noqa: DTZ007 because it is naive UTC

    @property
    def is_page(self) -> bool:
        """Whether it can be a page as the site sent it: no redirect and no error.

        A revisit has no status of its own; its digest is that of what it repeats.
        """
        return self.status in {"200", "-"}


class NotAPage(NamedTuple):
    """A capture of something else than a page: an archived redirect or an archived error."""

    url: str
    status: int


class BadIndexError(MptfError, ValueError):
    """The index answered something that is no listing; the message quotes it."""


def format_query(address: str, since: datetime | None, until: datetime | None) -> dict[str, str]:
    """The query for all captures of the addresses that begin with `address` (without scheme)."""
    query = {
        "url": address,
        "matchType": "prefix",
        "output": "json",
        "fl": ",".join(_FIELDS),
        "limit": str(_ROWS),
        "showResumeKey": "true",
    }
    if since is not None:
        query["from"] = f"{since:%Y%m%d%H%M%S}"
    if until is not None:
        query["to"] = f"{until:%Y%m%d%H%M%S}"
    return query


def parse_listing(text: str) -> tuple[list[Listed], str | None]:
    """The lines of one answer of the index, and the key with which it goes on.

    Raises:
        BadIndexError: it is no such answer.
    """
    if not text.strip():
        return [], None
    try:
        rows = json.loads(text)
        names = rows[0] if rows else list(_FIELDS)
        places = [names.index(name) for name in _FIELDS]
        key = None
        if rows[-2:-1] == [[]] and len(rows[-1]) == 1:
            key = str(rows[-1][0])
            rows = rows[:-2]
        listed = [Listed(*(str(row[place]) for place in places)) for row in rows[1:]]
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise BadIndexError(f"the index answered {text[:100]!r}, which is no listing") from error
    for row in listed:
        if not _is_time(row):
            raise BadIndexError(f"the index lists {row.timestamp!r}, which is no timestamp")
    return listed, key


def _is_time(row: Listed) -> bool:
    """Whether a line's timestamp is one: the index has some of a month 00, or of 24 o'clock."""
    try:
        return _TIMESTAMP.fullmatch(row.timestamp) is not None and bool(row.captured_at)
    except ValueError:
        return False


def digest_of(body: bytes) -> str:
    """A body's digest as the index has it: SHA-1 in base 32."""
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


class WebArchive:
    """A web archive, asked one thing at a time."""

    def __init__(
        self,
        base_url: str,
        exchange: HttpClient,
        index_pace: RateLimiter,
        replay_pace: RateLimiter,
        clock: Clock,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._exchange = exchange
        self._index_pace = index_pace
        self._replay_pace = replay_pace
        self._clock = clock

    def listing(
        self, address: str, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Listed]:
        """Every capture of the addresses that begin with `address`, in the index's order.

        Raises:
            FetchError: the index cannot be had.
            BadIndexError: it answers something else, or comes to no end.
        """
        query = format_query(address, since, until)
        for _ in range(_MOST_ANSWERS):
            url = f"{self._base_url}/cdx/search/cdx?{urlencode(query)}"
            answer = self._patiently(url, self._index_pace)
            if answer.status != _OK:
                raise FetchError(FailureKind.REFUSED, f"the index answered {answer.status}")
            listed, key = parse_listing(answer.body.decode("utf-8", "replace"))
            yield from listed
            if key is None:
                return
            if key == query.get("resumeKey"):
                raise BadIndexError(f"the index goes on with the key that it was asked by: {key!r}")
            query["resumeKey"] = key
        raise BadIndexError(f"the index goes on after {_MOST_ANSWERS:,} answers")

    def replay(self, listed: Listed) -> NewCapture | NotAPage | Failure:
        """A capture's bytes, with the address and time that the archive says are theirs."""
        url = f"{self._base_url}/web/{listed.timestamp}id_/{listed.original}"
        try:
            for _ in range(_MOST_HOPS):
                answer = self._patiently(url, self._replay_pace)
                if answer.header("Memento-Datetime") is not None:
                    return _capture(listed, answer)
                if not answer.redirects:
                    break
                url = self._nearest(url, answer)
        except FetchError as error:
            return Failure(listed.original, error.kind, error.detail)
        kind = FailureKind.NOT_FOUND if answer.status == _NOT_FOUND else FailureKind.REFUSED
        return Failure(
            listed.original, kind, f"the archive answered {answer.status} for {listed.timestamp}"
        )

    def _nearest(self, url: str, answer: Response) -> str:
        """Where the archive has the capture that is nearest to the one asked for."""
        target = urljoin(url, answer.header("Location") or "")
        here, there = urlsplit(self._base_url), urlsplit(target)
        if here[:2] != there[:2] or not _REPLAY.fullmatch(there.path):
            raise FetchError(
                FailureKind.REDIRECT_REFUSED, f"redirected to {target[:200]!r}, out of the archive"
            )
        return target

    def _patiently(self, url: str, pace: RateLimiter) -> Response:
        """An answer, asked for again while the archive is busy or silent."""
        wait = _FIRST_WAIT
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = self._exchange.get_in_turn(url, pace, self._clock)
            except FetchError as error:
                if error.kind not in PASSING or attempt == _ATTEMPTS:
                    raise
                self._clock.sleep(wait)
            else:
                if answer.well or answer.header("Memento-Datetime") is not None:
                    return answer
                if attempt == _ATTEMPTS:
                    raise FetchError(FailureKind.BUSY, f"the archive answered {answer.status}")
                asked = retry_after(answer.header("Retry-After"), self._clock.now())
                if asked is not None and asked > _LONGEST_WAIT:
                    detail = f"the archive asks to be left alone for {asked:.0f} seconds"
                    raise FetchError(FailureKind.BUSY, detail)
                busy = _CLOSED_SECONDS if answer.busy else wait
                self._clock.sleep(busy if asked is None else asked)
            wait *= 2
        raise AssertionError("the last attempt returns or raises")


def _capture(listed: Listed, answer: Response) -> NewCapture | NotAPage:
    """What a replay is, by its own headers.

    Raises:
        FetchError: they say that it is of another programme than was asked for.
    """
    link = _ORIGINAL.search(answer.header("Link") or "")
    url = _plain(link[1] if link else listed.original)
    if programme_id_of(url) != programme_id_of(listed.original) or not url.isprintable():
        detail = f"the archive answers with a capture of {url[:_QUOTED_CHARACTERS]!r}"
        raise FetchError(FailureKind.UNEXPECTED, detail)
    if answer.status != _OK:
        return NotAPage(url, answer.status)
    headers = tuple(
        (name[len(_ORIGINAL_PREFIX) :], value)
        for name, value in answer.headers
        if name.lower().startswith(_ORIGINAL_PREFIX)
    )
    told = http_time(answer.header("Memento-Datetime"))
    captured_at, source = (listed.captured_at, "index") if told is None else (told, "memento")
    return NewCapture(url, captured_at, source, "wayback", answer.body, answer.status, headers)


def plain_address(listed: Listed) -> str:
    """The address that a listed capture is known by, as far as the index says."""
    return _plain(listed.original)


def _plain(url: str) -> str:
    """An address without the port that its scheme has anyway (`http://site:80/`)."""
    return re.sub(r"^(http://[^/:]+):80(?=/|$)|^(https://[^/:]+):443(?=/|$)", r"\1\2", url)
