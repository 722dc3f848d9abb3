"""The tables on a programme's pages, each by its headings, and what stands beside them.

That is the currency, the paging, and text that should have been cells.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from extractors.parse.blocks import Block, Line, TableBlock
from extractors.parse.figures import is_figure_table, read_figures
from extractors.parse.headings import NO_DATA
from extractors.parse.paging import is_paging, read_paging
from extractors.parse.tables import Grid, read_grid
from extractors.parse.vouchers import (
    is_document_table,
    is_voucher_table,
    read_document_table,
    read_vouchers,
)
from extractors.records import Page, PrintedFinding

_SCALE = r"(?:thousands?|millions?|billions?|['’]?000s?)"
_MONEY = (
    r"(?:US\s?\$|USD|(?:US|U\.S\.|United States) dollars?|EUR|GBP|CHF|NOK|SEK|DKK|CAD|AUD|NZD|JPY|"
    r"XOF|XAF|euros?|pounds? sterling|[€£$])"
)
# A currency, a scale, or both in either order.
_NAMED = (
    rf"(?:{_SCALE}\s+(?:of\s+)?{_MONEY}|{_MONEY}(?:\s*(?:{_SCALE}|(?-i:[KM]\b)))?"
    rf"|{_SCALE}(?=\s*(?:[).,;]|$)))(?!\w)"
)
# What may be said of amounts that is no currency: `Figures in the table`, `in parentheses`.
_NO_CURRENCY = (
    r"(?:the|th[ei]se?|this|those|that|which|an?|each|all|both|any|some|one|two|parenthes[ei]s|"
    r"brackets?|red|bold|italics?|gr[ae]y|blue|tables?|columns?|rows?|reports?|most)\b"
)
_CURRENCY = re.compile(
    rf"(?:All\s+)?(?:amounts|figures)(?:\s+are)?(?:\s+(?:shown|given|stated|expressed))?\s+in\s+"
    rf"(?P<currency>{_NAMED}|(?!{_NO_CURRENCY})(?:(?-i:[A-Z]{{3}})\b|\S+)(?:\s*{_SCALE})?)",
    re.IGNORECASE,
)
# A caption, which may say more than the currency: `Expenditure in thousands of US$`.
_WITHIN_CAPTION = re.compile(rf"\bin\s+(?P<currency>{_NAMED})", re.IGNORECASE)
_CAPTION_ALONE = re.compile(rf"[^.:]{{0,80}}\bin\s+(?P<currency>{_NAMED})\s*\)?", re.IGNORECASE)
_LONGEST_CAPTION = 120  # characters
_Search = Callable[[str], re.Match[str] | None]
_US_DOLLARS = frozenset(
    {"US$", "USD", "$"}
    | {f"{of} DOLLAR{s}" for of in ("US", "U.S.", "UNITED STATES") for s in ("", "S")}
)
# What stands in Key Figures and Latest Vouchers beside the tables, on every page.
_FURNITURE = re.compile(
    r"^(?:Report by\b.*|by (?:participating organization|year)|"
    r"(?:All )?(?:amounts|figures)(?: are)? in\b.*|"
    r"View as Excel.*|Print friendly.*|Participating Organizations are required\b.*|"
    r"This screen shows\b.*|Project ID\s*:.*|Tools for\b.*|"
    rf"{NO_DATA})$",
    re.IGNORECASE,
)


def read_tables(page: Page, blocks: Iterable[Block]) -> list[Grid]:
    """Add every table's records to the page; the tables that were understood."""
    understood = []
    grids = [read_grid(block) for block in blocks if isinstance(block, TableBlock)]
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
    for found in _named_in(blocks):
        printed = found["currency"].replace("US $", "US$")
        named = "US$" if _is_dollars(printed) and printed != "USD" else printed
        currency = named if currency in {None, "US$", "USD"} else currency
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


def _named_in(blocks: Iterable[Block]) -> Iterator[re.Match[str]]:
    """Where lines, or the cells and captions of tables, name a currency or a scale."""
    for block in blocks:
        if isinstance(block, Line):
            if found := _named(block.text, _CAPTION_ALONE.fullmatch):
                yield found
        elif block.may_hold("in ", "IN "):
            for row in block.rows:
                texts = list(dict.fromkeys(cell.text for cell in row if cell.text))
                caption = _WITHIN_CAPTION.search if len(texts) == 1 else None
                yield from filter(None, (_named(text, caption) for text in texts))


def _named(text: str, in_caption: _Search | None) -> re.Match[str] | None:
    if "in " not in text and "IN " not in text:
        return None
    found = _CURRENCY.match(text)
    if found is None and in_caption is not None and len(text) <= _LONGEST_CAPTION:
        found = in_caption(text)
    return found
