"""Loading saved pages with `mptf ingest`, and ingesting them again, beside a plain script.

The script is what an analyst would write: BeautifulSoup, and one INSERT per row into DuckDB. It
has no archive, vintages or checks. Both must load the same expenditure.
"""

import subprocess
import tempfile
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import duckdb
from bs4 import BeautifulSoup

from benchmarks.components.factsheets import factsheet
from benchmarks.crawls import MPTF

_COUNT = 600
_SCRIPT_COUNT = 150
VARIANTS = ("ingest", "again", "plain script")
BASELINE = "plain script"
UNIT = "pages"


def run(name: str) -> tuple[int, float]:
    """Load pages and check the sum of expenditure."""
    with tempfile.TemporaryDirectory() as folder:
        pages, home = Path(folder) / "pages", Path(folder) / "home"
        pages.mkdir()
        count = _SCRIPT_COUNT if name == "plain script" else _COUNT
        for number in range(count):
            (pages / f"{number:05}.html").write_bytes(factsheet(number))
        command = [str(MPTF), "--home", str(home), "ingest", str(pages)]
        if name == "again":
            subprocess.run(command, check=True)
        begun = perf_counter()
        if name == "plain script":
            total = _script(pages)
            seconds = perf_counter() - begun
        else:
            subprocess.run(command, check=True)
            seconds = perf_counter() - begun
            with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
                total = _sum(con, "core.expenditure_snapshot")
        assert total == sum(
            700_000 + number + year for number in range(count) for year in range(2010, 2018)
        ) * 3, total  # fmt: skip
    return count, seconds


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
    row = con.execute(f"SELECT sum(expenditure_usd) FROM {table}").fetchone()  # noqa: S608 because the name is a constant
    assert row is not None
    return Decimal(row[0])
