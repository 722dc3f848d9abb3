"""HTML to blocks: parsed and set right by selectolax (lexbor), then read in one flat pass.

Lexbor repairs a page as a browser would and writes it out again: every element closed, every
attribute quoted, every `<` of a text escaped. What it wrote is cut into tags and texts by one
pattern, which is several times faster than walking a tree from Python and needs no recursion.

A leaf table is data; a table that holds another table, a list or a heading is layout, and reads as
if it were not there. Scripts and styles are not read.
"""

import re

from selectolax.lexbor import LexborHTMLParser

from extractors.blocks import (
    MOST_COLUMNS_SPANNED,
    MOST_ROWS_SPANNED,
    UNSEEN,
    Block,
    Cell,
    Line,
    Table,
)

# Not read; besides, what stands in most of these is written out unescaped.
_SKIPPED = (
    "script", "style", "noscript", "template", "iframe", "svg", "math", "xmp", "noembed",
    "noframes", "plaintext", "textarea", "select",
)  # fmt: skip
_INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "big", "cite", "code", "dfn", "em", "font", "i", "img",
        "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
        "sup", "tt", "u", "var", "wbr", "input", "button",
    }
)  # fmt: skip
# What a token's tag may be without ending a line; a comment's is empty.
_TRANSPARENT = {""} | _INLINE | {f"/{tag}" for tag in _INLINE}
_CELLS = frozenset({"td", "th"})
_LISTS_AND_HEADINGS = frozenset({"ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
_ACTING = _LISTS_AND_HEADINGS | {
    "tr", "/td", "/th", "table", "/table", "li", "/li", "/caption",
}  # fmt: skip
_PAGER_SIGNS = frozenset({"", "...", "…", "<", ">", "<<", ">>", "«", "»"})
_SHORTEST_DATA_TABLE = 2  # cells
# A table of nothing but rows of texts, as most are; or one tag, or a comment; and the text behind.
# Lexbor writes `<` and `>` as entities in attributes too.
_TOKEN = re.compile(
    r"(?:(<table\b[^>]*+>[^<]*+(?:</?(?:tbody|thead|tfoot|tr|td|th)\b[^>]*+>[^<]*+)*+</table>)"
    r"|<(?:!--(?s:.*?)--|(/?[^\s/>!]++)([^>]*+))>)([^<]*+)"
)
_ROW_OR_CELL = re.compile(r"<t(?:(r)|([dh]))\b([^>]*+)>([^<]*+)")
_ATTRIBUTE = re.compile(r'\s([^\s=">]+)="([^"]*)"')
_HREF = re.compile(r'\shref="([^"]*)"')
_NEXT_TEXT = re.compile(r"\s*next(?: page)?\s*(?:»|&gt;)*\s*", re.IGNORECASE)
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"))


def read_markup(text: str) -> list[Block]:
    """The blocks of an HTML page, in order."""
    parser = LexborHTMLParser(text)
    body = parser.body
    if body is None:
        return []
    lower = text.lower()
    skipped = [tag for tag in _SKIPPED if f"<{tag}" in lower]
    if skipped:
        body.strip_tags(skipped)
    html = (body.html or "").replace("&nbsp;", " ")
    if not html.isascii():
        for unseen in UNSEEN:
            html = html.replace(unseen, " ")
    return _Reader().read(html)


def _plain(text: str) -> str:
    """A text without escapes, white space folded."""
    if "&" in text:
        for escape, character in _ESCAPES:
            text = text.replace(escape, character)
    return " ".join(text.split())


class _Frame:
    """One open table, or the page: its content as flow and as rows; its end shows which counts."""

    __slots__ = ("cell", "cell_href", "flow", "layout", "rows")

    def __init__(self) -> None:
        self.flow: list[Block] = []
        self.rows: list[list[Cell]] = []
        self.layout = False
        self.cell: tuple[str, str, int] | None = None  # tag, attributes, where its flow begins
        self.cell_href: str | None = None

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
        lines = (block.text for block in self.flow[first:] if isinstance(block, Line))
        self.rows[-1].append(_cell(" ".join(lines), tag[1], attributes, self.cell_href))

    def is_pager(self) -> bool:
        """Whether this is but a row of page numbers, as stands in a long table's last row."""
        return len(self.rows) == 1 and all(
            cell.text.isdecimal() or cell.text in _PAGER_SIGNS for cell in self.rows[0]
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

    def read(self, html: str) -> list[Block]:
        """Take in every tag with the text behind it; the blocks of the whole."""
        parts = self._parts
        for table, tag, attributes, text in _TOKEN.findall(html):
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
                if tag in _CELLS:
                    self._frames[-1].begin_cell(tag, attributes)
                elif tag in _ACTING:
                    self._block_tag(tag)
            if text and (parts or not text.isspace()):
                parts.append(text)
        self._end_line()
        while len(self._frames) > 1:
            self._end_table()
        return self._frames[0].flow

    def _plain_table(self, table: str) -> None:
        """A table whose every cell is one text, at once."""
        frame = _Frame()
        rows = frame.rows
        no_spans = "span=" not in table
        new, no_escapes = tuple.__new__, "&" not in table
        for row, tag, attributes, text in _ROW_OR_CELL.findall(table):
            if row or not rows:  # a cell may come before any row, if the table's tag is torn
                rows.append([])
            if row:
                continue
            plain = " ".join(text.split()) if no_escapes else _plain(text)
            if no_spans or not attributes:
                rows[-1].append(new(Cell, (plain, tag == "h", None, 1, 1)))
            else:
                rows[-1].append(_cell(plain, tag, attributes, None))
        if not frame.is_data() or frame.is_pager():
            frame.flow += (Line(cell.text) for row in rows for cell in row if cell.text)
        self._close(frame)

    def _block_tag(self, tag: str) -> None:
        frame = self._frames[-1]
        match tag:
            case "tr":
                frame.rows.append([])
            case "/td" | "/th":
                frame.end_cell()
            case "table":
                self._frames.append(_Frame())
            case "/table":
                self._end_table()
            case "li":
                self._bullet = True
            case "/li":
                self._bullet = False
            case "/caption" if len(self._frames) > 1:
                self._frames[-2].flow += frame.flow
                frame.flow.clear()
            case _ if tag in _LISTS_AND_HEADINGS:
                frame.layout = True

    def _end_table(self) -> None:
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
            outer.flow.append(Table(tuple(tuple(row) for row in frame.rows if row)))
        else:
            outer.flow += frame.flow

    def _end_line(self) -> None:
        if self._parts:
            parts = self._parts
            text = _plain(parts[0] if len(parts) == 1 else "".join(parts))
            parts.clear()
            if text:
                self._frames[-1].flow.append(
                    Line(text, self._bullet, self._href, next_href=self._next_href)
                )
                self._bullet = False
        self._href = self._next_href = None

    def _link(self, attributes: str, text: str) -> None:
        found = _HREF.search(attributes)
        href = _plain(found[1]) if found else ""
        if href:
            self._href = self._href or href
            if 'rel="next"' in attributes or _NEXT_TEXT.fullmatch(text):
                self._next_href = href
            frame = self._frames[-1]
            frame.cell_href = frame.cell_href or href


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
    for found, value in _ATTRIBUTE.findall(attributes):
        if found == name:
            return _plain(value)
    return None


def _span(printed: str | None, most: int) -> int:
    """A span as printed; 1 where it is none, and never more than one above what HTML allows."""
    if printed is None or not printed.isdecimal():
        return 1
    return max(1, min(int(printed[:12]), most + 1))
