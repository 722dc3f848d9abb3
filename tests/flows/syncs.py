"""Syncs as processes and commands: their environment, and what they asked."""

import os
import sys
import time
from pathlib import Path

from replica.server.serving import Running
from tests.flows.nights import SITE
from tests.flows.tables import ask

COMMAND = [sys.executable, "-c", "from flows.cli.main import main; main()"]


def flat_out(running: Running, **more: str) -> dict[str, str]:
    """The environment of a command that syncs with the stand-in under the site's own address."""
    return {
        **os.environ, "MPTF_BASE_URL": running.base_url, "MPTF_KNOWN_AS": SITE,
        "MPTF_STEP_SECONDS": "10", "MPTF_ANSWER_SECONDS": "20", "MPTF_RETRY_SECONDS": "0.05",
        "MPTF_PROCESSES": "0", "MPTF_SHORTEST_DELAY": "0", **more,
    }  # fmt: skip


def targets(running: Running) -> list[str]:
    return [entry.target for entry in running.log()]


def captured(home: Path) -> list[tuple[object, ...]]:
    return ask(home / "warehouse.duckdb", "SELECT capture_id FROM raw.capture ORDER BY ALL")


def wait_for(running: Running, requests: int) -> None:
    """Until so many requests have come."""
    for _ in range(600):
        if len(running.log()) >= requests:
            return
        time.sleep(0.05)
    raise AssertionError("the run asked for too little")
