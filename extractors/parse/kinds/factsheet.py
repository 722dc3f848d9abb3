"""A programme's factsheet.

Its parts come in a fixed order, each below its heading. A capture may lack some of them.
"""

import re
from typing import NamedTuple

from extractors.page_kinds import PageKind, PageRefusedError, Representation
from extractors.parse.base.blocks import Block, Line, without
from extractors.parse.kinds.views import add_lines, add_tables, view_links
from extractors.parse.parts.contacts import (
    is_contact_table,
    is_footer,
    is_person,
    parse_contacts,
    starts_contacts,
)
from extractors.parse.parts.identity import Labelled, labels_of, parse_identity
from extractors.parse.parts.narrative import parse_narrative, part_of
from extractors.parse.tables.coverage import coverage_of
from extractors.parse.tables.currency import currency_of
from extractors.parse.tables.vouchers import parse_document_lines
from extractors.records import Page, PrintedFinding

_TITLE = re.compile(r"^Project Factsheet\b", re.IGNORECASE)


class _Parts(NamedTuple):
    """The blocks below the identity block, by the part that they belong to."""

    narrative: list[Block]
    documents: list[Block]
    figures: list[Block]
    vouchers: list[Block]
    contacts: list[Block]


def names_programme(labelled: Labelled) -> bool:
    """Return whether a page has the label of a programme's ID."""
    return any("programme_id" in labels for labels in labelled.values())


def is_factsheet(blocks: list[Block], labelled: Labelled) -> bool:
    """Return whether a page has a programme's ID, and a title or more of an identity block."""
    return names_programme(labelled) and (
        len(labels_of(blocks, labelled)) > 1
        or any(isinstance(block, Line) and _TITLE.match(block.text) for block in blocks)
    )


def parse_factsheet(
    blocks: list[Block], labelled: Labelled, representation: Representation
) -> Page:
    """Parse a programme's factsheet.

    Raises:
        PageRefusedError: it has no Project ID, or one that is not eight digits.
    """
    identity = parse_identity(blocks, labelled)
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
    page.passages = parse_narrative(parts.narrative)
    page.contacts = parse_contacts(parts.contacts)
    tables = add_tables(page, [*parts.documents, *parts.figures, *parts.vouchers])
    page.documents += parse_document_lines(parts.documents)
    beside = [*parts.figures, *parts.vouchers]
    page.currency = page.currency or currency_of(beside, without(blocks, beside))
    add_lines(page, parts.figures, parts.vouchers)
    if all(figure.total for figure in page.figures):
        page.findings.append(
            PrintedFinding("no_figures", printed_id, "the factsheet shows no figure of any year")
        )
    if not page.tables:
        page.views = list(dict.fromkeys(view_links(beside)))
    page.coverage = coverage_of(page, tables, labels=identity.labels)
    return page


def _split(blocks: list[Block], start: int, labelled: Labelled) -> _Parts:
    """Sort the blocks below the identity block by the heading above them."""
    parts = _Parts([], [], [], [], [])
    current = parts.narrative
    for at in range(start, len(blocks)):
        block = blocks[at]
        if isinstance(block, Line):
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
