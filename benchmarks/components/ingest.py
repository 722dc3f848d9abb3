"""Saved pages into the warehouse by `mptf ingest`, again, and `rebuild`; beside a plain script.

The script is what an analyst would write: BeautifulSoup, and one INSERT a row into DuckDB. It keeps
no archive, no vintages and no checks. That both load the same expenditure is checked.
"""

import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import duckdb
from bs4 import BeautifulSoup

from benchmarks.components.factsheets import factsheet
from extractors.archive.inputs import CaptureOverrides
from flows.ingest import ingest
from flows.pipeline.home import Home
from flows.pipeline.run import open_run
from flows.rebuild import rebuild_all
from flows.settings import Settings

_COUNT = 600
_SCRIPT_COUNT = 150
READERS = {
    "ingest": None,
    "again": None,
    "rebuild": None,
    "plain script": None,
}
BASELINE = "plain script"
UNIT = "pages"


def run(name: str) -> tuple[int, float]:
    """How many pages, in how many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "pages"
        pages.mkdir()
        count = _SCRIPT_COUNT if name == "plain script" else _COUNT
        for number in range(count):
            (pages / f"{number:05}.html").write_bytes(factsheet(number))
        begun = perf_counter()
        if name == "plain script":
            total = _script(pages)
        else:
            total, begun = _ours(Home(Settings(home=Path(folder) / "home")), pages, name)
        seconds = perf_counter() - begun
        assert total == sum(
            700_000 + number + year for number in range(count) for year in range(2010, 2018)
        ) * 3, total  # fmt: skip
    return count, seconds


def _ours(home: Home, pages: Path, name: str) -> tuple[Decimal, float]:
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    begun = perf_counter()
    with open_run(home, "ingest", now) as first:
        ingest(first, [pages], CaptureOverrides())
    if name == "again":
        begun = perf_counter()
        with open_run(home, "ingest", now) as second:
            ingest(second, [pages], CaptureOverrides())
    if name == "rebuild":
        begun = perf_counter()
        with rebuild_all(home, now, reread=True):
            pass
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        return _sum(con, "core.expenditure_snapshot"), begun


def _script(pages: Path) -> Decimal:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE figure (id VARCHAR, organization VARCHAR, year INTEGER,"
                    " expenditure_usd DECIMAL(18,2))")  # fmt: skip
        con.execute("CREATE TABLE voucher (id VARCHAR, number VARCHAR, amount DECIMAL(18,2))")
        for path in sorted(pages.iterdir()):
            soup = BeautifulSoup(path.read_bytes(), "html.parser")
            identity, figures, vouchers = soup.find_all("table")
            programme_id = identity.find_all("td")[1].get_text()
            for row in figures.find_all("tr")[1:]:
                cells = [cell.get_text() for cell in row.find_all("td")]
                values = [programme_id, cells[0], int(cells[1]), cells[6].replace(",", "")]
                con.execute("INSERT INTO figure VALUES (?, ?, ?, ?)", values)
            for row in vouchers.find_all("tr")[1:]:
                cells = [cell.get_text() for cell in row.find_all("td")]
                values = [programme_id, cells[0], cells[3].replace(",", "")]
                con.execute("INSERT INTO voucher VALUES (?, ?, ?)", values)
        return _sum(con, "figure")


def _sum(con: duckdb.DuckDBPyConnection, table: str) -> Decimal:
    row = con.execute(f"SELECT sum(expenditure_usd) FROM {table}").fetchone()  # noqa: S608 because the name is ours
    assert row is not None
    return Decimal(row[0])
