"""The one form that every representation of a page is brought into: lines and tables, in order.

Whatever reads HTML or text gives blocks; whatever understands a factsheet takes blocks.
"""

from typing import NamedTuple

# Zero-width: white space to the eye, not to str.split.
_UNSEEN = "\u200b\ufeff"
# All white space but the space.
BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace() and c != " ") + _UNSEEN

MOST_COLUMNS_SPANNED, MOST_ROWS_SPANNED = 1_000, 65_534  # as HTML has it


def fold(text: str) -> str:
    """Text with every run of blanks, non-breaking ones too, folded to one space."""
    if not text.isascii():
        for unseen in _UNSEEN:
            text = text.replace(unseen, " ")
    return " ".join(text.split())


def bare_heading(text: str) -> str:
    """A heading in lower case, without the colon behind it."""
    return text.removesuffix(":").rstrip().lower()


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


class TableBlock(NamedTuple):
    """One data table: rows of cells as they stand in the source, spans not yet spread.

    `plain` says, where that is known, that no cell spans or links. `source` is its markup, where
    every cell is one text of that.
    """

    rows: tuple[tuple[Cell, ...], ...]
    plain: bool = False
    source: str = ""

    def may_hold(self, *texts: str) -> bool:
        """Whether some cell may have one of these in it: most tables need no closer look."""
        source = self.source or "\n".join([cell.text for row in self.rows for cell in row])
        return any(text in source for text in texts)


Block = Line | TableBlock
