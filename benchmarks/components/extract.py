"""Parsing bytes to records: `parse_page` beside the same on BeautifulSoup and lxml trees.

The other two build blocks in their own way; all else is the same, except that they need not detect
the page's format. The records are first checked to be equal.
"""

from collections.abc import Callable
from time import perf_counter

import lxml.html
from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from benchmarks.components.factsheets import factsheet
from extractors.parse.base.blocks import Block, Cell, Line, TableBlock, fold
from extractors.parse.base.charset import decode
from extractors.parse.pages import parse_blocks, parse_page
from extractors.records import Page, Representation

_SKIPPED = {"script", "style", "head"}
_INLINE = {"a", "span", "b", "i"}


def soup_blocks(text: str) -> list[Block]:
    """Return the blocks of a BeautifulSoup tree (parsed by lxml)."""
    blocks: list[Block] = []

    def walk(node: Tag, *, bullet: bool = False) -> None:
        parts: list[str] = []
        href: str | None = None

        def flush() -> None:
            nonlocal href
            if line := fold("".join(parts)):
                blocks.append(Line(line, bullet, href))
            parts.clear()
            href = None

        for child in node.children:
            if isinstance(child, NavigableString):
                parts.append(str(child))
            elif not isinstance(child, Tag) or child.name in _SKIPPED:
                continue
            elif child.name in _INLINE:
                parts.append(child.get_text())
                link = child.get("href")
                href = href or (link if isinstance(link, str) else None)
            elif child.name == "table":
                flush()
                blocks.append(_soup_table(child))
            else:
                flush()
                walk(child, bullet=child.name == "li")
        flush()

    walk(BeautifulSoup(text, "lxml"))
    return blocks


def _soup_table(table: Tag) -> TableBlock:
    rows = []
    for row in table.find_all("tr"):
        cells = []
        for cell in row.find_all(["td", "th"]):
            link = cell.find("a")
            href = link.get("href") if isinstance(link, Tag) else None
            text = fold(cell.get_text())
            cells.append(Cell(text, cell.name == "th", href if isinstance(href, str) else None))
        rows.append(tuple(cells))
    return TableBlock(tuple(rows))


def lxml_blocks(text: str) -> list[Block]:
    """Return the blocks of an lxml tree."""
    blocks: list[Block] = []

    def walk(node: lxml.html.HtmlElement, *, bullet: bool = False) -> None:
        parts: list[str] = [node.text or ""]
        href: str | None = None

        def flush() -> None:
            nonlocal href
            if line := fold("".join(parts)):
                blocks.append(Line(line, bullet, href))
            parts.clear()
            href = None

        for child in node:
            if child.tag in _INLINE:
                parts.append(child.text_content())
                href = href or child.get("href")
            elif child.tag == "table":
                flush()
                blocks.append(_lxml_table(child))
            elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
                flush()
                walk(child, bullet=child.tag == "li")
            parts.append(child.tail or "")
        flush()

    walk(lxml.html.document_fromstring(text))
    return blocks


def _lxml_table(table: lxml.html.HtmlElement) -> TableBlock:
    rows = []
    for row in table.iter("tr"):
        cells = []
        for cell in row.iter("td", "th"):
            link = next(cell.iter("a"), None)
            href = link.get("href") if link is not None else None
            cells.append(Cell(fold(cell.text_content()), cell.tag == "th", href))
        rows.append(tuple(cells))
    return TableBlock(tuple(rows))


def _by(blocks_of: Callable[[str], list[Block]]) -> Callable[[bytes], Page]:
    return lambda body: parse_blocks(blocks_of(decode(body).text), Representation.HTML)


VARIANTS: dict[str, tuple[Callable[[bytes], Page], int]] = {
    "selectolax": (parse_page, 1500),
    "ours, 4 x the pages": (parse_page, 6000),
    "lxml": (_by(lxml_blocks), 1000),
    "BeautifulSoup": (_by(soup_blocks), 150),
}
BASELINE = "BeautifulSoup"
UNIT = "pages"


def run(name: str) -> tuple[int, float]:
    """Parse pages from bytes to records."""
    read, count = VARIANTS[name]
    first = factsheet(0)
    assert read(first) == parse_page(first)
    seconds = 0.0
    for number in range(count):
        page = factsheet(number)
        begun = perf_counter()
        read(page)
        seconds += perf_counter() - begun
    return count, seconds
