"""The named queries of warehouse/sql/page, run on a release's file."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from warehouse.connection import Connection, open_reader, quoted, sql

Row = tuple[Any, ...]
# Controls, and characters that only format the text around them, such as direction marks.
_INVISIBLE = re.compile(
    "([\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f])"
)


class QueryResult(NamedTuple):
    """The rows of one query, in its order, with the names of their columns."""

    columns: tuple[str, ...]
    rows: list[Row]

    def by_key(self) -> dict[str, "QueryResult"]:
        """Return the rows by programme, fund or contributor, which is the first column."""
        found: dict[str, QueryResult] = {}
        for row in self.rows:
            if row[0] not in found:
                found[row[0]] = QueryResult(self.columns, [])
            found[row[0]].rows.append(row)
        return found

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@contextmanager
def opened(release: Path, memory: str = "400MB") -> Iterator[Connection]:
    """Open a release for reading.

    Raises:
        WarehouseMissingError, WarehouseVersionError: as `open_reader`.
    """
    con = open_reader(release)
    try:
        with TemporaryDirectory() as spilled:
            con.execute(f"SET memory_limit = {quoted(memory)}")
            con.execute(f"SET temp_directory = {quoted(spilled)}")
            con.execute("SET threads = 1")
            con.execute("SET enable_progress_bar = false")
            yield con
    finally:
        con.close()


def answer(con: Connection, name: str, keys: tuple[str, str] | None = None) -> QueryResult:
    """Run a query for all keys, or from one key to another, both included."""
    condition = f"BETWEEN {quoted(keys[0])} AND {quoted(keys[1])}" if keys else "IS NOT NULL"
    result = con.execute(_text(name, condition))
    return QueryResult(tuple(column[0] for column in result.description), result.fetchall())


def types_of(con: Connection, name: str) -> list[tuple[str, str]]:
    """Return the names and SQL types of a query's columns, in order."""
    described = con.execute(f"DESCRIBE {ready(name)}").fetchall()
    return [(column, sql_type) for column, sql_type, *_ in described]


def ready(name: str, key: str | None = None) -> str:
    """Return the text of a query as readers can run it, for one key or for all."""
    return _text(name, "IS NOT NULL" if key is None else f"= {_literal(key)}")


def _literal(key: str) -> str:
    """Return a key as SQL in which nothing is invisible: U+202E as `chr(8238)`."""
    parts = _INVISIBLE.split(key)
    shown = [f"chr({ord(part)})" if place % 2 else quoted(part) for place, part in enumerate(parts)]
    return " || ".join(shown)


def _text(name: str, condition: str) -> str:
    """Return a query with a condition on its key as literal text, which pages print."""
    return sql(f"page/{name}").strip().replace("BETWEEN $first AND $last", condition)
