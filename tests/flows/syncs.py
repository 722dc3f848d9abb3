"""Syncs as processes and commands: their environment, and what they asked."""

import os
import random
import subprocess
from pathlib import Path

from replica.server.serving import Running
from tests.command import COMMAND
from tests.flows.nights import SITE
from tests.flows.tables import ask
from tests.processes import PATIENCE, eventually, killed_after


def flat_out(running: Running, **more: str) -> dict[str, str]:
    """The environment of a command that syncs with the stand-in under the site's own address."""
    return {
        **os.environ, "MPTF_BASE_URL": running.base_url, "MPTF_KNOWN_AS": SITE,
        "MPTF_STEP_SECONDS": "60", "MPTF_ANSWER_SECONDS": "120", "MPTF_RETRY_SECONDS": "0.05",
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
    enough = before + dice.randrange(1, 40)
    with killed_after(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)) as run:
        eventually(
            lambda: len(running.log()) >= enough or run.poll() is not None or None, "requests"
        )
    done = subprocess.run(
        command, env=environment, check=False, capture_output=True, timeout=PATIENCE
    )
    assert done.returncode in {0, 3}, done.stderr.decode()
