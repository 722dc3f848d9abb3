"""The tables on a programme's pages, each by its headings, and what stands beside them.

That is the currency, the paging, and text that should have been cells.
"""

import re
from collections.abc import Iterable, Iterator

from extractors.blocks import Block, Line, Table
from extractors.figures import is_figure_table, read_figures
from extractors.paging import is_paging, read_paging
from extractors.records import Page, PrintedFinding
from extractors.tables import Grid, read_grid
from extractors.vouchers import (
    is_document_table,
    is_voucher_table,
    read_document_table,
    read_vouchers,
)

_CURRENCY = re.compile(
    r"^All amounts in\s+(?P<currency>(?:US\s?\$|[A-Z]{3}\b|\S+)"
    r"(?:\s*(?:(?i:thousands?|millions?|billions?)|['’]?000s?|[KM]\b))?)"
)
_US_DOLLARS = frozenset({"US$", "USD", "US DOLLAR", "US DOLLARS", "$"})
# What stands in Key Figures and Latest Vouchers beside the tables, on every page.
_FURNITURE = re.compile(
    r"^(?:Report by\b.*|by (?:participating organization|year)|All amounts in\b.*|"
    r"View as Excel.*|Print friendly.*|Participating Organizations are required\b.*|"
    r"This screen shows\b.*|Project ID\s*:.*|Tools for\b.*|"
    r"No (?:data|records?|results?|vouchers?|figures?|expenditures?)\b.*)$",
    re.IGNORECASE,
)


def read_tables(page: Page, blocks: Iterable[Block]) -> list[Grid]:
    """Add every table's records to the page; the tables that were understood."""
    understood = []
    grids = [read_grid(block) for block in blocks if isinstance(block, Table)]
    for number, grid in enumerate(grids, start=1):
        if is_figure_table(grid):
            table, figures, findings = read_figures(grid, number)
            page.tables.append(table)
            page.figures += figures
            page.findings += findings
        elif is_voucher_table(grid):
            vouchers, findings = read_vouchers(grid, number)
            page.vouchers += vouchers
            page.findings += findings
        elif is_document_table(grid):
            page.documents += read_document_table(grid)
        else:
            if not _is_furniture(grid):
                page.findings.append(unknown_table(grid, f"table {number}"))
            continue
        understood.append(grid)
        foreign = (text for text in grid.texts("currency") if text and not _is_dollars(text))
        page.currency = page.currency or next(foreign, None)
    return understood


def _is_dollars(text: str) -> bool:
    return text.upper().replace("US $", "US$") in _US_DOLLARS


def unknown_table(grid: Grid, where: str) -> PrintedFinding:
    """A table whose headings say nothing that is known, with everything that stands in it."""
    texts = [column.text for column in grid.columns] + [row.text for row in grid.rows]
    return PrintedFinding("unknown_table", where, " / ".join(texts))


def read_lines(page: Page, figures: list[Block], vouchers: list[Block]) -> None:
    """The currency, paging and unread text of the two parts of a page that hold tables.

    A currency other than US$ holds for the whole page: which table it is for is not guessed.
    """
    page.currency = page.currency or currency_of([*figures, *vouchers])
    paged = read_paging(figures)
    if any(paging.whole is None or int(paging.whole) > 1 for paging in paged):
        page.tables = [table._replace(read_in_full=False) for table in page.tables]
    page.paging += paged + read_paging(vouchers)
    for block in [*figures, *vouchers]:
        if isinstance(block, Line) and is_unread(block):
            page.findings.append(
                PrintedFinding("unread_text", "Key Figures or Latest Vouchers", block.text)
            )


def currency_of(blocks: list[Block]) -> str | None:
    """The currency that is printed beside the tables; another one than US$ counts before it."""
    currency = None
    for text in _texts(blocks):
        if text.startswith("All") and (found := _CURRENCY.match(text)) is not None:
            printed = found["currency"].replace("US $", "US$")
            currency = printed if currency in {None, "US$", "USD"} else currency
    return currency


def is_unread(line: Line) -> bool:
    """Whether a line beside the tables is no furniture of theirs, and may hold a figure."""
    return (
        any(character.isdigit() for character in line.text)
        and not _FURNITURE.match(line.text)
        and not is_paging(line)
    )


def _is_furniture(grid: Grid) -> bool:
    return all(_FURNITURE.match(text) for row in grid.rows for text in row.cells if text)


def _texts(blocks: list[Block]) -> Iterator[str]:
    """Lines, and the cells of tables that may say which currency they are in."""
    for block in blocks:
        if isinstance(block, Line):
            yield block.text
        elif block.may_hold("All amounts"):
            yield from (cell.text for row in block.rows for cell in row)
