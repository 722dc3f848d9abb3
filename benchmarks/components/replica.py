"""The stand-in's answers, whole and unchanged, beside Python's http.server.

The `server` variants are the server alone, on a site of one fixed page. The `site` variants are the
factsheets of 20,000 programmes: `drawn` asks for each for the first time, `kept` for the second,
and `unchanged` for those with an ETag, with that ETag. The server has one core to itself, the load
another: raw connections that are kept alive, in a process of their own.
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import perf_counter

from replica.http import Answer, ContentFault, Request, Site
from replica.pages.site import Gateway, open_site
from replica.server.serving import serving

_CLIENTS = 8
_COUNT = 20_000
_NOW = datetime(2016, 4, 20)  # noqa: DTZ001 because every time here is naive UTC
_PAGE = b"".join(
    b"<tr><td>Organization %d</td><td>%d</td></tr>\n" % (row, row * 7919 % 1000003)
    for row in range(580)
)
_HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("ETag", '"one"'))
_BUFFER = memoryview(bytearray(1 << 20))
READERS = {
    "server, unchanged": None,
    "server, page": None,
    "server, gzip": None,
    "site, drawn": None,
    "site, kept gzip": None,
    "site, unchanged": None,
    "http.server": None,
}
BASELINE = "http.server"
UNIT = "answers"


class _FixedSite:
    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:  # noqa: ARG002 because it is always the same page
        if "if-none-match" in request.headers:
            return Answer(304, _HEADERS, b"")
        return Answer(200, _HEADERS, _PAGE)


class _FixedHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """The page."""
        self.send_response(200)
        for name, value in _HEADERS:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(_PAGE)))
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_message(self, *_: object) -> None:
        """Nothing: the lines would be measured."""


def run(name: str) -> tuple[int, float]:
    """How many answers, in how many seconds."""
    os.sched_setaffinity(0, {0})
    kind, _, what = name.partition(", ")
    paths = [f"/factsheet/project/{number:08}" for number in range(_COUNT)]
    site: Site = _FixedSite()
    if kind == "site":
        site = gateway = open_site(seed=0, programmes=_COUNT)
        paths = [path for path in gateway.addresses(_NOW) if "/project/" in path]
        if what == "unchanged":
            paths = [path for path in paths if _has_tag(gateway, path)]
        if what != "drawn":
            gateway.draw_all(_NOW)
    with _plain_server() if kind == "http.server" else _ours(site) as port:
        command = [sys.executable, "-m", "benchmarks.components.replica", str(port), what]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as load:
            assert load.stdin
            assert load.stdout
            load.stdin.write("\n".join(paths))
            load.stdin.close()
            assert load.stdout.readline() == "ready\n"
            seconds = float(load.stdout.readline())
    return len(paths), seconds


def _has_tag(gateway: Gateway, path: str) -> bool:
    outline = gateway.records.portfolio.by_id[path[-8:]]
    habit = gateway.records.card(outline).typesetting.validator
    return habit in {"strong", "weak", "both", "unquoted"}


@contextmanager
def _ours(site: Site) -> Iterator[int]:
    with serving(site, now=_NOW) as running:
        yield int(running.base_url.rpartition(":")[2])
        assert not running.internal_errors


@contextmanager
def _plain_server() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _FixedHandler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def _load(port: int, what: str) -> None:
    """Ask for each page that stdin names, on some connections at once, and print the seconds."""
    os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
    extra = "Accept-Encoding: gzip\r\n" if "gzip" in what else ""
    texts = [f"GET {path} HTTP/1.1\r\nHost: mptf\r\n{extra}" for path in sys.stdin.read().split()]
    asked = [f"{text}\r\n".encode() for text in texts]
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(_CLIENTS)]
    if what == "unchanged":
        tags = [head.partition(b"ETag: ")[2].partition(b"\r\n")[0] for head in _ask(clients, asked)]
        asked = [
            text.encode() + b"If-None-Match: " + tag + b"\r\n\r\n"
            for text, tag in zip(texts, tags, strict=True)
        ]
    print("ready", flush=True)
    begun = perf_counter()
    heads = _ask(clients, asked)
    print(perf_counter() - begun)
    assert {head[:12] for head in heads} == {
        b"HTTP/1.1 304" if what == "unchanged" else b"HTTP/1.1 200"
    }


def _ask(clients: list[socket.socket], asked: list[bytes]) -> list[bytes]:
    """The heads of the answers; every connection but the one that is read has a request out."""
    heads = []
    for number, text in enumerate(asked):
        client = clients[number % _CLIENTS]
        if number >= _CLIENTS:
            heads.append(_read(client))
        client.sendall(text)
    for number in range(len(asked), len(asked) + _CLIENTS):
        heads.append(_read(clients[number % _CLIENTS]))
    return heads


def _read(client: socket.socket) -> bytes:
    """Read one answer; its head."""
    size = client.recv_into(_BUFFER)
    head, _, body = bytes(_BUFFER[:size]).partition(b"\r\n\r\n")
    _, found, rest = head.partition(b"Content-Length: ")
    left = (int(rest.partition(b"\r\n")[0]) if found else 0) - len(body)
    while left > 0:
        left -= client.recv_into(_BUFFER, left)
    return head


if __name__ == "__main__":
    _load(int(sys.argv[1]), sys.argv[2])
