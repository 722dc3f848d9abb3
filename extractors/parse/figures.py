"""Key Figures: by organization and year, by organization, by year; years down or across."""

import re
from typing import get_args

from extractors.parse.headings import Heading, says_total, total_of
from extractors.parse.tables import Column, Grid, Row, column_finding, repeated_columns
from extractors.records import Measure, PrintedFigure, PrintedFinding, PrintedTable

_MEASURES: frozenset[str] = frozenset(get_args(Measure))
_YEARS = re.compile(r"\b(?:19|20)[0-9]{2}\b")
# A year that stands over the rows of its organizations.
_YEAR_OVER_ROWS = re.compile(
    r"(?:(?:fiscal |financial )?year\s*:?\s*|fy\s*)?(?P<year>(?:19|20)[0-9]{2})\s*:?", re.IGNORECASE
)
_MEASURE_OF: dict[str, Measure] = {measure: measure for measure in get_args(Measure)}
_HEADINGS = _MEASURES | {"organization", "year", "total", "currency"}
_KEYS_AND_MEASURES: tuple[Heading, ...] = ("organization", "year", *get_args(Measure))


def is_figure_table(grid: Grid) -> bool:
    """Whether a table holds figures: a measure under a known heading, and what it is for."""
    if grid.has("voucher_number"):
        return False
    return any(column.heading in _MEASURES for column in grid.columns) and (
        grid.has("organization") or grid.has("year") or _years_across(grid)
    )


def read_figures(
    grid: Grid, table_no: int
) -> tuple[PrintedTable, list[PrintedFigure], list[PrintedFinding]]:
    """The rows of one table as printed, how it was read, and the headings that nobody knows."""
    where = f"Key Figures, table {table_no}"
    by_year = grid.has("year") or _years_across(grid)
    group_year: str | None = None
    figures: list[PrintedFigure] = []
    measured = _measured(grid)
    understood = True
    names_organizations = grid.has("organization")
    group: str | None = None
    year: str | None = None
    for row in grid.rows:
        if row.kind == "no_data":
            continue
        alone = _alone(row)
        if alone is not None and (found := _YEAR_OVER_ROWS.fullmatch(alone)):
            if row.kind == "group" or not grid.has("year"):
                group_year, by_year = found["year"], True
                continue
        elif row.kind == "group" or (alone is not None and grid.first(row, "year") == alone):
            group = alone
            continue
        if row.kind == "data" and names_organizations:
            printed = _organization(grid, row, group)
            if printed is not None and says_total(printed):
                total = row._replace(kind="total")
                year = _own_year(grid, row, year)
                figures += _row_figures(total, (None, year), measured, (table_no, where))
                continue
            group = printed
            understood = understood and group is not None
        year = _own_year(grid, row, year)
        of_group = group_year if row.kind == "data" or _is_subtotal(row) else None
        organization = None if row.kind == "total" and of_group else group  # the year is the group
        own = year or of_group
        if own is None and row.kind == "data" and grid.has("year"):
            own = ""  # a blank under the heading of years: not all years
        figures += _row_figures(row, (organization, own), measured, (table_no, where))
    findings = list(repeated_columns(grid, _KEYS_AND_MEASURES, where))
    understood = understood and not findings
    findings += [
        column_finding(grid, at, "unknown_heading", where)
        for at, column in enumerate(grid.columns)
        if column.heading not in _HEADINGS and any(row.cells[at] for row in grid.rows)
    ]
    table = PrintedTable(
        table_no=table_no,
        by_year=by_year,
        by_organization=grid.has("organization") or group is not None,
        read_in_full=understood,
        where=where,
    )
    return table, figures, findings


def _measured(grid: Grid) -> dict[str | None, list[tuple[int, Measure]]]:
    """The columns of measures by year, each place and measure; the first of several alike.

    A measure without a year, beside the same one of several years, is their total.
    """
    measured: dict[str | None, list[tuple[int, Measure]]] = {}
    for at, column in enumerate(grid.columns):
        measure = _measure(column)
        if measure is not None and all(
            measure != other for _, other in measured.get(column.year, [])
        ):
            measured.setdefault(column.year, []).append((at, measure))
    if None in measured and len(measured) > 1 and not grid.has("year"):
        yearly = {measure for year, columns in measured.items() if year for _, measure in columns}
        alone = measured.pop(None)
        measured[None] = [column for column in alone if column[1] not in yearly]
        sums = [column for column in alone if column[1] in yearly]
        measured["total"] = measured.get("total", []) + sums
    return {year: columns for year, columns in measured.items() if columns}


def _years_across(grid: Grid) -> bool:
    return any(column.year not in {None, "total"} for column in grid.columns)


def _organization(grid: Grid, row: Row, group: str | None) -> str | None:
    """The organization a row is for; a blank under a group of years repeats the one above."""
    printed = grid.first(row, "organization")
    if printed is None and grid.has("year") and grid.first(row, "year") is not None:
        return group
    return printed


def _row_figures(
    row: Row,
    key: tuple[str | None, str | None],
    measured: dict[str | None, list[tuple[int, Measure]]],
    where: tuple[int, str],
) -> list[PrintedFigure]:
    """One figure a row; with years across, one a row and year, and the row's total apart.

    `measured` are the columns of measures, place and measure, by the year that they are for.
    """
    organization, own_year = key
    cells = row.cells
    by_year: dict[str | None, dict[Measure, str]] = {}
    for year, columns in measured.items():
        key_year = own_year if year is None else year
        shown = {measure: cells[at] for at, measure in columns}
        by_year[key_year] = shown | by_year[key_year] if key_year in by_year else shown
    if row.kind == "total":
        organization = _summed(row, organization)
    is_total, place, text = row.kind == "total", f"{where[1]}, row {row.number}", row.text
    return [
        PrintedFigure(
            where[0],
            organization,
            None if year == "total" else year,
            measures,
            is_total or year == "total",
            place,
            text,
        )
        for year, measures in by_year.items()
    ]


def _own_year(grid: Grid, row: Row, above: str | None) -> str | None:
    """A row's own year; a total's first text is no year, though it may stand under that heading.

    Where text has lost a span, a blank before the organization repeats the year above.
    """
    if row.kind == "total":
        return _year_summed(next(filter(None, row.cells)))
    text = grid.first(row, "year")
    if text is None and grid.year_first and grid.first(row, "organization") is not None:
        return above
    return text


def _alone(row: Row) -> str | None:
    """The one text of a row that stands over those below it, its span perhaps lost in text."""
    if row.kind == "total":
        return None
    filled = list(filter(None, row.cells))
    return filled[0] if row.kind == "group" or len(filled) == 1 else None


def _is_subtotal(row: Row) -> bool:
    return next(filter(None, row.cells)).lower().lstrip("-– ").startswith("sub")


def _year_summed(text: str) -> str | None:
    """The one year in a total's first text, as in `Total 2013`; else it is of all years."""
    years = _YEARS.findall(text)
    return years[0] if len(years) == 1 else None


def _summed(row: Row, group: str | None) -> str | None:
    """The organization that a total row sums; None for all of them.

    A sub-total sums the group above it, `Total FAO` does if that is the group, and `FAO Total` says
    whose it is.
    """
    first = next(filter(None, row.cells))
    own = total_of(first)
    if own is not None:
        return None if _YEARS.search(own) else own
    is_of_group = _is_subtotal(row) or (group is not None and group.lower() in first.lower())
    return group if is_of_group else None


def _measure(column: Column) -> Measure | None:
    return _MEASURE_OF.get(column.heading or "")
