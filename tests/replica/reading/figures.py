"""From a table's rows to figures and vouchers, by its headings and nothing else."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from tests.replica.reading.grids import Row

_COLUMNS = {
    "participating organization": "organization", "participating un organization": "organization",
    "organization": "organization", "contributor": "organization", "donor": "organization",
    "contributor/partner": "organization", "contributors/partners": "organization",
    "commitments": "commitments", "total commitments": "commitments", "deposits": "deposits",
    "total deposits": "deposits", "contributions": "deposits", "deposit rate": "deposit_rate",
    "year": "year", "fiscal year": "year",
    "approved budget": "approved_budget", "total approved budget": "approved_budget",
    "net funded amount": "net_funded", "transfers": "transfers", "total transfers": "transfers",
    "refunds": "refunds", "refunded amount": "refunds", "expenditure": "expenditure",
    "total expenditure": "expenditure", "delivery rate": "delivery_rate",
    "voucher number": "number", "voucher no.": "number", "date": "date", "payment date": "date",
    "amount": "amount", "status": "status", "voucher status": "status",
}  # fmt: skip
RATES = {"delivery_rate", "deposit_rate"}
_ABSENT = {"", "-", "–", "N/A"}
_TOTALS = {"Total", "Grand Total"}
_NOTHING = {"No data found", "No vouchers found"}
# What the page prints, and what a workbook keeps of it.
_DOLLARS = re.compile(r"[0-9]{1,3}(?:[, ][0-9]{3})*|[0-9]+")
_CENTS = re.compile(r"[0-9]{1,3}(?:[, ][0-9]{3})*\.[0-9]{2}|[0-9]+(?:\.[0-9]{2})?")
_RATE = re.compile(r"([0-9]+)\.([0-9])%?")


class Figure(NamedTuple):
    """One printed figure, under its organization as printed: dollars, or tenths of a percent."""

    grain: str
    organization: str | None
    fiscal_year: int | None
    measure: str
    value: int


class Table(NamedTuple):
    """One table of figures, in which contributors may stand in the place of organizations.

    The total and sub-totals are by measure, as far as printed.
    """

    figures: list[Figure]
    total: dict[str, int] | None
    sub_totals: dict[str, dict[str, int]]


class Voucher(NamedTuple):
    """One line of the vouchers, under its organization as printed."""

    number: str
    voucher_date: date
    organization: str
    cents: int
    status: str


class Vouchers(NamedTuple):
    """One page's lines, and the total that it prints of them."""

    lines: list[Voucher]
    total: int | None


def dollars(printed: str) -> int:
    """Whole dollars; below zero with a minus or in parentheses."""
    return _signed(printed, _DOLLARS)


def cents(printed: str) -> int:
    """An amount with its cents, which a number of a workbook may have none of."""
    whole, _, part = printed.partition(".")
    assert _CENTS.fullmatch(printed), f"no amount with cents: {printed!r}"
    return dollars(whole) * 100 + int(part.ljust(2, "0"))


def tenths(printed: str) -> int:
    """A rate in tenths of a percent."""
    found = _RATE.fullmatch(printed.removeprefix("-"))
    assert found, f"no rate: {printed!r}"
    return (-1 if printed.startswith("-") else 1) * (int(found[1]) * 10 + int(found[2]))


def day(printed: str) -> date:
    """A date such as `2 Nov 2007`."""
    return datetime.strptime(printed, "%d %b %Y").date()  # noqa: DTZ007 because it is a day


def figures_table(rows: Sequence[Row]) -> Table | None:
    """One table of figures; None where all that it says is that there is no data."""
    columns = [(at, kind, year) for at, (kind, year) in _columns(rows).items()]
    measures = [column for column in columns if column[1] not in {"organization", "year"}]
    at_key = {kind: at for at, kind, _ in columns if kind in {"organization", "year"}}
    table = Table([], None, {})
    group: str | None = None
    for row in _below_headings(rows):
        label = row[0].text
        if label in _TOTALS:
            assert table.total is None, "two total rows"
            table = table._replace(total=_values(row, measures))
        elif label == "Sub-total":
            assert group, "a sub-total outside a group"
            table.sub_totals[group] = _values(row, measures)
        elif all(cell is row[0] for cell in row):  # it spans the whole width
            group = label
        else:
            organization = row[at_key["organization"]].text if "organization" in at_key else group
            own_year = row[at_key["year"]].text.removeprefix("FY ") if "year" in at_key else None
            for at, measure, year in measures:
                value = _value(row[at].text, measure)
                if value is not None:
                    fiscal_year = int(own_year) if own_year else year
                    grain = _grain(organization, fiscal_year)
                    figure = Figure(grain, organization, fiscal_year, measure, value)
                    table.figures.append(figure)
    return table if measures else None


def voucher_table(rows: Sequence[Row]) -> Vouchers:
    """A table of vouchers."""
    at = {kind: column for column, (kind, _) in _columns(rows).items()}
    lines: list[Voucher] = []
    total: int | None = None
    for row in _below_headings(rows):
        text = {kind: row[column].text for kind, column in at.items()}
        if text["number"] in _TOTALS:
            total = cents(text["amount"])
        else:
            lines.append(
                Voucher(text["number"], day(text["date"]), text["organization"],
                        cents(text["amount"]), text["status"])
            )  # fmt: skip
    return Vouchers(lines, total)


def _grain(organization: str | None, fiscal_year: int | None) -> str:
    assert organization or fiscal_year, "a figure of nobody and no year"
    if organization and fiscal_year:
        return "organization_year"
    return "organization" if organization else "year"


def _columns(rows: Iterable[Row]) -> dict[int, tuple[str, int | None]]:
    """What each column holds, and of which year: what all the heading rows say of it."""
    columns: dict[int, tuple[str, int | None]] = {}
    for row in filter(_is_heading, rows):
        for at, cell in enumerate(row):
            kind, year = columns.get(at, ("", None))
            if cell.text.isdecimal():
                year = int(cell.text)
            elif cell.text:
                kind = _COLUMNS[_plain(cell.text)]
            columns[at] = kind, year
    return {at: column for at, column in columns.items() if column[0]}


def _is_heading(row: Row) -> bool:
    """Whether it names a key column, and nothing that is no heading."""
    texts = [cell.text for cell in row if cell.text]
    kinds = {"a year" if text.isdecimal() else _COLUMNS.get(_plain(text)) for text in texts}
    return None not in kinds and not kinds.isdisjoint({"organization", "year", "number"})


def _plain(heading: str) -> str:
    return re.sub(r"\*+|\((?:US\$|%)\)", "", heading).strip().lower()


def _below_headings(rows: Sequence[Row]) -> Iterable[Row]:
    """The rows that say something: captions stand above the headings, blank rows anywhere."""
    headings = [at for at, row in enumerate(rows) if _is_heading(row)]
    for row in rows[headings[-1] + 1 if headings else len(rows) :]:
        if any(cell.text for cell in row) and row[0].text not in _NOTHING:
            yield row


def _values(row: Row, measures: Iterable[tuple[int, str, int | None]]) -> dict[str, int]:
    values = {measure: _value(row[at].text, measure) for at, measure, _ in measures}
    return {measure: value for measure, value in values.items() if value is not None}


def _value(printed: str, measure: str) -> int | None:
    if printed in _ABSENT:
        return None
    value = tenths(printed) if measure in RATES else dollars(printed)
    assert value or printed.startswith("0"), f"nothing with a sign: {printed!r}"
    return value


def _signed(printed: str, form: re.Pattern[str]) -> int:
    magnitude = printed.removeprefix("-")
    if magnitude == printed and printed.startswith("(") and printed.endswith(")"):
        magnitude = printed[1:-1]
    assert form.fullmatch(magnitude), f"no whole amount: {printed!r}"
    whole = int(re.sub("[, ]", "", magnitude))
    return whole if magnitude == printed else -whole
