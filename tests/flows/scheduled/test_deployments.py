"""The deployments on a real Prefect server, with real workers, against the stand-in."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prefect.settings.models.flows import FlowsSettings

from flows.pipeline.home import Home
from flows.releases import newest_file
from flows.scheduled.history import backfill, nightly_ingest, rebuild
from flows.scheduled.tasks import home_slot
from flows.settings import Settings
from replica.books.moments import moment
from replica.server.serving import Running
from replica.world import World
from tests.flows.browser import CHROMIUM, opened_page
from tests.flows.nights import SITE, night
from tests.flows.pages import ROOT, factsheet, save
from tests.flows.prefect_server import Server, run_here, site, slowly, use
from tests.flows.syncs import wait_for
from tests.flows.tables import ask, dump
from tests.lakes import local, reading, snapshots
from tests.processes import PATIENCE, eventually
from tests.stand_in import Replica


def _tables(home: Path) -> dict[str, list[str]]:
    return dump(home / "warehouse.duckdb")


def _programmes(world: World, running: Running) -> list[str]:
    """Those that the site shows by now."""
    outlines = world.gateway.records.portfolio.outlines
    return [o.programme_id for o in outlines if o.approved <= moment(running.now)]


def _undisturbed(folder: Path, running: Running) -> dict[str, list[str]]:
    """The tables of a home that the command filled in one go."""
    home = Home(
        Settings(
            home=folder, base_url=running.base_url, known_as=SITE, shortest_delay=0, processes=0
        )
    )
    night(home, running, everything=False)
    return _tables(folder)


def _half_done(
    server: Server, running: Running, folder: Path, part: int = 2
) -> tuple[str, dict[str, list[str]], int]:
    """A night under way that has asked for so great a part of all.

    Its ID, the tables that it should give, and how many requests had come before it.
    """
    expected = _undisturbed(folder / "other", running)
    pages = len(running.log())
    run_id = server.begin("nightly-sync/nightly", folder / "home", environment=slowly(running))
    wait_for(running, pages + pages // part)
    return run_id, expected, pages


def _kill(home: Path) -> None:
    """Kill the run that writes to a home."""
    os.kill(json.loads((home / "writer.lock").read_text())["pid"], signal.SIGKILL)


def test_every_deployment_registers_with_its_schedule_and_its_limit(server: Server) -> None:
    found = server.deployments()
    assert set(found) == {
        "nightly-sync/nightly", "weekly-check/weekly", "year-end-close/year-end",
        "nightly-ingest/inbox", "backfill/by-programme", "rebuild/from-archive",
        "read-archive/read", "read-share/share",
    }  # fmt: skip
    for name, deployment in found.items():
        assert deployment["work_pool_name"] == "mptf"
        if name == "read-share/share":  # several at once, by workers of a queue of their own
            assert deployment["work_queue_name"] == "shares"
            assert deployment["global_concurrency_limit"] is None
        else:
            assert deployment["work_queue_name"] == "default"
            assert deployment["global_concurrency_limit"]["limit"] == 1
            assert deployment["concurrency_options"]["collision_strategy"] == "ENQUEUE"
        assert deployment["enforce_parameter_schema"]
        assert "PREFECT_FLOWS_HEARTBEAT_FREQUENCY" in deployment["job_variables"]["env"]
    schedules = {
        name: [(at["slug"], at["schedule"]["cron"], at["active"]) for at in deployment["schedules"]]
        for name, deployment in found.items()
    }
    assert schedules["nightly-sync/nightly"] == [("nightly", "15 2 * * *", True)]
    assert schedules["weekly-check/weekly"] == [("saturdays", "30 9 * * 6", False)]
    assert schedules["year-end-close/year-end"] == [("early-may", "30 14 2-5 5 *", True)]
    assert schedules["backfill/by-programme"] == []


def test_up_again_starts_what_has_died_and_changes_nothing_else(server: Server) -> None:
    """What an operator has paused stays paused; a change of settings is said, and waits."""
    paused = server.deployments()["weekly-check/weekly"]["id"]
    server.ask(f"/deployments/{paused}/pause_deployment")
    before, automations = server.deployments(), server.ask("/automations/filter")
    died = server.signal_worker(signal.SIGKILL)
    again = server.up()
    worker = server.signal_worker(0)
    assert worker != died
    assert f"worker    process {worker}\n" in again
    other = server.up(MPTF_CONTACT="another@example.org")
    assert f"worker    process {worker}; its settings are older: `mptf down`" in other
    found = server.deployments()
    assert {name: at["updated"] for name, at in found.items()} == {
        name: at["updated"] for name, at in before.items()
    }
    assert server.ask("/automations/filter") == automations
    assert found["weekly-check/weekly"]["paused"]
    server.ask(f"/deployments/{paused}/resume_deployment")


@pytest.mark.proof
def test_what_is_paused_stays_paused_when_it_is_deployed_again(server: Server) -> None:
    """`prefect deploy` would resume it. A kill cut short the note of what is deployed."""
    before = server.deployments()["weekly-check/weekly"]
    server.ask(f"/deployments/{before['id']}/pause_deployment")
    (server.folder / "prefect" / "deployed.json").write_text('{"file": "')
    server.up()
    found = server.deployments()["weekly-check/weekly"]
    server.ask(f"/deployments/{before['id']}/resume_deployment")
    assert found["updated"] != before["updated"]
    assert found["paused"]


def test_every_schedule_has_its_next_run(server: Server) -> None:
    """The server makes them by itself, a hundred days ahead; its services log no error."""
    names = {found["id"]: name for name, found in server.deployments().items()}

    def coming() -> set[tuple[str, str]] | None:
        chosen = {"state": {"type": {"any_": ["SCHEDULED"]}}}
        found = {
            (names[run["deployment_id"]], run["expected_start_time"][11:16])
            for run in server.ask("/flow_runs/filter", flow_runs=chosen)
            if run["auto_scheduled"]
        }
        return found if len(found) >= 2 else None

    assert eventually(coming, "next runs") >= {
        ("nightly-ingest/inbox", "01:15"),
        ("nightly-sync/nightly", "02:15"),
    }
    errors = [
        error
        for error in server.log("prefect-server").split("| ERROR")[1:]
        if error.lstrip(" |").startswith(("prefect.server.services", "docket"))  # not of requests
    ]
    busy = "database is locked"  # which the server asks again, and a busy machine brings about
    assert [error for error in errors if busy not in error] == []


def test_a_night_runs_to_its_end_and_says_what_it_did(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    """In few tasks; its tables are those of the command, and its release is in the lake."""
    _, running = replica(programmes=12)
    home, lake = tmp_path / "home", local(tmp_path)
    more = {"MPTF_PUBLISH": "true", "MPTF_LAKE": lake.url, "MPTF_LAKE_DATA": lake.data}
    run_id = server.begin("nightly-sync/nightly", home, environment=site(running, **more))
    run = server.ended(run_id)
    assert run["state"]["name"] == "Completed"
    captures, programmes = ask(
        home / "warehouse.duckdb",
        "SELECT (SELECT count(*) FROM raw.capture),"
        " (SELECT count(DISTINCT programme_id) FROM core.programme)",
    )[0]
    assert programmes
    day = run["expected_start_time"][:10]
    assert run["name"] == (
        f"nightly-sync {day}: {captures} captures, {captures} loaded, {programmes} new programmes"
    )
    tasks = 4 + -(-int(str(programmes)) // 5)  # each of which the server is told of by the way
    eventually(lambda: len(server.tasks(run_id)) == tasks or None, f"{tasks} tasks")
    released = dump(home / "releases" / "latest.duckdb")
    assert released == {name: rows for name, rows in _tables(home).items() if name in released}
    with reading(lake.url) as con:
        assert [home / "releases" / f"{name}.duckdb" for name in snapshots(con)] == [
            newest_file(home / "releases")
        ]
    left = server.artifacts(run_id)
    assert left["nightly-sync-progress"]["data"] == 100
    counts = {row["what"]: row["count"] for row in json.loads(left["nightly-sync-counts"]["data"])}
    assert counts["captures"] == captures
    assert counts["programmes known"] == programmes
    assert counts["failed"] == counts["quarantined"] == 0
    assert f"## new programmes: {programmes}" in left["nightly-sync-summary"]["data"]
    assert _tables(home) == _undisturbed(tmp_path / "other", running)


@pytest.mark.proof
@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_a_browser_shows_a_run_its_summary_and_its_schedule(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    _, running = replica(programmes=12)
    run_id = server.begin("nightly-sync/nightly", tmp_path / "home", environment=site(running))
    run, left = server.ended(run_id), server.artifacts(run_id)
    with opened_page() as page:
        for path, texts in (
            (f"runs/flow-run/{run['id']}", [run["name"], "visit programmes 1 to 5 of"]),
            (
                f"artifacts/artifact/{left['nightly-sync-summary']['id']}",
                ["nightly-sync: Completed"],
            ),
            (f"deployments/deployment/{run['deployment_id']}", ["Schedules", "nightly"]),
        ):  # fmt: skip
            page.goto(f"{server.url}/{path}")
            for text in texts:
                page.get_by_text(text).first.wait_for(state="attached", timeout=60_000)
        page.get_by_text("Upcoming").first.click()
        page.get_by_text("Scheduled").first.wait_for(timeout=60_000)


@pytest.mark.usefixtures("prefect")
def test_a_second_scheduled_run_of_one_home_waits_for_the_first() -> None:
    """The limit is created once, and is free again when the first run ends.

    It is known by the home's identity, which two machines with one archive have in common.
    """
    one, another = secrets.token_hex(16), secrets.token_hex(16)
    entered: list[str] = []

    def second() -> None:
        with home_slot(one):
            entered.append("second")

    with ThreadPoolExecutor(1) as pool:
        with home_slot(one), home_slot(another):
            waiting = pool.submit(copy_context().run, second)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
            entered.append("first")
        waiting.result(timeout=PATIENCE)
    assert entered == ["first", "second"]


@pytest.mark.usefixtures("prefect")
def test_a_backfill_of_two_programmes_loads_these_two(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, running = replica(programmes=12)
    use(monkeypatch, site(running))
    ids = _programmes(world, running)[:2]
    state = run_here(
        backfill, home=tmp_path / "home", source="gateway",
        programme_ids=[ids[0].lstrip("0"), f"{SITE}/project/{ids[1]}"],
    )  # fmt: skip
    assert state.name == "Completed"
    found = ask(
        tmp_path / "home" / "warehouse.duckdb", "SELECT DISTINCT programme_id FROM core.programme"
    )
    assert {row[0] for row in found} == set(ids)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"programme_ids": ["water"]}, "does not match"),
        ({"programme_ids": []}, "non-empty"),
        ({"programme_ids": ["67193"], "source": "the site"}, "is not one of"),
        ({}, "programme_ids"),
    ],
)
def test_a_backfill_of_nothing_that_is_an_id_is_refused_at_once(
    server: Server, tmp_path: Path, parameters: dict[str, Any], said: str
) -> None:
    """By the server, before anything runs; the message names the parameter."""
    with pytest.raises(httpx.HTTPStatusError) as refused:
        server.begin("backfill/by-programme", tmp_path, **parameters)
    assert said in refused.value.response.text


@pytest.mark.proof
@pytest.mark.usefixtures("prefect")
def test_the_inbox_is_ingested_and_rebuilt_from_the_archive(tmp_path: Path) -> None:
    """Ingesting it again changes nothing, and neither does a rebuild."""
    home = tmp_path / "home"
    save(home / "inbox", "page.txt", factsheet(figures={("FAO", 2015): "7"}))
    assert "loaded 1, unchanged 0" in str(run_here(nightly_ingest, home=home).message)
    before = _tables(home)
    assert "loaded 0, unchanged 1" in str(run_here(nightly_ingest, home=home).message)
    assert _tables(home) == before
    (home / "warehouse.duckdb").unlink()
    assert run_here(rebuild, home=home).name == "Completed"
    assert _tables(home) == before
    assert run_here(rebuild, home=home, programme_ids=["90001"]).name == "Completed"
    assert _tables(home) == before


@pytest.mark.proof
def test_the_worker_ingests_the_inbox_and_rebuilds_from_the_archive(
    server: Server, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    save(home / "inbox", "page.txt", factsheet(figures={("FAO", 2015): "7"}))
    ingested = server.ended(server.begin("nightly-ingest/inbox", home))
    assert "loaded 1, unchanged 0" in ingested["state"]["message"]
    before = _tables(home)
    (home / "warehouse.duckdb").unlink()
    rebuilt = server.ended(server.begin("rebuild/from-archive", home))
    assert rebuilt["state"]["name"] == "Completed"
    assert _tables(home) == before


@pytest.mark.proof
def test_a_killed_night_is_crashed_and_the_next_one_finishes_its_work(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    """With the tables of a run that nobody disturbed; what was there is not asked again."""
    _, running = replica(programmes=16)
    home = tmp_path / "home"
    killed, expected, pages = _half_done(server, running, tmp_path)
    _kill(home)
    assert server.ended(killed)["state"]["name"] == "Crashed"
    done = server.begin("nightly-sync/nightly", home, environment=site(running))
    assert server.ended(done)["state"]["name"] == "Completed"
    assert _tables(home) == expected
    asked = [entry.target for entry in running.log()[pages:] if entry.target != "/robots.txt"]
    assert len(asked) - len(set(asked)) <= 16  # what was under way
    assert [row[0] for row in ask(home / "warehouse.duckdb",
            "SELECT outcome FROM meta.run ORDER BY started_at")] == ["running", "done"]  # fmt: skip


@pytest.mark.proof
def test_a_night_that_is_stopped_on_request_is_cancelled_and_loads_what_came(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    """As the button in the browser does it; the run stops by itself."""
    _, running = replica(programmes=24)
    home = tmp_path / "home"
    run_id = server.begin("nightly-sync/nightly", home, environment=slowly(running))
    wait_for(running, 8)
    server.ask(f"/flow_runs/{run_id}/set_state", state={"type": "CANCELLING"})
    assert server.ended(run_id)["state"]["name"] == "Cancelled"
    found = "SELECT outcome, (SELECT count(*) > 3 FROM raw.capture) FROM meta.run"
    eventually(
        lambda: ask(home / "warehouse.duckdb", found) == [("interrupted", True)] or None,
        "end of the run's own record",
    )


@pytest.mark.proof
def test_a_second_night_waits_behind_a_running_one_and_finds_its_work_done(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    _, running = replica(programmes=12)
    home = tmp_path / "home"
    first = server.begin("nightly-sync/nightly", home, environment=slowly(running))
    wait_for(running, 5)
    earlier = datetime.now(UTC) - timedelta(minutes=5)
    second = server.begin(
        "nightly-sync/nightly", home, scheduled=earlier, environment=slowly(running)
    )
    server.is_in(second, "AwaitingConcurrencySlot")
    assert server.state(first) == "Running"
    assert server.ended(first)["state"]["name"] == "Completed"
    asked = len(running.log())
    assert server.ended(second)["state"]["name"] == "PassedOver"
    assert len(running.log()) == asked


@pytest.mark.proof
def test_after_three_days_of_silence_the_work_is_done_once(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    """Three nights are late; whichever runs first does the work of all."""
    _, running = replica(programmes=12)
    now = datetime.now(UTC)
    late = [
        server.begin(
            "nightly-sync/nightly", tmp_path / "home", scheduled=now - timedelta(days=days),
            environment=site(running),
        )
        for days in (3, 2, 1)
    ]  # fmt: skip
    ends = sorted(server.ended(run_id)["state"]["name"] for run_id in late)
    assert ends == ["Completed", "PassedOver", "PassedOver"]


@pytest.mark.proof
def test_two_workers_on_one_home_take_turns(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    """A night and a backfill begin at once, in two processes: both end, and all is well."""
    world, running = replica(programmes=24)
    home = tmp_path / "home"
    programme = _programmes(world, running)[0]
    server.signal_worker(signal.SIGSTOP)
    with server.worker("second", "--limit", "1"), server.worker("third", "--limit", "1"):
        runs = [
            server.begin("nightly-sync/nightly", home, environment=slowly(running)),
            server.begin(
                "backfill/by-programme", home, environment=slowly(running),
                programme_ids=[programme], source="gateway",
            ),
        ]  # fmt: skip
        eventually(
            lambda: [server.state(run) for run in runs] == ["Running"] * 2 or None, "two runs"
        )
        ends = [server.ended(run)["state"]["name"] for run in runs]
    server.signal_worker(signal.SIGCONT)
    assert ends == ["Completed", "Completed"]
    assert all("Finished in state Completed" in server.log(name) for name in ("second", "third"))
    assert _tables(home)["core.programme"]
    one, other = ask(
        home / "warehouse.duckdb", "SELECT started_at, ended_at FROM meta.run ORDER BY started_at"
    )
    assert str(one[1]) <= str(other[0])


_ENDLESS = """
import time
from prefect import flow
from flows.scheduled.tasks import step

@step("endless", hours=1 / 3600)
def endless():
    time.sleep(3600)

@flow
def run():
    endless.with_options(retries=0)()

run()
"""


@pytest.mark.proof
def test_a_step_that_takes_too_long_is_interrupted(server: Server) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _ENDLESS], env=server.environment, check=False,
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert ended.returncode != 0
    assert "exceeded timeout of 1.0 second(s)" in ended.stderr


@pytest.mark.proof
def test_a_night_lives_through_a_restart_of_the_server(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    """However the run that was under way ended: after the next one, all is there, once."""
    _, running = replica(programmes=24)
    home = tmp_path / "home"
    _, expected, pages = _half_done(server, running, tmp_path, part=3)
    server.stop()
    time.sleep(3)
    server.up()
    done = server.ended(server.begin("nightly-sync/nightly", home, environment=site(running)))
    assert done["state"]["name"] in {"Completed", "PassedOver"}
    assert _tables(home) == expected
    asked = [entry.target for entry in running.log()[pages:] if "/project/" in entry.target]
    assert len(asked) - len(set(asked)) <= 16  # what was under way


def test_a_run_that_is_alive_says_so_several_times_before_it_is_called_crashed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A single sign of life that is late or lost changes nothing."""
    automations = yaml.safe_load((ROOT / "deploy" / "automations.yaml").read_text())["automations"]
    (patience,) = (
        automation["trigger"]["within"]
        for automation in automations
        if automation["trigger"].get("after") == ["prefect.flow-run.heartbeat"]
    )
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert deployments
    for deployment in deployments:
        for name, value in deployment["work_pool"]["job_variables"]["env"].items():
            monkeypatch.setenv(name, value)
        frequency = FlowsSettings().heartbeat_frequency
        monkeypatch.undo()
        assert frequency is not None
        assert 3 * frequency <= patience, deployment["name"]


@pytest.mark.proof
def test_after_a_power_cut_the_next_night_does_the_work(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    """Nobody was left to say that the run had crashed: the server finds out by itself."""
    _, running = replica(programmes=24)
    home = tmp_path / "home"
    server.signal_worker(signal.SIGSTOP)
    try:
        with server.worker("cut") as worker:
            cut, expected, _ = _half_done(server, running, tmp_path, part=3)
            worker.kill()
            _kill(home)
    finally:
        server.signal_worker(signal.SIGCONT)
    after = server.begin("nightly-sync/nightly", home, environment=site(running))
    assert server.ended(cut)["state"]["name"] == "Crashed"
    assert server.ended(after)["state"]["name"] == "Completed"
    assert _tables(home) == expected
