"""Erased records are gone, and everything else of their files is as and where it was."""

import gzip
from datetime import datetime
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from extractors.archive.erasing import erase_bodies
from extractors.archive.reader import Archive, ArchivedRecord, Damage
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture, RevisitCapture

TIME = datetime(2016, 6, 15, 13)  # noqa: DTZ001 because every time here is naive UTC
SECRET = b"<p>Wilhelmina Featherstonehaugh</p>"


def pages() -> list[NewCapture | RevisitCapture]:
    """A page, one to be erased, the same again, and a last one."""
    told = [(f"http://gateway.example/{number}", TIME, "fetch", "gateway") for number in range(4)]
    first, secret, last = (
        NewCapture(*told[number], body, 200)
        for number, body in ((0, b"<p>first</p>"), (1, SECRET), (3, b"<p>last</p>"))
    )
    again = RevisitCapture(*told[2], secret.body_sha256, secret.body_bytes, 304)
    return [first, secret, again, last]


def archived(folder: Path) -> tuple[Archive, Path, str]:
    """An archive of these pages, its file, and the digest of what is to be erased."""
    archive = Archive(folder, 100_000)
    with ArchiveWriter(archive, "run", TIME, lambda _: None) as writer:
        captures = [writer.add(page) for page in pages()]
    return archive, folder / "mptf-run.warc.gz", captures[1].body_sha256


def test_an_erased_body_is_gone_with_its_revisits_and_every_other_record_stays_in_its_place(
    tmp_path: Path,
) -> None:
    archive, file, digest = archived(tmp_path)
    before = file.read_bytes()
    first, _, _, last = archive.records(file.name)
    assert erase_bodies(archive, {digest}, TIME) == [file.name]
    assert list(archive.records(file.name)) == [first, last]
    assert len(file.read_bytes()) == len(before)
    assert SECRET not in gzip.decompress(file.read_bytes())
    with file.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream, check_digests=True)]
    assert kinds == ["warcinfo", "response", "metadata", "metadata", "response"]
    assert erase_bodies(archive, {digest}, TIME) == []
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_damaged_record_of_an_erased_body_is_erased_too(tmp_path: Path) -> None:
    archive, file, digest = archived(tmp_path)
    _, secret, _, last = archive.records(file.name)
    assert isinstance(secret, ArchivedRecord)
    assert isinstance(last, ArchivedRecord)
    content = bytearray(file.read_bytes())
    end = next(one.end for one in archive.members(file) if one.offset == secret.capture.warc_offset)
    content[end - 6] ^= 0xFF  # of the checksum
    file.write_bytes(content)
    assert any(isinstance(found, Damage) for found in archive.records(file.name))
    assert erase_bodies(archive, {digest}, TIME) == [file.name]
    assert not any(isinstance(found, Damage) for found in archive.records(file.name))


def test_a_torn_file_that_begins_with_an_erased_body_is_removed(tmp_path: Path) -> None:
    archive, file, digest = archived(tmp_path)
    _, secret, _, _ = archive.records(file.name)
    assert isinstance(secret, ArchivedRecord)
    start = secret.capture.warc_offset
    end = next(one.end for one in archive.members(file) if one.offset == start)
    torn = file.with_name("mptf-other.warc.gz.torn")
    torn.write_bytes(file.read_bytes()[start : end - 9])
    file.unlink()
    assert erase_bodies(archive, {digest}, TIME) == [torn.name]
    assert not torn.exists()
