"""Every view can be read, however little the warehouse holds.

DuckDB 1.5 plans a filter on `row_number()` as a top-n, and may fail on the plan with an internal
error that closes the database: where a join with a condition is below it, and the statistics of a
table say that all its rows are of one year (duckdb/duckdb#24710). `rank()` is planned as a window.
"""

import re
from dataclasses import replace
from pathlib import Path

import warehouse
from tests.warehouse.histories import SITE, Seen, annual, at, load_seen, new_warehouse, page, row

_SQL = Path(warehouse.__file__).parent / "sql"
_TOP_N = re.compile(r"row_number\(\)\s+OVER\s+(?:\w+|\([^()]*(?:\([^()]*\)[^()]*)*\))\s*(?:<|=)")


def test_every_view_can_be_read_where_all_figures_are_of_one_year() -> None:
    """On a connection of its own: statistics keep what was deleted, and with it the other plan."""
    whole = page(annual(row("FAO", 2015, expenditure="250")))
    shown = page(
        annual(row("FAO", 2015, expenditure="100"), row("ILO", 2016, expenditure="70"), full=False)
    )
    con = new_warehouse()
    cut = replace(shown, cut_short="length")
    load_seen(
        con, [Seen(at("2015-12-31"), cut, f"{SITE}00091001?v=2"), Seen(at("2016-05-01"), whole)]
    )
    views = con.execute(
        "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal"
    ).fetchall()
    read = {view: len(con.execute(f"FROM {view}").fetchall()) for (view,) in views}
    assert read["mart.revision_triangle"] == 2


def test_no_query_filters_on_row_number() -> None:
    queries = {path.name: path.read_text() for path in _SQL.rglob("*.sql")}
    assert len(queries) > 100
    assert not [name for name, query in queries.items() if _TOP_N.search(query)]
