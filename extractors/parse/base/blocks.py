"""Blocks: the one form that every representation of a page is brought into.

HTML, text and spreadsheets become lines and tables in the page's order; everything that understands
a page works on these.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Characters that are not seen: soft hyphens, direction marks, joiners, zero-width blanks, variants.
# U+202E stays: what stands behind it is shown from right to left, digits too, and must not pass for
# an amount.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202d"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]+"
)


class Line(NamedTuple):
    """One line of running text.

    `href` is its first link, `next_href` a link to the next page of a list. `after_gap` tells that
    a blank line stands before it (in text captures only).
    """

    text: str
    bullet: bool = False
    href: str | None = None
    after_gap: bool = False
    next_href: str | None = None


class Cell(NamedTuple):
    """One table cell; its spans end where the table, or its group of rows, ends."""

    text: str
    heading: bool = False
    href: str | None = None
    colspan: int = 1
    rowspan: int = 1


class TableBlock(NamedTuple):
    """A data table as printed: rows of cells whose spans are not spread yet.

    `partial` tells that some of its rows or columns are hidden or could not be read, so that what
    is not in it may be in the table all the same.
    """

    rows: tuple[tuple[Cell, ...], ...]
    partial: bool = False


Block = Line | TableBlock


def fold(text: str) -> str:
    """Fold every run of blanks, non-breaking ones too, into one space; drop unseen characters."""
    if not text.isascii():
        text = _UNSEEN.sub("", text)
    return " ".join(text.split())


def without(blocks: Iterable[Block], some: Iterable[Block]) -> list[Block]:
    """Return blocks without some of them; others with the same texts stay."""
    left_out = set(map(id, some))
    return [block for block in blocks if id(block) not in left_out]


def links_and_texts(blocks: Iterable[Block]) -> Iterator[tuple[str | None, str]]:
    """Yield the link and text of each line and of each cell, empty ones too."""
    for block in blocks:
        if isinstance(block, Line):
            yield block.href, block.text
        else:
            for row in block.rows:
                for cell in row:
                    yield cell.href, cell.text


def texts_of(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the text of each line and cell that has one."""
    for block in blocks:
        yield from texts_in(block)


def texts_in(block: Block) -> list[str]:
    """Return the text of a line, or of each cell, that has one."""
    if isinstance(block, TableBlock):
        return [cell.text for row in block.rows for cell in row if cell.text]
    return [block.text] if block.text else []


def filled_texts(row: Iterable[Cell]) -> list[str]:
    """Return the texts of a row's cells, without empty ones."""
    return [cell.text for cell in row if cell.text]
