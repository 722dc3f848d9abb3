"""Nights of cron and systemd: deploy/nightly.sh and its units."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest
import yaml

from flows.cli.main import main
from tests.command import COMMAND
from tests.flows.pages import ROOT, save
from tests.flows.syncs import flat_out
from tests.flows.tables import ask
from tests.processes import PATIENCE, free_port, http_server
from tests.stand_in import Replica

SCRIPT = ROOT / "deploy" / "nightly.sh"
UNITS = sorted((ROOT / "deploy").glob("*.service")) + sorted((ROOT / "deploy").glob("*.timer"))
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


@contextmanager
def monitoring() -> Iterator[tuple[str, list[str]]]:
    """A monitoring service: the URL of its heartbeat, and the requests that it has received."""
    received: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            received.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http_server(Receiver) as base_url:
        yield f"{base_url}/ping/1", received


def _program(folder: Path, body: str) -> str:
    """Put a program named mptf on a PATH of its own, and return the PATH."""
    program = folder / "bin" / "mptf"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return f"{program.parent}:{os.environ['PATH']}"


def _night(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", SCRIPT, *options], env=environment, cwd=SCRIPT.parent, check=False,
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("codes", "exit_code", "is_told"),
    [
        ({}, 0, True),
        ({"sync": 3}, 0, True),
        ({"sync": 1}, 1, False),
        ({"ingest": 2}, 1, False),
        ({"publish": 1}, 1, False),
        ({"status": 3}, 3, False),
        ({"sync": 3, "status": 3}, 3, False),
        ({"status": 1}, 1, False),
    ],
)
def test_the_heartbeat_is_heard_only_if_nothing_needs_a_person(
    tmp_path: Path, codes: dict[str, int], exit_code: int, *, is_told: bool
) -> None:
    """Each command runs, whatever became of the one before."""
    answers = "".join(f"{command}) exit {code} ;;\n" for command, code in codes.items())
    path = _program(tmp_path, f'echo "$*" >> {tmp_path}/said\ncase "$1" in\n{answers}esac')
    (tmp_path / "inbox").mkdir()
    with monitoring() as (url, received):
        done = _night({"PATH": path, "MPTF_HOME": str(tmp_path), "HEARTBEAT_URL": url}, "--all")
    assert done.returncode == exit_code, done.stderr
    assert received == (["/ping/1"] if is_told else [])
    assert (tmp_path / "said").read_text().splitlines() == [
        f"ingest --wait 21600 {tmp_path}/inbox", "sync --wait 21600 --all",
        "publish --wait 21600", "status --check",
    ]  # fmt: skip


def test_a_night_without_a_home_does_nothing_and_says_so(tmp_path: Path) -> None:
    path = _program(tmp_path, f"touch {tmp_path}/said")
    done = _night({"PATH": path})
    assert done.returncode != 0
    assert "MPTF_HOME" in done.stderr
    assert not (tmp_path / "said").exists()


def test_the_crontab_shown_has_the_hours_of_the_deployments_and_options_of_sync() -> None:
    guide = (ROOT / "docs" / "schedule.md").read_text()
    lines = re.findall(
        r"^(\S+ \S+ \S+ \S+ \S+) +cd \S+ && sh deploy/nightly\.sh(.*) 2>&1", guide, re.M
    )
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    hours = {
        each["name"]: each["schedules"][0]["cron"] for each in deployments if each["schedules"]
    }
    assert lines == [(hours["nightly"], ""), (hours["year-end"], " --year-end")]
    options = {option for each in main.commands["sync"].params for option in each.opts}
    assert {"--all", "--year-end", "--wait"} <= options


@pytest.mark.proof
def test_a_real_night_loads_inbox_and_site_publishes_and_is_heard_if_all_is_fine(
    tmp_path: Path, replica: Replica
) -> None:
    world, running = replica(programmes=12)
    home = tmp_path / "home"
    programme_id = world.gateway.records.portfolio.outlines[0].programme_id
    page = httpx.get(f"{running.base_url}/factsheet/project/{programme_id}", timeout=PATIENCE).text
    saved = save(home / "inbox", f"{programme_id}.html", page)
    saved.with_name(f"{saved.name}.json").write_text('{"captured_at": "2016-04-19T00:00:00Z"}')
    python, _, code = COMMAND
    path = _program(tmp_path, f"exec {python} -c '{code}' \"$@\"")
    with monitoring() as (url, received):
        environment = flat_out(running, PATH=path, MPTF_HOME=str(home), HEARTBEAT_URL=url)
        done = _night(environment)
        assert done.returncode in {0, 3}, done.stderr  # 3: the books' own gaps need a look
        heard = ["/ping/1"] * (done.returncode == 0)
        assert received == heard
        sources = "SELECT DISTINCT source FROM raw.capture ORDER BY ALL"
        assert len(ask(home / "releases" / "latest.duckdb", sources)) > 1
        gone = {"MPTF_BASE_URL": f"http://127.0.0.1:{free_port()}"}
        assert _night({**environment, **gone}).returncode == 1
    assert received == heard


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_unit(unit: Path, tmp_path: Path) -> None:
    """With its user and programs in place of those that the unit's comment asks to mend."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("prefect", "mptf"):
        shutil.copy("/bin/true", programs / name)
    for each in UNITS:
        text = each.read_text().replace("/srv/mptf/.venv/bin/", f"{programs}/")
        (tmp_path / each.name).write_text(text.replace("User=mptf", "User=root"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name], check=False,
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
