"""The Gateway over HTTP: one address, one answer in bytes, or one line that says why not.

The client and the clock are passed in. What comes is hostile: the body is capped while it is
decoded, only one encoding is taken and its one stream must end, redirects are not followed, and an
answer that is late once its head is there is given up.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from time import monotonic
from typing import NamedTuple

import httpx

from extractors.archive import NewCapture, NotCaptured

_STEP_SECONDS = 20.0  # to connect, and between two pieces of an answer
_WHOLE_PAGE = 200  # the one status of a page that is there


class Limits(NamedTuple):
    """How large a decoded body may be (bytes), and how long a whole answer may take (seconds)."""

    body_bytes: int
    answer_seconds: float = 60.0


class UnusableAnswerError(Exception):
    """An answer that is no page as the site sent it; asking again later may help."""


def open_client(base_url: str) -> httpx.Client:
    """A client for the site at an address; it follows no redirect and believes no environment."""
    return httpx.Client(base_url=base_url, timeout=_STEP_SECONDS, trust_env=False)


def capture_pages(
    client: httpx.Client,
    site: str,
    paths: Iterable[str],
    clock: Callable[[], datetime],
    limits: Limits,
) -> Iterator[NewCapture | NotCaptured]:
    """Each page as a capture at the clock's time (naive UTC), or why it could not be had.

    `site` is what the pages' addresses begin with, wherever the client goes for them.
    """
    for path in paths:
        try:
            yield _capture(client, path, site + path, clock(), limits)
        except (httpx.HTTPError, UnusableAnswerError) as error:
            yield NotCaptured(site + path, str(error) or type(error).__name__)


def _capture(
    client: httpx.Client, path: str, url: str, captured_at: datetime, limits: Limits
) -> NewCapture:
    deadline = monotonic() + limits.answer_seconds
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        if answer.status_code != _WHOLE_PAGE:
            raise UnusableAnswerError(f"answered {answer.status_code}")
        return NewCapture(
            url=url,
            captured_at=captured_at,
            captured_at_source="fetch",
            source="gateway",
            body=_body(answer, limits, deadline),
            media_type=answer.headers.get("Content-Type", "application/octet-stream"),
            http_status=answer.status_code,
        )


def _body(answer: httpx.Response, limits: Limits, deadline: float) -> bytes:
    """The decoded body, whole.

    Raises:
        UnusableAnswerError: it is too large, encoded in another way, cut short or too slow.
    """
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise UnusableAnswerError(f"encoded as {encoding!r}, which was not asked for")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    body = bytearray()
    for chunk in answer.iter_raw():
        room = limits.body_bytes + 1 - len(body)
        try:
            body += inflate.decompress(chunk, room) if inflate else chunk
        except zlib.error as error:
            raise UnusableAnswerError(f"not gzip, as it says: {error}") from error
        if len(body) > limits.body_bytes:
            raise UnusableAnswerError(
                f"larger than {limits.body_bytes:,} bytes, which no page is (MPTF_MAX_BODY_BYTES)"
            )
        if inflate is not None and inflate.unused_data:
            raise UnusableAnswerError("more follows where its gzip stream ends")
        if monotonic() > deadline:
            raise UnusableAnswerError(f"not finished after {limits.answer_seconds:.0f} seconds")
    if inflate is not None and not inflate.eof:
        raise UnusableAnswerError("cut short: its gzip stream does not end")
    return bytes(body)
