"""A rebuild that was cut short is continued by the same command; readers keep the old file."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.pipeline.home import Home
from flows.pipeline.progress import Progress
from flows.pipeline.run import open_run, utc_now
from flows.pipeline.stopping import DiskFullError, InterruptedRunError
from flows.rebuilding import rebuild
from flows.rebuilding.rebuild import ArchiveIncompleteError, expected_rebuild, rebuild_all
from flows.settings import Settings
from tests.command import COMMAND, Mptf, run_mptf
from tests.flows.pages import many_factsheets
from tests.flows.tables import ask, dump
from tests.processes import PATIENCE


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose archive has five files, of four captures each."""
    folder = tmp_path_factory.mktemp("archived")
    many_factsheets(folder / "pages", 20)
    pages = sorted((folder / "pages").glob("*.txt"))
    for start in range(0, 20, 4):
        assert run_mptf(folder / "home", "ingest", *pages[start : start + 4]).exit_code == 0
    return folder / "home"


@pytest.fixture
def filled(archived: Path, home: Path) -> Home:
    """A copy of it, for the test's own."""
    shutil.copytree(archived, home, dirs_exist_ok=True)
    return Home(Settings(home=home, processes=0, batch_captures=4))


def _read_files(home: Home) -> list[str]:
    return sorted(
        str(name) for (name,) in ask(home.building, "SELECT warc_file FROM raw.archive_file")
    )


def _stopped_after(parts: int) -> Progress:
    """A progress that asks the run to stop once so many parts are read."""
    left = [parts]

    def progress(done: int, of: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGINT)

    return progress


def _cut_short(home: Home, *, reread: bool = False) -> None:
    """Start to rebuild, and stop after some of the files."""
    stopping = _stopped_after(3)
    with (
        pytest.raises(InterruptedRunError),
        rebuild_all(home, utc_now(), progress=stopping, reread=reread),
    ):
        pytest.fail("it was asked to stop")


def _rebuild(home: Home, *, reread: bool = False, accept_loss: bool = False) -> list[str]:
    """Rebuild to the end; the notes of the run."""
    with rebuild_all(home, utc_now(), reread=reread, accept_loss=accept_loss) as run:
        return run.log.notes


def test_what_was_read_is_not_read_again(filled: Home) -> None:
    expected = dump(filled.warehouse)
    _cut_short(filled, reread=True)
    read = _read_files(filled)
    assert 0 < len(read) < 5
    assert expected_rebuild(filled, reread=True).read_bytes == sum(
        filled.archive.size(name) for name in read
    )
    assert dump(filled.warehouse) == expected
    with rebuild_all(filled, utc_now(), reread=True) as run:
        assert 0 < run.log.bodies_parsed <= 4 * (5 - len(read))
        assert run.counts().loaded == 20
        assert any(note.startswith("going on with the rebuild of") for note in run.log.notes)
    assert dump(filled.warehouse) == expected
    assert not filled.building.exists()


def test_another_command_begins_anew(filled: Home) -> None:
    _cut_short(filled)
    notes = _rebuild(filled, reread=True)
    assert not any("going on" in note for note in notes)


def test_another_parser_or_an_archive_that_lost_bytes_begins_anew(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cut_short(filled)
    with monkeypatch.context() as patched:
        patched.setattr(rebuild, "PARSER_VERSION", "another")
        assert expected_rebuild(filled).read_bytes == 0
    assert expected_rebuild(filled).read_bytes > 0
    assert expected_rebuild(filled, fresh=True).read_bytes == 0
    first = filled.archive.folder / _read_files(filled)[0]
    content = first.read_bytes()
    first.write_bytes(content[:-1])
    assert expected_rebuild(filled).read_bytes == 0


def test_damage_is_found_again_by_the_run_that_goes_on(filled: Home) -> None:
    """A file with a fault counts as read only when the fault is known to the end."""
    expected = dump(filled.warehouse)
    first = filled.archive.folder / filled.archive.files()[0]
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 0xFF
    first.write_bytes(content)
    _cut_short(filled)
    for _ in range(2):
        with pytest.raises(ArchiveIncompleteError), rebuild_all(filled, utc_now()):
            pytest.fail("it holds less than the old file")
    assert dump(filled.warehouse) == expected
    _rebuild(filled, accept_loss=True)
    assert len(ask(filled.warehouse, "FROM raw.capture")) < 20


@pytest.mark.proof
def test_a_rebuild_that_is_killed_again_and_again_comes_to_the_same_tables(filled: Home) -> None:
    """SIGKILL after ever longer times, until one run is not killed any more.

    Each time is half as long again: by a fixed step, a machine ten times as slow would be killed a
    hundred times as long.
    """
    expected = dump(filled.warehouse)
    command = [*COMMAND, "--home", str(filled.folder), "rebuild", "--reread"]
    small = {**os.environ, "MPTF_BATCH_CAPTURES": "2", "MPTF_PROCESSES": "0"}
    kills = 0
    while True:
        run = subprocess.Popen(command, env=small, stderr=subprocess.DEVNULL)
        try:
            assert run.wait(timeout=1.5**kills) == 0
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait(PATIENCE)
            kills += 1
        else:
            break
        assert dump(filled.warehouse) == expected
    print(f"{kills} kills")
    assert kills > 0
    assert dump(filled.warehouse) == expected
    assert not filled.building.exists()
    assert ask(filled.warehouse, "SELECT count(*) FROM meta.run WHERE outcome = 'running'")


def test_what_it_takes_is_said_before_it_starts(mptf: Mptf, filled: Home) -> None:
    line = re.compile(
        r"20 captures, 0\.\d MB of archive: about 0:00:\d\d, \d+\.\d MB of disk \([\d,.]+ MB free\)"
    )
    assert line.fullmatch(mptf("rebuild", "--dry-run").stdout.strip())
    assert not filled.building.exists()
    done = mptf("rebuild")
    assert line.fullmatch(done.stderr.splitlines()[0].removeprefix("rebuild: "))
    assert mptf("rebuild", "--dry-run", "67193").exit_code == 2


def test_a_rebuild_without_a_warehouse_does_not_say_what_it_takes(mptf: Mptf, filled: Home) -> None:
    filled.warehouse.unlink()
    said = mptf("rebuild", "--dry-run").stdout
    assert "of archive: time and disk unknown, for lack of a readable warehouse (" in said


def test_a_rebuild_that_does_not_fit_is_not_begun(
    mptf: Mptf, filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.rebuilding.estimate.free_bytes", lambda _: 201_000_000)
    result = mptf("rebuild")
    assert result.exit_code == 1
    assert "must stay free (min_free_mb), but only 201.0 MB are" in result.stderr
    assert not filled.building.exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False, timeout=PATIENCE).returncode:
        pytest.skip("only root can mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=PATIENCE)


def test_the_disk_of_an_archive_elsewhere_must_have_room_too(
    small_disk: Path, tmp_path: Path
) -> None:
    archive = str(small_disk / "archive")
    home = Home(Settings(home=tmp_path / "home", archive=archive, min_free_mb=42))
    with pytest.raises(DiskFullError, match=f"the disk of {archive} has"):
        open_run(home, "sync", utc_now()).__enter__()


def test_a_run_stops_before_the_disk_is_full_and_goes_on_when_there_is_room(
    small_disk: Path, tmp_path: Path, mptf: Mptf
) -> None:
    many_factsheets(tmp_path / "pages", 12)
    command = ["--home", str(small_disk / "home"), "ingest", str(tmp_path / "pages")]
    small = {**os.environ, "MPTF_BATCH_CAPTURES": "4"}
    (small_disk / "other").write_bytes(bytes(900_000))
    limited, roomy = {**small, "MPTF_MIN_FREE_MB": "41"}, {**small, "MPTF_MIN_FREE_MB": "1"}
    stopped = subprocess.run(
        [*COMMAND, *command],
        env=limited,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert stopped.returncode == 1
    assert re.search(r"has \d+ MB free, less than 41 MB \(min_free_mb\); stopped", stopped.stderr)
    assert "Traceback" not in stopped.stderr
    home = small_disk / "home"
    recorded = ask(home / "warehouse.duckdb", "SELECT outcome, incomplete_because FROM meta.run")
    assert recorded[0][0] == "failed"
    assert "(min_free_mb)" in str(recorded[0][1])
    assert (
        subprocess.run([*COMMAND, *command], env=roomy, check=False, timeout=PATIENCE).returncode
        == 0
    )
    assert mptf("ingest", tmp_path / "pages").exit_code == 0
    expected = dump(tmp_path / "home" / "warehouse.duckdb")
    assert dump(home / "warehouse.duckdb") == expected
