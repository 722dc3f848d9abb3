"""Types and checks for inputs that other programs saved, and the errors of reading them."""

import lzma
import zipfile
import zlib
from datetime import datetime
from typing import NamedTuple

from warcio.exceptions import ArchiveLoadFailed

from extractors.captures import NewCapture, RefusedInput, SkippedInput
from extractors.errors import UsageError

_MAX_URL_CHARACTERS = 2048
_MAX_MESSAGE_CHARACTERS = 200


class InputRefusedError(UsageError, ValueError):
    """A file or record that cannot become a capture; the message says what to do about it."""


# What reading a file can raise that another program wrote, and that may be cut or damaged.
READ_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    AttributeError,  # warcio, on a record without a first line
    RuntimeError,  # zipfile, on an encrypted entry
    NotImplementedError,  # zipfile, on an unknown compression
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    ArchiveLoadFailed,
)


class CaptureOverrides(NamedTuple):
    """A capture time and URL that replace those of every input."""

    captured_at: datetime | None = None
    url: str | None = None


class Reference(NamedTuple):
    """What a revisit says of the body that it refers to.

    Attributes:
        names: names of the record that has the body, as in `NewCapture.known_as`.
        digests: digests of the body, as `parse_digest` returns them.
        urls: where the body was captured, as far as is known; the revisit's own URL at least.
        before: time of the revisit.
        etag: validator of the revisit's response, which is the body's, too.
        last_modified: likewise.
    """

    names: tuple[str, ...]
    digests: frozenset[str]
    urls: tuple[str, ...]
    before: datetime
    is_not_modified: bool = False
    etag: str | None = None
    last_modified: str | None = None

    @property
    def is_newest_earlier(self) -> bool:
        """Return whether only this is known: the server answered that nothing had changed."""
        return self.is_not_modified and not self.names and not self.digests


class Revisit(NamedTuple):
    """A capture of a body that another record has. `name` is for messages about it."""

    name: str
    url: str
    captured_at: datetime
    captured_at_source: str
    http_status: int | None
    headers: tuple[tuple[str, str], ...]
    known_as: tuple[str, ...]
    refers_to: Reference


SavedItem = NewCapture | Revisit | RefusedInput | SkippedInput


def short(error: Exception) -> str:
    """Return the first line of an error, cut to fit a summary."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0][:_MAX_MESSAGE_CHARACTERS]


def checked_url(url: object) -> str:
    """Return a URL in the form in which a record's header can hold it.

    Raises:
        InputRefusedError: the URL is empty, too long, or has control characters.
    """
    if (
        not isinstance(url, str)
        or not 0 < len(url) <= _MAX_URL_CHARACTERS
        or not url.isprintable()
        or url[0] == "<"  # WARC readers remove angle brackets
        or url[-1] == ">"
    ):
        raise InputRefusedError(f"invalid URL: {str(url)[:80]!r}")
    return url.replace(" ", "%20")


def check_size(size: int, max_body_bytes: int) -> None:
    """Check that a body is not larger than any page.

    Raises:
        InputRefusedError: it is.
    """
    if size > max_body_bytes:
        raise InputRefusedError(
            f"larger than {max_body_bytes:,} bytes, which no page is (MPTF_MAX_BODY_BYTES)"
        )
