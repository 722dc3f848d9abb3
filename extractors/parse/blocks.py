"""Blocks: the one form that every representation of a page is brought into.

HTML, text and spreadsheets become lines and tables in the page's order; everything that understands
a page works on these.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Zero-width characters: white space to the eye, but not to str.split.
_UNSEEN = "\u200b\ufeff"
# All white space but the space.
BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace() and c != " ") + _UNSEEN

MOST_COLUMNS_SPANNED, MOST_ROWS_SPANNED = 1_000, 65_534  # HTML's limits


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
    """One table cell; spans are as printed, but at most one above HTML's limits."""

    text: str
    heading: bool = False
    href: str | None = None
    colspan: int = 1
    rowspan: int = 1


class TableBlock(NamedTuple):
    """A data table as printed: rows of cells whose spans are not spread yet."""

    rows: tuple[tuple[Cell, ...], ...]


Block = Line | TableBlock


def fold(text: str) -> str:
    """Fold every run of blanks, non-breaking ones too, into one space."""
    if not text.isascii():
        for unseen in _UNSEEN:
            text = text.replace(unseen, " ")
    return " ".join(text.split())


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
    return (text for _, text in links_and_texts(blocks) if text)


def filled_texts(row: Iterable[Cell]) -> list[str]:
    """Return the texts of a row's cells, without empty ones."""
    return [cell.text for cell in row if cell.text]
