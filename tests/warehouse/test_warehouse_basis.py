"""The rule that the whole warehouse turns on: what is interim, and what is year-end."""

from itertools import permutations

import pytest

from tests.warehouse.histories import (
    Seen,
    annual,
    at,
    cumulative,
    empty_warehouse,
    grown,
    loaded,
    page,
    row,
)
from warehouse.connection import Connection, one

_FIRST = "2015-12-01"
_LAST_INTERIM = "2016-04-30T23:59:59"
_FIRST_YEAR_END = "2016-05-01T00:00:00"


@pytest.mark.parametrize(
    ("last_year", "seen_at", "status", "basis"),
    [
        (2015, "2015-12-01T00:00:00", None, "interim"),
        (2015, "2016-01-01T00:00:00", "On Going", "interim"),
        (2015, "2016-04-30T00:00:00", "On Going", "interim"),
        (2015, "2016-04-30T23:59:59", "On Going", "interim"),
        (2015, "2016-05-01T00:00:00", "On Going", "year_end"),
        (2015, "2016-05-01T00:00:00", None, "year_end"),
        (2015, "2016-12-31T23:59:59", "Operationally Closed", "year_end"),
        (2015, "2017-01-01T00:00:00", "On Going", "year_end"),
        (2016, "2016-05-01T00:00:00", "On Going", "interim"),
        (2017, "2016-05-01T00:00:00", None, "interim"),
        (2015, "2016-04-30T23:59:59", "Operationally Closed", "interim"),
        (2015, "2015-01-01T00:00:00", "Financially Closed", "year_end"),
        (2017, "2015-01-01T00:00:00", "Financially Closed", "year_end"),
        (2015, "2016-04-30T23:59:59", "Suspended", "interim"),
        (None, "2016-05-01T00:00:00", None, "interim"),
        (None, "2016-05-01T00:00:00", "On Going", "interim"),
        (None, "2016-05-01T00:00:00", "Financially Closed", "year_end"),
    ],
)
def test_basis_follows_from_year_time_and_status(
    last_year: int | None, seen_at: str, status: str | None, basis: str
) -> None:
    """The macro gives the basis that the Gateway's rule gives, to the second."""
    con = empty_warehouse()
    found = one(
        con, "SELECT core.basis_of(?::BIGINT, ?::TIMESTAMP, ?)", [last_year, at(seen_at), status]
    )
    assert found == basis


def _vintages(
    con: Connection, table: str = "core.expenditure_snapshot"
) -> list[tuple[str, str, str]]:
    return con.execute(
        "SELECT basis, strftime(known_from, '%Y-%m-%dT%H:%M:%S'),"  # noqa: S608 because the names are written here
        f" strftime(last_seen, '%Y-%m-%dT%H:%M:%S') FROM {table} ORDER BY known_from"
    ).fetchall()


@pytest.mark.parametrize(
    "order", list(permutations([_FIRST, _LAST_INTERIM, _FIRST_YEAR_END]))[1::2]
)
def test_an_unchanged_page_becomes_year_end_after_the_deadline(order: tuple[str, ...]) -> None:
    """One page seen unchanged over the deadline is an interim, then a year_end vintage."""
    unchanged = page(annual(row("FAO", 2015, expenditure="100")), status="On Going")
    con = grown(*(Seen(at(time), unchanged) for time in order))
    assert _vintages(con) == [
        ("interim", "2015-12-01T00:00:00", _LAST_INTERIM),
        ("year_end", _FIRST_YEAR_END, _FIRST_YEAR_END),
    ]


def test_closing_makes_every_year_final_and_reopening_takes_it_back() -> None:
    """Each change of basis begins a vintage, though no figure changed."""
    figures = annual(row("FAO", 2015, expenditure="100"))
    con = loaded(
        Seen(at("2015-06-01"), page(figures, status="On Going")),
        Seen(at("2015-07-01"), page(figures, status="Financially Closed")),
        Seen(at("2015-08-01"), page(figures, status="On Going")),
    )
    assert [basis for basis, _, _ in _vintages(con)] == ["interim", "year_end", "interim"]


def test_the_status_that_decides_is_the_newest_seen_on_whatever_page() -> None:
    """A page without figures closes the programme for a later page that shows no status."""
    figures = annual(row("FAO", 2015, expenditure="100"))
    con = grown(
        Seen(at("2015-06-01"), page(figures, status="On Going")),
        Seen(at("2015-07-01"), page(status="financially  closed")),
        Seen(at("2015-08-01"), page(figures)),
    )
    assert [basis for basis, _, _ in _vintages(con)] == ["interim", "year_end"]


def test_a_status_seen_later_has_no_say_in_an_earlier_capture() -> None:
    """A capture loaded late is judged by the status known at its own time."""
    figures = annual(row("FAO", 2015, expenditure="100"))
    con = grown(
        Seen(at("2015-08-01"), page(figures, status="Financially Closed")),
        Seen(at("2015-06-01"), page(figures, status="On Going")),
    )
    assert [basis for basis, _, _ in _vintages(con)] == ["interim", "year_end"]


@pytest.mark.parametrize(
    ("end_date", "status", "bases"),
    [
        ("31 Dec 2015", "On Going", ["interim", "year_end"]),
        ("1 Jan 2015", "On Going", ["interim", "year_end"]),
        ("1 Jan 2016", "On Going", ["interim"]),
        (None, "On Going", ["interim"]),
        (None, "Financially Closed", ["year_end"]),
        ("1 Jan 2020", "Financially Closed", ["year_end"]),
    ],
)
def test_a_cumulative_figure_is_final_by_the_end_date_or_the_status(
    end_date: str | None, status: str, bases: list[str]
) -> None:
    """It is year_end from 1 May after the year of the end date, or once financially closed."""
    unchanged = page(
        cumulative(row("FAO", None, expenditure="100")), end_date=end_date, status=status
    )
    con = loaded(*(Seen(at(time), unchanged) for time in (_LAST_INTERIM, _FIRST_YEAR_END)))
    assert [basis for basis, _, _ in _vintages(con, "core.cumulative_snapshot")] == bases


def test_annual_and_cumulative_figures_stand_in_different_tables() -> None:
    """A page that shows both gives one row to each table."""
    both = page(
        annual(row("FAO", 2015, expenditure="100")),
        cumulative(row("FAO", None, expenditure="900")),
    )
    con = loaded(Seen(at(_FIRST), both))
    assert con.execute(
        "SELECT fiscal_year, expenditure_usd FROM core.expenditure_snapshot"
    ).fetchall() == [(2015, 100)]
    assert con.execute("SELECT expenditure_usd FROM core.cumulative_snapshot").fetchall() == [
        (900,)
    ]
