"""The named queries of warehouse/sql/page, run on a release's file."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from warehouse.connection import Connection, open_reader, quoted, sql

Row = tuple[Any, ...]
_MEMORY = "150MB"  # several processes read a release at once
# Controls, and characters that only format the text around them, such as direction marks.
_INVISIBLE = re.compile(
    "([\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f])"
)
_CONDITION = re.compile(r"([\w.]+) BETWEEN \$first AND \$last")


class QueryResult(NamedTuple):
    """The rows of one query, in its order, with the names of their columns."""

    columns: tuple[str, ...]
    rows: list[Row]

    def by_key(self) -> dict[str, "QueryResult"]:
        """Return the rows of each subject, whose key is the first column."""
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
def opened(release: Path) -> Iterator[Connection]:
    """Open a release for reading.

    Raises:
        WarehouseMissingError, WarehouseVersionError: as `open_reader`.
    """
    con = open_reader(release)
    try:
        with TemporaryDirectory() as spilled:
            con.execute(f"SET memory_limit = '{_MEMORY}'")
            con.execute(f"SET temp_directory = {quoted(spilled)}")
            con.execute("SET threads = 1")
            yield con
    finally:
        con.close()


def answer(con: Connection, name: str, keys: tuple[str, str] | None = None) -> QueryResult:
    """Run a query for all keys, or from one key to another, both included."""
    return _rows(con, _text(name, _between(*keys) if keys else "IS NOT NULL"))


def answer_some(con: Connection, name: str, keys: Sequence[str]) -> QueryResult:
    """Run a query for some keys, which are sorted; the text would be too long to print."""
    some = f"IN ({', '.join(map(quoted, keys))})"
    query = _CONDITION.sub(
        lambda found: f"{found[1]} {_between(keys[0], keys[-1])} AND {found[1]} {some}",
        sql(f"page/{name}"),
    )
    return _rows(con, query)


def digests(con: Connection, name: str, first: str, last: str) -> dict[str, str]:
    """Return a digest of each key's rows, from one key to another; keys without rows have none.

    Two answers have the same digest only if all their rows, values and NULLs are the same. That
    rows come in another order may change it.
    """
    query = _text(name, _between(first, last)).rstrip(";")
    rows = con.execute(
        "SELECT answered.key, md5(string_agg(answered::VARCHAR, chr(10)))"  # noqa: S608 because the query is one of ours
        f" FROM ({query}) AS answered(key) GROUP BY answered.key"
    ).fetchall()
    return dict(rows)


def _rows(con: Connection, query: str) -> QueryResult:
    result = con.execute(query)
    return QueryResult(tuple(column[0] for column in result.description), result.fetchall())


def types_of(con: Connection, name: str) -> list[tuple[str, str]]:
    """Return the names and SQL types of a query's columns, in order."""
    described = con.execute(f"DESCRIBE {ready(name)}").fetchall()
    return [(column, sql_type) for column, sql_type, *_ in described]


def _between(first: str, last: str) -> str:
    return f"BETWEEN {quoted(first)} AND {quoted(last)}"


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
