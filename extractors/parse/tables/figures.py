"""Key Figures: by organization and year, by organization, or by year; years down or across."""

import re

from extractors.parse.tables.headings import Heading, printed_year, says_total, total_of
from extractors.parse.tables.tables import BodyRow, HeadedTable
from extractors.records import MEASURES, Measure, PrintedFigure, PrintedFinding, PrintedTable

_YEARS = re.compile(r"\b(?:19|20)[0-9]{2}\b")
# A year that stands over the rows of its organizations.
_YEAR_OVER_ROWS = re.compile(
    r"(?:(?:fiscal |financial )?year\s*:?\s*|fy\s*)?(?P<year>(?:19|20)[0-9]{2})\s*:?", re.IGNORECASE
)
_KEYS_AND_MEASURES: tuple[Heading, ...] = ("organization", "year", *MEASURES)
_HEADINGS: tuple[Heading, ...] = (*_KEYS_AND_MEASURES, "total", "currency", "programme_id")
# The columns of measures by their year, each as its place and measure. The year is None without
# years across, and "total" for the sum of the years.
_MeasureColumns = dict[str | None, list[tuple[int, Measure]]]


def is_figure_table(table: HeadedTable) -> bool:
    """Return whether a table has a measure, and an organization or year that it is for."""
    return (
        not table.has("voucher_number")
        and any(column.heading in MEASURES for column in table.columns)
        and (table.has("organization") or table.has("year") or _has_years_across(table))
    )


def parse_figures(
    table: HeadedTable, table_no: int
) -> tuple[PrintedTable, list[PrintedFigure], list[PrintedFinding]]:
    """Return the table's record, its figures as printed, and findings about its columns."""
    where = f"Key Figures, table {table_no}"
    rows = _FigureRows(table, table_no, where)
    notes = [row for row in table.rows if _is_note(table, row)]
    noted = {row.number for row in notes}
    printed = (row for row in table.rows if row.number not in noted)
    figures = [figure for row in printed for figure in rows.figures_of(row)]
    repeated = list(table.repeated_columns(_KEYS_AND_MEASURES, where))
    record = PrintedTable(
        table_no=table_no,
        by_year=rows.by_year,
        by_organization=table.has("organization") or rows.group is not None,
        read_in_full=rows.all_named and not repeated and not table.partial,
        where=where,
    )
    unread = [
        PrintedFinding("unread_text", f"{where}, row {row.number}", row.text) for row in notes
    ]
    return record, figures, [*repeated, *table.unknown_columns(_HEADINGS, where), *unread]


class _FigureRows:
    """The rows of a table in their order, each read with what stands over it.

    Attributes:
        group: the organization over the rows, or of the row above.
        by_year: whether years are named so far.
        all_named: whether each row so far has an organization, if the table has a column of them.
    """

    def __init__(self, table: HeadedTable, table_no: int, where: str) -> None:
        self.group: str | None = None
        self.by_year = table.has("year") or _has_years_across(table)
        self.all_named = True
        self._table = table
        self._columns = _measure_columns(table)
        self._table_no = table_no
        self._where = where
        self._year: str | None = None  # of the row above
        self._year_over_rows: str | None = None

    def figures_of(self, row: BodyRow) -> list[PrintedFigure]:
        """Return the figures of a row, none if it only names the rows below it."""
        if row.kind == "no_data" or self._names_rows_below(row):
            return []
        if row.kind == "data" and self._table.has("organization"):
            printed = _organization(self._table, row, self.group)
            if printed is not None and says_total(printed):
                self._year = _row_year(self._table, row, self._year)
                return self._figures(row._replace(kind="total"), None, self._year)
            self.group = printed
            self.all_named = self.all_named and printed is not None
        self._year = _row_year(self._table, row, self._year)
        over = self._year_over_rows if row.kind == "data" or _is_subtotal(row) else None
        year = self._year or over
        if year is None and row.kind == "data" and self._table.has("year"):
            year = ""  # a blank in the column of years does not stand for all years
        return self._figures(row, None if row.kind == "total" and over else self.group, year)

    def _names_rows_below(self, row: BodyRow) -> bool:
        """Take the year or organization that stands alone over the rows below it, if it does."""
        alone = _text_over_rows(row)
        if alone is not None and (found := _YEAR_OVER_ROWS.fullmatch(alone)):
            if row.kind == "group" or not self._table.has("year"):
                self._year_over_rows, self.by_year = found["year"], True
                return True
        elif row.kind == "group" or (alone is not None and self._table.text(row, "year") == alone):
            self.group = alone
            return True
        return False

    def _figures(
        self, row: BodyRow, organization: str | None, row_year: str | None
    ) -> list[PrintedFigure]:
        """Return one figure for a row; with years across, one for each and one for the total."""
        is_total = row.kind == "total"
        by_year: dict[str | None, dict[Measure, str]] = {}
        for year, of_year in self._columns.items():
            measures = by_year.setdefault(row_year if year is None else year, {})
            for at, measure in of_year:
                measures.setdefault(measure, row.own_text(at))
        return [
            PrintedFigure(
                table_no=self._table_no,
                organization=_summed_organization(row, organization) if is_total else organization,
                fiscal_year=None if year == "total" else year,
                measures=measures,
                total=is_total or year == "total",
                where=f"{self._where}, row {row.number}",
                text=row.text,
            )
            for year, measures in by_year.items()
        ]


def _is_note(table: HeadedTable, row: BodyRow) -> bool:
    """Return whether a row is no figure but a note, such as `Source: | MPTF Office` below them.

    It shows no measure, and has another text than a year in the column of years.
    """
    year = table.text(row, "year")
    return (
        row.kind == "data"
        and _text_over_rows(row) is None
        and year is not None
        and printed_year(year) is None
        and not any(
            row.cells[at] for at, column in enumerate(table.columns) if column.heading in MEASURES
        )
    )


def _measure_columns(table: HeadedTable) -> _MeasureColumns:
    """Return the columns of measures; of several with one meaning, the first.

    A measure without a year, beside the same one of several years, is their total.
    """
    columns: _MeasureColumns = {}
    for at, column in enumerate(table.columns):
        measure = next((known for known in MEASURES if known == column.heading), None)
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


def _has_years_across(table: HeadedTable) -> bool:
    return any(column.year not in {None, "total"} for column in table.columns)


def _organization(table: HeadedTable, row: BodyRow, above: str | None) -> str | None:
    """Return a row's organization; a blank beside a year repeats the one above."""
    printed = table.text(row, "organization")
    if printed is None and table.has("year") and table.text(row, "year") is not None:
        return above
    return printed


def _row_year(table: HeadedTable, row: BodyRow, above: str | None) -> str | None:
    """Return a row's year; a blank before an organization repeats the one above.

    A total's first text is not a year, though it may stand in the column of years.
    """
    if row.kind == "total":
        years = _YEARS.findall(row.first)
        return years[0] if len(years) == 1 else None
    text = table.text(row, "year")
    if text is None and table.year_first and table.text(row, "organization") is not None:
        return above
    return text


def _text_over_rows(row: BodyRow) -> str | None:
    """Return the text of a row with only one, which stands over the rows below it."""
    if row.kind == "total":
        return None
    filled = list(filter(None, row.cells))
    return filled[0] if row.kind == "group" or len(filled) == 1 else None


def _is_subtotal(row: BodyRow) -> bool:
    return row.first.lower().lstrip("-– ").startswith("sub")


def _summed_organization(row: BodyRow, group: str | None) -> str | None:
    """Return the organization that a total row sums, or None if it sums all of them.

    A sub-total sums the group above it, `Total FAO` too if that is the group, and `FAO Total` names
    the organization itself.
    """
    own = total_of(row.first)
    if own is not None:
        return None if _YEARS.search(own) else own
    is_of_group = _is_subtotal(row) or (group is not None and group.lower() in row.first.lower())
    return group if is_of_group else None
