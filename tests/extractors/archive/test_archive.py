"""The archive: captures are read back, and torn or damaged records are told from whole ones."""

import gzip
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from extractors.archive.orders import ORDERED_BY
from extractors.archive.reader import Archive, ArchivedOrders, ArchivedRecord, Damage
from extractors.archive.warc import make_fields, make_record, make_revisit, members
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture
from extractors.ids import capture_id
from extractors.ledger import Capture, ForgetOrder

STARTED = datetime(2016, 6, 15, 13)  # noqa: DTZ001 because every time here is naive UTC
MAX_BODY = 100_000


Found = ArchivedRecord | ArchivedOrders | Damage


def nothing_known(_: str) -> tuple[str, datetime] | None:
    return None


def new(number: int, body: bytes = b"", url: str = "") -> NewCapture:
    return NewCapture(
        url=url or f"https://mptf.undp.org/project/{number}",
        captured_at=STARTED + timedelta(minutes=number),
        captured_at_source="sidecar",
        source="saved",
        body=body or f"<p>page {number}</p>".encode() * 3,
        http_status=200 if number % 2 else None,
    )


def written(folder: Path, captures: Sequence[NewCapture]) -> tuple[Archive, list[Capture], Path]:
    archive = Archive(folder, MAX_BODY)
    with ArchiveWriter(archive, "run1", STARTED, nothing_known) as writer:
        added = [writer.add(capture) for capture in captures]
    return archive, added, folder / "mptf-run1.warc.gz"


def read_all(archive: Archive) -> list[Found]:
    return [record for name in archive.files() for record in archive.records(name)]


def captures_of(found: Sequence[Found]) -> list[Capture]:
    return [record.capture for record in found if isinstance(record, ArchivedRecord)]


def test_added_captures_are_read_back(tmp_path: Path) -> None:
    pages = [new(1), new(2, "Tomé".encode("cp1252")), new(3, b"\x00\xff" * 500)]
    archive, added, _ = written(tmp_path, pages)
    assert read_all(archive) == [
        ArchivedRecord(capture, page.body) for capture, page in zip(added, pages, strict=True)
    ]
    assert [archive.record(c.warc_file, c.warc_offset) for c in added] == read_all(archive)


def test_a_ledger_entry_has_the_capture_and_its_position(tmp_path: Path) -> None:
    page = new(1)
    _, (capture,), file = written(tmp_path, [page])
    sha256 = hashlib.sha256(page.body).hexdigest()
    assert capture == Capture(
        capture_id=capture_id(page.url, page.captured_at, sha256),
        url=page.url,
        source="saved",
        captured_at=page.captured_at,
        captured_at_source="sidecar",
        fetched_at=STARTED,
        http_status=200,
        body_sha256=sha256,
        body_bytes=len(page.body),
        unchanged=False,
        etag=None,
        last_modified=None,
        run_id="run1",
        warc_file=file.name,
        warc_offset=capture.warc_offset,
    )
    assert capture.capture_id == page.capture_id
    assert file.read_bytes()[capture.warc_offset :].startswith(b"\x1f\x8b")


def test_capture_ids_depend_on_neither_run_nor_order(tmp_path: Path) -> None:
    pages = [new(1), new(2), new(3)]
    _, one, _ = written(tmp_path / "one", pages)
    other = Archive(tmp_path / "other", MAX_BODY)
    with ArchiveWriter(other, "run2", STARTED + timedelta(days=9), nothing_known) as writer:
        two = [writer.add(page) for page in reversed(pages)]
    assert [c.capture_id for c in one] == [c.capture_id for c in reversed(two)]
    assert len({c.capture_id for c in one}) == 3


def test_a_repeated_body_is_archived_as_a_revisit(tmp_path: Path) -> None:
    first, again = new(1, b"<p>same</p>"), new(2, b"<p>same</p>")
    archive, (one, two), _ = written(tmp_path, [first, again])
    assert (one.unchanged, two.unchanged) == (False, True)
    assert read_all(archive) == [ArchivedRecord(one, first.body), ArchivedRecord(two, None)]
    assert archive.record(two.warc_file, two.warc_offset) == ArchivedRecord(two, None)


def test_equal_answers_to_two_queries_are_both_archived_in_full(tmp_path: Path) -> None:
    """An answer is parsed with its query, so neither stands for the other."""
    base = "https://gateway.example/some_api/rows/fromYear:"
    one, two, again = (
        new(minute, b'{"data": []}')._replace(url=f"{base}{year}")
        for minute, year in ((1, 2015), (2, 2016), (3, 2016))
    )
    _, captures, _ = written(tmp_path, [one, two, again])
    assert [capture.unchanged for capture in captures] == [False, False, True]
    assert len({capture.parse_key for capture in captures}) == 2


def test_a_capture_that_was_cut_short_is_read_back_as_one(tmp_path: Path) -> None:
    """The reason is a standard header; a revisit of such a body is cut short as well."""
    cut = new(1, b"<p>same</p>")._replace(cut_short="length")
    again, whole = cut._replace(url="https://mptf.undp.org/project/2"), new(3, b"<p>same</p>")
    archive, added, file = written(tmp_path, [cut, again, whole])
    assert [(one.cut_short, one.unchanged) for one in added] == [
        ("length", False),
        ("length", True),
        (None, False),
    ]
    assert captures_of(read_all(archive)) == added
    with file.open("rb") as stream:
        reasons = [
            record.rec_headers.get_header("WARC-Truncated") for record in ArchiveIterator(stream)
        ]
    assert reasons == [None, "length", "length", None]


def test_a_body_of_an_earlier_file_is_archived_as_a_revisit(tmp_path: Path) -> None:
    page = new(1, b"<p>same</p>")
    archive, (earlier,), _ = written(tmp_path, [page])
    known = {earlier.body_sha256: (earlier.url, earlier.captured_at)}
    with ArchiveWriter(archive, "run2", STARTED, known.get) as writer:
        capture = writer.add(new(2, b"<p>same</p>"))
    assert capture.unchanged
    with (tmp_path / capture.warc_file).open("rb") as file:
        headers = [
            record.rec_headers for record in ArchiveIterator(file) if record.rec_type == "revisit"
        ]
    assert len(headers) == 1
    assert headers[0].get_header("WARC-Refers-To-Target-URI") == earlier.url
    assert headers[0].get_header("WARC-Refers-To-Date") == "2016-06-15T13:01:00Z"


def test_warcio_reads_the_same_records(tmp_path: Path) -> None:
    """URL, capture time and digest are in standard headers."""
    pages = [new(1), new(2), new(3, new(1).body)]
    _, added, file = written(tmp_path, pages)
    with file.open("rb") as stream:
        records = [
            (
                record.rec_type,
                record.rec_headers.get_header("WARC-Target-URI"),
                record.rec_headers.get_header("WARC-Date"),
                record.rec_headers.get_header("WARC-Payload-Digest"),
                record.content_stream().read(),
            )
            for record in ArchiveIterator(stream)
        ]
    assert [record[0] for record in records] == ["warcinfo", "response", "resource", "revisit"]
    assert [record[1:4] for record in records[1:]] == [
        (c.url, f"{c.captured_at:%Y-%m-%dT%H:%M:%SZ}", f"sha256:{c.body_sha256}") for c in added
    ]
    assert [record[4] for record in records[1:]] == [pages[0].body, pages[1].body, b""]


def test_a_run_without_captures_creates_no_file(tmp_path: Path) -> None:
    archive, _, _ = written(tmp_path / "archive", [])
    assert archive.files() == []
    assert not (tmp_path / "archive").exists()


def test_a_file_is_open_until_it_is_closed(tmp_path: Path) -> None:
    archive = Archive(tmp_path, MAX_BODY)
    writer = ArchiveWriter(archive, "run1", STARTED, nothing_known)
    capture = writer.add(new(1))
    assert [p.name for p in tmp_path.iterdir()] == ["mptf-run1.warc.gz.open"]
    assert captures_of(read_all(archive)) == [capture]
    writer.close()
    assert [p.name for p in tmp_path.iterdir()] == ["mptf-run1.warc.gz"]
    assert captures_of(read_all(archive)) == [capture]


def test_a_file_torn_in_its_last_record_keeps_all_before_it(tmp_path: Path) -> None:
    """At every byte offset: the tail moves to a `.torn` file, and the rest stays as it was."""
    _, added, file = written(tmp_path / "whole", [new(1), new(2), new(3)])
    whole = file.read_bytes()
    last = added[-1].warc_offset
    kept = whole[:last]
    folder = tmp_path / "torn"
    folder.mkdir()
    archive = Archive(folder, MAX_BODY)
    final, aside = folder / "mptf-run1.warc.gz", folder / "mptf-run1.warc.gz.torn"
    wrong = []
    for size in range(last + 1, len(whole)):
        (folder / "mptf-run1.warc.gz.open").write_bytes(whole[:size])
        torn = archive.recover()
        found = read_all(archive)
        if (
            torn != [Damage("mptf-run1.warc.gz", last, size, "torn")]
            or final.read_bytes() != kept
            or aside.read_bytes() != whole[last:size]
            or len(found) != 2
            or captures_of(found) != added[:2]
            or sorted(p.name for p in folder.iterdir()) != [final.name, aside.name]
        ):
            wrong.append(size)
        final.unlink()
        aside.unlink()
    assert len(whole) - last > 300
    assert wrong == []


def test_an_open_file_of_whole_records_becomes_final_unchanged(tmp_path: Path) -> None:
    _, added, file = written(tmp_path, [new(1), new(2), new(3)])
    kept = file.read_bytes()[: added[-1].warc_offset]
    file.unlink()
    file.with_name(f"{file.name}.open").write_bytes(kept)
    archive = Archive(tmp_path, MAX_BODY)
    assert archive.recover() == []
    assert [p.name for p in tmp_path.iterdir()] == [file.name]
    assert file.read_bytes() == kept
    assert captures_of(read_all(archive)) == added[:2]


def test_a_torn_warcinfo_leaves_an_empty_file_and_a_torn_one(tmp_path: Path) -> None:
    _, added, file = written(tmp_path, [new(1)])
    head = file.read_bytes()[: added[0].warc_offset - 1]
    file.unlink()
    file.with_name(f"{file.name}.open").write_bytes(head)
    archive = Archive(tmp_path, MAX_BODY)
    assert archive.recover() == [Damage(file.name, 0, len(head), "torn")]
    assert read_all(archive) == []
    assert file.with_name(f"{file.name}.torn").read_bytes() == head


def test_a_flipped_byte_damages_only_its_own_record(tmp_path: Path) -> None:
    """At every byte of a middle record: it is reported with its extent, or is unchanged.

    Some bytes of the gzip header have no effect (a time, the operating system).
    """
    archive, added, file = written(tmp_path, [new(1), new(2), new(3)])
    whole = file.read_bytes()
    intact = read_all(archive)
    first, end = added[1].warc_offset, added[2].warc_offset
    harmless, wrong = [], []
    for at in range(first, end):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        found = read_all(archive)
        if found == intact:
            harmless.append(at - first)
            continue
        damage = found[1]
        if (
            [found[0], found[2]] != [intact[0], intact[2]]
            or len(found) != 3
            or not isinstance(damage, Damage)
            or (damage.offset, damage.end) != (first, end)
            or not damage.problem.startswith("damaged")
        ):
            wrong.append(at - first)
    assert end - first > 300
    assert set(harmless) <= {4, 5, 6, 7, 8, 9}
    assert wrong == []


def test_damage_ends_where_the_next_whole_record_begins(tmp_path: Path) -> None:
    """Two damaged records in a row are one or two parts, which never reach into a whole record."""
    archive, added, file = written(tmp_path, [new(1), new(2), new(3), new(4)])
    content = bytearray(file.read_bytes())
    for capture in added[1:3]:
        content[capture.warc_offset + 40] ^= 0xFF
    file.write_bytes(content)
    found = read_all(archive)
    assert captures_of(found) == [added[0], added[3]]
    damages = [d for d in found if isinstance(d, Damage)]
    assert (damages[0].offset, damages[-1].end) == (added[1].warc_offset, added[3].warc_offset)


def test_reading_at_a_wrong_offset_is_an_error(tmp_path: Path) -> None:
    archive, (capture,), file = written(tmp_path, [new(1)])
    for offset in (0, capture.warc_offset + 1, file.stat().st_size):
        with pytest.raises(ValueError, match=file.name):
            archive.record(file.name, offset)


def test_a_body_that_does_not_match_its_digest_is_damage(tmp_path: Path) -> None:
    archive, added, file = written(tmp_path, [new(1)])
    headers = {"WARC-Payload-Digest": f"sha256:{'0' * 64}", "WARC-Date": "2016-06-15T13:00:00Z"}
    forged = make_record("https://example.org/", headers, b"<p>x</p>")
    with file.open("ab") as stream:
        stream.write(forged)
    found = read_all(archive)
    assert captures_of(found) == added
    assert [d.problem for d in found if isinstance(d, Damage)] == [
        "the body does not match its digest"
    ]


@pytest.mark.parametrize("kind", ["revisit", "resource"])
def test_a_record_of_another_program_is_damage(tmp_path: Path, kind: str) -> None:
    """Its digest may be right, but it lacks the headers of this program."""
    archive, added, file = written(tmp_path, [new(1)])
    body = b"" if kind == "revisit" else b"<p>x</p>"
    headers = {
        "WARC-Payload-Digest": f"sha256:{hashlib.sha256(body).hexdigest()}",
        "WARC-Date": "2016-06-15T13:00:00Z",
    }
    if kind == "revisit":
        headers |= {
            "WARC-Refers-To-Target-URI": "https://example.org/",
            "WARC-Refers-To-Date": "2016-06-15T13:00:00Z",
        }
    with file.open("ab") as stream:
        url = "https://example.org/"
        revisit = kind == "revisit"
        stream.write(make_revisit(url, headers) if revisit else make_record(url, headers, body))
    found = read_all(archive)
    assert captures_of(found) == added
    assert len([d for d in found if isinstance(d, Damage)]) == 1


@pytest.mark.parametrize("header", ["MPTF-HTTP-Status", "MPTF-Body-Bytes"])
@pytest.mark.parametrize("number", ["9" * 20, "9" * 5_000, "-1"])
def test_a_number_too_large_for_its_column_is_damage(
    tmp_path: Path, header: str, number: str
) -> None:
    """A crash would stop every later run, because the record stays in the archive."""
    archive, added, file = written(tmp_path, [new(1)])
    body = b"<p>x</p>"
    headers = {
        "WARC-Payload-Digest": f"sha256:{hashlib.sha256(body).hexdigest()}",
        "WARC-Date": "2016-06-15T13:00:00Z", "MPTF-Captured-At-Source": "warc",
        "MPTF-Fetched-At": "2016-06-15T13:00:00Z", "MPTF-Source": "warc", "MPTF-Run-ID": "run1",
        "MPTF-HTTP-Status": "200", "MPTF-Body-Bytes": "8",
    }  # fmt: skip
    url = "https://mptf.undp.org/project/9"
    with file.open("ab") as stream:
        stream.write(make_record(url, headers, body))
        stream.write(make_record(url, headers | {header: number}, body))
    found = read_all(archive)
    assert [capture.url for capture in captures_of(found)] == [added[0].url, url]
    assert len([d for d in found if isinstance(d, Damage)]) == 1


@pytest.mark.parametrize("text", [b"a letter, not a record", b"not a record"])
def test_a_gzip_member_without_a_record_is_damage(tmp_path: Path, text: bytes) -> None:
    archive, added, file = written(tmp_path, [new(1)])
    with file.open("ab") as stream:
        stream.write(gzip.compress(text))
    found = read_all(archive)
    assert captures_of(found) == added
    assert len([d for d in found if isinstance(d, Damage)]) == 1


def test_a_member_larger_than_any_page_is_damage(tmp_path: Path) -> None:
    _, added, file = written(tmp_path, [new(1), new(2, b"0" * 190_000), new(3)])
    small = Archive(tmp_path, 1_000)
    found = list(small.records(file.name))
    assert captures_of(found) == [added[0], added[2]]
    assert [d.offset for d in found if isinstance(d, Damage)] == [added[1].warc_offset]


def test_reading_from_an_offset_yields_all_records_after_it(tmp_path: Path) -> None:
    archive, added, file = written(tmp_path, [new(1), new(2), new(3)])
    later = list(archive.records(file.name, added[1].warc_offset))
    assert captures_of(later) == added[1:]
    assert list(archive.records(file.name, archive.size(file.name))) == []


def test_members_are_contiguous(tmp_path: Path) -> None:
    _, added, file = written(tmp_path, [new(1), new(2)])
    found = list(members(file, MAX_BODY))
    assert [m.offset for m in found] == [0, *(c.warc_offset for c in added)]
    assert [m.end for m in found] == [*(m.offset for m in found[1:]), file.stat().st_size]


def test_a_run_never_overwrites_an_archive_file(tmp_path: Path) -> None:
    archive, _, file = written(tmp_path, [new(1)])
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        ArchiveWriter(archive, "run1", STARTED, nothing_known).add(new(2))
    assert file.read_bytes() == before


PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40).filter(
    str.isprintable
)


@settings(max_examples=50)
@given(
    start=st.sampled_from(
        ["https://mptf.undp.org/", "HTTP://mptf.undp.org/", "file:", "urn:x", "a/"]
    ),
    tail=PRINTABLE,
    body=st.binary(min_size=1, max_size=300),
    captured_at=st.datetimes().map(lambda time: time.replace(microsecond=0)),
    status=st.none() | st.integers(100, 599),
)
def test_any_url_time_and_body_survive_the_archive(
    tmp_path_factory: pytest.TempPathFactory,
    start: str,
    tail: str,
    body: bytes,
    captured_at: datetime,
    status: int | None,
) -> None:
    headers = (("ETag", '"\x00"'), ("ETag", '"1"'), ("Last-Modified", tail))
    page = NewCapture(f"{start}{tail}", captured_at, "option", "saved", body, status, headers)
    archive, (capture,), _ = written(tmp_path_factory.mktemp("archive"), [page])
    assert read_all(archive) == [ArchivedRecord(capture, body)]
    assert (capture.url, capture.captured_at) == (page.url, captured_at)


def test_orders_to_forget_captures_are_read_back(tmp_path: Path) -> None:
    """However many they are, each record of them is no larger than any."""
    archive = Archive(tmp_path, 1000)
    named = [(f"{number:032x}", f"{number:064x}") for number in range(2500)]
    with ArchiveWriter(archive, "run1", STARTED, nothing_known) as writer:
        writer.add_orders("restore", STARTED, named)
    found = [record for record in read_all(archive) if isinstance(record, ArchivedOrders)]
    assert [len(record.orders) for record in found] == [1000, 1000, 500]
    orders = [order for record in found for order in record.orders]
    assert orders == [ForgetOrder(*one, "restore", STARTED, "run1") for one in named]


def test_an_order_that_cannot_be_read_is_damage(tmp_path: Path) -> None:
    headers = {"WARC-Date": "2016-06-15T13:00:00Z", ORDERED_BY: "run1"}
    fields = [("action", "forget"), ("capture", "not one")]
    (tmp_path / "mptf-run1.warc.gz").write_bytes(make_fields("metadata", headers, fields))
    (found,) = read_all(Archive(tmp_path, MAX_BODY))
    assert isinstance(found, Damage)
    assert "an order to forget captures that cannot be read" in found.problem
