"""`mptf up` and `mptf down`: the processes they start, find and stop, and the guide's commands."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from flows.scheduled.daemon import Daemon
from tests.command import COMMAND, Mptf
from tests.flows.pages import ROOT
from tests.processes import PATIENCE, eventually, free_port, killed_after

_GUIDE = (ROOT / "docs" / "schedule.md").read_text().partition("## What runs when")[0]
_BLOCKS = re.findall(r"^```sh\n(.*?)^```$", _GUIDE, re.MULTILINE | re.DOTALL)
_SHORT, _STEP_BY_STEP = (
    next(block for block in _BLOCKS if command in block)
    for command in ("mptf up", "prefect worker start")
)
_SPIN = [sys.executable, "-c", "while True: pass"]


_STARTER = """
import os, sys
from pathlib import Path
from flows.scheduled.daemon import Daemon
folder = Path(sys.argv[1])
daemon = Daemon("sleeper", folder / "sleeper.json", folder / "sleeper.log")
daemon.start(["/bin/sh", "-c", "echo began; exec sleep 600"], os.environ, "noted")
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon("sleeper", tmp_path / "sleeper.json", tmp_path / "sleeper.log")
    yield daemon
    daemon.stop()


def _started(daemon: Daemon) -> int:
    """Let another process start the daemon, which says something and waits; its ID."""
    subprocess.run(
        [sys.executable, "-c", _STARTER, daemon.log.parent], check=True, timeout=PATIENCE
    )
    found = daemon.running()
    assert found is not None
    assert found.about == "noted"
    return found.pid


def test_a_process_that_another_command_started_is_found_until_it_ends(daemon: Daemon) -> None:
    pid = _started(daemon)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: daemon.running() is None or None, "end of the process")
    last = daemon.last()
    assert last is not None
    assert last.pid == pid


def test_stopping_never_signals_a_process_that_is_not_ours(daemon: Daemon) -> None:
    """Its ID may have been ours, before the machine restarted."""
    ours = _started(daemon)
    daemon.stop()
    with killed_after(subprocess.Popen(["sleep", "600"])) as stranger:
        state = daemon.log.with_suffix(".json")
        state.write_text(state.read_text().replace(str(ours), str(stranger.pid)))
        last = daemon.last()
        assert last is not None
        assert last.pid == stranger.pid
        assert daemon.stop() is None
        assert stranger.poll() is None


def test_a_log_that_has_grown_large_begins_anew_and_keeps_its_end_in_a_second_file(
    daemon: Daemon,
) -> None:
    daemon.log.write_bytes(b"old\n" * 3 * 2**20)
    _started(daemon)
    eventually(lambda: daemon.log.read_text() == "began\n" or None, "log")
    assert daemon.log.with_suffix(".log.1").stat().st_size == 12 * 2**20


def test_up_without_a_contact_says_what_to_set(mptf: Mptf, home: Path) -> None:
    result = mptf("up")
    assert result.exit_code == 2
    assert "MPTF_CONTACT" in result.stderr
    assert not (home / "prefect").exists()


def test_a_port_that_another_program_holds_is_named(
    mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPTF_CONTACT", "you@example.org")
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        result = mptf("up", "--port", str(port))
    assert result.exit_code == 1
    assert re.search(rf"127\.0\.0\.1:{port} \(.+ in use\): .+ --port\n$", result.stderr)


def test_down_of_a_home_where_nothing_runs_creates_nothing(mptf: Mptf, home: Path) -> None:
    result = mptf("down")
    assert result.exit_code == 0
    assert result.stdout == "worker    does not run\nserver    does not run\n"
    assert not (home / "prefect").exists()


class _Pasted:
    """A clone in which the guide's commands are run as pasted, on a port that is free."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.folder.mkdir()
        self.port = free_port()
        for name in ("prefect.yaml", "deploy"):
            source, target = ROOT / name, self.folder / name
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        make = folder / "bin" / "make"  # the tests run in an environment that is made
        make.parent.mkdir()
        make.write_text("#!/bin/sh\n")
        make.chmod(0o755)
        path = [make.parent, Path(sys.executable).parent, os.environ["PATH"]]
        self.environment = {
            **os.environ, "PATH": ":".join(map(str, path)), "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_SERVER_API_PORT": str(self.port), "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        }  # fmt: skip

    def command(self, text: str) -> list[str]:
        text = text.replace("4200", str(self.port)).replace(
            "mptf up", f"mptf up --port {self.port}"
        )
        return ["/bin/sh", "-e", "-c", text]

    def deployments(self) -> set[str]:
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/api/deployments/filter", timeout=PATIENCE
        )
        return {deployment["name"] for deployment in answer.json()}

    def workers(self) -> list[str]:
        """The states of the workers that the server knows."""
        url = f"http://127.0.0.1:{self.port}/api/work_pools/mptf/workers/filter"
        try:
            answer = httpx.post(url, timeout=PATIENCE)
        except httpx.TransportError:
            return []
        return [worker["status"] for worker in answer.json()] if answer.is_success else []


_DEPLOYMENTS = {
    "nightly",
    "weekly",
    "year-end",
    "inbox",
    "by-programme",
    "from-archive",
    "read",
    "share",
}


@contextmanager
def _busy_machine() -> Iterator[None]:
    """Two processes that take what they can get."""
    with killed_after(subprocess.Popen(_SPIN)), killed_after(subprocess.Popen(_SPIN)):
        yield


@pytest.mark.proof
def test_the_short_way_works_as_pasted_on_a_busy_machine(tmp_path: Path) -> None:
    pasted = _Pasted(tmp_path)
    try:
        with _busy_machine():
            done = subprocess.run(
                pasted.command(_SHORT), cwd=pasted.folder, env=pasted.environment, check=False,
                capture_output=True, text=True, timeout=PATIENCE,
            )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert f"server    http://127.0.0.1:{pasted.port} (process " in done.stdout
        assert re.search(r"^next run  nightly-ingest/inbox at .* 01:15 UTC$", done.stdout, re.M)
        assert pasted.deployments() == _DEPLOYMENTS
        assert pasted.workers() == ["ONLINE"]
    finally:
        down = [*COMMAND, "--home", str(pasted.folder / "data"), "down"]
        said = subprocess.check_output(down, text=True, stderr=subprocess.DEVNULL, timeout=PATIENCE)
        assert re.fullmatch(r"worker    stopped \(.+\)\nserver    stopped \(.+\)\n", said)


@pytest.mark.proof
def test_the_steps_work_as_pasted(tmp_path: Path) -> None:
    """The last command is the worker, which runs until it is stopped."""
    pasted = _Pasted(tmp_path)
    with (tmp_path / "said").open("wb") as said:
        shell = subprocess.Popen(
            pasted.command(_STEP_BY_STEP), cwd=pasted.folder, env=pasted.environment,
            stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip
    try:
        eventually(
            lambda: pasted.workers() == ["ONLINE"] or shell.poll() is not None or None, "worker"
        )
        assert shell.poll() is None, (tmp_path / "said").read_text()
        assert pasted.deployments() == _DEPLOYMENTS
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        shell.wait(PATIENCE)
