"""Connections to the working file, for its one writer and for readers; and the .sql files."""

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

# Incremented with every change of a table or view. Files of other versions are refused.
SCHEMA_VERSION = 19
FETCH_ROWS = 10_000  # of a result, that are in memory at once
# The storage version that every DuckDB from 1.4 on can read.
_STORAGE = "v1.4.0"


class ArrowStream(Protocol):
    """A frame of any library that exports Arrow streams."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the frame as an Arrow C stream."""
        ...

    def __len__(self) -> int:
        """Return the number of rows."""
        ...


class _Registered:
    """A frame that shows DuckDB its Arrow stream alone, so that pyarrow is not needed."""

    def __init__(self, frame: ArrowStream) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


@cache
def sql(name: str) -> str:
    """Return the text of a .sql file below warehouse/sql."""
    return files("warehouse").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def sql_names(folder: str) -> list[str]:
    """Return the names of a folder's .sql files, sorted."""
    names = (path.name for path in files("warehouse").joinpath("sql", folder).iterdir())
    return sorted(f"{folder}/{name.removesuffix('.sql')}" for name in names)


class WriterLimits(NamedTuple):
    """The limits of a writer: memory, in DuckDB's notation (`150MB`), and threads."""

    memory: str = "150MB"
    threads: int = 1


_DEFAULT_LIMITS = WriterLimits()


def open_writer(path: Path, limits: WriterLimits = _DEFAULT_LIMITS) -> Connection:
    """Open the working file for writing; create it if it is missing.

    Raises:
        WarehouseBusyError: another process has it open.
        WarehouseVersionError: another version of this program wrote it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    con = _connect(path, {"storage_compatibility_version": _STORAGE})
    con.execute("SET preserve_insertion_order = false")
    con.execute(f"SET memory_limit = {quoted(limits.memory)}")
    con.execute(f"SET threads = {limits.threads:d}")
    # Checkpoints are expensive: a longer log costs a moment after a kill, and saves time nightly.
    con.execute("SET wal_autocheckpoint = '32MB'")
    # DuckDB 1.5 runs an ASOF join in nested loops where it guesses that one side is small. Behind
    # a window it guesses wrong: 2.4 s for 200,000 figures, against 0.3 s without the loops.
    con.execute("SET asof_loop_join_threshold = 0")
    # A streamed result of a query with several parts hangs in duckdb 1.5 once its buffer is full,
    # so the buffer holds the whole result.
    con.execute("SET streaming_buffer_size = '16GB'")
    return con


class Writer:
    """The one writer of a file, which can close it for a while.

    Attributes:
        con: the connection; another one after the file was lent.
    """

    def __init__(self, path: Path, limits: WriterLimits) -> None:
        """Open a file; raises as `open_writer`."""
        self._path = path
        self._limits = limits
        self.con = open_writer(path, limits)

    @contextmanager
    def lent(self) -> Iterator[Path]:
        """Close the file while the block runs, so that any process can read it; yield it."""
        self.con.close()
        try:
            yield self._path
        finally:
            self.con = open_writer(self._path, self._limits)

    def close(self) -> None:
        """Close the file."""
        self.con.close()


def open_reader(path: Path) -> Connection:
    """Open the working file for reading.

    Raises:
        WarehouseMissingError: there is no file yet.
        WarehouseBusyError: another process is writing to it.
        WarehouseVersionError: another version of this program wrote it.
    """
    con = open_any_version(path)
    try:
        check_version(con)
    except WarehouseVersionError:
        con.close()
        raise
    return con


def open_any_version(path: Path) -> Connection:
    """Open a file for queries that know its tables: of any version, the views in it answer.

    Raises:
        WarehouseMissingError: there is no file yet.
        WarehouseBusyError: another process is writing to it.
    """
    if not path.exists():
        raise WarehouseMissingError(f"there is no warehouse at {path} yet: run `mptf ingest`")
    return _connect(path, {}, read_only=True)


def check_version(con: Connection) -> None:
    """Refuse a file of another version of this program.

    Raises:
        WarehouseVersionError: the file is of another version.
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
    """Register frames as views under their names while the block runs."""
    for name, frame in frames.items():
        con.register(name, _Registered(frame))
    try:
        yield
    finally:
        for name in frames:
            con.unregister(name)


@contextmanager
def transaction(con: Connection) -> Iterator[None]:
    """Commit the block as one transaction; roll back and raise after any error."""
    con.begin()
    try:
        yield
    except BaseException:
        con.rollback()
        raise
    con.commit()


def retry_with_more_memory(con: Connection, work: Callable[[], None]) -> None:
    """Call `work`; if it exceeds the memory limit, call it again with ten times as much.

    A failed call must leave nothing behind.
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
    """Return the first value of a query's first row, or None if there is no row."""
    rows = con.execute(query, parameters).fetchall()
    return rows[0][0] if rows else None


def fetched(con: Connection) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of what a connection executed last, of which only some are in memory."""
    while rows := con.fetchmany(FETCH_ROWS):
        yield from rows


def space_joined(values: Iterable[str]) -> str:
    """Join values without spaces to one parameter, for `string_split(?, ' ')`.

    DuckDB inspects the type of every parameter, and of every item of a list: a list of 200 costs
    2 ms, the same values as one text a quarter of that.
    """
    return " ".join(values)


def quoted(text: str) -> str:
    """Return a SQL string literal, for statements without parameters (ATTACH, COMMENT)."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """Return a SQL identifier of any text."""
    return '"' + name.replace('"', '""') + '"'


def remove_file(path: Path) -> None:
    """Remove a warehouse file and what a kill left beside it."""
    path.unlink(missing_ok=True)
    discard_leftovers(path)


def discard_leftovers(path: Path) -> None:
    """Remove the write-ahead log and the spilled rows that a kill left; the archive has them."""
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    # The folder itself may be a link to another disk, and DuckDB removes its own.
    for spilled in path.with_name(f"{path.name}.tmp").glob("duckdb_temp_*"):
        spilled.unlink(missing_ok=True)


def _connect(path: Path, config: dict[str, Any], *, read_only: bool = False) -> Connection:
    try:
        con = duckdb.connect(str(path), read_only=read_only, config=config)
        # DuckDB draws a progress bar on stdout where Python runs no script, as in a worker process.
        con.execute("SET enable_progress_bar = false")
        return con
    except duckdb.IOException as error:
        if "set lock" in str(error):  # a damaged file has errors of its blocks
            raise WarehouseBusyError(
                f"{path.name} is open in another process: try again when it has finished"
            ) from error
        raise WarehouseError(f"{path.name} cannot be opened: {_first_line(error)}") from error
    except duckdb.Error as error:
        raise WarehouseError(f"{path.name} cannot be opened: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
