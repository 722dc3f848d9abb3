"""One HTTP request and its whole response, within limits, because responses are hostile.

httpx decompresses without limit and follows stacked encodings (a 3 KB body can take gigabytes),
lets a slow drip outlive its read timeout, and reports a truncated gzip as success. So the decoded
body is capped, gzip is the only encoding accepted and its stream must end, and the whole response
has a deadline. Redirects are not followed here, cookies not kept, and proxy settings and passwords
of the environment ignored.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import httpcore
import httpx

from extractors.encodings import EncodingError, gzip_members
from extractors.fetch.clock import Clock
from extractors.fetch.errors import FailureKind, FetchError
from extractors.fetch.network import TOO_SLOW, Deadline, GuardedBackend, GuardedTransport
from extractors.fetch.throttle import RateLimiter

_LARGE_BODY = 2 * 2**20  # bytes; larger bodies are decoded one at a time
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_SERVER_ERROR = 500
_PLAIN = "identity"
_GZIP = frozenset({"gzip", "x-gzip"})


class Limits(NamedTuple):
    """Most bytes of a decoded body; most seconds of a whole response and of one read or write."""

    body_bytes: int = 16 * 2**20
    answer_seconds: float = 60.0
    step_seconds: float = 20.0


class Response(NamedTuple):
    """A response: status, headers as (name, value) pairs, decoded body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first header of this name in any case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def is_redirect(self) -> bool:
        """Return whether the status is a redirect."""
        return self.status in _REDIRECTS

    @property
    def is_busy(self) -> bool:
        """Return whether the server asks for a later retry (429, 503)."""
        return self.status in _BUSY

    @property
    def server_ok(self) -> bool:
        """Return whether the server coped with the request, even if it refused it."""
        return self.status < _SERVER_ERROR and not self.is_busy


class HttpClient:
    """An HTTP client of some hosts. Safe between threads; close it at the end."""

    def __init__(
        self,
        user_agent: str,
        limits: Limits,
        *,
        trusted_hosts: Iterable[str] = (),
        connections: int = 1,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._limits = limits
        self._deadline = Deadline()
        self._large = threading.Lock()
        # Not httpx.Client, which would keep cookies, send credentials of the environment (netrc),
        # take a password out of a URL, and fail on a redirect without a target.
        self._backend = GuardedBackend(trusted_hosts, self._deadline)
        self._transport = transport or GuardedTransport(self._backend, connections)
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "text/html, */*;q=0.8",
            "Accept-Encoding": "gzip",
        }
        self._extensions = {"timeout": httpx.Timeout(limits.step_seconds).as_dict()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def abort(self) -> None:
        """End every request under way, in all threads, and every later one, with a FetchError."""
        self._backend.abort()

    def get(self, url: str, headers: dict[str, str] | None = None) -> Response:
        """Return the response to one request, whatever its status.

        Raises:
            FetchError: no whole response within the limits.
        """
        with _as_fetch_errors(self._limits), self._deadline.within(self._limits.answer_seconds):
            request = httpx.Request(
                "GET", url, headers=self._headers | (headers or {}), extensions=self._extensions
            )
            response = self._transport.handle_request(request)
            try:
                body = self._read_body(response)
            finally:
                response.close()
        return Response(response.status_code, tuple(response.headers.multi_items()), body)

    def get_throttled(
        self, url: str, limiter: RateLimiter, clock: Clock, headers: dict[str, str] | None = None
    ) -> Response:
        """Wait until the limiter allows the request, send it, and record the response time.

        Raises:
            FetchError: no whole response within the limits.
        """
        limiter.wait()
        start = clock.now()
        try:
            response = self.get(url, headers)
        except FetchError:
            limiter.record(clock.now() - start, ok=False)
            raise
        limiter.record(clock.now() - start, ok=response.server_ok)
        return response

    def _read_body(self, response: httpx.Response) -> bytes:
        encoding = response.headers.get("Content-Encoding", _PLAIN).strip().lower() or _PLAIN
        if encoding != _PLAIN and encoding not in _GZIP:
            raise FetchError(
                FailureKind.ENCODING, f"encoded as {encoding[:80]!r}, which was not requested"
            )
        decoder = _Decoder(self._limits.body_bytes, gzipped=encoding in _GZIP)
        body = bytearray()
        has_large_lock = False
        try:
            for chunk in response.iter_raw():
                body += decoder.decode(chunk, len(body))
                if len(body) > _LARGE_BODY and not has_large_lock:
                    has_large_lock = self._large.acquire(timeout=self._deadline.remaining(None))
            decoder.finish()
            return bytes(body)
        finally:
            if has_large_lock:
                self._large.release()


class _Decoder:
    """A decoder of a body's chunks, up to a limit of bytes."""

    def __init__(self, limit: int, *, gzipped: bool) -> None:
        self._limit = limit
        self._members = gzip_members() if gzipped else None

    def decode(self, chunk: bytes, size_so_far: int) -> bytes:
        room = self._limit + 1 - size_so_far
        try:
            decoded = self._members.decode(chunk, room) if self._members else chunk[:room]
        except EncodingError as error:
            raise FetchError(FailureKind.ENCODING, str(error)) from error
        if size_so_far + len(decoded) > self._limit:
            raise FetchError(
                FailureKind.TOO_LARGE,
                f"larger than {self._limit:,} bytes, which no page is (MPTF_MAX_PAGE_BYTES)",
            )
        return decoded

    def finish(self) -> None:
        """Check that the gzip stream ended. An empty body, as of a 304, has none."""
        if self._members is not None and self._members.breaks_off:
            raise FetchError(FailureKind.TRUNCATED, "cut short: its gzip stream does not end")


@contextmanager
def _as_fetch_errors(limits: Limits) -> Iterator[None]:
    """Turn every network error into a `FetchError` of its kind."""
    deadline = monotonic() + limits.answer_seconds
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout, httpx.ConnectError) as error:
        raise FetchError(FailureKind.CONNECT, f"no connection: {error}") from error
    except (httpcore.TimeoutException, httpx.TimeoutException) as error:
        if monotonic() >= deadline:
            raise FetchError(FailureKind.TOO_SLOW, TOO_SLOW) from error
        detail = f"no byte for {limits.step_seconds:g} seconds"
        raise FetchError(FailureKind.TIMEOUT, detail) from error
    except (httpcore.RemoteProtocolError, httpx.RemoteProtocolError) as error:
        text = str(error)
        cut_off = "complete" in text or "without" in text
        kind = FailureKind.TRUNCATED if "complete message body" in text else FailureKind.CUT_OFF
        detail = text if cut_off else f"not HTTP: {text}"
        raise FetchError(kind, detail) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError) as error:
        raise FetchError(FailureKind.CUT_OFF, f"cut off: {error}") from error
    except (httpx.InvalidURL, httpcore.UnsupportedProtocol, ValueError) as error:
        raise FetchError(FailureKind.UNEXPECTED, f"invalid URL: {error}") from error


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, or an empty text if the URL has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
