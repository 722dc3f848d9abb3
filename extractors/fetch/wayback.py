"""A client of web archives with the Wayback Machine's protocol: an index of captures, and replays.

The index (CDX) lists URL and time of each capture, with a digest of its bytes. A replay with `id_`
returns these bytes; its headers have the original URL (`Link rel="original"`) and capture time
(`Memento-Datetime`). A response without a Memento-Datetime is the archive's own: an error, or a
redirect to the nearest capture. One with a Memento-Datetime is a capture, whatever its status.

https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server describes the index,
RFC 7089 the headers.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from extractors.captures import NewCapture
from extractors.errors import MptfError
from extractors.fetch.clock import Clock
from extractors.fetch.errors import TRANSIENT, Failure, FailureKind, FetchError
from extractors.fetch.gateway import retry_after
from extractors.fetch.http import HttpClient, Response
from extractors.fetch.throttle import RateLimiter
from extractors.ids import fund_code_of, programme_id_of, statement_month_of
from extractors.times import mail_time

_FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")
_QUOTED_CHARACTERS = 200
_ROWS_PER_RESPONSE = 5_000
_MAX_RESPONSES = 1_000  # of the index, to one search
_TIMESTAMP = re.compile(r"[0-9]{14}")
_LENGTH = re.compile(r"[0-9]{1,12}")
_DIGEST = re.compile(r"[A-Z2-7]{32}")  # SHA-1 in base 32
_REPLAY = re.compile(r"/web/(?P<timestamp>[0-9]{14})(?:[a-z]{2}_)?/(?P<url>.+)")
_ORIGINAL = re.compile(r'<([^<>]*)>;\s*rel="?original"?')
_ORIGINAL_PREFIX = "x-archive-orig-"
_MAX_REDIRECTS = 5
_OK, _NOT_FOUND = 200, 404
_ATTEMPTS, _FIRST_WAIT = 5, 5.0  # seconds; twice as long each time
_LONGEST_WAIT = 600.0  # seconds; a longer Retry-After is a failure
_BUSY_WAIT = 60.0  # seconds after a 429 or 503 without Retry-After


class CdxRow(NamedTuple):
    """A row of the index as printed: `timestamp` has 14 digits (UTC), `status` may be `-`."""

    timestamp: str
    original: str
    mimetype: str
    status: str
    digest: str

    @property
    def captured_at(self) -> datetime:
        """Return the capture time, naive UTC."""
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S")  # noqa: DTZ007 because it is naive UTC

    @property
    def url(self) -> str:
        """Return the URL of the page, without the default port."""
        return _without_default_port(self.original)

    @property
    def is_page(self) -> bool:
        """Return whether it may be a page, not a redirect or an error.

        A revisit has status `-`, and the digest of the capture that it repeats.
        """
        return self.status in {"200", "-"}


class BadRow(NamedTuple):
    """A row of the index that cannot be read, as printed."""

    text: str


class NotAPage(NamedTuple):
    """An archived redirect or error."""

    url: str
    status: int


class BadIndexError(MptfError, ValueError):
    """An invalid response of the index, which the message quotes."""


def format_query(prefix: str, since: datetime | None, until: datetime | None) -> dict[str, str]:
    """Return the query for all captures of URLs that begin with `prefix` (without scheme)."""
    query = {
        "url": prefix,
        "matchType": "prefix",
        "output": "json",
        "fl": ",".join(_FIELDS),
        "limit": str(_ROWS_PER_RESPONSE),
        "showResumeKey": "true",
    }
    if since is not None:
        query["from"] = f"{since:%Y%m%d%H%M%S}"
    if until is not None:
        query["to"] = f"{until:%Y%m%d%H%M%S}"
    return query


def parse_index(text: str) -> tuple[list[CdxRow | BadRow], str | None]:
    """Parse a response of the index into its rows and its resume key, if there is more.

    Raises:
        BadIndexError: the text is not such a response.
    """
    if not text.strip():
        return [], None
    try:
        rows = json.loads(text)
        names = rows[0] if rows else list(_FIELDS)
        columns = [names.index(name) for name in _FIELDS]
        resume_key = None
        if rows[-2:-1] == [[]] and len(rows[-1]) == 1:
            resume_key = str(rows[-1][0])
            rows = rows[:-2]
        return [_parse_row(row, columns) for row in rows[1:]], resume_key
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise BadIndexError(f"the index answered {text[:100]!r}, not rows") from error


def _parse_row(row: Any, columns: Sequence[int]) -> CdxRow | BadRow:
    try:
        fields = [row[column] for column in columns]
    except (IndexError, TypeError, KeyError):
        fields = []
    if fields and all(isinstance(field, str) for field in fields):
        parsed = CdxRow(*fields)
        if _has_time(parsed):
            return parsed
    return BadRow(json.dumps(row)[:_QUOTED_CHARACTERS])


def _has_time(row: CdxRow) -> bool:
    """Check a timestamp: the real index has some with month 00 or hour 24."""
    try:
        return _TIMESTAMP.fullmatch(row.timestamp) is not None and bool(row.captured_at)
    except ValueError:
        return False


def cdx_digest(body: bytes) -> str:
    """Return the digest that the index has for a body: SHA-1 in base 32."""
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


class WebArchive:
    """A web archive: one search or replay at a time."""

    def __init__(
        self,
        base_url: str,
        client: HttpClient,
        index_limiter: RateLimiter,
        replay_limiter: RateLimiter,
        clock: Clock,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._client = client
        self._index_limiter = index_limiter
        self._replay_limiter = replay_limiter
        self._clock = clock

    def search(
        self, prefix: str, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[CdxRow | BadRow]:
        """Yield all captures of URLs that begin with `prefix`, in the index's order.

        A row that cannot be read costs that row.

        Raises:
            FetchError: the index cannot be fetched.
            BadIndexError: its response is invalid, or never ends.
        """
        query = format_query(prefix, since, until)
        for _ in range(_MAX_RESPONSES):
            url = f"{self._base_url}/cdx/search/cdx?{urlencode(query)}"
            response = self._get_with_retries(url, self._index_limiter)
            if response.status != _OK:
                raise FetchError(FailureKind.REFUSED, f"the index answered {response.status}")
            rows, resume_key = parse_index(response.body.decode("utf-8", "replace"))
            yield from rows
            if resume_key is None:
                return
            if resume_key == query.get("resumeKey"):
                raise BadIndexError(f"the index repeats its resume key: {resume_key!r}")
            query["resumeKey"] = resume_key
        raise BadIndexError(f"the index does not end after {_MAX_RESPONSES:,} responses")

    def replay(self, row: CdxRow) -> NewCapture | NotAPage | Failure:
        """Fetch a capture, with the URL and time that the archive's headers give it."""
        url = f"{self._base_url}/web/{row.timestamp}id_/{row.original}"
        try:
            for _ in range(_MAX_REDIRECTS):
                response = self._get_with_retries(url, self._replay_limiter)
                if response.header("Memento-Datetime") is not None:
                    return _capture(row, response)
                if not response.is_redirect:
                    break
                url = self._nearest_replay(url, response)
        except FetchError as error:
            return Failure(row.original, error.kind, error.detail)
        kind = FailureKind.NOT_FOUND if response.status == _NOT_FOUND else FailureKind.REFUSED
        return Failure(
            row.original, kind, f"the archive answered {response.status} for {row.timestamp}"
        )

    def _nearest_replay(self, url: str, response: Response) -> str:
        """Return the target of the archive's redirect to the capture nearest in time."""
        location = response.header("Location") or ""
        try:
            target = urljoin(url, location)
            base_parts, parts = urlsplit(self._base_url), urlsplit(target)
            is_replay = base_parts[:2] == parts[:2] and _REPLAY.fullmatch(parts.path)
        except ValueError:  # such as http://[/
            is_replay = None
        if not is_replay:
            raise FetchError(
                FailureKind.REDIRECT_REFUSED, f"redirected off the archive, to {location[:200]!r}"
            )
        return target

    def _get_with_retries(self, url: str, limiter: RateLimiter) -> Response:
        """Fetch a URL of the archive, again while the archive is busy or silent."""
        wait = _FIRST_WAIT
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                response = self._client.get_throttled(url, limiter, self._clock)
            except FetchError as error:
                if error.kind not in TRANSIENT or attempt == _ATTEMPTS:
                    raise
                self._clock.sleep(wait)
            else:
                if response.server_ok or response.header("Memento-Datetime") is not None:
                    return response
                if attempt == _ATTEMPTS:
                    raise FetchError(FailureKind.BUSY, f"the archive answered {response.status}")
                retry_in = retry_after(response.header("Retry-After"), self._clock.now())
                if retry_in is not None and retry_in > _LONGEST_WAIT:
                    detail = f"the archive asks for a pause of {retry_in:.0f} seconds"
                    raise FetchError(FailureKind.BUSY, detail)
                default = _BUSY_WAIT if response.is_busy else wait
                self._clock.sleep(default if retry_in is None else retry_in)
            wait *= 2
        raise AssertionError("the last attempt returns or raises")


def _capture(row: CdxRow, response: Response) -> NewCapture | NotAPage:
    """Make a capture of a replay, with the URL and time in its headers, and whether it is whole.

    Raises:
        FetchError: the replay is of another programme, fund or month than requested.
    """
    link = _ORIGINAL.search(response.header("Link") or "")
    url = _without_default_port(link[1]) if link else row.url
    if _subject(url) != _subject(row.original) or not url.isprintable():
        detail = f"the archive answers with a capture of {url[:_QUOTED_CHARACTERS]!r}"
        raise FetchError(FailureKind.UNEXPECTED, detail)
    if response.status != _OK:
        return NotAPage(url, response.status)
    headers = tuple(
        (name[len(_ORIGINAL_PREFIX) :], value)
        for name, value in response.headers
        if name.lower().startswith(_ORIGINAL_PREFIX)
    )
    memento = mail_time(response.header("Memento-Datetime"))
    captured_at, source = (row.captured_at, "index") if memento is None else (memento, "memento")
    return NewCapture(
        url, captured_at, source, "wayback", response.body, response.status, headers,
        cut_short=_cut_short(row, captured_at, response.body, dict(headers)),
    )  # fmt: skip


def _cut_short(
    row: CdxRow, captured_at: datetime, body: bytes, headers: Mapping[str, str]
) -> str | None:
    """Return why a replay is not the whole capture that the archive has, None if it is.

    Length and digest are those of the encoded body; a decoder has checked the end and the sums of
    that. The digest is the row's only if the archive did not redirect to another capture.
    """
    original = {name.lower(): value for name, value in headers.items()}
    if original.get("content-encoding", "").strip().lower() not in {"", "identity"}:
        return None
    length = original.get("content-length", "").strip()
    if _LENGTH.fullmatch(length) and len(body) < int(length):
        return "length"
    is_of_row = captured_at == row.captured_at and _DIGEST.fullmatch(row.digest)
    return "digest" if is_of_row and cdx_digest(body) != row.digest else None


def _subject(url: str) -> tuple[str | None, str | None, str | None]:
    """Return the programme, the fund and the month of its statement that a URL names."""
    return programme_id_of(url), fund_code_of(url), statement_month_of(url)


def _without_default_port(url: str) -> str:
    """Remove the default port of the scheme, as in `http://site:80/`."""
    return re.sub(r"^(http://[^/:]+):80(?=/|$)|^(https://[^/:]+):443(?=/|$)", r"\1\2", url)
