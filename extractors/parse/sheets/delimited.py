"""CSV and its kin to a table: whatever parts the cells, and whatever stands above and below them.

The delimiter is the one that parts a row of known headings. A row with more cells than that has
lost a quote or was never quoted (`380,000`), so that nobody knows which cell is which: it is set
aside.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from extractors.parse.base.blocks import Block, Cell, Line, TableBlock, fold
from extractors.parse.base.cells import Look, text_of
from extractors.parse.parts.statement import holds_statement
from extractors.parse.sheets.bounds import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    damaged,
    too_large,
)
from extractors.parse.sheets.spreadsheets import Spreadsheet, formula_cell
from extractors.parse.tables.headings import known_heading, printed_year, says_no_data
from extractors.parse.tables.units import unit_in
from extractors.records import PrintedFinding

_DELIMITERS = ",;\t"
_SEPARATOR = re.compile(r"\ufeff?\"?sep=(?P<delimiter>.)\"?\s*(?:\r\n|\r|\n)", re.IGNORECASE)
_APOSTROPHE = re.compile(r"^'(?=[0-9=])")  # that marks a text in Excel
_IN_LINES = Look(keeps_lines=True)
_SNIFFED_LINES, _FEWEST_HEADINGS = 40, 2
_FEWEST_ROWS, _MOST_CAPTIONS = 2, 2


class _Form(NamedTuple):
    """How a file parts its cells, and how many of them its row of headings has, if it has one."""

    delimiter: str
    headings: int | None


def parse_csv(text: str) -> Spreadsheet | None:
    """Return the table of a CSV file, or None if the text is not CSV.

    Raises:
        PageRefusedError: the file is larger than any view of the site, or damaged.
    """
    separator = _SEPARATOR.match(text)
    if separator:
        text = text[separator.end() :]
    form = _form(text, separator["delimiter"] if separator else _DELIMITERS)
    if form is None:
        return None
    rows: list[tuple[Cell, ...]] = []
    findings: list[PrintedFinding] = []
    units: list[Line] = []
    for number, row in enumerate(_rows(text, form.delimiter), start=1):
        if form.headings is not None and any(map(str.strip, row[form.headings :])):
            findings.append(PrintedFinding("row_set_aside", f"row {number}", " | ".join(row)))
            if unit := unit_in(fold(", ".join(row))):
                units.append(Line(unit))
            rows.append(())
            continue
        cells = [formula_cell(cell) if cell.startswith("=") else None for cell in row]
        findings += [
            PrintedFinding(cell.doubt, f"row {number}, cell {at}", cell.text)
            for at, cell in enumerate(cells, start=1)
            if cell and cell.doubt
        ]
        rows.append(
            tuple(
                Cell(cell.text if cell else text_of([(_APOSTROPHE.sub("", printed), _IN_LINES)]))
                for cell, printed in zip(cells, row, strict=True)
            )
        )
    while rows and not rows[-1]:
        rows.pop()
    partial = any(finding.kind == "row_set_aside" for finding in findings)
    blocks: list[Block] = [*units, TableBlock(tuple(rows), partial=partial)]
    return Spreadsheet(blocks, findings) if form.headings or holds_statement(blocks) else None


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of a file, blank ones as empty lists."""
    cells = 0
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, row in enumerate(reader, start=1):
            if number > MOST_ROWS:
                raise too_large("rows")
            if len(row) > MOST_COLUMNS:
                raise too_large("columns")
            cells += len(row)
            if cells > MOST_CELLS:
                raise too_large("cells")
            yield row if any(map(str.strip, row)) else []
    except csv.Error as error:
        raise damaged(f"not the CSV that it looks like: {error}") from error


def _form(text: str, delimiters: str) -> _Form | None:
    """Return how a file parts its cells: as its headings tell, or else as most rows agree."""
    lines = [
        line for line in islice(io.StringIO(text, newline=None), _SNIFFED_LINES) if line.strip()
    ]
    if any(line.strip().startswith("|") or line.strip().endswith("|") for line in lines):
        return None  # the pipes of a text capture
    best: tuple[int, _Form] | None = None
    by_width: dict[int, _Form] = {}
    for delimiter in delimiters:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        known = max(rows, key=_known_headings, default=[])
        headings = _known_headings(known)
        better = headings >= _FEWEST_HEADINGS and (best is None or headings > best[0])
        at = rows.index(known) if better else 0
        if better and (_are_parted(rows[at + 1 :]) or _is_empty_view(rows, at)):
            best = headings, _Form(delimiter, max(map(_width, _head(rows, at))))
        widths = [len(row) for row in rows if len(row) > 1]
        captions = len(rows) - len(widths)
        if len(rows) >= _FEWEST_ROWS and len(set(widths)) == 1 and captions <= _MOST_CAPTIONS:
            by_width.setdefault(widths[0], _Form(delimiter, None))
    return best[1] if best else by_width[max(by_width)] if by_width else None


def _head(rows: list[list[str]], at: int) -> Iterator[list[str]]:
    """Yield a row of headings and those below it, which may be more, such as years of measures."""
    yield rows[at]
    for row in rows[at + 1 :]:
        if not all(_heads(cell) for cell in row if cell.strip()):
            return
        yield row


def _width(row: list[str]) -> int:
    return max((at for at, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _heads(cell: str) -> bool:
    return known_heading(cell) is not None or printed_year(cell.strip()) is not None


def _are_parted(below: list[list[str]]) -> bool:
    """Return whether most rows below the headings have several cells, unlike prose."""
    return sum(len(row) > 1 for row in below) * 2 >= len(below)


def _is_empty_view(rows: list[list[str]], at: int) -> bool:
    """Return whether all that stands below the headings is that there is no data."""
    captions, below = rows[:at], rows[at + 1 :]
    return len(captions) <= _MOST_CAPTIONS and len(below) == 1 and says_no_data(below[0][0].strip())


def _known_headings(row: list[str]) -> int:
    return sum(known_heading(cell) is not None for cell in row)
