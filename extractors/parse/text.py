"""Text captures to blocks: what web-crawl corpora keep of a page.

Two kinds are known. One glues cells together or drops them, the other keeps table cells as
`| a | b |` lines.
"""

import re

from extractors.parse.blocks import Block, Cell, Line, TableBlock, fold

_BULLET = re.compile(r"^[•·▪‣●◦*]\s+|^[-–]\s+(?=\D|.*[^\W\d_])")
_RULE = re.compile(r"^[|\s:+-]+$")
_CELL_EDGE = re.compile(r"(?<!\\)\|")
_FEWEST_PIPES = 2


def is_piped(text: str) -> bool:
    """Return whether some line of the text is a row of table cells."""
    return any(_is_row(line.strip()) for line in text.splitlines())


def _is_row(line: str) -> bool:
    return line.startswith("|") and line.endswith("|") and line.count("|") >= _FEWEST_PIPES


def parse_text(text: str) -> list[Block]:
    """Return the blocks of a text capture, in order."""
    blocks: list[Block] = []
    rows: list[tuple[Cell, ...]] = []
    after_gap = False
    for raw in [*text.splitlines(), ""]:
        line = fold(raw)
        if _is_row(line):
            if not (_RULE.match(line) and "-" in line):  # a Markdown rule below the headings
                rows.append(tuple(Cell(fold(cell)) for cell in _CELL_EDGE.split(line[1:-1])))
            continue
        if rows:
            blocks.append(TableBlock(tuple(rows)))
            rows = []
        if line:
            without_bullet = _BULLET.sub("", line)
            blocks.append(Line(without_bullet, without_bullet != line, after_gap=after_gap))
        after_gap = not line
    return blocks
