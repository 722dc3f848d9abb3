"""The one form that every representation of a page is brought into: lines and tables, in order.

Whatever reads HTML or text gives blocks; whatever understands a factsheet takes blocks.
"""

from typing import NamedTuple

# Zero-width: white space to the eye, not to str.split.
UNSEEN = ("\u200b", "\ufeff")

MOST_COLUMNS_SPANNED, MOST_ROWS_SPANNED = 1_000, 65_534  # as HTML has it


def fold(text: str) -> str:
    """Text with every run of blanks, non-breaking ones too, folded to one space."""
    if not text.isascii():
        for unseen in UNSEEN:
            text = text.replace(unseen, " ")
    return " ".join(text.split())


class Line(NamedTuple):
    """One line of running text.

    `href` is its first link's, `next_href` that of the link to the next page of a list. `after_gap`
    says that a blank line stood before it (text only).
    """

    text: str
    bullet: bool = False
    href: str | None = None
    after_gap: bool = False
    next_href: str | None = None


class Cell(NamedTuple):
    """One table cell; spans are as printed, up to one more than HTML allows."""

    text: str
    heading: bool = False
    href: str | None = None
    colspan: int = 1
    rowspan: int = 1


class Table(NamedTuple):
    """One data table: rows of cells as they stand in the source, spans not yet spread."""

    rows: tuple[tuple[Cell, ...], ...]


Block = Line | Table
