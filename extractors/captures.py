"""Results of fetching a URL or opening a file: captures, responses that are none, and refusals.

A capture is cut short where its archive, headers or digests say that bytes are missing; what the
bytes themselves show of it is the parser's to see. Its `cut_short` is the reason in one word, as in
`WARC-Truncated`: `length`, `time`, `disconnect`, `chunks`, `digest`, `unspecified`.
"""

import hashlib
from datetime import datetime
from typing import NamedTuple

from extractors.ids import capture_id, parse_key


class NewCapture(NamedTuple):
    """A page to archive. Times are naive UTC, whole seconds.

    `headers` are those of the response, as (name, value) pairs; a saved file has none. `known_as`
    are names under which other records may refer to it: its ID, place and digests in another
    archive. `given_at` is the capture time as given, where one that the capture shows counts
    instead; `shown_at` is one that it shows, more than a day apart, and that does not count.
    """

    url: str
    captured_at: datetime
    captured_at_source: str
    source: str
    body: bytes
    http_status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    cut_short: str | None = None
    known_as: tuple[str, ...] = ()
    given_at: datetime | None = None
    shown_at: datetime | None = None

    @property
    def body_sha256(self) -> str:
        """Return the SHA-256 of the body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def body_bytes(self) -> int:
        """Return the size of the body, in bytes."""
        return len(self.body)

    @property
    def parse_key(self) -> str:
        """Return the key of what is parsed from the body."""
        return parse_key(self.url, self.body_sha256, self.cut_short)

    @property
    def capture_id(self) -> str:
        """Return the identifier, derived from URL, time and body."""
        return capture_id(self.url, self.captured_at, self.body_sha256, self.cut_short)


class RevisitCapture(NamedTuple):
    """A capture whose body was archived before.

    Its source is a 304, a WARC revisit record, or a digest that an index lists twice. It is cut
    short where that body was.
    """

    url: str
    captured_at: datetime
    captured_at_source: str
    source: str
    body_sha256: str
    body_bytes: int
    http_status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    cut_short: str | None = None
    given_at: datetime | None = None
    shown_at: datetime | None = None

    @property
    def parse_key(self) -> str:
        """Return the key of what is parsed from the body."""
        return parse_key(self.url, self.body_sha256, self.cut_short)

    @property
    def capture_id(self) -> str:
        """Return the identifier, derived from URL, time and body."""
        return capture_id(self.url, self.captured_at, self.body_sha256, self.cut_short)


class RefusedInput(NamedTuple):
    """A file or record that cannot become a capture, and the reason. None of it is archived.

    `kind` is that of the failure, in the run's record.
    """

    name: str
    message: str
    kind: str = "unusable_file"


class SkippedInput(NamedTuple):
    """A file that is skipped on purpose, and what it is: a picture beside a page, for example."""

    name: str
    what: str


class NonCapture(NamedTuple):
    """A response that is archived but is not a page: robots.txt, a redirect, an error.

    `reason` says which of these. Without a status there was no response, and the body says why.
    """

    url: str
    received_at: datetime
    reason: str
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
