"""Tables as grids of printed cells: shapes, totals, spacers and number formats, without markup."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import NamedTuple

from replica.books.layouts import Layout, TableLayout
from replica.books.shown import (
    CONTRIBUTION_MEASURES,
    MEASURES,
    AnyMeasure,
    Figure,
    Table,
    Voucher,
)


class Cell(NamedTuple):
    """A printed cell that is a heading, a link, or spans rows or columns."""

    text: str
    heading: bool = False
    colspan: int = 1
    rowspan: int = 1
    href: str | None = None


# A row of nothing but texts, which most are, or a row of cells.
Row = list[str] | list[Cell]
_BLANK = Cell("")


def cells_of(row: Row) -> list[Cell]:
    """Return any row as cells."""
    return [Cell(cell) if isinstance(cell, str) else cell for cell in row]


def texts_of(row: Row) -> list[str]:
    """Return any row as texts."""
    return [cell if isinstance(cell, str) else cell.text for cell in row]


def head(text: str, colspan: int = 1, rowspan: int = 1) -> Cell:
    """Return a heading cell."""
    return Cell(text, True, colspan, rowspan)


def amount(dollars: int | None, layout: Layout) -> str:
    """Format whole dollars in this layout."""
    if dollars is None:
        return layout.absent
    digits = f"{abs(dollars):,}"
    if layout.thousands != ",":
        digits = digits.replace(",", layout.thousands)
    if dollars < 0:
        return f"({digits})" if layout.parentheses else f"-{digits}"
    return digits


def cents(value: int, layout: Layout) -> str:
    """Format a voucher's amount with its cents."""
    return f"{amount(value // 100, layout)}.{value % 100:02d}"


def percent(tenths: int | None, layout: Layout) -> str:
    """Format a rate in percent with one decimal."""
    if tenths is None:
        return layout.absent
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}{layout.percent}"


def printed(values: tuple[int | None, ...], measure: AnyMeasure, layout: Layout) -> str:
    """Format one measure of a row."""
    shown = values[MEASURE_AT[measure]]
    return percent(shown, layout) if measure in _RATES else amount(shown, layout)


def figures_grid(table: Table, how: TableLayout, layout: Layout) -> list[Row]:
    """Return a table of figures in its layout's shape."""
    match how.shape:
        case "rows":
            rows = list(_rows(table, how, layout))
        case "groups":
            rows = list(_groups(table, how, layout))
        case "spanned_organization" | "spanned_year":
            rows = list(_spanned(table, how, layout))
        case _:
            rows = list(_across(table, how, layout))
    width = sum(cell.colspan for cell in cells_of(rows[0]))
    if how.caption:
        rows.insert(0, [head(how.caption, colspan=width)])
    return _spaced(rows, width) if how.spacers else rows


def vouchers_grid(vouchers: Iterable[Voucher], layout: Layout, *, total: bool) -> list[Row]:
    """Return a voucher table; its total is that of the given vouchers."""
    rows: list[Row] = [[head(text) for text in layout.voucher_headings]]
    whole = 0
    for voucher in vouchers:
        whole += voucher.cents
        rows.append([
            voucher.number, day(voucher.voucher_date), voucher.organization_printed,
            cents(voucher.cents, layout), voucher.status,
        ])  # fmt: skip
    if len(rows) == 1:
        return [*rows, [Cell("No vouchers found", colspan=5)]]
    if total:
        rows.append(["Total", "", "", cents(whole, layout), ""])
    return rows


def day(when: date) -> str:
    """Format a date as the site prints it: `2 Nov 2007`."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def _keys(figure: Figure, how: TableLayout) -> list[str]:
    organization, year = figure.organization_printed or "", f"{how.year_prefix}{figure.fiscal_year}"
    if how.grain == "organization":
        return [organization]
    if how.grain == "year":
        return [year]
    return [year, organization] if how.year_first else [organization, year]


def _key_headings(how: TableLayout) -> list[Cell]:
    organization, year = head(how.organization), head(how.year)
    if how.grain == "organization":
        return [organization]
    if how.grain == "year":
        return [year]
    return [year, organization] if how.year_first else [organization, year]


def _values(figure: Figure, how: TableLayout, layout: Layout) -> list[str]:
    return [printed(figure.values, measure, layout) for measure in how.measures]


def _headings(how: TableLayout) -> list[Cell]:
    return [head(how.headings[measure]) for measure in how.measures]


def _total(label: str, figure: Figure, how: TableLayout, layout: Layout, keys: int) -> Row:
    return [label, *[""] * (keys - 1), *_values(figure, how, layout)]


def _rows(table: Table, how: TableLayout, layout: Layout) -> Iterator[Row]:
    headings = _key_headings(how)
    yield [*headings, *_headings(how)]
    total = _total(how.total_label, table.total, how, layout, len(headings))
    if how.total == "top":
        yield total
    for figure in table.rows:
        yield [*_keys(figure, how), *_values(figure, how, layout)]
    if how.total == "bottom":
        yield total


def _groups(table: Table, how: TableLayout, layout: Layout) -> Iterator[Row]:
    """Yield each organization in a row of its own, its years below it."""
    yield [head(how.year), *_headings(how)]
    width = 1 + len(how.measures)
    for organization, group in groupby(table.rows, lambda figure: figure.organization_printed):
        yield [Cell(organization or "", colspan=width)]
        figures = list(group)
        for figure in figures:
            yield [str(figure.fiscal_year), *_values(figure, how, layout)]
        yield _total("Sub-total", _sum(figures), how, layout, 1)
    if how.total == "bottom":
        yield _total(how.total_label, table.total, how, layout, 1)


def _sum(figures: list[Figure]) -> Figure:
    """Return a sub-total of printed dollars; it has no rate."""
    columns = zip(*(figure.values[:-1] for figure in figures), strict=True)
    known = [[dollars for dollars in column if dollars is not None] for column in columns]
    return Figure(None, None, None, (*(sum(column) if column else None for column in known), None))


def _spanned(table: Table, how: TableLayout, layout: Layout) -> Iterator[Row]:
    """Yield rows in which the first key's cell spans all rows that share it."""
    headings = _key_headings(how)
    yield [*headings, *_headings(how)]
    for first, group in groupby(table.rows, lambda figure: _keys(figure, how)[0]):
        figures = list(group)
        for at, figure in enumerate(figures):
            row = [_keys(figure, how)[1], *_values(figure, how, layout)]
            yield row if at else [Cell(first, rowspan=len(figures)), *cells_of(row)]
    if how.total == "bottom":
        yield _total(how.total_label, table.total, how, layout, len(headings))


def _across(table: Table, how: TableLayout, layout: Layout) -> Iterator[Row]:
    """Yield two heading rows, then an organization a row with a cell per measure and year."""
    years = sorted({figure.fiscal_year for figure in table.rows if figure.fiscal_year})
    cells = {(row.organization_printed, row.fiscal_year): row.values for row in table.rows}
    if how.shape == "measures_over_years":
        columns = [(measure, year) for measure in how.measures for year in years]
        yield [head(how.organization, rowspan=2),
               *(head(how.headings[m], colspan=len(years)) for m in how.measures)]  # fmt: skip
        yield [head(str(year)) for _, year in columns]
    elif how.shape == "years_over_measures":
        columns = [(measure, year) for year in years for measure in how.measures]
        yield [head(how.organization, rowspan=2),
               *(head(str(year), colspan=len(how.measures)) for year in years)]  # fmt: skip
        yield [head(how.headings[measure]) for measure, _ in columns]
    else:
        columns = [(how.measures[0], year) for year in years]
        yield [head(how.organization, rowspan=2),
               head(how.headings[how.measures[0]], colspan=len(years))]  # fmt: skip
        yield [head(str(year)) for year in years]
    absent = (None,) * len(MEASURES)
    for organization in dict.fromkeys(figure.organization_printed for figure in table.rows):
        yield [
            organization or "",
            *(
                printed(cells.get((organization, year), absent), measure, layout)
                for measure, year in columns
            ),
        ]


def _spaced(rows: list[Row], width: int) -> list[Row]:
    """Add a blank row behind every third, and a blank column before the last."""
    spaced: list[Row] = []
    for at, row in enumerate(rows):
        if len(row) == 1:
            spaced.append([cells_of(row)[0]._replace(colspan=width + 1)])
        else:
            *others, last = cells_of(row)
            spaced.append([*others, _BLANK, last])
        if at % 3 == 2:  # noqa: PLR2004 because it is every third
            spaced.append([Cell("\u00a0", colspan=width + 1)])
    return spaced


MEASURE_AT: dict[AnyMeasure, int] = {
    measure: at
    for measures in (MEASURES, CONTRIBUTION_MEASURES)
    for at, measure in enumerate(measures)
}
_RATES: frozenset[AnyMeasure] = frozenset({"delivery_rate", "deposit_rate"})
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
