"""Portfolio lists, and the programmes that a fund's factsheet lists: what discovery starts from."""

import re
from collections.abc import Iterator, Sequence

from extractors.ids import fund_code_of, programme_id_of
from extractors.parse.blocks import Block, Line, TableBlock
from extractors.parse.coverage import coverage_of
from extractors.parse.currency import unknown_table
from extractors.parse.headings import Heading, is_total
from extractors.parse.paging import read_paging
from extractors.parse.tables import Grid, Row, read_grid
from extractors.records import (
    ListKind,
    Page,
    PageKind,
    PageRefusedError,
    PrintedListing,
    Representation,
)

_TITLE = re.compile(r"^Portfolio of\s+(?P<what>.+?)\s*:?$", re.IGNORECASE)
_ID = re.compile(r"[0-9]{8}")
# The heading of the column that names what a list is of, in the order in which they decide.
_NAMING: tuple[tuple[Heading, ListKind], ...] = (
    ("programme_id", "programmes"),
    ("programme_title", "programmes"),
    ("contributor", "contributors"),
    ("fund", "funds"),
    ("organization", "organizations"),
)


def list_title(blocks: Sequence[Block]) -> str | None:
    """What a portfolio list says it is of; None where the page is none."""
    return next(
        (
            found["what"]
            for block in blocks
            if isinstance(block, Line) and (found := _TITLE.match(block.text))
        ),
        None,
    )


def read_portfolio(blocks: Sequence[Block], representation: Representation) -> Page:
    """A page of a portfolio list.

    Raises:
        PageRefusedError: no table on it can be told to list anything.
    """
    page = Page(PageKind.PORTFOLIO_LIST, representation, paging=read_paging(blocks))
    grids = read_listings(page, blocks)
    if not grids:
        raise PageRefusedError(
            "list_without_table",
            "the portfolio list holds no table that can be read",
            list_title(blocks) or "",
            PageKind.PORTFOLIO_LIST,
        )
    page.coverage = coverage_of(page, grids, labels=1)
    return page


def read_listings(page: Page, blocks: Sequence[Block]) -> list[Grid]:
    """Add the rows of every table that lists something to the page; the tables read."""
    grids = []
    for number, block in enumerate(
        (block for block in blocks if isinstance(block, TableBlock)), start=1
    ):
        grid = read_grid(block)
        naming = next(((head, what) for head, what in _NAMING if grid.has(head)), None)
        if naming is None:
            page.findings.append(unknown_table(grid, f"table {number}"))
            continue
        page.listings += _listings(grid, *naming, f"table {number}")
        grids.append(grid)
    return grids


def _listings(
    grid: Grid, naming: Heading, listed: ListKind, where: str
) -> Iterator[PrintedListing]:
    for row in grid.rows:
        printed_id = grid.first(row, "programme_id")
        title = grid.first(row, "programme_title") or grid.first(row, "title")
        name = (title or printed_id) if listed == "programmes" else grid.first(row, naming)
        urls = [href for href in row.hrefs if href]
        if name is None or row.kind == "no_data":
            continue
        if not urls and (row.kind == "group" or is_total(next(filter(None, row.cells)))):
            continue
        url = next((href for href in urls if _is_of(href, listed)), next(iter(urls), None))
        whole_id = printed_id if printed_id and _ID.fullmatch(printed_id) else None
        yield PrintedListing(
            listed=listed,
            name=name,
            url=url,
            programme_id=whole_id
            or (programme_id_of(url or "") if listed == "programmes" else None),
            fund_code=fund_code_of(url or "") if listed == "funds" else None,
            details=tuple(_details(grid, row, name)),
            where=f"{where}, row {row.number}",
            text=row.text,
        )


def _is_of(href: str, listed: ListKind) -> bool:
    if listed == "programmes":
        return programme_id_of(href) is not None
    return listed != "funds" or fund_code_of(href) is not None


def _details(grid: Grid, row: Row, name: str) -> Iterator[tuple[str, str]]:
    for column, text in zip(grid.columns, row.cells, strict=True):
        if text and text != name:
            yield column.text, text
