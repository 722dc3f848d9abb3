"""Warehouses of 1,000, 5,000 and 20,000 programmes: loading, every view of mart, a release.

Each programme has five visits with ten new figures each: a million vintages in the largest one,
which is then queried and published, first and after a night in which 200 programmes changed.
`load` takes typed frames, as a rebuild does: validate, load, derive vintages. Its peer loads the
same frames into a bare table, without any of that. The peer of a release is DuckDB's own copy of
the tables. Each part runs in its own process: `python -m benchmarks.store PART FILE PROGRAMMES`.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import duckdb

from benchmarks.crawls import MPTF
from benchmarks.drawn import FIGURE, ROWS, VISITS, captures, drawn
from benchmarks.measure import Measured
from benchmarks.table import Table
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.schemas import OBSERVED_TABLES
from transforms.validate import checked
from warehouse.connection import WriterLimits, open_reader, open_writer, registered
from warehouse.load import Batch, load
from warehouse.schema import prepare

_SIZES = (1_000, 5_000, 20_000)
_CHANGED = 200
_AT_ONCE = 4_000  # programmes in a batch, with all their visits
_BULK = WriterLimits("1GB", 2)
_ONE = {"programme_id": "00000010", "fund_code": "F0010"}
_Result = dict[str, Any]


class _Spent:
    """Seconds, and CPU seconds, that blocks of this process took."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Add what the block takes."""
        begun, cpu_begun = perf_counter(), process_time()
        yield
        self.seconds += perf_counter() - begun
        self.cpu_seconds += process_time() - cpu_begun

    def result(self, count: int, **more: Any) -> _Result:
        """Return what the table wants to know."""
        return {
            "count": count, "seconds": self.seconds, "cpu_seconds": self.cpu_seconds, **more,
        }  # fmt: skip


def store(table: Table, divided_by: int) -> None:
    """Measure loading at each size, and the rest at the largest one."""
    for programmes in (size // divided_by for size in _SIZES):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            home.mkdir()
            if _measure_load(table, home, programmes) and programmes == _SIZES[-1] // divided_by:
                _measure_views(table, home, programmes)
                _measure_release(table, home, programmes)


def _part(name: str, file: Path, programmes: int, *rest: Path) -> list[str | Path]:
    return [sys.executable, "-m", "benchmarks.store", name, file, str(programmes), *rest]


def _measure_load(table: Table, home: Path, programmes: int) -> bool:
    bare = home.with_name("bare.duckdb")
    table.measure(
        "load", "plain INSERT", _part("insert", bare, programmes), size=programmes,
        unit="figures", peer=True,
    )  # fmt: skip
    return table.measure(
        "load", "ours", _part("fill", home / "warehouse.duckdb", programmes), size=programmes,
        unit="figures",
    )  # fmt: skip


def _measure_views(table: Table, home: Path, programmes: int) -> None:
    file = home / "warehouse.duckdb"
    for name, variant in (("one", "one programme or fund"), ("whole", "all rows")):
        table.measure("mart views", variant, _part(name, file, programmes), size=1, unit="views")
    vintages = programmes * VISITS * ROWS
    table.measure(
        "start", f"mptf status, {vintages:,} vintages", [MPTF, "--home", home, "status"], size=1,
        unit="start", count=lambda _: 1,
    )  # fmt: skip


def _measure_release(table: Table, home: Path, programmes: int) -> None:
    file = home / "warehouse.duckdb"

    def publish(variant: str) -> None:
        def count(_: Measured) -> int:
            return _count_vintages(home / "releases" / "latest.duckdb")

        command: list[str | Path] = [MPTF, "--home", home, "publish"]
        table.measure("release", variant, command, size=1, unit="vintages", count=count)

    publish("ours, the first")
    variant = f"{_changed(programmes)} changed programmes of {programmes:,}, typed rows"
    table.measure(
        "a night's load", variant, _part("night", file, programmes), size=1,
        unit="figures",
    )  # fmt: skip
    publish("ours, after that night")
    table.measure(
        "release", "EXPORT DATABASE", _part("export", file, programmes, home / "export"), size=1,
        unit="vintages", peer=True,
    )  # fmt: skip


def _fill(file: Path, programmes: int) -> _Result:
    """Build a warehouse."""
    con, spent = open_writer(file, _BULK), _Spent()
    prepare(con)
    for start in range(0, programmes, _AT_ONCE):
        _load(con, spent, range(start, min(start + _AT_ONCE, programmes)), range(VISITS))
    con.close()
    return spent.result(_expect(file, programmes * VISITS * ROWS), file_bytes=file.stat().st_size)


def _changed(programmes: int) -> int:
    """Return how many programmes change in a night."""
    return min(_CHANGED, programmes)


def _night(file: Path, programmes: int) -> _Result:
    con, spent = open_writer(file), _Spent()
    changed = _changed(programmes)
    _load(con, spent, range(changed), range(VISITS, VISITS + 1))
    con.close()
    _expect(file, (programmes * VISITS + changed) * ROWS)
    return spent.result(changed * ROWS)


def _load(con: duckdb.DuckDBPyConnection, spent: _Spent, numbers: range, visits: range) -> None:
    """Validate and load as a night does."""
    frames, seen = drawn(numbers, visits), captures(numbers, visits)
    with spent.timed():
        kept = {}
        for name, frame in frames.items():
            kept[name], failed = checked(OBSERVED_TABLES[name], frame)
            assert not failed
        load(
            con,
            Batch(
                observations=kept,
                captures=capture_frame(seen),
                quarantined=quarantine_frame([]),
                archive_files=archive_file_frame({}),
            ),
        )


def _count_vintages(file: Path) -> int:
    with open_reader(file) as con:
        ((found,),) = con.execute("SELECT count(*) FROM core.expenditure_snapshot").fetchall()
    return int(found)


def _expect(file: Path, expected: int) -> int:
    found = _count_vintages(file)
    assert found == expected, (found, expected)
    return found


def _insert(file: Path, programmes: int) -> _Result:
    """Insert the same frames of figures into a bare table."""
    spent = _Spent()
    with duckdb.connect(str(file)) as con:
        for start in range(0, programmes, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, programmes))
            with registered(con, figures=drawn(numbers, range(VISITS))[FIGURE]):
                con.execute("CREATE TABLE IF NOT EXISTS figure AS FROM figures LIMIT 0")
                with spent.timed():
                    con.execute("INSERT INTO figure FROM figures")
        ((count,),) = con.execute("SELECT count(*) FROM figure").fetchall()
    return spent.result(count)


def _views(file: Path, condition: Callable[[list[str]], str | None]) -> _Result:
    """Read the views for whose columns there is a condition."""
    spent, each = _Spent(), {}
    with open_reader(file) as con:
        found = con.execute(
            "SELECT table_name, list(column_name) FROM information_schema.columns"
            " WHERE table_schema = 'mart' GROUP BY table_name ORDER BY table_name"
        ).fetchall()
        for view, columns in found:
            if (asked := condition(columns)) is None:
                continue
            before = spent.seconds
            with spent.timed():
                con.execute(f"FROM mart.{view} {asked}").fetchnumpy()
            each[view] = spent.seconds - before
    return spent.result(len(each), each=each)


def _of_one(columns: list[str]) -> str | None:
    return next((f"WHERE {key} = '{one}'" for key, one in _ONE.items() if key in columns), None)


def _export(file: Path, target: str) -> _Result:
    spent = _Spent()
    with spent.timed(), duckdb.connect() as con:
        con.execute(f"ATTACH '{file}' AS working (READ_ONLY)")
        con.execute("USE working")
        con.execute(f"EXPORT DATABASE '{target}' (FORMAT parquet)")
    return spent.result(_count_vintages(file))


def _run(name: str, file: Path, programmes: int, target: str = "") -> _Result:
    parts: dict[str, Callable[[], _Result]] = {
        "fill": lambda: _fill(file, programmes),
        "night": lambda: _night(file, programmes),
        "insert": lambda: _insert(file, programmes),
        "one": lambda: _views(file, _of_one),
        "whole": lambda: _views(file, lambda _: ""),
        "export": lambda: _export(file, target),
    }
    return parts[name]()


if __name__ == "__main__":
    _name, _file, _programmes, *_rest = sys.argv[1:]
    print(json.dumps(_run(_name, Path(_file), int(_programmes), *_rest)))
