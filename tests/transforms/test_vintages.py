"""Vintages of figures are what a reader with a notebook would derive, page by page."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.vintages import Vintages, vintages

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
_TABLES: dict[str, pl.DataType] = {
    "programme_id": _TEXT, "by_year": pl.Boolean(), "by_organization": pl.Boolean(),
    "first_at": _TIME,
}  # fmt: skip
Row = dict[str, Any]


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


def _derived(*rows: Row, tables: tuple[int, ...] = ()) -> Vintages:
    """The vintages of rows; tables by year and organization were read in full on some days."""
    full = [("00091001", True, True, _day(day)) for day in tables]
    return vintages(
        pl.DataFrame(rows, schema=_SHOWN), pl.DataFrame(full, schema=_TABLES, orient="row")
    )


def _expenditures(found: Vintages) -> list[tuple[object, ...]]:
    return found.figures.sort("known_from").select("basis", "expenditure_usd").rows()


def test_a_value_that_returns_is_a_vintage_of_its_own() -> None:
    found = _derived(*(_row(day, expenditure=text) for day, text in enumerate("5575")))
    assert [value for _, value in _expenditures(found)] == [5, 7, 5]
    assert found.figures.sort("known_from")["organization_printed"][0] == "UNDP as of 0"


def test_expenditure_is_not_carried_into_the_other_basis_and_the_books_are() -> None:
    found = _derived(
        _row(0, transfers="9", expenditure="5"), _row(1, basis="year_end", transfers="9"),
        _row(2, basis="year_end", expenditure="6"), _row(3, transfers="9"),
    )  # fmt: skip
    assert _expenditures(found) == [
        ("interim", 5), ("year_end", None), ("year_end", 6), ("interim", None),
    ]  # fmt: skip
    assert found.figures["transfers_usd"].to_list() == [9] * 4


def test_the_rate_is_carried_until_what_it_depends_on_changes() -> None:
    found = _derived(
        _row(0, net_funded="10", expenditure="5", rate="50"),
        _row(1, approved_budget="20"),
        _row(2, expenditure="6"),
    )
    assert found.figures.sort("known_from")["delivery_rate_pct"].to_list() == [50, 50, None]


def test_the_figure_to_quote_is_the_newest_year_end_one_that_is_still_shown() -> None:
    found = _derived(
        _row(0, expenditure="5"), _row(1, basis="year_end", expenditure="6"),
        _row(2, expenditure="7"), _row(0, year=2019, expenditure="1"),
        _row(2, year=2019, expenditure="2"), _row(0, year=2020, expenditure="3"),
        tables=(0, 1, 2),
    )  # fmt: skip
    quoted = found.figures.filter("to_quote").sort("fiscal_year")
    assert quoted["expenditure_usd"].to_list() == [6, 2]  # 2020 is gone
    gone = found.figures.filter(pl.col("no_longer_shown_since").is_not_null())
    assert gone.select("fiscal_year", "no_longer_shown_since").rows() == [(2020, _day(1))]


def test_the_expenditure_before_stands_in_the_newest_vintage_that_has_one() -> None:
    """Whatever came after it: there, and nowhere else, it is asked whether a digit was lost."""
    found = _derived(
        _row(1, expenditure="10"),
        _row(2, expenditure="20"),
        _row(3, expenditure="30"),
        _row(4, basis="year_end", transfers="5"),
    )
    before = found.figures.sort("known_from").select("expenditure_usd", "spent_before_usd").rows()
    assert before == [(10, None), (20, None), (30, 20), (None, None)]


def test_a_row_of_dashes_brings_no_figure_back() -> None:
    found = _derived(
        _row(0, expenditure="5"), _row(2), _row(4, expenditure="5"), tables=(0, 1, 2, 3, 4)
    )
    assert found.absences.sort("gone_at").select("gone_at", "back_at").rows() == [
        (_day(1), _day(4))
    ]
    assert len(found.figures) == 1


def test_what_is_carried_forward_is_no_restatement() -> None:
    """Only what two pages showed as year-end, one after the other, is compared."""
    found = _derived(
        _row(0, basis="interim", expenditure="4"), _row(1, basis="year_end", transfers="1"),
        _row(2, basis="year_end", expenditure="5"), _row(3, basis="year_end"),
        _row(4, basis="year_end", expenditure="6"), _row(5, basis="year_end", expenditure="6"),
        _row(0, basis="year_end", year=None, expenditure="1"),
        _row(1, basis="year_end", year=None, expenditure="2"),
    )  # fmt: skip
    columns = (
        "measure", "old_value", "new_value", "old_known_from", "restated_at", "capture_id_before",
    )  # fmt: skip
    assert found.restatements.select(columns).rows() == [
        ("expenditure_usd", 5, 6, _day(2), _day(4), f"{2:016x}")
    ]


def test_of_nothing_comes_nothing() -> None:
    found = _derived()
    assert [len(frame) for frame in found] == [0, 0, 0]


_value = st.none() | st.integers(0, 2).map(str)


@st.composite
def _histories(draw: st.DrawFn) -> list[Row]:
    """Some figures, each shown on some days; few values, so that they return."""
    rows = []
    for programme in ("00091001", "00091002"):
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
def test_vintages_are_those_of_a_loop_over_each_figure(rows: list[Row]) -> None:
    """Whatever figures stand beside one another, none takes anything from its neighbour."""
    columns = ("programme_id", "organization", "fiscal_year", "known_from", "basis", *_MEASURES)
    found = _derived(*rows).figures.select(columns).rows()
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
    gone = found.absences.sort("organization").select("organization", "gone_at").rows()
    assert gone == [(name, _day(1)) for name in sorted(near)]
