"""A programme's tables and what stands beside them, and the pages that hold nothing else.

Those are Excel views, print views and pages of vouchers. Such a page may not print whose tables it
holds; then its URL tells.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from extractors.page_kinds import SPREADSHEETS, PageKind, PageRefusedError, Representation
from extractors.parse.base.blocks import Block, Line, TableBlock, filled_texts, texts_of
from extractors.parse.parts.identity import find_labels, labels_of, parse_identity, title_of
from extractors.parse.parts.subjects import two_subjects
from extractors.parse.tables.coverage import coverage_of
from extractors.parse.tables.currency import currency_of, is_us_dollars
from extractors.parse.tables.figures import is_figure_table, parse_figures
from extractors.parse.tables.headings import NO_DATA, says_no_data
from extractors.parse.tables.lists import is_paging, parse_paging
from extractors.parse.tables.sections import cut_at_headings
from extractors.parse.tables.tables import HeadedTable, parse_table, unknown_table
from extractors.parse.tables.vouchers import (
    is_document_table,
    is_voucher_table,
    parse_document_table,
    parse_vouchers,
)
from extractors.records import Page, PrintedFinding, PrintedProgramme

_ID = re.compile(r"^Project ID\s*\**\s*:\s*(?P<id>\S*)", re.IGNORECASE)
_ID_DIGITS = 8
_CAPTION = re.compile(r"^(?:Project ID\s*\**\s*:|Tools\s+for\s*»)", re.IGNORECASE)
_VIEW = re.compile(r"^(?:Key Figures|Latest Vouchers)\s*:?$", re.IGNORECASE)
_VIEW_LINK = re.compile(r"^(?:View as Excel|Print friendly)\b", re.IGNORECASE)
_VOUCHERS = re.compile(r"^Latest Vouchers\s*:?$", re.IGNORECASE)
# Stands on every page beside the tables of Key Figures and Latest Vouchers.
_FURNITURE = re.compile(
    r"^(?:Report by\b.*|by (?:participating organization|year)|"
    r"(?:All )?(?:amounts|figures)(?: are)? in\b.*|"
    r"View as Excel.*|Print friendly.*|Participating Organizations are required\b.*|"
    r"This screen shows\b.*|Project ID\s*:.*|Tools for\b.*|"
    rf"{NO_DATA})$",
    re.IGNORECASE,
)


def parse_view(blocks: list[Block], representation: Representation) -> Page | None:
    """Parse a page of a programme's tables; return None if it has none of figures or vouchers.

    Raises:
        PageRefusedError: its Project ID is not one.
    """
    blocks = cut_at_headings(blocks)
    title = title_of(blocks)
    programme_id = _programme_id(blocks, numeric=representation in SPREADSHEETS)
    page = Page(PageKind.OTHER, representation, programme_id=programme_id)
    figures, vouchers = _split_at_vouchers(blocks)
    tables = add_tables(page, map(_without_caption, [*figures, *vouchers]))
    of_vouchers = bool(vouchers) or any(map(is_voucher_table, tables))
    is_empty = page.programme_id is not None and any(map(says_no_data, texts_of(blocks)))
    if not (page.tables or of_vouchers or is_empty or _is_headed_view(blocks)):
        return None
    page.kind = _kind(page, titled=title is not None, of_vouchers=of_vouchers)
    page.currency = page.currency or currency_of([*figures, *vouchers])
    add_lines(page, figures, vouchers)
    labelled = find_labels(blocks)
    if representation in SPREADSHEETS and len(labels_of(blocks, labelled)) > 1:
        identity = parse_identity(blocks, labelled)
        page.programme = identity.programme
        page.findings += identity.findings
    elif title is not None:
        page.programme = PrintedProgramme(title=title, where="title", text=title)
    if not of_vouchers and all(figure.total for figure in page.figures):
        subject = page.programme_id or "programme"
        page.findings.append(PrintedFinding("no_figures", subject, "the view shows no figure"))
    page.coverage = coverage_of(page, tables, labels=int(page.programme_id is not None))
    return page


def add_tables(page: Page, blocks: Iterable[Block]) -> list[HeadedTable]:
    """Add every table's records or findings to the page; return the tables that were understood."""
    understood = []
    tables = [parse_table(block) for block in blocks if isinstance(block, TableBlock)]
    for number, table in enumerate(tables, start=1):
        if is_figure_table(table):
            record, figures, findings = parse_figures(table, number)
            page.tables.append(record)
            page.figures += figures
            page.findings += findings
        elif is_voucher_table(table):
            vouchers, findings = parse_vouchers(table, number)
            page.vouchers += vouchers
            page.findings += findings
        elif is_document_table(table):
            documents, findings = parse_document_table(table, number)
            page.documents += documents
            page.findings += findings
        else:
            if not _is_furniture(table):
                page.findings.append(unknown_table(table, f"table {number}"))
            continue
        understood.append(table)
        _add_subject(page, table)
        printed = (table.text(row, "currency") for row in table.rows)
        foreign = (text for text in printed if text and not is_us_dollars(text))
        page.currency = page.currency or next(foreign, None)
    return understood


def _add_subject(page: Page, table: HeadedTable) -> None:
    """Add the programme to a page that names it in a column only; refuse rows of another one."""
    printed = (table.text(row, "programme_id") for row in table.rows if row.kind == "data")
    ids = {text.zfill(8) for text in (*printed, page.programme_id) if text and text.isdecimal()}
    if len(ids) > 1:
        raise two_subjects("Project ID", sorted(ids))
    page.programme_id = next(iter(ids), page.programme_id)


def _is_furniture(table: HeadedTable) -> bool:
    return all(_FURNITURE.match(text) for row in table.rows for text in row.cells if text)


def add_lines(page: Page, figures: list[Block], vouchers: list[Block]) -> None:
    """Add the paging and unread lines beside the tables to the page."""
    paging = parse_paging(figures)
    if any(one.whole is None or int(one.whole) > 1 for one in paging):
        page.tables = [table._replace(read_in_full=False) for table in page.tables]
    page.paging += paging + parse_paging(vouchers)
    page.findings += [
        PrintedFinding("unread_text", "Key Figures or Latest Vouchers", block.text)
        for block in [*figures, *vouchers]
        if isinstance(block, Line) and _may_hold_figure(block)
    ]


def _may_hold_figure(line: Line) -> bool:
    return (
        any(map(str.isdigit, line.text)) and not _FURNITURE.match(line.text) and not is_paging(line)
    )


def view_links(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the links to Excel or print views of a page's tables."""
    for block in blocks:
        if isinstance(block, Line) and block.href and _VIEW_LINK.match(block.text):
            yield block.href


def _without_caption(block: Block) -> Block:
    """Blank the first rows if they name the programme; the other rows keep their numbers."""
    if isinstance(block, Line):
        return block
    rows = list(block.rows)
    for at, row in enumerate(rows):
        if filled := filled_texts(row):
            if not _CAPTION.match(filled[0]) or any(cell.rowspan > 1 for cell in row):
                break
            rows[at] = ()
    return block._replace(rows=tuple(rows))


def _is_headed_view(blocks: Sequence[Block]) -> bool:
    """Return whether a view's heading stands right below the ID, though its table may be glued."""
    lines = [block.text for block in blocks if isinstance(block, Line)]
    return any(_ID.match(line) and _VIEW.match(below) for line, below in pairwise(lines))


def _kind(page: Page, *, titled: bool, of_vouchers: bool) -> PageKind:
    has_figures = bool(page.tables) or not of_vouchers
    if page.representation in SPREADSHEETS:
        return PageKind.FIGURES_EXCEL if has_figures else PageKind.VOUCHERS_EXCEL
    return PageKind.PRINT_VIEW if titled or has_figures else PageKind.VOUCHERS


def _programme_id(blocks: Sequence[Block], *, numeric: bool) -> str | None:
    """Return the first Project ID, which stands behind its label or in the next text.

    A spreadsheet keeps an ID as a number, without the zeros before it (`numeric`).
    """
    texts = [*texts_of(blocks), ""]
    for text, following in pairwise(texts):
        if found := _ID.match(text):
            printed = found["id"] or following
            if not re.fullmatch(r"[0-9]{1,8}" if numeric else r"[0-9]{8}", printed):
                raise PageRefusedError(
                    "programme_id_malformed", "the Project ID is not eight digits", printed
                )
            return printed.zfill(_ID_DIGITS)
    return None


def _split_at_vouchers(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """Return the blocks above the heading of the vouchers, and those below it."""
    for at, block in enumerate(blocks):
        if isinstance(block, Line) and _VOUCHERS.match(block.text):
            return blocks[:at], blocks[at + 1 :]
    return blocks, []
