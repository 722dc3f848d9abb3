"""The Gateway over HTTP: one address, one answer in bytes, or one line that says why not.

The client and the clock are passed in. What comes is hostile: the body is capped while it is
decoded, only one encoding is taken and its stream must end, redirects are not followed, and the
whole answer has a deadline.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from time import monotonic

import httpx

from extractors.archive import NewCapture, NotCaptured

_WHOLE_ANSWER_SECONDS = 60.0
_FIRST_FAILED_STATUS = 300


class UnusableAnswerError(Exception):
    """An answer that is no page as the site sent it; asking again later may help."""


def capture_pages(
    client: httpx.Client,
    addresses: Iterable[str],
    clock: Callable[[], datetime],
    max_body_bytes: int,
) -> Iterator[NewCapture | NotCaptured]:
    """Each page as a capture at the clock's time (naive UTC), or why it could not be had."""
    for address in addresses:
        try:
            yield _capture(client, address, clock(), max_body_bytes)
        except (httpx.HTTPError, UnusableAnswerError) as error:
            yield NotCaptured(address, str(error) or type(error).__name__)


def _capture(
    client: httpx.Client, address: str, captured_at: datetime, max_body_bytes: int
) -> NewCapture:
    with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        if answer.status_code >= _FIRST_FAILED_STATUS:
            raise UnusableAnswerError(f"answered {answer.status_code}")
        return NewCapture(
            url=str(answer.url),
            captured_at=captured_at,
            captured_at_source="fetch",
            source="gateway",
            body=_body(answer, max_body_bytes),
            media_type=answer.headers.get("Content-Type", "application/octet-stream"),
            http_status=answer.status_code,
        )


def _body(answer: httpx.Response, max_body_bytes: int) -> bytes:
    """The decoded body, whole.

    Raises:
        UnusableAnswerError: it is too large, encoded in another way, cut short or too slow.
    """
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise UnusableAnswerError(f"encoded as {encoding!r}, which was not asked for")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    deadline = monotonic() + _WHOLE_ANSWER_SECONDS
    body = bytearray()
    for chunk in answer.iter_raw():
        room = max_body_bytes + 1 - len(body)
        try:
            body += inflate.decompress(chunk, room) if inflate else chunk
        except zlib.error as error:
            raise UnusableAnswerError(f"not gzip, as it says: {error}") from error
        if len(body) > max_body_bytes:
            raise UnusableAnswerError(
                f"larger than {max_body_bytes:,} bytes, which no page is (MPTF_MAX_BODY_BYTES)"
            )
        if monotonic() > deadline:
            raise UnusableAnswerError(f"not finished after {_WHOLE_ANSWER_SECONDS:.0f} seconds")
    if inflate is not None and not inflate.eof:
        raise UnusableAnswerError("cut short: its gzip stream does not end")
    return bytes(body)
