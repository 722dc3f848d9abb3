"""Requests and answers as plain values, so that the site is a function of them.

The server adds the connection, compression and faults; nothing here knows of a socket.
"""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol
from urllib.parse import parse_qsl

# Faults of content are the site's; those of the connection are the server's.
ContentFault = Literal[
    "other_programme", "short_list", "no_tables", "lying_validator",
    "bad_filter", "cut_json", "renamed_column", "repeated_key",
]  # fmt: skip

# The range of times (naive UTC) that the stand-in can be moved to.
EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 because every time here is naive UTC
LATEST = datetime(2099, 12, 31, 23, 59, 59)  # noqa: DTZ001 because every time here is naive UTC

_GZIP = 31  # zlib's wbits for a gzip stream; its header carries no time


class Request(NamedTuple):
    """A GET or HEAD request; the site answers both alike, and the server drops a HEAD's body.

    `path` is decoded, `query` is raw, header names are in lower case.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """Return the first value of each name in the query."""
        return dict(reversed(parse_qsl(self.query)))


class Answer(NamedTuple):
    """The site's answer, before the server compresses or spoils it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Site(Protocol):
    """Anything that answers requests as a pure function of request, fault and time."""

    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:
        """Return the answer at `now` (naive UTC); 304 for a conditional request if unchanged."""
        ...


def http_date(moment: datetime) -> str:
    """Format a naive UTC time for HTTP, such as `Wed, 20 Apr 2016 00:00:00 GMT`."""
    return format_datetime(moment.replace(tzinfo=UTC), usegmt=True)


def gzipped(body: bytes) -> bytes:
    """Compress the body; equal bodies give equal bytes."""
    return zlib.compress(body, 1, wbits=_GZIP)


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    """Return whether an Accept-Encoding header allows gzip: by name before `*`, and not by q=0."""
    qualities: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        coding, *parameters = (part.strip() for part in item.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        qualities[coding] = quality
    by_star = qualities.get("*", 0.0)
    return qualities.get("gzip", qualities.get("x-gzip", by_star)) > 0
