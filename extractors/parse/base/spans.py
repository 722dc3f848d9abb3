"""Spans as browsers read them: where each cell of a table stands, and how far it reaches.

HTML's own algorithm: a cell takes the first free place of its row; a row span ends with its group
of rows, and 0 means to that end. Then rows and columns that are not shown are taken out, and so are
those in which no cell begins: they have no height or width of their own. What is left is the grid
that a reader sees.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

from extractors.page_kinds import PageRefusedError
from extractors.parse.base.blocks import Cell
from extractors.records import LAID_OVER

MOST_COLUMNS, MOST_ROWS = 400, 20_000
_MOST_PLACES = 300_000  # rows by columns, where cells span
_MOST_CHARACTERS = 16 * 2**20  # of the texts of all places, where cells span: as of a whole page
_MOST_COLUMNS_SPANNED, _MOST_ROWS_SPANNED = 1_000, 65_534  # HTML's limits
_MOST_TOGETHER = 8  # of the cells that lie over each other
_NUMBER = re.compile(r"[ \t\n\f\r]*\+?0*([0-9]{1,9})")
_EMPTY = Cell("")


class Row(NamedTuple):
    """A row before its cells are placed; `shown` is False if it is collapsed."""

    cells: list[Cell]
    shown: bool = True


class _Placed(NamedTuple):
    cell: Cell
    row: int
    column: int
    rows: int
    columns: int

    def places(self) -> Iterator[tuple[int, int]]:
        """Yield the row and column of each place."""
        for row in range(self.row, self.row + self.rows):
            for column in range(self.column, self.column + self.columns):
                yield row, column


def read_span(printed: str | None, *, of_rows: bool = False) -> int:
    """Return a span by HTML's rules: rubbish behind digits is ignored, no digits mean 1.

    A row span of 0 stays 0; a column span of 0 is 1.
    """
    found = _NUMBER.match(printed or "")
    if found is None:
        return 1
    number = int(found[1])
    return min(number, _MOST_ROWS_SPANNED) if of_rows else min(number or 1, _MOST_COLUMNS_SPANNED)


def place(
    groups: Sequence[Sequence[Row]], collapsed: Collection[int]
) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows that are shown, with spans that end where the grid does.

    Where cells lie over each other, each of their places has the texts of all of them, so that none
    is taken for its value.

    Args:
        groups: the rows of each group (head, bodies, foot) in the order in which they are shown.
        collapsed: the columns that are not shown.

    Raises:
        PageRefusedError: the table is larger than any that is shown to people.
    """
    rows = [row for group in groups for row in group]
    placed, overlap = _placed(groups)
    width = max([cell.column + cell.columns for cell in placed], default=0)
    is_seen_whole = (
        not collapsed
        and all(row.shown for row in rows)
        and len({cell.row for cell in placed}) == len(rows)
        and len({cell.column for cell in placed}) == width
    )
    seen, height = (placed, len(rows)) if is_seen_whole else _seen(placed, rows, width, collapsed)
    columns = width if is_seen_whole else max([c.column + c.columns for c in seen], default=0)
    if columns > MOST_COLUMNS or height * columns > _MOST_PLACES:
        raise too_large(f"more than {MOST_COLUMNS} columns or {_MOST_PLACES:,} places")
    if overlap:
        seen = _in_order(_apart(seen))
    return _rows(seen, height)


def _seen(
    placed: Sequence[_Placed], rows: Sequence[Row], width: int, collapsed: Collection[int]
) -> tuple[list[_Placed], int]:
    """Return the cells that are shown, by the rows and columns that a reader sees; count the rows.

    Args:
        placed: all cells.
        rows: all rows.
        width: the number of all columns.
        collapsed: the columns that are not shown.
    """
    shown_rows = {number for number, row in enumerate(rows) if row.shown}
    shown_columns = set(range(width)).difference(collapsed)
    placed = [
        cell
        for cell in placed
        if _first(cell.row, cell.rows, shown_rows) is not None
        and _first(cell.column, cell.columns, shown_columns) is not None
    ]
    at_row = _numbering(shown_rows, [(cell.row, cell.rows) for cell in placed], len(rows))
    at_column = _numbering(shown_columns, [(cell.column, cell.columns) for cell in placed], width)
    seen = [
        _Placed(
            cell.cell,
            at_row[cell.row],
            at_column[cell.column],
            at_row[cell.row + cell.rows] - at_row[cell.row],
            at_column[cell.column + cell.columns] - at_column[cell.column],
        )
        for cell in placed
    ]
    return _in_order(seen), at_row[-1]


def _in_order(cells: Iterable[_Placed]) -> list[_Placed]:
    return sorted(cells, key=lambda cell: (cell.row, cell.column))


def _placed(groups: Sequence[Sequence[Row]]) -> tuple[list[_Placed], bool]:
    """Place every cell by HTML's algorithm; tell whether some lie over each other."""
    placed: list[_Placed] = []
    overlap = False
    start = steps = 0
    for group in groups:
        end = start + len(group)
        taken: dict[int, int] = {}  # by column: the row up to which a cell from above reaches
        for number, row in enumerate(group, start):
            column = 0
            for cell in row.cells:
                while taken.get(column, 0) > number:
                    column += 1
                    steps += 1
                rows = min(cell.rowspan or end, end - number)
                placed.append(_Placed(cell, number, column, rows, cell.colspan))
                if rows > 1 or taken:
                    for spanned in range(column, column + cell.colspan):
                        before = taken.get(spanned, 0)
                        overlap = overlap or before > number
                        taken[spanned] = max(before, number + rows)
                    steps += cell.colspan
                column += cell.colspan
                if steps > _MOST_PLACES:
                    raise too_large(f"cells that span more than {_MOST_PLACES:,} places")
        start = end
    return placed, overlap


def _first(start: int, length: int, shown: set[int]) -> int | None:
    """Return the first row or column of a span that is shown."""
    if start in shown:
        return start
    return next((at for at in range(start, start + length) if at in shown), None)


def _numbering(shown: set[int], spans: Sequence[tuple[int, int]], end: int) -> list[int]:
    """Return, for each row or column and the end, how many before it are shown and begin a cell."""
    begins = {_first(start, length, shown) for start, length in spans}
    return [0, *accumulate(at in begins for at in range(end))]


def _rows(placed: Sequence[_Placed], count: int) -> tuple[tuple[Cell, ...], ...]:
    """Return rows of cells, with empty cells in the gaps before cells."""
    rows: list[list[Cell]] = [[] for _ in range(count)]
    taken: dict[int, int] = {}
    number, column = -1, 0
    for cell in placed:
        if cell.row != number:
            number, column = cell.row, 0
        while column < cell.column:
            if taken.get(column, 0) <= number:
                rows[number].append(_EMPTY)
            column += 1
        is_as_printed = (cell.columns, cell.rows) == (cell.cell.colspan, cell.cell.rowspan)
        rows[number].append(
            cell.cell
            if is_as_printed
            else cell.cell._replace(colspan=cell.columns, rowspan=cell.rows)
        )
        column += cell.columns
        if cell.rows > 1:
            taken.update(dict.fromkeys(range(cell.column, column), number + cell.rows))
    return tuple(map(tuple, rows))


def _apart(placed: Sequence[_Placed]) -> list[_Placed]:
    """Return cells of which none lies over another.

    Those that did are parted into their places, and each of these has the texts of all of them.
    """
    at: defaultdict[tuple[int, int], list[_Placed]] = defaultdict(list)
    for cell in placed:
        for place in cell.places():
            at[place].append(cell)
    laid_over: defaultdict[_Placed, dict[_Placed, None]] = defaultdict(dict)
    for cells in at.values():
        if len(cells) > 1:
            for cell in cells:
                laid_over[cell].update(dict.fromkeys(cells))
    apart = [cell for cell in placed if cell not in laid_over]
    parted = {place: cells[0] for place, cells in at.items() if cells[0] in laid_over}
    characters = 0
    for (row, column), cell in parted.items():
        together = _together([other.cell for other in islice(laid_over[cell], _MOST_TOGETHER)])
        characters += len(together.text)
        _check_characters(characters)
        apart.append(_Placed(together, row, column, 1, 1))
    return apart


def _together(cells: Sequence[Cell]) -> Cell:
    texts = [cell.text for cell in cells]
    text = " / ".join(texts) + LAID_OVER if any(texts) else ""
    heading = all(cell.heading for cell in cells)
    return Cell(text, heading, next((cell.href for cell in cells if cell.href), None))


def spread_rows(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Repeat each cell in all rows and columns that it spans.

    Raises:
        PageRefusedError: the table is larger than any that is shown to people.
    """
    if len(rows) > MOST_ROWS or max(map(len, rows), default=0) > MOST_COLUMNS:
        raise too_large(f"more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns")
    if not any(map(spans, rows)):
        return list(map(list, rows))
    full: list[list[Cell]] = []
    characters = 0
    hanging: dict[int, tuple[int, Cell]] = {}  # by column: the row that it ends before, the cell
    for number, printed in enumerate(rows):
        hanging = {at: hung for at, hung in hanging.items() if hung[0] > number}
        row: list[Cell] = []
        for cell in printed:
            while len(row) in hanging:
                row.append(hanging[len(row)][1])
            for _ in range(min(cell.colspan, MOST_COLUMNS - len(row))):
                if cell.rowspan > 1:
                    hanging[len(row)] = (number + cell.rowspan, cell)
                row.append(cell)
        for at in range(len(row), max(hanging, default=-1) + 1):
            row.append(hanging[at][1] if at in hanging else _EMPTY)
        full.append(row)
        characters += sum(len(cell.text) for cell in row)
        _check_characters(characters)
    return full


def _check_characters(number: int) -> None:
    """Check that texts which are repeated where cells span are no more than a page has."""
    if number > _MOST_CHARACTERS:
        raise too_large(f"more than {_MOST_CHARACTERS:,} characters where cells span")


def spans(row: Sequence[Cell]) -> bool:
    """Return whether some cell of a row spans others."""
    return any(cell.rowspan > 1 or cell.colspan > 1 for cell in row)


def too_large(what: str) -> PageRefusedError:
    """Return the refusal of a table."""
    return PageRefusedError("table_too_large", f"a table has {what}")
