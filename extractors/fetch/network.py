"""Connections with a deadline that refuse private addresses, for httpx to run on.

httpx's timeout is for each read, so a server that drips a byte a second, even of the head, never
exceeds it; here a read gets no more than the time that remains. A host name is resolved once, and
the address that was checked is the one connected to: a name server that answers differently the
second time (DNS rebinding) gains nothing.
"""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Address, IPv6Network, ip_address
from ssl import SSLContext
from time import monotonic
from typing import Any

import httpcore
import httpx

from extractors.fetch.errors import FailureKind, FetchError

TOO_SLOW = "the response took longer than its deadline"
_NO_TIMEOUT = 3600.0  # seconds; every request sets a shorter deadline


class Deadline(threading.local):
    """The end of this thread's request, in monotonic seconds."""

    at: float = float("inf")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Set the deadline of all reads and writes in the block."""
        self.at = monotonic() + seconds
        try:
            yield
        finally:
            self.at = float("inf")

    def remaining(self, timeout: float | None) -> float:
        """Return the seconds for one read or write, at most `timeout`.

        Raises:
            FetchError: the deadline has passed.
        """
        remaining = self.at - monotonic()
        if remaining <= 0:
            raise FetchError(FailureKind.TOO_SLOW, TOO_SLOW)
        return min(remaining, _NO_TIMEOUT if timeout is None else timeout)


class _Sockets:
    """The sockets in use by any thread, so that one thread can end the reads of all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._aborted = False

    def add(self, one: socket.socket) -> None:
        with self._lock:
            self._open.add(one)
            if self._aborted:
                _shut_down(one)

    def discard(self, one: socket.socket) -> None:
        with self._lock:
            self._open.discard(one)

    def abort(self) -> None:
        with self._lock:
            self._aborted = True
            for one in self._open:
                _shut_down(one)


def _shut_down(one: socket.socket) -> None:
    with suppress(OSError):  # not connected any more
        socket.socket.shutdown(one, socket.SHUT_RDWR)  # of an SSLSocket, without TLS's own goodbye


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes end at the deadline."""

    def __init__(
        self, inner: httpcore.NetworkStream, deadline: Deadline, sockets: _Sockets
    ) -> None:
        self._inner = inner
        self._deadline = deadline
        self._sockets = sockets
        self._socket: socket.socket = inner.get_extra_info("socket")
        sockets.add(self._socket)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.remaining(timeout))

    def close(self) -> None:
        self._sockets.discard(self._socket)
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.remaining(timeout)
        encrypted = self._inner.start_tls(ssl_context, server_hostname, seconds)
        self._sockets.discard(self._socket)
        return _Stream(encrypted, self._deadline, self._sockets)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """A backend that connects to public addresses, and to any address of the trusted hosts."""

    def __init__(self, trusted_hosts: Iterable[str], deadline: Deadline) -> None:
        self._trusted = frozenset(trusted_hosts)
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()
        self._sockets = _Sockets()

    def abort(self) -> None:
        """End every read and write under way, in all threads, and every later one."""
        self._sockets.abort()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that accepts.

        Raises:
            FetchError: the name is unknown, or stands for a private address.
        """
        addresses = _resolve(host, port)
        if host not in self._trusted:
            _refuse_private(host, addresses)
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port, timeout, local_address, socket_options)

    def _connect(
        self, address: str, port: int, timeout: float | None, local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        seconds = self._deadline.remaining(timeout)
        stream = self._inner.connect_tcp(address, port, seconds, local_address, socket_options)
        return _Stream(stream, self._deadline, self._sockets)


def _resolve(host: str, port: int) -> list[str]:
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(FailureKind.CONNECT, f"cannot resolve {host}: {error}") from error
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


# IPv6 addresses that embed an IPv4 address (compatible, translated, 6to4, Teredo), and site-local
# ones: some versions of Python call them global.
_NOT_PUBLIC = tuple(
    map(
        IPv6Network,
        ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10"),
    )
)


def _is_public(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    embeds = isinstance(ip, IPv6Address) and any(ip in network for network in _NOT_PUBLIC)
    return ip.is_global and not ip.is_multicast and not embeds


def _refuse_private(host: str, addresses: list[str]) -> None:
    for address in addresses:
        if not _is_public(address):
            raise FetchError(
                FailureKind.ADDRESS_REFUSED, f"{host} resolves to {address}, which is not public"
            )


class GuardedTransport(httpx.BaseTransport):
    """A transport on a pool of guarded connections; httpx's own accepts no other backend."""

    def __init__(self, backend: httpcore.NetworkBackend, connections: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15.0,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; errors are httpcore's or a `FetchError`."""
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=b"",
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The raw body."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()
