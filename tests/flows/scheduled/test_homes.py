"""Deployments know their home: a run in another one is refused before it does anything."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import VariableCreate

from flows.pipeline.home import Home
from flows.pipeline.identity import HomeIdentityError
from flows.scheduled.history import nightly_ingest
from flows.scheduled.homes import WrongHomeError, claimed
from flows.scheduled.visits import nightly_sync
from flows.settings import Settings
from tests.flows.pages import factsheet, save
from tests.flows.prefect_server import Server, run_here, site, use
from tests.stand_in import Replica


def _home(folder: Path) -> Home:
    return Home(Settings(home=folder))


def _as_another_machine_has_it(home: Path) -> None:
    """Leave another home where this one was, as the same folder of another machine is."""
    shutil.rmtree(home)
    assert _home(home).identity()


def test_a_home_has_one_identity_that_no_other_has(tmp_path: Path) -> None:
    """Asking for it makes the folder, and leaves nothing else in it."""
    one, other = _home(tmp_path / "one"), _home(tmp_path / "other")
    assert one.identity() == _home(tmp_path / "one").identity()
    assert one.identity() != other.identity()
    assert [file.name for file in one.folder.iterdir()] == ["home.json"]


def test_a_damaged_identity_is_named(tmp_path: Path) -> None:
    home = _home(tmp_path)
    (tmp_path / "home.json").write_text('{"ho')
    with pytest.raises(HomeIdentityError, match=r"home\.json is damaged: remove it"):
        home.identity()


@pytest.mark.usefixtures("prefect")
def test_the_first_home_of_a_pool_is_the_pools_until_an_operator_says_otherwise(
    tmp_path: Path,
) -> None:
    """The refusal names both homes and the command that makes the second one the pool's."""
    one, other = _home(tmp_path / "one"), _home(tmp_path / "other")
    pool = f"Pool of {tmp_path.name}"
    with get_client(sync_client=True) as client:
        assert claimed(client, pool, one) == claimed(client, pool, one) == one.identity()
        with pytest.raises(WrongHomeError) as refused:
            claimed(client, pool, other)
        said = str(refused.value)
        assert f"this worker has home {other.identity()[:8]}" in said
        assert f"is for home {one.identity()[:8]}" in said
        assert str(one.folder) in said
        assert "\n" not in said
        client.delete_variable_by_name(said.rpartition(" unset ")[2].strip("`"))
        assert claimed(client, pool, other) == other.identity()


@pytest.mark.usefixtures("prefect")
@pytest.mark.parametrize("value", ["a home", {"home": "0"}, None])
def test_a_variable_that_names_no_home_lets_no_run_in(tmp_path: Path, value: Any) -> None:
    """Somebody set it by hand; which home it was is not known."""
    pool = f"Pool of {tmp_path.name}"
    name = f"mptf-home-{pool.lower().replace(' ', '-').replace('_', '-')}"
    with get_client(sync_client=True) as client:
        client.create_variable(VariableCreate(name=name, value=value))
        with pytest.raises(WrongHomeError, match=f"`prefect variable unset {name}`"):
            claimed(client, pool, _home(tmp_path / "one"))


@pytest.mark.usefixtures("prefect")
def test_a_folder_that_runs_are_given_is_one_home_too(tmp_path: Path) -> None:
    """Beside the workers' own; but their own folder is theirs, whoever names it."""
    own, given = _home(tmp_path / "own"), _home(tmp_path / "given")
    pool = f"pool of {tmp_path.name}"
    with get_client(sync_client=True) as client:
        claimed(client, pool, own)
        assert claimed(client, pool, given, given.folder) == given.identity()
        for home, asked in ((given, given.folder), (own, own.folder)):
            _as_another_machine_has_it(home.folder)
            with pytest.raises(WrongHomeError):
                claimed(client, pool, home, asked)


def test_a_run_in_another_home_fails_in_one_line_before_it_requests_anything(
    prefect: Server, replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sync and an ingest alike; nothing is made in that home."""
    _, running = replica(programmes=4)
    use(monkeypatch, site(running))
    nightly = prefect.deployments()["nightly-sync/nightly"]["id"]
    monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", nightly)
    home = tmp_path / "home"
    save(home / "inbox", "page.txt", factsheet(figures={("FAO", 2015): "7"}))
    assert run_here(nightly_ingest, home=home).name == "Completed"
    _as_another_machine_has_it(home)
    for flow in (nightly_sync, nightly_ingest):
        state = run_here(flow, home=home)
        assert state.name == "Failed"
        assert state.message is not None
        assert f"this worker has home {_home(home).identity()[:8]}" in state.message
        assert "\n" not in state.message
    assert running.log() == []
    assert [file.name for file in home.iterdir()] == ["home.json"]
