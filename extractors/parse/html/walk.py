"""HTML to blocks: one walk over the tree that lexbor makes of a page, as a browser would.

A table is data if it is what its reader sees as a table, and layout if whole parts of the page
stand in its cells (`extractors.parse.html.nested` tells them apart). What stands in a cell of data,
lists and small tables too, is the cell's text. What stands in a cell of layout is parsed as if the
table were not there.

A page hides what another choice of its reader would show: a table that is hidden as a whole is
parsed, as is text outside tables. Rows, columns, cells and parts of cells of a table of data that
are hidden are not.
"""

import re
from collections.abc import Collection, Iterator
from html import unescape
from typing import NamedTuple
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode

from extractors.parse.base.blocks import Block, Line, fold
from extractors.parse.html.html_tables import SKIPPED, TableReader, check_nested
from extractors.parse.html.looks import BLOCKS, ends_line
from extractors.parse.html.markup import Markup
from extractors.parse.html.stored_numbers import STORING
from extractors.parse.html.styles import styles_of
from extractors.parse.tables.units import unit_in

_BASE_WITH_HOST = "base[href^='http://'], base[href^='https://'], base[href^='/']"
_APART = frozenset({"br", "table"})
_SHEET_NAME = re.compile(r"<x:Name>([^<>]{1,100})</x:Name>", re.IGNORECASE)
_NEXT_TEXT = re.compile(r"\s*next(?: page)?\s*(?:»|>)*\s*", re.IGNORECASE)


class HtmlBlocks(NamedTuple):
    """The blocks of a page in order, and the row or line in which it breaks off, not among them."""

    blocks: list[Block]
    torn_text: str


def parse_html(markup: Markup, without: Collection[str] = ()) -> HtmlBlocks:
    """Return the blocks of an HTML page.

    Args:
        markup: the page.
        without: elements to leave out, such as menus.

    Raises:
        PageRefusedError: the page is made to exhaust its reader.
    """
    walk = _Walk(markup, SKIPPED.union(without))
    if markup.tree.body is not None:
        walk.flow(markup.tree.body)
    blocks = [*_units_of_titles(markup), *walk.blocks]
    if "<base" in markup.lower and (base := markup.tree.css_first(_BASE_WITH_HOST)):
        blocks = [_resolved(block, fold(base.attributes["href"] or "")) for block in blocks]
    return HtmlBlocks(blocks, walk.torn_text)


def _units_of_titles(markup: Markup) -> Iterator[Line]:
    """Yield the units of amounts in the page's title, or the names of sheets saved as a page.

    A code that is a currency there is written as `in CHF`: a line of `CHF` may be an acronym.
    """
    titles = [node.text() for node in markup.tree.css("head > title")]
    for text in (*titles, *_SHEET_NAME.findall(markup.text)):
        title = fold(unescape(text))
        if unit := unit_in(title, in_narrative=True):
            yield Line(f"in {unit}")
        elif unit := unit_in(title):
            yield Line(unit)


def _resolved(block: Block, base: str) -> Block:
    """Return a block with its links as the page's `<base>` has them."""
    if isinstance(block, Line):
        return block._replace(
            href=_joined(base, block.href), next_href=_joined(base, block.next_href)
        )
    rows = tuple(
        tuple(cell._replace(href=_joined(base, cell.href)) for cell in row) for row in block.rows
    )
    return block._replace(rows=rows)


def _joined(base: str, href: str | None) -> str | None:
    """Return a link against a base; as it is if one of them is no URL."""
    try:
        return href and urljoin(base, href)
    except ValueError:
        return href


class _Walk:
    """Gathers texts into lines, and tables with them into blocks."""

    def __init__(self, markup: Markup, skipped: frozenset[str]) -> None:
        self.blocks: list[Block] = []
        styles = styles_of(markup.tree, markup.lower)
        self._declared = styles.of
        self._tables = TableReader(
            styles,
            skipped,
            markup.open_at_end,
            with_spans="rowspan" in markup.lower or "colspan" in markup.lower,
            with_numbers=any(name in markup.lower for name in STORING),
        )
        self._skipped = skipped
        self._last = markup.last
        self._torn_line = ""
        self._texts: list[str] = []  # of the open line
        self._href: str | None = None
        self._next_href: str | None = None
        self._bullet = False
        self._depth = 0  # tables of layout around the walk

    @property
    def torn_text(self) -> str:
        """Return the text in which the page breaks off."""
        return self._torn_line or self._tables.torn_row

    def flow(self, element: LexborNode) -> None:
        """Add the blocks of an element."""
        opened: list[tuple[str, LexborNode, bool]] = []
        texts, skipped, declared, last = self._texts, self._skipped, self._declared, self._last
        node = element.first_child
        while node is not None or opened:
            if node is None:
                tag, node, is_block = opened.pop()
                if is_block:
                    if texts or self._href:
                        self._end_line()
                    self._bullet &= tag != "li"
                node = node.next
                continue
            tag = node.tag or ""
            if last is not None and node.mem_id == last:
                self._drop_line()
            elif tag == "-text":
                text = node.text_content or ""
                if texts or not text.isspace():
                    texts.append(text)
            elif tag in _APART:
                self._stand_apart(node, tag)
            elif tag not in skipped:
                is_block = self._ends_line(tag, node) if declared else tag in BLOCKS
                if is_block:
                    if texts or self._href:
                        self._end_line()
                    self._bullet |= tag == "li"
                elif tag == "a":
                    self._link(node)
                opened.append((tag, node, is_block))
                node = node.first_child
                continue
            node = node.next
        self._end_line()

    def _stand_apart(self, node: LexborNode, tag: str) -> None:
        """End the open line at a line break or a table, and add the table."""
        self._end_line()
        if tag == "table":
            check_nested(self._depth)
            self._depth += 1
            self._table(node)
            self._depth -= 1

    def _ends_line(self, tag: str, node: LexborNode) -> bool:
        declared = self._declared.get(node.mem_id)
        return tag in BLOCKS if declared is None else ends_line(tag, declared)

    def _table(self, table: LexborNode) -> None:
        read = self._tables.read(table)
        children = list(table.iter())
        for node in children:
            if node.tag == "caption":
                self.flow(node)
        if read.block is not None:
            self.blocks.append(read.block)
            return
        cells = (
            cell for group in children if group.tag != "caption"
            for row in group.iter() if row.tag == "tr"
            for cell in row.iter() if cell.tag not in self._skipped
        )  # fmt: skip
        for cell in cells:
            self.flow(cell)

    def _link(self, node: LexborNode) -> None:
        attributes = node.attributes
        href = fold(attributes.get("href") or "")
        if href:
            self._href = self._href or href
            first = node.first_child
            text = (first.text_content if first else None) or ""
            if attributes.get("rel") == "next" or _NEXT_TEXT.fullmatch(text):
                self._next_href = href

    def _end_line(self) -> None:
        if self._texts:
            if text := fold("".join(self._texts)):
                self.blocks.append(Line(text, self._bullet, self._href, False, self._next_href))
                self._bullet = False
            self._texts.clear()
        self._href = self._next_href = None

    def _drop_line(self) -> None:
        """Leave out the open line: the page breaks off in it."""
        self._torn_line = fold("".join(self._texts))
        self._texts.clear()
        self._href = self._next_href = None
