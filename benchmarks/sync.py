"""A site of 5,000 programmes over loopback: `mptf sync` beside a Scrapy spider.

First everything, then again when nothing has changed. The spider has to fetch and read it all
again: it knows no conditions. Both discover the programmes from the lists and follow pages of
vouchers; that both meet all programmes that are listed is checked. The stand-in runs in a process
of its own, its pages drawn.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import duckdb
import httpx

from flows.home import Home
from flows.run import open_run
from flows.settings import Settings
from flows.sync import sync
from flows.wanted import Wanted

_PROGRAMMES = 5_000
_NOW = datetime(2024, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
READERS = {
    "first sync (ours)": None,
    "again (ours)": None,
    "Scrapy, every time": None,
}
BASELINE = "Scrapy, every time"


def run(name: str, programmes: int = _PROGRAMMES) -> tuple[float, str]:
    """Programmes a second, and the unit."""
    with site(programmes) as base_url, tempfile.TemporaryDirectory() as folder:
        begun = perf_counter()
        if name == BASELINE:
            file = Path(folder) / "scrapy.duckdb"
            spider = [sys.executable, "-m", "benchmarks.scrapy_spider", base_url, str(file)]
            subprocess.run(spider, check=True)
            seconds = perf_counter() - begun
            found = count(file, "SELECT count(DISTINCT id) FROM passage")
        else:
            home = Home(Settings(home=Path(folder), base_url=base_url, known_as="http://site"))
            night(home)
            seconds = perf_counter() - begun
            if name == "again (ours)":
                httpx.post(f"{base_url}/_replica/date?to={_NOW + timedelta(minutes=5)}")
                begun = perf_counter()
                night(home)
                seconds = perf_counter() - begun
            found = count(home.warehouse, "SELECT count(*) FROM mart.programme_current")
        listed = _listed(base_url)
        assert found == listed, (found, listed)
    return found / seconds, "programmes/s"


def night(home: Home) -> None:
    """Everything, by the plain function."""
    with open_run(home, "sync", datetime.now()) as night:  # noqa: DTZ005 because only its order counts
        sync(night, Wanted(everything=True, fresh=True))
        assert night.failures == []


@contextmanager
def site(programmes: int) -> Iterator[str]:
    """The stand-in in a process of its own, drawn."""
    serve = "from flows.cli import main; main()"
    command = [sys.executable, "-c", serve, "replica", "serve", "--programmes", str(programmes)]
    command += ["--seed", "1", "--date", f"{_NOW:%Y-%m-%d}", "--warm"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _listed(base_url: str) -> int:
    """The distinct programmes that were asked for."""
    entries = httpx.get(f"{base_url}/_replica/log", timeout=60).text.splitlines()
    targets = {entry.partition('"target": "')[2].partition('"')[0] for entry in entries}
    return len({t.partition("?")[0] for t in targets if "/project/" in t and "/excel" not in t})


def count(file: Path, query: str) -> int:
    """The number that a query gives."""
    with duckdb.connect(str(file), read_only=True) as con:
        row = con.execute(query).fetchone()
    assert row is not None
    return int(row[0])
