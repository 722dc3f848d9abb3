"""The warehouse again from the archive: in processes or without, here or from a backup."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from flows.pipeline.home import Home
from flows.pipeline.run import open_run, utc_now
from flows.rebuilding import rebuild
from flows.rebuilding.rebuild import rebuild_all
from flows.rebuilding.reparse import rebuild_programmes
from flows.rebuilding.verify import verify
from flows.settings import Settings
from tests.flows.nights import home_for, night
from tests.flows.tables import dump
from tests.stand_in import Replica


@pytest.mark.parametrize("processes", [2, pytest.param(0, marks=pytest.mark.proof)])
def test_a_rebuild_gives_the_same_tables_with_workers_or_without(
    processes: int, replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In small batches, each read while the one before it is loaded; unchanged pages too."""
    monkeypatch.setattr(rebuild, "_MIN_BYTES_FOR_WORKERS", 0)
    _, running = replica(programmes=24)
    home = home_for(tmp_path / "home", running)
    night(home, running)
    running.move_to(running.now + timedelta(days=20))
    night(home, running)
    before = dump(home.warehouse)
    small = home.changed(processes=processes, batch_captures=7)
    with rebuild_all(small, utc_now(), reread=True) as run:
        assert run.log.bodies_parsed > 0
    assert dump(home.warehouse) == before


def test_a_backup_of_the_archive_restores_everything(replica: Replica, tmp_path: Path) -> None:
    """Taken while a run is under way, whose file is still open."""
    _, running = replica(programmes=12)
    home = home_for(tmp_path / "home", running)
    night(home, running)
    before = dump(home.warehouse)
    (newest,) = (tmp_path / "home" / "archive").glob("*.warc.gz")
    newest.rename(newest.with_name(f"{newest.name}.open"))
    shutil.copytree(tmp_path / "home" / "archive", tmp_path / "restored" / "archive")
    restored = home_for(tmp_path / "restored", running)
    with rebuild_all(restored, utc_now()):
        pass
    assert dump(restored.warehouse) == before
    assert verify(restored, utc_now()) == []


def test_a_programme_that_is_given_twice_is_rebuilt_once(tmp_path: Path) -> None:
    with open_run(Home(Settings(home=tmp_path)), "rebuild", utc_now()) as run:
        rebuild_programmes(run, ["00067193", "00067193"])
        assert [failed.kind for failed in run.log.failures] == ["no_capture"]
