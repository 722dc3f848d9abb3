"""Failures of a request, and which of them a retry may cure (docs/operators.md)."""

from enum import StrEnum
from typing import NamedTuple

from extractors.errors import MptfError, UsageError


class FailureKind(StrEnum):
    """The reason why a URL gave no capture."""

    CONNECT = "connect"  # unknown host name, closed port
    TIMEOUT = "timeout"  # no byte within the read timeout
    TOO_SLOW = "too_slow"  # the deadline of the whole response passed
    CUT_OFF = "cut_off"  # the connection broke, or the response is not HTTP
    TRUNCATED = "truncated"  # fewer bytes than announced, or an unfinished gzip stream
    BUSY = "busy"  # 429 or 503
    SERVER_ERROR = "server_error"  # another 5xx
    TOO_LARGE = "too_large"  # decodes to more than any page
    ENCODING = "encoding"  # an encoding that was not requested
    NOT_FOUND = "not_found"  # 404 or 410
    REFUSED = "refused"  # another 4xx
    UNEXPECTED = "unexpected"  # any other status
    REDIRECT_LOOP = "redirect_loop"
    REDIRECT_REFUSED = "redirect_refused"  # off the allowed hosts, or without a target
    ADDRESS_REFUSED = "address_refused"  # a private or loopback IP address
    MOVED = "moved"  # redirected to a page that is not of the kind that was asked for
    ROBOTS = "robots"  # robots.txt forbids it
    NOT_ASKED = "not_asked"  # the run gave up, or all its requests were sent


# Retried with growing delays, and once more at the end of the run.
TRANSIENT = frozenset(
    {
        FailureKind.CONNECT, FailureKind.TIMEOUT, FailureKind.TOO_SLOW, FailureKind.CUT_OFF,
        FailureKind.TRUNCATED, FailureKind.BUSY, FailureKind.SERVER_ERROR,
    }
)  # fmt: skip


class Failure(NamedTuple):
    """A URL without a capture. `retry_after` is the wait that the site asks for, in seconds."""

    url: str
    kind: FailureKind
    detail: str
    retry_after: float | None = None

    @property
    def is_transient(self) -> bool:
        """Return whether a retry may help."""
        return self.kind in TRANSIENT


class FetchError(MptfError):
    """A request without a usable response; callers turn it into a `Failure`.

    Attributes:
        kind: what went wrong, which decides whether to retry.
    """

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class SiteClosedError(MptfError):
    """The site's robots.txt cannot be fetched, so nothing may be requested."""

    retry_helps = True
    hint = "so nothing was requested: try again later"


class BadBaseError(UsageError, ValueError):
    """An invalid base URL of the site; the message shows a valid one."""


class WebArchiveError(MptfError):
    """The web archive does not respond; the message says why."""

    retry_helps = True
