"""Tables understood by their headings, never by position or id.

Spans are spread, the heading rows become one meaning per column, and every body row gets a kind.
Figures, vouchers, documents and lists are then taken from the result.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from extractors.parse.base.blocks import Cell, TableBlock
from extractors.parse.base.cells import is_mark_alone
from extractors.parse.base.spans import spans, spread_rows
from extractors.parse.tables.heading_rows import (
    HeadedColumn,
    SpreadRows,
    TableHead,
    is_no_data,
    read_head,
)
from extractors.parse.tables.headings import (
    AMOUNTS,
    KEYS,
    Heading,
    heading_and_year,
    printed_year,
    says_total,
)
from extractors.parse.tables.numbers import is_another_amount
from extractors.records import PrintedFinding

_AMOUNTS: frozenset[str] = frozenset({"amount", *AMOUNTS})
_BEGINS_LIKE_AMOUNT = re.compile(r"\W*+(?:USD?\W*+)?\d", re.IGNORECASE)
_NOWHERE: frozenset[int] = frozenset()
RowKind = Literal["data", "total", "group", "no_data"]


class BodyRow(NamedTuple):
    """A row below the headings, with its number in the printed table (from 1).

    `shared` are the columns whose cell also stands in another row, or under another heading.
    `unclear` tells why it is not known what the row's figures are of; it is empty if that is known.
    """

    number: int
    cells: tuple[str, ...]
    hrefs: tuple[str | None, ...]
    kind: RowKind
    shared: frozenset[int] = frozenset()
    unclear: str = ""

    @property
    def text(self) -> str:
        """Return the row as printed."""
        return " | ".join(self.cells)

    def own_text(self, at: int) -> str:
        """Return an amount as printed; one that spans the places of others is none of them.

        Nor is one of a row of which it is unclear whose it is.
        """
        text = self.cells[at]
        is_shared = at in self.shared
        if not (is_shared or self.unclear) or not any(map(str.isdigit, text)):
            return text
        why = "in a cell for several figures" if is_shared else self.unclear
        return f"{text} ({why})"

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
        of_meaning: defaultdict[tuple[Heading, str | None], list[int]] = defaultdict(list)
        for at, column in enumerate(columns):
            self._places.setdefault(column.heading, at)
            if column.heading is not None:
                of_meaning[column.heading, column.year].append(at)
        self._differing = frozenset(
            at for places in of_meaning.values() if self._differ(places) for at in places
        )

    def has(self, heading: Heading) -> bool:
        """Return whether some column has this heading."""
        return heading in self._places

    def stands_before(self, heading: Heading, other: Heading) -> bool:
        """Return whether two headings are there, one before the other."""
        places = self._places
        return heading in places and other in places and places[heading] < places[other]

    def text(self, row: BodyRow, heading: Heading) -> str | None:
        """Return the text of a row below a heading."""
        at = self._places.get(heading)
        return None if at is None else row.cells[at] or None

    def amount(self, row: BodyRow, heading: Heading) -> str | None:
        """Return the amount of a row below a heading."""
        at = self._places.get(heading)
        return None if at is None else self.amount_at(row, at) or None

    def amount_at(self, row: BodyRow, at: int) -> str:
        """Return the amount of a row in a column.

        It is none if another column of the same meaning has another amount, in whichever row.
        """
        text = row.own_text(at)
        is_doubtful = at in self._differing and any(map(str.isdigit, text))
        return f"{text} (of columns with one meaning that differ)" if is_doubtful else text

    def href(self, row: BodyRow, heading: Heading) -> str | None:
        """Return the link of a row below a heading."""
        at = self._places.get(heading)
        return None if at is None else row.hrefs[at]

    def column_finding(self, at: int, kind: str, where: str) -> PrintedFinding:
        """Return a finding with the heading and all texts of a column."""
        values = " | ".join(row.cells[at] for row in self.rows)
        detail = f"{self.columns[at].text}: {values}"
        return PrintedFinding(kind, f"{where}, column {at + 1}", detail)

    def repeated_columns(
        self, headings: Collection[Heading], where: str
    ) -> Iterator[PrintedFinding]:
        """Yield a finding for each column that means the same as an earlier one.

        The earlier one counts; of amounts only if the two agree.
        """
        seen: set[tuple[Heading | None, str | None]] = set()
        for at, column in enumerate(self.columns):
            if column.heading in headings:
                if column[:2] in seen and self.has_text(at):
                    yield self.column_finding(at, "repeated_heading", where)
                seen.add(column[:2])

    def unknown_columns(
        self, headings: Collection[Heading], where: str
    ) -> Iterator[PrintedFinding]:
        """Yield a finding for each column with text whose heading is not among those known."""
        for at, column in enumerate(self.columns):
            if column.heading not in headings and self.has_text(at):
                yield self.column_finding(at, "unknown_heading", where)

    def has_text(self, at: int) -> bool:
        """Return whether some row has a text in a column."""
        return any(row.cells[at] for row in self.rows)

    def _differ(self, places: Sequence[int]) -> bool:
        """Return whether some column has another amount than the first of them."""
        first, *others = places
        return any(
            is_another_amount(row.cells[at], row.cells[first]) for at in others for row in self.rows
        )


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
    head = read_head(full)
    rows = _under_no_year(list(_body_rows(full, head)), head.columns)
    rows = _without_heading(rows, head.columns)
    return HeadedTable(head.columns, tuple(rows), partial=block.partial)


def _body_rows(spread: SpreadRows, head: TableHead) -> Iterator[BodyRow]:
    """Yield the rows with text below the headings, without repeated heading rows."""
    top = [cell.text for cell in spread[0]] if head.end else []
    first_heads = {texts[0] for texts in head.printed if texts}
    width = len(head.columns)
    lowest = spread[head.end - 1] if head.end else []
    is_below_others = False
    for at, row in enumerate(spread[head.end :], start=head.end):
        texts = tuple([cell.text for cell in row])
        if any(map(is_mark_alone, texts)):
            texts = _without_marks(texts, head.columns)
        if not any(texts):
            continue
        if texts[0] in first_heads and texts in head.printed:
            is_below_others = is_below_others and list(texts) != top
            continue
        of_head = {at for at, cell in enumerate(row[: len(lowest)]) if cell is lowest[at]}
        own = [("" if at in of_head else text) for at, text in enumerate(texts)]
        is_below_others = is_below_others or _are_other_headings(own, head.columns)
        short = width - len(texts)
        shared = under_several = _NOWHERE
        if spans(row):
            under_several = frozenset(_under_several(row, head.columns))
            shared = under_several.union(_of_several_rows(spread, at))
        kind = _kind(texts, width)
        unclear = ""
        if is_below_others:
            unclear = "below other headings"
        elif kind == "data":
            is_beside_heading = any(head.columns[n].heading in KEYS for n in of_head & shared)
            unclear = _unclear(texts, head.columns, under_several, is_beside_heading)
        yield BodyRow(
            at + 1,
            texts + ("",) * short,
            tuple([cell.href for cell in row]) + (None,) * short,
            kind,
            shared,
            unclear,
        )


def _are_other_headings(texts: Sequence[str], columns: Sequence[HeadedColumn]) -> bool:
    """Return whether a row is one of headings, with another for some amounts than stands above.

    A second table begins with such a row where both are printed as one.
    """
    placed = [
        (text, *heading_and_year(text), column)
        for text, column in zip(texts, columns, strict=False)
        if text and (column.heading in AMOUNTS or column.heading in KEYS)
    ]
    of_amounts = [one for one in placed if one[3].heading in AMOUNTS]
    names_amounts = any(meaning in AMOUNTS for _, meaning, _, _ in of_amounts)
    is_one_over_all = len({text for text, *_ in placed}) == 1 < len(placed)
    repeats_key = not is_one_over_all and any(
        meaning in KEYS and column.heading in KEYS for _, meaning, _, column in placed
    )
    has_figures = any(
        (_BEGINS_LIKE_AMOUNT.match(text) and meaning is None and not printed_year(text))
        if column.heading in AMOUNTS
        else column.heading == "year" and printed_year(text)
        for text, meaning, _, column in placed
    )
    return (
        not has_figures
        and (repeats_key or names_amounts)
        and any(
            _is_another_heading(meaning, year or printed_year(text), column)
            for text, meaning, year, column in of_amounts
        )
    )


def _is_another_heading(meaning: Heading | None, year: str | None, column: HeadedColumn) -> bool:
    """Return whether a heading says something else than a column's, or nothing that is known."""
    if meaning is None and year is None:
        return True
    return meaning not in {None, column.heading} or year not in {None, column.year}


def _under_no_year(rows: list[BodyRow], columns: Sequence[HeadedColumn]) -> list[BodyRow]:
    """Return rows; one with a text in a column of years without such a heading is unclear."""
    if any(column.heading == "year" or column.year for column in columns):
        return rows
    of_name = next((at for at, one in enumerate(columns) if one.heading == "organization"), None)
    places = [
        at
        for at, column in enumerate(columns)
        if column.heading in {None, "organization"}
        and at != of_name
        and any(row.kind == "data" and printed_year(row.cells[at]) for row in rows)
    ]
    return [
        row._replace(unclear=row.unclear or "beside a year under no such heading")
        if row.kind == "data" and any(row.cells[at] for at in places)
        else row
        for row in rows
    ]


def _without_heading(rows: list[BodyRow], columns: Sequence[HeadedColumn]) -> list[BodyRow]:
    """Return rows; one with a number under no heading, where others have none, is unclear.

    It has a cell too many, so that any of its figures may stand under the wrong heading.
    """
    for at, column in enumerate(columns):
        if column.text:
            continue
        filled = [row.kind == "data" and any(map(str.isdigit, row.cells[at])) for row in rows]
        if any(filled) and any(row.kind == "data" and not row.cells[at] for row in rows):
            rows = [
                row._replace(unclear=row.unclear or "beside a number under no heading")
                if displaced
                else row
                for row, displaced in zip(rows, filled, strict=True)
            ]
    return rows


def _without_marks(texts: Sequence[str], columns: Sequence[HeadedColumn]) -> tuple[str, ...]:
    """Return a row's texts without marks that stand alone, but beside a key for an amount."""
    alone = [is_mark_alone(text) for text in texts]
    has_key = any(text and not mark for text, mark in zip(texts, alone, strict=True))
    return tuple(
        "" if mark and not (has_key and column.heading in _AMOUNTS) else text
        for text, mark, column in zip(texts, alone, columns, strict=False)
    )


def _unclear(
    texts: tuple[str, ...],
    columns: tuple[HeadedColumn, ...],
    spread: Collection[int],
    is_beside_heading: bool,
) -> str:
    """Return why it is not known what a row is of; nothing if it is.

    Args:
        texts: the row's.
        columns: the table's.
        spread: the columns whose cell stands under other headings too.
        is_beside_heading: whether the heading of a key spans the row.
    """
    if is_beside_heading:
        return "beside the heading of a key"
    if any(columns[at].heading in KEYS for at in spread):
        return "beside a key over several columns"
    first = columns[0]
    if first.heading is None and _is_name(texts[0]) and all(
        column.heading not in {"organization", "contributor"} for column in columns
    ):  # fmt: skip
        return "beside a name under no known heading"
    return ""


def _is_name(text: str) -> bool:
    return any(map(str.isalpha, text)) and not is_no_data(text)


def _of_several_rows(spread: SpreadRows, at: int) -> Iterator[int]:
    """Yield the columns of a row whose cell spans other rows too."""
    for column, cell in enumerate(spread[at]):
        if cell.rowspan > 1 and any(
            column < len(spread[other]) and spread[other][column] is cell
            for other in (at - 1, at + 1)
            if 0 <= other < len(spread)
        ):
            yield column


def _under_several(row: Sequence[Cell], columns: tuple[HeadedColumn, ...]) -> Iterator[int]:
    """Yield the columns of a row whose cell spans columns with other headings too."""
    for column, cell in enumerate(row):
        if cell.colspan > 1 and any(
            row[other] is cell and columns[other][:2] != columns[column][:2]
            for other in (column - 1, column + 1)
            if 0 <= other < len(row)
        ):
            yield column


def _kind(texts: tuple[str, ...], width: int) -> RowKind:
    filled = list(filter(None, texts))
    first = filled[0]
    if says_total(first):
        return "total"
    if filled.count(first) < len(filled):
        return "data"
    if is_no_data(first):
        return "no_data"
    is_one_over_all = width > 1 and (len(texts) == 1 or len(filled) == len(texts))
    return "group" if is_one_over_all else "data"
