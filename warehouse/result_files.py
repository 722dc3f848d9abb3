"""The result of an untrusted query as a file, written by a connection that runs none of its SQL."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from warehouse.connection import Connection, one, quoted, quoted_name
from warehouse.errors import QueryError
from warehouse.query import RESULT
from warehouse.sheets import ROWS, Workbook, write_rows

_MOST_COLUMNS = 16_384  # of a sheet
_WIDEST = re.compile(r"\bU?HUGEINT\b")  # which Parquet would round, in lists and structs as well


def write_parquet(kept: Path, file: Path, memory: str) -> int:
    """Write a result that `keep_result` kept as Parquet, and return the number of rows.

    Args:
        kept: the scratch file with the result.
        file: where it is written.
        memory: the memory limit, in DuckDB's notation.

    Raises:
        QueryError: Parquet cannot hold it.
    """
    with _opened(kept, memory) as con:
        kinds = con.execute(f"DESCRIBE {RESULT}").fetchall()
        casts = [
            f"{quoted_name(name)}::{_WIDEST.sub('DECIMAL(38, 0)', kind)} AS {quoted_name(name)}"
            for name, kind, *_ in kinds
            if _WIDEST.search(kind)
        ]
        shown = f"* REPLACE ({', '.join(casts)})" if casts else "*"
        rows = f"SELECT {shown} FROM {RESULT}"  # noqa: S608 because names are quoted
        con.execute(f"COPY ({rows}) TO {quoted(str(file))} (FORMAT parquet)")
        return _rows(con)


def write_sheet(kept: Path, file: Path, memory: str) -> int:
    """Write a result that `keep_result` kept as a workbook, and return the number of rows.

    Raises:
        QueryError: a sheet cannot hold it.
    """
    with _opened(kept, memory) as con:
        rows, columns = _rows(con), len(con.execute(f"DESCRIBE {RESULT}").fetchall())
        if rows >= ROWS or columns > _MOST_COLUMNS:
            raise QueryError(
                f"a sheet of Excel holds {ROWS - 1:,} rows of {_MOST_COLUMNS:,} columns, and the"
                f" result has {rows:,} rows of {columns:,}: write .csv or .parquet"
            )
        with Workbook(file, str(file.parent), None) as book:
            write_rows(con, book, RESULT, f"FROM {RESULT}")
        return rows


@contextmanager
def _opened(kept: Path, memory: str) -> Iterator[Connection]:
    with closing(duckdb.connect(str(kept), read_only=True)) as con:
        con.execute(f"SET memory_limit = {quoted(memory)}")
        con.execute("SET TimeZone = 'UTC'")
        try:
            yield con
        except duckdb.Error as error:
            raise QueryError(str(error)) from error


def _rows(con: Connection) -> int:
    return int(one(con, f"SELECT count(*) FROM {RESULT}"))  # noqa: S608 because the name is ours
