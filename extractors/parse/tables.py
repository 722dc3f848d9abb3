"""Tables understood by their headings, never by position or id.

Spans are spread, the heading rows become one meaning per column, and every body row gets a kind.
Figures, vouchers, documents and lists are then taken from the result.
"""

from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from extractors.parse.blocks import Cell, TableBlock, filled_texts
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
from extractors.parse.spans import spread_rows
from extractors.records import PrintedFinding

_NOT_AVAILABLE = frozenset({"na", "n/a"})
_SpreadRows = list[list[Cell]]  # rows whose spans are spread


class HeadedColumn(NamedTuple):
    """A column: the meaning of its heading, its year if years stand across, its printed heading."""

    heading: Heading | None
    year: str | None
    text: str


RowKind = Literal["data", "total", "group", "no_data"]


class BodyRow(NamedTuple):
    """A row below the headings, with its number in the printed table (from 1).

    `shared` are the columns whose cell also stands in another row, or under another heading.
    """

    number: int
    cells: tuple[str, ...]
    hrefs: tuple[str | None, ...]
    kind: RowKind
    shared: frozenset[int] = frozenset()

    @property
    def text(self) -> str:
        """Return the row as printed."""
        return " | ".join(self.cells)

    def own_text(self, at: int) -> str:
        """Return an amount as printed; one that spans the places of others is none of them."""
        text = self.cells[at]
        shared = at in self.shared and any(map(str.isdigit, text))
        return f"{text} (in a cell for several figures)" if shared else text

    @property
    def first(self) -> str:
        """Return the first text of the row; rows of blanks are dropped before."""
        return next(filter(None, self.cells))


class HeadedTable:
    """A table with the meanings of its columns, as far as they are known, and its rows.

    `partial` is the block's.
    """

    def __init__(
        self,
        columns: tuple[HeadedColumn, ...],
        rows: tuple[BodyRow, ...],
        *,
        partial: bool = False,
    ) -> None:
        self.columns = columns
        self.rows = rows
        self.partial = partial
        self._places: dict[Heading | None, int] = {}
        for at, column in enumerate(columns):
            self._places.setdefault(column.heading, at)

    def has(self, heading: Heading) -> bool:
        """Return whether some column has this heading."""
        return heading in self._places

    @property
    def year_first(self) -> bool:
        """Return whether the year stands before the organization."""
        return self._places.get("year", 1) < self._places.get("organization", 0)

    def text(self, row: BodyRow, heading: Heading) -> str | None:
        """Return the text of a row below a heading."""
        at = self._places.get(heading)
        return None if at is None else row.cells[at] or None

    def amount(self, row: BodyRow, heading: Heading) -> str | None:
        """Return the amount of a row below a heading."""
        at = self._places.get(heading)
        return None if at is None else row.own_text(at) or None

    def column_finding(self, at: int, kind: str, where: str) -> PrintedFinding:
        """Return a finding with the heading and all texts of a column."""
        values = " | ".join(row.cells[at] for row in self.rows)
        detail = f"{self.columns[at].text}: {values}"
        return PrintedFinding(kind, f"{where}, column {at + 1}", detail)

    def repeated_columns(
        self, headings: Collection[Heading], where: str
    ) -> Iterator[PrintedFinding]:
        """Yield a finding for each column that means the same as an earlier one, which counts."""
        seen: set[tuple[Heading | None, str | None]] = set()
        for at, column in enumerate(self.columns):
            if column.heading in headings:
                if column[:2] in seen and self._has_text(at):
                    yield self.column_finding(at, "repeated_heading", where)
                seen.add(column[:2])

    def unknown_columns(
        self, headings: Collection[Heading], where: str
    ) -> Iterator[PrintedFinding]:
        """Yield a finding for each column with text whose heading is not among those known."""
        for at, column in enumerate(self.columns):
            if column.heading not in headings and self._has_text(at):
                yield self.column_finding(at, "unknown_heading", where)

    def _has_text(self, at: int) -> bool:
        return any(row.cells[at] for row in self.rows)


def unknown_table(table: HeadedTable, where: str) -> PrintedFinding:
    """Return a finding with all texts of a table whose headings are unknown."""
    texts = [column.text for column in table.columns] + [row.text for row in table.rows]
    return PrintedFinding("unknown_table", where, " / ".join(texts))


def parse_table(block: TableBlock) -> HeadedTable:
    """Spread a table's spans, find its heading rows and give every column its meaning.

    Raises:
        PageRefusedError: the table is larger than any that is shown to people.
    """
    full = spread_rows(block.rows)
    at = _below_caption(full)
    heads: _SpreadRows = []
    while at < len(full) and _is_heading_row(full[at], full[at + 1 :], heads):
        heads.append(full[at])
        at += 1
    width = max(map(len, full), default=0)
    heads = _fill_spans(heads)
    columns = tuple(_column([row[n] for row in heads if n < len(row)]) for n in range(width))
    if len(heads) > 1 and any(cell.text.startswith("=") for row in heads for cell in row):
        # A formula in rows of headings may be a year, and reach over the columns beside its own.
        columns = tuple(HeadedColumn(None, None, column.text) for column in columns)
    printed_heads = {tuple(cell.text for cell in row) for row in heads}
    rows = tuple(_body_rows(full, at, columns, printed_heads))
    return HeadedTable(columns, rows, partial=block.partial)


def _below_caption(spread: _SpreadRows) -> int:
    """Return the place of the first row that is neither blank nor one text over the whole width."""
    width = max(map(len, spread), default=0)
    for at, row in enumerate(spread):
        texts = {cell.text for cell in row if cell.text}
        text = next(iter(texts), "")
        one_over_all = len(texts) == 1 and width > 1 and known_heading(text) is None
        years_unknown = text.startswith("=") and row and not row[0].text  # a formula over measures
        if texts and (not one_over_all or printed_year(text) or _is_no_data(text) or years_unknown):
            return at
    return len(spread)


def _is_heading_row(row: list[Cell], below: _SpreadRows, heads: _SpreadRows) -> bool:
    texts = filled_texts(row)
    if not texts:
        return False
    if heads and (_names_key(row, heads) or _is_group(row, texts, heads)):
        return False
    if all(cell.heading for cell in row if heads or cell.text):
        return not _sums(texts[0]) or not heads
    known = sum(known_heading(text) is not None for text in texts)
    years = sum(printed_year(text) is not None for text in texts)
    if heads:  # below another heading row stand only measures, years and cells that span both
        under_measure = all(
            at < len(heads[-1]) and known_heading(heads[-1][at].text) in SPANNING
            for at, cell in enumerate(row)
            if cell.text
        )
        return known + years == len(texts) and (known > 0 or years > 1 or under_measure)
    if years == len(texts) and below:  # years alone, above the row with the other headings
        return _is_heading_row(below[0], [], [])
    return known > 0 and (known + years) * 2 >= len(texts) and not _sums(texts[0])


def _names_key(row: list[Cell], heads: _SpreadRows) -> bool:
    """Return whether a row has a key below such a heading, so that its `2000` is an amount."""
    return any(
        (printed_year(cell.text) or _sums(cell.text)) and any(_is_key(head, at) for head in heads)
        for at, cell in enumerate(row)
        if cell.text
    )


def _is_key(head: list[Cell], at: int) -> bool:
    """Return whether a heading is that of years or organizations, and spans no other."""
    if at >= len(head) or known_heading(head[at].text) not in {"year", "organization"}:
        return False
    return sum(cell.text == head[at].text for cell in head) == 1


def _is_group(row: list[Cell], texts: list[str], heads: _SpreadRows) -> bool:
    """Return whether a row is one text over the rows below; text captures lose its span."""
    if len(set(texts)) > 1:
        return False
    if 1 < len(row) == len(texts):
        return True
    first_is_headed = any(head[0].text for head in heads if head)
    return first_is_headed and bool(row[0].text) and known_heading(row[0].text) is None


def _sums(text: str) -> bool:
    """Return whether a text names a total and not a measure such as `Total Approved Budget`."""
    return is_total(text) and known_heading(text) in {None, "total"}


def _fill_spans(heads: _SpreadRows) -> _SpreadRows:
    """Repeat a heading in the blank cells that it spanned before a text capture lost its span.

    A heading spans those behind it that have a heading below, if it has one below itself. The
    lowest row is filled first: in `Total`, `2014`, `Budget` the blanks below `Total` are years'.
    """
    filled = heads[-1:]
    for row in heads[-2::-1]:
        below = filled[0]
        cells = list(row)
        for at in range(1, min(len(cells), len(below))):
            left = cells[at - 1]
            spans = printed_year(left.text) or known_heading(left.text) in SPANNING
            if not cells[at].text and spans and below[at].text and below[at - 1].text:
                cells[at] = left
        filled.insert(0, cells)
    return filled


def _column(cells: list[Cell]) -> HeadedColumn:
    texts = tuple(dict.fromkeys(filled_texts(cells)))
    if any(text.startswith("=") for text in texts):  # a formula, perhaps of the column's year
        return HeadedColumn(None, None, " / ".join(texts))
    meanings = [heading_and_year(text) for text in texts]
    years = [*map(printed_year, texts), *(within for _, within in meanings)]
    year = next(filter(None, years), None)
    known = [heading for heading, _ in meanings if heading is not None]
    measures = [heading for heading in known if heading != "total"]
    if year is not None and len(measures) > 1:  # a heading over the years themselves
        measures = [heading for heading in measures if heading != "year"]
    heading = measures[-1] if measures else (known[0] if known else None)
    if heading != "delivery_rate" and any(map(is_percent, texts)):
        heading = None
    if "total" in known and measures:
        year = "total"
    return HeadedColumn(heading, year, " / ".join(texts))


def _body_rows(
    spread: _SpreadRows,
    first: int,
    columns: tuple[HeadedColumn, ...],
    printed_heads: set[tuple[str, ...]],
) -> Iterator[BodyRow]:
    """Yield the rows with text below the headings, without repeated heading rows."""
    first_heads = {texts[0] for texts in printed_heads if texts}
    width = len(columns)
    for at, row in enumerate(spread[first:], start=first):
        texts = tuple(cell.text for cell in row)
        if not any(texts) or (texts[0] in first_heads and texts in printed_heads):
            continue
        short = width - len(texts)
        yield BodyRow(
            at + 1,
            texts + ("",) * short,
            tuple(cell.href for cell in row) + (None,) * short,
            _kind(texts, width),
            frozenset(_shared(spread, at, columns)),
        )


def _shared(spread: _SpreadRows, at: int, columns: tuple[HeadedColumn, ...]) -> Iterator[int]:
    """Yield the columns of a row whose cell spans other rows, or columns with other headings."""
    row = spread[at]
    for column, cell in enumerate(row):
        if (
            cell.rowspan > 1
            and any(
                column < len(spread[other]) and spread[other][column] is cell
                for other in (at - 1, at + 1)
                if 0 <= other < len(spread)
            )
        ) or (
            cell.colspan > 1
            and any(
                row[other] is cell and columns[other][:2] != columns[column][:2]
                for other in (column - 1, column + 1)
                if 0 <= other < len(row)
            )
        ):
            yield column


def _is_no_data(text: str) -> bool:
    return says_no_data(text) or text.lower() in _NOT_AVAILABLE


def _kind(texts: tuple[str, ...], width: int) -> RowKind:
    filled = list(filter(None, texts))
    first = filled[0]
    if says_total(first):
        return "total"
    if any(text != first for text in filled):
        return "data"
    if _is_no_data(first):
        return "no_data"
    is_one_over_all = width > 1 and (len(texts) == 1 or len(filled) == len(texts))
    return "group" if is_one_over_all else "data"
