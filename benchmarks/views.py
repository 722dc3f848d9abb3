"""Every mart view over a million vintages: for one programme or fund, and for all.

Beside it all of core.expenditure_snapshot, which most of them read. Rows are fetched, as frames.
"""

import tempfile
from pathlib import Path
from time import perf_counter

import duckdb
import polars as pl

from benchmarks.load import fill
from warehouse.connection import open_reader

READERS = {"mart views (ours)": None, "core, as it is": None}
BASELINE = "core, as it is"
_ONE = {"programme_id": "00010000", "fund_code": "F0100"}


def run(name: str) -> tuple[float, str]:
    """Views answered a second, for all programmes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "views.duckdb"
        _, vintages = fill(file)
        with open_reader(file) as con:
            if name == BASELINE:
                return 1 / _seconds(con, "FROM core.expenditure_snapshot"), "answers/s"
            size = file.stat().st_size / vintages
            print(f"  the file has {size:.0f} MB per million vintages")
            found = con.execute(
                "SELECT table_name, list(column_name) FROM information_schema.columns"
                " WHERE table_schema = 'mart' GROUP BY table_name ORDER BY table_name"
            ).fetchall()
            seconds = 0.0
            for view, columns in found:
                whole = _seconds(con, f"FROM mart.{view}")
                seconds += whole
                key = next((key for key in _ONE if key in columns), None)
                one = f"FROM mart.{view} WHERE {key} = '{_ONE[key]}'" if key else ""
                each = f"{_seconds(con, one):6.3f} s for one {key}" if one else ""
                print(f"  mart.{view:<24} {whole:6.2f} s for all {each}")
    return len(found) / seconds, "answers/s"


def _seconds(con: duckdb.DuckDBPyConnection, query: str) -> float:
    begun = perf_counter()
    pl.DataFrame(con.sql(query))
    return perf_counter() - begun
