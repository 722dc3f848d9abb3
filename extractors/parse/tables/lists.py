"""Portfolio lists, the programmes listed on a fund's factsheet, and paging.

Discovery of programmes and funds starts from these.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from extractors.ids import fund_code_of, programme_id_of
from extractors.page_kinds import PageKind, PageRefusedError, Representation
from extractors.parse.base.blocks import Block, Line, TableBlock
from extractors.parse.tables.contributions import (
    add_contributions,
    is_contribution_table,
    unread_columns,
)
from extractors.parse.tables.coverage import coverage_of
from extractors.parse.tables.currency import currency_of
from extractors.parse.tables.headings import Heading, is_total
from extractors.parse.tables.tables import BodyRow, HeadedTable, parse_table, unknown_table
from extractors.records import ListKind, Page, PrintedListing, PrintedPaging

_TITLE = re.compile(r"^Portfolio of\s+(?P<what>.+?)\s*:?$", re.IGNORECASE)
_ID = re.compile(r"[0-9]{8}")
# Columns that name what a list is of. If a table has several of them, the first here decides.
_NAMING: tuple[tuple[Heading, ListKind], ...] = (
    ("programme_id", "programmes"),
    ("programme_title", "programmes"),
    ("contributor", "contributors"),
    ("fund", "funds"),
    ("organization", "organizations"),
)
_NUMBER = r"[0-9]{1,3}(?:[, ]?[0-9]{3})*"
_ROWS = re.compile(rf"\bShowing\s+{_NUMBER}\s*(?:to|-|–)\s*{_NUMBER}\s+of\s+({_NUMBER})\b", re.I)
_PAGES = re.compile(rf"\bPage\s+{_NUMBER}\s+of\s+({_NUMBER})\b", re.I)
_LONGEST_NUMBER = 9  # digits


def list_title(blocks: Sequence[Block]) -> str | None:
    """Return the X of `Portfolio of X`, or None if the page is not a portfolio list."""
    titles = (_TITLE.match(block.text) for block in blocks if isinstance(block, Line))
    return next((found["what"] for found in titles if found), None)


def says_portfolio(text: str) -> bool:
    """Return whether a text is the title of a portfolio list."""
    return _TITLE.match(text) is not None


def parse_portfolio(blocks: Sequence[Block], representation: Representation) -> Page:
    """Parse a page of a portfolio list.

    Raises:
        PageRefusedError: it has no table whose headings name what is listed.
    """
    page = Page(PageKind.PORTFOLIO_LIST, representation, paging=parse_paging(blocks))
    tables = add_listings(page, blocks)
    if not tables:
        raise PageRefusedError(
            "list_without_table",
            "the portfolio list holds no table that can be read",
            list_title(blocks) or "",
            PageKind.PORTFOLIO_LIST,
        )
    if page.contributions:
        page.currency = currency_of(blocks)
    page.coverage = coverage_of(page, tables, labels=1)
    return page


def add_listings(page: Page, blocks: Sequence[Block]) -> list[HeadedTable]:
    """Add the rows of every list to the page, and a finding for every other table.

    A list of contributors with what they gave is a table of contributions too.

    Return the lists' tables.
    """
    lists = []
    tables = {
        at: parse_table(block) for at, block in enumerate(blocks) if isinstance(block, TableBlock)
    }
    fewest_rows = _fewest_rows(blocks, tables)
    for number, (at, table) in enumerate(tables.items(), start=1):
        naming = next(((head, what) for head, what in _NAMING if table.has(head)), None)
        if naming is None:
            page.findings.append(unknown_table(table, f"table {number}"))
        else:
            page.listings += _listings(table, *naming, f"table {number}")
            if is_contribution_table(table):
                add_contributions(page, table, number, fewest_rows[at])
            elif naming[1] == "contributors":
                page.findings += unread_columns(table, f"table {number}")
            lists.append(table)
    return lists


def add_contribution_tables(page: Page, blocks: Sequence[Block]) -> list[HeadedTable]:
    """Add the tables of contributions, as lists too; leave other tables. Return those added."""
    kept = [
        block
        for block in blocks
        if isinstance(block, Line) or is_contribution_table(parse_table(block))
    ]
    return add_listings(page, kept)


def _fewest_rows(blocks: Sequence[Block], tables: Mapping[int, HeadedTable]) -> dict[int, float]:
    """Return how many rows each table of contributions has if none of its list is elsewhere.

    Its paging stands below it, or above the first of all tables. A fund's factsheet pages its
    programmes, which stand in a table of their own below.
    """
    above = max(map(_rows_in_all, parse_paging(blocks[: min(tables, default=0)])), default=0)
    fewest: dict[int, float] = {}
    below: float = 0
    for at in range(len(blocks) - 1, -1, -1):
        if at not in tables:
            below = max([below, *map(_rows_in_all, parse_paging([blocks[at]]))])
        elif is_contribution_table(tables[at]):
            fewest[at] = max(above, below)
        else:
            below = 0
    return fewest


def _rows_in_all(paging: PrintedPaging) -> float:
    """Return how many rows a list has as far as its paging tells; infinite if it goes on."""
    if paging.next_url is not None or paging.whole is None:
        return math.inf
    rows = int(paging.whole)
    return rows if paging.what == "rows" or rows <= 1 else math.inf


def _listings(
    table: HeadedTable, naming: Heading, kind: ListKind, where: str
) -> Iterator[PrintedListing]:
    for row in table.rows:
        printed_id = table.text(row, "programme_id")
        title = table.text(row, "programme_title") or table.text(row, "title")
        name = (title or printed_id) if kind == "programmes" else table.text(row, naming)
        urls = [href for href in row.hrefs if href]
        if name is None or row.kind == "no_data":
            continue
        if not urls and (row.kind == "group" or is_total(row.first)):
            continue
        url = next((href for href in urls if _is_link_to(href, kind)), next(iter(urls), None))
        linked_id = programme_id_of(url or "") if kind == "programmes" else None
        yield PrintedListing(
            listed=kind,
            name=name,
            url=url,
            programme_id=printed_id if _ID.fullmatch(printed_id or "") else linked_id,
            fund_code=fund_code_of(url or "") if kind == "funds" else None,
            details=tuple(_details(table, row, name)),
            where=f"{where}, row {row.number}",
            text=row.text,
        )


def _is_link_to(href: str, kind: ListKind) -> bool:
    if kind == "programmes":
        return programme_id_of(href) is not None
    return kind != "funds" or fund_code_of(href) is not None


def _details(table: HeadedTable, row: BodyRow, name: str) -> Iterator[tuple[str, str]]:
    for column, text in zip(table.columns, row.cells, strict=True):
        if text and text != name:
            yield column.text, text


def is_paging(line: Line) -> bool:
    """Return whether a line tells which part of a list this is."""
    return bool(_ROWS.search(line.text) or _PAGES.search(line.text))


def parse_paging(blocks: Iterable[Block]) -> list[PrintedPaging]:
    """Return the paging of each line that has any: `Showing 1 to 50 of 120`, a link to the next."""
    paging = []
    for block in blocks:
        if not isinstance(block, Line):
            continue
        if rows := _ROWS.search(block.text):
            paging.append(PrintedPaging("rows", rows[0], _digits(rows[1]), block.next_href))
        elif pages := _PAGES.search(block.text):
            paging.append(PrintedPaging("pages", pages[0], _digits(pages[1]), block.next_href))
        elif block.next_href:
            paging.append(PrintedPaging("pages", block.text, None, block.next_href))
    return paging


def _digits(number: str) -> str | None:
    """Return a number without separators, or None if no list has so many rows."""
    digits = number.replace(",", "").replace(" ", "")
    return digits if len(digits) <= _LONGEST_NUMBER else None
