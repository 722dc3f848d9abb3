"""Syncs that are killed, interrupted, kept waiting, helped, and watched on a terminal."""

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.command import COMMAND, Mptf, run_mptf
from tests.flows.nights import SITE
from tests.flows.syncs import captured, flat_out, targets, wait_for
from tests.flows.tables import dump
from tests.processes import PATIENCE, eventually, killed_after
from tests.stand_in import Replica
from tests.terminal import Terminal


def test_a_terminal_shows_pages_rate_and_time_left(replica: Replica, tmp_path: Path) -> None:
    """On a real pseudo-terminal: a bar while it runs, then the summary alone."""
    _, running = replica(programmes=24, seed=7)
    environment = flat_out(
        running, MPTF_SHORTEST_DELAY="0.02", MPTF_TURNSTILES=str(tmp_path / "t"), TERM="xterm"
    )
    chosen = ["--programme", "60007", "--programme", "60040"]
    home = str(tmp_path / "home")
    with Terminal("--home", home, "sync", *chosen, width=120, environment=environment) as shown:
        shown.sees("failed 0")
    assert shown.exit_code == 0, shown.text
    assert re.search(r"pages \d+ of \d+ +\d+\.\d/s +\d+:\d\d:\d\d", shown.text), shown.text[-2000:]


@pytest.mark.proof
def test_processes_that_help_change_nothing(
    replica: Replica, mptf: Mptf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked and read by this process or by two others: the same tables."""
    _, running = replica(programmes=60, seed=7)
    tables = []
    for count in ("0", "2"):
        for name, value in flat_out(running, MPTF_PROCESSES=count).items():
            monkeypatch.setenv(name, value)
        done = mptf("--home", tmp_path / count, "sync")
        assert done.exit_code == 0, done.stderr
        tables.append(dump(tmp_path / count / "warehouse.duckdb"))
    assert tables[0] == tables[1]


@pytest.mark.proof
def test_a_helping_process_that_is_killed_ends_the_run_and_the_same_command_goes_on(
    replica: Replica, tmp_path: Path
) -> None:
    """Said in one line, at once; nothing half-loaded, and no process is left behind."""
    _, running = replica(programmes=400, seed=7)
    environment = flat_out(running, MPTF_PROCESSES="2")
    arguments = [*COMMAND, "--home", str(tmp_path / "home"), "sync"]
    with killed_after(
        subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True)
    ) as run:
        wait_for(running, 60)
        helpers = children(run.pid)
        assert len(helpers) >= 2
        os.kill(helpers[-1], signal.SIGKILL)
        _, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1, errors
    assert "a process that was helping has ended by itself" in errors
    assert "Traceback" not in errors
    assert not [helper for helper in helpers if Path(f"/proc/{helper}").exists()]
    again = subprocess.run(
        arguments, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert again.returncode == 0, again.stderr


def children(pid: int) -> list[int]:
    """The processes that a process has started, but for the one that keeps its resources."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
            if parent == pid and b"spawn_main" in command:
                found.append(int(folder.name))
    return sorted(found)


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.proof)]
)
def test_an_interrupt_drains_what_is_under_way_and_the_same_command_goes_on(
    replica: Replica, tmp_path: Path, number: signal.Signals
) -> None:
    _, running = replica(programmes=24, seed=7)
    polite = flat_out(running, MPTF_SHORTEST_DELAY="0.3",
                      MPTF_TURNSTILES=str(tmp_path / "t"), MPTF_KNOWN_AS=SITE)  # fmt: skip
    arguments = [*COMMAND, "--home", str(tmp_path / "home"), "sync"]
    with killed_after(
        subprocess.Popen(arguments, env=polite, stderr=subprocess.PIPE, text=True)
    ) as run:
        wait_for(running, 5)
        run.send_signal(number)
        _, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1
    assert "run the same command again to go on" in errors
    kept = len(captured(tmp_path / "home"))
    assert kept >= 3
    first = Counter(t for t in targets(running) if t != "/robots.txt")
    fast = flat_out(running)
    again = subprocess.run(
        [*arguments], env=fast, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE
    )
    assert again.returncode == 0, again.stderr
    assert f"{kept} pages are there already" in again.stderr
    asked = Counter(t for t in targets(running) if t != "/robots.txt")
    assert set(asked.values()) == {1}
    assert set(first) < set(asked)


@pytest.mark.parametrize(
    ("kills", "programmes"), [(1, 40), pytest.param(50, 60, marks=pytest.mark.proof)]
)
def test_a_sync_that_is_killed_at_any_moment_is_finished_by_the_same_command(
    kills: int, programmes: int, replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL, then the same command: the same tables, and no page asked for that was archived.

    One programme is not answered before the kill, so that no run is faster than its killer.
    """
    _, running = replica(programmes=programmes, seed=7)
    environment = flat_out(running, MPTF_BATCH_CAPTURES="20", MPTF_PROCESSES="1")
    whole = tmp_path / "whole"
    for name, value in flat_out(running).items():
        monkeypatch.setenv(name, value)
    assert run_mptf(whole, "sync").exit_code == 0
    held = next(t for t in reversed(targets(running)) if "/project/" in t).partition("?")[0]
    others = [target for target in targets(running) if not target.startswith(held)]
    expected, pages = dump(whole / "warehouse.duckdb"), captured(whole)
    assert len(pages) > 20  # more than a batch
    moments = random.Random(5)  # noqa: S311 because nothing is secret
    resumed = 0
    for kill in range(kills):
        home = tmp_path / f"killed{kill}"
        command = [*COMMAND, "--home", str(home), "sync"]
        running.clear_log()
        running.set_faults([f"timeout=1@{held}"])
        with killed_after(
            subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        ) as run:
            wait_for(running, moments.randrange(len(others) // 20, len(others)))
            time.sleep(moments.uniform(0, 0.05))
        assert run.returncode == -signal.SIGKILL
        archived = archived_pages(home)
        running.clear_log()
        running.set_faults([])
        done = subprocess.run(
            command, env=environment, stderr=subprocess.PIPE, check=False, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        assert set(targets(running)) & archived == set()
        resumed += bool(archived)
        assert dump(home / "warehouse.duckdb") == expected
        assert captured(home) == pages
        print(f"kill {kill}: {len(archived)} pages were archived by then")
    assert resumed


def archived_pages(home: Path) -> set[str]:
    """The targets of the pages that whole records of the archive hold."""
    from extractors.archive.reader import Archive, ArchivedRecord

    archive = Archive(home / "archive", 2**26)
    return {
        record.capture.url.removeprefix(SITE)
        for name in archive.files()
        for record in archive.records(name)
        if isinstance(record, ArchivedRecord)
    }


@pytest.mark.proof
def test_a_limit_holds_over_a_kill(replica: Replica, tmp_path: Path) -> None:
    """What the killed run visited counts towards the limit of the command that goes on."""
    _, running = replica(programmes=60, seed=7)
    arguments = [*COMMAND, "--home", str(tmp_path / "home"), "sync", "--limit", "8"]
    slow = flat_out(running, MPTF_SHORTEST_DELAY="0.3",
                    MPTF_TURNSTILES=str(tmp_path / "t"))  # fmt: skip

    def visited() -> set[str]:
        return {t.partition("?")[0] for t in targets(running) if "/project/" in t}

    with killed_after(subprocess.Popen(arguments, env=slow, stderr=subprocess.DEVNULL)):
        eventually(lambda: len(visited()) >= 4 or None, "visits")
    subprocess.run(
        arguments, env=flat_out(running), stderr=subprocess.DEVNULL, check=True, timeout=PATIENCE
    )
    assert len(visited()) == 8


def test_a_second_interrupt_stops_at_once(replica: Replica, tmp_path: Path) -> None:
    """Though requests are under way to a site that does not answer for an hour."""
    _, running = replica(programmes=12, seed=7, faults=("timeout=1@/factsheet/project/*",))
    environment = flat_out(running, MPTF_PROCESSES="1", MPTF_STEP_SECONDS="3600",
                           MPTF_ANSWER_SECONDS="3600")  # fmt: skip
    arguments = [*COMMAND, "--home", str(tmp_path / "home"), "sync"]
    with killed_after(
        subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True)
    ) as run:
        eventually(lambda: any("/project/" in t for t in targets(running)) or None, "request")
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGTERM)  # a second SIGINT could be merged with the first
        _, errors = run.communicate(timeout=PATIENCE)
    assert "stopped at once" in errors
    assert "Traceback" not in errors
