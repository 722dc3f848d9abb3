"""One request and its whole answer, within limits: what comes is hostile.

The body is capped while it is decoded, one encoding is asked for and no other taken, its one stream
must end, and everything is over at a deadline. No redirect is followed here, no cookie is kept, and
nothing is believed of the environment.
"""

import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import httpcore
import httpx

from extractors.fetch.clock import Clock
from extractors.fetch.errors import FailureKind, FetchError
from extractors.fetch.network import TOO_SLOW, Deadline, GuardedBackend, GuardedTransport
from extractors.fetch.throttle import RateLimiter

_LARGE_BODY = 2 * 2**20  # bytes; only one body that is larger is decoded at a time
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_SERVER_ERROR = 500
_PLAIN = "identity"
_CODED = frozenset({"gzip", "x-gzip"})


class Limits(NamedTuple):
    """How many bytes a decoded body may have; how many seconds an answer and a step of it take."""

    body_bytes: int = 16 * 2**20
    answer_seconds: float = 60.0
    step_seconds: float = 20.0


class Response(NamedTuple):
    """What a server said: the status, the head as (name, value) pairs, the body decoded."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of this name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def redirects(self) -> bool:
        """Whether it leads elsewhere."""
        return self.status in _REDIRECTS

    @property
    def busy(self) -> bool:
        """Whether the server asks to be asked later."""
        return self.status in _BUSY

    @property
    def well(self) -> bool:
        """Whether the server could answer, whatever it said."""
        return self.status < _SERVER_ERROR and not self.busy


class HttpClient:
    """Requests to some hosts. Safe between threads; close it at the end."""

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
        # Not httpx.Client, which would keep cookies, send what the environment holds for a host,
        # take a password out of an address, and fail on a redirect that leads nowhere.
        self._transport = transport or GuardedTransport(
            GuardedBackend(trusted_hosts, self._deadline), connections
        )
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

    def get(self, url: str, headers: dict[str, str] | None = None) -> Response:
        """The answer of one address, whatever its status.

        Raises:
            FetchError: there is none that is whole and within the limits.
        """
        with _named(self._limits), self._deadline.within(self._limits.answer_seconds):
            request = httpx.Request(
                "GET", url, headers=self._headers | (headers or {}), extensions=self._extensions
            )
            answer = self._transport.handle_request(request)
            try:
                body = self._body(answer)
            finally:
                answer.close()
        return Response(answer.status_code, tuple(answer.headers.multi_items()), body)

    def get_in_turn(
        self, url: str, pace: RateLimiter, clock: Clock, headers: dict[str, str] | None = None
    ) -> Response:
        """The same once the pace allows it, which is told how it went."""
        pace.wait()
        begun = clock.now()
        try:
            answer = self.get(url, headers)
        except FetchError:
            pace.answered(clock.now() - begun, well=False)
            raise
        pace.answered(clock.now() - begun, well=answer.well)
        return answer

    def _body(self, answer: httpx.Response) -> bytes:
        encoding = answer.headers.get("Content-Encoding", _PLAIN).strip().lower() or _PLAIN
        if encoding != _PLAIN and encoding not in _CODED:
            raise FetchError(
                FailureKind.ENCODING, f"encoded as {encoding[:80]!r}, which was not asked for"
            )
        decode = _Decoder(self._limits.body_bytes, coded=encoding in _CODED)
        body = bytearray()
        holds_large = False
        try:
            for chunk in answer.iter_raw():
                body += decode(chunk, len(body))
                if len(body) > _LARGE_BODY and not holds_large:
                    holds_large = self._large.acquire(timeout=self._deadline.left(None))
            decode.finish(empty=not body)
            return bytes(body)
        finally:
            if holds_large:
                self._large.release()


class _Decoder:
    """Chunks of a body decoded, up to a limit."""

    def __init__(self, limit: int, *, coded: bool) -> None:
        self._limit = limit
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if coded else None

    def __call__(self, chunk: bytes, so_far: int) -> bytes:
        room = self._limit + 1 - so_far
        if self._inflate is None:
            decoded = chunk[:room]
        else:
            try:
                decoded = self._inflate.decompress(chunk, room)
            except zlib.error as error:
                raise FetchError(FailureKind.ENCODING, f"not gzip, as it says: {error}") from error
        if so_far + len(decoded) > self._limit:
            raise FetchError(
                FailureKind.TOO_LARGE,
                f"larger than {self._limit:,} bytes, which no page is (MPTF_MAX_PAGE_BYTES)",
            )
        if self._inflate is not None and self._inflate.unused_data:
            raise FetchError(FailureKind.ENCODING, "more follows where its gzip stream ends")
        return decoded

    def finish(self, *, empty: bool) -> None:
        """Check that what began has ended; an empty body (of a 304, say) need not begin."""
        if self._inflate is not None and not self._inflate.eof and not empty:
            raise FetchError(FailureKind.TRUNCATED, "cut short: its gzip stream does not end")


@contextmanager
def _named(limits: Limits) -> Iterator[None]:
    """Every failure of the network under its own name."""
    until = monotonic() + limits.answer_seconds
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout, httpx.ConnectError) as error:
        raise FetchError(FailureKind.CONNECT, f"no connection: {error}") from error
    except (httpcore.TimeoutException, httpx.TimeoutException) as error:
        if monotonic() >= until:
            raise FetchError(FailureKind.TOO_SLOW, TOO_SLOW) from error
        detail = f"silent for {limits.step_seconds:g} seconds"
        raise FetchError(FailureKind.TIMEOUT, detail) from error
    except (httpcore.RemoteProtocolError, httpx.RemoteProtocolError) as error:
        text = str(error)
        cut = "complete" in text or "without" in text
        kind = FailureKind.TRUNCATED if "complete message body" in text else FailureKind.CUT_OFF
        detail = text if cut else f"no HTTP: {text}"
        raise FetchError(kind, detail) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError) as error:
        raise FetchError(FailureKind.CUT_OFF, f"cut off: {error}") from error
    except (httpx.InvalidURL, httpcore.UnsupportedProtocol, ValueError) as error:
        raise FetchError(FailureKind.UNEXPECTED, f"no address to ask: {error}") from error


def host_of(url: str) -> str:
    """The host that an address names, in lower case; empty where it names none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
