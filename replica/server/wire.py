"""HTTP/1.1 on a stream: requests read within bounds, and the bytes of an answer's head."""

import re
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from replica.http import Answer, gzipped

MOST_HEAD, MOST_BODY = 1 << 16, 1 << 20
BODILESS = frozenset({204, 304})
_REQUEST_LINE = re.compile(rb"([A-Z]+) (/[!-~]*) HTTP/1\.([01])")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CONDITIONS = frozenset({"if-none-match", "if-modified-since"})
_STATUS_LINES = {each.value: f"HTTP/1.1 {each.value} {each.phrase}" for each in HTTPStatus}
_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/xhtml+xml")
_LEAST_COMPRESSED = 513


class Received(NamedTuple):
    """A request as read from a connection; `refused` is the status if it is unreadable."""

    method: str = ""
    target: str = ""  # path and query
    headers: Mapping[str, str] = {}
    body: bytes = b""
    keep_alive: bool = False
    refused: int = 0

    @property
    def conditional(self) -> bool:
        """Return whether the client has a copy and asks for a newer one."""
        return not _CONDITIONS.isdisjoint(self.headers)

    def unconditional_headers(self) -> dict[str, str]:
        """Return the headers without the conditions."""
        return {name: text for name, text in self.headers.items() if name not in _CONDITIONS}


async def read_request(reader: StreamReader) -> Received | None:
    """Read the next request of a connection; None if it ended before a whole one.

    After a refused request nothing more can be read. Bodies come with Content-Length only:
    chunked ones are refused.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError:
        return None
    except LimitOverrunError:
        return Received(refused=431)
    received = _parsed(head[:-4])
    length = received.headers.get("content-length", "0")
    if received.refused or length == "0":
        return received
    if int(length) > MOST_BODY:
        return Received(refused=413)
    try:
        return received._replace(body=await reader.readexactly(int(length)))
    except IncompleteReadError:
        return None


def _parsed(head: bytes) -> Received:
    """Parse a request's head; a repeated header is joined to the first."""
    first, *lines = head.split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        return Received(refused=400)
    headers: dict[str, str] = {}
    for each in lines:
        field = _HEADER.fullmatch(each)
        if field is None:
            return Received(refused=400)
        name, text = field[1].decode().lower(), field[2].decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    if not _LENGTH.fullmatch(headers.get("content-length", "0")) or "transfer-encoding" in headers:
        return Received(refused=400)
    # No other protocol is spoken here, so a client that upgrades gets one answer and the end.
    options = headers.get("connection", "" if line[3] == b"1" else "close").lower()
    keep_alive = "close" not in options and "upgrade" not in options
    return Received(line[1].decode(), line[2].decode(), headers, b"", keep_alive)


def compressed(answer: Answer) -> Answer:
    """Compress a longer text that is not encoded yet."""
    if len(answer.body) < _LEAST_COMPRESSED:
        return answer
    headers = {name.lower(): value.lower() for name, value in answer.headers}
    if "content-encoding" in headers or not headers["content-type"].startswith(_TEXT_TYPES):
        return answer
    with_encoding = (*answer.headers, ("Content-Encoding", "gzip"))
    return Answer(answer.status, with_encoding, gzipped(answer.body))


def head_of(answer: Answer, date: str, *, keep_alive: bool) -> bytes:
    """Return the status line and the headers, down to the blank line."""
    status, headers, body = answer
    lines = [
        _STATUS_LINES.get(status) or f"HTTP/1.1 {status} ",
        f"Date: {date}",
        "Server: replica",
        "Vary: Accept-Encoding",
        "Connection: keep-alive" if keep_alive else "Connection: close",
        *[f"{name}: {value}" for name, value in headers],
    ]
    if status not in BODILESS:
        lines.append(f"Content-Length: {len(body)}")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1")
