"""How things stand: the sections of `mptf status`, and what is new in some days."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from warehouse.connection import Connection, quoted, sql, sql_names


class Section(NamedTuple):
    """One query of warehouse/sql/status: its name, its columns, and all of its rows."""

    name: str
    columns: list[str]
    rows: list[tuple[Any, ...]]

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return the rows, each by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class News(NamedTuple):
    """What came up since a time, and nobody was told of yet.

    Attributes:
        set_aside: pages and rows in quarantine, of pages that first came since.
        failed_checks: checks that fail, of figures on such pages.
        drifted: layouts of pages of which less was understood than before.
        failures: what failed in the last sync, and not in the newest one before the time.
        incomplete_before: why that one was incomplete, if it was.
    """

    set_aside: tuple[int, int]
    failed_checks: int
    drifted: int
    failures: int
    incomplete_before: str | None


def sections(con: Connection, wanted: Collection[str] | None = None) -> dict[str, Section]:
    """Return sections by name: all, or those that are wanted."""
    found = {}
    _note_late(con)
    for query in sql_names("status"):
        name = query.partition("/")[2]
        if wanted is not None and name not in wanted:
            continue
        result = con.execute(sql(query))
        columns = [column[0] for column in result.description or ()]
        found[name] = Section(name, columns, result.fetchall())
    return found


def news_since(con: Connection, since: datetime) -> News:
    """Return what came up since a time (naive UTC)."""
    # A variable, because DuckDB imports numpy for the first parameter of any query, in 0.2 s.
    con.execute(f"SET VARIABLE since = TIMESTAMP {quoted(f'{since:%F %T}')}")
    pages, rows = _row(con, "set_aside")
    (checks,), (drifted,) = _row(con, "failed_checks"), _row(con, "layout_drift")
    failures, incomplete_before = _row(con, "new_failures")
    return News((pages, rows), checks, drifted, failures, incomplete_before)


def last_sync_ended_at(con: Connection) -> datetime | None:
    """Return when the newest sync of the whole site ended, done or incomplete."""
    ended: datetime | None = _row(con, "last_sync")[0]
    return ended


def unseen_since_deadline(con: Connection) -> int:
    """Count programmes whose year-end figures are due, and that no run has asked for since."""
    _note_late(con)
    return int(_row(con, "unseen_since_deadline")[0])


def _note_late(con: Connection) -> None:
    """Keep the rows of mart.missing_year_end, which takes long to compute, for this connection."""
    con.execute(sql("health/late"))


def _row(con: Connection, name: str) -> Any:
    return con.execute(sql(f"health/{name}")).fetchall()[0]
