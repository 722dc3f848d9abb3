"""Web archives: rows of the index, replays, and the archive's own errors and redirects."""

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
    BadRow,
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


class RecordingClock:
    """A clock that records sleeps instead of waiting."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return 1000.0 + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@contextmanager
def web(
    base_url: str, transport: httpx.BaseTransport | None = None, clock: RecordingClock | None = None
) -> Iterator[WebArchive]:
    limits = Limits(step_seconds=60, answer_seconds=120)
    with HttpClient("test", limits, trusted_hosts=["127.0.0.1"], transport=transport) as client:
        yield WebArchive(base_url, client, NoThrottle(), NoThrottle(), clock or RecordingClock())


class Bytes(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


def replies(*answers: tuple[int, dict[str, str], bytes]) -> tuple[httpx.MockTransport, list[str]]:
    """Return a transport that gives these responses in order, and the list of URLs requested."""
    asked: list[str] = []
    script = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        status, headers, body = next(script)
        return httpx.Response(status, headers=headers, stream=Bytes(body))

    return httpx.MockTransport(answer), asked


def test_a_search_continues_with_the_resume_key() -> None:
    first = json.dumps([FIELDS, ROW, [], ["key +1"]]).encode()
    last = json.dumps([FIELDS, [*ROW[:4], "DEF"]]).encode()
    transport, asked = replies((200, {}, first), (200, {}, last))
    with web("https://web.archive.org", transport) as archive:
        listed = list(archive.search("mptf.undp.org/project/1", NOW, None))
    assert [row.digest for row in listed if isinstance(row, CdxRow)] == ["ABC", "DEF"]
    assert "from=20240420000000" in asked[0]
    assert "resumeKey" not in asked[0]
    assert httpx.URL(asked[1]).params["resumeKey"] == "key +1"


def test_an_endless_index_is_an_error() -> None:
    """A truncated list would look like a complete one with fewer captures."""
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


def test_without_a_memento_time_the_index_gives_the_capture_time() -> None:
    """As when its Memento-Datetime is invalid."""
    transport, _ = replies((200, {"Memento-Datetime": "yesterday"}, b"page"))
    with web("https://web.archive.org", transport) as archive:
        found = archive.replay(CdxRow(*ROW))
    assert isinstance(found, NewCapture)
    assert (found.captured_at, found.captured_at_source) == (CdxRow(*ROW).captured_at, "index")


def test_every_listed_capture_replays_with_its_time_url_and_digest(
    replica: Replica,
) -> None:
    """Index and replays over HTTP, against the stand-in."""
    world, running = replica(programmes=40, seed=3, now=NOW)
    outlines = world.gateway.records.portfolio.outlines[:12]
    pages = 0
    with web(running.base_url) as archive:
        for path in [f"{old}/project/{o.programme_id}" for o in outlines for old in OLD_AND_NEW]:
            for listed in archive.search(f"mptf.undp.org{path}"):
                assert isinstance(listed, CdxRow)
                found = archive.replay(listed)
                if not listed.is_page:
                    assert isinstance(found, NotAPage)
                    continue
                assert isinstance(found, NewCapture)
                assert found.captured_at == listed.captured_at
                assert (found.captured_at_source, found.source) == ("memento", "wayback")
                assert path in found.url
                assert cdx_digest(found.body) == listed.digest
                assert found.cut_short is None
                pages += 1
    assert pages > 8


def test_a_replay_redirected_to_another_time_has_that_time(
    replica: Replica,
) -> None:
    """The archive redirects to the nearest capture, whose Memento-Datetime counts."""
    world, running = replica(programmes=40, seed=3, now=NOW)
    programme_id = world.gateway.records.portfolio.outlines[0].programme_id
    with web(running.base_url) as archive:
        listed = [
            row
            for row in archive.search(f"mptf.undp.org/factsheet/project/{programme_id}")
            if isinstance(row, CdxRow) and row.status == "200"
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
        (302, {"Location": "http://[/web/20160420030700id_/x"}, FailureKind.REDIRECT_REFUSED),
    ],
)  # fmt: skip
def test_archived_errors_differ_from_errors_of_the_archive(
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


def test_a_replay_has_the_url_and_headers_of_the_original() -> None:
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
def test_a_replay_of_another_programme_is_a_failure(link: str) -> None:
    headers = {"Memento-Datetime": "Wed, 20 Apr 2016 03:07:09 GMT", "Link": link}
    transport, _ = replies((200, headers, b"page"))
    with web("https://web.archive.org", transport) as archive:
        found = archive.replay(CdxRow(*ROW))
    if link.startswith("<o"):  # a long header without an original URL
        assert isinstance(found, NewCapture)
        assert found.url == ROW[1]
    else:
        assert isinstance(found, Failure)
        assert found.kind is FailureKind.UNEXPECTED


def test_a_busy_archive_is_retried_after_the_wait_it_asks_for() -> None:
    listing = json.dumps([FIELDS, ROW]).encode()
    transport, asked = replies(
        (429, {"Retry-After": "60"}, b""), (503, {}, b""), (500, {}, b""), (200, {}, listing)
    )
    clock = RecordingClock()
    with web("https://web.archive.org", transport, clock) as archive:
        assert len(list(archive.search("mptf.undp.org/project/1"))) == 1
    assert clock.slept == [60.0, 60.0, 20.0]
    assert len(asked) == 4


def test_an_archive_that_stays_busy_is_an_error() -> None:
    transport, asked = replies(*[(429, {}, b"")] * 5)
    with (
        web("https://web.archive.org", transport) as archive,
        pytest.raises(FetchError, match="answered 429"),
    ):
        list(archive.search("mptf.undp.org/project/1"))
    assert len(asked) == 5


@pytest.mark.parametrize(
    "text",
    ["<html>", "{}", "[1]", '[["timestamp"]]', json.dumps([FIELDS, ROW])[:-9], "[" * 5000, "null"],
)  # fmt: skip
def test_an_invalid_index_is_an_error(text: str) -> None:
    with pytest.raises(BadIndexError):
        parse_index(text)


@pytest.mark.parametrize(
    "bad",
    [
        ROW[:4], [], None, "text", {"timestamp": ROW[0]}, ["2016", *ROW[1:]],
        ["20000800241623", *ROW[1:]], ["00000420030700", *ROW[1:]], [ROW[0], None, *ROW[2:]],
    ],
)  # fmt: skip
def test_a_bad_row_of_the_index_costs_that_row(bad: object) -> None:
    """The rows beside it are read, and its text is kept."""
    found, resume_key = parse_index(json.dumps([FIELDS, ROW, bad, ROW, [], ["key"]]))
    assert found == [CdxRow(*ROW), BadRow(json.dumps(bad)), CdxRow(*ROW)]
    assert resume_key == "key"


MEMENTO = {"Memento-Datetime": "Wed, 20 Apr 2016 03:07:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "listed", "cut_short"),
    [
        ({"X-Archive-Orig-Content-Length": "4"}, b"page", None),
        ({"X-Archive-Orig-Content-Length": "5"}, b"page", "length"),
        ({"X-Archive-Orig-Content-Length": "3"}, b"page", None),
        ({"X-Archive-Orig-Content-Length": "many"}, b"page", None),
        ({"X-Archive-Orig-Content-Length": "9", "X-Archive-Orig-Content-Encoding": "gzip"},
         b"encoded", None),
        ({}, b"another page", "digest"),
        ({"Memento-Datetime": "Wed, 20 Apr 2016 03:07:09 GMT"}, b"another page", None),
        ({"X-Archive-Orig-Content-Encoding": "identity"}, b"another page", "digest"),
    ],
)  # fmt: skip
def test_a_replay_that_is_not_the_whole_capture_is_cut_short(
    headers: dict[str, str], listed: bytes, cut_short: str | None
) -> None:
    """Shorter than its headers say, or with another digest than the index; not where encoded."""
    transport, _ = replies((200, MEMENTO | headers, b"page"))
    with web("https://web.archive.org", transport) as archive:
        found = archive.replay(CdxRow(*ROW)._replace(digest=cdx_digest(listed)))
    assert isinstance(found, NewCapture)
    assert found.cut_short == cut_short


def test_an_empty_index_has_no_rows() -> None:
    assert parse_index("") == parse_index("[]") == ([], None)
    assert parse_index(json.dumps([FIELDS])) == ([], None)


def test_only_status_200_and_revisits_may_be_pages() -> None:
    listed = CdxRow(*ROW)
    assert listed.is_page
    assert listed._replace(status="-", mimetype="warc/revisit").is_page
    assert not listed._replace(status="301").is_page
    assert not listed._replace(status="404").is_page


def test_the_bounds_of_a_query_are_exact_to_the_second() -> None:
    query = format_query("mptf.undp.org/project/1", NOW, datetime(2024, 4, 21, 1, 2, 3))  # noqa: DTZ001 because it is naive UTC
    assert (query["from"], query["to"]) == ("20240420000000", "20240421010203")
