"""Tables: the columns shown of a query's result, and the number of rows that fit on a page."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from warehouse.answers import QueryResult, Row
from webpage import cells
from webpage.cells import Cell, NumberCell


class Column(NamedTuple):
    """A column of a query, its heading on the page, and the function that makes its cells."""

    name: str
    heading: str
    cell: Cell

    @property
    def is_number(self) -> bool:
        """Whether the heading is right-aligned."""
        return isinstance(self.cell, NumberCell)


class Table(NamedTuple):
    """A table of one page: some or all rows of a result, and the SQL that returns all of them."""

    name: str
    caption: str
    columns: Sequence[Column]
    body: Markup
    shown: int
    total: int
    skipped: int  # rows on earlier pages
    sql: str


_CAPTURE_COLUMNS = (
    Column("capture_id", "Capture", cells.capture_id_cell),
    Column("captured_at", "Seen", cells.second_cell),
    Column("source_url", "URL", cells.url_cell),
    Column("body_sha256", "SHA-256 of the page", cells.hash_cell),
)


def html_rows(columns: Sequence[Column], result: QueryResult) -> Iterator[str]:
    """Yield each row as HTML."""
    places = [(column.cell, result.columns.index(column.name)) for column in columns]
    basis_place = result.columns.index("basis") if "basis" in result.columns else None
    for row in result.rows:
        basis = None if basis_place is None else row[basis_place]
        yield f"<tr>{''.join([cell(row[place], basis) for cell, place in places])}</tr>\n"


def first_table(
    name: str, caption: str, columns: Sequence[Column], result: QueryResult, sql: str, limit: int
) -> Table:
    """Return a table of the first rows, as many as fit into `limit` bytes."""
    return next(tables(name, caption, columns, result, sql, limit))


def tables(
    name: str, caption: str, columns: Sequence[Column], result: QueryResult, sql: str, limit: int
) -> Iterator[Table]:
    """Yield all rows in tables of at most `limit` bytes; one empty table if there are no rows."""
    total, skipped = len(result.rows), 0
    for part in _split(html_rows(columns, result), limit):
        body = Markup("".join(part))  # noqa: S704 because each cell function escapes its value
        yield Table(name, caption, columns, body, len(part), total, skipped, sql)
        skipped += len(part)


def captures_table(results: list[QueryResult]) -> Table | None:
    """Return the captures to which the rows of a page refer, newest first; None without any."""
    names = tuple(column.name for column in _CAPTURE_COLUMNS)
    rows: set[Row] = set()
    for result in results:
        if "body_sha256" in result.columns:
            places = [result.columns.index(name) for name in names]
            rows |= {tuple(row[place] for place in places) for row in result.rows}
    found = [row for row in rows if row[0] is not None]
    if not found:
        return None
    found.sort(key=lambda row: (row[1], row[0]), reverse=True)
    captures = QueryResult(names, found)
    return first_table(
        "captures", "Captures behind this page", _CAPTURE_COLUMNS, captures, "", 120_000
    )


def page_names(stem: str, count: int) -> list[str]:
    """Return the file names of a list's pages: `missing.html`, `missing-2.html`, ..."""
    return [f"{stem}{f'-{number}' if number > 1 else ''}.html" for number in range(1, count + 1)]


def _split(rows: Iterator[str], limit: int) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for row in rows:
        width = len(row) if row.isascii() else len(row.encode())
        if part and size + width > limit:
            yield part
            part, size = [], 0
        part.append(row)
        size += width
    yield part
