"""The archive proved by a client that was written for the real one: EDGI's `wayback`, over HTTP."""

from base64 import b32encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from itertools import islice
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from wayback import CdxRecord, WaybackClient, WaybackSession
from wayback.exceptions import (
    BlockedSiteError,
    MementoPlaybackError,
    NoMementoError,
    RateLimitError,
    WaybackException,
)

from replica.server.serving import serving
from replica.webarchive.site import WebArchive
from tests.replica.archived_site import NOW, archive, digits, search, time_of

REAL = "https://web.archive.org"
ARCHIVE = archive(most_rows=40)
EVERYTHING = search(archive(), "url=mptf.undp.org/*")


class Detour(HTTPAdapter):
    """Takes requests for the real archive to another, and lets the client believe otherwise."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        asked = request.url
        assert asked is not None
        request.url = asked.replace(REAL, self._base_url)
        response = super().send(request, *args, **kwargs)
        request.url = response.url = asked
        return response


@contextmanager
def client_of(site: WebArchive) -> Iterator[Any]:
    """The real client, of an archive that is served on loopback."""
    with serving(site, now=NOW) as running:
        session = WaybackSession(
            retries=0, backoff=0, search_calls_per_second=0, memento_calls_per_second=0
        )
        session.mount(REAL, Detour(running.base_url))
        with WaybackClient(session) as client:
            yield client
        assert running.internal_errors == ()


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with client_of(ARCHIVE) as client:
        yield client


def listed(records: Any) -> list[list[str]]:
    """What the client made of the index, as the index has it."""
    return [
        [
            each.urlkey,
            digits(each.timestamp),
            each.original,
            each.mimetype,
            "-" if each.statuscode is None else str(each.statuscode),
            each.digest,
            str(each.length),
        ]
        for each in records
    ]


def without_ports(rows: list[list[str]]) -> list[list[str]]:
    """Rows as the client gives them: it leaves out `:80`."""
    return [[*row[:2], row[2].replace(":80/", "/"), *row[3:]] for row in rows]


@pytest.mark.parametrize("limit", [7, 25, 1000])
def test_search_follows_resume_keys_to_the_end(client: Any, limit: int) -> None:
    """All rows, whether its own limit or the archive's cuts the answers."""
    found = client.search("mptf.undp.org", match_type="host", limit=limit)
    assert listed(found) == without_ports(EVERYTHING)


@pytest.mark.parametrize(
    ("url", "match_type", "part"),
    [
        ("http://mptf.undp.org/factsheet/project/*", None, "undp,mptf)/factsheet/project/"),
        ("https://www.mptf.undp.org/project/", "prefix", "undp,mptf)/project/"),
        ("*.undp.org", None, ")/"),
        ("undp.org", "domain", ")/"),
        ("http://mptf.undp.org/list?page=1", None, "/list?page=1"),
    ],
)
def test_search_by_every_match_type(
    client: Any, url: str, match_type: str | None, part: str
) -> None:
    """Exact, prefix, host and domain, by name and by asterisks."""
    expected = [row for row in EVERYTHING if part in row[0]]
    assert listed(client.search(url, match_type=match_type)) == without_ports(expected)


def test_search_by_dates_filters_and_collapse(client: Any) -> None:
    """`from_date` and `to_date` as times, filters as a list, one row per address."""
    begin, end = EVERYTHING[40][1], EVERYTHING[41][1]
    begin, end = min(begin, end), max(begin, end)
    found = client.search(
        "mptf.undp.org/*",
        from_date=time_of(begin),
        to_date=time_of(end),
        filter_field=["!statuscode:200", "~urlkey:project"],
    )
    assert listed(found) == without_ports(
        [
            row
            for row in EVERYTHING
            if begin <= row[1] <= end and row[4] != "200" and "project" in row[0]
        ]
    )
    keys = [each.urlkey for each in client.search("mptf.undp.org/*", collapse="urlkey")]
    assert set(keys) == {row[0] for row in EVERYTHING}


def test_search_finds_the_last_by_a_negative_limit(client: Any) -> None:
    found = client.search("mptf.undp.org/clock", limit=-2)
    expected = [row for row in EVERYTHING if row[0].endswith("/clock")][-2:]
    assert listed(found) == without_ports(expected)


def test_search_says_what_was_wrong(client: Any) -> None:
    """A bad parameter is the client's own exception, not an empty list."""
    with pytest.raises(WaybackException, match="400"):
        list(client.search("mptf.undp.org/*", filter_field="statuscode:["))


def record_with(client: Any, status: int | None, url: str = "mptf.undp.org/*") -> CdxRecord:
    """The first record of that status; None for revisits."""
    return next(each for each in client.search(url) if each.statuscode == status)


def test_mementos_have_the_bytes_of_their_digest(client: Any) -> None:
    """Of pages, redirects, errors and revisits alike, each found by its record."""
    statuses = set()
    for record in islice(client.search("mptf.undp.org/*"), 0, None, 5):
        memento = client.get_memento(record, follow_redirects=False)
        assert memento.timestamp == record.timestamp
        assert memento.url.replace(":80/", "/") == record.original
        digest = sha1(memento.content, usedforsecurity=False).digest()
        assert b32encode(digest).decode() == record.digest
        if record.statuscode is not None:
            assert memento.status_code == record.statuscode
        statuses.add(record.statuscode)
    assert {200, 301, None} <= statuses


def test_a_memento_knows_its_headers_and_its_neighbours(client: Any) -> None:
    """The headers of the time without their prefix, and links as mementos of the same mode."""
    record = record_with(client, 200)
    memento = client.get_memento(record)
    assert memento.ok
    assert memento.headers["Content-Type"] == "text/html; charset=utf-8"
    assert memento.headers["ETag"]
    assert memento.links["original"]["url"].replace(":80/", "/") == record.original
    assert "id_/http" in memento.links["first memento"]["url"]


def test_a_memento_of_another_time_is_refused_or_the_nearest(client: Any) -> None:
    """`exact` is the default; without it the archive's redirect is followed within the window."""
    record = record_with(client, 200, "mptf.undp.org/clock")
    near = f"{int(digits(record.timestamp)) // 100 * 100 + (record.timestamp.second + 1) % 60:014d}"
    with pytest.raises(MementoPlaybackError):
        client.get_memento(record.original, timestamp=near)
    memento = client.get_memento(record.original, timestamp=near, exact=False)
    assert abs((memento.timestamp - record.timestamp).total_seconds()) < 120
    with pytest.raises(MementoPlaybackError):
        client.get_memento(record.original, timestamp="20010101000000", exact=False)


def test_an_archived_redirect_is_followed_to_the_new_address(client: Any) -> None:
    """If that was captured near enough."""
    redirects = [each for each in client.search("mptf.undp.org/*") if each.statuscode == 301]
    reached = 0
    for record in redirects:
        try:
            memento = client.get_memento(record, target_window=86400 * 3650, exact=False)
        except NoMementoError:  # the new address was never captured
            continue
        assert "/project/" in memento.url
        assert "/factsheet/" not in memento.url
        assert memento.history[0].url.replace(":80/", "/") == record.original
        reached += memento.status_code == 200
    assert reached


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_archived_error_is_a_memento(client: Any, status: int) -> None:
    """The archive itself is well: no exception, and the status of the time."""
    memento = client.get_memento(record_with(client, status))
    assert memento.status_code == status
    assert not memento.ok


def test_what_was_never_captured_is_no_memento(client: Any) -> None:
    with pytest.raises(NoMementoError):
        client.get_memento("http://mptf.undp.org/nowhere", timestamp="20150101000000", exact=False)


def test_an_excluded_address_is_a_blocked_site() -> None:
    """In searches and in playback."""
    with client_of(archive(excluded=["/clock"])) as client:
        with pytest.raises(BlockedSiteError):
            list(client.search("mptf.undp.org/clock"))
        with pytest.raises(BlockedSiteError):
            client.get_memento("http://mptf.undp.org/clock", timestamp="20150101000000")


def test_too_many_requests_are_a_rate_limit_error() -> None:
    """With the time after which to ask again."""
    with client_of(archive(requests_per_minute=2)) as client:
        for _ in range(2):
            list(client.search("mptf.undp.org/nowhere"))
        with pytest.raises(RateLimitError) as raised:
            list(client.search("mptf.undp.org/nowhere"))
    assert raised.value.retry_after == 60
