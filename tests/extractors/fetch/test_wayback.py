"""Web archives: what the index lists, what a replay is, and what is the archive's own doing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx
import pytest

from extractors.captures import NewCapture
from extractors.fetch.errors import Failure, FailureKind, FetchError
from extractors.fetch.http import HttpClient, Limits
from extractors.fetch.throttle import NoThrottle
from extractors.fetch.wayback import (
    BadIndexError,
    CdxRow,
    NotAPage,
    WebArchive,
    cdx_digest,
    format_query,
    parse_index,
)
from tests.stand_in import Replica

NOW = datetime(2024, 4, 20)  # noqa: DTZ001 because every time here is naive UTC
FIELDS = ["timestamp", "original", "mimetype", "statuscode", "digest"]
OLD_AND_NEW = ("/factsheet", "")
ROW = ["20160420030700", "http://mptf.undp.org/project/1", "text/html", "200", "ABC"]


class NotedTime:
    """A clock whose sleeping costs nothing and is noted."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return 1000.0 + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@contextmanager
def web(
    base_url: str, transport: httpx.BaseTransport | None = None, clock: NotedTime | None = None
) -> Iterator[WebArchive]:
    limits = Limits(step_seconds=5, answer_seconds=10)
    with HttpClient("test", limits, trusted_hosts=["127.0.0.1"], transport=transport) as exchange:
        yield WebArchive(base_url, exchange, NoThrottle(), NoThrottle(), clock or NotedTime())


class Bytes(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


def replies(*answers: tuple[int, dict[str, str], bytes]) -> tuple[httpx.MockTransport, list[str]]:
    """An archive that gives these answers, one after another, and what it was asked."""
    asked: list[str] = []
    script = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        status, headers, body = next(script)
        return httpx.Response(status, headers=headers, stream=Bytes(body))

    return httpx.MockTransport(answer), asked


def test_the_whole_index_is_read_page_by_page_with_its_resume_key() -> None:
    first = json.dumps([FIELDS, ROW, [], ["key +1"]]).encode()
    last = json.dumps([FIELDS, [*ROW[:4], "DEF"]]).encode()
    transport, asked = replies((200, {}, first), (200, {}, last))
    with web("https://web.archive.org", transport) as archive:
        listed = list(archive.search("mptf.undp.org/project/1", NOW, None))
    assert [row.digest for row in listed] == ["ABC", "DEF"]
    assert "from=20240420000000" in asked[0]
    assert "resumeKey" not in asked[0]
    assert httpx.URL(asked[1]).params["resumeKey"] == "key +1"


def test_an_index_that_comes_to_no_end_is_refused_not_cut() -> None:
    """What is missing from a listing looks like captures that there are not."""
    stuck = json.dumps([FIELDS, ROW, [], ["key"]]).encode()
    transport, _ = replies((200, {}, stuck), (200, {}, stuck))
    with (
        web("https://web.archive.org", transport) as archive,
        pytest.raises(BadIndexError, match="'key'"),
    ):
        list(archive.search("mptf.undp.org/project/1"))
    endless: Iterator[tuple[int, dict[str, str], bytes]] = (
        (200, {}, json.dumps([FIELDS, [], [f"key {number}"]]).encode()) for number in range(1_001)
    )
    transport, asked = replies(*endless)
    with (
        web("https://web.archive.org", transport) as archive,
        pytest.raises(BadIndexError, match="1,000 responses"),
    ):
        list(archive.search("mptf.undp.org/project/1"))
    assert len(asked) == 1_000


def test_the_index_s_time_is_said_to_be_the_index_s() -> None:
    """Where the archive's own time of a capture cannot be read."""
    transport, _ = replies((200, {"Memento-Datetime": "yesterday"}, b"page"))
    with web("https://web.archive.org", transport) as archive:
        found = archive.replay(CdxRow(*ROW))
    assert isinstance(found, NewCapture)
    assert (found.captured_at, found.captured_at_source) == (CdxRow(*ROW).captured_at, "index")


def test_every_listed_capture_of_a_programme_is_what_the_site_showed_then(
    replica: Replica,
) -> None:
    """Index and replays over HTTP: exact times, the true address, digests that hold."""
    world, running = replica(programmes=40, seed=3, now=NOW)
    outlines = world.gateway.records.portfolio.outlines[:12]
    pages = 0
    with web(running.base_url) as archive:
        for path in [f"{old}/project/{o.programme_id}" for o in outlines for old in OLD_AND_NEW]:
            for listed in archive.search(f"mptf.undp.org{path}"):
                found = archive.replay(listed)
                if not listed.is_page:
                    assert isinstance(found, NotAPage)
                    continue
                assert isinstance(found, NewCapture)
                assert found.captured_at == listed.captured_at
                assert (found.captured_at_source, found.source) == ("memento", "wayback")
                assert path in found.url
                assert cdx_digest(found.body) == listed.digest
                pages += 1
    assert pages > 8


def test_a_replay_of_another_time_is_the_nearest_capture_under_its_own_time(
    replica: Replica,
) -> None:
    """The archive's own redirect leads there, and the answer says of when it is."""
    world, running = replica(programmes=40, seed=3, now=NOW)
    programme_id = world.gateway.records.portfolio.outlines[0].programme_id
    with web(running.base_url) as archive:
        listed = [
            row
            for row in archive.search(f"mptf.undp.org/factsheet/project/{programme_id}")
            if row.status == "200"
        ]
        off = listed[0]._replace(timestamp=f"{listed[0].timestamp[:12]}59")
        found = archive.replay(off)
    assert isinstance(found, NewCapture)
    assert found.captured_at == listed[0].captured_at


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (404, {"Memento-Datetime": "Wed, 20 Apr 2016 03:07:00 GMT"}, 404),  # the site's, archived
        (301, {"Memento-Datetime": "Wed, 20 Apr 2016 03:07:00 GMT", "Location": "/web/x"}, 301),
        (503, {"Memento-Datetime": "Wed, 20 Apr 2016 03:07:00 GMT"}, 503),
        (404, {}, FailureKind.NOT_FOUND),  # the archive's own
        (403, {}, FailureKind.REFUSED),
        (302, {"Location": "https://elsewhere.example/web/20160420030700id_/x"},
         FailureKind.REDIRECT_REFUSED),
        (302, {"Location": "/login"}, FailureKind.REDIRECT_REFUSED),
    ],
)  # fmt: skip
def test_an_archived_error_is_told_from_the_archives_own(
    status: int, headers: dict[str, str], expected: object
) -> None:
    transport, _ = replies((status, headers, b"x"))
    with web("https://web.archive.org", transport) as archive:
        found = archive.replay(CdxRow(*ROW))
    if isinstance(expected, FailureKind):
        assert isinstance(found, Failure)
        assert found.kind is expected
    else:
        assert found == NotAPage(ROW[1], expected)  # type: ignore[arg-type]


def test_the_true_address_and_headers_are_those_of_the_capture() -> None:
    headers = {
        "Memento-Datetime": "Wed, 20 Apr 2016 03:07:09 GMT",
        "Link": '<http://mptf.undp.org:80/factsheet/project/00000001>; rel="original",'
        ' <https://x>; rel="y"',
        "X-Archive-Orig-ETag": '"v1"',
        "X-Archive-Src": "crawl.warc.gz",
    }
    transport, _ = replies((200, headers, b"page"))
    with web("https://web.archive.org", transport) as archive:
        found = archive.replay(CdxRow(*ROW))
    assert isinstance(found, NewCapture)
    assert found.url == "http://mptf.undp.org/factsheet/project/00000001"
    assert found.captured_at == datetime(2016, 4, 20, 3, 7, 9)  # noqa: DTZ001 because it is naive UTC
    assert found.headers == (("etag", '"v1"'),)


@pytest.mark.parametrize(
    "link",
    [
        '<http://mptf.undp.org/project/2>; rel="original"',
        '<https://elsewhere.example/>; rel="original"',
        '<http://mptf.undp.org/project/1\x1b[2J>; rel="original"',
        "<o" * 40_000,
    ],
)
def test_a_capture_of_another_page_than_was_asked_for_is_none_of_it(link: str) -> None:
    headers = {"Memento-Datetime": "Wed, 20 Apr 2016 03:07:09 GMT", "Link": link}
    transport, _ = replies((200, headers, b"page"))
    with web("https://web.archive.org", transport) as archive:
        found = archive.replay(CdxRow(*ROW))
    if link.startswith("<o"):  # says of no page, at some length, that it is the original
        assert isinstance(found, NewCapture)
        assert found.url == ROW[1]
    else:
        assert isinstance(found, Failure)
        assert found.kind is FailureKind.UNEXPECTED


def test_an_archive_that_is_busy_is_asked_again_when_it_says_so() -> None:
    listing = json.dumps([FIELDS, ROW]).encode()
    transport, asked = replies(
        (429, {"Retry-After": "60"}, b""), (503, {}, b""), (500, {}, b""), (200, {}, listing)
    )
    clock = NotedTime()
    with web("https://web.archive.org", transport, clock) as archive:
        assert len(list(archive.search("mptf.undp.org/project/1"))) == 1
    assert clock.slept == [60.0, 60.0, 20.0]
    assert len(asked) == 4


def test_an_archive_that_stays_busy_is_given_up() -> None:
    transport, asked = replies(*[(429, {}, b"")] * 5)
    with (
        web("https://web.archive.org", transport) as archive,
        pytest.raises(FetchError, match="answered 429"),
    ):
        list(archive.search("mptf.undp.org/project/1"))
    assert len(asked) == 5


@pytest.mark.parametrize(
    "text",
    ["<html>", "{}", "[1]", '[["timestamp"]]', json.dumps([FIELDS, [*ROW[:4]]]),
     json.dumps([FIELDS, ["2016", *ROW[1:]]]), json.dumps([FIELDS, ["20000800241623", *ROW[1:]]]),
     json.dumps([FIELDS, ["00000420030700", *ROW[1:]]]), "[" * 5000, "null"],
)  # fmt: skip
def test_what_is_no_listing_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(BadIndexError):
        parse_index(text)


def test_an_empty_index_is_an_empty_listing() -> None:
    assert parse_index("") == parse_index("[]") == ([], None)
    assert parse_index(json.dumps([FIELDS])) == ([], None)


def test_a_revisit_may_be_a_page_and_a_redirect_is_none() -> None:
    listed = CdxRow(*ROW)
    assert listed.is_page
    assert listed._replace(status="-", mimetype="warc/revisit").is_page
    assert not listed._replace(status="301").is_page
    assert not listed._replace(status="404").is_page


def test_the_bounds_of_a_query_are_written_to_the_second() -> None:
    query = format_query("mptf.undp.org/project/1", NOW, datetime(2024, 4, 21, 1, 2, 3))  # noqa: DTZ001 because it is naive UTC
    assert (query["from"], query["to"]) == ("20240420000000", "20240421010203")
