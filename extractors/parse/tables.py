"""Tables by their headings: never by position, never by id.

A printed table becomes a grid (spans spread), its heading rows become one meaning per column, and
its body rows come with their kind. What the columns mean is shared by figures and vouchers; what to
do with them is theirs.
"""

from collections.abc import Collection, Iterator
from itertools import zip_longest
from typing import Literal, NamedTuple

from extractors.parse.blocks import MOST_COLUMNS_SPANNED, MOST_ROWS_SPANNED, Cell, TableBlock
from extractors.parse.headings import (
    SPANNING,
    Heading,
    heading_and_year,
    is_percent,
    is_total,
    known_heading,
    printed_year,
    says_no_data,
    says_total,
)
from extractors.records import PageRefusedError, PrintedFinding

_MAX_COLUMNS = 400
_MAX_ROWS = 20_000
_NOT_AVAILABLE = frozenset({"na", "n/a"})


class Column(NamedTuple):
    """What one column holds: a heading, the year it is for where years stand across, its text."""

    heading: Heading | None
    year: str | None
    text: str


RowKind = Literal["data", "total", "group", "no_data"]


class Row(NamedTuple):
    """A body row: its cells by column, its number in the printed table (from 1) and its kind."""

    number: int
    cells: tuple[str, ...]
    hrefs: tuple[str | None, ...]
    kind: RowKind

    @property
    def text(self) -> str:
        """The row as printed."""
        return " | ".join(self.cells)


class Grid:
    """A table that was understood as far as its headings go: its columns and its rows."""

    __slots__ = ("_places", "columns", "rows")

    def __init__(self, columns: tuple[Column, ...], rows: tuple[Row, ...]) -> None:
        self.columns = columns
        self.rows = rows
        self._places: dict[Heading | None, int] = {}
        for at, column in enumerate(columns):
            self._places.setdefault(column.heading, at)

    def has(self, heading: Heading) -> bool:
        """Whether some column has this heading."""
        return heading in self._places

    @property
    def year_first(self) -> bool:
        """Whether the year stands before the organization."""
        return self._places.get("year", 1) < self._places.get("organization", 0)

    def texts(self, heading: Heading) -> Iterator[str | None]:
        """The text under a heading in each row; None where there is no such column or no text."""
        at = self._places.get(heading)
        return (None if at is None else row.cells[at] or None for row in self.rows)

    def first(self, row: Row, heading: Heading) -> str | None:
        """The text under a heading in a row; None where there is no such column or no text."""
        at = self._places.get(heading)
        return None if at is None else row.cells[at] or None


def column_finding(grid: Grid, at: int, kind: str, where: str) -> PrintedFinding:
    """A column that is not read, with its heading and everything that stands in it."""
    values = " | ".join(row.cells[at] for row in grid.rows)
    return PrintedFinding(kind, f"{where}, column {at + 1}", f"{grid.columns[at].text}: {values}")


def repeated_columns(
    grid: Grid, headings: Collection[Heading | None], where: str
) -> Iterator[PrintedFinding]:
    """Columns that mean what an earlier one means: the earlier one counts, the text is kept."""
    seen: set[tuple[Heading | None, str | None]] = set()
    for at, column in enumerate(grid.columns):
        if column.heading in headings:
            if (column.heading, column.year) in seen and any(row.cells[at] for row in grid.rows):
                yield column_finding(grid, at, "repeated_heading", where)
            seen.add((column.heading, column.year))


def read_grid(table: TableBlock) -> Grid:
    """Spread spans, find the heading rows and give every column its meaning."""
    spread = _spread(table)
    at = _below_caption(spread)
    heads: list[list[Cell]] = []
    while at < len(spread) and _is_heading_row(spread[at], spread[at + 1 :], heads):
        heads.append(spread[at])
        at += 1
    width = max(map(len, spread), default=0)
    heads = _fill_spans(heads)
    columns = tuple(_column([row[n] for row in heads if n < len(row)]) for n in range(width))
    printed = {tuple(cell.text for cell in row) for row in heads}
    linked = not table.plain and any(cell.href for row in spread for cell in row)
    rows = tuple(_rows(spread[at:], at, width, printed, linked=linked))
    return Grid(columns, rows)


def _spread(table: TableBlock) -> list[list[Cell]]:
    """The grid with spans filled in; as a browser has it, they end where the table does.

    Raises:
        PageRefusedError: the table is larger than any that is shown to people.
    """
    if len(table.rows) > _MAX_ROWS or max(map(len, table.rows), default=0) > _MAX_COLUMNS:
        raise _too_large(f"more than {_MAX_ROWS:,} rows or {_MAX_COLUMNS} columns")
    if table.plain:
        return list(map(list, table.rows))
    spans = [cell for row in table.rows for cell in row if cell.rowspan > 1 or cell.colspan > 1]
    if not spans:
        return list(map(list, table.rows))
    if any(
        cell.rowspan > MOST_ROWS_SPANNED or cell.colspan > MOST_COLUMNS_SPANNED for cell in spans
    ):
        raise _too_large("a cell that spans more than HTML allows")
    spread: list[list[Cell]] = []
    hanging: dict[int, tuple[int, Cell]] = {}  # column -> rows still to fill, cell
    for printed in table.rows:
        row: list[Cell] = []
        cells = iter(printed)
        while len(row) < _MAX_COLUMNS:
            if (hung := hanging.get(len(row))) is not None:
                rows_left, cell = hung
                if rows_left == 1:
                    del hanging[len(row)]
                else:
                    hanging[len(row)] = (rows_left - 1, cell)
                row.append(cell)
                continue
            following = next(cells, None)
            if following is None:
                break
            for _ in range(min(following.colspan, _MAX_COLUMNS - len(row))):
                if following.rowspan > 1:
                    hanging[len(row)] = (following.rowspan - 1, following)
                row.append(following)
        spread.append(row)
    return spread


def _too_large(what: str) -> PageRefusedError:
    return PageRefusedError("table_too_large", f"a table has {what}")


def _below_caption(spread: list[list[Cell]]) -> int:
    """Where the headings begin: below blank rows, and a row that is one text over the width."""
    at = 0
    width = max(map(len, spread), default=0)
    while at < len(spread):
        texts = {cell.text for cell in spread[at] if cell.text}
        text = next(iter(texts), "")
        one_over_all = len(texts) == 1 and width > 1 and known_heading(text) is None
        if texts and (not one_over_all or printed_year(text) or _is_no_data(text)):
            break
        at += 1
    return at


def _is_heading_row(row: list[Cell], below: list[list[Cell]], heads: list[list[Cell]]) -> bool:
    texts = [cell.text for cell in row if cell.text]
    if not texts:
        return False
    if heads and (_is_keyed(row, heads) or _is_group(row, texts, heads)):
        return False
    if all(cell.heading for cell in row if heads or cell.text):
        return not _sums(texts[0]) or not heads
    known = sum(known_heading(text) is not None for text in texts)
    years = sum(printed_year(text) is not None for text in texts)
    if heads:  # a second heading row repeats nothing but measures, years and what spans down
        under_measure = all(
            at < len(heads[-1]) and known_heading(heads[-1][at].text) in SPANNING
            for at, cell in enumerate(row)
            if cell.text
        )
        return known + years == len(texts) and (known > 0 or years > 1 or under_measure)
    if years == len(texts) and below:  # years alone, over the row of headings proper
        return _is_heading_row(below[0], [], [])
    return known > 0 and (known + years) * 2 >= len(texts) and not _sums(texts[0])


def _is_keyed(row: list[Cell], heads: list[list[Cell]]) -> bool:
    """Whether a row says what its figures are for, so that a `2000` in it is an amount."""
    return any(
        (printed_year(cell.text) or _sums(cell.text)) and any(_is_key(head, at) for head in heads)
        for at, cell in enumerate(row)
        if cell.text
    )


def _is_key(head: list[Cell], at: int) -> bool:
    """Whether a column's heading, which spans no other, says that years or organizations follow."""
    if at >= len(head) or known_heading(head[at].text) not in {"year", "organization"}:
        return False
    return sum(cell.text == head[at].text for cell in head) == 1


def _is_group(row: list[Cell], texts: list[str], heads: list[list[Cell]]) -> bool:
    """Whether a row below headings is one text over those below it, its span perhaps lost."""
    if len(set(texts)) > 1:
        return False
    if 1 < len(row) == len(texts):
        return True
    headed = any(head[0].text for head in heads if head)
    return headed and bool(row[0].text) and known_heading(row[0].text) is None


def _sums(text: str) -> bool:
    """Whether a text says that it sums others, and is no measure (`Total Approved Budget`)."""
    return is_total(text) and known_heading(text) in {None, "total"}


def _fill_spans(heads: list[list[Cell]]) -> list[list[Cell]]:
    """Text captures leave the cells blank over which a heading spanned: it holds for them too."""
    filled = []
    for row, below in zip_longest(heads, heads[1:]):
        cells = list(row)
        for at in range(1, len(cells) if below is not None else 0):
            left = cells[at - 1]
            spans = printed_year(left.text) or known_heading(left.text) in SPANNING
            if not cells[at].text and spans and at < len(below or []) and (below or [])[at].text:
                cells[at] = left
        filled.append(cells)
    return filled


def _column(cells: list[Cell]) -> Column:
    return _column_of(tuple(dict.fromkeys(cell.text for cell in cells if cell.text)))


def _column_of(texts: tuple[str, ...]) -> Column:
    year = next((found for text in texts if (found := printed_year(text))), None)
    meanings = [heading_and_year(text) for text in texts]
    year = year or next((within for _, within in meanings if within), None)
    known = [heading for heading, _ in meanings if heading is not None]
    measures = [heading for heading in known if heading != "total"]
    if year is not None and len(measures) > 1:  # a heading over the years themselves
        measures = [heading for heading in measures if heading != "year"]
    heading = measures[-1] if measures else (known[0] if known else None)
    if heading != "delivery_rate" and any(map(is_percent, texts)):
        heading = None
    if "total" in known and measures:
        year = "total"
    return Column(heading, year, " / ".join(texts))


def _rows(
    body: list[list[Cell]], before: int, width: int, heads: set[tuple[str, ...]], *, linked: bool
) -> Iterator[Row]:
    blank = (None,) * width
    first_heads = {texts[0] for texts in heads if texts}
    for number, row in enumerate(body, start=before + 1):
        texts = tuple([cell[0] for cell in row])
        filled = list(filter(None, texts))
        if not filled or (texts[0] in first_heads and texts in heads):
            continue
        short = width - len(texts)
        cells = texts + ("",) * short if short else texts
        hrefs = tuple([cell.href for cell in row]) + (None,) * short if linked else blank
        # A third of the time that the class itself takes, and there are many rows.
        yield tuple.__new__(Row, (number, cells, hrefs, _kind(texts, filled, width)))


def _is_no_data(text: str) -> bool:
    return says_no_data(text) or text.lower() in _NOT_AVAILABLE


def _kind(texts: tuple[str, ...], filled: list[str], width: int) -> RowKind:
    first = filled[0]
    if says_total(first):
        return "total"
    if len(filled) > 1 and filled[1] != first:  # no one text over the row, as most are
        return "data"
    if len(set(filled)) == 1:
        if _is_no_data(first):
            return "no_data"
        if width > 1 and (len(texts) == 1 or len(filled) == len(texts)):
            return "group"
    return "data"
