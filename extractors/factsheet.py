"""A programme factsheet, from blocks to everything that it says.

The page's parts come in a fixed order, each under its heading; where a capture drops a part, the
others still stand under theirs.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from extractors.blocks import Block, Line, Table
from extractors.contacts import (
    FOOTER,
    is_contact_table,
    is_person,
    read_contacts,
    starts_contacts,
)
from extractors.figures import is_figure_table, read_figures
from extractors.identity import has_identity, read_identity
from extractors.narrative import read_narrative
from extractors.records import Page, PageKind, PageRefusedError, PrintedFinding, Representation
from extractors.tables import read_grid
from extractors.vouchers import (
    is_document_table,
    is_voucher_table,
    read_document_lines,
    read_document_table,
    read_vouchers,
)

_HEADINGS = {
    "documents": re.compile(r"^Recent Documents\s*:?$", re.IGNORECASE),
    "figures": re.compile(r"^Key Figures\s*:?$", re.IGNORECASE),
    "vouchers": re.compile(r"^Latest Vouchers\s*:?$", re.IGNORECASE),
}
_LONGEST_HEADING = 30  # characters
_CURRENCY = re.compile(r"^All amounts in\s+(?P<currency>US\s?\$|[A-Z]{3}|\S+)", re.IGNORECASE)
_PAGE_OF = re.compile(r"\bPage\s+\d{1,6}\s+of\s+(?P<pages>\d{1,6})\b", re.IGNORECASE)
# What stands in Key Figures and Latest Vouchers beside the tables, on every page.
_FURNITURE = re.compile(
    r"^(?:Report by\b.*|by (?:participating organization|year)|All amounts in\b.*|"
    r"View as Excel.*|Print friendly.*|Participating Organizations are required\b.*|"
    r"This screen shows\b.*|Page \d+ of \d+.*)$",
    re.IGNORECASE,
)


class _Parts(NamedTuple):
    """The blocks below the identity block, by the heading they stand under."""

    narrative: list[Block]
    documents: list[Block]
    figures: list[Block]
    vouchers: list[Block]
    contacts: list[Block]


def read_factsheet(blocks: list[Block], representation: Representation) -> Page:
    """Read a programme factsheet.

    Raises:
        PageRefusedError: the page names no programme, or something that is no programme ID.
    """
    identity = read_identity(blocks)
    printed_id = identity.programme_id
    if printed_id is None:
        raise PageRefusedError(
            "programme_id_missing",
            "the factsheet prints no Project ID",
            identity.programme.text,
            PageKind.PROGRAMME_FACTSHEET,
        )
    if not re.fullmatch(r"[0-9]{8}", printed_id):
        raise PageRefusedError(
            "programme_id_malformed",
            "the Project ID is not eight digits",
            printed_id,
            PageKind.PROGRAMME_FACTSHEET,
        )
    page = Page(PageKind.PROGRAMME_FACTSHEET, representation, printed_id, identity.programme)
    page.findings += identity.findings
    parts = _split(blocks[identity.end :])
    page.passages = read_narrative(parts.narrative)
    page.contacts = read_contacts(parts.contacts)
    _read_tables(page, [*parts.documents, *parts.figures, *parts.vouchers])
    page.documents += read_document_lines(
        block for block in parts.documents if isinstance(block, Line)
    )
    _read_lines(page, [*parts.figures, *parts.vouchers])
    if not any(not figure.total for figure in page.figures):
        page.findings.append(
            PrintedFinding("no_figures", printed_id, "the factsheet shows no figure of any year")
        )
    return page


def _split(blocks: list[Block]) -> _Parts:
    """Sort the blocks below the identity block by the heading that they stand under."""
    parts = _Parts([], [], [], [], [])
    current = parts.narrative
    for block in blocks:
        if isinstance(block, Line):
            if FOOTER.match(block.text):
                break
            heading = _part(block.text)
            if heading is not None:
                current = getattr(parts, heading)
                continue
            if starts_contacts(block, in_narrative=current is parts.narrative):
                current = parts.contacts
            elif is_person(block):
                parts.contacts.append(block)
                continue
        elif has_identity([block]):
            continue
        elif is_contact_table(block):
            parts.contacts.append(block)
            continue
        current.append(block)
    return parts


def _part(text: str) -> str | None:
    """The part of the page that a heading opens."""
    if len(text) > _LONGEST_HEADING:
        return None
    return next((name for name, match in _HEADINGS.items() if match.match(text)), None)


def _read_tables(page: Page, blocks: list[Block]) -> None:
    """Every table below the narrative, by its headings, wherever it stands."""
    tables = [read_grid(block) for block in blocks if isinstance(block, Table)]
    for number, grid in enumerate(tables, start=1):
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
        elif any(not _FURNITURE.match(text) for row in grid.rows for text in row.cells if text):
            page.findings.append(
                PrintedFinding(
                    "unknown_table",
                    f"table {number}",
                    " / ".join([c.text for c in grid.columns] + [row.text for row in grid.rows]),
                )
            )


def _read_lines(page: Page, blocks: list[Block]) -> None:
    """What stands beside the tables: the currency, paging, and text that should have been cells.

    A currency other than US$ holds for the whole page: which table it is for is not guessed.
    """
    for text in _texts(blocks):
        if (found := _CURRENCY.match(text)) is not None:
            currency = found["currency"].replace(" ", "")
            page.currency = currency if page.currency in {None, "US$", "USD"} else page.currency
        if (paged := _PAGE_OF.search(text)) is not None and int(paged["pages"]) > 1:
            page.tables = [table._replace(read_in_full=False) for table in page.tables]
    for block in blocks:
        if (
            isinstance(block, Line)
            and not _FURNITURE.match(block.text)
            and any(c.isdigit() for c in block.text)
        ):
            page.findings.append(
                PrintedFinding("unread_text", "Key Figures or Latest Vouchers", block.text)
            )


def _texts(blocks: list[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Line):
            yield block.text
        else:
            yield from (cell.text for row in block.rows for cell in row)
