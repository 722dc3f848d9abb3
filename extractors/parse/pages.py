"""Recognize and parse pages: bytes in, records out, or a refusal that names a rule.

What comes out depends on the bytes alone, never on a URL, file name or time. An API answer depends
on its query too, which is not in it.
"""

import re

from extractors.page_kinds import PageKind, PageRefusedError, Representation
from extractors.parse.api.answers import parse_answer
from extractors.parse.base.blocks import Block, Line, texts_of
from extractors.parse.base.charset import DAMAGED
from extractors.parse.base.limits import check_repeated
from extractors.parse.forms import read_form, read_text
from extractors.parse.kinds.factsheet import is_factsheet, names_programme, parse_factsheet
from extractors.parse.kinds.fund import (
    fund_type,
    is_bare_factsheet,
    parse_bare_factsheet,
    parse_contributors_view,
    parse_fund,
    parse_statement_view,
)
from extractors.parse.kinds.today import parse_today
from extractors.parse.kinds.views import parse_view
from extractors.parse.parts.identity import find_labels
from extractors.parse.parts.statement import holds_statement
from extractors.parse.parts.subjects import check_one_subject
from extractors.parse.tables.cut_short import BREAKS_OFF, mark_cut_short, without_last
from extractors.parse.tables.lists import list_title, parse_portfolio
from extractors.parse.tables.units import unit_in
from extractors.records import Page, PrintedFinding

_PROGRAMME_HEADING = "Project Factsheet"
_MAINTENANCE = re.compile(
    r"\b(?:maintenance|temporarily unavailable|service unavailable|be back (?:soon|shortly))\b",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"\b(?:sign in|log ?in|password)\b", re.IGNORECASE)
_QUOTED_CHARACTERS = 200
# No factsheet is one of these, whatever labels stand above its tables.
_SHEETS = frozenset({Representation.XLSX, Representation.SPREADSHEETML, Representation.CSV})


def parse_page(body: bytes, context: str = "", *, cut_short: str | None = None) -> Page:
    """Parse a page.

    Args:
        body: the page as sent.
        context: if it is an answer of the site's API, the query that it answers: the URL's path
            behind the API's base.
        cut_short: why bytes are known to be missing behind the body; None if none are.

    Raises:
        PageRefusedError: the bytes hold no record; its rule tells why. A retry changes nothing.
    """
    if context:
        return _parse_api(body, context, cut_short)
    form = read_form(body)
    mentions = check_one_subject(form.blocks, form.markup.lower if form.markup else "")
    blocks, last_text = form.blocks, form.torn_text
    if form.breaks_off:
        cut_short = cut_short or BREAKS_OFF
    if cut_short and not form.is_torn:
        blocks, last_text = without_last(blocks)
    if cut_short and not blocks:
        raise _refusal([Line(last_text)] if last_text else [])
    page = parse_today(form.text, blocks, form.representation, form.markup)
    page = page or parse_blocks(blocks, form.representation, cut_short=cut_short)
    figures = [figure.text for figure in page.figures]
    check_repeated(figures + [contribution.text for contribution in page.contributions])
    page.findings += [*form.findings, *mentions]
    if form.may_be_damaged:
        page.findings += [
            PrintedFinding("damaged_characters", "page", damaged)
            for damaged in texts_of(blocks)
            if DAMAGED in damaged
        ]
    if cut_short:
        page.currency = unit_in(last_text) or page.currency
        mark_cut_short(page, cut_short, last_text)
    return page


def _parse_api(body: bytes, context: str, cut_short: str | None) -> Page:
    text, findings = read_text(body)
    answer = parse_answer(text, context)
    answer.findings += findings
    if cut_short:
        mark_cut_short(answer, cut_short, "")
    return answer


def parse_blocks(
    blocks: list[Block], representation: Representation, *, cut_short: str | None = None
) -> Page:
    """Parse a page from its blocks, unless it is one of the site since 2022.

    A page with a Project ID and no other sign of its kind is a factsheet if it is whole. If it was
    cut short, it may as well be the head of a view.

    Raises:
        PageRefusedError: the page is of no known kind, or breaks a rule of its kind.
    """
    labelled = find_labels(blocks)
    if is_factsheet(blocks, labelled):
        if representation in _SHEETS:
            page = parse_view(blocks, representation)
            if page is not None and page.figures:
                return page
        return parse_factsheet(blocks, labelled, representation)
    if fund_type(blocks) is not None:
        return parse_fund(blocks, labelled, representation)
    if is_bare_factsheet(blocks):
        return parse_bare_factsheet(blocks, labelled, representation)
    if list_title(blocks) is not None:
        return parse_portfolio(blocks, representation)
    if holds_statement(blocks):
        return parse_statement_view(blocks, representation)
    page = parse_view(blocks, representation) or parse_contributors_view(blocks, representation)
    if page is not None:
        return page
    if not names_programme(labelled):
        raise _refusal(blocks)
    if cut_short:
        raise PageRefusedError(
            "cut_before_its_kind",
            "the page breaks off before it shows whether it is a factsheet or a view",
            " / ".join(texts_of(blocks))[:_QUOTED_CHARACTERS],
        )
    return parse_factsheet(blocks, labelled, representation)


def _refusal(blocks: list[Block]) -> PageRefusedError:
    """Return the refusal of a page without a programme, fund or list."""
    lines = [block.text for block in blocks if isinstance(block, Line)]
    quoted = " / ".join(lines)[:_QUOTED_CHARACTERS]
    if _PROGRAMME_HEADING in lines:
        return PageRefusedError(
            "programme_id_missing",
            "the factsheet prints no Project ID",
            quoted,
            PageKind.PROGRAMME_FACTSHEET,
        )
    if not blocks:
        return PageRefusedError("empty_body", "the page has no text")
    if any(_MAINTENANCE.search(line) for line in lines):
        return PageRefusedError(
            "maintenance_page", "the site was down for maintenance", quoted, PageKind.MAINTENANCE
        )
    if any(_LOGIN.search(line) for line in lines):
        return PageRefusedError("login_page", "the site asked for a login", quoted, PageKind.LOGIN)
    return PageRefusedError("not_a_gateway_page", "no page of the Gateway that is known", quoted)
