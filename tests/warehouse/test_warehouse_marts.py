"""What analysts query first."""

from decimal import Decimal

import pytest

from tests.warehouse.histories import Table, annual, at, loaded, row, rows, sight
from warehouse.connection import Connection


def _expenditure(organization: str | None, amount: str, year: int = 2015) -> Table:
    return annual(row(organization, year, expenditure=amount))


def _current(con: Connection, view: str = "mart.expenditure_current") -> list[tuple[object, ...]]:
    return con.execute(
        f"SELECT organization, fiscal_year, basis, expenditure_usd FROM {view} ORDER BY ALL"  # noqa: S608 because the names are written here
    ).fetchall()


def test_year_end_comes_before_a_newer_interim_figure() -> None:
    """After a programme is re-opened, its year_end figure is still the one to quote."""
    con = loaded(
        sight("2015-07-01", _expenditure("FAO", "100"), status="Financially Closed"),
        sight("2015-08-01", _expenditure("FAO", "120"), status="On Going"),
    )
    assert _current(con) == [("FAO", 2015, "year_end", 100)]
    assert _current(con, "mart.interim_expenditure") == [("FAO", 2015, "interim", 120)]
    assert _current(con, "mart.year_end_expenditure") == [("FAO", 2015, "year_end", 100)]


def test_of_one_basis_the_newest_vintage_is_current() -> None:
    """A restated figure replaces the one first called final."""
    con = loaded(
        sight("2017-06-01", _expenditure("FAO", "90")),
        sight("2015-12-01", _expenditure("FAO", "50")),
        sight("2016-06-01", _expenditure("FAO", "100")),
    )
    assert _current(con) == [("FAO", 2015, "year_end", 90)]


def test_what_was_interim_once_is_not_interim_now() -> None:
    """It is history; and `(all)` of a year whose organizations are final is not brought back."""
    con = loaded(
        sight("2015-12-01", _expenditure(None, "50"), _expenditure("FAO", "20")),
        sight("2016-06-01", _expenditure("FAO", "100"), _expenditure("FAO", "7", 2016)),
    )
    assert _current(con, "mart.interim_expenditure") == [("FAO", 2016, "interim", 7)]
    assert con.execute(
        "SELECT expenditure_usd FROM mart.figure_history"
        " WHERE fiscal_year = 2015 AND basis = 'interim'"
    ).fetchall() == [(20,)]


@pytest.mark.parametrize(
    "view", ["mart.expenditure_current", "mart.interim_expenditure", "mart.year_end_expenditure"]
)
def test_all_is_left_out_where_organizations_are_named(view: str) -> None:
    """For the year for which organizations are named, and for no other: no sum counts twice."""
    time = "2015-04-01" if view == "mart.interim_expenditure" else "2017-07-01"
    con = loaded(
        sight(time, annual(row(None, 2015, expenditure="300"), row(None, 2014, expenditure="50"))),
        sight(
            time, annual(row("FAO", 2015, expenditure="100"), row("UNDP", 2015, expenditure="200"))
        ),
        sight("2014-07-01", _expenditure(None, "40", 2014)),
    )
    assert [found[:2] for found in _current(con, view)] == [
        ("(all)", 2014), ("FAO", 2015), ("UNDP", 2015),
    ]  # fmt: skip
    assert con.execute(
        "SELECT count(*) FROM core.expenditure_snapshot"
        " WHERE organization = '(all)' AND fiscal_year = 2015"
    ).fetchone() == (1,), "it stays in core"


def test_all_is_left_out_of_the_comparison_where_organizations_are_named() -> None:
    """interim_vs_year_end compares the organizations alone."""
    con = loaded(
        sight("2015-12-01", _expenditure(None, "300"), _expenditure("UNDP", "1", 2014)),
        sight("2015-12-02", _expenditure("FAO", "100")),
        sight("2016-06-01", _expenditure(None, "330"), _expenditure("UNDP", "1", 2014)),
        sight("2016-06-02", _expenditure("FAO", "110")),
    )
    found = con.execute("SELECT organization FROM mart.interim_vs_year_end").fetchall()
    assert found == [("FAO",)]


def test_the_last_interim_stands_beside_the_first_year_end_figure() -> None:
    """Difference in US$ and in percent of the interim figure; restatements do not enter."""
    con = loaded(
        sight("2015-11-01", _expenditure("FAO", "50")),
        sight("2016-04-30T23:59:59", _expenditure("FAO", "200")),
        sight("2016-05-01", _expenditure("FAO", "250")),
        sight("2017-05-01", _expenditure("FAO", "999")),
    )
    (found,) = rows(con, "FROM mart.interim_vs_year_end")
    assert (found["interim_usd"], found["year_end_usd"]) == (200, 250)
    assert (found["difference_usd"], found["difference_pct"]) == (50, 25)
    assert found["interim_known_from"] == at("2016-04-30T23:59:59")
    assert found["year_end_known_from"] == at("2016-05-01")
    assert found["currency"] == "USD"


@pytest.mark.parametrize(
    ("interim", "year_end", "difference", "percent"),
    [
        ("0", "250", "250", None),
        ("-200", "-100", "100", "50"),
        ("300", "200", "-100", "-33.33"),
        ("100", "100", "0", "0"),
    ],
)
def test_the_difference_in_percent(
    interim: str, year_end: str, difference: str, percent: str | None
) -> None:
    """It is NULL where interim is 0, and has the sign of the difference otherwise."""
    con = loaded(
        sight("2016-04-30", _expenditure("FAO", interim)),
        sight("2016-05-01", _expenditure("FAO", year_end)),
    )
    (found,) = rows(con, "FROM mart.interim_vs_year_end")
    assert found["difference_usd"] == Decimal(difference)
    assert found["difference_pct"] == (None if percent is None else Decimal(percent))


def test_a_year_whose_deadline_passed_without_a_year_end_figure_is_missing() -> None:
    """Last seen while 2015 was open, 2015 is missing; 2017 is not yet due (today is a variable)."""
    con = loaded(
        sight(
            "2015-12-01",
            annual(row("FAO", 2014, expenditure="1"), row("FAO", 2015, expenditure="2"),
                   row("FAO", 2017, expenditure="3")),
            title="Water",
        )
    )  # fmt: skip
    (found,) = rows(con, "FROM mart.missing_year_end")
    assert (found["organization"], found["fiscal_year"], found["last_interim_usd"]) == (
        "FAO",
        2015,
        2,
    )
    assert (str(found["deadline"]), found["title"]) == ("2016-04-30", "Water")
    assert found["days_late"] == 611  # on 2018-01-01


def test_all_is_not_missing_where_organizations_are_named() -> None:
    """The year for which organizations are named is missing once for each of them alone."""
    con = loaded(
        sight("2015-11-01", _expenditure(None, "300")),
        sight("2015-12-01", _expenditure("FAO", "100")),
    )
    found = con.execute("SELECT organization FROM mart.missing_year_end").fetchall()
    assert found == [("FAO",)]


def test_what_was_missing_at_a_moment_is_what_was_not_seen_until_then() -> None:
    con = loaded(
        sight("2015-04-20", _expenditure("FAO", "100")),
        sight("2016-06-15", _expenditure("FAO", "90")),
    )
    for moment, missing in (
        ("2016-04-30", 0),
        ("2016-05-15", 1),
        ("2016-06-14", 1),
        ("2017-01-01", 0),
    ):
        con.execute("SET VARIABLE as_of = ?::TIMESTAMP", [at(moment)])
        assert len(rows(con, "FROM mart.missing_year_end")) == missing, moment


def test_a_year_end_vintage_without_expenditure_is_no_year_end_figure() -> None:
    """A page that shows only the budget after the deadline leaves the year's figure missing."""
    con = loaded(
        sight("2015-12-01", annual(row("FAO", 2015, expenditure="100"))),
        sight("2016-06-01", annual(row("FAO", 2015, approved_budget="900"))),
    )
    found = con.execute(
        "SELECT fiscal_year, last_interim_usd FROM mart.missing_year_end"
    ).fetchall()
    assert found == [(2015, 100)]


def test_rows_stand_by_themselves() -> None:
    """Names beside codes, currency, basis, source address and capture time are on every row."""
    first = sight(
        "2015-12-01", _expenditure("FAO", "100"), title="Water", fund_name="Fund", status="On Going"
    )
    con = loaded(first, sight("2016-01-01", title="Water for all"))
    (found,) = rows(con, "FROM mart.expenditure_current")
    assert found["title"] == "Water for all"
    assert found["fund_name"] == "Fund"
    assert found["currency"] == "USD"
    assert (found["source_url"], found["captured_at"]) == (first.url, first.at)
    (missing,) = rows(con, "FROM mart.missing_year_end")
    assert (missing["title"], missing["currency"], missing["basis"]) == (
        "Water for all", "USD", "interim",
    )  # fmt: skip
    assert (missing["source_url"], missing["captured_at"]) == (first.url, first.at)
    (programme,) = rows(con, "FROM mart.programme_current")
    assert (programme["title"], programme["captured_at"]) == ("Water for all", at("2016-01-01"))


def test_no_view_compares_every_row_with_every_row() -> None:
    """DuckDB falls back to that, unasked, where a join's condition is not between its two sides."""
    con = loaded(sight("2017-06-01", _expenditure("FAO", "90"), _expenditure(None, "90")))
    views = con.execute(
        "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal"
    ).fetchall()
    assert len(views) > 20
    for (view,) in views:
        ((_, plan),) = con.execute(f"EXPLAIN FROM {view}").fetchall()
        assert "BLOCKWISE_NL_JOIN" not in plan, view
