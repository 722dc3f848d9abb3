"""Untrusted queries: read-only, without files or network, within limits, with whole results."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Timer
from typing import Any, TextIO

import duckdb

from warehouse.connection import Connection, open_reader
from warehouse.errors import QueryError

_FETCH_ROWS = 10_000
_MAX_SPILL = "4GB"  # on disk, beside the file
_NO_LIMIT = 10**9  # rows and characters; DuckDB wants a number


@contextmanager
def untrusted(
    path: Path, memory: str, seconds: float, as_of: datetime | None
) -> Iterator[Connection]:
    """Open a connection for untrusted SQL, which can read this file and nothing else.

    Raises:
        QueryError: the query is wrong, not allowed, or took too long.
        WarehouseMissingError, WarehouseBusyError: the file cannot be read now.
    """
    con = open_reader(path)
    timer = Timer(seconds, con.interrupt)
    timer.daemon = True
    try:
        con.execute("SET memory_limit = ?", [memory])
        con.execute("SET max_temp_directory_size = ?", [_MAX_SPILL])
        con.execute("SET enable_external_access = false")
        con.execute("SET python_enable_replacements = false")
        con.execute("SET TimeZone = 'UTC'")
        if as_of is not None:
            con.execute("SET VARIABLE as_of = ?::TIMESTAMP", [as_of])
        con.execute("SET lock_configuration = true")
        timer.start()
        yield con
    except duckdb.InterruptException as error:
        raise QueryError(f"the query took more than {seconds:g} seconds") from error
    except duckdb.Error as error:
        raise QueryError(str(error).splitlines()[0]) from error
    finally:
        timer.cancel()
        con.close()


def write_table(con: Connection, query: str, out: TextIO) -> None:
    """Write the whole result as a table, every row and every character."""
    found = con.sql(query)
    if found is not None:
        with redirect_stdout(out):
            found.show(max_rows=_NO_LIMIT, max_width=_NO_LIMIT, max_col_width=_NO_LIMIT)


def write_csv(con: Connection, query: str, out: TextIO) -> None:
    """Write a header and rows with LF line ends; NULL is empty, decimals are in full."""
    writer = csv.writer(out, lineterminator="\n")
    names, rows = _run(con, query)
    if names:
        writer.writerow(names)
    for row in rows:
        writer.writerow(["" if value is None else cell_text(value) for value in row])


def write_json(con: Connection, query: str, out: TextIO) -> None:
    """Write one array of objects; decimals are numbers in full."""
    names, rows = _run(con, query)
    keys = [json.dumps(name, ensure_ascii=False) for name in _distinct(names)]
    before = "["
    for row in rows:
        pairs = (f"{key}: {_json(value)}" for key, value in zip(keys, row, strict=True))
        out.write(f"{before}{{{', '.join(pairs)}}}")
        before = ",\n "
    out.write("[]\n" if before == "[" else "]\n")


def _run(con: Connection, query: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    con.execute(query)
    names = [column[0] for column in con.description or []]
    return names, _rows(con)


def _rows(con: Connection) -> Iterator[tuple[Any, ...]]:
    while con.description and (rows := con.fetchmany(_FETCH_ROWS)):
        yield from rows


def _distinct(names: list[str]) -> list[str]:
    """Return column names as unique keys: a second `x` is `x_1`."""
    seen: dict[str, int] = {}
    keys = []
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        keys.append(f"{name}_{count}" if count else name)
    return keys


def cell_text(value: Any) -> str:
    """Return a value as text for a CSV file: decimals in full, times to the second."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case list() | dict() | tuple():
            return _json(value)
        case bytes():
            return value.hex()
        case _:
            return str(value)


def _json(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool() | int():
            return json.dumps(value)
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case float():
            return json.dumps(value) if value == value and abs(value) != float("inf") else "null"  # noqa: PLR0124 because only NaN differs from itself
        case list() | tuple():
            return f"[{', '.join(map(_json, value))}]"
        case dict():
            pairs = (f"{json.dumps(str(key))}: {_json(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        case date() | bytes():
            return json.dumps(cell_text(value))
        case _:
            return json.dumps(str(value), ensure_ascii=False)
