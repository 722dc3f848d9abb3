"""A night at 2,000 programmes: the flow on a running Prefect server beside the plain function.

Both in a process of their own against the stand-in, from an empty home, without a release. The
flow's figures count from its call to its end, with its tasks, logs and artifacts.
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

from benchmarks.site import site
from flows.crawl.selection import Selection
from flows.pipeline.home import Home
from flows.pipeline.run import open_run, utc_now
from flows.settings import Settings
from flows.sync import sync
from warehouse.connection import open_reader

_PROGRAMMES = 2_000
READERS = {"nightly flow": None, "plain function": None}
BASELINE = "plain function"
UNIT = "programmes"


def run(name: str) -> tuple[int, float]:
    """How many programmes, in how many seconds."""
    with site(_PROGRAMMES) as base_url, tempfile.TemporaryDirectory() as folder:
        home = Home(
            Settings(
                home=Path(folder) / "home",
                base_url=base_url,
                known_as="http://site",
                shortest_delay=0,
            )
        )
        if name == BASELINE:
            begun = perf_counter()
            with open_run(home, "sync", utc_now()) as night:
                sync(night, Selection(everything=True, fresh=True))
                assert night.log.failures == []
            seconds = perf_counter() - begun
        else:
            with _server(Path(folder) / "prefect"):
                os.environ |= {
                    "MPTF_KNOWN_AS": "http://site",
                    "MPTF_PUBLISH": "false",
                    "MPTF_SHORTEST_DELAY": "0",
                }
                from flows.scheduled.visits import weekly_check  # noqa: PLC0415 because Prefect reads its settings when it is imported

                begun = perf_counter()
                state = weekly_check(home.folder, base_url, return_state=True)
                seconds = perf_counter() - begun
                assert state.name == "Completed", state
        with open_reader(home.warehouse) as con:
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
