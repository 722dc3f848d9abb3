"""Text captures to blocks: what web-crawl corpora keep of a page.

Two kinds are known. One glues cells together or drops them, the other keeps table cells as lines:
`| a | b |`, or without the first pipe. It leaves nothing between two tables, pads a row that spans
the table with empty cells, and makes rows of the site's menu above them.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from extractors.parse.base.blocks import Block, Cell, Line, TableBlock, filled_texts, fold
from extractors.parse.parts.narrative import opens_part
from extractors.parse.tables.headings import known_heading, printed_year, says_no_data

_BULLET = re.compile(r"^[•·▪‣●◦*]\s+|^[-–]\s+(?=\D|.*[^\W\d_])")
_RULE = re.compile(r"^[|\s:+-]+$")
_CELL_EDGE = re.compile(r"(?<!\\)\|")
_DASHES = frozenset({"-", "–", "—"})
_FEWEST_PIPES, _FEWEST_HEADINGS = 2, 2

_Row = tuple[Cell, ...]


def is_piped(text: str) -> bool:
    """Return whether some line of the text is a row of table cells."""
    return any(_is_row(line.strip()) for line in text.splitlines())


def _is_row(line: str) -> bool:
    return line.endswith("|") and line.count("|") >= _FEWEST_PIPES


def parse_text(text: str) -> list[Block]:
    """Return the blocks of a text capture, in order."""
    blocks: list[Block] = []
    rows: list[_Row] = []
    piped = is_piped(text)
    # Where some row has no first pipe, the pipe that a row begins with ends an empty cell.
    led = not any(_is_row(line) and line[0] != "|" for line in map(str.strip, text.splitlines()))
    after_gap = False
    for raw in [*text.splitlines(), ""]:
        line = fold(raw)
        if piped and line.endswith("|"):
            if not (_RULE.match(line) and "-" in line):  # a Markdown rule below the headings
                rows.append(_cells(line, led=led))
            continue
        if rows:
            blocks += _tables(rows)
            rows = []
        if line:
            without_bullet = _BULLET.sub("", line)
            blocks.append(Line(without_bullet, without_bullet != line, after_gap=after_gap))
        after_gap = not line
    return blocks


def _cells(line: str, *, led: bool) -> _Row:
    inner = line.removeprefix("|")[:-1] if led else line[:-1]
    return tuple(Cell(fold(cell)) for cell in _CELL_EDGE.split(inner))


def _tables(rows: list[_Row]) -> Iterator[Block]:
    """Yield the tables in rows that follow each other, and the lines of menus and parts' headings.

    A table begins with its headings, or with a row of several texts. Above it, a row of one text
    that is none of its headings is a line, as is the heading of a part of the page.
    """
    table: list[_Row] = []
    for row, below in pairwise([*rows, ()]):
        texts = filled_texts(row)
        above = not table and len(texts) == 1 and not _heads(texts[0])
        opens = len(texts) == 1 and len(row) == 1 and opens_part(texts[0])
        begins = _begins(texts, below) and row not in table and any(map(_has_value, table))
        if table and (opens or begins):
            yield TableBlock(tuple(table))
            table = []
        if above or opens:
            yield Line(texts[0])
        elif table or texts:
            table.append(row)
    if table:
        yield TableBlock(tuple(table))


def _begins(texts: list[str], below: _Row) -> bool:
    """Return whether a row has headings, or years and totals that stand over a row of headings.

    Years alone may be those of a row, with an amount that looks like one.
    """
    heads = sum(map(_heads, texts))
    if heads < _FEWEST_HEADINGS:
        return False
    if _names_columns(texts):
        return heads * 2 >= len(texts)
    return heads == len(texts) and _names_columns(filled_texts(below))


def _names_columns(texts: list[str]) -> bool:
    return any(known_heading(text) not in {None, "total"} for text in texts)


def _has_value(row: _Row) -> bool:
    """Return whether some cell is an amount, a number, a date or a dash, and no year."""
    return any(
        text in _DASHES or (any(map(str.isdigit, text)) and not _heads(text))
        for text in filled_texts(row)
    )


def _heads(text: str) -> bool:
    return known_heading(text) is not None or printed_year(text) is not None or says_no_data(text)
