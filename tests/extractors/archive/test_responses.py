"""Every response of an archive is found by its URL, captures or not, the newest of each."""

import gzip
from datetime import datetime, timedelta
from pathlib import Path

from extractors.archive.foreign.held_revisits import held_revisits
from extractors.archive.reader import Archive
from extractors.archive.responses import Responses
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture, NonCapture

SITE = "https://mptf.example"
NOW = datetime(2025, 3, 1, 12)  # noqa: DTZ001 because every time here is naive UTC


def page(path: str, body: bytes) -> NewCapture:
    headers = (("Content-Type", "text/html"),)
    return NewCapture(SITE + path, NOW, "fetch", "gateway", body, 200, headers)


def other(path: str, reason: str, status: int | None, body: bytes = b"") -> NonCapture:
    return NonCapture(SITE + path, NOW, reason, status, (("Location", "/b"),), body)


def write(folder: Path, run_id: str, *records: NewCapture | NonCapture) -> Archive:
    archive = Archive(folder, 100_000)
    with ArchiveWriter(archive, run_id, NOW + timedelta(hours=1), lambda _: None) as writer:
        for record in records:
            if isinstance(record, NonCapture):
                writer.add_non_capture(record)
            else:
                writer.add(record)
    return archive


def test_captures_and_other_responses_are_found_by_url(tmp_path: Path) -> None:
    """Also a request without a response, and a page with the body of an earlier one."""
    archive = write(
        tmp_path, "1", other("/robots.txt", "robots", 200, b"rules"), page("/a", b"same"),
        page("/b", b"same"), other("/c", "redirect", 301), other("/d", "timeout", None, b"why"),
    )  # fmt: skip
    found = Responses(archive, archive.files())
    assert found.counts == {"mptf-1.warc.gz": 5}
    urls = [url.removeprefix(SITE) for url in found.urls()]
    assert urls == ["/robots.txt", "/a", "/b", "/c", "/d"]
    got = [found.get(SITE + url) for url in urls]
    shown = [(one.reason, one.status, one.body) for one in got if one]
    assert shown == [
        ("robots", 200, b"rules"), ("", 200, b"same"), ("", 200, b"same"), ("redirect", 301, b""),
        ("timeout", None, b"why"),
    ]  # fmt: skip
    assert got[3] is not None
    assert dict(got[3].headers)["Location"] == "/b"
    assert {one.started_at - one.received_at for one in got if one} == {timedelta(hours=1)}
    assert found.get(f"{SITE}/e") is None


def test_the_newest_response_counts(tmp_path: Path) -> None:
    """Of the files in the order given; a file of another program has none."""
    write(tmp_path, "1", page("/a", b"old"), page("/b", b"only"))
    archive = write(tmp_path, "2", page("/a", b"new"))
    (tmp_path / "x.warc.gz").write_bytes(b"no gzip at all")
    found = Responses(archive, archive.files())
    bodies = [one.body for one in map(found.get, found.urls()) if one]
    assert bodies == [b"new", b"only"]
    assert found.counts["x.warc.gz"] == 0


def test_a_member_that_is_no_record_costs_neither_responses_nor_waiting_revisits(
    tmp_path: Path,
) -> None:
    name = "mptf-20240101T000000Z-0000.warc.gz"
    (tmp_path / name).write_bytes(gzip.compress(b"no record"))
    archive = Archive(tmp_path, 1_000)
    assert [*archive.records(name)] != []
    assert Responses(archive, [name]).urls() == []
    assert list(held_revisits(archive, [name])) == []
