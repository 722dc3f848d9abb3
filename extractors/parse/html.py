"""HTML to blocks: lexbor repairs the page, and one flat pass over its output builds the blocks.

Lexbor (selectolax) repairs a page as a browser would and serializes it: every element closed, every
attribute quoted, every `<` of a text escaped. A pattern cuts that into tags and texts, which is
several times faster than walking the tree from Python and needs no recursion.

A table that holds no other table, list or heading is data. Any other table is layout: its content
is parsed as if the table were not there. Scripts and styles are not parsed; in tables, neither are
hidden rows and cells, struck amounts and footnote marks.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser

from extractors.parse.blocks import (
    BLANKS,
    MOST_COLUMNS_SPANNED,
    MOST_ROWS_SPANNED,
    Block,
    Cell,
    Line,
    TableBlock,
)

# A tag (with a slash if it ends an element), its attributes, and the text up to the next tag.
_Token = tuple[str, str, str]
_TOKEN = re.compile(r"<(?:!--(?s:.*?)--|(/?[^\s/>!]++)([^>]*+))>([^<]*+)")
_ATTRIBUTE = re.compile(r'\s([^\s=">]+)="([^"]*)"')
_DISPLAY_NONE = re.compile(r"display\s*:\s*none\b", re.IGNORECASE)
_CELLS = frozenset({"td", "th"})
_LISTS_AND_HEADINGS = ("ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6")
_VOID = frozenset({"br", "hr", "img", "input", "wbr", "col", "embed"})
_INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "big", "cite", "code", "dfn", "em", "font", "i", "img",
        "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
        "sup", "tt", "u", "var", "wbr", "input", "button", "del",
    }
)  # fmt: skip
# Tags that do not end a line; a comment's tag is empty.
_WITHIN_LINES = {""} | _INLINE | {f"/{tag}" for tag in _INLINE}
_STRUCK_OR_RAISED = frozenset({"del", "/del", "s", "/s", "strike", "/strike", "sup", "/sup"})

# Lexbor serializes the content of most of these without escaping it.
_SKIPPED = (
    "script", "style", "noscript", "template", "iframe", "svg", "math", "xmp", "noembed",
    "noframes", "plaintext", "textarea", "select",
)  # fmt: skip
_ANY_SKIPPED = "|".join(_SKIPPED)
_SKIPPED_ELEMENT = re.compile(rf"<(?:!--.*?--|({_ANY_SKIPPED})\b[^>]*+>.*?</\1)>", re.DOTALL)
_SKIPPED_START = re.compile(rf"<(?:{_ANY_SKIPPED})\b")
_SKIPPED_TAG = re.compile(rf"</?(?:{_ANY_SKIPPED})\b")
_SMALL_PAGE, _FEW_TO_SKIP = 2**20, 200  # characters; comments and elements

_PAGER_SIGNS = frozenset({"", "...", "…", "<", ">", "<<", ">>", "«", "»"})
_SHORTEST_DATA_TABLE, _WIDEST_PAGER = 2, 100  # cells
_LONGEST_MARKED = 80  # characters
_FOOTNOTE = re.compile(r"[\d\s*†‡§()\[\],]*")
_AMOUNT = re.compile(r"[-–−+(]?\s*(?:US\s?\$|USD|\$)?\s*[-–−]?[0-9][0-9,.\s]*\)?\s*%?")
_NEXT_TEXT = re.compile(r"\s*next(?: page)?\s*(?:»|&gt;)*\s*", re.IGNORECASE)
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"))


def parse_html(text: str) -> list[Block]:
    """Return the blocks of an HTML page, in order."""
    body = LexborHTMLParser(text).body
    if body is None:
        return []
    html = body.html or ""
    if _SKIPPED_START.search(html):
        if _few_to_skip(html):
            html = _SKIPPED_ELEMENT.sub("", html)
        if _SKIPPED_TAG.search(html):  # elements in each other, or a script that writes one
            body.strip_tags(list(_SKIPPED))
            html = body.html or ""
    html = html.replace("&nbsp;", " ")
    for blank in BLANKS:
        html = html.replace(blank, " ")
    tokens = _TOKEN.findall(html)
    has_hidden = " hidden=" in html or _DISPLAY_NONE.search(html)
    return _BlockBuilder().build(_visible(tokens) if has_hidden else tokens)


def _few_to_skip(html: str) -> bool:
    """Return whether a search from every start of an element that never ends would cost little."""
    return (
        len(html) <= _SMALL_PAGE
        and html.count("<!--") + len(_SKIPPED_START.findall(html)) <= _FEW_TO_SKIP
    )


def _visible(tokens: Sequence[_Token]) -> Iterator[_Token]:
    """Yield the tokens without the rows, cells and parts of cells that are hidden.

    A page hides what another choice of its reader would show. So a hidden element that holds a
    table, list or heading stays, and in a cell one that holds paragraphs.
    """
    ends, with_structure, with_paragraphs = _element_ends(tokens)
    in_cell: list[bool] = []  # of each open table
    at = 0
    while at < len(tokens):
        tag, attributes, _ = tokens[at]
        of_table = tag == "tr" or tag in _CELLS
        may_hide = attributes and in_cell and (of_table or in_cell[-1])
        end = ends.get(at) if may_hide and _is_hidden(attributes) else None
        stays = end in with_structure or (end in with_paragraphs and not of_table)
        if end is not None and not stays:
            yield "", "", tokens[end][2]
            at = end + 1
            continue
        if tag == "table":
            in_cell.append(False)
        elif tag == "/table" and in_cell:
            in_cell.pop()
        elif in_cell and tag.removeprefix("/") in _CELLS:
            in_cell[-1] = not tag.startswith("/")
        yield tokens[at]
        at += 1


def _element_ends(tokens: Sequence[_Token]) -> tuple[dict[int, int], set[int], set[int]]:
    """Return the place of each element's end by that of its start, and two sets of such ends.

    They are those of elements that hold a table, list or heading, and of those with a paragraph.
    """
    ends: dict[int, int] = {}
    with_structure: set[int] = set()
    with_paragraphs: set[int] = set()
    opened: list[tuple[str, int]] = []
    last_structure = last_paragraph = -1
    for at, (tag, _, _) in enumerate(tokens):
        if tag.startswith("/"):
            name, start = opened.pop() if opened else ("", -1)
            if name == tag[1:]:
                ends[start] = at
                if last_structure > start:
                    with_structure.add(at)
                if last_paragraph > start:
                    with_paragraphs.add(at)
        elif tag and tag not in _VOID:
            opened.append((tag, at))
            if tag == "table" or tag in _LISTS_AND_HEADINGS:
                last_structure = at
            elif tag == "p":
                last_paragraph = at
    return ends, with_structure, with_paragraphs


def _is_hidden(attributes: str) -> bool:
    return any(
        name == "hidden" or (name == "style" and _DISPLAY_NONE.search(value))
        for name, value in _ATTRIBUTE.findall(attributes)
    )


class _OpenTable:
    """A table that has not ended, or the page, both as blocks and as rows of cells."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.rows: list[list[Cell]] = []
        self.is_layout = False
        self.cell: tuple[str, str, int] | None = None  # tag, attributes, its first block
        self.cell_href: str | None = None

    def begin_cell(self, tag: str, attributes: str) -> None:
        self.cell = (tag, attributes, len(self.blocks))
        self.cell_href = None

    def end_cell(self) -> None:
        """Add the open cell, if there is one, to the last row."""
        if self.cell is None:
            return
        tag, attributes, first = self.cell
        self.cell = None
        if not self.rows:
            self.rows.append([])
        lines = [block.text for block in self.blocks[first:] if isinstance(block, Line)]
        cell = Cell(_joined(lines), tag == "th", self.cell_href)
        if "span" in attributes:
            values = dict(reversed(_ATTRIBUTE.findall(attributes)))
            cell = cell._replace(
                colspan=_span(values.get("colspan"), MOST_COLUMNS_SPANNED),
                rowspan=_span(values.get("rowspan"), MOST_ROWS_SPANNED),
            )
        self.rows[-1].append(cell)

    def is_pager(self) -> bool:
        """Return whether this is only a row of page numbers, as in the last row of a long table."""
        return (
            len(self.rows) == 1
            and len(self.rows[0]) <= _WIDEST_PAGER
            and all(cell.text.isdecimal() or cell.text in _PAGER_SIGNS for cell in self.rows[0])
        )

    def as_blocks(self) -> list[Block]:
        """Return the table as one block of data, or the blocks in it."""
        cells = sum(map(len, self.rows))
        if self.is_layout or cells < _SHORTEST_DATA_TABLE or self.is_pager():
            return self.blocks
        return [TableBlock(tuple(tuple(row) for row in self.rows if row))]


def _joined(lines: list[str]) -> str:
    """Join the lines of a cell with blanks, or with slashes if several of them are amounts.

    Two amounts joined by a blank would read as one with a blank between its thousands.
    """
    if len(lines) == 1:
        return lines[0]
    amounts = sum(_AMOUNT.fullmatch(line) is not None for line in lines)
    return (" / " if amounts > 1 else " ").join(lines)


def _span(printed: str | None, most: int) -> int:
    """Return a span as printed, 1 if it is not a number, and at most one above HTML's limit."""
    digits = (printed or "").strip()
    return max(1, min(int(digits[:12]), most + 1)) if digits.isdecimal() else 1


class _BlockBuilder:
    """Gathers texts into lines, lines into cells, and cells into tables."""

    def __init__(self) -> None:
        self._tables = [_OpenTable()]  # the page, then the open tables from the outermost on
        self._texts: list[str] = []  # of the open line
        self._href: str | None = None
        self._next_href: str | None = None
        self._bullet = False
        self._marks: list[int] = []  # where struck or raised texts begin in the open line

    def build(self, tokens: Iterable[_Token]) -> list[Block]:
        """Return the blocks of a page."""
        for tag, attributes, text in tokens:
            if tag == "a":
                self._link(attributes, text)
            elif tag not in _WITHIN_LINES:
                self._end_line()
                if tag in _CELLS:
                    self._tables[-1].begin_cell(tag, attributes)
                elif (act := _ACTIONS.get(tag)) is not None:
                    act(self)
            elif tag in _STRUCK_OR_RAISED:
                self._strike(tag, text)
            if text and (self._texts or not text.isspace()):
                self._texts.append(text)
        self._end_line()
        while len(self._tables) > 1:
            self.end_table()
        return self._tables[0].blocks

    def begin_item(self) -> None:
        self._bullet = True

    def end_item(self) -> None:
        self._bullet = False

    def begin_row(self) -> None:
        self._tables[-1].rows.append([])

    def end_cell(self) -> None:
        self._tables[-1].end_cell()

    def end_caption(self) -> None:
        """Move the caption's blocks before its table."""
        if len(self._tables) > 1:
            self._tables[-2].blocks += self._tables[-1].blocks
            self._tables[-1].blocks.clear()

    def begin_list_or_heading(self) -> None:
        """Mark the table as layout, unless this stands in a caption or a cell of headings."""
        table = self._tables[-1]
        table.is_layout |= table.cell is not None and table.cell[0] == "td"

    def begin_table(self) -> None:
        self._tables.append(_OpenTable())

    def end_table(self) -> None:
        if len(self._tables) > 1:
            table = self._tables.pop()
            table.end_cell()
            self._tables[-1].is_layout |= not table.is_pager()
            self._tables[-1].blocks += table.as_blocks()

    def _strike(self, tag: str, behind: str) -> None:
        """Begin or end a struck or raised text; at its end, drop it if it is not of an amount."""
        if not tag.startswith("/"):
            self._marks.append(len(self._texts))
        elif self._marks:
            begun = self._marks.pop()
            if self._tables[-1].cell and (tag != "/sup" or self._is_footnote_mark(begun, behind)):
                del self._texts[begun:]

    def _is_footnote_mark(self, begun: int, behind: str) -> bool:
        """Return whether raised text is a footnote's mark, and not an exponent in a sentence."""
        before, raised = "".join(self._texts[:begun]), "".join(self._texts[begun:])
        if _FOOTNOTE.fullmatch(raised) is None or len(before) > _LONGEST_MARKED:
            return False
        return behind.lstrip()[:1] in {"", "("} or _AMOUNT.fullmatch(before.strip()) is not None

    def _end_line(self) -> None:
        if self._texts and (text := _unescaped("".join(self._texts))):
            line = Line(text, self._bullet, self._href, next_href=self._next_href)
            self._tables[-1].blocks.append(line)
            self._bullet = False
        self._texts.clear()
        self._href = self._next_href = None

    def _link(self, attributes: str, text: str) -> None:
        values = dict(reversed(_ATTRIBUTE.findall(attributes)))  # of two alike, the first counts
        href = _unescaped(values.get("href", ""))
        if href:
            self._href = self._href or href
            if values.get("rel") == "next" or _NEXT_TEXT.fullmatch(text):
                self._next_href = href
            self._tables[-1].cell_href = self._tables[-1].cell_href or href


def _unescaped(text: str) -> str:
    """Return a text without escapes, its runs of blanks folded into one."""
    if "&" in text:
        for escape, character in _ESCAPES:
            text = text.replace(escape, character)
    return " ".join(text.split())


_ACTIONS: dict[str, Callable[[_BlockBuilder], None]] = {
    "table": _BlockBuilder.begin_table,
    "/table": _BlockBuilder.end_table,
    "tr": _BlockBuilder.begin_row,
    "/td": _BlockBuilder.end_cell,
    "/th": _BlockBuilder.end_cell,
    "li": _BlockBuilder.begin_item,
    "/li": _BlockBuilder.end_item,
    "/caption": _BlockBuilder.end_caption,
    **dict.fromkeys(_LISTS_AND_HEADINGS, _BlockBuilder.begin_list_or_heading),
}
