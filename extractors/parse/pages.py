"""Recognition, by content alone, and reading: bytes in, records or a named refusal out.

A pure function of the bytes: the address, the file's name and the time have no say.
"""

import re
from collections import Counter
from collections.abc import Iterator

from extractors.parse.blocks import Block, Line, TableBlock
from extractors.parse.charset import DAMAGED, NotTextError, decode
from extractors.parse.factsheet import is_factsheet, names_programme, parse_factsheet
from extractors.parse.fund import fund_type, parse_fund, parse_statement_view
from extractors.parse.headings import known_heading
from extractors.parse.html import parse_html
from extractors.parse.identity import find_labels
from extractors.parse.lists import list_title, parse_portfolio
from extractors.parse.spreadsheets import is_xlsx, parse_csv, parse_xlsx
from extractors.parse.statement import holds_statement
from extractors.parse.text import is_piped, parse_text
from extractors.parse.views import parse_view
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
_FEWEST_HEADINGS, _HEADING_ROWS = 2, 5
_LARGEST_PAGE = 16 * 2**20  # characters
_MANY_TAGS, _MOST_TAGS = 20_000, 500_000
_FEW_TAGS = 1_400  # no two counts of so many tags multiply to _MOST_TAGS
_DEEPEST = 5_000
_LINE_ENDS, _MOST_LINES = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", 500_000
# Elements that a parser opens again in every block that follows, until they are closed.
_FORMATTING = (
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
)  # fmt: skip
# One of them, unless it is closed right behind its text, as nearly all are.
_LEFT_OPEN = re.compile(
    rf"""<(?=[{"".join(sorted({name[0] for name in _FORMATTING}))}])({"|".join(_FORMATTING)})\b"""
    r"""(?!(?:[^<>"']|"[^"<>]*"|'[^'<>]*')*+>[^<]*+</\1>)""",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"<(?:!--(?:-?>|.*?(?:--!?>|\Z))|(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)"
    r"""(?:[^>=]++|=\s*+(?:"[^"]*"|'[^']*')?)*+)""",
    re.DOTALL,
)
# Elements that hold nothing, or that need no end tag and so may be left open in a long page.
_NO_DEPTH = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr", "p", "li", "td", "th", "tr", "option",
    }
)  # fmt: skip


def parse_page(body: bytes) -> Page:
    """Everything that a page says.

    Raises:
        PageRefusedError: the bytes are no page that can be read; its rule says why.
    """
    text = None if is_xlsx(body) else _text(body)
    blocks, representation = _blocks(body, text)
    page = parse_blocks(blocks, representation)
    if text is None or DAMAGED in text:
        page.findings += _damaged_characters(blocks)
    return page


def parse_blocks(blocks: list[Block], representation: Representation) -> Page:
    """Everything that a page says, from its blocks.

    Raises:
        PageRefusedError: the page is of no kind that can be read; its rule says why.
    """
    labelled = find_labels(blocks)
    if is_factsheet(blocks, labelled):
        return parse_factsheet(blocks, labelled, representation)
    if fund_type(blocks) is not None:
        return parse_fund(blocks, labelled, representation)
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


def _damaged_characters(blocks: list[Block]) -> Iterator[PrintedFinding]:
    """Texts of which bytes were lost before they came to us."""
    for block in blocks:
        for text in [block.text] if isinstance(block, Line) else _cells(block):
            if DAMAGED in text:
                yield PrintedFinding("damaged_characters", "page", text)


def _cells(table: TableBlock) -> Iterator[str]:
    return (cell.text for row in table.rows for cell in row)


def _blocks(body: bytes, text: str | None) -> tuple[list[Block], Representation]:
    """A page in the one form that all are brought into, and what it came as."""
    if text is None:
        return parse_xlsx(body), Representation.XLSX
    _check_size(text)
    if _MARKUP.search(text):
        _check_markup(text)
        blocks = parse_html(text)
        return blocks, _html_representation(text, blocks)
    _check_lines(text)
    rows = parse_csv(text)
    if rows is not None and _is_view(rows):
        return rows, Representation.CSV
    piped = is_piped(text)
    return parse_text(text), Representation.PIPED_TEXT if piped else Representation.TEXT


def _is_view(blocks: list[Block]) -> bool:
    """Whether what looks like CSV holds a table of the site: prose has commas too."""
    return holds_statement(blocks) or any(
        sum(known_heading(cell.text) is not None for cell in row) >= _FEWEST_HEADINGS
        for block in blocks
        if isinstance(block, TableBlock)
        for row in block.rows[:_HEADING_ROWS]
    )


def _html_representation(text: str, blocks: list[Block]) -> Representation:
    is_one_table = len(blocks) == 1 and isinstance(blocks[0], TableBlock)
    if is_one_table or _OFFICE in text[:_HEAD]:
        return Representation.HTML_XLS
    is_new = "/factsheet/" not in text and _NEW_LINK.search(text) is not None
    return Representation.NEW_HTML if is_new else Representation.HTML


def _text(body: bytes) -> str:
    if not body or body.isspace():
        raise PageRefusedError("empty_body", "the page is empty")
    try:
        return decode(body)
    except NotTextError as error:
        raise PageRefusedError("not_text", str(error)) from error


def _check_size(text: str) -> None:
    """Refuse what no page is, before it costs memory."""
    if len(text) > _LARGEST_PAGE:
        raise PageRefusedError(
            "page_too_large", f"the page has more than {_LARGEST_PAGE:,} characters"
        )


def _check_lines(text: str) -> None:
    """Refuse text of more lines or cells than any page has: each costs a hundred bytes."""
    for rule, what, marks in (
        ("page_too_large", "lines", _LINE_ENDS),
        ("table_too_large", "|", "|"),
    ):
        if sum(map(text.count, marks)) > _MOST_LINES:
            raise PageRefusedError(rule, f"the page has more than {_MOST_LINES:,} {what}")


def _check_markup(text: str) -> None:
    """Refuse what would take minutes: the parser's time grows as the square of the depth.

    So does what it makes of formatting that is left open, once more in every block behind it.
    """
    if (tags := text.count("<")) <= _FEW_TAGS:
        return
    if tags > _MOST_TAGS:
        raise PageRefusedError("page_too_large", f"the page has more than {_MOST_TAGS:,} tags")
    if tags < _MANY_TAGS and tags * len(_LEFT_OPEN.findall(text)) <= _MOST_TAGS:
        return
    opened: Counter[str] = Counter()
    depth = formatting = made = 0
    for tag in _TAG.finditer(text):
        name = (tag["name"] or "").lower()
        if name and not tag["end"] and name not in _FORMATTING:
            made += formatting
        if made > _MOST_TAGS:
            raise PageRefusedError(
                "page_too_large",
                f"formatting that is left open makes more than {_MOST_TAGS:,} tags of the page's",
            )
        if not name or name in _NO_DEPTH:
            continue
        if not tag["end"]:
            change = 1
        elif opened[name]:
            change = -1
        else:  # an end tag without its element closes nothing
            continue
        opened[name] += change
        depth += change
        if name in _FORMATTING:
            formatting += change
        if depth > _DEEPEST:
            raise PageRefusedError(
                "nested_too_deep", f"elements stand more than {_DEEPEST:,} deep within each other"
            )


def _refusal(blocks: list[Block]) -> PageRefusedError:
    """Say what a page is that holds nothing of a programme, a fund or a list."""
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
