"""What is asked and what is answered: plain values, so that the site is a function of them.

The server adds the connection, compression and the faults; nothing here knows of a socket.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal, NamedTuple, Protocol
from urllib.parse import parse_qsl

# Faults of content, which only the site can commit; those of the connection are the server's.
ContentFault = Literal["other_programme", "short_list", "no_tables", "lying_validator"]

# The times (naive UTC) that the stand-in can be moved to.
EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 because every time here is naive UTC
LATEST = datetime(2099, 12, 31, 23, 59, 59)  # noqa: DTZ001 because every time here is naive UTC


class Request(NamedTuple):
    """One request. `path` is decoded, `query` is raw, header names are in lower case.

    `method` is GET or HEAD, which the site answers as it does GET: the server leaves the body out.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """The query's names, each with its first value."""
        return dict(reversed(parse_qsl(self.query)))


class Answer(NamedTuple):
    """One answer: what the site says, before the server compresses or spoils it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Site(Protocol):
    """Whatever answers requests: a pure function of the request, the fault and the site's time."""

    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:
        """The answer at `now` (naive UTC); a conditional request gets 304 where nothing changed."""
        ...


def http_date(moment: datetime) -> str:
    """A naive UTC time in HTTP form, such as `Wed, 20 Apr 2016 00:00:00 GMT`."""
    return format_datetime(moment.replace(tzinfo=UTC), usegmt=True)
