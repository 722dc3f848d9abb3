"""A proxy before a bucket that breaks connections where a test wants it to."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

_UPLOAD = re.compile(
    rb"PUT \S+\.warc\.gz\S* HTTP.*?\r\ncontent-length: (\d+)\r\n.*?\r\n\r\n", re.I | re.S
)
_CHUNK = 1 << 16
_PATIENCE = 60.0  # seconds


class Proxy:
    """A TCP proxy on loopback.

    Attributes:
        endpoint: its URL.
        requests: how many chunks of bytes that clients sent have begun a request.
        away: whether every connection is broken.
    """

    def __init__(self, to: int) -> None:
        """Prepare a proxy to a port of this machine."""
        self.endpoint = ""
        self.requests = 0
        self.away = False
        self._to = to
        self._before_request: Callable[[int], None] = lambda _: None
        self._cut: tuple[float, Callable[[], None]] | None = None

    def before_each_request(self, call: Callable[[int], None]) -> None:
        """Call a function before each request goes on, with its number."""
        self._before_request = call

    def cut_upload(self, share: float, then: Callable[[], None]) -> None:
        """Break the next upload of an archive file after a share of its bytes, and call back.

        With a share of 1 the store gets all of it, and the client no answer.
        """
        self._cut = (share, then)

    def pass_on(self, client: socket.socket) -> None:
        """Pass a connection's bytes on in both directions until it ends or is broken."""
        with socket.create_connection(("127.0.0.1", self._to), _PATIENCE) as store:
            back = Thread(target=self._back, args=(store, client), daemon=True)
            back.start()
            with suppress(OSError):
                self._forth(client, store)
            _break(store)
            back.join(_PATIENCE)

    def _forth(self, client: socket.socket, store: socket.socket) -> None:
        left: int | None = None  # of an upload that is to be cut
        while not self.away and (chunk := client.recv(_CHUNK)):
            if re.match(rb"[A-Z]+ /", chunk):
                self.requests += 1
                self._before_request(self.requests)
                if self.away:
                    return
                upload = _UPLOAD.match(chunk)
                if upload and self._cut:
                    left = upload.end() + int(self._cut[0] * int(upload[1]))
            if left is not None and left <= len(chunk) and self._cut:
                _, then = self._cut
                self._cut = None
                store.sendall(chunk[:left])
                then()
                return
            left = None if left is None else left - len(chunk)
            store.sendall(chunk)

    def _back(self, store: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while not self.away and (chunk := store.recv(_CHUNK)):
                client.sendall(chunk)
        _break(client)


@contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    """Serve a proxy to a port of this machine while the block runs."""
    proxy = Proxy(port)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            if not proxy.away:
                proxy.pass_on(self.request)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        proxy.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield proxy
        finally:
            server.shutdown()


def _break(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
