"""Tables in tables: which of them is data, and which is layout around parts of the page.

A table whose own rows have known headings is data, whatever stands in its cells, unless one of
them holds a table that stands alone: one with known headings, with several labels of an identity
block or with a statement, or with more text than a cell has. Any other table that holds a table,
list or heading is layout.
"""

from collections.abc import Sequence

from extractors.parse.base.blocks import Cell, TableBlock
from extractors.parse.parts.identity import find_labels
from extractors.parse.parts.statement import holds_statement
from extractors.parse.tables.headings import known_heading, printed_year

_FEWEST_HEADINGS, _HEADING_ROWS = 2, 6
_LONGEST_FRAGMENT = 500  # characters
_PAGER_SIGNS = frozenset({"", "...", "…", "<", ">", "<<", ">>", "«", "»"})
_WIDEST_PAGER = 100  # cells


def is_headed(table: TableBlock) -> bool:
    """Return whether one of the first rows has two known headings, years among them."""
    for row in table.rows[:_HEADING_ROWS]:
        texts = {cell.text for cell in row if cell.text}
        known = sum(known_heading(text) is not None for text in texts)
        years = sum(printed_year(text) is not None for text in texts)
        if known and known + years >= _FEWEST_HEADINGS:
            return True
    return False


def stands_alone(table: TableBlock) -> bool:
    """Return whether a table in a table's cell is a part of the page, not that cell's text."""
    length = sum(len(cell.text) for row in table.rows for cell in row)
    return (
        length > _LONGEST_FRAGMENT
        or is_headed(table)
        or sum(map(len, find_labels([table]).values())) > 1
        or holds_statement([table])
    )


def is_pager(rows: Sequence[Sequence[Cell]]) -> bool:
    """Return whether a table is only a row of page numbers, as in the last row of a long table."""
    return (
        len(rows) == 1
        and len(rows[0]) <= _WIDEST_PAGER
        and all(cell.text.isdecimal() or cell.text in _PAGER_SIGNS for cell in rows[0])
    )
