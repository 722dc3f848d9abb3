"""Tables: which columns of an answer are shown and how, and how much of it fits on a page."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from warehouse.answers import QueryResult
from webpage.cells import Cell

_NUMBERS = {
    "money_cell", "bare_money_cell", "cents_cell", "interim_cell", "year_end_cell", "change_cell",
    "percent_cell", "bare_percent_cell", "count_cell",
}  # fmt: skip


class Column(NamedTuple):
    """A column of a query, the heading that it is shown under, and how its values are."""

    name: str
    heading: str
    cell: Cell

    @property
    def is_number(self) -> bool:
        """Whether it is set to the right."""
        return self.cell.__name__ in _NUMBERS


class Table(NamedTuple):
    """A table of one page: all or some of an answer's rows, and the SQL that gives them all."""

    name: str
    caption: str
    columns: Sequence[Column]
    body: Markup
    shown: int
    total: int
    skipped: int  # rows that stand on earlier pages
    sql: str


def lines(columns: Sequence[Column], answer: QueryResult) -> Iterator[str]:
    """Each row as HTML."""
    places = [(column.cell, answer.columns.index(column.name)) for column in columns]
    basis = answer.columns.index("basis") if "basis" in answer.columns else None
    for row in answer.rows:
        of = None if basis is None else row[basis]
        yield f"<tr>{''.join([cell(row[place], of) for cell, place in places])}</tr>\n"


def table(
    name: str, caption: str, columns: Sequence[Column], answer: QueryResult, sql: str, room: int
) -> Table:
    """As many of the first rows as fit into so many bytes; the table says where that is not all."""
    return next(tables(name, caption, columns, answer, sql, room))


def tables(
    name: str, caption: str, columns: Sequence[Column], answer: QueryResult, sql: str, room: int
) -> Iterator[Table]:
    """All rows, in tables that fit into so many bytes each; one at least."""
    total, skipped = len(answer.rows), 0
    for part in _parts(lines(columns, answer), room):
        body = Markup("".join(part))  # noqa: S704 because a cell is escaped where it is made
        yield Table(name, caption, columns, body, len(part), total, skipped, sql)
        skipped += len(part)


def _parts(all_lines: Iterator[str], room: int) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for line in all_lines:
        width = len(line) if line.isascii() else len(line.encode())
        if part and size + width > room:
            yield part
            part, size = [], 0
        part.append(line)
        size += width
    yield part
