"""A release of a million vintages, of which all are new since the release before.

Beside it what of that the workbook takes, which another process writes meanwhile, and what
`changes.json`; and DuckDB's own EXPORT DATABASE of the same file, which checks nothing.
The warehouse is filled by another process, so that peak memory is that of what is measured.
"""

import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime
from pathlib import Path
from time import perf_counter

import duckdb

from benchmarks.load import fill
from flows.home import Home
from flows.publish import publish
from flows.releases import newest_file
from flows.settings import settings
from warehouse.connection import open_writer
from warehouse.release import build, write_changes
from warehouse.schema import prepare
from warehouse.workbook import write_workbook

READERS = {
    "publish (ours)": None,
    "its workbook": None,
    "its changes.json": None,
    "EXPORT DATABASE": None,
}
BASELINE = "EXPORT DATABASE"
_NOW = datetime(2016, 7, 1, 2)  # noqa: DTZ001 because every time here is naive UTC


def run(name: str) -> tuple[float, str]:
    """Vintages a second."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(settings(Path(folder)))
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            pool.submit(_publish_empty, home).result()
            _, vintages = pool.submit(fill, home.warehouse).result()
        begun = perf_counter()
        if name == BASELINE:
            with duckdb.connect(str(home.warehouse), read_only=True) as con:
                begun = perf_counter()
                con.execute(
                    f"EXPORT DATABASE '{folder}/exported' (FORMAT parquet, COMPRESSION zstd)"
                )
        elif name == "publish (ours)":
            found = publish(home, _NOW, _NOW.date()).changes
            assert found["new_vintages"] == vintages
        else:
            begun = _part(name, home)
        seconds = perf_counter() - begun
    return vintages / seconds, "vintages/s"


def _publish_empty(home: Home) -> None:
    """The release before: of a warehouse that knew nothing."""
    con = open_writer(home.warehouse)
    prepare(con)
    con.close()
    publish(home, _NOW, date(2016, 6, 30))
    home.warehouse.unlink()


def _part(name: str, home: Home) -> float:
    """One part of a release of its own; when it began."""
    release = home.folder / "release.duckdb"
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(build, home.warehouse, release).result()
    begun = perf_counter()
    if name == "its workbook":
        for sheet in write_workbook(release, home.folder / "mptf.xlsx", "mptf", _NOW.date()):
            print(f"  {sheet.name}: {sheet.rows} rows of {len(sheet.columns)}")
    else:
        found = write_changes(release, newest_file(home.releases), home.folder / "changes.json")
        size = (home.folder / "changes.json").stat().st_size // 2**20
        print(f"  {found} in {size} MB")
    return begun
