"""Programmes' figures to the cent, as today's API answers them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from replica.books.agencies import Agency, agency_of
from replica.books.portfolio import Outline
from replica.books.programme import Amounts, amounts_in, rounded
from replica.books.programme_books import Cell
from replica.books.records import Records

_MOMENTS_CACHED = 2


class CentsRow(NamedTuple):
    """One programme's figures of one agency and year: cents; None for what nobody reported."""

    outline: Outline
    agency: Agency
    fiscal_year: int
    amounts: Amounts


class Source(NamedTuple):
    """The source of a row through time."""

    outline: Outline
    agency: Agency
    cell: Cell
    zero_refunds: bool

    def at(self, now: int) -> CentsRow | None:
        """Return the row shown at a moment; None if there is none."""
        if self.outline.approved > now or self.cell.withdrawn <= now:
            return None
        amounts = amounts_in(self.cell, now, zero_refunds=self.zero_refunds)
        if all(amount is None for amount in amounts):
            return None
        return CentsRow(self.outline, self.agency, self.cell.fiscal_year, amounts)

    def changes(self) -> list[int]:
        """Return the moments from which the row may differ."""
        cell = self.cell
        histories = (cell.budget, cell.transfers, cell.refunds, cell.expenditure)
        moments = {at for history in histories for at in history.moments}
        first = self.outline.approved
        return sorted({*(max(at, first) for at in moments), cell.withdrawn})


class ProgrammeCents:
    """All programmes' figures; the sources of all, and the rows of the last times, are cached."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._sources: list[Source] | None = None
        self._rows: dict[int, dict[int, list[CentsRow]]] = {}

    def sources(self) -> list[Source]:
        """Return the sources of all rows, in the order of the programmes."""
        if self._sources is None:
            outlines = self._records.portfolio.outlines
            self._sources = [
                one for outline in outlines for one in sources_of(self._records, outline)
            ]
        return self._sources

    def at(self, now: int) -> Mapping[int, list[CentsRow]]:
        """Return the rows shown at a moment by year, in the order of the programmes."""
        found = self._rows.get(now)
        if found is None:
            found = {}
            for source in self.sources():
                if (row := source.at(now)) is not None:
                    found.setdefault(row.fiscal_year, []).append(row)
            while len(self._rows) >= _MOMENTS_CACHED:
                del self._rows[next(iter(self._rows))]
            self._rows[now] = found
        return found


def sources_of(records: Records, outline: Outline) -> Iterator[Source]:
    """Yield the sources of one programme's rows."""
    books = records.books(outline)
    for cell in books.cells:
        agency = agency_of(records.seed, outline, cell.organization)
        yield Source(outline, agency, cell, books.zero_refunds)


def programme_measures(amounts: Amounts) -> dict[str, int | None]:
    """Return a row's measures: cents, and the delivery rate in hundredths of a percent."""
    budget, transfers, refunds, spent = amounts
    net = None
    if transfers is not None or refunds is not None:
        net = (transfers or 0) - (refunds or 0)
    rate = None if spent is None or net is None or net <= 0 else rounded(spent * 10_000, net)
    return {
        "approved_budget": budget, "net_funded": net, "transfers": transfers, "refunds": refunds,
        "expenditure": spent, "delivery_rate": rate,
    }  # fmt: skip


class AgencyTotals(NamedTuple):
    """The sums of an agency's rows in cents; what nobody reported counts as nothing."""

    budget: int = 0
    net: int = 0
    spent: int = 0

    def plus(self, amounts: Amounts, sign: int = 1) -> "AgencyTotals":
        """Return the totals with a row's amounts added, or taken out again."""
        budget, transfers, refunds, spent = (amount or 0 for amount in amounts)
        return AgencyTotals(
            self.budget + sign * budget,
            self.net + sign * (transfers - refunds),
            self.spent + sign * spent,
        )

    def measures(self) -> dict[str, int]:
        """Return the measures; the delivery rate is 0 where there is nothing to divide by."""
        rate = _signed_ratio(self.spent * 10_000, self.net)
        return {
            "approved_budget": self.budget, "net_funded": self.net, "expenditure": self.spent,
            "delivery_rate": rate,
        }  # fmt: skip


def _signed_ratio(part: int, whole: int) -> int:
    return 0 if whole == 0 else rounded(part if whole > 0 else -part, abs(whole))
