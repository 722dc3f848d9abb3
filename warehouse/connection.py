"""Opening the working file, for its one writer and for readers; and the SQL kept in files."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import duckdb

from warehouse.errors import (
    WarehouseBusyError,
    WarehouseError,
    WarehouseMissingError,
    WarehouseVersionError,
)

Connection = duckdb.DuckDBPyConnection

# Changes whenever a table or view does. A file of another version is not written to.
SCHEMA_VERSION = 7
# Files of this storage version are read by every DuckDB from 1.4 on.
_STORAGE = "v1.4.0"


class ArrowStream(Protocol):
    """A frame of any library that speaks Arrow."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The frame as an Arrow C stream."""
        ...

    def __len__(self) -> int:
        """How many rows it has."""
        ...


class _Registered:
    """A frame as DuckDB takes it without pyarrow: by the Arrow stream alone."""

    def __init__(self, frame: ArrowStream) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


@cache
def sql(name: str) -> str:
    """The text of one named .sql file below warehouse/sql."""
    return files("warehouse").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def sql_names(folder: str) -> list[str]:
    """The names of a folder's .sql files, in order."""
    names = (path.name for path in files("warehouse").joinpath("sql", folder).iterdir())
    return sorted(f"{folder}/{name.removesuffix('.sql')}" for name in names)


class WriterLimits(NamedTuple):
    """What a writer takes of the machine: memory, as DuckDB has it (`100MB`), and threads."""

    memory: str = "100MB"
    threads: int = 1


_USUAL = WriterLimits()


def open_writer(path: Path, room: WriterLimits = _USUAL) -> Connection:
    """The working file for writing; it is created where it is missing.

    Raises:
        WarehouseBusyError: another process has it open.
        WarehouseVersionError: another version of this program wrote it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    con = _connect(path, {"storage_compatibility_version": _STORAGE})
    con.execute("SET preserve_insertion_order = false")
    con.execute(f"SET memory_limit = {quoted(room.memory)}")
    con.execute(f"SET threads = {room.threads:d}")
    # What a log that is written back seldom costs after a kill, it saves every night many times.
    con.execute("SET wal_autocheckpoint = '32MB'")
    # DuckDB 1.5 runs an ASOF join in nested loops where it guesses that one side is small. Behind
    # a window it guesses wrong: 2.4 s for 200,000 figures, against 0.3 s without the loops.
    con.execute("SET asof_loop_join_threshold = 0")
    # A result that is handed on while it is found waits for ever, in duckdb 1.5, once its buffer is
    # full and the query has more than one part: so the buffer holds all of it.
    con.execute("SET streaming_buffer_size = '16GB'")
    return con


def open_reader(path: Path) -> Connection:
    """The working file for reading.

    Raises:
        WarehouseMissingError: there is none yet.
        WarehouseBusyError: another process is writing to it.
        WarehouseVersionError: another version of this program wrote it.
    """
    if not path.exists():
        raise WarehouseMissingError(f"there is no warehouse at {path} yet: run `mptf ingest`")
    con = _connect(path, {}, read_only=True)
    try:
        check_version(con)
    except WarehouseVersionError:
        con.close()
        raise
    return con


def check_version(con: Connection) -> None:
    """Refuse a file of another version of this program.

    Raises:
        WarehouseVersionError: it is one.
    """
    try:
        version = one(con, "SELECT schema_version FROM meta.warehouse") or 0
    except duckdb.CatalogException:
        version = 0
    if version > SCHEMA_VERSION:
        raise WarehouseVersionError(
            f"this warehouse has schema version {version}; this program knows {SCHEMA_VERSION}: "
            "install a newer one"
        )
    if version < SCHEMA_VERSION:
        raise WarehouseVersionError(
            f"this warehouse has schema version {version}, this program {SCHEMA_VERSION}: "
            "run `mptf rebuild` to build it again from the archive"
        )


@contextmanager
def registered(con: Connection, **frames: ArrowStream) -> Iterator[None]:
    """Frames as views under their names, for as long as the block runs."""
    for name, frame in frames.items():
        con.register(name, _Registered(frame))
    try:
        yield
    finally:
        for name in frames:
            con.unregister(name)


@contextmanager
def transaction(con: Connection) -> Iterator[None]:
    """All or nothing. After any error: roll back and raise, never commit."""
    con.begin()
    try:
        yield
    except BaseException:
        con.rollback()
        raise
    con.commit()


def retry_with_more_memory(con: Connection, work: Callable[[], None]) -> None:
    """Do some work; where it does not fit into the writer's memory, once more with ten times that.

    The work must leave nothing behind where it fails.
    """
    try:
        work()
    except duckdb.OutOfMemoryException:
        before = one(con, "SELECT current_setting('memory_limit')")
        amount, _, unit = str(before).partition(" ")
        con.execute(f"SET memory_limit = '{10 * float(amount)} {unit}'")
        try:
            work()
        finally:
            con.execute(f"SET memory_limit = {quoted(before)}")


def one(con: Connection, query: str, parameters: list[Any] | None = None) -> Any:
    """The first value of a query's first row; None where it has no row."""
    rows = con.execute(query, parameters or []).fetchall()
    return rows[0][0] if rows else None


def words(values: Iterable[str]) -> str:
    """Values without blanks as one parameter, for `string_split(?, ' ')`.

    DuckDB looks at the type of every single value that it is given, in lists too: a list of 200
    costs 2 ms, the same as one text a quarter of that.
    """
    return " ".join(values)


def quoted(text: str) -> str:
    """A SQL string literal, where a statement takes no parameters (ATTACH, COMMENT)."""
    return "'" + text.replace("'", "''") + "'"


def remove_file(path: Path) -> None:
    """Remove a warehouse file and its log, if they are there."""
    path.unlink(missing_ok=True)
    discard_log(path)


def discard_log(path: Path) -> None:
    """Drop the write-ahead log that a kill left: what it held is in the archive too."""
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _connect(path: Path, config: dict[str, Any], *, read_only: bool = False) -> Connection:
    try:
        con = duckdb.connect(str(path), read_only=read_only, config=config)
        # DuckDB draws a bar on stdout where Python has no script, as in a process that helps.
        con.execute("SET enable_progress_bar = false")
        return con
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise WarehouseBusyError(
                f"{path.name} is open in another process: try again when it has finished"
            ) from error
        raise WarehouseError(f"{path.name} cannot be opened: {_first_line(error)}") from error
    except duckdb.Error as error:
        raise WarehouseError(f"{path.name} cannot be opened: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
