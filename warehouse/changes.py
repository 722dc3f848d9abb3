"""Changes that some runs brought and that an analyst would care about."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from warehouse.connection import Connection, space_joined, sql, sql_names

_MAX_ROWS = 20  # of each kind; the others are counted


class Change(NamedTuple):
    """One kind of change: its columns, its first rows, and how many rows there are in all."""

    name: str
    columns: list[str]
    rows: list[tuple[Any, ...]]
    in_all: int


def changes(con: Connection, run_ids: Sequence[str]) -> list[Change]:
    """Return the changes that the runs brought, by kind; kinds without any are left out."""
    if not _found_captures(con, run_ids):
        return []
    found = []
    for name in sql_names("changes"):
        result = con.execute(sql(name))
        columns = [column[0] for column in result.description]
        if rows := result.fetchall():
            kind = name.partition("/")[2].replace("_", " ")
            found.append(Change(kind, columns, rows[:_MAX_ROWS], len(rows)))
    return found


def _found_captures(con: Connection, run_ids: Sequence[str]) -> bool:
    """Find the runs' captures, and those that others made since their first one.

    Returns:
        False if the runs captured nothing.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE run_capture AS"
        " SELECT capture_id, programme_id, captured_at FROM raw.capture"
        " WHERE run_id IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(run_ids)],
    )
    first, last = con.execute(
        "SELECT min(captured_at), max(captured_at) FROM run_capture"
    ).fetchall()[0]
    if first is None:
        return False
    con.execute("SET VARIABLE runs_from = $first", {"first": first})
    con.execute("SET VARIABLE runs_until = $last", {"last": last})
    con.execute(
        "CREATE OR REPLACE TEMP TABLE other_capture AS SELECT DISTINCT programme_id"
        " FROM (FROM raw.capture WHERE captured_at >= ?)"
        " ANTI JOIN run_capture USING (capture_id)",
        [first],
    )
    return True


def totals(con: Connection) -> dict[str, int]:
    """Count the programmes: all, those with figures, and those that lack a year-end figure."""
    row = con.execute(sql("totals")).fetchall()[0]
    return dict(zip(("programmes", "with_figures", "without_year_end"), row, strict=True))
