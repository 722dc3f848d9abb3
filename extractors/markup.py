"""HTML to blocks, with selectolax (lexbor), in one pass.

A leaf table is data; a table that holds another table, a list or a heading is layout, and reads as
if it were not there. Scripts and styles are not read. Damaged markup is read as a browser would.
"""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractors.blocks import Block, Cell, Line, Table, fold

_SKIPPED = frozenset({"script", "style", "noscript", "template", "head", "iframe", "svg"})
_INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "big", "cite", "code", "dfn", "em", "font", "i", "img",
        "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
        "sup", "tt", "u", "var", "wbr", "input", "button",
    }
)  # fmt: skip
_LISTS_AND_HEADINGS = frozenset({"ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
_PAGER_SIGNS = frozenset({"", "...", "…", "<", ">", "<<", ">>", "«", "»"})
_CELLS = frozenset({"td", "th"})
_NOT_PLAIN = "table table, caption, " + ", ".join(sorted(_LISTS_AND_HEADINGS))
_DEEPEST_LOOK = 8  # tables within tables; looking ahead in every one of thousands would be slow
_MAX_SPAN = 200  # no real table is wider; a rowspan of a billion is somebody's joke
_SHORTEST_DATA_TABLE = 2  # cells


def read_markup(text: str) -> list[Block]:
    """The blocks of an HTML page, in order."""
    root = LexborHTMLParser(text).root
    page = _Frame()
    if root is not None:
        _walk(root, _Reader(page))
    return page.flow


def _walk(root: LexborNode, reader: "_Reader") -> None:
    """Enter and leave every node in order; without recursion, for pages nested deeply."""
    entered: list[LexborNode] = []
    node: LexborNode | None = root
    while node is not None:
        child = node.child if reader.enter(node) else None
        if child is not None:
            entered.append(node)
            node = child
            continue
        reader.leave(node)
        following = node.next if entered else None
        while following is None and entered:
            node = entered.pop()
            reader.leave(node)
            following = node.next if entered else None
        node = following
    reader.end_line()


class _Frame:
    """One open table, or the page: its content as flow and as rows; its end shows which counts."""

    def __init__(self) -> None:
        self.flow: list[Block] = []
        self.rows: list[list[Cell]] = []
        self.layout = False
        self.cell: tuple[str, dict[str, str | None], int] | None = None
        self.cell_href: str | None = None

    def begin_cell(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.cell = (tag, attributes, len(self.flow))
        self.cell_href = None

    def end_cell(self) -> None:
        if self.cell is None:
            return
        tag, attributes, first = self.cell
        self.cell = None
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append(
            Cell(
                text=" ".join(line.text for line in self.flow[first:] if isinstance(line, Line)),
                heading=tag == "th",
                href=self.cell_href,
                colspan=_span(attributes.get("colspan")),
                rowspan=_span(attributes.get("rowspan")),
            )
        )

    def is_pager(self) -> bool:
        """Whether this is but a row of page numbers, as stands in a long table's last row."""
        return len(self.rows) == 1 and all(
            cell.text.isdecimal() or cell.text in _PAGER_SIGNS for cell in self.rows[0]
        )

    def is_data(self) -> bool:
        return not self.layout and sum(map(len, self.rows)) >= _SHORTEST_DATA_TABLE


class _Reader:
    """Gathers inline text into lines, lines into cells, and cells into tables."""

    def __init__(self, page: _Frame) -> None:
        self._frames = [page]
        self._parts: list[str] = []
        self._href: str | None = None
        self._bullet = False
        self._plain = False

    def enter(self, node: LexborNode) -> bool:
        """Take a node in; whether its children are still to be read."""
        tag = node.tag or ""
        if tag == "-text":
            self._parts.append(node.text_content or "")
            return False
        if tag in _SKIPPED:
            return False
        if tag in _INLINE:
            if tag == "a":
                self._link(node.attributes.get("href"))
            return True
        self.end_line()
        frame = self._frames[-1]
        if tag in _LISTS_AND_HEADINGS:
            frame.layout = True
        if tag == "table":
            if len(self._frames) <= _DEEPEST_LOOK and (plain := _plain_table(node)) is not None:
                frame.flow.append(plain)
                self._plain = True
                return False
            self._frames.append(_Frame())
        elif tag == "tr":
            frame.rows.append([])
        elif tag in _CELLS:
            frame.begin_cell(tag, node.attributes)
        elif tag == "li":
            self._bullet = True
        return True

    def leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "-text" or tag in _INLINE or tag in _SKIPPED:
            return
        if tag == "table" and self._plain:
            self._plain = False
            return
        self.end_line()
        if tag in _CELLS:
            self._frames[-1].end_cell()
        elif tag == "li":
            self._bullet = False
        elif tag == "caption" and len(self._frames) > 1:
            self._frames[-2].flow += self._frames[-1].flow
            self._frames[-1].flow.clear()
        elif tag == "table":
            frame = self._frames.pop()
            self._frames[-1].layout |= not frame.is_pager()
            if frame.is_data() and not frame.is_pager():
                rows = tuple(tuple(row) for row in frame.rows if row)
                self._frames[-1].flow.append(Table(rows))
            else:
                self._frames[-1].flow.extend(frame.flow)

    def end_line(self) -> None:
        text = fold("".join(self._parts)) if self._parts else ""
        self._parts.clear()
        if text:
            self._frames[-1].flow.append(Line(text, self._bullet, self._href))
            self._bullet = False
        self._href = None

    def _link(self, href: str | None) -> None:
        if href:
            self._href = self._href or href
            self._frames[-1].cell_href = self._frames[-1].cell_href or href


def _plain_table(table: LexborNode) -> Table | None:
    """A table whose every cell is one text, read at once: most of them, at a third of the time."""
    if table.css_first(_NOT_PLAIN) is not None:
        return None
    spans = table.css_first("[colspan], [rowspan]") is not None
    rows = []
    cells = 0
    for row in table.css("tr"):
        found = []
        cell = row.child
        while cell is not None:
            if cell.tag in _CELLS:
                text = cell.child
                if text is not None and (text.next is not None or text.tag != "-text"):
                    return None
                attributes = cell.attributes if spans else None
                found.append(
                    Cell(
                        fold(text.text_content or "") if text is not None else "",
                        cell.tag == "th",
                        None,
                        _span(attributes.get("colspan")) if attributes else 1,
                        _span(attributes.get("rowspan")) if attributes else 1,
                    )
                )
            cell = cell.next
        cells += len(found)
        if found:
            rows.append(tuple(found))
    return Table(tuple(rows)) if cells >= _SHORTEST_DATA_TABLE else None


def _span(printed: str | None) -> int:
    if printed is None:
        return 1
    digits = printed.strip()
    return max(1, min(int(digits[:6]), _MAX_SPAN)) if digits.isdecimal() else 1
