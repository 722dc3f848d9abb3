"""A warehouse that an analyst attaches to a database of their own, under a name of their choice."""

from pathlib import Path

import duckdb
import pytest

from tests.warehouse.histories import annual, load_seen, row, rows, sight
from warehouse.connection import Connection, open_writer
from warehouse.schema import prepare


@pytest.fixture
def attached(tmp_path: Path) -> Connection:
    """Another database, with a small warehouse attached as `un`."""
    file = tmp_path / "warehouse.duckdb"
    con = open_writer(file)
    prepare(con)
    seen = [
        sight(time, annual(row("FAO", 2015, transfers="500", expenditure=usd)), fund_code="CRF00")
        for time, usd in [("2015-12-01", "100"), ("2016-06-01", "250"), ("2017-06-01", "260")]
    ]
    load_seen(con, seen)
    con.close()
    mine = duckdb.connect(":memory:")
    mine.execute(f"ATTACH '{file}' AS un (READ_ONLY)")
    return mine


def test_every_view_answers(attached: Connection) -> None:
    """No view depends on which database is the current one."""
    views = attached.execute(
        "SELECT schema_name || '.' || view_name FROM duckdb_views()"
        " WHERE database_name = 'un' AND NOT internal ORDER BY ALL"
    ).fetchall()
    assert ("mart.restatement",) in views
    for (view,) in views:
        attached.execute(f"FROM un.{view}").fetchall()
    (restated,) = rows(attached, "FROM un.mart.restatement")
    assert (restated["organization"], restated["fiscal_year"]) == ("FAO", 2015)


@pytest.mark.parametrize(
    ("moment", "expenditure"), [("2015-12-31", 100), ("2016-12-31", 250), ("2018-01-01", 260)]
)
def test_as_of_a_moment_by_the_macro_and_by_the_variable(
    attached: Connection, moment: str, expenditure: int
) -> None:
    """Both ways give what the last visit before it showed; the macro once the file is in use."""
    attached.execute(f"SET VARIABLE as_of = TIMESTAMP '{moment}'")
    (by_variable,) = rows(attached, "FROM un.mart.expenditure_as_of")
    assert by_variable["expenditure_usd"] == expenditure
    attached.execute("USE un")
    assert rows(attached, f"FROM mart.as_of(TIMESTAMP '{moment}')") == [by_variable]
