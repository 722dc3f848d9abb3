"""Key Figures: by organization and year, by organization, or by year; years down or across."""

from extractors.parse.tables.headings import Heading, fold_heading, printed_year
from extractors.parse.tables.named_rows import NamedRows, has_years_across, text_over_rows
from extractors.parse.tables.tables import BodyRow, HeadedTable
from extractors.records import MEASURES, Measure, PrintedFigure, PrintedFinding, PrintedTable

_MEASURES: dict[Heading, Measure] = {measure: measure for measure in MEASURES}
_KEYS_AND_MEASURES: tuple[Heading, ...] = ("organization", "year", *MEASURES)
_HEADINGS: tuple[Heading, ...] = (*_KEYS_AND_MEASURES, "total", "currency", "programme_id")
# Columns that part an organization's figure of a year: no row of theirs is that figure.
_PARTING = frozenset(
    {
        "month",
        "quarter",
        "semester",
        "period",
        "category",
        "budget category",
        "expenditure category",
        "component",
        "outcome",
        "output",
        "activity",
    }
)


def is_figure_table(table: HeadedTable) -> bool:
    """Return whether a table has a measure, and an organization or year that it is for."""
    return (
        not table.has("voucher_number")
        and any(column.heading in MEASURES for column in table.columns)
        and (table.has("organization") or table.has("year") or has_years_across(table))
    )


def parse_figures(
    table: HeadedTable, table_no: int
) -> tuple[PrintedTable, list[PrintedFigure], list[PrintedFinding]]:
    """Return the table's record, its figures as printed, and findings about its columns."""
    where = f"Key Figures, table {table_no}"
    rows = NamedRows(table, "organization", _MEASURES)
    notes = [row for row in table.rows if _is_note(table, row)]
    noted = {row.number for row in notes}
    figures = [
        PrintedFigure(
            table_no=table_no,
            organization=said.name,
            fiscal_year=said.fiscal_year,
            measures=said.measures,
            total=said.total,
            where=f"{where}, row {row.number}",
            text=row.text,
        )
        for row in _with_parts_unclear(table)
        if row.number not in noted
        for said in rows.said_by(row)
    ]
    repeated = list(table.repeated_columns(_KEYS_AND_MEASURES, where))
    record = PrintedTable(
        table_no=table_no,
        by_year=rows.by_year,
        by_organization=table.has("organization") or rows.group is not None,
        read_in_full=rows.all_named and not (rows.has_unread_year or repeated or table.partial),
        where=where,
    )
    unread = [
        PrintedFinding("unread_text", f"{where}, row {row.number}", row.text) for row in notes
    ]
    return record, figures, [*repeated, *table.unknown_columns(_HEADINGS, where), *unread]


def _is_note(table: HeadedTable, row: BodyRow) -> bool:
    """Return whether a row is no figure but a note, such as `Source: | MPTF Office` below them.

    It shows no measure, and has another text than a year in the column of years.
    """
    year = table.text(row, "year")
    return (
        row.kind == "data"
        and text_over_rows(row) is None
        and year is not None
        and printed_year(year) is None
        and not any(
            row.cells[at] for at, column in enumerate(table.columns) if column.heading in MEASURES
        )
    )


def _with_parts_unclear(table: HeadedTable) -> list[BodyRow]:
    """Return the rows; one with a text in a column that parts figures is unclear."""
    parting = [
        at
        for at, column in enumerate(table.columns)
        if column.heading is None
        and not _PARTING.isdisjoint(map(fold_heading, column.text.split(" / ")))
    ]
    return [
        row._replace(unclear=row.unclear or "a part of a figure")
        if row.kind == "data" and any(row.cells[at] for at in parting)
        else row
        for row in table.rows
    ]
