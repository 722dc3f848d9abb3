"""A site of one page, and a raw client, for tests of the server alone."""

import json
import socket
from datetime import datetime
from typing import NamedTuple

import httpx

from replica.http import Answer, ContentFault, Request
from replica.server.serving import Running
from tests.processes import PATIENCE


def utc(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 because every time here is naive UTC


NOW = utc(2016, 4, 20)
ETAG = '"v1"'
PAGE = "".join(f"<p>Línea {number} of {number**3}</p>\n" for number in range(400)).encode()


class FixedSite:
    """One page under every address, but for a few that show what the server does."""

    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:
        headers = (("Content-Type", "text/html; charset=utf-8"), ("ETag", ETAG))
        match request.path:
            case "/broken":
                raise RuntimeError("the page\nis broken")
            case "/echo" | "/project/echo" | "/mptf_rest_api/echo":
                told = [
                    request.method,
                    request.path,
                    request.query,
                    dict(request.headers),
                    str(now),
                ]
                json_type = (("Content-Type", "application/json"),)
                return Answer(200, json_type, json.dumps([*told, fault]).encode())
            case "/small":
                return Answer(200, headers, PAGE[:512])
            case "/picture":
                return Answer(200, (("Content-Type", "image/png"),), PAGE)
            case "/large":
                return Answer(200, (("Content-Type", "image/png"),), bytes(1 << 20))
            case path if path.startswith("/páge"):
                return Answer(200, headers, path.encode())
        if request.headers.get("if-none-match") == ETAG:
            return Answer(304, headers, b"")
        return Answer(200, headers, PAGE)


class RawAnswer(NamedTuple):
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class RawClient:
    """A connection that sends what it is given, and reads answers one by one."""

    def __init__(self, running: Running) -> None:
        url = httpx.URL(running.base_url)
        assert url.port
        self.socket = socket.create_connection((url.host, url.port), timeout=PATIENCE)
        self._host = url.netloc.decode()
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def ask(self, path: str = "/page", *headers: str, method: str = "GET") -> None:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", *headers, "", ""]
        self.socket.sendall("\r\n".join(lines).encode())

    def head(self) -> tuple[int, dict[str, str]]:
        status_line = self._file.readline()
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode("latin-1").partition(": ")
            headers[name.lower()] = value
        return int(status_line.split()[1]), headers

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def answer(self, *, with_body: bool = True) -> RawAnswer:
        status, headers = self.head()
        length = int(headers.get("content-length", 0)) if with_body else 0
        return RawAnswer(status, headers, self.read(length))
