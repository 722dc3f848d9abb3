"""Untrusted queries: read-only, without files or network, within limits, with whole results."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple, TextIO

import duckdb

from warehouse.connection import Connection, fetched, open_any_version, quoted
from warehouse.errors import QueryError

RESULT = "result"  # the scratch file of a query whose result becomes a file
_MAX_SPILL = "4GB"  # on disk, beside the file
_KINDS = duckdb.StatementType
_READING = {
    _KINDS.SELECT, _KINDS.EXPLAIN, _KINDS.SET, _KINDS.VARIABLE_SET, _KINDS.PREPARE, _KINDS.EXECUTE,
    _KINDS.PRAGMA, _KINDS.TRANSACTION, _KINDS.CREATE, _KINDS.MULTI,
}  # fmt: skip
_SELECTING = {_KINDS.SELECT, _KINDS.MULTI}  # several for DuckDB 2: a PIVOT, and the type it needs
_SHOWN = {*_SELECTING, _KINDS.EXPLAIN, _KINDS.EXECUTE}
_INTERRUPTED = "Query interrupted"  # RuntimeError of DuckDB's after a SIGINT


class Statement(NamedTuple):
    """One statement of a text.

    Attributes:
        text: its SQL, after as many line feeds as the text has before it, for errors to count.
        selects: whether it is a SELECT, which can be part of another statement.
        shows: whether it has a result to show.
    """

    text: str
    selects: bool
    shows: bool


class Texts(NamedTuple):
    """A result as DuckDB prints it: names and types of its columns, and its rows as text."""

    names: list[str]
    types: list[str]
    rows: Iterator[tuple[str | None, ...]]


@contextmanager
def untrusted(
    path: Path, memory: str, seconds: float, as_of: datetime | None, scratch: Path | None = None
) -> Iterator[Connection]:
    """Open a connection for untrusted SQL, which can read this file and nothing else.

    Args:
        path: the warehouse or release to read.
        memory: the memory limit, in DuckDB's notation.
        seconds: how long the block may run.
        as_of: the moment as of which views answer.
        scratch: a new file for `keep_result`.

    Raises:
        KeyboardInterrupt: SIGINT came while a query ran.
        QueryError: the query is wrong, not allowed, or took too long.
        WarehouseMissingError, WarehouseBusyError: the file cannot be read now.
    """
    con = open_any_version(path)
    timer = Timer(seconds, con.interrupt)
    timer.daemon = True
    try:
        with _query_errors(seconds):
            _confine(con, memory, as_of, scratch)
            timer.start()
            yield con
    finally:
        timer.cancel()
        con.interrupt()  # a query that SIGINT stopped goes on, and close() would wait for its end
        con.close()


def _confine(con: Connection, memory: str, as_of: datetime | None, scratch: Path | None) -> None:
    """Let a connection read its file and nothing else, within limits that no query can change."""
    if scratch is not None:
        con.execute(f"ATTACH {quoted(str(scratch))} AS {RESULT} (READ_WRITE)")
    con.execute(f"SET memory_limit = {quoted(memory)}")
    con.execute(f"SET max_temp_directory_size = {quoted(_MAX_SPILL)}")
    con.execute("SET enable_external_access = false")
    con.execute("SET python_enable_replacements = false")
    con.execute("SET TimeZone = 'UTC'")
    if as_of is not None:
        con.execute(f"SET VARIABLE as_of = TIMESTAMP {quoted(str(as_of))}")
    con.execute("SET lock_configuration = true")


@contextmanager
def _query_errors(seconds: float) -> Iterator[None]:
    """Raise what DuckDB raises as errors of the query."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise QueryError(f"the query took more than {seconds:g} seconds") from error
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    except RuntimeError as error:
        if str(error) != _INTERRUPTED:
            raise
        raise KeyboardInterrupt from error


def statements(con: Connection, text: str) -> list[Statement]:
    """Return the statements of a text, all of which only read.

    Raises:
        QueryError: one of them would write, or reach for something else than this file; or the
            text has bytes that were no UTF-8.
        duckdb.ParserException: one of them is wrong.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError(f"the query is not UTF-8, at character {error.start + 1}") from error
    con.extract_statements(text)  # for its errors, which know their line
    found = []
    for start, part in _parts(text):
        kinds = [each.type for each in con.extract_statements(part)]
        if not kinds:
            continue
        refused = [kind for kind in kinds if kind not in _READING]
        if refused:
            raise QueryError(
                f"{refused[0].name.replace('_', ' ')} is not allowed: a query only reads"
            )
        lines_before = text.count("\n", 0, start)
        last = kinds[-1]
        found.append(Statement("\n" * lines_before + part, last in _SELECTING, last in _SHOWN))
    return found


def is_whole(text: str) -> bool:
    """Return whether a text ends with the semicolon of its last statement."""
    encoded = text.encode()
    tokens = duckdb.tokenize(text)
    return bool(tokens) and encoded[tokens[-1][0] :].startswith(b";")


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text at its semicolons; yield each part and the characters before it."""
    encoded = text.encode()  # DuckDB counts bytes
    ends = [at for at, _ in duckdb.tokenize(text) if encoded[at : at + 1] == b";"]
    start = 0
    for end in [*ends, len(encoded)]:
        yield len(encoded[:start].decode()), encoded[start:end].decode()
        start = end + 1


def keep_result(con: Connection, statement: Statement) -> None:
    """Keep a statement's result in the connection's scratch file, typed, as the table `result`.

    Raises:
        QueryError: it is no SELECT.
    """
    if not statement.selects:
        raise QueryError("only the result of a SELECT becomes such a file")
    _bound(con, statement.text)
    create = f"CREATE TABLE {RESULT}.main.{RESULT} AS"
    try:
        con.execute(f"{create}\n{statement.text}")
    except duckdb.ParserException:  # DESCRIBE, SHOW and SUMMARIZE can only be a part of a SELECT
        con.execute(f"{create} FROM (\n{statement.text}\n)")


def texts(con: Connection, query: str) -> Texts | None:
    """Return the result of a query as text, or None of a statement that has none."""
    found = _bound(con, query)
    if found is None:
        return None
    types = [str(kind) for kind in found.types]
    as_text = "CAST(COLUMNS(*) AS VARCHAR)"
    try:
        con.execute(f"SELECT {as_text} FROM (\n{query}\n)")  # noqa: S608 because the query is bound by itself first
    except duckdb.ParserException:  # EXPLAIN and EXECUTE can be no part of a SELECT: all in memory
        return Texts(found.columns, types, iter(found.project(as_text).fetchall()))
    return Texts(found.columns, types, fetched(con))


def _bound(con: Connection, query: str) -> duckdb.DuckDBPyRelation | None:
    """Return the relation of a query; its errors show the place in the query, as `execute` does."""
    try:
        return con.sql(query)
    except (duckdb.BinderException, duckdb.CatalogException):
        con.execute(query)
        raise


def write_csv(con: Connection, query: str, out: TextIO) -> int:
    """Write a header and rows with LF line ends; NULL is empty, decimals are in full.

    Returns:
        The number of rows; so do the other formats.
    """
    writer = csv.writer(out, lineterminator="\n")
    names, rows = _run(con, query)
    if names:
        writer.writerow(names)
    count = 0
    for row in rows:
        writer.writerow(["" if value is None else cell_text(value) for value in row])
        count += 1
    return count


def write_json(con: Connection, query: str, out: TextIO) -> int:
    """Write one array of objects; decimals are numbers in full."""
    names, rows = _run(con, query)
    keys = [json.dumps(name, ensure_ascii=False) for name in _distinct(names)]
    count = 0
    for row in rows:
        pairs = (f"{key}: {json_text(value)}" for key, value in zip(keys, row, strict=True))
        out.write(",\n " if count else "[")
        out.write(f"{{{', '.join(pairs)}}}")
        count += 1
    out.write("]\n" if count else "[]\n")
    return count


def _run(con: Connection, query: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    con.execute(query)
    names = [column[0] for column in con.description or []]
    return names, fetched(con) if names else iter(())


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
            return json_text(value)
        case bytes():
            return value.hex()
        case _:
            return str(value)


def json_text(value: Any) -> str:
    """Return a value as JSON; decimals are numbers in full."""
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
            return f"[{', '.join(map(json_text, value))}]"
        case dict():
            pairs = (f"{json.dumps(str(key))}: {json_text(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        case date() | bytes():
            return json.dumps(cell_text(value))
        case _:
            return json.dumps(str(value), ensure_ascii=False)
