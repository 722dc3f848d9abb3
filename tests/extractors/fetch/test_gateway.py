"""Fetching over HTTP: a whole page is a capture, anything else a failure of its kind."""

import gzip
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx
import pytest

from extractors.archive.reader import validator
from extractors.captures import NewCapture, RevisitCapture
from extractors.fetch.clock import RealClock
from extractors.fetch.errors import (
    TRANSIENT,
    BadBaseError,
    Failure,
    FailureKind,
    FetchError,
    SiteClosedError,
)
from extractors.fetch.gateway import (
    CachedCopy,
    Gateway,
    PageRequest,
    Site,
    retry_after,
    usable_last_modified,
)
from extractors.fetch.http import HttpClient, Limits
from extractors.fetch.network import Deadline, GuardedBackend
from extractors.fetch.robots import Robots
from extractors.fetch.throttle import NoThrottle
from replica.world import World
from tests.processes import PATIENCE
from tests.stand_in import Replica

NOW = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
SITE = "http://gateway.example"
LIMITS = Limits(2 * 2**20, answer_seconds=PATIENCE, step_seconds=PATIENCE)
IMPATIENT = LIMITS._replace(answer_seconds=0.4, step_seconds=0.2)


@contextmanager
def gateway_at(
    base_url: str, limits: Limits = LIMITS, transport: httpx.BaseTransport | None = None
) -> Iterator[Gateway]:
    site = Site(base_url, SITE)
    with HttpClient("test", limits, trusted_hosts=[site.host], transport=transport) as client:
        yield Gateway(site, client, NoThrottle(), RealClock(), by_its_clock=True)


def fetched(
    base_url: str, path: str, limits: Limits = LIMITS, cached: CachedCopy | None = None
) -> NewCapture | RevisitCapture | Failure:
    with gateway_at(base_url, limits) as gateway:
        return gateway.fetch(PageRequest(SITE + path, cached))


def programme_paths(world: World, now: datetime = NOW) -> list[str]:
    return [path for path in world.gateway.addresses(now) if "/project/" in path]


def test_a_page_is_captured_byte_for_byte(replica: Replica) -> None:
    world, running = replica()
    paths = programme_paths(world)
    assert len(paths) > 3
    for path in paths:
        page = fetched(running.base_url, path)
        assert isinstance(page, NewCapture)
        plain = httpx.get(
            running.base_url + path, headers={"Accept-Encoding": "identity"}, timeout=PATIENCE
        )
        assert page.body == plain.content
        assert (page.url, page.captured_at, page.http_status) == (SITE + path, NOW, 200)
        assert (page.source, page.captured_at_source) == ("gateway", "http_date")


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        ("404", FailureKind.NOT_FOUND, "answered 404"),
        ("429", FailureKind.BUSY, "answered 429"),
        ("503", FailureKind.BUSY, "answered 503"),
        ("500", FailureKind.SERVER_ERROR, "answered 500"),
        ("timeout", FailureKind.TIMEOUT, "no byte for 0.2 seconds"),
        ("drip", FailureKind.TIMEOUT, "no byte for 0.2 seconds"),
        ("reset", FailureKind.CUT_OFF, "cut off: [Errno 104] Connection reset by peer"),
        ("truncated", FailureKind.TRUNCATED, "cut short: its gzip stream does not end"),
        ("redirect_loop", FailureKind.REDIRECT_LOOP, "redirected 2 times, the last to"),
        ("redirect_away", FailureKind.REDIRECT_REFUSED, "/elsewhere/"),
        ("bomb", FailureKind.TOO_LARGE, "larger than 2,097,152 bytes, which no page is"),
        ("stacked_bomb", FailureKind.ENCODING, "encoded as 'gzip, gzip'"),
    ],
)
def test_each_transport_fault_is_a_failure_of_its_kind(
    replica: Replica, fault: str, kind: FailureKind, message: str
) -> None:
    world, running = replica(faults=(f"{fault}=1",))
    (path, *_) = programme_paths(world)
    limits = IMPATIENT if kind is FailureKind.TIMEOUT else LIMITS
    failed = fetched(running.base_url, path, limits)
    assert isinstance(failed, Failure)
    assert (failed.url, failed.kind) == (SITE + path, kind)
    assert message in failed.detail
    assert "\n" not in failed.detail


def test_a_dripping_body_ends_at_the_deadline(replica: Replica) -> None:
    """No read times out, but the whole response is late."""
    world, running = replica(faults=("drip=1",))
    (path, *_) = programme_paths(world)
    failed = fetched(running.base_url, path, LIMITS._replace(answer_seconds=2.5))
    assert isinstance(failed, Failure)
    assert failed.kind is FailureKind.TOO_SLOW
    (entry,) = running.log()
    assert entry.bytes_sent < 1000


def test_a_dripping_head_ends_at_the_deadline() -> None:
    with served(lambda client: _drip(client, b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100)) as url:
        failed = fetched(url, "/", LIMITS._replace(answer_seconds=0.5))
    assert isinstance(failed, Failure)
    assert failed.kind is FailureKind.TOO_SLOW


def _drip(client: socket.socket, content: bytes) -> None:
    stop = threading.Event()
    for byte in content:
        client.sendall(bytes((byte,)))
        stop.wait(0.05)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", FailureKind.TRUNCATED),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello", FailureKind.TRUNCATED),
        (b"220 mail.example ESMTP\r\n", FailureKind.CUT_OFF),
        (b"", FailureKind.CUT_OFF),
        (b"HTTP/1.1 204 No Content\r\n\r\n", FailureKind.UNEXPECTED),
        (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", FailureKind.REFUSED),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", FailureKind.UNEXPECTED),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", FailureKind.REDIRECT_REFUSED),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nxx",
            FailureKind.ENCODING,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx",
            FailureKind.ENCODING,
        ),
    ],
)
def test_an_incomplete_or_unexpected_response_is_a_failure(
    answer: bytes, kind: FailureKind
) -> None:
    with served(lambda client: client.sendall(answer)) as url:
        failed = fetched(url, "/")
    assert isinstance(failed, Failure)
    assert failed.kind is kind


@contextmanager
def served(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """Serve one connection; `answer` writes the response."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(65536)
                try:
                    answer(client)
                except OSError:
                    return  # the client closed the connection

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(PATIENCE)


def _fetched_as_gzip(body: bytes) -> NewCapture | RevisitCapture | Failure:
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Bytes(body))
    )
    with gateway_at(SITE, transport=transport) as gateway:
        return gateway.fetch(PageRequest(f"{SITE}/a"))


def test_every_member_of_a_gzip_body_is_read() -> None:
    """A body of two members that lacks the end of the second is cut short, and no capture."""
    two = gzip.compress(b"one, ") + gzip.compress(b"two")
    whole, cut = _fetched_as_gzip(two), _fetched_as_gzip(two[:-1])
    assert isinstance(whole, NewCapture)
    assert whole.body == b"one, two"
    assert isinstance(cut, Failure)
    assert cut.kind is FailureKind.TRUNCATED


def test_data_after_a_gzip_stream_is_a_failure() -> None:
    failed = _fetched_as_gzip(gzip.compress(b"one") + b"two")
    assert isinstance(failed, Failure)
    assert failed.detail == "data after the end of its gzip stream"


def reply(status: int, text: str = "", **headers: str) -> httpx.Response:
    """Return a response with an unread body, as from the network."""
    return httpx.Response(status, headers=headers, stream=Bytes(text.encode()))


class Bytes(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


@pytest.mark.parametrize("fault", ["bomb", "stacked_bomb"])
def test_a_bomb_costs_less_than_100_megabytes(replica: Replica, fault: str) -> None:
    """The difference of peak memory before and after the bomb, in a process of its own."""
    world, running = replica(faults=(f"{fault}=1",))
    (path, *_) = programme_paths(world)
    script = f"""
import resource
from tests.extractors.fetch.test_gateway import fetched
from extractors.fetch.http import Limits
fetched({running.base_url!r}, "/robots.txt", Limits())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(fetched({running.base_url!r}, {path!r}, Limits()).kind)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    kind, kilobytes = done.stdout.split()
    assert kind == {"bomb": "too_large", "stacked_bomb": "encoding"}[fault]
    assert int(kilobytes) < 100 * 1024


def test_large_bodies_are_decoded_one_at_a_time(replica: Replica) -> None:
    """Several bombs at once all fail as too large, without waiting for ever."""
    world, running = replica(faults=("bomb=1",))
    (path, *_) = programme_paths(world)
    limits = Limits(8 * 2**20, answer_seconds=PATIENCE)
    with gateway_at(running.base_url, limits) as gateway:
        found: list[object] = []
        threads = [
            threading.Thread(target=lambda: found.append(gateway.fetch(PageRequest(SITE + path))))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    assert [isinstance(outcome, Failure) and outcome.kind for outcome in found] == [
        FailureKind.TOO_LARGE
    ] * 6


def test_another_host_gets_no_request_from_a_redirect(replica: Replica) -> None:
    world, running = replica(faults=("redirect_away=1",))
    for path in programme_paths(world):
        fetched(running.base_url, path)
    hosts = {entry.host for entry in running.log()}
    assert hosts == {running.base_url.removeprefix("http://")}
    assert not [entry for entry in running.log() if entry.target.startswith("/elsewhere")]


def test_a_redirect_within_the_site_is_captured_under_its_target(replica: Replica) -> None:
    now = datetime(2023, 1, 5)  # noqa: DTZ001 because every time here is naive UTC
    world, running = replica(now=now)
    (path, *_) = [p for p in programme_paths(world, now) if p.startswith("/project/")]
    page = fetched(running.base_url, f"/factsheet{path}")
    assert isinstance(page, NewCapture)
    assert page.url == SITE + path


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/", "http://127.0.0.1:1/", "//elsewhere.example/", "ftp://x/",
        "http://user:secret@{host}/", "http://[::1/", "javascript:alert(1)", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_no_redirect_leads_off_the_site(location: str) -> None:
    asked_for: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked_for.append(str(request.url))
        return reply(302, Location=location.format(host="gateway.example"))

    with gateway_at(SITE, transport=httpx.MockTransport(answer)) as gateway:
        failed = gateway.fetch(PageRequest(f"{SITE}/a"))
    assert isinstance(failed, Failure)
    assert failed.kind is FailureKind.REDIRECT_REFUSED
    assert asked_for == [f"{SITE}/a"]


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/project/1", "//elsewhere.example/", "http://127.0.0.1/", "file:///x",
        "http://gateway.example@elsewhere.example/", "javascript:alert(1)", "http://[::1/", "ftp://x/",
        "http://gateway.example:22/", "/a\x00b", "/a\x1b[2J", "/a\u202eb",
    ],
)  # fmt: skip
def test_no_link_leads_off_the_site(link: str) -> None:
    assert Site(SITE).join(f"{SITE}/portfolio/fund", link) is None


@pytest.mark.parametrize("link", ["/a\r\nX: 1", "/a b", "/é", "../../x"])
def test_no_link_adds_a_header_to_a_request(link: str) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return reply(404)

    url = Site(SITE).join(f"{SITE}/portfolio/fund", link)
    with gateway_at(SITE, transport=httpx.MockTransport(answer)) as gateway:
        if url is not None:
            gateway.fetch(PageRequest(url))
    for request in sent:
        assert request.url.host == "gateway.example"
        assert "X" not in request.headers
        assert request.url.raw_path.isascii()
        assert not set(b"\r\n ") & set(request.url.raw_path)


def test_no_validator_adds_a_header_to_a_request() -> None:
    for hostile in ('"a\r\nX: 1"', '"é"', '"' + "x" * 2_000 + '"'):
        assert validator([("ETag", hostile)], "etag") is None


def test_no_redirect_leads_from_https_to_http() -> None:
    site = Site("https://gateway.example")
    assert site.allows("https://gateway.example/a")
    assert not site.allows("http://gateway.example/a")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "::1", "224.0.0.1", "ff02::1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "::ffff:127.0.0.1",
        "64:ff9b:1::7f00:1", "fec0::1",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_except_of_trusted_hosts(host: str) -> None:
    """The address that a name resolves to is checked, not the name."""
    backend = GuardedBackend(["gateway.example"], Deadline())
    with pytest.raises(FetchError) as refused:
        backend.connect_tcp(host, 9, timeout=1)
    assert refused.value.kind is FailureKind.ADDRESS_REFUSED
    trusted = GuardedBackend([host], Deadline())
    if host.startswith("127."):
        with pytest.raises(Exception, match="refused"):
            trusted.connect_tcp(host, 9, timeout=1)


def test_cookies_are_not_sent_back() -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "session=secret"}, stream=Bytes(b"page"))

    with gateway_at(SITE, transport=httpx.MockTransport(answer)) as gateway:
        gateway.fetch(PageRequest(f"{SITE}/a"))
        gateway.fetch(PageRequest(f"{SITE}/b"))
    assert sent == [None, None]


def test_an_unchanged_page_is_a_revisit_without_a_body(replica: Replica) -> None:
    world, running = replica()
    unchanged = 0
    for path in programme_paths(world):
        page = fetched(running.base_url, path)
        assert isinstance(page, NewCapture)
        headers = {name.lower(): value for name, value in page.headers}
        cached = CachedCopy(
            headers.get("etag"),
            usable_last_modified(headers.get("last-modified"), page.captured_at),
            page.body_sha256,
            page.body_bytes,
        )
        again = fetched(running.base_url, path, cached=cached)
        if isinstance(again, RevisitCapture):
            unchanged += 1
            assert again.capture_id == page.capture_id
            assert again.http_status == 304
        else:
            assert cached.etag is None
            assert cached.last_modified is None
    assert unchanged > 2


@pytest.mark.parametrize(
    ("last_modified", "usable"),
    [
        ("Wed, 20 Apr 2016 02:00:00 GMT", True),
        ("Wed, 20 Apr 2016 03:06:30 GMT", False),  # may change again within the second
        ("Wed, 20 Apr 2026 02:00:00 GMT", False),  # in the future
        ("yesterday", False),
        (None, False),
    ],
)
def test_a_last_modified_is_used_only_if_it_can_tell_versions_apart(
    last_modified: str | None, *, usable: bool
) -> None:
    assert usable_last_modified(last_modified, NOW) == (last_modified if usable else None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0), (" 2 ", 2.0), ("0", 0.0), ("Thu, 01 Jan 1970 00:20:00 GMT", 200.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0), ("in a while", None), ("-3", None), ("1.5", None),
        ("", None), (None, None), ("9" * 400, 999_999_999.0),
    ],
)  # fmt: skip
def test_both_forms_of_retry_after_are_parsed(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, now=1000.0) == seconds


def test_only_transient_failures_are_retried() -> None:
    assert {kind for kind in FailureKind if Failure("", kind, "").is_transient} == TRANSIENT
    assert FailureKind.NOT_FOUND not in TRANSIENT


@pytest.mark.parametrize(
    "base", ["", "mptf.undp.org", "ftp://site", "http://", "http://u:p@site", "http://site/?a=1",
             "http://site:port", "http://a b/"],
)  # fmt: skip
def test_an_invalid_base_url_is_refused(base: str) -> None:
    with pytest.raises(BadBaseError):
        Site(base)


ROBOTS = """
User-agent: *
Disallow: /

User-agent: mptf-warehouse
Disallow: /private
Allow: /private/open
Disallow: /*.pdf$
Crawl-delay: 3
"""


def robots_from(status: int, text: str = "") -> Robots:
    def answer(_: httpx.Request) -> httpx.Response:
        return reply(status, text)

    with gateway_at(SITE, transport=httpx.MockTransport(answer)) as gateway:
        gateway.read_robots()
        return gateway.robots


def test_robots_txt_is_obeyed_as_the_rfc_defines_it() -> None:
    """Only our own group applies; the longest rule wins; `*` and `$` are wildcards."""
    robots = robots_from(200, ROBOTS)
    assert robots.allows(f"{SITE}/project/1")
    assert not robots.allows(f"{SITE}/private/x")
    assert robots.allows(f"{SITE}/private/open/x")
    assert not robots.allows(f"{SITE}/a/b.pdf")
    assert robots.crawl_delay == 3.0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_everything_is_allowed_without_a_robots_txt(status: int) -> None:
    assert robots_from(status).allows(f"{SITE}/anything")


@pytest.mark.parametrize("status", [500, 502, 503])
def test_nothing_is_allowed_if_robots_txt_is_a_server_error(status: int) -> None:
    with pytest.raises(SiteClosedError):
        robots_from(status)


def test_nothing_is_allowed_if_robots_txt_times_out(replica: Replica) -> None:
    _, running = replica(faults=("timeout=1@/robots.txt",))
    with (
        gateway_at(running.base_url, IMPATIENT) as gateway,
        pytest.raises(SiteClosedError, match="no byte"),
    ):
        gateway.read_robots()


def test_forbidden_urls_are_not_requested_even_after_a_redirect() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        if request.url.path == "/robots.txt":
            return reply(200, "User-agent: *\nDisallow: /private")
        return reply(302, Location="/private/b")

    with gateway_at(SITE, transport=httpx.MockTransport(answer)) as gateway:
        gateway.read_robots()
        found = [
            gateway.fetch(PageRequest(f"{SITE}/private/a")),
            gateway.fetch(PageRequest(f"{SITE}/a")),
        ]
    assert [isinstance(outcome, Failure) and outcome.kind for outcome in found] == [
        FailureKind.ROBOTS
    ] * 2
    assert seen == ["/robots.txt", "/a"]
