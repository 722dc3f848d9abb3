"""A fund's factsheet, and the Excel view of its statement."""

import re
from collections.abc import Iterator, Sequence

from extractors.ids import fund_code_of
from extractors.parse.blocks import Block, Line, links_and_texts
from extractors.parse.contacts import is_footer, is_person, starts_contacts
from extractors.parse.coverage import coverage_of
from extractors.parse.currency import currency_of
from extractors.parse.identity import Labelled, parse_identity
from extractors.parse.lists import add_listings, parse_paging
from extractors.parse.narrative import FUND_PART
from extractors.parse.statement import parse_statement
from extractors.records import Page, PageKind, PrintedFund, PrintedPassage, Representation

_HEADING = re.compile(
    r"^(?P<type>Trust Fund|Joint Programme|Other Fund)s?\s+Factsheet$", re.IGNORECASE
)
_TYPES = {text.casefold(): text for text in ("Trust Fund", "Joint Programme", "Other Fund")}
# A link to the fund's own statement in another form or for other months.
_OWN_VIEW = re.compile(
    r"/fund/[a-z0-9]{5}(?:/(?:\w+/)?(?:status|excel)\b|\?(?:[^#]*&)?fund_status)", re.IGNORECASE
)


def fund_type(blocks: Sequence[Block]) -> str | None:
    """Return the type in the heading of a fund's factsheet, or None if there is no such heading."""
    for block in blocks:
        if isinstance(block, Line) and (found := _HEADING.match(block.text)):
            return _TYPES[found["type"].casefold()]
    return None


def parse_fund(blocks: list[Block], labelled: Labelled, representation: Representation) -> Page:
    """Parse a fund's factsheet."""
    identity = parse_identity(blocks, labelled)
    printed = identity.programme
    page = Page(
        PageKind.FUND_FACTSHEET,
        representation,
        fund_code=_own_code(blocks),
        fund=PrintedFund(
            name=printed.title,
            fund_type=fund_type(blocks),
            start_date=printed.start_date,
            end_date=printed.end_date,
            where=printed.where,
            text=printed.text,
        ),
        findings=list(identity.findings),
    )
    below = blocks[identity.end :]
    others = _add_statement(page, below)
    page.passages = list(_overview(below))
    page.paging = parse_paging(others)
    lists = add_listings(page, others)
    page.coverage = coverage_of(page, lists, labels=identity.labels + 1)
    return page


def parse_statement_view(blocks: list[Block], representation: Representation) -> Page:
    """Parse the Excel view of a fund's statement."""
    page = Page(PageKind.STATEMENT_EXCEL, representation, fund_code=_own_code(blocks))
    _add_statement(page, blocks)
    page.coverage = coverage_of(page, [])
    return page


def _add_statement(page: Page, blocks: list[Block]) -> list[Block]:
    """Add the statement to the page; return the blocks that are not part of it."""
    lines, consumed, findings = parse_statement(blocks)
    page.statement += lines
    page.findings += findings
    page.currency = currency_of(blocks)
    return [block for at, block in enumerate(blocks) if at not in consumed]


def _own_code(blocks: Sequence[Block]) -> str | None:
    """Return the one code in the page's links to a fund's own statement.

    A page that prints no code has it in these. Its other links may be to other funds.
    """
    hrefs = (href for href, _ in links_and_texts(blocks) if href)
    codes = {fund_code_of(href) for href in hrefs if _OWN_VIEW.search(href)}
    return codes.pop() if len(codes) == 1 else None


def _overview(blocks: Sequence[Block]) -> Iterator[PrintedPassage]:
    """Yield the paragraphs below About, up to the next heading or the contacts."""
    seq = 0
    in_prose = False
    for block in blocks:
        if not isinstance(block, Line):
            in_prose = False
        elif heading := FUND_PART.match(block.text):
            in_prose = heading["prose"] is not None
        elif is_footer(block.text) or starts_contacts(block, in_narrative=in_prose):
            return
        elif in_prose and not is_person(block):
            seq += 1
            yield PrintedPassage("overview", 0, seq, block.text)
