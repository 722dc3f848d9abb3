"""Syncs as processes and commands: their environment, and what they asked."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from replica.server.serving import Running
from tests.command import COMMAND
from tests.flows.nights import SITE
from tests.flows.tables import ask

PATIENCE = 600  # seconds: a bound for hung processes, which no busy machine reaches
T = TypeVar("T")


def eventually(find: Callable[[], T | None], what: str) -> T:
    """Call a function until it returns something, and return that."""
    until = time.monotonic() + PATIENCE
    while (found := find()) is None:
        assert time.monotonic() < until, f"no {what} after {PATIENCE} s"
        time.sleep(0.05)
    return found


def flat_out(running: Running, **more: str) -> dict[str, str]:
    """The environment of a command that syncs with the stand-in under the site's own address."""
    return {
        **os.environ, "MPTF_BASE_URL": running.base_url, "MPTF_KNOWN_AS": SITE,
        "MPTF_STEP_SECONDS": "10", "MPTF_ANSWER_SECONDS": "20", "MPTF_RETRY_SECONDS": "0.05",
        "MPTF_PROCESSES": "0", "MPTF_SHORTEST_DELAY": "0", "MPTF_SITE_CLOCK": "true", **more,
    }  # fmt: skip


def targets(running: Running) -> list[str]:
    return [entry.target for entry in running.log()]


def captured(home: Path) -> list[tuple[object, ...]]:
    return ask(home / "warehouse.duckdb", "SELECT capture_id FROM raw.capture ORDER BY ALL")


def wait_for(running: Running, requests: int) -> None:
    """Wait until the stand-in has received so many requests."""
    eventually(lambda: len(running.log()) >= requests or None, f"{requests} requests")


def killed_and_finished(
    running: Running, home: Path, environment: dict[str, str], dice: random.Random, *more: str
) -> None:
    """Kill a sync at a random request, unless it ends before, and run the same command again."""
    command = [*COMMAND, "--home", str(home), "sync", *more]
    before = len(running.log())
    run = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    enough = before + dice.randrange(1, 40)
    eventually(lambda: len(running.log()) >= enough or run.poll() is not None or None, "requests")
    run.send_signal(signal.SIGKILL)
    run.wait()
    done = subprocess.run(command, env=environment, check=False, capture_output=True)
    assert done.returncode in {0, 3}, done.stderr.decode()
