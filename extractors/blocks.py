"""The one form that every representation of a page is brought into: lines and tables, in order.

Whatever reads HTML or text gives blocks; whatever understands a factsheet takes blocks.
"""

from typing import NamedTuple

_UNSEEN = ("\u200b", "\ufeff")  # zero-width: white space to the eye, not to str.split


def fold(text: str) -> str:
    """Text with every run of blanks, non-breaking ones too, folded to one space."""
    if not text.isascii():
        for unseen in _UNSEEN:
            text = text.replace(unseen, " ")
    return " ".join(text.split())


class Line(NamedTuple):
    """One line of running text; `after_gap` says that a blank line stood before it (text only)."""

    text: str
    bullet: bool = False
    href: str | None = None
    after_gap: bool = False


class Cell(NamedTuple):
    """One table cell; spans are as printed and not to be trusted."""

    text: str
    heading: bool = False
    href: str | None = None
    colspan: int = 1
    rowspan: int = 1


class Table(NamedTuple):
    """One data table: rows of cells as they stand in the source, spans not yet spread."""

    rows: tuple[tuple[Cell, ...], ...]


Block = Line | Table
