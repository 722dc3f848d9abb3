"""What fetching and opening files gives: captures to be archived, and answers that are none."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from extractors.ids import capture_id


class NewCapture(NamedTuple):
    """A page to be archived. Times are naive UTC, whole seconds.

    `headers` are those of the answer, as (name, value) pairs; a saved file has none.
    """

    url: str
    captured_at: datetime
    captured_at_source: str
    source: str
    body: bytes
    http_status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def body_sha256(self) -> str:
        """SHA-256 of the body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def body_bytes(self) -> int:
        """Size of the body."""
        return len(self.body)

    @property
    def capture_id(self) -> str:
        """The capture's identifier, derived from what it is."""
        return capture_id(self.url, self.captured_at, self.body_sha256)


class RevisitCapture(NamedTuple):
    """A page that was seen without its bytes being sent: the archive holds them already.

    That is what a 304 says, a revisit record, and an index that lists one digest twice.
    """

    url: str
    captured_at: datetime
    captured_at_source: str
    source: str
    body_sha256: str
    body_bytes: int
    http_status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def capture_id(self) -> str:
        """The capture's identifier, derived from what it is."""
        return capture_id(self.url, self.captured_at, self.body_sha256)


class NotCaptured(NamedTuple):
    """Something that could not be taken as a capture, and why. Nothing of it was kept."""

    name: str
    message: str


class NonCapture(NamedTuple):
    """An answer that is archived and is no capture: robots.txt, a redirect, an error.

    `why` says which of these; the rest is as in a capture.
    """

    url: str
    answered_at: datetime
    why: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
