"""What changed between two releases: all of it as JSON, and the first rows for the page.

The origin of a release is here too, since a page shows both: its processes import little else.
"""

import json
import shutil
from pathlib import Path
from typing import BinaryIO, NamedTuple

import duckdb

from warehouse.answers import QueryResult
from warehouse.connection import (
    SCHEMA_VERSION,
    Connection,
    one,
    open_reader,
    quoted,
    sql,
    sql_names,
)

_FIRST_ROWS = 1_000  # of each kind, for the page


class Change(NamedTuple):
    """The changes of one kind, such as `restatements`: the first rows, and how many there are."""

    kind: str
    first: QueryResult
    rows: int


class Changes(NamedTuple):
    """The changes since a release.

    Attributes:
        since: the earlier release; None if there is none, or its tables are of another version.
        of_kinds: the changes by kind, in the order of their files' names.
    """

    since: str | None
    of_kinds: list[Change]

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return {change.kind: change.rows for change in self.of_kinds}


NO_CHANGES = Changes(None, [])


class Origin(NamedTuple):
    """The origin of a release: the site, the publisher and the licence."""

    site: str
    publisher: str | None = None
    licence: str | None = None


def write_changes(release: Path, before: Path | None, file: Path) -> Changes:
    """Write what is new since the release before as JSON, and return its first rows.

    DuckDB writes the rows, however many; decimals are texts in full.
    """
    con = open_reader(release)
    try:
        con.execute("SET memory_limit = '1GB'")
        since = before.stem if before is not None and _attach(con, before) else None
        found: list[Change] = []
        with file.open("wb") as out:
            out.write(f'{{"since": {json.dumps(since)},\n"changes": {{'.encode())
            for name in sql_names("releases") if since else ():
                # Each comparison of two releases is made once, and then read twice.
                con.execute(f"CREATE OR REPLACE TEMP TABLE change AS {sql(name)}")
                kind = name.partition("/")[2]
                out.write(f'{"," if found else ""}\n"{kind}": '.encode())
                rows = _copy_rows(con, out, file.with_suffix(".part"))
                found.append(Change(kind, _first_rows(con), rows))
            out.write(b"}}\n")
    finally:
        con.close()
    return Changes(since, found)


def _attach(con: Connection, before: Path) -> bool:
    """Attach an earlier release; return False if it is damaged or its tables are others."""
    try:
        con.execute(f"ATTACH {quoted(str(before))} AS before (READ_ONLY)")
        version = one(con, "SELECT schema_version FROM before.meta.warehouse")
    except duckdb.Error:
        return False
    return bool(version == SCHEMA_VERSION)


def _first_rows(con: Connection) -> QueryResult:
    result = con.execute(f"FROM change LIMIT {_FIRST_ROWS}")
    columns = tuple(column[0] for column in result.description or ())
    return QueryResult(columns, result.fetchall())


def _copy_rows(con: Connection, out: BinaryIO, part: Path) -> int:
    """Append the changes as a JSON array, and return their number."""
    shown = ", ".join(
        f"{name}::VARCHAR AS {name}" if kind.startswith("DECIMAL") else name
        for name, kind, *_ in con.execute("DESCRIBE change").fetchall()
    )
    target = f"{quoted(str(part))} (FORMAT json, ARRAY true)"
    rows = one(con, f"COPY (SELECT {shown} FROM change) TO {target}")  # noqa: S608 because the names come from the query
    with part.open("rb") as written:
        shutil.copyfileobj(written, out)
    part.unlink()
    return int(rows)
