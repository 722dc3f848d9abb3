"""The archive's captures, played back, and how it keeps those off who ask too often."""

from base64 import b32encode
from datetime import datetime
from hashlib import sha1

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replica.http import Answer
from tests.replica.archived_site import (
    EARLIEST,
    NOW,
    Clock,
    archive,
    digits,
    get,
    search,
    time_of,
)

ARCHIVE = archive()
EVERYTHING = search(ARCHIVE, "url=mptf.undp.org/*")


def headers_of(answer: Answer) -> dict[str, str]:
    names = [name.lower() for name, _ in answer.headers]
    assert len(names) == len(set(names))
    return {name.lower(): text for name, text in answer.headers}


def test_every_row_replays_to_what_it_says() -> None:
    """Status, type, time, and bytes of the listed digest; a revisit has the bytes it repeats."""
    for _, timestamp, original, mimetype, status, digest, _ in EVERYTHING:
        answer = get(ARCHIVE, f"/web/{timestamp}id_/{original}")
        headers = headers_of(answer)
        assert b32encode(sha1(answer.body, usedforsecurity=False).digest()).decode() == digest
        assert f"{time_of(timestamp):%d %b %Y %H:%M:%S} GMT" in headers["memento-datetime"]
        assert f'<{original}>; rel="original"' in headers["link"]
        if mimetype == "warc/revisit":
            assert answer.status == 200
        else:
            assert str(answer.status) == status
            assert headers["content-type"].startswith(mimetype)
            assert int(headers["x-archive-orig-content-length"]) == len(answer.body)


def test_a_revisit_repeats_an_earlier_capture() -> None:
    """There is one with its digest and a status before it, under the same key."""
    revisits = [row for row in EVERYTHING if row[3] == "warc/revisit"]
    assert revisits
    for row in revisits:
        assert any(
            other[5] == row[5] and other[0] == row[0] and other[4] == "200"
            for other in EVERYTHING[: EVERYTHING.index(row)]
        )


def test_headers_of_the_time_come_prefixed() -> None:
    """The type stands for itself; the others say that they are the original's."""
    row = next(row for row in EVERYTHING if row[4] == "200")
    headers = headers_of(get(ARCHIVE, f"/web/{row[1]}id_/{row[2]}"))
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["x-archive-orig-etag"]
    assert headers["x-archive-orig-date"] == headers["memento-datetime"]
    assert headers["x-archive-src"]


def test_an_archived_redirect_leads_on_into_the_archive() -> None:
    """Its status stays, and its target is an absolute address at the same time."""
    row = next(row for row in EVERYTHING if row[4] == "301")
    answer = get(ARCHIVE, f"/web/{row[1]}id_/{row[2]}")
    place = headers_of(answer)["location"]
    assert answer.status == 301
    assert place.startswith(f"/web/{row[1]}id_/http")
    assert place.lower().rstrip("/").endswith(row[0].partition("/factsheet")[2])


@given(st.datetimes(EARLIEST, NOW), st.sampled_from(["clock", "still", "list?page=1"]))
def test_another_time_leads_to_the_nearest_capture(wanted: datetime, path: str) -> None:
    """By a redirect of the archive's own, which is no capture itself."""
    wanted = wanted.replace(microsecond=0)
    rows = search(ARCHIVE, f"url=mptf.undp.org/{path}")
    answer = get(ARCHIVE, f"/web/{digits(wanted)}id_/http://mptf.undp.org/{path}")
    headers = headers_of(answer)
    if digits(wanted) in [row[1] for row in rows]:
        assert "memento-datetime" in headers
        return
    assert answer.status == 302
    assert "memento-datetime" not in headers
    found = headers["location"].split("/")[2].removesuffix("id_")
    nearest = min(abs(time_of(row[1]) - wanted) for row in rows)
    assert abs(time_of(found) - wanted) == nearest
    assert "memento-datetime" in headers_of(get(ARCHIVE, headers["location"]))


@given(st.text("0123456789", min_size=1, max_size=14))
@settings(max_examples=50)
def test_any_digits_lead_somewhere(timestamp: str) -> None:
    """Parts of a time and times that there are not, such as a 30 February, included."""
    assert get(ARCHIVE, f"/web/{timestamp}/mptf.undp.org/clock").status in (200, 302)


def test_the_timegate_leads_to_the_newest_capture() -> None:
    """An address without a time means now."""
    last = search(ARCHIVE, "url=mptf.undp.org/clock&limit=-1")[0]
    answer = get(ARCHIVE, "/web/http://mptf.undp.org/clock")
    assert headers_of(answer)["location"] == f"/web/{last[1]}/{last[2]}"


def test_links_name_the_captures_around() -> None:
    """First, previous, next and last, each once, however they coincide."""
    rows = search(ARCHIVE, "url=mptf.undp.org/clock")
    assert len(rows) > 4
    first = headers_of(get(ARCHIVE, f"/web/{rows[0][1]}id_/{rows[0][2]}"))["link"]
    assert f'/web/{rows[0][1]}/{rows[0][2]}>; rel="first memento"' in first
    assert f'/web/{rows[1][1]}/{rows[1][2]}>; rel="next memento"' in first
    assert "prev" not in first
    middle = headers_of(get(ARCHIVE, f"/web/{rows[2][1]}id_/{rows[2][2]}"))["link"]
    for name, at in (("first ", 0), ("prev ", 1), ("", 2), ("next ", 3), ("last ", -1)):
        assert middle.count(f'/web/{rows[at][1]}/{rows[at][2]}>; rel="{name}memento"') == 1


@pytest.mark.parametrize(
    "target",
    [
        "/web/20150101000000id_/http://mptf.undp.org/nowhere",
        "/web/20150101000000id_/http://example.org/clock",
        "/web/20150101000000id_/http://",
        "/web/timemap/link/http://mptf.undp.org/clock",
        "/",
    ],
)
def test_what_is_not_archived_is_the_archives_own_404(target: str) -> None:
    """Told from an archived one by the time that it does not have."""
    answer = get(ARCHIVE, target)
    assert answer.status == 404
    assert "memento-datetime" not in headers_of(answer)


def test_nothing_is_replayed_before_it_was_captured() -> None:
    """Before the first capture an address was never archived."""
    first = search(ARCHIVE, "url=mptf.undp.org/clock")[0]
    target = f"/web/{first[1]}id_/{first[2]}"
    assert get(ARCHIVE, target, time_of(first[1])).status == int(first[4])
    assert get(ARCHIVE, target, EARLIEST).status == 404


def test_excluded_addresses_are_403() -> None:
    """With the page and the header that clients know them by."""
    answer = get(archive(excluded=["/clock"]), "/web/2015id_/http://mptf.undp.org/clock")
    assert answer.status == 403
    assert b"URL has been excluded" in answer.body
    assert "AdministrativeAccessControl" in headers_of(answer)["x-archive-wayback-runtime-error"]


def test_too_many_requests_close_the_archive_until_a_quiet_minute() -> None:
    """Beyond the limit it is 429, and asking on keeps it closed; the limit is any minute's."""
    clock = Clock()
    busy = archive(requests_per_minute=3, clock=clock)

    def status(seconds: float) -> int:
        clock.seconds += seconds
        return get(busy, "/cdx/search/cdx?url=mptf.undp.org/clock&limit=1").status

    assert [status(15) for _ in range(3)] == [200, 200, 200]
    refused = get(busy, "/web/2015/http://mptf.undp.org/clock")
    assert refused.status == 429
    assert headers_of(refused)["retry-after"] == "60"
    assert "memento-datetime" not in headers_of(refused)
    assert [status(seconds) for seconds in (59, 59, 60)] == [429, 429, 200]
    assert [status(20) for _ in range(30)] == [200] * 30
