"""Tables of HTML, as their reader sees them: rows, columns, cells and texts that are shown."""

from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from extractors.page_kinds import PageRefusedError
from extractors.parse.base.blocks import Cell, TableBlock, fold
from extractors.parse.base.cells import NORMAL, CellLines, Look, join_lines
from extractors.parse.base.spans import Row, place, read_span
from extractors.parse.html.looks import (
    BLOCKS,
    KEEPING_LINES,
    ends_line,
    is_gone,
    look_within,
    parse_size,
    sets_apart,
)
from extractors.parse.html.nested import is_headed, is_pager, stands_alone
from extractors.parse.html.stored_numbers import shown_number
from extractors.parse.html.styles import PageStyles, Styles, collapsed_columns

# Elements whose content is no text of the page.
SKIPPED = frozenset(
    {
        "script", "style", "noscript", "template", "iframe", "svg", "math", "xmp", "noembed",
        "noframes", "plaintext", "textarea", "select", "object", "video", "audio", "canvas",
        "-comment",
    }
)  # fmt: skip
_CELLS = frozenset({"td", "th"})
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_LISTS_AND_HEADINGS = frozenset({"ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
_STRUCTURE = ",".join(("table", *sorted(_LISTS_AND_HEADINGS)))
_FEWEST_CELLS = 2
_MOST_TABLES_NESTED = 50
_NOTHING: Styles = {}


class ReadTable(NamedTuple):
    """A table: its block if it is data, else None, and what it is in another table's cell.

    Attributes:
        block: the table, if it is data.
        lines: its texts, in order.
        stands_alone: whether it is a part of the page, even in a cell.
        is_pager: whether it is only a row of page numbers.
    """

    block: TableBlock | None
    lines: list[str]
    stands_alone: bool
    is_pager: bool = False


def check_nested(depth: int) -> None:
    """Refuse a page with a table that stands in more tables than on any page."""
    if depth > _MOST_TABLES_NESTED:
        raise PageRefusedError(
            "nested_too_deep", f"more than {_MOST_TABLES_NESTED} tables stand in each other"
        )


class _PartOfPageError(Exception):
    """A cell holds a part of the page, so that its table is layout."""


class TableReader:
    """Reads the tables of one page, each once."""

    def __init__(
        self,
        styles: PageStyles,
        skipped: frozenset[str],
        open_at_end: set[int],
        *,
        with_spans: bool,
        with_numbers: bool,
    ) -> None:
        """Prepare for the tables of a page.

        Args:
            styles: the page's own.
            skipped: elements whose content is not read.
            open_at_end: the `mem_id` of the elements in which the source breaks off; a row among
                them is not read.
            with_spans: whether some cell of the page may span others.
            with_numbers: whether some cell may store a number beside its text.
        """
        self._styles = styles
        self._skipped = skipped
        self._open_at_end = open_at_end
        self._with_spans = with_spans
        self._with_numbers = with_numbers
        self.torn_row = ""  # the text of the row in which the source breaks off
        self._read: dict[int, ReadTable] = {}
        self._sizes: dict[int, float] = {}
        self._depth = 0
        self._holds_parts = False  # lists, headings or tables in the open table's cells
        self._holds_hidden = False

    def read(self, table: LexborNode) -> ReadTable:
        """Return a table as its reader sees it.

        Raises:
            PageRefusedError: tables stand deeper in each other than on any page.
        """
        mem_id = table.mem_id
        if mem_id in self._read:
            return self._read[mem_id]
        check_nested(self._depth)
        outer = self._holds_parts, self._holds_hidden
        self._holds_parts = self._holds_hidden = False
        self._depth += 1
        try:
            read = self._judge(table, TableBlock(self._rows(table)))
        except _PartOfPageError:
            read = ReadTable(None, [], stands_alone=True)
        self._depth -= 1
        self._holds_parts, self._holds_hidden = outer
        self._read[mem_id] = read
        return read

    def _judge(self, node: LexborNode, table: TableBlock) -> ReadTable:
        lines = [cell.text for row in table.rows for cell in row if cell.text]
        cells = sum(map(len, table.rows))
        pager = is_pager(table.rows)
        layout = pager or cells < _FEWEST_CELLS
        if not layout and (self._holds_parts or self._holds_hidden) and not is_headed(table):
            layout = self._holds_parts or len(node.css(_STRUCTURE)) > 1
        alone = self._depth > 1 and stands_alone(table)
        return ReadTable(None if layout else table, lines, alone, pager)

    def _rows(self, table: LexborNode) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows in the order in which they are shown: the head first, the foot last."""
        look = NORMAL._replace(size=self._size_around(table))
        groups: list[list[Row]] = []
        head = foot = None
        for node in table.iter():
            tag = node.tag
            if tag not in _GROUPS:
                continue
            if (inner := self._within(node, tag, look)) is None:
                continue
            group = list(self._group(node, inner))
            if tag == "thead" and head is None:
                head = group
            elif tag == "tfoot" and foot is None:
                foot = group
            else:
                groups.append(group)
        groups = [group for group in (head, *groups, foot) if group]
        collapsed = collapsed_columns(table, self._styles) if self._styles.of else set()
        rows = [row for group in groups for row in group if row.cells]
        if collapsed or any(map(_is_irregular, rows)):
            return place(groups, collapsed)
        return tuple(tuple(row.cells) for row in rows)

    def _group(self, group: LexborNode, look: Look) -> Iterator[Row]:
        has_styles = bool(self._styles.of)
        collapsed = self._visibility(group) == "collapse"
        for node in group.iter():
            if node.tag != "tr":
                continue
            inner = self._within(node, "tr", look) if has_styles else look
            if inner is None:
                continue
            if self._open_at_end and node.mem_id in self._open_at_end:
                if node.css_first("table") is not None:
                    raise _PartOfPageError
                self.torn_row = fold(node.text(separator=" "))
                continue
            own = self._visibility(node) if has_styles else None
            is_shown = own != "collapse" and not (collapsed and own in {None, "inherit", "unset"})
            cells: list[Cell] = []
            stacked = False
            for child in node.iter():
                tag = child.tag
                if tag not in _CELLS or (cell := self._cell(child, tag, inner)) is None:
                    continue
                was_stacked, stacked = stacked, has_styles and self._is_no_cell(child)
                if stacked and was_stacked:  # neighbours share a place
                    texts = list(filter(None, (cells[-1].text, cell.text)))
                    cells[-1] = cells[-1]._replace(text=join_lines(texts) if texts else "")
                else:
                    cells.append(cell._replace(colspan=1, rowspan=1) if stacked else cell)
            self._holds_hidden |= not is_shown
            yield Row(cells, is_shown)

    def _cell(self, node: LexborNode, tag: str, around: Look) -> Cell | None:
        """Return a cell with its spans as printed; None if it is not there for the reader."""
        look = self._within(node, tag, around) if self._styles.of else around
        if look is None:
            return None
        first = node.first_child
        href = None
        if first is None:
            text = ""
        elif first.is_text_node and first.next is None and not look.keeps_lines:
            text = fold(first.text_content or "") if look.shown else ""
            if not look.shown:
                self._holds_hidden = True
        else:
            text, href = self._content(node, look, in_heading=tag == "th")
        if self._with_numbers:
            text = shown_number(text, node.attributes)
        columns = rows = 1
        if self._with_spans and (attributes := node.attributes):
            if (printed := attributes.get("colspan")) is not None:
                columns = read_span(printed)
            if (printed := attributes.get("rowspan")) is not None:
                rows = read_span(printed, of_rows=True)
        return Cell(text, tag == "th", href, columns, rows)

    def _content(self, cell: LexborNode, look: Look, *, in_heading: bool) -> tuple[str, str | None]:
        """Return the text of a cell, and its first link.

        Raises:
            _PartOfPageError: the cell holds a part of the page.
        """
        lines = CellLines()
        href: str | None = None
        opened: list[tuple[LexborNode, Look, bool, bool]] = []
        are_apart = False  # whether each element here is a box of its own
        node = cell.first_child
        while node is not None or opened:
            if node is None:
                node, look, is_block, are_apart = opened.pop()
                lines.end(is_block)
                node = node.next
                continue
            tag = node.tag or ""
            if tag == "-text":
                lines.add(node.text_content or "", look)
                self._holds_hidden |= not look.shown
            elif tag == "br":
                lines.end()
            elif tag == "table":
                lines.end()
                self._add_table(lines, node, look)
            elif tag not in self._skipped and (inner := self._within(node, tag, look)) is not None:
                self._holds_parts |= tag in _LISTS_AND_HEADINGS and not in_heading
                href = href or inner.href
                declared = self._styles.of.get(node.mem_id, _NOTHING)
                is_block = are_apart or ends_line(tag, declared)
                lines.end(is_block)
                opened.append((node, look, is_block, are_apart))
                are_apart = sets_apart(declared)
                node, look = node.first_child, inner
                continue
            node = node.next
        return lines.text(), href

    def _add_table(self, lines: CellLines, table: LexborNode, look: Look) -> None:
        """Add the texts of a table in a cell."""
        if not look.shown or is_gone(self._styles.of.get(table.mem_id, _NOTHING)):
            self._holds_hidden = True
            return
        read = self.read(table)
        if read.stands_alone:
            raise _PartOfPageError
        self._holds_parts |= not read.is_pager
        lines.finished += read.lines

    def _within(self, node: LexborNode, tag: str, look: Look) -> Look | None:
        """Return the look of the text in an element; None if nothing of it is seen."""
        of = self._styles.of
        declared = of.get(node.mem_id, _NOTHING) if of else _NOTHING
        if is_gone(declared):
            self._holds_hidden = True
            return None
        if not declared and tag in BLOCKS and tag not in KEEPING_LINES:
            return look
        return look_within(tag, node.attributes, self._styles, declared, look)

    def _visibility(self, node: LexborNode) -> str | None:
        of = self._styles.of
        return of.get(node.mem_id, _NOTHING).get("visibility") if of else None

    def _is_no_cell(self, node: LexborNode) -> bool:
        """Return whether an element is styled so that it is no cell of its row."""
        display = self._styles.of.get(node.mem_id, _NOTHING).get("display", "table-cell")
        return display not in {"table-cell", "revert", "revert-layer"}

    def _size_around(self, table: LexborNode) -> float:
        """Return the size of the text around a table, in CSS pixels."""
        if not self._styles.of:
            return NORMAL.size
        chain: list[LexborNode] = []
        node: LexborNode | None = table
        while node is not None and node.mem_id not in self._sizes:
            chain.append(node)
            node = node.parent
        size = NORMAL.size if node is None else self._sizes[node.mem_id]
        for node in reversed(chain):
            declared = self._styles.of.get(node.mem_id, _NOTHING).get("font-size")
            if declared and (own := parse_size(declared, size)) is not None:
                size = own
            self._sizes[node.mem_id] = size
        return size


def _is_irregular(row: Row) -> bool:
    return not row.shown or any(cell.colspan != 1 or cell.rowspan != 1 for cell in row.cells)
