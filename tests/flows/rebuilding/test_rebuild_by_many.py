"""A rebuild by parts and shards equals a plain one in every table, however often it is killed."""

import io
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.demo import demonstrate
from flows.pipeline.home import Home
from flows.pipeline.parts import home_parts
from flows.pipeline.pool import WorkerLostError
from flows.pipeline.run import utc_now
from flows.pipeline.stopping import InterruptedRunError
from flows.rebuilding import read
from flows.rebuilding.read import read_share
from flows.rebuilding.rebuild import rebuild_all
from flows.settings import Settings
from tests.command import COMMAND
from tests.flows.lived import lived_home
from tests.flows.tables import ask, dump_all
from tests.services import S3, use
from warehouse import shards
from warehouse.connection import open_any_version
from warehouse.derive import Share

pytestmark = pytest.mark.lake
_PATIENCE = 120  # seconds: a bound for a process that hangs


def _demo(folder: Path) -> Home:
    home = Home(Settings(home=folder / "home", keep_pages=0))
    demonstrate(home, io.StringIO(), io.StringIO())
    return home


def _classic(folder: Path) -> Home:
    return lived_home(folder, programmes=12, nights=3)


def _today(folder: Path) -> Home:
    return lived_home(folder, programmes=8, layout="today", nights=2)


def _rebuild(home: Home, **options: Any) -> dict[str, list[str]]:
    """Rebuild without what an older file knows; all tables."""
    home.warehouse.unlink(missing_ok=True)
    with rebuild_all(home, utc_now(), **options):
        pass
    return dump_all(home.warehouse)


@pytest.mark.parametrize("fill", [_demo, _classic, _today])
def test_parts_and_shards_give_the_tables_of_a_plain_rebuild(
    fill: Callable[[Path], Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By two readers, each with processes, and with as many shards as there are programmes."""
    monkeypatch.setattr(read, "_MIN_BYTES_FOR_WORKERS", 0)
    home = fill(tmp_path)
    expected = _rebuild(home, shards=1)
    assert all(expected[table] for table in ("core.programme", "vintage.figure", "raw.capture"))
    if fill is _today:
        assert expected["core.organization_snapshot"]
        assert expected["core.contribution_snapshot"]
        assert expected["observed.part"]
    many = home.changed(processes=2)
    for number in (1, 2):
        assert read_share(many, Share(number, 2)).there == 0
    assert _rebuild(many, shards=2) == expected
    assert _rebuild(home, shards=17) == expected
    first, *_ = Path(home_parts(home)).glob("*/*")
    shutil.rmtree(first)
    assert _rebuild(many, shards=3) == expected
    assert _rebuild(home, reread=True) == expected


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, list[str]]]:
    """A home, and the tables that its archive gives."""
    home = lived_home(tmp_path_factory.mktemp("archived"), programmes=20, nights=3)
    return home, _rebuild(home, shards=1)


@pytest.fixture
def copy(archived: tuple[Home, dict[str, list[str]]], tmp_path: Path) -> Home:
    """A copy of it, in which everything is read and derived anew."""
    shutil.copytree(archived[0].folder, tmp_path / "copy")
    (tmp_path / "copy" / "warehouse.duckdb").unlink()
    return Home(Settings(home=tmp_path / "copy", processes=2, batch_captures=9))


def _killed_until_done(home: Home, *command: str) -> int:
    """Run a command, killed after ever longer times until one run comes to its end."""
    small = {**os.environ, "MPTF_BATCH_CAPTURES": "9", "MPTF_PROCESSES": "2"}
    kills = 0
    while True:
        run = subprocess.Popen(
            [*COMMAND, "--home", str(home.folder), *command], env=small, stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            code = run.wait(timeout=1.25**kills)
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait(timeout=_PATIENCE)
            kills += 1
        else:
            assert code in {0, 3}
            return kills
        assert kills < 25  # the last run had more than four minutes


def test_readers_and_a_rebuild_that_are_killed_come_to_the_same_tables(
    copy: Home, archived: tuple[Home, dict[str, list[str]]]
) -> None:
    """SIGKILL of the reader, of shards and of what unites them, whatever each was doing."""
    kills = _killed_until_done(copy, "read")
    kills += _killed_until_done(copy, "rebuild", "--shards", "3")
    print(f"{kills} kills")
    assert kills > 0
    assert dump_all(copy.warehouse) == archived[1]
    assert read_share(copy).read == 0
    assert not (copy.folder / "shards").exists()
    assert not copy.building.exists()


def test_machines_that_share_a_bucket_share_its_parts(
    archived: tuple[Home, dict[str, list[str]]],
    tmp_path: Path,
    s3: S3,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two read a share each; a third rebuilds from what is beside the archive, parsing nothing."""
    use(monkeypatch, s3)
    place = f"s3://{s3.bucket()}/archive"
    shutil.copytree(archived[0].archive.folder, tmp_path / "1" / "archive")
    homes = [
        Home(Settings(home=tmp_path / str(number), processes=0, archive=place))
        for number in (1, 2, 3)
    ]
    homes[0].archive.exchange()
    for number, home in enumerate(homes[:2], start=1):
        report = read_share(home, Share(number, 2))
        assert (report.read, report.there) == (report.files, 0)
        assert report.files > 1
    with rebuild_all(homes[2], utc_now()) as run:
        assert run.log.bodies_parsed == 0
    assert dump_all(homes[2].warehouse) == archived[1]
    assert read_share(homes[2]).read == 0


class _Killed(BaseException):
    """The end of a process, at one place."""


@pytest.mark.parametrize("after", [1, 2, 7, 15, 30])
def test_a_reader_that_is_killed_while_it_writes_leaves_nothing_that_counts(
    after: int,
    copy: Home,
    archived: tuple[Home, dict[str, list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before the manifest, a part is none; after it, all of it is there."""
    from extractors.objects import Store

    left = [after]
    write = Store.write

    def dying(self: Store, name: str, content: bytes) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise _Killed
        write(self, name, content)

    home = copy.changed(processes=0)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "write", dying)
        with pytest.raises(_Killed):
            read_share(home)
    assert _rebuild(home) == archived[1]
    assert read_share(home).read > 0
    assert _rebuild(home) == archived[1]


def test_finished_shards_are_not_derived_again(
    copy: Home, archived: tuple[Home, dict[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reducer dies between two shards' rows; then nothing is left for shards to do."""
    home = copy.changed(processes=0)
    derived: list[Share] = []
    unite, derive = shards.unite, shards.derive_shard

    def noting(*arguments: Any) -> None:
        derived.append(arguments[2])
        derive(*arguments)

    def dying(con: Any, files: list[Path]) -> None:
        unite(con, files[:1])
        raise _Killed

    monkeypatch.setattr("flows.rebuilding.shards.derive_shard", noting)
    with monkeypatch.context() as patched:
        patched.setattr("flows.rebuilding.shards.unite", dying)
        with pytest.raises(_Killed), rebuild_all(home, utc_now(), shards=3):
            pass
    assert derived == [Share(1, 3), Share(2, 3), Share(3, 3)]
    with rebuild_all(home, utc_now(), shards=3):
        pass
    assert len(derived) == 3
    assert dump_all(home.warehouse) == archived[1]


def test_shards_of_another_archive_or_number_are_not_taken(
    copy: Home, archived: tuple[Home, dict[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed with a file less, then with another number of shards."""
    home = copy.changed(processes=0)
    newest = home.archive.folder / home.archive.files()[0]
    aside = newest.rename(home.folder / "aside")

    def dying(*_: Any) -> None:
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr("flows.rebuilding.shards.unite", dying)
        with pytest.raises(_Killed), rebuild_all(home, utc_now(), shards=2):
            pass
        aside.rename(newest)
        with pytest.raises(_Killed), rebuild_all(home, utc_now(), shards=2):
            pass
    assert len(list((home.folder / "shards").iterdir())) == 1
    with rebuild_all(home, utc_now(), shards=4):
        pass
    assert dump_all(home.warehouse) == archived[1]


def test_a_worker_that_is_lost_costs_no_finished_shard(
    copy: Home, archived: tuple[Home, dict[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to do, and the same command comes to the same tables."""
    with monkeypatch.context() as patched:
        patched.setattr("flows.rebuilding.shards.derive_shard", _die)
        with pytest.raises(WorkerLostError), rebuild_all(copy, utc_now(), shards=2):
            pass
    with rebuild_all(copy, utc_now(), shards=2):
        pass
    assert dump_all(copy.warehouse) == archived[1]
    assert ask(copy.warehouse, "SELECT count(*) FROM meta.run WHERE outcome = 'failed'") == [(1,)]


def _die(*_: Any) -> None:
    os._exit(9)


def test_a_rebuild_that_is_asked_to_stop_while_shards_are_derived_goes_on_later(
    copy: Home, archived: tuple[Home, dict[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy.changed(processes=0)
    derive = shards.derive_shard

    def stopping(*arguments: Any) -> None:
        derive(*arguments)
        os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr("flows.rebuilding.shards.derive_shard", stopping)
        with pytest.raises(InterruptedRunError), rebuild_all(home, utc_now(), shards=3):
            pass
    assert len(list((home.folder / "shards").glob("*/*.duckdb"))) == 1
    with rebuild_all(home, utc_now(), shards=3):
        pass
    assert dump_all(home.warehouse) == archived[1]


def test_a_rebuild_that_is_asked_to_stop_waits_until_its_workers_have_let_go_of_its_file(
    copy: Home, archived: tuple[Home, dict[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it could not open the file again to record how it ended."""
    with monkeypatch.context() as patched:
        patched.setattr("flows.rebuilding.shards.derive_shard", _hold)
        with pytest.raises(InterruptedRunError), rebuild_all(copy, utc_now(), shards=2):
            pass
    with rebuild_all(copy, utc_now(), shards=2):
        pass
    assert dump_all(copy.warehouse) == archived[1]
    told = ask(copy.warehouse, "SELECT count(*) FROM meta.run WHERE outcome = 'interrupted'")
    assert told == [(1,)]


def _hold(loaded: Path, _shard: Path, share: Share, _limits: Any) -> None:
    """Read the file until the end of this process, and ask the rebuild to stop."""
    con = open_any_version(loaded)
    con.execute("CREATE TEMP TABLE held AS SELECT md5(range::VARCHAR) AS text FROM range(1000000)")
    if share.number == 1:
        os.kill(os.getppid(), signal.SIGTERM)
    signal.pause()
