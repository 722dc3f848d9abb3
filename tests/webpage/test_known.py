"""What was known on each day fits into a page, and says how exact it is."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from warehouse.answers import QueryResult, answer
from warehouse.connection import open_writer
from warehouse.schema import prepare
from webpage.known import ALL, figures_known, write_sums
from webpage.pages import PageFolder

_SPANS = """
    INSERT INTO mart.figure_span BY NAME
    SELECT
        '00095031' AS programme_id, 'PB000' AS fund_code, 'FAO' AS organization, 'USD' AS currency,
        2000 + year AS fiscal_year, if(step < 300, 'interim', 'year_end') AS basis,
        step AS expenditure_usd, if(step % 2 = 0, 10, NULL) AS transfers_usd,
        TIMESTAMP '2012-01-01 03:00:00' + step * INTERVAL 1 DAY AS shown_from,
        if(step = 699, NULL, shown_from + INTERVAL 1 DAY) AS shown_until,
        shown_from AS known_from
    FROM range(5) AS years(year), range(700) AS steps(step)
"""


@pytest.fixture
def often(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A warehouse in which five years change on each of 700 days."""
    con = open_writer(tmp_path / "often.duckdb")
    prepare(con)
    con.execute("CREATE TEMP TABLE empty AS FROM mart.figure_span")
    con.execute("DROP VIEW mart.figure_span")
    con.execute("CREATE TABLE mart.figure_span AS FROM empty")
    con.execute(_SPANS)
    return con


def test_sums_that_change_too_often_are_those_at_the_ends_of_months(
    often: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """As the figures shown then add up to, of a fund and of all, in a file below a megabyte."""
    found = answer(often, "known_sums").by_key()
    assert set(found) == {ALL, "PB000"}
    for sums in found.values():
        records = sums.records()
        assert {record["period"] for record in records} == {"month"}
        assert len(records) == 5 * 23
        for record in records[:23]:
            (expected,) = often.execute(
                "SELECT count(*) FILTER (basis = 'interim'), sum(transfers_usd),"
                " sum(expenditure_usd) FILTER (basis = 'interim'),"
                " sum(expenditure_usd) FILTER (basis = 'year_end')"
                " FROM mart.figure_span WHERE fiscal_year = $1 AND shown_from::DATE <= $2"
                " AND (shown_until IS NULL OR shown_until::DATE > $2)",
                [record["fiscal_year"], record["until_end_of"]],
            ).fetchall()
            assert expected == (
                record["interim_figures"], record["transfers_usd"], record["interim_usd"],
                record["year_end_usd"],
            )  # fmt: skip
        assert [records[at]["became_final"] for at in (0, 22)] == [0, 1]
        assert [records[at]["came"] for at in (0, 22)] == [1, 1]
    (written,) = write_sums(PageFolder(tmp_path), "sums.js", found[ALL], None)
    assert written.size < 20_000
    often.close()


def test_years_that_do_not_fit_are_left_out_whole() -> None:
    """The oldest first; of a figure that is there, every day is."""
    start = datetime(2016, 1, 1)  # noqa: DTZ001 because every time here is naive UTC
    columns = (
        "fiscal_year", "organization", "basis", "known_from", "shown_from", "shown_until",
        "capture_id", "approved_budget_usd", "net_funded_usd", "transfers_usd", "refunds_usd",
        "expenditure_usd", "delivery_rate_pct",
    )  # fmt: skip
    rows = [
        (year, name, "interim", start, start + timedelta(day), start + timedelta(day + 1),
         f"{day:032x}", *([Decimal("12345678.50")] * 6))
        for year in range(2020, 2000, -1)
        for name in ("FAO", "<\u202e" * 40)
        for day in range(20)
    ]  # fmt: skip
    known = figures_known(QueryResult(columns, rows), None)
    assert known is not None
    years = sorted({year for year, _ in known["figures"]}, reverse=True)
    assert years == list(range(2020, 2020 - len(years), -1))
    assert 3 < len(years) < 20
    assert len(known["spans"]) == len(years) * 40
    assert known["left_out"] == (20 - len(years)) * 2
    assert len(json.dumps(known)) < 100_000
