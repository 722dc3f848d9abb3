"""What can be taken of what somebody else saved, and what is said where it cannot."""

import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from warcio.exceptions import ArchiveLoadFailed

from extractors.captures import NewCapture, NotCaptured, RevisitCapture
from extractors.errors import UsageError

_URL_CHARACTERS = 2048
_MESSAGE_CHARACTERS = 200


class UnusableError(UsageError, ValueError):
    """One file cannot be taken; the message says what to do about it."""


# What reading a file that somebody else wrote, and maybe cut or damaged, can raise.
READ_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    AttributeError,  # warcio, on a record without a first line
    RuntimeError,  # zipfile, on an encrypted entry
    NotImplementedError,  # zipfile, on an unknown compression
    zipfile.BadZipFile,
    zlib.error,
    ArchiveLoadFailed,
)


class CaptureOverrides(NamedTuple):
    """What the caller says of every page, over what the pages say themselves."""

    captured_at: datetime | None = None
    url: str | None = None


class KnownBody(NamedTuple):
    """A body that is there already."""

    body_sha256: str
    body_bytes: int


SavedItem = NewCapture | RevisitCapture | NotCaptured
# The body of a capture that the archive holds, by its address and time.
FindBody = Callable[[str, datetime], KnownBody | None]


def short(error: Exception) -> str:
    """An error's first line, at a length that fits a summary."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0][:_MESSAGE_CHARACTERS]


def checked_url(url: object) -> str:
    """An address that can stand in a record's header.

    Raises:
        UnusableError: it is empty, too long, or holds control characters.
    """
    if not isinstance(url, str) or not url or len(url) > _URL_CHARACTERS or not url.isprintable():
        raise UnusableError(f"not an address: {str(url)[:80]!r}")
    if url[0] == "<" or url[-1] == ">":  # which WARC readers take off
        raise UnusableError(f"not an address: {url[:80]!r}")
    return url.replace(" ", "%20")


def check_size(size: int, max_body_bytes: int) -> None:
    """Refuse what is larger than any page.

    Raises:
        UnusableError: it is.
    """
    if size > max_body_bytes:
        raise UnusableError(
            f"larger than {max_body_bytes:,} bytes, which no page is (MPTF_MAX_BODY_BYTES)"
        )
