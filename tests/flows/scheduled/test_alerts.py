"""A night that needs a person ends as one, says why in one line, and tells that person."""

import re
import signal
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from flows.scheduled.alerts import BLOCK, automations, notification_url, set_up_alerts
from flows.scheduled.visits import nightly_sync
from flows.settings import SettingsError
from replica.books.moments import moment
from replica.server.serving import serving
from replica.world import open_world
from tests.flows.prefect_server import Server, run_here, site, use
from tests.flows.receiver import SECRET, Receiver
from tests.flows.syncs import wait_for
from tests.flows.tables import ask
from tests.stand_in import Replica

NOW = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
AGAIN = {"MPTF_RETRY_SECONDS": "0", "MPTF_GIVE_UP_AFTER": "3"}


def _id(state: Any) -> str:
    return str(state.state_details.flow_run_id)


def _fields(automation: dict[str, Any]) -> dict[str, Any]:
    given = ("name", "description", "enabled", "trigger", "actions")
    return {name: automation[name] for name in given}


def _put(server: Server, automation: dict[str, Any], **changed: Any) -> None:
    """Change an automation as an operator does."""
    body = _fields(automation) | changed
    server.put(f"/automations/{automation['id']}", **body)


def _by_name(server: Server) -> dict[str, dict[str, Any]]:
    return {found["name"]: found for found in server.ask("/automations/filter")}


def test_a_site_that_goes_down_midway_fails_the_night_and_a_person_is_told(
    prefect: Server, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line, without a traceback; what came before is loaded."""
    with ExitStack() as stack:
        running = stack.enter_context(serving(open_world(1, 24), now=NOW))
        paced = {"MPTF_SHORTEST_DELAY": "0.4", "MPTF_LONGEST_DELAY": "0.4", **AGAIN}
        use(monkeypatch, site(running, **paced))

        def go_down() -> None:
            wait_for(running, 4)  # of more than 20
            stack.close()

        Thread(target=go_down, daemon=True).start()
        state = run_here(nightly_sync, home=tmp_path / "home")
    assert (state.type.value, state.name) == ("FAILED", "Failed")
    message = str(state.message)
    assert message.startswith("the site stopped answering: 3 requests failed in a row")
    assert "\n" not in message
    lines = prefect.lines(_id(state))
    assert not [line for line in lines if "Traceback" in line or "NoneType" in line]
    assert [line for line in lines if line.startswith("Finished") and message in line]
    warehouse = tmp_path / "home" / "warehouse.duckdb"
    assert ask(warehouse, "SELECT outcome, loaded > 0, failed >= 3 FROM meta.run") == [
        ("failed", True, True)
    ]
    told = receiver.about(_id(state))
    assert told["title"].startswith("mptf: a run failed: nightly-sync ")
    assert message in told["message"]
    assert f"{prefect.url}/runs/flow-run/{_id(state)}" in told["message"]


def test_the_share_of_pages_that_failed_decides_how_a_night_ends(
    prefect: Server, receiver: Receiver, replica: Replica, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Below the threshold nobody is told; a night on which nothing has changed is a success."""
    world, running = replica(programmes=12)
    outlines = world.gateway.records.portfolio.outlines
    due = [one.programme_id for one in outlines if one.approved <= moment(running.now)][:4]
    wanted = {"home": tmp_path / "home", "programmes": due}
    use(monkeypatch, site(running))
    running.set_faults([f"404=1@/factsheet/project/{due[0]}"])
    few = run_here(nightly_sync, **wanted)
    assert (few.type.value, few.name) == ("COMPLETED", "Incomplete")
    assert re.match(r"1 of \d+ pages failed \(\d+%\); captures ", str(few.message))
    assert "## problems: 1" in prefect.artifacts(_id(few))["nightly-sync-summary"]["data"]
    monkeypatch.setenv("MPTF_FAIL_ABOVE", "0.01")
    many = run_here(nightly_sync, **wanted)
    assert many.name == "Failed"
    assert re.match(r"1 of \d+ pages failed \(\d+%\); captures ", str(many.message))
    assert receiver.about(_id(many))
    assert not [sent for sent in receiver.messages if _id(few) in sent["message"]]
    running.set_faults([])
    assert run_here(nightly_sync, **wanted).name == "Completed"
    same = run_here(nightly_sync, **wanted)
    assert (same.name, ", loaded 0, " in str(same.message)) == ("Completed", True)


def test_a_setting_that_is_wrong_fails_a_run_in_one_line(
    prefect: Server, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the flow, although the run ended before it had a name of its own."""
    monkeypatch.delenv("MPTF_CONTACT", raising=False)
    elsewhere = run_here(nightly_sync, home=tmp_path, base_url="https://gateway.example")
    unknown = run_here(nightly_sync, home=tmp_path, base_url="water")
    for state, said in ((elsewhere, "setting 'contact'"), (unknown, "base URL")):
        assert state.name == "Failed"
        assert said in str(state.message)
        assert "Traceback" not in "\n".join(prefect.lines(_id(state)))
        told = receiver.about(_id(state))
        assert told["title"].startswith("mptf: a run failed: nightly-sync ")


@pytest.mark.proof
def test_an_outage_before_robots_txt_is_tried_three_times_and_fails_in_one_line(
    prefect: Server, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(open_world(1, 12), now=NOW) as running:
        use(monkeypatch, site(running))
    monkeypatch.setenv("MPTF_SHORTEST_DELAY", "0")
    state = run_here(nightly_sync, home=tmp_path / "home")
    assert state.name == "Failed"
    assert str(state.message).startswith("robots.txt could not be fetched: ")
    assert "Traceback" not in "\n".join(prefect.lines(_id(state)))
    assert receiver.about(_id(state))
    outcomes = "SELECT outcome, incomplete_because LIKE 'robots.txt%' FROM meta.run"
    assert ask(tmp_path / "home" / "warehouse.duckdb", outcomes) == [("failed", True)] * 3


@pytest.mark.parametrize(
    ("name", "kind", "message", "told"),
    [
        ("TimedOut", "FAILED", "it took 12 hours", "failed"),
        ("Crashed", "CRASHED", "its process ended", "crashed"),
        ("Incomplete", "COMPLETED", "2 of 90 pages failed (2%); the site shows less than it"
         " should: a list", "found less than before"),
    ],
)  # fmt: skip
def test_each_end_has_its_own_message(
    server: Server, receiver: Receiver, tmp_path: Path, name: str, kind: str, message: str,
    told: str,
) -> None:  # fmt: skip
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    run_id = server.begin("nightly-sync/nightly", tmp_path, scheduled=tomorrow)
    state = {"type": kind, "name": name, "message": message}
    server.ask(f"/flow_runs/{run_id}/set_state", state=state, force=True)
    sent = receiver.about(run_id)
    assert sent["title"] == f"mptf: a run {told}: nightly-sync {server.run(run_id)['name']}"
    assert sent["message"].startswith(message)
    assert sent["type"] == "failure"


@pytest.mark.proof
def test_a_run_that_no_worker_starts_is_late_and_told(
    server: Server, receiver: Receiver, tmp_path: Path
) -> None:
    """After ten minutes; here after ten seconds."""
    late = _by_name(server)["mptf: a run is late"]
    assert late["trigger"]["within"] == 600
    _put(server, late, trigger=late["trigger"] | {"within": 10})
    server.signal_worker(signal.SIGSTOP)
    try:
        run_id = server.begin("nightly-sync/nightly", tmp_path)
        assert "late" in receiver.about(run_id)["title"]
        server.ask(f"/flow_runs/{run_id}/set_state", state={"type": "CANCELLED"}, force=True)
    finally:
        server.signal_worker(signal.SIGCONT)
        _put(server, late)


def test_setting_alerts_up_again_changes_only_what_differs(prefect: Server) -> None:
    """What is paused stays paused, a second one of a name goes, and so does an old one."""
    before = _by_name(prefect)
    late = before["mptf: a run is late"]
    old = "mptf: a run failed, crashed or is incomplete"
    for name in (late["name"], old):
        prefect.ask("/automations/", **_fields(late) | {"name": name})
    _put(prefect, late, enabled=False, description="another")
    assert BLOCK in set_up_alerts(None)  # the block of the call before
    after = _by_name(prefect)
    assert after.keys() == before.keys()
    assert len(prefect.ask("/automations/filter")) == len(after)
    assert after[late["name"]]["enabled"] is False
    assert after[late["name"]]["description"] == late["description"]
    _put(prefect, after[late["name"]], enabled=True)
    unchanged = {name for name in before if after[name]["updated"] == before[name]["updated"]}
    assert unchanged == before.keys() - {late["name"]}


def test_where_alerts_are_sent_is_a_secret_of_one_block(
    prefect: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = set_up_alerts(None) + capfd.readouterr().err
    (block,) = prefect.ask("/block_documents/filter")
    assert block["name"] == BLOCK
    shown = [answer, str(block), str(_by_name(prefect)), prefect.log("prefect-server")]
    assert not [text for text in shown if SECRET in text]


def test_without_a_url_the_automations_say_that_nobody_is_told() -> None:
    found = automations(None)
    silent = [one for one in found if {action.type for action in one.actions} == {"do-nothing"}]
    assert len(silent) == len(found) - 1  # that of runs whose process is gone changes their state
    assert all(one.description.endswith("(docs/schedule.md).") for one in silent)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/hook/A?sig=a%2Bb", "jsons://example.org/hook/A?-sig=a%2Bb"),
        ("http://127.0.0.1:8000/x", "json://127.0.0.1:8000/x"),
        ("mailtos://me:secret@example.org?to=you@example.org", None),
        ("https://hooks.slack.com/services/T12345678/B12345678/abcdefghijklmnopqrstuvwx", None),
    ],
)
def test_alerts_go_to_webhooks_and_to_services_that_apprise_knows(
    url: str, expected: str | None
) -> None:
    assert notification_url(url) == (expected or url)


@pytest.mark.parametrize("url", ["carrier-pigeon://secret", "https://[secret", "me:secret@host"])
def test_a_url_to_which_nothing_can_be_sent_is_refused_and_not_repeated(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Apprise's own log, which names the URL, is not written either."""
    with pytest.raises(SettingsError, match="setting 'alert_url'") as refused:
        set_up_alerts(SecretStr(url))
    assert "secret" not in str(refused.value)
    assert "secret" not in caplog.text
