"""What can go wrong with one address, and whether asking again may help (docs/operators.md)."""

from enum import StrEnum
from typing import NamedTuple

from extractors.errors import MptfError, UsageError


class FailureKind(StrEnum):
    """Why an address gave no capture."""

    CONNECT = "connect"  # no connection: a name that is not known, a port that is shut
    TIMEOUT = "timeout"  # silence
    TOO_SLOW = "too_slow"  # the deadline of the whole answer passed
    CUT_OFF = "cut_off"  # the connection broke, or what came is no HTTP
    TRUNCATED = "truncated"  # less came than was announced, or a stream that does not end
    BUSY = "busy"  # 429 or 503
    SERVER_ERROR = "server_error"  # another 5xx
    TOO_LARGE = "too_large"  # decodes to more than any page
    ENCODING = "encoding"  # encoded in a way that was not asked for
    NOT_FOUND = "not_found"  # 404 or 410
    REFUSED = "refused"  # another 4xx
    UNEXPECTED = "unexpected"  # a status that has no place here
    REDIRECT_LOOP = "redirect_loop"
    REDIRECT_REFUSED = "redirect_refused"  # out of the allowed hosts, or without a place to go
    ADDRESS_REFUSED = "address_refused"  # a private or loopback address
    ROBOTS = "robots"  # robots.txt says no
    NOT_ASKED = "not_asked"  # the run gave the site up before its turn came


# Those that may pass: asked again, with growing delays, and once more at the end of the run.
PASSING = frozenset(
    {
        FailureKind.CONNECT, FailureKind.TIMEOUT, FailureKind.TOO_SLOW, FailureKind.CUT_OFF,
        FailureKind.TRUNCATED, FailureKind.BUSY, FailureKind.SERVER_ERROR,
    }
)  # fmt: skip


class Failure(NamedTuple):
    """One address that could not be had. `retry_after` is what the site asked for, in seconds."""

    url: str
    kind: FailureKind
    detail: str
    retry_after: float | None = None

    @property
    def passing(self) -> bool:
        """Whether asking again may help."""
        return self.kind in PASSING


class FetchError(MptfError):
    """A request that gave no answer to keep; `Failure` is what becomes of it.

    Attributes:
        kind: what went wrong, which decides whether it is worth asking again.
    """

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class SiteClosedError(MptfError):
    """The site's robots.txt cannot be fetched, so nothing may be requested."""

    retry_helps = True
    hint = "so nothing was asked: try again later"


class BadBaseError(UsageError, ValueError):
    """The site's base URL is invalid; the message says what one looks like."""


class WebArchiveError(MptfError):
    """The web archive does not answer; the message says why."""

    retry_helps = True
