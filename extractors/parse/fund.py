"""A fund's factsheet, or the Excel view of its statement: from blocks to all that it says."""

import re
from collections.abc import Iterator, Sequence

from extractors.ids import fund_code_of
from extractors.parse.blocks import Block, Line, TableBlock
from extractors.parse.contacts import is_footer, is_person, starts_contacts
from extractors.parse.coverage import coverage_of
from extractors.parse.currency import currency_of
from extractors.parse.identity import Labelled, read_identity
from extractors.parse.lists import read_listings
from extractors.parse.paging import read_paging
from extractors.parse.parts import FUND_PART
from extractors.parse.statement import read_statement
from extractors.records import Page, PageKind, PrintedFund, PrintedPassage, Representation

_HEADING = re.compile(
    r"^(?P<type>Trust Fund|Joint Programme|Other Fund)s?\s+Factsheet$", re.IGNORECASE
)
_TYPES = {text.casefold(): text for text in ("Trust Fund", "Joint Programme", "Other Fund")}
# The statement of a fund, in another form or for other months.
_OWN_VIEW = re.compile(
    r"/fund/[a-z0-9]{5}(?:/(?:\w+/)?(?:status|excel)\b|\?(?:[^#]*&)?fund_status)", re.IGNORECASE
)


def fund_type(blocks: Sequence[Block]) -> str | None:
    """The type in the heading of a fund's factsheet; None where the page has no such heading."""
    for block in blocks:
        if isinstance(block, Line) and (found := _HEADING.match(block.text)):
            return _TYPES[found["type"].casefold()]
    return None


def read_fund(blocks: list[Block], labelled: Labelled, representation: Representation) -> Page:
    """A fund's factsheet. Its code is that of the links to its own views, if it has any."""
    identity = read_identity(blocks, labelled)
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
    others = _read_statement(page, below)
    page.passages = list(_overview(below))
    page.paging = read_paging(others)
    grids = read_listings(page, [block for block in others if isinstance(block, TableBlock)])
    page.coverage = coverage_of(page, grids, labels=identity.labels + 1)
    return page


def read_statement_view(blocks: list[Block], representation: Representation) -> Page:
    """The Excel view of a fund's statement."""
    page = Page(PageKind.STATEMENT_EXCEL, representation, fund_code=_own_code(blocks))
    _read_statement(page, blocks)
    page.coverage = coverage_of(page, [])
    return page


def _read_statement(page: Page, blocks: list[Block]) -> list[Block]:
    """Add the statement to the page; the blocks that are not part of it."""
    lines, consumed, findings = read_statement(blocks)
    page.statement += lines
    page.findings += findings
    page.currency = currency_of(blocks)
    return [block for at, block in enumerate(blocks) if at not in consumed]


def _own_code(blocks: Sequence[Block]) -> str | None:
    """The one fund that the page's links to a fund's own views name.

    Other links are to other funds: a menu's, or one that the text speaks of.
    """
    codes = {fund_code_of(href) for href in _hrefs(blocks) if _OWN_VIEW.search(href)}
    return codes.pop() if len(codes) == 1 else None


def _hrefs(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        links = [block] if isinstance(block, Line) else [c for row in block.rows for c in row]
        yield from (link.href for link in links if link.href)


def _overview(blocks: Sequence[Block]) -> Iterator[PrintedPassage]:
    """The paragraphs under About, up to the next heading or the contacts."""
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
