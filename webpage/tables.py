"""Tables: the columns shown of a query's result, and how its rows are divided into pages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from warehouse.answers import QueryResult, Row, answer, ready
from warehouse.connection import Connection
from webpage import cells
from webpage.cells import Cell, NumberCell
from webpage.pages import PageFolder, WrittenFile
from webpage.render import write_html

LIST_BYTES = 400_000  # of one page
_HEADS = 256  # more than there are tables with different columns
# Columns that together tell a row from the others of its table.
_KEYS = {
    "check_name", "contributor", "country", "document_title", "fiscal_year", "fund_code",
    "known_from", "label", "measure", "organization", "programme_id", "restated_at", "subject",
    "voucher_number",
}  # fmt: skip
_READ = re.compile(r"(?<=FROM |JOIN )(?:core|mart|meta)\.\w+\b(?!\()")


class Column(NamedTuple):
    """A column of a query, its heading on the page, and the function that makes its cells.

    Attributes:
        optional: leave it out of a table in which all its values are NULL.
        beside: the query's column whose value each cell takes as well: by default the basis.
        main: show it on a phone before all columns are asked for, as the first one always is.
    """

    name: str
    heading: str
    cell: Cell
    optional: bool = False
    beside: str = "basis"
    main: bool = False

    @property
    def is_number(self) -> bool:
        """Whether the heading is right-aligned."""
        return isinstance(self.cell, NumberCell)

    @property
    def is_key(self) -> bool:
        """Whether its values help to tell a row from others."""
        return self.name in _KEYS

    @property
    def shows_basis(self) -> bool:
        """Whether each cell is marked with the basis of its row."""
        return isinstance(self.cell, NumberCell) and self.cell.basis == cells.BASIS_OF_ROW


NOT_COVERED = Column("not_covered", "Left out of these sums", cells.note_cell, optional=True)


class TableSpec(NamedTuple):
    """A table of a page: its query, name, caption, columns and limit in bytes."""

    query: str
    name: str
    caption: str
    columns: Sequence[Column]
    limit: int


class Table(NamedTuple):
    """A table of one page: some or all rows of a result, and the SQL that returns all of them."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    body: Markup
    shown: int
    total: int
    skipped: int  # rows on earlier pages
    sql: str

    @property
    def leaves_out(self) -> bool:
        """Whether a row names something that its sums leave out."""
        return NOT_COVERED in self.columns

    @property
    def files(self) -> list[str]:
        """The release's CSV files from which all rows of the table come, of all subjects."""
        return [f"{name}.csv" for name in dict.fromkeys(_READ.findall(self.sql))]

    @property
    def head(self) -> Markup:
        """The headings of the columns."""
        return _head(self.columns)

    @property
    def less_important(self) -> str:
        """The classes that name the columns which a phone does not show at first."""
        return _less_important(self.columns)


class ListText(NamedTuple):
    """The words on the pages of a list: title, introduction, and what stands for no rows."""

    title: str
    lead: str
    nothing: str


_CAPTURE_COLUMNS = (
    Column("capture_id", "Capture", cells.capture_id_cell),
    Column("captured_at", "Seen", cells.second_cell, main=True),
    Column("source_url", "URL", cells.url_cell),
    Column("body_sha256", "SHA-256 of the page", cells.hash_cell),
)


def html_rows(columns: Sequence[Column], result: QueryResult) -> Iterator[str]:
    """Yield each row as HTML."""
    places = {name: place for place, name in enumerate(result.columns)}
    shown = [(column.cell, places[column.name], places.get(column.beside)) for column in columns]
    for row in result.rows:
        made = [
            cell(row[place], None if beside is None else row[beside])
            for cell, place, beside in shown
        ]
        yield f"<tr>{''.join(made)}</tr>\n"


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
    columns = tuple(
        column for column in columns if not column.optional or _has(result, column.name)
    )
    for part in _split(html_rows(columns, result), limit):
        body = Markup("".join(part))  # noqa: S704 because each cell function escapes its value
        yield Table(name, caption, columns, body, len(part), total, skipped, sql)
        skipped += len(part)


def page_tables(
    specs: Sequence[TableSpec], own: Mapping[str, QueryResult], sql: Mapping[str, str]
) -> dict[str, Table | None]:
    """Return a page's tables by name; None where its subject has no row."""
    return {
        spec.name: first_table(
            spec.name, spec.caption, spec.columns, own[spec.query], sql[spec.query], spec.limit
        )
        if spec.query in own
        else None
        for spec in specs
    }


def list_tables(
    con: Connection, query: str, name: str, caption: str, columns: Sequence[Column]
) -> list[Table]:
    """Return the tables of a list's pages, with all rows of its query."""
    result = answer(con, query)
    return list(tables(name, caption, columns, result, ready(query), LIST_BYTES))


def write_list(
    folder: PageFolder, parts: list[Table], total: object, template: str | None = None,
    **values: object,
) -> Iterator[WrittenFile]:  # fmt: skip
    """Write the pages of a list, by a template: the one of its name, if no other is given.

    `total` also counts the rows that the list's query leaves out.
    """
    name = parts[0].name
    pages = page_names(name, len(parts))
    for number, part in enumerate(parts):
        yield write_html(
            folder, pages[number], template or name, table=part, number=number, pages=pages,
            total=total, **values,
        )  # fmt: skip


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


@lru_cache(_HEADS)
def _head(columns: tuple[Column, ...]) -> Markup:
    """Return the headings, with what the scripts of a page must know of each column."""
    return Markup().join(map(_heading, columns))


def _heading(column: Column) -> Markup:
    number = Markup(' class="n"') if column.is_number else ""
    key = " data-key" if column.is_key else ""
    basis = Markup(' data-basis="{}"').format(column.beside) if column.shows_basis else ""
    return Markup('<th scope="col" data-column="{}"{}{}{}>{}</th>\n').format(
        column.name, number, key, basis, column.heading
    )


@lru_cache(_HEADS)
def _less_important(columns: tuple[Column, ...]) -> str:
    if not any(column.main for column in columns):
        return ""
    places = (at for at, column in enumerate(columns, 1) if at > 1 and not column.main)
    return "".join(f" less-{place}" for place in places)


def _has(result: QueryResult, column: str) -> bool:
    place = result.columns.index(column)
    return any(row[place] is not None for row in result.rows)


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
