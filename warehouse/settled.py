"""A copy of a release in which views are tables: each is computed once for all forms."""

import shutil
from pathlib import Path

from warehouse.connection import Connection, discard_leftovers, open_writer
from warehouse.schema import view_names

_MEMORY = "400MB"
# These join names and dates to rows of a table: to read them twice costs less than to store them.
_STAY = {
    "core.cumulative_snapshot",
    "core.expenditure_snapshot",
    "core.voucher",
    "mart.expenditure_vintage",
}


def settle(release: Path, target: Path) -> None:
    """Write a release's rows to a new file, from which its forms for readers are written.

    A page, workbook and CSV read a view several times, and a view of a million vintages takes
    seconds. Analysts get the release itself, whose views take a tenth of the space.
    """
    shutil.copyfile(release, target)
    con = open_writer(target)
    try:
        con.execute(f"SET memory_limit = '{_MEMORY}'")
        con.execute("SET threads = 2")
        for view in view_names(con):
            if view not in _STAY:
                materialize(con, view, view)
    finally:
        con.close()
    discard_leftovers(target)


def materialize(con: Connection, view: str, source: str, order: str = "") -> None:
    """Replace a view by a table with the rows of `source`."""
    schema, _, name = view.partition(".")
    con.execute(f"CREATE TABLE {schema}.materialized AS FROM {source} {order}")
    con.execute(f"DROP VIEW {view}")
    con.execute(f"ALTER TABLE {schema}.materialized RENAME TO {name}")
