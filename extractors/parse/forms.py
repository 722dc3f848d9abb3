"""Bytes to blocks: the form of a page (HTML, text, a workbook, CSV), told by its content alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.mime import NotMimeHtmlError, is_mime, read_mime
from extractors.page_kinds import PageRefusedError, Representation
from extractors.parse.base.blocks import Block, TableBlock
from extractors.parse.base.charset import DAMAGED, NotTextError, decode
from extractors.parse.base.limits import check_lines, check_markup, check_size
from extractors.parse.html.markup import Markup
from extractors.parse.html.walk import parse_html
from extractors.parse.sheets.delimited import parse_csv
from extractors.parse.sheets.spreadsheetml import is_spreadsheetml, parse_spreadsheetml
from extractors.parse.sheets.workbooks import is_workbook, parse_workbook, refuse_other_workbooks
from extractors.parse.tables.cut_short import breaks_off
from extractors.parse.text import is_piped, parse_text
from extractors.records import PrintedFinding

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|table|div|p|td|tr|span)\b", re.IGNORECASE)
_NEW_LINK = re.compile(r"""href\s*=\s*["']?[^"'>\s=]*/(?:project/[0-9]{8}|fund/[a-z0-9]{5})\b""")
_OFFICE = "urn:schemas-microsoft-com:office"
_HEAD = 4_000  # characters


@dataclass
class Form:
    """A page as blocks.

    Attributes:
        blocks: all of them but, in HTML that breaks off, the last row or line.
        representation: the form that the page came in.
        findings: about what is not read.
        text: the page as it came; empty for a workbook.
        markup: its tree, if it is HTML.
        torn_text: the text of the row or line in which HTML breaks off.
        breaks_off: whether the page itself shows that it was cut short.
    """

    blocks: list[Block]
    representation: Representation
    findings: Sequence[PrintedFinding] = ()
    text: str = ""
    markup: Markup | None = None
    torn_text: str = ""
    breaks_off: bool = False

    @property
    def is_torn(self) -> bool:
        """Return whether what stands last has been left out already."""
        return self.markup is not None and self.markup.cut_short

    @property
    def may_be_damaged(self) -> bool:
        """Return whether bytes of the page could not be decoded, as far as its text tells."""
        return not self.text or DAMAGED in self.text


def read_form(body: bytes) -> Form:
    """Return a page as blocks, whatever its form.

    Raises:
        PageRefusedError: the bytes are of no form that is known, or larger than any page.
    """
    is_whole = True
    if is_mime(body):
        try:
            message = read_mime(body)
        except NotMimeHtmlError as error:
            raise PageRefusedError("mime_unreadable", str(error)) from error
        body, is_whole = message.html, message.is_whole
    refuse_other_workbooks(body)
    if is_workbook(body):
        book = parse_workbook(body)
        return Form(book.blocks, Representation.XLSX, book.findings)
    text, controls = read_text(body)
    check_size(text)
    form = _of_text(text)
    form.findings = [*form.findings, *controls]
    form.text = text
    form.breaks_off = (
        not is_whole or form.is_torn or breaks_off(text, form.blocks, form.representation)
    )
    return form


def read_text(body: bytes) -> tuple[str, list[PrintedFinding]]:
    """Return the text of a page, with a finding if control bytes stood in it.

    Raises:
        PageRefusedError: the bytes are no text, or none at all.
    """
    if not body or body.isspace():
        raise PageRefusedError("empty_body", "the page is empty")
    try:
        text, controls = decode(body)
    except NotTextError as error:
        raise PageRefusedError("not_text", str(error)) from error
    detail = f"{controls} control bytes are left out; beside digits they are shown as U+FFFD"
    return text, [PrintedFinding("control_bytes", "page", detail)] if controls else []


def _of_text(text: str) -> Form:
    """Return the blocks of a text, be it HTML, SpreadsheetML, CSV or plain."""
    if is_spreadsheetml(text):
        book = parse_spreadsheetml(text)
        return Form(book.blocks, Representation.SPREADSHEETML, book.findings)
    if _MARKUP.search(text):
        check_markup(text)
        markup = Markup(text)
        blocks, torn_text = parse_html(markup)
        representation = _html_representation(text, blocks)
        return Form(blocks, representation, markup=markup, torn_text=torn_text)
    check_lines(text)
    if (csv := parse_csv(text)) is not None:
        return Form(csv.blocks, Representation.CSV, csv.findings)
    piped = is_piped(text)
    return Form(parse_text(text), Representation.PIPED_TEXT if piped else Representation.TEXT)


def _html_representation(text: str, blocks: list[Block]) -> Representation:
    is_one_table = len(blocks) == 1 and isinstance(blocks[0], TableBlock)
    if is_one_table or _OFFICE in text[:_HEAD]:
        return Representation.HTML_XLS
    is_new = "/factsheet/" not in text and _NEW_LINK.search(text) is not None
    return Representation.NEW_HTML if is_new else Representation.HTML
