"""HTML to blocks, with selectolax (lexbor), in one pass.

A leaf table is data; a table that holds another table, a list or a heading is layout, and reads as
if it were not there. Scripts and styles are not read. Damaged markup is read as a browser would.
"""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractors.blocks import Block, Cell, Line, Table, fold

_SKIPPED = frozenset({"script", "style", "noscript", "template", "head", "iframe", "svg"})
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "big",
        "cite",
        "code",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "var",
        "wbr",
        "input",
        "button",
    ]
)
_LAYOUT_ONLY = frozenset({"table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
_MAX_SPAN = 200  # no real table is wider; a rowspan of a billion is somebody's joke
_SHORTEST_DATA_TABLE = 2  # cells


def read_markup(text: str) -> list[Block]:
    """The blocks of an HTML page, in order."""
    root = LexborHTMLParser(text).root
    page = _Frame()
    if root is not None:
        reader = _Reader(page)
        for node, entering in _events(root):
            if entering:
                reader.enter(node)
            else:
                reader.leave(node)
        reader.end_line()
    return page.flow


def _events(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node twice, on entering and on leaving; without recursion, for pages nested deeply."""
    entered: list[LexborNode] = []
    node: LexborNode | None = root
    while node is not None:
        yield node, True
        child = None if node.tag in _SKIPPED else node.child
        if child is not None:
            entered.append(node)
            node = child
            continue
        yield node, False
        following = node.next if entered else None
        while following is None and entered:
            node = entered.pop()
            yield node, False
            following = node.next if entered else None
        node = following


class _Frame:
    """One open table (or the page): its content as flow and as rows; which counts shows at its end."""

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

    def is_data(self) -> bool:
        return not self.layout and sum(map(len, self.rows)) >= _SHORTEST_DATA_TABLE


class _Reader:
    """Gathers inline text into lines, lines into cells, and cells into tables."""

    def __init__(self, page: _Frame) -> None:
        self._frames = [page]
        self._parts: list[str] = []
        self._href: str | None = None
        self._bullet = False

    def enter(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._parts.append(node.text_content or "")
            return
        if tag == "a":
            self._link(node.attributes.get("href"))
            return
        if tag in _INLINE or tag in _SKIPPED:
            return
        self.end_line()
        frame = self._frames[-1]
        if tag in _LAYOUT_ONLY:
            frame.layout = True
        if tag == "table":
            self._frames.append(_Frame())
        elif tag == "tr":
            frame.rows.append([])
        elif tag in {"td", "th"}:
            frame.begin_cell(tag, node.attributes)
        elif tag == "li":
            self._bullet = True

    def leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "-text" or tag in _INLINE or tag in _SKIPPED:
            return
        self.end_line()
        if tag in {"td", "th"}:
            self._frames[-1].end_cell()
        elif tag == "li":
            self._bullet = False
        elif tag == "table":
            frame = self._frames.pop()
            if frame.is_data():
                rows = tuple(tuple(row) for row in frame.rows if row)
                self._frames[-1].flow.append(Table(rows))
            else:
                self._frames[-1].flow.extend(frame.flow)

    def end_line(self) -> None:
        if not self._parts:
            return
        text = fold("".join(self._parts))
        self._parts.clear()
        if text:
            self._frames[-1].flow.append(Line(text, self._bullet, self._href))
            self._bullet = False
        self._href = None

    def _link(self, href: str | None) -> None:
        if href:
            self._href = self._href or href
            self._frames[-1].cell_href = self._frames[-1].cell_href or href


def _span(printed: str | None) -> int:
    digits = (printed or "").strip()
    return max(1, min(int(digits[:6]), _MAX_SPAN)) if digits.isdecimal() else 1
