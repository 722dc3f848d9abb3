"""A fund's factsheet, and the views of its statement and contributors."""

import re
from collections.abc import Iterable, Iterator, Sequence

from extractors.ids import fund_code_of
from extractors.page_kinds import PageKind, Representation
from extractors.parse.base.blocks import Block, Line, links_and_texts, texts_of, without
from extractors.parse.kinds.views import parse_view, view_links
from extractors.parse.parts.contacts import is_footer, is_person, starts_contacts
from extractors.parse.parts.identity import Labelled, parse_identity
from extractors.parse.parts.narrative import FUND_PART, opens_part
from extractors.parse.parts.statement import holds_statement, parse_statement
from extractors.parse.tables.contributions import glued_tables
from extractors.parse.tables.coverage import coverage_of
from extractors.parse.tables.currency import currency_of
from extractors.parse.tables.lists import (
    add_contribution_tables,
    add_listings,
    parse_paging,
    says_portfolio,
)
from extractors.parse.tables.sections import cut_at_headings
from extractors.records import Page, PrintedFinding, PrintedFund, PrintedPassage, PrintedProgramme

_HEADING = re.compile(
    r"^(?P<type>Trust Fund|Joint Programme|Other Fund)s?\s+Factsheet$", re.IGNORECASE
)
_MENU = re.compile(r"^Factsheet Bookmarks\b", re.IGNORECASE)
_FUND_LINE = re.compile(r"^Fund Dates\b", re.IGNORECASE)
_DATE = re.compile(
    r"^(?:(?P<start>Start(?:ing|ed|s)?(?: date)?)|(?:End(?:ing|ed|s)?|Clos(?:ing|ed|es))(?: date)?)"
    r"\s*\**\s*:\s*(?P<value>.{0,60})$",
    re.IGNORECASE,
)
# Of when a statement says that it is. Its URL counts; real pages leave the place empty.
_AS_OF = re.compile(r"^Total as of\b.{0,60}\b(?:19|20)[0-9]{2}\b", re.IGNORECASE)
_CONTRIBUTORS = re.compile(
    r"^(?:Contributors(?:\s*/\s*Partners)?|Donors|Contributions)\s*:?$", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_TYPES = {text.casefold(): text for text in ("Trust Fund", "Joint Programme", "Other Fund")}
# A link to the fund's own statement in another form or for other months.
_OWN_VIEW = re.compile(
    r"/fund/[a-z0-9]{5}(?:/(?:\w+/)?(?:status|excel)\b|\?(?:[^#]*&)?fund_status)", re.IGNORECASE
)

# A link below a fund's own URL is to a view of the page it stands on if it is called so.
_BELOW = re.compile(r"/fund/[a-z0-9]{5}/\w", re.IGNORECASE)
_VIEW_TEXT = re.compile(
    r"^(?:View as\b.*|Excel|XLS|CSV|Print\b.*|PDF|Overview|About|Projects|Programmes|Documents|"
    r"Financials|Funding Status|Key Figures|Delivery Analysis|Contributors|Contributions|"
    r"Participating Organi[sz]ations)\s*:?$",
    re.IGNORECASE,
)


def fund_type(blocks: Sequence[Block]) -> str | None:
    """Return the type in the heading of a fund's factsheet, or None if there is no such heading."""
    for block in blocks:
        if isinstance(block, Line) and (found := _HEADING.match(block.text)):
            return _TYPES[found["type"].casefold()]
    return None


def is_bare_factsheet(blocks: Sequence[Block]) -> bool:
    """Return whether a page is a factsheet that has lost its heading and its identity.

    It has the menu of the classic site, which names all lists, and the heading of a part.
    """
    lines = [block.text for block in blocks if isinstance(block, Line)]
    return any(map(_MENU.match, lines)) and any(
        opens_part(line) or _FUND_LINE.match(line) for line in lines
    )


def parse_bare_factsheet(
    blocks: list[Block], labelled: Labelled, representation: Representation
) -> Page:
    """Parse a factsheet that has lost its heading and its identity.

    It is a fund's if it has a Funding Status or the dates of a fund; a view of a programme if it
    has figures or vouchers; else its URL says whose it is.
    """
    is_fund = holds_statement(blocks) or any(
        isinstance(block, Line) and _FUND_LINE.match(block.text) for block in blocks
    )
    view = None if is_fund else parse_view(blocks, representation)
    if view is not None:
        return view
    page = parse_fund(blocks, labelled, representation)
    if not is_fund:
        page.kind = PageKind.FACTSHEET
        page.programme = PrintedProgramme(where="page")
    return page


def parse_fund(blocks: list[Block], labelled: Labelled, representation: Representation) -> Page:
    """Parse a fund's factsheet."""
    identity = parse_identity(blocks, labelled)
    printed = identity.programme
    dates = _dates(blocks)
    page = Page(
        PageKind.FUND_FACTSHEET,
        representation,
        fund_code=_own_code(blocks),
        fund=PrintedFund(
            name=printed.title,
            fund_type=fund_type(blocks),
            start_date=printed.start_date or dates.get("start"),
            end_date=printed.end_date or dates.get("end"),
            where=printed.where,
            text=printed.text or " | ".join(dates.values()),
        ),
        findings=list(identity.findings),
    )
    below = blocks[identity.end :]
    others = _add_statement(page, below)
    told = list(_overview(below))
    page.passages = [
        PrintedPassage("overview", 0, seq, line.text) for seq, line in enumerate(told, start=1)
    ]
    page.currency = currency_of(without(below, told), [*blocks[: identity.end], *told])
    page.paging = parse_paging(others)
    lists = add_listings(page, others)
    page.findings += glued_tables(others)
    if not page.contribution_tables:
        page.views = list(dict.fromkeys(_contributors_views(others)))
    page.coverage = coverage_of(page, lists, labels=identity.labels + 1)
    return page


def _contributors_views(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the links to views of a fund's contributors."""
    in_part = False
    for block in blocks:
        if isinstance(block, Line):
            in_part = _CONTRIBUTORS.match(block.text) is not None or (
                in_part and FUND_PART.match(block.text) is None
            )
            if in_part:
                yield from view_links([block])


def parse_statement_view(blocks: list[Block], representation: Representation) -> Page:
    """Parse the Excel view of a fund's statement."""
    page = Page(PageKind.STATEMENT_EXCEL, representation, fund_code=_own_code(blocks))
    others = _add_statement(page, blocks)
    page.currency = currency_of(blocks)
    page.coverage = coverage_of(page, add_contribution_tables(page, others))
    return page


def parse_contributors_view(blocks: list[Block], representation: Representation) -> Page | None:
    """Parse a view of contributors, of a fund or of the list of all; None if it holds no table.

    A view that says that it is the list's is one; else its URL tells.
    """
    blocks = cut_at_headings(blocks)
    page = Page(PageKind.CONTRIBUTORS_VIEW, representation, paging=parse_paging(blocks))
    tables = add_contribution_tables(page, blocks)
    if not page.contribution_tables:
        return None
    if any(map(says_portfolio, texts_of(blocks))):
        page.kind = PageKind.PORTFOLIO_LIST
    else:
        page.fund_code = _own_code(blocks)
    page.currency = currency_of(blocks)
    page.coverage = coverage_of(page, tables)
    return page


def _add_statement(page: Page, blocks: list[Block]) -> list[Block]:
    """Add the statement to the page; return the blocks that are not part of it."""
    lines, consumed, findings = parse_statement(blocks)
    page.statement += lines
    page.findings += findings
    page.findings += [
        PrintedFinding("statement_printed_as_of", "Funding Status", text)
        for text in texts_of(blocks)
        if lines and _AS_OF.match(text)
    ]
    return [block for at, block in enumerate(blocks) if at not in consumed]


def _own_code(blocks: Sequence[Block]) -> str | None:
    """Return the one code in the page's links to its own statement, views and tabs.

    A page that prints no code has it in these. Its other links may be to other funds.
    """
    codes = {
        fund_code_of(href)
        for href, text in links_and_texts(blocks)
        if href and (_OWN_VIEW.search(href) or (_BELOW.search(href) and _VIEW_TEXT.match(text)))
    }
    return codes.pop() if len(codes) == 1 else None


def _dates(blocks: Sequence[Block]) -> dict[str, str]:
    """Return the fund's start and end under the labels that programmes do not have, as printed.

    They stand above the narrative, where `Starting:` is no label.
    """
    dates: dict[str, str] = {}
    waiting = ""
    for text in texts_of(blocks):
        if (heading := FUND_PART.match(text)) and heading["prose"]:
            break
        found = _DATE.match(text)
        if found:
            waiting = "start" if found["start"] else "end"
        value = found["value"] if found else text
        if waiting and value and _YEAR.search(value):
            dates.setdefault(waiting, value)
        waiting = waiting if found and not value else ""
    return dates


def _overview(blocks: Sequence[Block]) -> Iterator[Line]:
    """Yield the paragraphs below About, up to the next heading or the contacts."""
    in_prose = False
    for block in blocks:
        if not isinstance(block, Line):
            in_prose = False
        elif heading := FUND_PART.match(block.text):
            in_prose = heading["prose"] is not None
        elif is_footer(block.text) or starts_contacts(block, in_narrative=in_prose):
            return
        elif in_prose and not is_person(block):
            yield block
