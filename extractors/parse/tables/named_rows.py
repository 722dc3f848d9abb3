"""Rows of amounts by name and year: figures of organizations, contributions of contributors.

Years stand down or across, and names or years may stand over the rows that they are of.
"""

import re
from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

from extractors.parse.tables.headings import (
    SPANNING,
    Heading,
    known_heading,
    printed_year,
    says_total,
    total_of,
)
from extractors.parse.tables.numbers import is_another_amount
from extractors.parse.tables.tables import BodyRow, HeadedTable
from extractors.parse.tables.units import without_unit

_YEARS = re.compile(r"\b(?:19|20)[0-9]{2}\b")
# A year that stands over the rows of its names.
_YEAR_OVER_ROWS = re.compile(
    r"(?:(?:fiscal |financial )?year\s*:?\s*|fy\s*)?(?P<year>(?:19|20)[0-9]{2})\s*:?", re.IGNORECASE
)

Measured = TypeVar("Measured", bound=str)
# The columns of measures by their year, each as its place and measure. The year is None without
# years across, and "total" for the sum of the years.
_MeasureColumns = dict[str | None, list[tuple[int, Measured]]]


class NamedRow(NamedTuple, Generic[Measured]):
    """What a row says of one name and year; `fiscal_year` and `total` as in a PrintedFigure."""

    name: str | None
    fiscal_year: str | None
    measures: dict[Measured, str]
    total: bool
    row: BodyRow


class NamedRows(Generic[Measured]):
    """The rows of a table in their order, each read with what stands over it.

    Attributes:
        group: the name over the rows, or of the row above.
        by_year: whether years are named so far.
        all_named: whether each row so far has a name, if the table has a column of them.
        has_unread_year: whether a column that may be of a year is unread beside years across.
    """

    def __init__(
        self, table: HeadedTable, naming: Heading, measures: Mapping[Heading, Measured]
    ) -> None:
        """Read a table whose names stand below one heading, and its measures below some others."""
        self.group: str | None = None
        self.by_year = table.has("year") or has_years_across(table)
        self.all_named = True
        self.has_unread_year = has_years_across(table) and _has_unread_year(table)
        self._table = table
        self._naming = naming
        self._columns = _measure_columns(table, measures)
        self._without_year = {measure for _, measure in self._columns.get(None, ())}
        self._year: str | None = None  # of the row above
        self._year_over_rows: str | None = None

    def said_by(self, row: BodyRow) -> list[NamedRow[Measured]]:
        """Return what a row says, nothing if it only names the rows below it."""
        if row.kind == "no_data" or self._names_rows_below(row):
            return []
        if row.kind == "data" and self._table.has(self._naming):
            printed = self._name(row)
            if printed is not None and says_total(printed):
                self._year = self._row_year(row)
                return self._said(row._replace(kind="total"), None, self._year)
            self.group = printed
            self.all_named = self.all_named and printed is not None
        self._year = self._row_year(row)
        over = self._year_over_rows if row.kind == "data" or is_subtotal(row) else None
        year = self._year or over
        if year is None and row.kind == "data" and self._table.has("year"):
            year = ""  # a blank in the column of years does not stand for all years
        return self._said(row, None if row.kind == "total" and over else self.group, year)

    def _names_rows_below(self, row: BodyRow) -> bool:
        """Take the year or name that stands alone over the rows below it, if it does.

        Of years that may be amounts nothing is taken: the year of the rows below is unknown.
        """
        alone = text_over_rows(row)
        found = None if alone is None else _YEAR_OVER_ROWS.fullmatch(alone)
        if self._shows_only_years(row) and (found is None or found[0].isdecimal()):
            self._year_over_rows = ""  # unknown: they may be amounts
        elif found is not None:
            if row.kind == "group" or not self._table.has("year"):
                self._year_over_rows, self.by_year = found["year"], True
                return True
        elif alone is not None and (row.kind == "group" or self._table.text(row, "year") == alone):
            # Behind a line of dashes a row without a name is not of the organization above it.
            self.group = alone if self.group is not None or _may_name(alone) else None
            return True
        return False

    def _shows_only_years(self, row: BodyRow) -> bool:
        """Return whether a row has years where amounts belong, and nothing else but headings."""
        shown = [
            (column.heading, printed_year(text))
            for column, text in zip(self._table.columns, row.cells, strict=False)
            if text and known_heading(text) is None
        ]
        keys = {self._naming, "year"}
        return (
            row.kind == "data"
            and bool(shown)
            and all(year and heading not in keys for heading, year in shown)
            and (len(shown) > 1 or shown[0][0] in SPANNING)
        )

    def _name(self, row: BodyRow) -> str | None:
        """Return a row's name; a blank beside a year repeats the one above."""
        printed = self._table.text(row, self._naming)
        if printed is None and self._table.text(row, "year") is not None:
            return self.group
        return printed

    def _row_year(self, row: BodyRow) -> str | None:
        """Return a row's year; a blank before a name repeats the one above.

        A total's first text is not a year, though it may stand in the column of years.
        """
        if row.kind == "total":
            years = _YEARS.findall(row.first)
            return years[0] if len(years) == 1 else None
        text = self._table.text(row, "year")
        if (
            text is None
            and self._table.stands_before("year", self._naming)
            and self._table.text(row, self._naming) is not None
        ):
            return self._year
        return text

    def _said(
        self, row: BodyRow, name: str | None, row_year: str | None
    ) -> list[NamedRow[Measured]]:
        """Return one record for a row; with years across, one for each and one for the total."""
        is_total = row.kind == "total"
        is_unknown = row_year == self._year_over_rows == ""
        by_year: dict[str | None, dict[Measured, str]] = {}
        for year, of_year in self._columns.items():
            measures = by_year.setdefault(row_year if year is None or is_unknown else year, {})
            for at, measure in of_year:
                amount = self._amount(row, at, measure, year, row_year)
                measures[measure] = _of_both(measures.get(measure, ""), amount)
        return [
            NamedRow(
                name=_summed_name(row, name) if is_total else name,
                fiscal_year=None if year == "total" else year,
                measures=measures,
                total=is_total or year == "total",
                row=row,
            )
            for year, measures in by_year.items()
        ]

    def _amount(
        self, row: BodyRow, at: int, measure: Measured, year: str | None, row_year: str | None
    ) -> str:
        """Return a row's amount in a column; it is none if another year's stands beside the row's.

        Args:
            row: the row.
            at: the column's place.
            measure: the column's.
            year: the column's, or "total"; None if it has none.
            row_year: the row's as printed; None or blank if it has none.
        """
        text = self._table.amount_at(row, at)
        own_year = printed_year(row_year or "")
        is_of_another = (
            own_year is not None
            and year not in {None, "total", own_year}
            and measure in self._without_year
        )
        return f"{text} (of {year} in a row of {row_year})" if text and is_of_another else text


def _of_both(first: str, other: str) -> str:
    """Return the amount that a row has in two columns, such as `2014` and that of its own year."""
    if not any(map(str.isdigit, first)):
        return other or first
    return f"{first} / {other} (which differ)" if is_another_amount(other, first) else first


def _may_name(text: str) -> bool:
    """Return whether a text is no line of dashes, and no unit without a number."""
    return any(map(str.isalnum, without_unit(text))) or any(map(str.isdigit, text))


def has_years_across(table: HeadedTable) -> bool:
    """Return whether some columns are years."""
    return any(column.year not in {None, "total"} for column in table.columns)


def _has_unread_year(table: HeadedTable) -> bool:
    """Return whether a column without a meaning may be of a year that no other column is of."""
    read = {column.year for column in table.columns if column.heading is not None}
    return any(
        column.heading is None
        and (column.may_be_of_year or column.year not in {None, "total", *read})
        and table.has_text(at)
        for at, column in enumerate(table.columns)
    )


def text_over_rows(row: BodyRow) -> str | None:
    """Return the text of a row with only one, which stands over the rows below it."""
    if row.kind == "total":
        return None
    filled = list(filter(None, row.cells))
    return filled[0] if row.kind == "group" or len(filled) == 1 else None


def is_subtotal(row: BodyRow) -> bool:
    """Return whether a row's first text begins like a sub-total."""
    return row.first.lower().lstrip("-– ").startswith("sub")


def _measure_columns(
    table: HeadedTable, measures: Mapping[Heading, Measured]
) -> _MeasureColumns[Measured]:
    """Return the columns of measures; of several with one meaning, the first.

    A measure without a year, beside the same one of several years, is their total.
    """
    columns: _MeasureColumns[Measured] = {}
    for at, column in enumerate(table.columns):
        measure = None if column.heading is None else measures.get(column.heading)
        of_year = columns.setdefault(column.year, [])
        if measure is not None and all(measure != other for _, other in of_year):
            of_year.append((at, measure))
    columns = {year: of_year for year, of_year in columns.items() if of_year}
    if None in columns and len(columns) > 1 and not table.has("year"):
        yearly = {measure for year, of_year in columns.items() if year for _, measure in of_year}
        without_year = columns.pop(None)
        columns[None] = [column for column in without_year if column[1] not in yearly]
        totals = [column for column in without_year if column[1] in yearly]
        columns["total"] = columns.get("total", []) + totals
    return {year: of_year for year, of_year in columns.items() if of_year}


def _summed_name(row: BodyRow, group: str | None) -> str | None:
    """Return the name that a total row sums, or None if it sums all of them.

    A sub-total sums the group above it, `Total FAO` too if that is the group, and `FAO Total` names
    the organization itself.
    """
    own = total_of(row.first)
    if own is not None:
        return None if _YEARS.search(own) else own
    is_of_group = is_subtotal(row) or (group is not None and group.lower() in row.first.lower())
    return group if is_of_group else None
