"""Pages over HTTP: what comes whole is a capture, and everything else one line that says why."""

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
from stand_in import Replica

from extractors.archive import NewCapture, NotCaptured
from extractors.gateway import Limits, capture_pages, open_client

NOW = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
SITE = "http://gateway.example"
LIMITS = Limits(2 * 2**20, answer_seconds=0.3)


def captured(base_url: str, paths: list[str], limits: Limits) -> list[NewCapture | NotCaptured]:
    with open_client(base_url) as client:
        return list(capture_pages(client, SITE, paths, lambda: NOW, limits))


def test_a_page_is_captured_as_the_site_sent_it(replica: Replica) -> None:
    world, running = replica()
    paths = [path for path in world.gateway.addresses(NOW) if "/project/" in path]
    found = captured(running.base_url, paths, Limits(2**20))
    assert len(found) == len(paths) > 3
    for path, page in zip(paths, found, strict=True):
        assert isinstance(page, NewCapture)
        plain = httpx.get(running.base_url + path, headers={"Accept-Encoding": "identity"})
        assert page.body == plain.content
        assert page.media_type == plain.headers["Content-Type"]
        assert (page.url, page.captured_at, page.http_status) == (SITE + path, NOW, 200)
        assert (page.source, page.captured_at_source) == ("gateway", "fetch")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("404", "answered 404"),
        ("429", "answered 429"),
        ("500", "answered 500"),
        ("503", "answered 503"),
        ("redirect_loop", "answered 302"),
        ("redirect_away", "answered 302"),
        ("truncated", "cut short: its gzip stream does not end"),
        ("reset", "Connection reset by peer"),
        ("drip", "not finished after 0 seconds"),
        ("bomb", "larger than 2,097,152 bytes, which no page is (MPTF_MAX_BODY_BYTES)"),
        ("stacked_bomb", "encoded as 'gzip, gzip', which was not asked for"),
    ],
)
def test_what_fails_is_one_line_and_no_capture(replica: Replica, fault: str, message: str) -> None:
    world, running = replica(faults=(f"{fault}=1",))
    (path, *_) = [path for path in world.gateway.addresses(NOW) if "/project/" in path]
    (failed,) = captured(running.base_url, [path], LIMITS)
    assert isinstance(failed, NotCaptured)
    assert failed.name == SITE + path
    assert message in failed.message
    assert "\n" not in failed.message


def test_a_redirect_to_another_host_is_not_followed(replica: Replica) -> None:
    world, running = replica(faults=("redirect_away=1",))
    paths = [path for path in world.gateway.addresses(NOW) if "/project/" in path]
    captured(running.base_url, paths, LIMITS)
    hosts = {entry.host for entry in running.log()}
    assert hosts == {running.base_url.removeprefix("http://")}


def test_one_failure_stops_nothing_else(replica: Replica) -> None:
    world, running = replica()
    paths = [path for path in world.gateway.addresses(NOW) if "/project/" in path]
    running.set_faults([f"reset=1@{paths[1]}"])
    found = captured(running.base_url, paths, LIMITS)
    assert [isinstance(one, NewCapture) for one in found] == [at != 1 for at in range(len(paths))]


def test_what_follows_a_gzip_stream_is_not_lost_in_silence() -> None:
    import gzip

    two = gzip.compress(b"one") + gzip.compress(b"two")
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Bytes(two))
    )
    with httpx.Client(base_url=SITE, transport=transport) as client:
        (failed,) = capture_pages(client, SITE, ["/a"], lambda: NOW, LIMITS)
    assert failed == NotCaptured(f"{SITE}/a", "more follows where its gzip stream ends")


class Bytes(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
