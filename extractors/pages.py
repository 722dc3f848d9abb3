"""Recognition, by content alone, and reading: bytes in, records or a named refusal out.

A pure function of the bytes: the address, the file's name and the time have no say.
"""

import re

from extractors.blocks import Block, Line
from extractors.charset import NotTextError, decode
from extractors.factsheet import read_factsheet
from extractors.identity import has_identity
from extractors.markup import read_markup
from extractors.records import Page, PageKind, PageRefusedError, Representation
from extractors.text import is_piped, read_text

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|table|div|p|td|tr|span)\b", re.IGNORECASE)
_FUND_HEADING = re.compile(r"^(?:Trust Fund|Joint Programme|Other Fund) Factsheet$")
_PROGRAMME_HEADING = "Project Factsheet"
_MAINTENANCE = re.compile(
    r"\b(?:maintenance|temporarily unavailable|service unavailable|be back (?:soon|shortly))\b",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"\b(?:sign in|log ?in|password)\b", re.IGNORECASE)
_QUOTED_CHARACTERS = 200
_MANY_TAGS = 20_000
_DEEPEST = 5_000
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)")
# Elements that hold nothing, or that need no end tag and so may be left open in a long page.
_NO_DEPTH = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr", "p", "li", "td", "th", "tr", "option",
    }
)  # fmt: skip


def read_page(body: bytes) -> Page:
    """Everything that a page says.

    Raises:
        PageRefusedError: the bytes are no programme factsheet that can be read; its rule says why.
    """
    text = _text(body)
    representation = _representation(text)
    if representation is Representation.HTML:
        _check_nesting(text)
    blocks = read_markup(text) if representation is Representation.HTML else read_text(text)
    lines = [block.text for block in blocks if isinstance(block, Line)]
    if not has_identity(blocks):
        raise _refusal(blocks, lines)
    return read_factsheet(blocks, representation)


def _text(body: bytes) -> str:
    if not body.strip():
        raise PageRefusedError("empty_body", "the page is empty")
    try:
        return decode(body)
    except NotTextError as error:
        raise PageRefusedError("not_text", str(error)) from error


def _check_nesting(text: str) -> None:
    """Refuse what no page is, and what would take minutes: the parser's time grows as a square."""
    if text.count("<") < _MANY_TAGS:
        return
    depth = 0
    for tag in _TAG.finditer(text):
        if tag["name"].lower() not in _NO_DEPTH:
            depth = max(0, depth - 1) if tag["end"] else depth + 1
        if depth > _DEEPEST:
            raise PageRefusedError(
                "nested_too_deep", f"elements stand more than {_DEEPEST:,} deep within each other"
            )


def _representation(text: str) -> Representation:
    if _MARKUP.search(text):
        return Representation.HTML
    return Representation.PIPED_TEXT if is_piped(text) else Representation.TEXT


def _refusal(blocks: list[Block], lines: list[str]) -> PageRefusedError:
    """Say what a page without a programme's identity block is."""
    quoted = " / ".join(lines)[:_QUOTED_CHARACTERS]
    if _PROGRAMME_HEADING in lines:
        return PageRefusedError(
            "programme_id_missing",
            "the factsheet prints no Project ID",
            quoted,
            PageKind.PROGRAMME_FACTSHEET,
        )
    if any(_FUND_HEADING.match(line) for line in lines):
        return PageRefusedError(
            "fund_factsheet",
            "fund factsheets are archived, but not read by this version",
            quoted,
            PageKind.FUND_FACTSHEET,
        )
    if not blocks:
        return PageRefusedError("empty_body", "the page has no text")
    if any(_MAINTENANCE.search(line) for line in lines):
        return PageRefusedError("maintenance_page", "the site was down for maintenance", quoted)
    if any(_LOGIN.search(line) for line in lines):
        return PageRefusedError("login_page", "the site asked for a login", quoted)
    return PageRefusedError("not_a_gateway_page", "no page of the Gateway that is known", quoted)
