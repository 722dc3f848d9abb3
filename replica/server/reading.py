"""Requests off a connection: bytes in, requests out, with bounds on what one may take."""

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from replica.server.replies import Received

MOST_HEAD, MOST_BODY = 1 << 16, 1 << 20
_BAD_REQUEST, _BODY_TOO_LARGE, _HEAD_TOO_LARGE = 400, 413, 431


class RequestReader:
    """Reads one connection's requests; after one that is not readable it reads no more."""

    def __init__(self) -> None:
        self._parser = HttpRequestParser(self)
        self._found: list[Received] = []
        self._done = False
        self.on_message_begin()
        self._in_head = False

    def feed(self, data: bytes | memoryview) -> list[Received]:
        """The requests that are complete with this data, the last one refused if need be."""
        found: list[Received] = []
        self._found = found
        if self._done:
            return found
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self._done = True  # no other protocol is spoken here
        except HttpParserError:
            self._refuse(_BAD_REQUEST)
        if self._in_head:
            self._head_fed += len(data)
            if self._head_fed > MOST_HEAD:
                self._refuse(_HEAD_TOO_LARGE)
        return found

    def on_message_begin(self) -> None:
        """Called by the parser, as are all that follow."""
        self._in_head = True
        self._head_fed = 0
        self._target = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def on_url(self, url: bytes) -> None:
        """The target, or a piece of it."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; a repeated one is joined to the first. Trailers are not read."""
        if not self._in_head:
            return
        key, text = name.lower().decode("latin-1"), value.decode("latin-1")
        headers = self._headers
        headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        """The head has ended."""
        self._in_head = False
        headers = self._headers
        size = len(self._target) + sum(map(len, headers)) + sum(map(len, headers.values()))
        if size > MOST_HEAD:
            self._refuse(_HEAD_TOO_LARGE)

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body += body
        if len(self._body) > MOST_BODY:
            self._refuse(_BODY_TOO_LARGE)

    def on_message_complete(self) -> None:
        """The request has ended."""
        if self._done:
            return
        if not self._target.startswith(b"/"):
            self._refuse(_BAD_REQUEST)
            return
        parser = self._parser
        method = parser.get_method().decode()
        keep_alive = parser.should_keep_alive() and not parser.should_upgrade()
        self._found.append(
            Received(method, self._target, self._headers, bytes(self._body), keep_alive)
        )  # fmt: skip

    def _refuse(self, status: int) -> None:
        if not self._done:
            self._done = True
            self._found.append(Received("", b"", {}, b"", keep_alive=False, refused=status))
