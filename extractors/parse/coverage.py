"""How much of a page was understood: its part of the extraction report."""

import re
from collections.abc import Sequence

from extractors.parse.headings import fold_heading
from extractors.parse.tables import Grid
from extractors.records import Coverage, Page

# What is on a page and was not understood; each counts once.
_NOT_UNDERSTOOD = frozenset(
    {
        "repeated_heading", "unknown_heading", "unknown_line", "unknown_table", "unlabelled_value",
        "unread_text",
    }
)  # fmt: skip
_YEAR = re.compile(r"(?:fy\s*)?(?:19|20)[0-9]{2}")
_LONGEST_LAYOUT = 1_000  # characters


def coverage_of(page: Page, grids: Sequence[Grid], labels: int = 0) -> Coverage:
    """The count of what is known and unknown, and the layout's name.

    `grids` are the tables that were read, `labels` what is known besides their headings.
    """
    columns = [column for grid in grids for column in grid.columns if column.text]
    is_list = bool(page.listings)
    shapes = "; ".join(map(_shape, grids))
    return Coverage(
        layout=f"{page.kind} in {page.representation}: {shapes or 'no tables'}"[:_LONGEST_LAYOUT],
        known=labels
        + len(page.statement)
        + sum(
            column.year is not None
            or (column.heading is not None and (column.heading != "detail" or is_list))
            for column in columns
        ),
        unknown=sum(finding.kind in _NOT_UNDERSTOOD for finding in page.findings),
        tables_read=len(grids),
        tables_unread=sum(finding.kind == "unknown_table" for finding in page.findings),
    )


def _shape(grid: Grid) -> str:
    """A table's headings in order, without its years: they change from programme to programme."""
    headings = (_heading_shape(column.text) for column in grid.columns)
    return ", ".join(dict.fromkeys(filter(None, headings)))


def _heading_shape(text: str) -> str:
    return _YEAR.sub("year", fold_heading(text))
