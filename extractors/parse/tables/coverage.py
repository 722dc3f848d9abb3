"""How much of a page was understood: its part of the extraction report."""

import re
from collections.abc import Sequence

from extractors.parse.tables.headings import fold_heading
from extractors.parse.tables.tables import HeadedTable
from extractors.records import Coverage, Page

# Kinds of findings that stand for something that was not understood.
_NOT_UNDERSTOOD = frozenset(
    {
        "repeated_heading", "unknown_heading", "unknown_line", "unknown_table", "unlabelled_value",
        "unread_text",
    }
)  # fmt: skip
_YEAR = re.compile(r"(?:fy\s*)?(?:19|20)[0-9]{2}")
_LONGEST_LAYOUT = 1_000  # characters


def coverage_of(page: Page, tables: Sequence[HeadedTable], labels: int = 0) -> Coverage:
    """Count what is known and unknown on a page, and name its layout.

    Args:
        page: the page with all its records and findings.
        tables: the tables that were understood.
        labels: how many labels or titles are known besides the tables' headings.
    """
    columns = [column for table in tables for column in table.columns if column.text]
    is_list = bool(page.listings)
    shapes = "; ".join(map(_shape, tables))
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
        tables_read=len(tables),
        tables_unread=sum(finding.kind == "unknown_table" for finding in page.findings),
    )


def _shape(table: HeadedTable) -> str:
    """Return a table's headings without its years, which change from programme to programme."""
    headings = (_YEAR.sub("year", fold_heading(column.text)) for column in table.columns)
    return ", ".join(dict.fromkeys(filter(None, headings)))
