"""Vintages of figures are what a reader with a notebook would derive, page by page."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import duckdb
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from warehouse.connection import Connection, one, registered, sql
from warehouse.schema import prepare

_FIRST = datetime(2020, 1, 1)  # noqa: DTZ001 because every time here is naive UTC
_BOOKS = ("approved_budget_usd", "net_funded_usd", "transfers_usd", "refunds_usd")
_MEASURES = (*_BOOKS, "expenditure_usd", "delivery_rate_pct")
_TEXT, _TIME, _USD = pl.String(), pl.Datetime("us"), pl.Decimal(18, 2)
_SHOWN: dict[str, pl.DataType] = {
    "programme_id": _TEXT, "organization": _TEXT, "fiscal_year": pl.Int64(), "first_at": _TIME,
    "last_at": _TIME, "seen_until": _TIME, "pages": pl.Int64(), "organization_printed": _TEXT,
    **dict.fromkeys((*_BOOKS, "expenditure_usd"), _USD), "delivery_rate_pct": pl.Decimal(12, 4),
    "capture_id": _TEXT, "basis": _TEXT,
}  # fmt: skip
_STEPS = ("07_absence", "08_figure", "09_restatement", "10_current_figure")
_PROGRAMMES = ["00091001", "00091002"]
Row = dict[str, Any]


class Derived(NamedTuple):
    """A warehouse in which the figures have been derived, to query."""

    con: Connection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return a query's rows."""
        return self.con.execute(query).fetchall()


@cache
def _warehouse() -> Connection:
    """Return an empty warehouse; each derivation replaces what the one before left."""
    con = duckdb.connect()
    con.execute("SET asof_loop_join_threshold = 0")
    prepare(con)
    con.execute("CREATE TEMP TABLE changed_subject (about VARCHAR)")
    con.execute("INSERT INTO changed_subject SELECT unnest(?)", [_PROGRAMMES])
    con.execute(
        "CREATE TEMP TABLE segment"
        " (about VARCHAR, parse_key VARCHAR, first_at TIMESTAMP, from_api BOOLEAN)"
    )
    return con


def _day(number: int) -> datetime:
    return _FIRST + timedelta(days=number)


def _row(
    day: int, *, basis: str = "interim", organization: str = "UNDP", year: int | None = 2018,
    programme: str = "00091001", **measures: str,
) -> Row:  # fmt: skip
    """One row as a page began to show it on a day, and until that day."""
    shown = {f"{name}_usd": Decimal(text) for name, text in measures.items() if name != "rate"}
    if "rate" in measures:
        shown["delivery_rate_pct"] = Decimal(measures["rate"])
    return {
        **dict.fromkeys(_MEASURES), **shown, "programme_id": programme, "basis": basis,
        "organization": organization, "fiscal_year": year, "first_at": _day(day),
        "last_at": _day(day), "seen_until": _day(day), "pages": 0,
        "organization_printed": f"{organization} as of {day}", "capture_id": f"{day:016x}",
    }  # fmt: skip


def _derived(*rows: Row, tables: tuple[int, ...] = ()) -> Derived:
    """Derive figures from rows; tables by year and organization were read in full on some days."""
    con = _warehouse()
    con.execute("DELETE FROM segment; DELETE FROM observed.figure_table")
    for day in tables:
        con.execute(
            "INSERT INTO segment VALUES ('00091001', ?, ?, false)", [f"{day:064x}", _day(day)]
        )
        con.execute(
            "INSERT INTO observed.figure_table BY NAME SELECT ? AS parse_key, true AS by_year,"
            " true AS by_organization, true AS read_in_full",
            [f"{day:064x}"],
        )
    with registered(con, shown=pl.DataFrame(rows, schema=_SHOWN)):
        con.execute(
            "CREATE OR REPLACE TEMP TABLE figure_shown AS"
            " SELECT *, coalesce(*COLUMNS('_(usd|pct)$')) AS any_measure, true AS by_page,"
            " false AS by_api FROM shown"
        )
    con.execute(sql("load/clear"))
    for step in _STEPS:
        con.execute(sql(f"derive/{step}"))
    return Derived(con)


def _expenditures(found: Derived) -> list[tuple[Any, ...]]:
    return found.rows("SELECT basis, expenditure_usd FROM vintage.figure ORDER BY known_from")


def test_a_value_that_returns_is_a_vintage_of_its_own() -> None:
    found = _derived(*(_row(day, expenditure=text) for day, text in enumerate("5575")))
    assert [value for _, value in _expenditures(found)] == [5, 7, 5]
    assert found.rows("SELECT min_by(organization_printed, known_from) FROM vintage.figure") == [
        ("UNDP as of 0",)
    ]


def test_expenditure_is_not_carried_into_the_other_basis_and_the_books_are() -> None:
    found = _derived(
        _row(0, transfers="9", expenditure="5"), _row(1, basis="year_end", transfers="9"),
        _row(2, basis="year_end", expenditure="6"), _row(3, transfers="9"),
    )  # fmt: skip
    assert _expenditures(found) == [
        ("interim", 5), ("year_end", None), ("year_end", 6), ("interim", None),
    ]  # fmt: skip
    assert found.rows("SELECT transfers_usd FROM vintage.figure") == [(9,)] * 4


def test_the_rate_is_carried_until_what_it_depends_on_changes() -> None:
    found = _derived(
        _row(0, net_funded="10", expenditure="5", rate="50"),
        _row(1, approved_budget="20"),
        _row(2, expenditure="6"),
    )
    rates = found.rows("SELECT delivery_rate_pct FROM vintage.figure ORDER BY known_from")
    assert rates == [(50,), (50,), (None,)]


def test_the_figure_to_quote_is_the_newest_year_end_one_that_is_still_shown() -> None:
    found = _derived(
        _row(0, expenditure="5"), _row(1, basis="year_end", expenditure="6"),
        _row(2, expenditure="7"), _row(0, year=2019, expenditure="1"),
        _row(2, year=2019, expenditure="2"), _row(0, year=2020, expenditure="3"),
        tables=(0, 1, 2),
    )  # fmt: skip
    quoted = found.rows("SELECT expenditure_usd FROM current_figure ORDER BY fiscal_year")
    assert quoted == [(6,), (2,)]  # 2020 is gone
    gone = "SELECT fiscal_year, no_longer_shown_since FROM vintage.figure"
    assert found.rows(f"{gone} WHERE no_longer_shown_since IS NOT NULL") == [(2020, _day(1))]


def test_the_newest_expenditure_is_compared_with_the_vintage_before() -> None:
    """A later vintage without an expenditure changes nothing of that."""
    found = _derived(
        _row(1, expenditure="10"),
        _row(2, expenditure="20"),
        _row(3, expenditure="30"),
        _row(4, basis="year_end", transfers="5"),
    )
    step = (
        "SELECT expenditure_usd, expenditure_before_usd FROM changed_figure WHERE is_newest_spent"
    )
    assert found.rows(step) == [(30, 20)]


def test_a_row_of_dashes_brings_no_figure_back() -> None:
    found = _derived(
        _row(0, expenditure="5"), _row(2), _row(4, expenditure="5"), tables=(0, 1, 2, 3, 4)
    )
    assert found.rows("SELECT gone_at, back_at FROM vintage.absence") == [(_day(1), _day(4))]
    assert one(found.con, "SELECT count(*) FROM vintage.figure") == 1


def test_a_value_carried_forward_is_no_restatement() -> None:
    """Only what two pages showed as year-end, one after the other, is compared."""
    found = _derived(
        _row(0, basis="interim", expenditure="4"), _row(1, basis="year_end", transfers="1"),
        _row(2, basis="year_end", expenditure="5"), _row(3, basis="year_end"),
        _row(4, basis="year_end", expenditure="6"), _row(5, basis="year_end", expenditure="6"),
        _row(0, basis="year_end", year=None, expenditure="1"),
        _row(1, basis="year_end", year=None, expenditure="2"),
    )  # fmt: skip
    restatements = found.rows(
        "SELECT measure, old_value, new_value, old_known_from, restated_at, capture_id_before"
        " FROM vintage.restatement"
    )
    assert restatements == [("expenditure_usd", 5, 6, _day(2), _day(4), f"{2:016x}")]


def test_no_figures_are_derived_from_no_rows() -> None:
    found = _derived()
    for table in ("figure", "absence", "restatement"):
        assert found.rows(f"FROM vintage.{table}") == []


_value = st.none() | st.integers(0, 2).map(str)


@st.composite
def _histories(draw: st.DrawFn) -> list[Row]:
    """Some figures, each shown on some days; few values, so that they return."""
    rows = []
    for programme in _PROGRAMMES:
        for organization in ("(all)", "UNDP"):
            for year in (None, 2018):
                for day in draw(st.lists(st.integers(0, 8), unique=True, max_size=5)):
                    measures = {
                        name: draw(_value)
                        for name in ("approved_budget", "net_funded", "expenditure", "rate")
                    }
                    shown = {name: text for name, text in measures.items() if text is not None}
                    rows.append(
                        _row(
                            day, basis=draw(st.sampled_from(("interim", "year_end"))),
                            organization=organization, year=year, programme=programme, **shown,
                        )
                    )  # fmt: skip
    return draw(st.permutations(rows))


@given(_histories())
def test_vintages_equal_those_of_a_loop_over_each_figure(rows: list[Row]) -> None:
    """No figure takes a value from another one, whichever rows lie beside each other."""
    found = _derived(*rows).rows(
        "SELECT programme_id, organization, fiscal_year, known_from, basis, approved_budget_usd,"
        " net_funded_usd, transfers_usd, refunds_usd, expenditure_usd, delivery_rate_pct"
        " FROM vintage.figure"
    )
    assert sorted(found, key=str) == sorted(_by_loop(rows), key=str)


def _by_loop(rows: list[Row]) -> Iterator[tuple[object, ...]]:
    figures: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        key = (row["programme_id"], row["organization"], row["fiscal_year"])
        figures.setdefault(key, []).append(row)
    for figure, shown in figures.items():
        known: Row = dict.fromkeys(_MEASURES)
        spent: dict[str, Decimal] = {}
        before: object = None
        for row in sorted(shown, key=lambda row: row["first_at"]):
            if all(row[name] is None for name in _MEASURES):
                continue
            last = dict(known)
            known |= {name: row[name] for name in _BOOKS if row[name] is not None}
            if row["expenditure_usd"] is not None:
                spent = {row["basis"]: row["expenditure_usd"]}
            known["expenditure_usd"] = spent.get(row["basis"])
            depends = ("expenditure_usd", "net_funded_usd", "transfers_usd", "refunds_usd")
            if row["delivery_rate_pct"] is not None:
                known["delivery_rate_pct"] = row["delivery_rate_pct"]
            elif any(known[name] != last[name] for name in depends):
                known["delivery_rate_pct"] = None
            vintage = [row["basis"], *(known[name] for name in _MEASURES)]
            if vintage != before:
                yield (*figure, row["first_at"], *vintage)
            before = vintage


def test_a_figure_seen_in_another_century_says_nothing_of_the_next_one() -> None:
    """A wrong clock may say any year; it is wrong for its own figures alone."""
    far = 120_000  # days: the year 2348
    near = [f"UN {number}" for number in range(20)]
    found = _derived(
        _row(far, organization="UNDP", expenditure="5"),
        *(_row(0, organization=name, expenditure="6") for name in near),
        tables=(0, 1, far),
    )
    gone = found.rows("SELECT organization, gone_at FROM vintage.absence ORDER BY organization")
    assert gone == [(name, _day(1)) for name in sorted(near)]
