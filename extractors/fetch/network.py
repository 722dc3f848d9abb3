"""Connections that end at a deadline and go nowhere private; httpx runs on them.

httpx has a timeout for each read, so a server that sends a byte a second, be it of the head, is
never late; here a read gets no more time than is left. A name is resolved once, what it resolves to
is checked, and that very address is connected to, so no second answer of a name server counts.
"""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, IPv6Network, ip_address
from ssl import SSLContext
from time import monotonic
from typing import Any

import httpcore
import httpx

from extractors.fetch.errors import FailureKind, FetchError

TOO_SLOW = "the answer took longer than its deadline"
_LONG = 3600.0  # seconds; every request sets a deadline of its own


class Deadline(threading.local):
    """When this thread's request must be over, in monotonic seconds."""

    at: float = float("inf")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What is read and written while the block runs is late after so many seconds."""
        self.at = monotonic() + seconds
        try:
            yield
        finally:
            self.at = float("inf")

    def left(self, timeout: float | None) -> float:
        """The time for one step: no more than is left.

        Raises:
            FetchError: nothing is left.
        """
        left = self.at - monotonic()
        if left <= 0:
            raise FetchError(FailureKind.TOO_SLOW, TOO_SLOW)
        return min(left, _LONG if timeout is None else timeout)


class _Stream(httpcore.NetworkStream):
    """A connection of which every step ends at the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses only, and to whatever the trusted hosts' names stand for."""

    def __init__(self, trusted_hosts: Iterable[str], deadline: Deadline) -> None:
        self._trusted = frozenset(trusted_hosts)
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first of the host's addresses that takes it."""
        addresses = _resolved(host, port)
        if host not in self._trusted:
            _refuse_private(host, addresses)
        for address in addresses[:-1]:
            try:
                return self._connected(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connected(addresses[-1], port, timeout, local_address, socket_options)

    def _connected(
        self, address: str, port: int, timeout: float | None, local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        left = self._deadline.left(timeout)
        stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
        return _Stream(stream, self._deadline)


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(FailureKind.CONNECT, f"the name {host} is not known: {error}") from error
    return list(dict.fromkeys(str(info[4][0]) for info in found))


# Addresses of IPv6 that carry one of IPv4 (compatible, translated, 6to4, Teredo), and those of a
# site, which some versions of Python take for public.
_NOT_PUBLIC = tuple(
    map(
        IPv6Network,
        ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10"),
    )
)


def _is_public(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    refused = isinstance(found, IPv6Address) and any(found in network for network in _NOT_PUBLIC)
    return found.is_global and not found.is_multicast and not refused


def _refuse_private(host: str, addresses: list[str]) -> None:
    for address in addresses:
        if not _is_public(address):
            raise FetchError(
                FailureKind.ADDRESS_REFUSED, f"{host} stands for {address}, which is not public"
            )


class GuardedTransport(httpx.BaseTransport):
    """httpx on a pool of such connections; httpx's own transport takes no other backend."""

    def __init__(self, backend: httpcore.NetworkBackend, connections: int) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15.0,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request; whatever goes wrong is httpcore's or a FetchError."""
        url = request.url
        answer = self._pool.handle_request(
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
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The body as it comes."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
