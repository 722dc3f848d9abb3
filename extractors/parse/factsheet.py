"""A programme factsheet, from blocks to everything that it says.

The page's parts come in a fixed order, each under its heading; where a capture drops a part, the
others still stand under theirs.
"""

import re
from typing import NamedTuple

from extractors.parse.blocks import Block, Line
from extractors.parse.contacts import (
    is_contact_table,
    is_footer,
    is_person,
    may_be_contacts,
    read_contacts,
    starts_contacts,
)
from extractors.parse.coverage import coverage_of
from extractors.parse.currency import read_lines, read_tables
from extractors.parse.identity import Labelled, labels_of, read_identity
from extractors.parse.narrative import read_narrative
from extractors.parse.parts import part_of
from extractors.parse.views import view_links
from extractors.parse.vouchers import read_document_lines
from extractors.records import Page, PageKind, PageRefusedError, PrintedFinding, Representation

_TITLE = re.compile(r"^Project Factsheet\b", re.IGNORECASE)


class _Parts(NamedTuple):
    """The blocks below the identity block, by the heading they stand under."""

    narrative: list[Block]
    documents: list[Block]
    figures: list[Block]
    vouchers: list[Block]
    contacts: list[Block]


def names_programme(labelled: Labelled) -> bool:
    """Whether a page has the label of a programme's ID."""
    return any("programme_id" in labels for labels in labelled.values())


def is_factsheet(blocks: list[Block], labelled: Labelled) -> bool:
    """Whether a page has a programme's identity block: its ID, and more than that."""
    if not names_programme(labelled):
        return False
    return len(labels_of(blocks, labelled)) > 1 or any(
        isinstance(block, Line) and _TITLE.match(block.text) for block in blocks
    )


def read_factsheet(blocks: list[Block], labelled: Labelled, representation: Representation) -> Page:
    """Read a programme factsheet.

    Raises:
        PageRefusedError: the page names no programme, or something that is no programme ID.
    """
    identity = read_identity(blocks, labelled)
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
    page = Page(
        PageKind.PROGRAMME_FACTSHEET,
        representation,
        programme_id=printed_id,
        programme=identity.programme,
        findings=list(identity.findings),
    )
    parts = _split(blocks, identity.end, labelled)
    page.passages = read_narrative(parts.narrative)
    page.contacts = read_contacts(parts.contacts)
    grids = read_tables(page, [*parts.documents, *parts.figures, *parts.vouchers])
    page.documents += read_document_lines(
        block for block in parts.documents if isinstance(block, Line)
    )
    read_lines(page, parts.figures, parts.vouchers)
    if not any(not figure.total for figure in page.figures):
        page.findings.append(
            PrintedFinding("no_figures", printed_id, "the factsheet shows no figure of any year")
        )
    if not page.tables:
        page.views = list(dict.fromkeys(view_links([*parts.figures, *parts.vouchers])))
    page.coverage = coverage_of(page, grids, labels=identity.labels)
    return page


def _split(blocks: list[Block], start: int, labelled: Labelled) -> _Parts:
    """Sort the blocks below the identity block by the heading that they stand under."""
    parts = _Parts([], [], [], [], [])
    current = parts.narrative
    for at in range(start, len(blocks)):
        block = blocks[at]
        if isinstance(block, Line):
            if current is parts.narrative and not may_be_contacts(block.text):
                current.append(block)  # as most lines are
                continue
            if is_footer(block.text):
                break
            heading = part_of(block.text)
            if heading is not None:
                current = getattr(parts, heading)
                continue
            in_texts = current is parts.narrative or current is parts.documents
            if starts_contacts(block, in_narrative=in_texts):
                current = parts.contacts
            elif is_person(block):
                parts.contacts.append(block)
                continue
        elif "programme_id" in labelled.get(at, ()):
            continue
        elif is_contact_table(block):
            parts.contacts.append(block)
            continue
        current.append(block)
    return parts
