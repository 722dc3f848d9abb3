"""Pages that break off before their end.

What stands last on such a page may be the beginning of something longer, so it is not read: the
last line, or the last cell, and its whole row unless the cell was a measure's (a row without its
organization or date says something else). What the page lacks, it does not deny: no table of it was
read in full.
"""

import re
from typing import NamedTuple

from extractors.page_kinds import Representation
from extractors.parse.base.blocks import Block, Line, TableBlock
from extractors.parse.base.spans import spread_rows
from extractors.parse.tables.headings import AMOUNTS
from extractors.parse.tables.tables import parse_table
from extractors.records import Page, PrintedFinding

BREAKS_OFF = "breaks_off"  # the reason where only the body itself shows it
_QUOTED_CHARACTERS = 200
_LINKS = re.compile(r"[^|\d]+(?:\|[^|\d]+){2,}")


class Shortened(NamedTuple):
    """The blocks of a page that may be read, and the last text, which may not."""

    blocks: list[Block]
    last_text: str


def breaks_off(text: str, blocks: list[Block], representation: Representation) -> bool:
    """Return whether a page itself shows that it was cut short.

    A table in text shows its end by a line behind it, and other text its own by the line's end.
    Crawls keep pages without that, which end with the links at the foot of every page.
    """
    ends_line = text.endswith("\n" if "\n" in text else "\r")
    match representation:
        case Representation.CSV:
            return not ends_line
        case Representation.TEXT | Representation.PIPED_TEXT:
            above, last = [Line(""), Line(""), *blocks][-2:]
            if isinstance(last, TableBlock) or last.text.startswith("|"):
                return True
            is_foot = isinstance(above, Line) and _LINKS.fullmatch(last.text) is not None
            return not ends_line and not is_foot
        case _:
            return False


def without_last(blocks: list[Block]) -> Shortened:
    """Return the blocks of a page that was cut short without what stands last."""
    if not blocks:
        return Shortened([], "")
    *before, last = blocks
    if isinstance(last, Line):
        return Shortened(before, last.text)
    *rows, row = last.rows
    shortened = TableBlock((*rows, row[:-1])) if row[:-1] else TableBlock(tuple(rows))
    kept = whole_rows(shortened) if row[:-1] else shortened
    text = row[-1].text if kept is shortened else " | ".join(cell.text for cell in row)
    return Shortened([*before, kept] if kept.rows else before, text)


def whole_rows(block: TableBlock) -> TableBlock:
    """Return a table whose last cell is gone without its last row, unless that cell was a measure.

    Raises:
        PageRefusedError: the table is larger than any that is shown to people.
    """
    at = len(spread_rows(block.rows)[-1])
    columns = parse_table(block).columns
    is_measure = at < len(columns) and columns[at].heading in AMOUNTS
    return block if is_measure else TableBlock(block.rows[:-1])


def mark_cut_short(page: Page, reason: str, last_text: str) -> None:
    """Let no table of a page count as read in full, and add the finding that says so."""
    page.cut_short = reason
    page.tables = [table._replace(read_in_full=False) for table in page.tables]
    page.contribution_tables = [
        table._replace(read_in_full=False) for table in page.contribution_tables
    ]
    detail = f"{reason}: nothing behind {last_text[:_QUOTED_CHARACTERS]!r}, which is not read"
    page.findings.append(PrintedFinding("cut_short", "page", detail))
