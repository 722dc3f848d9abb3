"""Recognize and parse pages: bytes in, records out, or a refusal that names a rule.

What comes out depends on the bytes alone, never on a URL, file name or time. An API answer depends
on its query too, which is not in it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from extractors.mime import NotMimeHtmlError, is_mime, read_mime
from extractors.parse.api import parse_answer
from extractors.parse.blocks import Block, Line, TableBlock, texts_of
from extractors.parse.charset import DAMAGED, NotTextError, decode
from extractors.parse.cut_short import BREAKS_OFF, breaks_off, mark_cut_short, without_last
from extractors.parse.delimited import parse_csv
from extractors.parse.factsheet import is_factsheet, names_programme, parse_factsheet
from extractors.parse.fund import (
    fund_type,
    is_bare_factsheet,
    parse_bare_factsheet,
    parse_fund,
    parse_statement_view,
)
from extractors.parse.html import parse_html
from extractors.parse.identity import find_labels
from extractors.parse.limits import check_lines, check_markup, check_size
from extractors.parse.lists import list_title, parse_portfolio
from extractors.parse.markup import Markup
from extractors.parse.spreadsheetml import is_spreadsheetml, parse_spreadsheetml
from extractors.parse.statement import holds_statement
from extractors.parse.subjects import check_one_subject
from extractors.parse.text import is_piped, parse_text
from extractors.parse.today import parse_today
from extractors.parse.views import parse_view
from extractors.parse.workbooks import is_workbook, parse_workbook, refuse_other_workbooks
from extractors.records import Page, PageKind, PageRefusedError, PrintedFinding, Representation

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|table|div|p|td|tr|span)\b", re.IGNORECASE)
_PROGRAMME_HEADING = "Project Factsheet"
_NEW_LINK = re.compile(r"""href\s*=\s*["']?[^"'>\s=]*/(?:project/[0-9]{8}|fund/[a-z0-9]{5})\b""")
_OFFICE = "urn:schemas-microsoft-com:office"
_HEAD = 4_000  # characters
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
        answered, controls = _text(body)
        answer = parse_answer(answered, context)
        answer.findings += controls
        if cut_short:
            mark_cut_short(answer, cut_short, "")
        return answer
    if is_mime(body):
        body, is_whole = _html_of_mime(body)
        cut_short = cut_short or (None if is_whole else BREAKS_OFF)
    refuse_other_workbooks(body)
    text: str | None = None
    findings: list[PrintedFinding] = []
    if not is_workbook(body):
        text, findings = _text(body)
    markup = None if text is None else _markup(text)
    blocks, representation, last_text, unread = _blocks(body, text, markup)
    check_one_subject(blocks, markup.text if markup else "")
    is_torn = markup is not None and markup.cut_short  # then last_text is not in the blocks
    if is_torn or (text is not None and breaks_off(text, blocks, representation)):
        cut_short = cut_short or BREAKS_OFF
    if cut_short and not is_torn:
        blocks, last_text = without_last(blocks)
    if cut_short and not blocks:
        raise _refusal([Line(last_text)] if last_text else [])
    today = None if text is None else parse_today(text, blocks, representation, markup)
    page = today or parse_blocks(blocks, representation)
    page.findings += [*unread, *findings]
    if text is None or DAMAGED in text:
        page.findings += [
            PrintedFinding("damaged_characters", "page", damaged)
            for damaged in texts_of(blocks)
            if DAMAGED in damaged
        ]
    if cut_short:
        mark_cut_short(page, cut_short, last_text)
    return page


def parse_blocks(blocks: list[Block], representation: Representation) -> Page:
    """Parse a page from its blocks, unless it is one of the site since 2022.

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
    page = parse_view(blocks, representation)
    if page is not None:
        return page
    if names_programme(labelled):
        return parse_factsheet(blocks, labelled, representation)
    raise _refusal(blocks)


def _markup(text: str) -> Markup | None:
    """Return the tree of a page, None if it is no HTML."""
    check_size(text)
    if is_spreadsheetml(text) or not _MARKUP.search(text):
        return None
    check_markup(text)
    return Markup(text)


class _Read(NamedTuple):
    """A page as blocks, the text in which HTML breaks off, and findings about what is not read."""

    blocks: list[Block]
    representation: Representation
    last_text: str = ""
    findings: Sequence[PrintedFinding] = ()


def _blocks(body: bytes, text: str | None, markup: Markup | None) -> _Read:
    """Return a page as blocks, whatever its form."""
    if text is None:
        book = parse_workbook(body)
        return _Read(book.blocks, Representation.XLSX, findings=book.findings)
    if markup is not None:
        blocks, torn_text = parse_html(markup)
        return _Read(blocks, _html_representation(text, blocks), torn_text)
    if is_spreadsheetml(text):
        book = parse_spreadsheetml(text)
        return _Read(book.blocks, Representation.SPREADSHEETML, findings=book.findings)
    check_lines(text)
    csv = parse_csv(text)
    if csv is not None:
        return _Read(csv.blocks, Representation.CSV, findings=csv.findings)
    return _Read(
        parse_text(text), Representation.PIPED_TEXT if is_piped(text) else Representation.TEXT
    )


def _html_representation(text: str, blocks: list[Block]) -> Representation:
    is_one_table = len(blocks) == 1 and isinstance(blocks[0], TableBlock)
    if is_one_table or _OFFICE in text[:_HEAD]:
        return Representation.HTML_XLS
    is_new = "/factsheet/" not in text and _NEW_LINK.search(text) is not None
    return Representation.NEW_HTML if is_new else Representation.HTML


def _html_of_mime(body: bytes) -> tuple[bytes, bool]:
    """Return the HTML in a MIME message, and whether it is whole."""
    try:
        page = read_mime(body)
    except NotMimeHtmlError as error:
        raise PageRefusedError("mime_unreadable", str(error)) from error
    return page.html, page.is_whole


def _text(body: bytes) -> tuple[str, list[PrintedFinding]]:
    """Return the text of a page, with a finding if control bytes stood in it."""
    if not body or body.isspace():
        raise PageRefusedError("empty_body", "the page is empty")
    try:
        text, controls = decode(body)
    except NotTextError as error:
        raise PageRefusedError("not_text", str(error)) from error
    detail = f"{controls} control bytes are left out; beside digits they are shown as U+FFFD"
    return text, [PrintedFinding("control_bytes", "page", detail)] if controls else []


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
