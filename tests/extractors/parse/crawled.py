"""What the text of a web crawl keeps of an HTML page: lines, and tables glued or between pipes.

It shares no code with the extractors: the page goes through another parser.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from lxml import html as lxml_html

Element = Any  # of lxml, which ships no types
_Table = Callable[[Element], Iterator[str]]

_DROPPED = frozenset({"script", "style", "head", "noscript", "template"})
_INLINE = frozenset(
    {"a", "abbr", "b", "big", "em", "font", "i", "small", "span", "strong", "sub", "sup", "u"}
)
_IN_TABLES = ("table", "h1", "h2", "h3", "h4", "p", "ul", "ol", "dl", "div")


def glued_text(html: str) -> str:
    """Blocks on lines; the cells of a row glued together, as the oldest captures have them."""
    return _text(html, _glued_rows)


def piped_text(html: str) -> str:
    """Blocks on lines; a row of a table as `| a | b |`, and what a cell spans as blank cells."""
    return _text(html, _piped_rows)


def decoded(body: bytes) -> str:
    """UTF-8 if the bytes are, Windows-1252 if not, whatever the page declares."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252")


def _text(html: str, rows_of: _Table) -> str:
    body = lxml_html.document_fromstring(html).find("body")
    return "\n".join(_block(body, rows_of)) + "\n"


def _block(element: Element, rows_of: _Table) -> Iterator[str]:
    """A block's lines: its own text and that of what stands inline, broken by its inner blocks."""
    if element.tag == "table" and _is_of_texts(element):
        yield from ("", *rows_of(element), "")
        return
    running = [element.text or ""]
    for child in element:
        if child.tag in _INLINE:
            running.append(_inline(child))
        elif child.tag == "br" or (element.tag == "dl" and child.tag == "dd"):
            yield from _line(element, running) if child.tag == "br" else ()
            running += [" ", _inline(child)]
        elif element.tag == "dl" and child.tag == "dt":
            yield from _line(element, running)
            running.append(_inline(child))
        elif isinstance(child.tag, str) and child.tag not in _DROPPED:
            yield from _line(element, running)
            yield from _block(child, rows_of)
        running.append(child.tail or "")
    yield from _line(element, running)
    if element.tag in {"h1", "h2", "h3", "p", "ul", "dl"}:
        yield ""


def _line(element: Element, running: list[str]) -> Iterator[str]:
    text = " ".join("".join(running).split())
    running.clear()
    if text:
        yield f"- {text}" if element.tag == "li" else text


def _inline(element: Element) -> str:
    """All its text on one line; a break within it is a blank."""
    for line_break in element.iter("br"):
        line_break.tail = " " + (line_break.tail or "")
    return " ".join("".join(element.itertext()).split()) if element.tag != "br" else ""


def _is_of_texts(table: Element) -> bool:
    """Whether it is a table of texts, and not one that lays out other blocks."""
    return next(table.iterdescendants(*_IN_TABLES), None) is None


def _glued_rows(table: Element) -> Iterator[str]:
    """Label and value are glued; a blank parts two of them, or nothing, turn and turn about."""
    for number, row in enumerate(table.iter("tr")):
        yield ("" if number % 2 == 0 else " ").join(_inline(cell) for cell in _cells(row))


def _piped_rows(table: Element) -> Iterator[str]:
    spanned: dict[int, int] = {}  # by column: how many rows to come it is covered in
    for row in table.iter("tr"):
        texts: list[str] = []
        for cell in chain(_cells(row), [None]):
            while spanned.get(len(texts)):
                spanned[len(texts)] -= 1
                texts.append("")
            if cell is None:
                break
            for at in range(int(cell.get("colspan", 1))):
                spanned[len(texts)] = int(cell.get("rowspan", 1)) - 1
                texts.append("" if at else _inline(cell).replace("|", "\\|"))
        yield f"| {' | '.join(texts)} |"


def _cells(row: Element) -> Iterator[Element]:
    yield from row.iterchildren("td", "th")
