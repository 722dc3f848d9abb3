"""Parts: read once by anyone, taken by every rebuild, and never against the archive."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.pipeline import parse
from flows.pipeline.home import Home
from flows.pipeline.parts import home_parts
from flows.pipeline.run import utc_now
from flows.rebuilding.read import files_of_share, read_share, share_of
from flows.rebuilding.rebuild import rebuild_all
from flows.settings import Settings
from tests.command import run_mptf
from tests.flows.lived import ingest, lived_home
from tests.flows.pages import factsheet, save
from tests.flows.tables import ask, dump_all
from warehouse.derive import Share

Dump = dict[str, list[str]]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Dump]:
    """A home with parts and no warehouse, and what its archive says without them."""
    home = lived_home(tmp_path_factory.mktemp("lived"))
    rebuild(home)
    expected = dump_all(home.warehouse)
    home.warehouse.unlink()
    read_share(home)
    return home, expected


@pytest.fixture
def home(lived: tuple[Home, Dump], tmp_path: Path) -> Home:
    """A copy of it."""
    shutil.copytree(lived[0].folder, tmp_path / "copy")
    return lived[0].changed(home=tmp_path / "copy")


def rebuild(home: Home) -> tuple[int, int]:
    """Rebuild from nothing; how many archive files came from parts, and how many bodies did not."""
    with rebuild_all(home, utc_now(), accept_loss=True) as run:
        taken = [note for note in run.log.notes if note.startswith("archive files loaded from")]
        count = int(taken[0].rpartition(": ")[2].partition(" ")[0]) if taken else 0
        return count, run.log.bodies_parsed


def part(home: Home, number: int) -> Path:
    """The folder of a part, by the number of its archive file."""
    (folder,) = Path(home_parts(home)).glob(f"parser=*/file={home.archive.files()[number]}")
    return folder


def test_a_rebuild_from_parts_alone_opens_no_page_and_gives_the_same_tables(
    home: Home, lived: tuple[Home, Dump]
) -> None:
    files = len(home.archive.files())
    assert rebuild(home) == (files, 0)
    assert dump_all(home.warehouse) == lived[1]
    assert ask(home.warehouse, "SELECT count(*) FROM raw.forgotten") == [(2,)]
    assert ask(home.warehouse, "SELECT count(*) > 0 FROM meta.quarantine") == [(True,)]
    assert Path(home_parts(home)).stat().st_mode & 0o077 == 0


def test_a_rebuild_in_shards_gives_the_same_tables(home: Home, lived: tuple[Home, Dump]) -> None:
    with rebuild_all(home, utc_now(), shards=3):
        pass
    assert dump_all(home.warehouse) == lived[1]
    assert not (home.folder / "shards").exists()


@pytest.mark.lake
@pytest.mark.parametrize("kept", [0b1, 0b101010, 0b010101, 0b111110])
def test_whatever_parts_are_there_the_tables_are_the_same(
    kept: int, home: Home, lived: tuple[Home, Dump]
) -> None:
    """Each bit is a file whose part is kept; the other files are read from the archive."""
    files = len(home.archive.files())
    for number in range(files):
        if not kept >> number & 1:
            shutil.rmtree(part(home, number))
    taken, parsed = rebuild(home)
    assert taken == sum(kept >> number & 1 for number in range(files))
    assert parsed > 0
    assert dump_all(home.warehouse) == lived[1]


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _no_table(folder: Path) -> None:
    next(folder.glob("body-*.parquet")).unlink()


def _other_bytes(folder: Path) -> None:
    table = next(folder.glob("body-*.parquet"))
    table.write_bytes(table.read_bytes()[:-1] + b"?")


def _half_a_manifest(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text()[:100])


def _deep_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("[" * 100_000)


def _no_digest(folder: Path) -> None:
    manifest = folder / "manifest.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({name: told[name] for name in told if name != "sha256"}))


def _other_columns(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema": "older"}))


def _other_archive(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"sha256": "0" * 64}))


@pytest.mark.parametrize(
    "harm",
    [
        _no_manifest,
        _no_table,
        _half_a_manifest,
        _deep_manifest,
        _no_digest,
        _other_columns,
        _other_archive,
    ],
)  # fmt: skip
def test_a_part_that_is_not_whole_or_of_other_bytes_is_not_used_and_written_anew(
    harm: Callable[[Path], None], home: Home
) -> None:
    harm(part(home, 0))
    report = read_share(home)
    assert (report.read, report.there) == (1, report.files - 1)
    assert read_share(home).read == 0


@pytest.mark.lake
def test_a_damaged_table_is_read_from_the_archive_instead(
    home: Home, lived: tuple[Home, Dump]
) -> None:
    _other_bytes(part(home, 0))
    with rebuild_all(home, utc_now()) as run:
        assert any("read from the archive instead" in note for note in run.log.notes)
        assert run.log.bodies_parsed > 0
    assert dump_all(home.warehouse) == lived[1]


@pytest.mark.lake
def test_a_damaged_record_is_the_same_failure_from_a_part(home: Home) -> None:
    first = home.archive.folder / home.archive.files()[0]
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 0xFF
    first.write_bytes(content)
    told = []
    for _ in range(2):
        with rebuild_all(home, utc_now(), fresh=True) as run:
            told.append(run.log.failures)
        tables = dump_all(home.warehouse)
        home.warehouse.unlink()
        assert read_share(home).read == 1 - len(told) // 2
    assert told[0] == told[1] != []
    assert tables["raw.capture"]


def test_a_file_that_a_run_is_writing_is_in_no_share(home: Home) -> None:
    newest = home.archive.folder / home.archive.files()[-1]
    newest.rename(newest.with_name(f"{newest.name}.open"))
    assert newest.name not in files_of_share(home.archive, Share(1, 1))
    assert len(files_of_share(home.archive, Share(1, 1))) == len(home.archive.files()) - 1


@given(st.lists(st.integers(1, 10**6), min_size=1), st.integers(1, 9))
def test_every_file_is_in_one_share_and_stays_in_it_when_files_are_added(
    sizes: list[int], of: int
) -> None:
    archive = Sizes(sizes)
    shares = [set(files_of_share(archive, Share(number + 1, of))) for number in range(of)]
    assert sorted(name for share in shares for name in share) == archive.closed_files()
    for number, share in enumerate(shares):
        fewer = files_of_share(Sizes(sizes[:-1]), Share(number + 1, of))
        assert set(fewer) == share & set(Sizes(sizes[:-1]).closed_files())


class Sizes:
    """An archive, of which only the sizes of the files are known."""

    def __init__(self, sizes: list[int]) -> None:
        self._sizes = sizes

    def closed_files(self) -> list[str]:
        return [f"{number:06d}" for number in range(len(self._sizes))]

    def size(self, name: str) -> int:
        return self._sizes[int(name)]


@pytest.mark.lake
def test_a_page_that_the_parser_fails_on_leaves_its_file_without_a_part(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault may pass: the rebuild parses the page itself."""
    shutil.rmtree(home_parts(home))

    def failing(*_: object, **__: object) -> object:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(parse, "parse_page", failing)
        report = read_share(home)
    assert report.faulty == sum(bool(bodies) for bodies in bodies_in_files(home))
    assert read_share(home).read == report.faulty


def bodies_in_files(home: Home) -> list[int]:
    """How many bodies each archive file holds."""
    return [
        sum(getattr(found, "body", None) is not None for found in home.archive.records(name))
        for name in home.archive.files()
    ]


def test_what_is_erased_is_in_no_part_any_more(home: Home, tmp_path: Path) -> None:
    page = save(tmp_path, "person.txt", factsheet("00090009").replace("reefs", "Wilhelmina"))
    ingest(home, page, "2015-08-01")
    read_share(home)
    assert contains(Path(home_parts(home)), "00090009")
    done = run_mptf(home.folder, "forget", "--erase", "--yes", page)
    assert done.exit_code == 0, done.output
    assert "remove file=mptf-" in done.stderr
    assert not contains(Path(home_parts(home)), "00090009")
    assert read_share(home).read > 0
    assert not contains(Path(home_parts(home)), "00090009")


@pytest.mark.lake
def test_what_is_erased_while_it_is_read_is_in_no_part(home: Home, tmp_path: Path) -> None:
    page = save(tmp_path, "person.txt", factsheet("00090009").replace("reefs", "Wilhelmina"))
    ingest(home, page, "2015-08-01")

    def erase_at_the_end(done: int, of: int) -> None:
        if done == of:
            assert run_mptf(home.folder, "forget", "--erase", "--yes", page).exit_code == 0
            shutil.copytree(before, home_parts(home), dirs_exist_ok=True)  # as it is still writing

    read_share(home)
    before = shutil.copytree(home_parts(home), tmp_path / "before")
    shutil.rmtree(home_parts(home))
    read_share(home, progress=erase_at_the_end)
    assert not contains(Path(home_parts(home)), "00090009")


def contains(folder: Path, programme_id: str) -> bool:
    """Whether any part is about a programme."""
    found = folder.glob("*/*/body-*.parquet")
    return any(programme_id in pl.read_parquet(file)["programme_id"] for file in found)


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "a/b", "1/0", "-1/2", "1/2/3", "1/99999"])
def test_a_share_that_is_none_is_refused(text: str, home: Home) -> None:
    result = run_mptf(home.folder, "read", "--share", text)
    assert result.exit_code == 2
    assert "is not a share such as 2/3" in result.stderr
    assert share_of("2/3") == Share(2, 3)


def test_the_command_says_what_it_did(home: Home, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    files = len(home.archive.files())
    done = run_mptf(home.folder, "read", "--to", place)
    assert done.stdout == f"share 1/1: {files} files, {files} read, 0 there already\n"
    done = run_mptf(home.folder, "read", "--to", place, "--json")
    assert json.loads(done.stdout)["there"] == files
    shutil.rmtree(home_parts(home))
    done = run_mptf(home.folder, "rebuild", "--parts", place)
    assert f"archive files loaded from parts: {files} of {files}" in done.stderr
    assert Home(Settings(home=home.folder)).warehouse.exists()
