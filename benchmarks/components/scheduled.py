"""One night with 2,000 programmes: the flow on a Prefect server beside the command.

Both run in their own process against the stand-in, from an empty home, without a release. The
flow's time includes its tasks, logs and artifacts.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import httpx

from benchmarks.crawls import MPTF
from benchmarks.site import site
from warehouse.connection import open_reader

_PROGRAMMES = 2_000
VARIANTS = ("nightly flow", "mptf sync")
BASELINE = "mptf sync"
UNIT = "programmes"


def run(name: str) -> tuple[int, float]:
    """Run one night and count the programmes."""
    with site(_PROGRAMMES) as base_url, tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        os.environ |= {"MPTF_PUBLISH": "false", "MPTF_SHORTEST_DELAY": "0"}
        if name == BASELINE:
            begun = perf_counter()
            command = [
                str(MPTF),
                "--home",
                str(home),
                "sync",
                "--base-url",
                base_url,
                "--all",
                "--fresh",
            ]
            subprocess.run(command, check=True)
            seconds = perf_counter() - begun
        else:
            with _server(Path(folder) / "prefect"):
                from flows.scheduled.visits import weekly_check  # noqa: PLC0415 because Prefect reads its settings at import

                begun = perf_counter()
                state = weekly_check(home, base_url, return_state=True)
                seconds = perf_counter() - begun
                assert state.name == "Completed", state
        with open_reader(home / "warehouse.duckdb") as con:
            ((found,),) = con.execute("SELECT count(*) FROM mart.programme_current").fetchall()
    return int(found), seconds


@contextmanager
def _server(folder: Path) -> Iterator[None]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    os.environ |= {
        "PREFECT_HOME": str(folder), "PREFECT_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }  # fmt: skip
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while not _healthy(url):
                time.sleep(0.2)
            yield
        finally:
            server.terminate()


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").is_success
    except httpx.TransportError:
        return False
