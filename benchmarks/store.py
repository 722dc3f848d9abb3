"""A warehouse with a million vintages: loading, one night's changes, every view, a release.

Each part runs in its own process on the same warehouse. `load` and `nightly delta` (200 changed
programmes) measure what a night does with typed rows: validate, load, derive vintages. Their peers
load the same frames into a bare table, without validation and vintages: with one INSERT, and with
executemany (fewer rows, because it is slow). `view latency` reads all rows of every view in mart;
its peer reads core. `publish` is the whole command with its page, first and after that night; its
peers are DuckDB's copies.
Run a part as `python -m benchmarks.store PART FILE PROGRAMMES`.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb

from benchmarks.crawls import MPTF
from benchmarks.drawn import FIGURE, ROWS, VISITS, captures, drawn
from benchmarks.measure import Measured
from benchmarks.table import Table
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.schemas import OBSERVED_TABLES
from transforms.validate import checked, frame_schema
from warehouse.connection import WriterLimits, open_reader, open_writer, registered
from warehouse.load import Batch, load
from warehouse.schema import prepare

_PROGRAMMES = 20_000
_CHANGED = 200
_AT_ONCE = 4_000  # programmes in a batch, with all their visits
_EXECUTEMANY = 100  # programmes
_BULK = WriterLimits("1GB", 2)
_ONE = {"programme_id": "00000010", "fund_code": "F0010"}
_Result = dict[str, Any]


def store(table: Table, divided_by: int) -> None:
    """Measure every part."""
    programmes = str(_PROGRAMMES // divided_by)
    with tempfile.TemporaryDirectory() as folder:
        home, bare, few = Path(folder) / "home", Path(folder) / "bare", Path(folder) / "few"
        home.mkdir()
        file = home / "warehouse.duckdb"

        def part(name: str, at: Path, *rest: str | Path) -> list[str | Path]:
            return [sys.executable, "-m", "benchmarks.store", name, at, programmes, *rest]

        def measured(
            benchmark: str, variant: str, command: list[str | Path], *, peer: bool = False,
            unit: str = "figures", count: Callable[[Measured], int] = _count,
        ) -> bool:  # fmt: skip
            return table.measure(
                benchmark, variant, command, size=1, unit=unit, peer=peer, count=count
            )

        measured("load", "ours", part("fill", file))
        measured("load", "plain INSERT", part("insert", bare), peer=True)
        measured("load", "executemany", part("executemany", few), peer=True)

        def count_published(_: Measured) -> int:
            return _count_vintages(home / "releases" / "latest.duckdb")

        publish: list[str | Path] = [MPTF, "--home", home, "publish"]
        measured("publish", "ours, the first", publish, count=count_published)
        measured("nightly delta", "ours", part("night", file))
        measured("nightly delta", "plain INSERT", part("insert-night", bare), peer=True)
        measured("nightly delta", "executemany", part("executemany-night", bare), peer=True)
        measured("view latency", "mart, every view", part("views", file), unit="queries")
        measured("view latency", "core, as it is", part("core", file), unit="queries", peer=True)

        measured("publish", "ours, after that night", publish, count=count_published)
        for peer, name in (("EXPORT DATABASE", "export"), ("COPY FROM DATABASE", "copy")):
            measured("publish", peer, part(name, file, Path(folder) / name), peer=True)


def _count(one: Measured) -> int:
    return int(one.told["count"])


def _fill(file: Path, programmes: int) -> _Result:
    """Build a warehouse; return the seconds and the number of vintages."""
    con = open_writer(file, _BULK)
    prepare(con)
    seconds = sum(
        _load(con, range(start, min(start + _AT_ONCE, programmes)), range(VISITS))
        for start in range(0, programmes, _AT_ONCE)
    )
    con.close()
    return {"seconds": seconds, "count": _expect(file, programmes * VISITS * ROWS)}


def _night(file: Path, programmes: int) -> _Result:
    con = open_writer(file)
    changed = min(_CHANGED, programmes)
    seconds = _load(con, range(changed), range(VISITS, VISITS + 1))
    con.close()
    _expect(file, (programmes * VISITS + changed) * ROWS)
    return {"seconds": seconds, "count": changed * ROWS}


def _load(con: duckdb.DuckDBPyConnection, numbers: range, visits: range) -> float:
    """Validate and load as a night does; return the seconds."""
    frames, seen = drawn(numbers, visits), captures(numbers, visits)
    begun = perf_counter()
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
    return perf_counter() - begun


def _count_vintages(file: Path) -> int:
    with open_reader(file) as con:
        ((found,),) = con.execute("SELECT count(*) FROM core.expenditure_snapshot").fetchall()
    return int(found)


def _expect(file: Path, expected: int) -> int:
    found = _count_vintages(file)
    assert found == expected, (found, expected)
    return found


def _insert(file: Path, numbers: range, visits: range, *, one_by_one: bool) -> _Result:
    """Insert the same frames, or their rows, into a bare table."""
    with duckdb.connect(str(file)) as con:
        with registered(con, figures=drawn(range(1), range(1))[FIGURE]):
            con.execute("CREATE TABLE IF NOT EXISTS figure AS FROM figures LIMIT 0")
        kinds = frame_schema(OBSERVED_TABLES[FIGURE])
        insert = f"INSERT INTO figure VALUES ({', '.join('?' * len(kinds))})"  # noqa: S608 because only placeholders are inserted
        (before,) = con.execute("SELECT count(*) FROM figure").fetchall()
        seconds = 0.0
        for start in range(numbers.start, numbers.stop, _AT_ONCE):
            frame = drawn(range(start, min(start + _AT_ONCE, numbers.stop)), visits)[FIGURE]
            rows = frame.rows() if one_by_one else []
            begun = perf_counter()
            if one_by_one:
                con.executemany(insert, rows)
            else:
                with registered(con, figures=frame):
                    con.execute("INSERT INTO figure FROM figures")
            seconds += perf_counter() - begun
        (after,) = con.execute("SELECT count(*) FROM figure").fetchall()
    expected = len(numbers) * len(visits) * ROWS
    assert after[0] - before[0] == expected, (before, after, expected)
    return {"seconds": seconds, "count": expected}


def _read_views(file: Path) -> _Result:
    """Read every view: all rows, and the rows of one programme or fund."""
    with open_reader(file) as con:
        found = con.execute(
            "SELECT table_name, list(column_name) FROM information_schema.columns"
            " WHERE table_schema = 'mart' GROUP BY table_name ORDER BY table_name"
        ).fetchall()
        whole = {view: _seconds(con, f"FROM mart.{view}") for view, _ in found}
        one = {
            view: _seconds(con, f"FROM mart.{view} WHERE {key} = '{_ONE[key]}'")
            for view, columns in found
            if (key := next((key for key in _ONE if key in columns), None))
        }
    seconds = sum(whole.values())
    return {"seconds": seconds, "count": len(found), "whole": whole, "one": one,
            "file_bytes": file.stat().st_size}  # fmt: skip


def _read_core(file: Path) -> _Result:
    with open_reader(file) as con:
        return {"seconds": _seconds(con, "FROM core.expenditure_snapshot"), "count": 1}


def _seconds(con: duckdb.DuckDBPyConnection, query: str) -> float:
    begun = perf_counter()
    con.execute(query).fetchnumpy()
    return perf_counter() - begun


def _copy(file: Path, target: str, statements: tuple[str, ...]) -> _Result:
    """Copy the database with DuckDB's own statements."""
    begun = perf_counter()
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{file}' AS working (READ_ONLY)")
        con.execute("USE working")
        for statement in statements:
            con.execute(statement.format(target=target))
    return {"seconds": perf_counter() - begun, "count": _count_vintages(file)}


def _part(name: str, file: Path, programmes: int, target: str = "") -> _Result:
    every, visits = range(programmes), range(VISITS)
    changed, again = range(min(_CHANGED, programmes)), range(VISITS, VISITS + 1)
    match name:
        case "fill":
            return _fill(file, programmes)
        case "night":
            return _night(file, programmes)
        case "insert":
            return _insert(file, every, visits, one_by_one=False)
        case "executemany":
            return _insert(file, range(min(_EXECUTEMANY, programmes)), visits, one_by_one=True)
        case "insert-night":
            return _insert(file, changed, again, one_by_one=False)
        case "executemany-night":
            return _insert(file, changed, again, one_by_one=True)
        case "views":
            return _read_views(file)
        case "core":
            return _read_core(file)
        case "export":
            return _copy(file, target, ("EXPORT DATABASE '{target}' (FORMAT parquet)",))
        case "copy":
            return _copy(file, target, ("ATTACH '{target}' AS copied",
                                          "COPY FROM DATABASE working TO copied"))  # fmt: skip
        case _:
            raise ValueError(f"no part {name!r}")


if __name__ == "__main__":
    _name, _file, _programmes, *_rest = sys.argv[1:]
    print(json.dumps(_part(_name, Path(_file), int(_programmes), *_rest)))
