"""Pages that hold a programme's tables alone: Excel views, print views, and pages of vouchers.

Such a page may not say whose tables it holds; then its address does.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from extractors.parse.blocks import Block, Line, TableBlock
from extractors.parse.coverage import coverage_of
from extractors.parse.currency import read_lines, read_tables
from extractors.parse.headings import says_no_data
from extractors.parse.identity import title_of
from extractors.parse.vouchers import is_voucher_table
from extractors.records import (
    Page,
    PageKind,
    PageRefusedError,
    PrintedFinding,
    PrintedProgramme,
    Representation,
)

_ID = re.compile(r"^Project ID\s*\**\s*:\s*(?P<id>\S*)", re.IGNORECASE)
_CAPTION = re.compile(r"^(?:Project ID\s*\**\s*:|Tools\s+for\s*»)", re.IGNORECASE)
_VIEW = re.compile(r"^(?:Key Figures|Latest Vouchers)\s*:?$", re.IGNORECASE)
_VIEW_LINK = re.compile(r"^(?:View as Excel|Print friendly)\b", re.IGNORECASE)
_VOUCHERS = re.compile(r"^Latest Vouchers\s*:?$", re.IGNORECASE)
_SPREADSHEETS = frozenset({Representation.HTML_XLS, Representation.XLSX, Representation.CSV})


def read_view(blocks: list[Block], representation: Representation) -> Page | None:
    """A page of a programme's tables; None where no table is one of figures or vouchers.

    Raises:
        PageRefusedError: the page prints something else as its Project ID.
    """
    title = title_of(blocks)
    page = Page(PageKind.OTHER, representation, programme_id=_programme_id(blocks))
    figures, vouchers = _parts(blocks)
    grids = read_tables(page, map(_without_caption, [*figures, *vouchers]))
    of_vouchers = bool(vouchers) or any(is_voucher_table(grid) for grid in grids)
    is_empty = page.programme_id is not None and any(map(says_no_data, _texts(blocks)))
    if not (page.tables or of_vouchers or is_empty or _is_headed_view(blocks)):
        return None
    page.kind = _kind(page, titled=title is not None, of_vouchers=of_vouchers)
    read_lines(page, figures, vouchers)
    if title is not None:
        page.programme = _only_title(title)
    if not of_vouchers and not any(not figure.total for figure in page.figures):
        subject = page.programme_id or "programme"
        page.findings.append(PrintedFinding("no_figures", subject, "the view shows no figure"))
    page.coverage = coverage_of(page, grids, labels=int(page.programme_id is not None))
    return page


def view_links(blocks: Iterable[Block]) -> Iterator[str]:
    """The addresses, as linked, of the views of a page's tables: Excel, or else print."""
    for block in blocks:
        if isinstance(block, Line) and block.href and _VIEW_LINK.match(block.text):
            yield block.href


def _without_caption(block: Block) -> Block:
    """The rows that name the programme made blank, so that the others keep their numbers."""
    if isinstance(block, Line):
        return block
    rows = list(block.rows)
    for at, row in enumerate(rows):
        if filled := [cell.text for cell in row if cell.text]:
            if not _CAPTION.match(filled[0]):
                break
            rows[at] = ()
    return TableBlock(tuple(rows))


def _is_headed_view(blocks: Sequence[Block]) -> bool:
    """Whether the heading of a view stands right below the ID, though its table is glued."""
    lines = [block.text for block in blocks if isinstance(block, Line)]
    return any(_ID.match(line) and _VIEW.match(below) for line, below in pairwise(lines))


def _kind(page: Page, *, titled: bool, of_vouchers: bool) -> PageKind:
    holds_figures = bool(page.tables) or not of_vouchers
    if page.representation in _SPREADSHEETS:
        return PageKind.FIGURES_EXCEL if holds_figures else PageKind.VOUCHERS_EXCEL
    return PageKind.PRINT_VIEW if titled or holds_figures else PageKind.VOUCHERS


def _programme_id(blocks: Sequence[Block]) -> str | None:
    texts = list(_texts(blocks))
    for at, text in enumerate(texts):
        if found := _ID.match(text):
            printed = found["id"] or (texts[at + 1] if at + 1 < len(texts) else "")
            if not re.fullmatch(r"[0-9]{8}", printed):
                raise PageRefusedError(
                    "programme_id_malformed", "the Project ID is not eight digits", printed
                )
            return printed
    return None


def _parts(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """What stands above the heading of the vouchers, and what below it."""
    for at, block in enumerate(blocks):
        if isinstance(block, Line) and _VOUCHERS.match(block.text):
            return blocks[:at], blocks[at + 1 :]
    return blocks, []


def _only_title(title: str) -> PrintedProgramme:
    nothing = dict.fromkeys(PrintedProgramme._fields)
    return PrintedProgramme(**nothing | {"title": title, "where": "title", "text": title})  # type: ignore[arg-type]  # its two that are never None are given


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, TableBlock):
            yield from (cell.text for row in block.rows for cell in row if cell.text)
        else:
            yield block.text
