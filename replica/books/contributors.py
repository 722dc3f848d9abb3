"""The contributors' tables at one moment: of a fund's page, and of the portfolio of contributors.

A fund's page shows what had been booked when its statement was drawn, so that the two agree.
"""

from collections.abc import Iterable

from replica.books.contributions import Contribution
from replica.books.funds import drawn_at
from replica.books.layouts import TableLayout
from replica.books.portfolio import FundOutline
from replica.books.programme import rounded
from replica.books.records import Records
from replica.books.shown import Figure, Table

Cents = tuple[int, int | None]  # commitments, and deposits if there are any


def fund_contributors(records: Records, fund: FundOutline, layout: TableLayout, now: int) -> Table:
    """Return one contributors' table of a fund's page."""
    drawn = drawn_at(records.portfolio.opened(fund) or now, now)
    return contributors_table(records.contributions(fund), layout, drawn)


def contributors_table(
    contributions: Iterable[Contribution], layout: TableLayout, at: int
) -> Table:
    """Return the contributions shown at a moment as one table, summed to its grain."""
    cells: dict[tuple[str, int | None], list[Cents]] = {}
    for one in contributions:
        committed = one.commitments.at(at)
        if committed is not None:
            year = None if layout.grain == "organization" else one.fiscal_year
            shown = (committed, one.deposits.at(at))
            cells.setdefault((one.contributor, year), []).append(shown)
    keys = sorted(cells, key=_year_first if layout.year_first else _name_first)
    rows = tuple(Figure(name, name, year, _values(cells[name, year])) for name, year in keys)
    total = Figure(None, None, None, _values([one for own in cells.values() for one in own]))
    return Table(layout.grain, layout.measures, rows, total)


def _name_first(key: tuple[str, int | None]) -> tuple[str, int]:
    return key[0], key[1] or 0


def _year_first(key: tuple[str, int | None]) -> tuple[int, str]:
    return key[1] or 0, key[0]


def _values(cells: list[Cents]) -> tuple[int | None, ...]:
    """Return dollars by CONTRIBUTION_MEASURES, each rounded by itself; the rate in tenths."""
    committed = sum(commitments for commitments, _ in cells)
    paid = [deposits for _, deposits in cells if deposits is not None]
    deposits = sum(paid) if paid else None
    rate = None if deposits is None or committed <= 0 else rounded(deposits * 1000, committed)
    return (
        rounded(committed, 100), None if deposits is None else rounded(deposits, 100), rate,
    )  # fmt: skip
