"""The server on real sockets: HTTP, and what it adds to the site's answers."""

import gzip
import socket
import struct
import threading
import warnings
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from replica.http import accepts_gzip
from replica.server.serving import Running, serving
from tests.processes import PATIENCE, eventually
from tests.replica.fixed_site import ETAG, NOW, PAGE, FixedSite, RawClient, utc


@pytest.fixture
def running() -> Iterator[Running]:
    with serving(FixedSite(), now=NOW) as running:
        yield running
        assert not running.internal_errors


@pytest.fixture
def raw(running: Running) -> Iterator[RawClient]:
    with RawClient(running) as client:
        yield client


def test_it_listens_on_loopback_only(running: Running) -> None:
    assert running.base_url.startswith("http://127.0.0.1:")
    port = int(running.base_url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)


def test_the_site_gets_method_path_query_and_headers(running: Running) -> None:
    told = httpx.get(
        f"{running.base_url}/%65cho?a=%62", headers={"X-Y": "z"}, timeout=PATIENCE
    ).json()
    method, path, query, headers, now, fault = told
    assert (method, path, query, now, fault) == ("GET", "/echo", "a=%62", str(NOW), None)
    assert headers["x-y"] == "z"


def test_a_connection_is_kept_alive(raw: RawClient, running: Running) -> None:
    for _ in range(3):
        raw.ask()
        answer = raw.answer()
        assert (answer.headers["connection"], answer.body) == ("keep-alive", PAGE)
    assert {entry.connection for entry in running.log()} == {1}


@pytest.mark.parametrize(
    "request_text",
    ["GET /page HTTP/1.1\r\nConnection: close\r\n\r\n", "GET /page HTTP/1.0\r\n\r\n"],
)
def test_a_connection_ends_where_the_client_says_so(raw: RawClient, request_text: str) -> None:
    raw.socket.sendall(request_text.encode())
    answer = raw.answer()
    assert (answer.headers["connection"], answer.body) == ("close", PAGE)
    assert raw.read() == b""


def test_pipelined_requests_are_answered_in_order(raw: RawClient, running: Running) -> None:
    paths = [f"/páge/{number}" for number in range(50)]
    for path in paths:
        raw.ask(path.replace("á", "%C3%A1"))
    assert [raw.answer().body.decode() for _ in paths] == paths
    assert [entry.number for entry in running.log()] == list(range(1, 51))


def test_pipelining_more_than_is_buffered_is_answered_all_the_same(raw: RawClient) -> None:
    """The client goes on asking for a megabyte each, however slowly it reads."""
    count = 300

    def ask() -> None:
        for _ in range(count):
            raw.ask("/large")

    writer = threading.Thread(target=ask)
    writer.start()
    sizes = [len(raw.answer().body) for _ in range(count)]
    writer.join(PATIENCE)
    assert sizes == [1 << 20] * count


def test_a_request_may_come_in_pieces(raw: RawClient) -> None:
    for piece in (b"GE", b"T /pa", b"ge HTTP/1.1\r\nHo", b"st: x\r\n", b"\r", b"\n"):
        raw.socket.sendall(piece)
    assert raw.answer().body == PAGE


def test_head_is_the_head_alone(raw: RawClient) -> None:
    raw.ask(method="HEAD")
    assert raw.answer(with_body=False).headers["content-length"] == str(len(PAGE))
    raw.ask("/small")
    assert raw.answer().body == PAGE[:512]


def test_an_unchanged_page_passes_through_without_a_body(raw: RawClient, running: Running) -> None:
    raw.ask("/page", f"If-None-Match: {ETAG}")
    answer = raw.answer()
    assert (answer.status, answer.headers["etag"]) == (304, ETAG)
    assert "content-length" not in answer.headers
    assert [(entry.status, entry.conditional) for entry in running.log()] == [(304, True)]


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\r\n\r\n",
        b"GET /p\xe1ge HTTP/1.1\r\n\r\n",
        b"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_a_malformed_request_gets_400_and_the_end(
    raw: RawClient, running: Running, text: bytes
) -> None:
    raw.ask("/small")
    raw.socket.sendall(text)
    assert raw.answer().status == 200
    assert raw.answer().status == 400
    assert raw.read() == b""
    assert [entry.status for entry in running.log()] == [200, 400]


def test_a_head_without_end_gets_431(raw: RawClient) -> None:
    raw.socket.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000)
    assert raw.answer().status == 431


def test_a_body_that_is_too_long_gets_413(raw: RawClient) -> None:
    size = (1 << 20) + 1
    raw.ask("/_replica/faults", f"Content-Length: {size}", method="POST")
    raw.socket.sendall(bytes(size))
    assert raw.answer().status == 413


def test_another_protocol_is_not_taken_up(raw: RawClient) -> None:
    raw.ask("/small", "Connection: Upgrade", "Upgrade: h2c")
    answer = raw.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")


def test_text_is_compressed_always_to_the_same_bytes(raw: RawClient) -> None:
    bodies = set()
    for _ in range(2):
        raw.ask("/page", "Accept-Encoding: gzip")
        answer = raw.answer()
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["vary"] == "Accept-Encoding"
        bodies.add(answer.body)
    (body,) = bodies
    assert body[4:8] == bytes(4), "the time in a gzip header"
    assert gzip.decompress(body) == PAGE


@pytest.mark.parametrize("path", ["/small", "/picture"])
def test_small_texts_and_what_is_no_text_are_not_compressed(raw: RawClient, path: str) -> None:
    raw.ask(path, "Accept-Encoding: gzip")
    assert "content-encoding" not in raw.answer().headers


@pytest.mark.parametrize(
    ("accept_encoding", "accepted"),
    [
        ("", False), ("gzip", True), ("GZIP", True), ("x-gzip", True), ("br, gzip;q=0.5", True),
        ("gzip;q=0", False), ("gzip; q=0.000", False), ("*", True), ("*;q=0", False),
        ("gzip;q=0, *", False), ("*;q=0, gzip", True), ("identity", False), ("br", False),
        ("gzip;q=x", False), ("gzipped", False), (" , gzip ;level=1; Q=0", False),
    ],
)  # fmt: skip
def test_accept_encoding_is_read_as_rfc_9110_says(accept_encoding: str, accepted: bool) -> None:
    assert accepts_gzip(accept_encoding) is accepted


def test_a_fault_in_site_code_is_500_and_noted_and_the_server_lives(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with (
        serving(FixedSite(), now=NOW) as running,
        httpx.Client(base_url=running.base_url, timeout=PATIENCE) as client,
    ):
        assert client.get("/broken").status_code == 500
        assert client.get("/page").status_code == 200
        (line,) = running.internal_errors
        assert line.startswith("GET /broken: RuntimeError: the page is broken (fixed_site.py:")
        assert [(e.status, e.fault) for e in running.log()] == [(500, "internal_error"), (200, "")]
    assert capfd.readouterr().err == f"replica: internal error: {line}\n"


def test_the_log_tells_all_of_a_request(running: Running) -> None:
    headers = {"User-Agent": "test/1", "Host": "mptf.undp.org", "Accept-Encoding": "identity"}
    answer = httpx.get(f"{running.base_url}/p%41ge?x=%20", headers=headers, timeout=PATIENCE)
    (entry,) = running.log()
    told = (entry.number, entry.now, entry.method, entry.target, entry.host, entry.status)
    assert told == (1, NOW, "GET", "/p%41ge?x=%20", "mptf.undp.org", 200)
    rest = (entry.fault, entry.conditional, entry.user_agent, entry.connection)
    assert rest == ("", False, "test/1", 1)
    assert entry.bytes_sent > len(answer.content)
    assert 0 <= entry.seconds < PATIENCE
    assert datetime.fromtimestamp(entry.time).year >= 2024  # noqa: DTZ006 because a year is enough


def test_the_handle_moves_time_and_clears_the_log(running: Running) -> None:
    running.move_to(utc(2015, 1, 2, 3, 4, 5, 6))
    assert running.now == utc(2015, 1, 2, 3, 4, 5)
    answer = httpx.get(running.base_url, timeout=PATIENCE)
    assert answer.headers["Date"] == "Fri, 02 Jan 2015 03:04:05 GMT"
    running.clear_log()
    assert running.log() == []
    httpx.get(running.base_url, timeout=PATIENCE)
    assert [entry.number for entry in running.log()] == [2]


def test_it_ends_cleanly_while_clients_hang() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with serving(FixedSite(), now=NOW, faults=["timeout=1@/t", "drip=1@/d"]) as running:
            clients = [RawClient(running) for _ in range(4)]
            clients[0].ask("/t")
            clients[1].ask("/d")
            clients[2].socket.sendall(b"GET / HT")
            eventually(lambda: len(running.log()) == 2 or None, "requests")
        for client in clients:
            with client:
                client.read()
    assert not running.internal_errors


def test_it_ends_cleanly_while_clients_come() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with serving(FixedSite(), now=NOW) as running:
            clients = [RawClient(running) for _ in range(50)]
    for client in clients:
        client.__exit__()
    assert not running.internal_errors


def test_clients_that_break_off_are_no_errors(running: Running) -> None:
    """Half of them ask for the end of the connection too, and all of them reset it."""
    for number in range(200):
        with RawClient(running) as client:
            client.ask("/page", *["Connection: close"][: number % 2])
            no_linger = struct.pack("ii", 1, 0)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
    assert httpx.get(running.base_url, timeout=PATIENCE).status_code == 200
