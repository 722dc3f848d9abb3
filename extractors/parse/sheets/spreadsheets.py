"""Sheets of any file to blocks: what Excel shows of them, and what it hides by name.

Hidden sheets, rows and columns are no facts. A cell that holds a formula, or a number whose format
hides what it is, stands in its table as that formula: no amount, name or number is ever read from
it, and its row keeps its other cells.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from extractors.page_kinds import PageRefusedError
from extractors.parse.base.blocks import Block, Cell, Line, TableBlock, fold
from extractors.parse.sheets.bounds import (
    MOST_CELLS,
    MOST_COLUMNS,
    check_place,
    damaged,
    too_large,
)
from extractors.parse.tables.headings import known_heading, printed_year
from extractors.parse.tables.units import unit_in
from extractors.records import PrintedFinding

_MOST_PLACES = 200_000
_MOST_CHARACTERS = 16 * 2**20  # of a sheet; any number of its cells may share one text
_BLANK = Cell("")
_KEYS = frozenset({"organization", "year", "voucher_number"})
_FEWEST_HEADINGS = 2
_STRING = r'"((?:[^"]|"")*)"'
_TEXT_FORMULA = re.compile(
    rf"\s*=\s*(?:HYPERLINK\(\s*{_STRING}\s*[,;]\s*{_STRING}\s*\)|{_STRING})\s*"
)
_LETTERS = 26
# Codes of a header or footer in print, such as that of its font.
_HEADER_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|[0-9]+|[A-Z])')


class SheetCell(NamedTuple):
    """A cell as Excel shows it, or the formula that stands for it and why: a finding's kind."""

    text: str
    doubt: str = ""


class Range(NamedTuple):
    """A rectangle of cells; all numbers count from 1."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass
class Sheet:
    """A sheet's filled cells by row and column, from 1, and what is hidden or merged in it.

    `computed` are the cells that formulas of several cells fill, `headers` what stands above and
    below the sheet in print, with its codes.
    """

    name: str
    hidden: bool = False
    cells: dict[int, dict[int, SheetCell]] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    computed: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    characters: int = 0
    headers: list[str] = field(default_factory=list)

    def add(self, row: int, column: int, cell: SheetCell) -> None:
        """Add a cell, unless it is empty.

        Raises:
            PageRefusedError: it stands beyond the rows or columns of any view of the site, or where
                another cell stands, or the sheet has more text than any view.
        """
        if cell.text:
            self.characters += len(cell.text)
            if self.characters > _MOST_CHARACTERS:
                raise too_large("text")
            check_place(row, column)
            of_row = self.cells.setdefault(row, {})
            if column in of_row:
                raise damaged(f"it has two cells {column_name(column)}{row}")
            of_row[column] = cell

    def hide_columns(self, first: int, last: int, *, hidden: bool = True) -> None:
        """Hide columns, as far as a sheet may have them, or show them again."""
        columns = range(max(first, 1), min(last, MOST_COLUMNS) + 1)
        change = self.hidden_columns.update if hidden else self.hidden_columns.difference_update
        change(columns)

    def set_computed_aside(self) -> None:
        """Let the results of formulas of several cells stand as such.

        Raises:
            PageRefusedError: they fill more cells than any view of the site has.
        """
        for rows, columns in self.places_of(self.computed, "cells of formulas"):
            for row in rows:
                for column, cell in self.cells.get(row, {}).items():
                    if column in columns and not cell.doubt:
                        computed = SheetCell(f"={cell.text} (a formula's result)", "formula")
                        self.cells[row][column] = computed

    def places_of(self, ranges: Iterable[Range], what: str) -> Iterator[tuple[range, range]]:
        """Yield the rows and columns of ranges, as far as the sheet reaches.

        Raises:
            PageRefusedError: they have more cells than any view of the site.
        """
        last_row, last_column = max(self.cells, default=0), self.last_column
        places = 0
        for each in ranges:
            rows = range(each.first_row, min(each.last_row, last_row) + 1)
            columns = range(each.first_column, min(each.last_column, last_column) + 1)
            places += len(rows) * len(columns)
            if places > _MOST_PLACES:
                raise too_large(what)
            yield rows, columns

    @property
    def last_column(self) -> int:
        """Return the last column with a cell."""
        return max((max(row) for row in self.cells.values()), default=0)


class Spreadsheet(NamedTuple):
    """The blocks of a file of sheets, with findings about what is not read from it."""

    blocks: list[Block]
    findings: list[PrintedFinding]


def shown_sheets(sheets: Iterable[Sheet]) -> Spreadsheet:
    """Return a table for each sheet that shows something.

    Raises:
        PageRefusedError: they have more cells than any view of the site.
    """
    blocks: list[Block] = []
    findings: list[PrintedFinding] = []
    cells = 0
    for sheet in sheets:
        if sheet.hidden:
            if sheet.cells:
                findings.append(PrintedFinding("hidden", f"sheet {sheet.name}", _texts(sheet)))
            continue
        hidden = _hidden(sheet)
        if hidden is not None:
            findings.append(hidden)
        rows = []
        for row in _shown_rows(sheet):
            rows.append(row)
            cells += len(row)
            if cells > MOST_CELLS:
                raise too_large("cells")
        while rows and not rows[-1]:
            rows.pop()
        if rows:
            blocks += _units_around(sheet)
            blocks.append(TableBlock(tuple(rows), partial=hidden is not None))
        findings += _doubts(sheet)
    return Spreadsheet(blocks, findings)


def _units_around(sheet: Sheet) -> Iterator[Line]:
    """Yield the units of amounts that a sheet's name, header or footer gives."""
    printed = (text for header in sheet.headers for text in _HEADER_CODE.split(header))
    for text in (sheet.name, *printed):
        if unit := unit_in(fold(text)):
            yield Line(unit)


def formula_cell(formula: str) -> SheetCell:
    """Return the cell of a formula, which begins with `=`; one of a single text is that text."""
    if found := _TEXT_FORMULA.fullmatch(formula):
        text = found[2] if found[3] is None else found[3]
        return SheetCell(fold(text.replace('""', '"')))
    return SheetCell(fold(formula), "formula")


def doubtful_number(value: str, code: str) -> SheetCell:
    """Return the cell of a number whose format hides what it is."""
    return SheetCell(fold(f'=TEXT({value},"{code}")'), "number_format")


def struck_cell(text: str) -> SheetCell:
    """Return the cell of a text that is struck out, which is neither there nor gone."""
    return SheetCell(f"={text} (struck out)", "struck") if text else SheetCell("")


def column_name(column: int) -> str:
    """Return the letters of a column: `A` for 1."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters


def _shown_rows(sheet: Sheet) -> Iterator[tuple[Cell, ...]]:
    """Yield the cells of each row that is not hidden; a blank row has none."""
    spans, covered = _spans(sheet)
    columns = [at for at in range(1, sheet.last_column + 1) if at not in sheet.hidden_columns]
    for number in range(1, max(sheet.cells, default=0) + 1):
        if number in sheet.hidden_rows:
            continue
        row = sheet.cells.get(number, {})
        above = _named_above(sheet, number)
        cells = [
            spans.get((number, at)) or Cell(row[at].text if at in row else above.get(at, ""))
            for at in columns
            if (number, at) not in covered
        ]
        while cells and cells[-1] == _BLANK:
            cells.pop()
        yield tuple(cells)


def _named_above(sheet: Sheet, number: int) -> dict[int, str]:
    """Return, by column, references to names in the hidden row above a row.

    A blank below a name repeats it; where that is hidden, it must not repeat the one above it.
    """
    if number - 1 not in sheet.hidden_rows or number not in sheet.cells:
        return {}
    return {
        at: f"={column_name(at)}{number - 1}"
        for at, cell in sheet.cells.get(number - 1, {}).items()
        if not any(map(str.isdigit, cell.text))
    }


def _spans(sheet: Sheet) -> tuple[dict[tuple[int, int], Cell], set[tuple[int, int]]]:
    """Return the merged cells by their first place that is shown, and the places they cover.

    Raises:
        PageRefusedError: more cells are merged than in any view of the site.
    """
    spans: dict[tuple[int, int], Cell] = {}
    covered: set[tuple[int, int]] = set()
    for merged, (rows, columns) in zip(
        sheet.merged, sheet.places_of(sheet.merged, "merged cells"), strict=True
    ):
        shown_rows = [row for row in rows if row not in sheet.hidden_rows]
        shown_columns = [column for column in columns if column not in sheet.hidden_columns]
        places = [(row, column) for row in shown_rows for column in shown_columns]
        if not places or covered.intersection(places) or spans.keys() & set(places):
            continue
        cell = sheet.cells.get(merged.first_row, {}).get(merged.first_column)
        text = cell.text if cell else ""
        spans[places[0]] = Cell(text, colspan=len(shown_columns), rowspan=len(shown_rows))
        covered.update(places[1:])
    return spans, covered


def _hidden(sheet: Sheet) -> PrintedFinding | None:
    """Return a finding with the texts of hidden rows and columns, or None if none has any."""
    rows = sheet.hidden_rows & sheet.cells.keys()
    columns = {at for row in sheet.cells.values() for at in row if at in sheet.hidden_columns}
    if not rows and not columns:
        return None
    texts = [
        cell.text
        for row, cells in sorted(sheet.cells.items())
        for column, cell in sorted(cells.items())
        if row in rows or column in columns
    ]
    _check_headings_are_shown(sheet, rows, columns)
    where = [f"row {row}" for row in sorted(rows)]
    where += [f"column {column_name(column)}" for column in sorted(columns)]
    return PrintedFinding("hidden", f"sheet {sheet.name}, {', '.join(where)}", " | ".join(texts))


def _check_headings_are_shown(sheet: Sheet, rows: Iterable[int], columns: Iterable[int]) -> None:
    """Refuse a sheet whose figures have lost their organizations, years, headings or captions.

    Raises:
        PageRefusedError: what gives them is hidden: a row of headings, a name over other rows.
    """
    keys = {
        column_name(at)
        for row in sheet.cells.values()
        for at, cell in row.items()
        if at in columns and known_heading(cell.text) in _KEYS
    }
    hidden = [f"column {key}" for key in sorted(keys)]
    for number in sorted(rows):
        texts = [cell.text for cell in sheet.cells[number].values()]
        known = sum(known_heading(text) is not None for text in texts)
        names_others = len(texts) == 1 or all(map(printed_year, texts))
        if known >= _FEWEST_HEADINGS or names_others:
            hidden.append(f"row {number}")
    if hidden:
        raise PageRefusedError(
            "headings_hidden",
            f"sheet {sheet.name} hides headings ({', '.join(hidden)}), so that it does not show "
            "whose its figures are; show them and save it again",
        )


def _texts(sheet: Sheet) -> str:
    return " / ".join(
        " | ".join(cell.text for _, cell in sorted(row.items()))
        for _, row in sorted(sheet.cells.items())
    )


def _doubts(sheet: Sheet) -> Iterator[PrintedFinding]:
    """Yield a finding for each cell that is not read, hidden ones excepted."""
    for number, row in sorted(sheet.cells.items()):
        for column, cell in sorted(row.items()):
            hidden = number in sheet.hidden_rows or column in sheet.hidden_columns
            if cell.doubt and not hidden:
                where = f"sheet {sheet.name}, cell {column_name(column)}{number}"
                yield PrintedFinding(cell.doubt, where, cell.text)
