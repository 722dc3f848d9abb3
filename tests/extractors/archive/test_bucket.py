"""An archive in a bucket: files are pushed whole, fetched when they are read, never overwritten."""

import gzip
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from extractors.archive.bucket import ArchiveReplacedError, BucketArchive, NoRoomToFetchError
from extractors.archive.erasing import erase_bodies
from extractors.archive.listing import LISTING_FILE, Listing
from extractors.archive.reader import Archive, ArchivedRecord
from extractors.archive.warc import ERASED
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture
from extractors.objects import Store, open_store
from extractors.store_errors import StoreUnreachableError
from tests.services import S3, use

STARTED = datetime(2016, 6, 15, 13)  # noqa: DTZ001 because every time here is naive UTC
FILE = "mptf-run1.warc.gz"


@pytest.fixture
def store(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return an empty bucket's prefix."""
    use(monkeypatch, s3)
    return open_store(f"s3://{s3.bucket()}/archive")


@pytest.fixture
def here(store: Store, tmp_path: Path) -> BucketArchive:
    return _opened(tmp_path / "here", store)


@pytest.fixture
def there(store: Store, tmp_path: Path) -> BucketArchive:
    return _opened(tmp_path / "there", store)


def _opened(folder: Path, store: Store, min_free_bytes: int = 0) -> BucketArchive:
    return BucketArchive(folder, 100_000, store, min_free_bytes)


def _again(archive: BucketArchive) -> BucketArchive:
    """The same archive, opened by the next process."""
    return _opened(archive.folder, archive.store)


def _page(number: int) -> NewCapture:
    return NewCapture(
        url=f"https://mptf.undp.org/project/{number}",
        captured_at=STARTED + timedelta(minutes=number),
        captured_at_source="sidecar", source="saved", body=f"<p>page {number}</p>".encode() * 3,
    )  # fmt: skip


def _write(archive: Archive, run_id: str = "run1", pages: Sequence[int] = (1, 2)) -> Path:
    with ArchiveWriter(archive, run_id, STARTED, lambda _: None) as writer:
        for number in pages:
            writer.add(_page(number))
    return archive.folder / f"mptf-{run_id}.warc.gz"


def _urls(archive: Archive) -> list[str]:
    found = [one for name in archive.files() for one in archive.records(name)]
    assert all(isinstance(one, ArchivedRecord) for one in found)
    return [one.capture.url for one in found if isinstance(one, ArchivedRecord)]


def _away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # where nothing listens


def test_a_file_is_pushed_once_it_is_final(here: BucketArchive, store: Store) -> None:
    with ArchiveWriter(here, "run1", STARTED, lambda _: None) as writer:
        writer.add(_page(1))
        assert store.names() == []
        assert here.files() == [FILE]
    assert store.names() == [FILE]
    assert store.read(FILE) == (here.folder / FILE).read_bytes()
    assert here.waiting() == here.differences() == []


def test_what_one_home_archived_another_reads(here: BucketArchive, there: BucketArchive) -> None:
    written = _write(here)
    there.exchange()
    assert there.files() == [FILE]
    assert there.size(FILE) == written.stat().st_size
    assert list(there.folder.glob("*.gz")) == []
    assert _urls(there) == _urls(here)
    assert (there.folder / FILE).read_bytes() == written.read_bytes()
    assert sorted(path.name for path in there.folder.iterdir()) == [LISTING_FILE, FILE]


def test_files_wait_while_the_bucket_is_away(
    here: BucketArchive, there: BucketArchive, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(there, "run0")
    here.exchange()
    _away(monkeypatch)
    with here.if_reached():
        here.exchange()
    _write(here)
    (told,) = here.waiting()
    assert told.startswith("the archive's bucket could not be reached (s3://")
    assert told.endswith("1 file waits here to be pushed")
    assert here.files() == [FILE]
    with pytest.raises(StoreUnreachableError):
        here.differences()
    use(monkeypatch, s3)
    again = _again(here)
    assert [line for line in again.differences() if "not in s3://" not in line] == []
    again.exchange()
    assert again.waiting() == again.differences() == []
    assert again.store.names() == ["mptf-run0.warc.gz", FILE]


def test_a_file_of_the_bucket_that_goes_away_is_an_error(
    here: BucketArchive, there: BucketArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading never gives less than the archive is known to hold."""
    _write(here)
    there.exchange()
    _away(monkeypatch)
    with pytest.raises(StoreUnreachableError):
        _urls(there)
    assert list(there.folder.glob("*.gz")) == []


def test_a_push_that_was_killed_is_finished(here: BucketArchive, store: Store) -> None:
    """Whether the object was there already or not, nobody takes it for another."""
    _write(here)
    (here.folder / LISTING_FILE).unlink()
    again = _again(here)
    again.exchange()
    assert again.differences() == []
    (here.folder / LISTING_FILE).unlink()
    pushing = _again(here)
    pushing.push_finished()
    assert pushing.waiting() == []
    assert store.names() == [FILE]


def test_other_bytes_of_one_name_are_named_and_never_replaced(
    here: BucketArchive, there: BucketArchive, store: Store
) -> None:
    written = _write(here).read_bytes()
    other = _write(Archive(there.folder, 100_000), pages=[3])
    for archive in (there, _again(there)):
        archive.exchange()
        (told,) = archive.waiting()
        assert told.startswith(f"the archive's bucket has a {FILE} with other bytes")
        assert archive.differences() == [told]
    assert store.read(FILE) == written
    assert _urls(there) == ["https://mptf.undp.org/project/3"]
    other.unlink()
    _again(there).exchange()
    assert _urls(_again(there)) == _urls(here)
    assert _again(there).waiting() == []


def test_a_comparison_that_was_interrupted_is_made_again(
    here: BucketArchive, there: BucketArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is known of a file that was only fetched to be compared."""
    _write(here)
    _write(Archive(there.folder, 100_000), pages=[3])

    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("extractors.archive.bucket.is_erased_copy", interrupted)
        with pytest.raises(KeyboardInterrupt):
            there.exchange()
    again = _again(there)
    again.exchange()
    assert len(again.waiting()) == 1


def test_a_file_that_lost_bytes_here_is_fetched_again(here: BucketArchive) -> None:
    whole = _write(here).read_bytes()
    (here.folder / FILE).write_bytes(whole[:-20])
    again = _again(here)
    again.exchange()
    assert (here.folder / FILE).read_bytes() == whole
    assert again.differences() == []


def test_a_file_that_the_bucket_lost_is_pushed_again(here: BucketArchive, s3: S3) -> None:
    _write(here)
    here.exchange()
    empty = _opened(here.folder, open_store(f"s3://{s3.bucket()}/archive"))
    empty.exchange()
    assert empty.store.names() == [FILE]


def test_what_is_erased_is_erased_in_the_bucket_and_everywhere(
    here: BucketArchive, there: BucketArchive, store: Store
) -> None:
    written = _write(here)
    there.exchange()
    assert len(_urls(there)) == 2
    here.exchange()
    assert erase_bodies(here, {_page(1).body_sha256}, STARTED) == [FILE]
    assert store.read(FILE) == written.read_bytes() == (here.folder / FILE).read_bytes()
    assert here.differences() == []
    again = _again(there)
    again.exchange()
    assert _urls(again) == ["https://mptf.undp.org/project/2"]
    assert again.waiting() == []


def test_erasing_that_was_killed_after_the_bucket_is_finished(
    here: BucketArchive, store: Store, tmp_path: Path
) -> None:
    shutil.copytree(_write(here).parent, tmp_path / "before")
    erase_bodies(here, {_page(1).body_sha256}, STARTED)
    killed = _opened(tmp_path / "before", store)
    killed.exchange()
    assert _urls(killed) == ["https://mptf.undp.org/project/2"]


def test_a_body_that_reads_like_an_erased_record_replaces_nothing(
    here: BucketArchive, store: Store
) -> None:
    """Only a record that erasing writes may stand where another was."""
    written = _write(here, pages=[1]).read_bytes()
    short = gzip.compress(b"WARC/1.1\r\n\r\nis " + ERASED)
    comment = b" " * (len(written) - len(short) - 1) + b"\0"
    forged = short[:3] + b"\x10" + short[4:10] + comment + short[10:]
    assert len(forged) == len(written)
    store.write(FILE, forged)
    again = _again(here)
    again.exchange()
    assert (here.folder / FILE).read_bytes() == written
    assert len(again.waiting()) == 1


def test_nothing_is_erased_while_the_bucket_is_away(
    here: BucketArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = _write(here).read_bytes()
    _away(monkeypatch)
    with pytest.raises(StoreUnreachableError):
        erase_bodies(here, {_page(1).body_sha256}, STARTED)
    assert (here.folder / FILE).read_bytes() == written


def test_erasing_replaces_no_file_that_another_program_changed(
    here: BucketArchive, store: Store
) -> None:
    _write(here)
    store.write(FILE, b"another")
    with pytest.raises(ArchiveReplacedError, match="was replaced in s3://"):
        erase_bodies(here, {_page(1).body_sha256}, STARTED)
    assert store.read(FILE) == b"another"
    assert len(_urls(here)) == 2


@pytest.mark.parametrize(
    "name", ["notes.txt", "mptf-run2.warc.gz.open", "-x.warc.gz", "é.warc.gz", ".warc.gz"]
)
def test_an_object_that_is_no_archive_file_is_ignored_and_named(
    here: BucketArchive, store: Store, name: str
) -> None:
    store.write(name, b"x")
    store.write("folder/mptf-run3.warc.gz", b"x")
    here.exchange()
    assert here.files() == []
    (told,) = here.differences()
    assert told == f"{name!r} in {store.place}: not a file of an archive, and ignored"


def test_a_file_that_would_fill_the_disk_is_not_fetched(
    here: BucketArchive, store: Store, tmp_path: Path
) -> None:
    written = _write(here)
    small = _opened(tmp_path / "small", store, shutil.disk_usage(tmp_path).total)
    small.exchange()
    with pytest.raises(NoRoomToFetchError, match=f"{FILE} in s3://.* has {written.stat().st_size}"):
        _urls(small)
    assert list(small.folder.glob("*.gz*")) == []


def test_what_is_no_warc_is_damage_as_in_a_folder(here: BucketArchive, store: Store) -> None:
    store.write(FILE, b"\x1f\x8b\x08" + b"\0" * 200)
    here.exchange()
    (found,) = here.records(FILE)
    assert not isinstance(found, ArchivedRecord)


def test_what_was_fetched_is_known_to_the_next_process(
    here: BucketArchive, there: BucketArchive, store: Store
) -> None:
    """Files that are known are not fetched again to be compared, and a torn line costs no more."""
    for number in range(3):
        _write(here, f"run{number}", [number])
    there.exchange()
    assert len(_urls(there)) == 3
    with (there.folder / LISTING_FILE).open("a") as file:
        file.write('["mptf-run')
    for name in store.names():
        assert _again(there).size(name) == store.head(name).size
    again = Listing(there.folder, store.place)
    assert [again.is_known(name, again.objects[name].size) for name in store.names()] == [True] * 3
