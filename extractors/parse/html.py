"""HTML to blocks: parsed and set right by selectolax (lexbor), then read in one flat pass.

Lexbor repairs a page as a browser would and writes it out again: every element closed, every
attribute quoted, every `<` of a text escaped. What it wrote is cut into tags and texts by one
pattern, which is several times faster than walking a tree from Python and needs no recursion.

A leaf table is data; a table that holds another table, a list or a heading is layout, and reads as
if it were not there. Scripts and styles are not read; nor is, in a table, what is no part of its
amounts: hidden rows and parts of cells, struck amounts, the marks of footnotes.
"""

import re
from collections.abc import Callable, Iterable

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
from extractors.parse.tokens import ATTRIBUTE, CELLS, LISTS_AND_HEADINGS, Token, tokens_of

# Not read; besides, what stands in most of these is written out unescaped.
_SKIPPED = (
    "script", "style", "noscript", "template", "iframe", "svg", "math", "xmp", "noembed",
    "noframes", "plaintext", "textarea", "select",
)  # fmt: skip
_ANY_SKIPPED = "|".join(_SKIPPED)
_UNREAD = re.compile(rf"<(?:!--.*?--|({_ANY_SKIPPED})\b[^>]*+>.*?</\1)>", re.DOTALL)
_SKIPPED_TAG = re.compile(rf"<(?=[{''.join({tag[0] for tag in _SKIPPED})}])(?:{_ANY_SKIPPED})\b")
_SMALL_PAGE, _FEW_TO_SKIP = 2**20, 200  # characters; comments and elements
_SKIPPED_LEFT = re.compile(rf"</?(?:{_ANY_SKIPPED})\b")
_INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "big", "cite", "code", "dfn", "em", "font", "i", "img",
        "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
        "sup", "tt", "u", "var", "wbr", "input", "button", "del",
    }
)  # fmt: skip
# What a token's tag may be without ending a line; a comment's is empty.
_TRANSPARENT = {""} | _INLINE | {f"/{tag}" for tag in _INLINE}
_PAGER_SIGNS = frozenset({"", "...", "…", "<", ">", "<<", ">>", "«", "»"})
_SHORTEST_DATA_TABLE, _WIDEST_PAGER = 2, 100  # cells
_STRUCK_OR_RAISED = frozenset({"del", "/del", "s", "/s", "strike", "/strike", "sup", "/sup"})
_LONGEST_MARKED = 80  # characters
_FOOTNOTE = re.compile(r"[\d\s*†‡§()\[\],]*")
_AMOUNT = re.compile(r"[-–−+(]?\s*(?:US\s?\$|USD|\$)?\s*[-–−]?[0-9][0-9,.\s]*\)?\s*%?")
_CELL = re.compile(r"<t([dh])\b([^>]*+)>([^<]*+)")
_PLAIN_CELL = re.compile(r"<td\b[^>]*+>([^<]*+)")
_HREF = re.compile(r'\shref="([^"]*)"')
_NEXT_TEXT = re.compile(r"\s*next(?: page)?\s*(?:»|&gt;)*\s*", re.IGNORECASE)
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"))


def read_markup(text: str) -> list[Block]:
    """The blocks of an HTML page, in order."""
    parser = LexborHTMLParser(text)
    body = parser.body
    if body is None:
        return []
    html = body.html or ""
    if _SKIPPED_TAG.search(html):
        if _is_small(html):
            html = _UNREAD.sub("", html)
        if _SKIPPED_LEFT.search(html):  # nested, or a script that writes one: slower, surely right
            body.strip_tags(list(_SKIPPED))
            html = body.html or ""
    html = html.replace("&nbsp;", " ")
    for blank in BLANKS:
        html = html.replace(blank, " ")
    return _Reader().read(tokens_of(html))


def _is_small(html: str) -> bool:
    """Whether what opens and never closes, as in a text that is not escaped, costs little."""
    return (
        len(html) <= _SMALL_PAGE
        and html.count("<!--") + len(_SKIPPED_TAG.findall(html)) <= _FEW_TO_SKIP
    )


def _plain(text: str) -> str:
    """A text without escapes, its spaces folded: other white space is gone by now."""
    if "&" in text:
        for escape, character in _ESCAPES:
            text = text.replace(escape, character)
    return " ".join(text.split()) if "  " in text else text.strip()


def _joined(lines: list[str]) -> str:
    """The lines of a cell; two amounts are not one, whose thousands are set off by a blank."""
    several = sum(map(bool, map(_AMOUNT.fullmatch, lines))) > 1
    return (" / " if several else " ").join(lines)


class _Frame:
    """One open table, or the page: its content as flow and as rows; its end shows which counts."""

    __slots__ = ("cell", "cell_href", "flow", "layout", "plain", "rows", "source")

    def __init__(self) -> None:
        self.flow: list[Block] = []
        self.rows: list[list[Cell]] = []
        self.layout = self.plain = False
        self.cell: tuple[str, str, int] | None = None  # tag, attributes, where its flow begins
        self.cell_href: str | None = None
        self.source = ""

    def begin_cell(self, tag: str, attributes: str) -> None:
        self.cell = (tag, attributes, len(self.flow))
        self.cell_href = None

    def end_cell(self) -> None:
        """The open cell, if one is, with all text that stands in it."""
        if self.cell is None:
            return
        tag, attributes, first = self.cell
        self.cell = None
        if not self.rows:
            self.rows.append([])
        lines = [block.text for block in self.flow[first:] if isinstance(block, Line)]
        text = lines[0] if len(lines) == 1 else _joined(lines)
        self.rows[-1].append(_cell(text, tag[1], attributes, self.cell_href))

    def is_pager(self) -> bool:
        """Whether this is but a row of page numbers, as stands in a long table's last row."""
        return (
            len(self.rows) == 1
            and len(self.rows[0]) <= _WIDEST_PAGER
            and all(cell.text.isdecimal() or cell.text in _PAGER_SIGNS for cell in self.rows[0])
        )

    def is_data(self) -> bool:
        return not self.layout and sum(map(len, self.rows)) >= _SHORTEST_DATA_TABLE


class _Reader:
    """Gathers inline text into lines, lines into cells, and cells into tables."""

    def __init__(self) -> None:
        self._frames = [_Frame()]
        self._parts: list[str] = []
        self._href: str | None = None
        self._next_href: str | None = None
        self._bullet = False
        self._begun: list[int] = []  # where, in the parts, what is struck or raised begins

    def read(self, tokens: Iterable[Token]) -> list[Block]:
        """Take in every tag with the text behind it; the blocks of the whole."""
        parts = self._parts
        for table, tag, attributes, text in tokens:
            if table:
                self._end_line()
                self._plain_table(table)
            elif tag == "a":
                self._link(attributes, text)
            elif tag not in _TRANSPARENT:
                if parts:
                    self._end_line()
                else:  # a link without a text is no line's
                    self._href = self._next_href = None
                if tag in CELLS:
                    self._frames[-1].begin_cell(tag, attributes)
                elif (act := _ACTIONS.get(tag)) is not None:
                    act(self)
            elif tag in _STRUCK_OR_RAISED:
                self._strike(tag, text)
            if text and (parts or not text.isspace()):
                parts.append(text)
        self._end_line()
        while len(self._frames) > 1:
            self.end_table()
        return self._frames[0].flow

    def _plain_table(self, table: str) -> None:
        """A table whose every cell is one text, at once."""
        frame = _Frame()
        rows = frame.rows
        if "  " in table:
            table = " ".join(table.split())
        first, *others = table.split("<tr")
        if "<td" in first or "<th" in first:  # before any row, if the table's tag is torn
            others.insert(0, first)
        new, escaped = tuple.__new__, "&" in table
        frame.plain, frame.source = "span=" not in table, table
        for row in others:
            if frame.plain and not escaped and "<th" not in row:
                texts = map(str.strip, _PLAIN_CELL.findall(row))
                rows.append([new(Cell, (text, False, None, 1, 1)) for text in texts])
            else:
                rows.append(
                    [
                        _cell(_plain(text) if escaped else text.strip(), tag, attributes, None)
                        for tag, attributes, text in _CELL.findall(row)
                    ]
                )
        if not frame.is_data() or frame.is_pager():
            frame.flow += (Line(cell.text) for row in rows for cell in row if cell.text)
        self._close(frame)

    def _strike(self, tag: str, behind: str) -> None:
        """Begin or end what is struck or raised; in a cell it is no part of an amount."""
        if not tag.startswith("/"):
            self._begun.append(len(self._parts))
        elif self._begun:
            begun = self._begun.pop()
            if self._frames[-1].cell and (tag != "/sup" or self._is_mark(begun, behind)):
                del self._parts[begun:]

    def _is_mark(self, begun: int, behind: str) -> bool:
        """Whether what is raised is a footnote's mark, and no exponent within a sentence."""
        before, raised = "".join(self._parts[:begun]), "".join(self._parts[begun:])
        if _FOOTNOTE.fullmatch(raised) is None or len(before) > _LONGEST_MARKED:
            return False
        return behind.lstrip()[:1] in {"", "("} or _AMOUNT.fullmatch(before.strip()) is not None

    def begin_item(self) -> None:
        self._bullet = True

    def end_item(self) -> None:
        self._bullet = False

    def begin_row(self) -> None:
        self._frames[-1].rows.append([])

    def end_cell(self) -> None:
        self._frames[-1].end_cell()

    def end_caption(self) -> None:
        """What stands in a caption stands before its table."""
        if len(self._frames) > 1:
            flow = self._frames[-1].flow
            self._frames[-2].flow += flow
            flow.clear()

    def begin_list_or_heading(self) -> None:
        """No cell of figures holds one; a caption or a cell of headings may."""
        frame = self._frames[-1]
        frame.layout |= frame.cell is not None and frame.cell[0] == "td"

    def begin_table(self) -> None:
        self._frames.append(_Frame())

    def end_table(self) -> None:
        if len(self._frames) > 1:
            frame = self._frames.pop()
            frame.end_cell()
            self._close(frame)

    def _close(self, frame: _Frame) -> None:
        """A table that has ended becomes data, or its flow that of what it stands in."""
        outer = self._frames[-1]
        is_pager = frame.is_pager()
        outer.layout |= not is_pager
        if frame.is_data() and not is_pager:
            rows = tuple(map(tuple, filter(None, frame.rows)))
            outer.flow.append(TableBlock(rows, frame.plain, frame.source))
        else:
            outer.flow += frame.flow

    def _end_line(self) -> None:
        if self._parts:
            parts = self._parts
            text = _plain(parts[0] if len(parts) == 1 else "".join(parts))
            parts.clear()
            if text:
                line = (text, self._bullet, self._href, False, self._next_href)
                self._frames[-1].flow.append(tuple.__new__(Line, line))
                self._bullet = False
        self._href = self._next_href = None

    def _link(self, attributes: str, text: str) -> None:
        if attributes.startswith(' href="'):  # as most do
            href = _plain(attributes[7 : attributes.index('"', 7)])
        else:
            found = _HREF.search(attributes)
            href = _plain(found[1]) if found else ""
        if href:
            self._href = self._href or href
            if 'rel="next"' in attributes or (
                "next" in text.lower() and _NEXT_TEXT.fullmatch(text)
            ):
                self._next_href = href
            frame = self._frames[-1]
            frame.cell_href = frame.cell_href or href


_ACTIONS: dict[str, Callable[[_Reader], None]] = {
    "table": _Reader.begin_table,
    "/table": _Reader.end_table,
    "tr": _Reader.begin_row,
    "/td": _Reader.end_cell,
    "/th": _Reader.end_cell,
    "li": _Reader.begin_item,
    "/li": _Reader.end_item,
    "/caption": _Reader.end_caption,
    **dict.fromkeys(LISTS_AND_HEADINGS, _Reader.begin_list_or_heading),
}


def _cell(text: str, tag: str, attributes: str, href: str | None) -> Cell:
    if attributes and "span" in attributes:
        return Cell(
            text,
            tag == "h",
            href,
            _span(_attribute(attributes, "colspan"), MOST_COLUMNS_SPANNED),
            _span(_attribute(attributes, "rowspan"), MOST_ROWS_SPANNED),
        )
    return Cell(text, tag == "h", href)


def _attribute(attributes: str, name: str) -> str | None:
    for found, value in ATTRIBUTE.findall(attributes):
        if found == name:
            return _plain(value)
    return None


def _span(printed: str | None, most: int) -> int:
    """A span as printed; 1 where it is none, and never more than one above what HTML allows."""
    if printed is None or not printed.isdecimal():
        return 1
    return max(1, min(int(printed[:12]), most + 1))
