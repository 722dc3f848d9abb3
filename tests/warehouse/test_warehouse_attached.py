"""A warehouse that an analyst attaches to a database of their own, under a name of their choice."""

from pathlib import Path

import duckdb
import pytest

from tests.warehouse.histories import SITE, Seen, annual, at, load_seen, page, row, rows, sight
from warehouse.connection import Connection, open_writer
from warehouse.release import build
from warehouse.schema import prepare


def _written(file: Path, *seen: Seen) -> Path:
    con = open_writer(file)
    prepare(con)
    load_seen(con, seen)
    con.close()
    return file


@pytest.fixture
def attached(tmp_path: Path) -> Connection:
    """Another database, with a small warehouse attached as `un`."""
    seen = [
        sight(time, annual(row("FAO", 2015, transfers="500", expenditure=usd)), fund_code="CRF00")
        for time, usd in [("2015-12-01", "100"), ("2016-06-01", "250"), ("2017-06-01", "260")]
    ]
    file = _written(tmp_path / "warehouse.duckdb", *seen)
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


def test_releases_side_by_side_answer_each_as_of_its_own_moment(tmp_path: Path) -> None:
    """The newest capture of each, whichever is in use; the variable counts for both."""
    first = sight("2015-12-01", annual(row("FAO", 2015, expenditure="100")))
    later = Seen(at("2016-05-03"), page(programme_id="00091002"), SITE + "00091002")
    mine = duckdb.connect(":memory:")
    for name, seen in (("before", [first]), ("after", [first, later])):
        source, release = tmp_path / f"{name}_working.duckdb", tmp_path / f"{name}.duckdb"
        build(_written(source, *seen), release)
        mine.execute(f"ATTACH '{release}' AS {name} (READ_ONLY)")
    late = "SELECT organization, days_late FROM {}.mart.missing_year_end WHERE organization = 'FAO'"
    for used in ("memory", "before", "after"):
        mine.execute(f"USE {used}")
        assert mine.execute(late.format("before")).fetchall() == []
        assert mine.execute(late.format("after")).fetchall() == [("FAO", 3)]
        (known,) = rows(mine, "FROM before.mart.expenditure_as_of")
        assert known["as_of"] == at("2015-12-01")
    mine.execute("SET VARIABLE as_of = DATE '2016-05-01'")
    for name in ("before", "after"):
        assert mine.execute(late.format(name)).fetchall() == [("FAO", 1)]
