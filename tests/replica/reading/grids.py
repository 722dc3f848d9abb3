"""From bytes to tables: rows of cells, whatever file they came in."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree

from lxml import html

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_BLOCKS = ("table", "h1", "h2", "h3", "p", "ul", "dl")
Element = Any  # of lxml, which ships no types


class Cell(NamedTuple):
    """One cell's text, its blanks made plain, and what it links to."""

    text: str
    href: str | None = None


# One cell a column: a cell that spans stands, the same object, in all that it covers.
Row = list[Cell]


def decode(body: bytes) -> str:
    """UTF-8 if the bytes are, Windows-1252 if not, whatever the page declares."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252")


def tree(body: bytes) -> Element:
    """The page's body element."""
    return html.document_fromstring(decode(body)).find("body")


def text_of(element: Element) -> str:
    """An element's text, with its blanks as they are."""
    return "".join(element.itertext()).strip()


def is_data_table(element: Element) -> bool:
    """Whether it is a table of texts, and not one that lays out other blocks."""
    return element.tag == "table" and next(element.iterdescendants(*_BLOCKS), None) is None


def table_rows(table: Element) -> list[Row]:
    """A table of texts."""
    rows: list[Row] = []
    from_above: dict[int, list[Cell]] = {}  # by column: cells that span into the rows to come
    for tr in table.iter("tr"):
        row: Row = []
        for td in [*tr.iterchildren("td", "th"), None]:
            while from_above.get(len(row)):
                row.append(from_above[len(row)].pop())
            if td is None:
                break
            links = [str(link.get("href")) for link in td.iter("a")]
            cell = Cell(" ".join(" ".join(td.itertext()).split()), *links)
            for _ in range(int(td.get("colspan", 1))):
                from_above[len(row)] = [cell] * (int(td.get("rowspan", 1)) - 1)
                row.append(cell)
        rows.append(row)
    return rows


def spreadsheet_rows(body: bytes) -> list[Row]:
    """The one table of an Excel view, in any of its three forms."""
    if body.startswith(b"PK"):
        return _workbook_rows(body)
    if body.startswith(b"\xef\xbb\xbf"):
        texts = csv.reader(io.StringIO(decode(body), newline=""))
        return [[Cell(" ".join(text.split())) for text in row] for row in texts]
    (table,) = filter(is_data_table, tree(body).iter("table"))
    return table_rows(table)


def _workbook_rows(body: bytes) -> list[Row]:
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        shared, sheet = (
            ElementTree.fromstring(book.read(name))  # noqa: S314 because we made it ourselves
            for name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
        )
    texts = ["".join(item.itertext()) for item in shared.iter(f"{_SHEET}si")]
    rows = [list(_workbook_cells(row, texts)) for row in sheet.iter(f"{_SHEET}row")]
    width = max(map(len, rows))
    return [row + [Cell("")] * (width - len(row)) for row in rows]


def _workbook_cells(row: ElementTree.Element, texts: list[str]) -> Iterator[Cell]:
    """Cells without anything in them are not in the file; here they are blank ones."""
    column = 0
    for cell in row.iter(f"{_SHEET}c"):
        found = re.fullmatch(r"([A-Z])[0-9]+", cell.get("r", ""))
        value = cell.findtext(f"{_SHEET}v")
        assert found, f"no cell of ours: {cell.attrib}"
        assert value is not None, f"nothing in {cell.attrib}"
        for _ in range(column, ord(found[1]) - ord("A")):
            yield Cell("")
        column = ord(found[1]) - ord("A") + 1
        is_text = cell.get("t") == "s"
        if is_text:
            yield Cell(" ".join(texts[int(value)].split()))
        else:  # a float, with whatever stands behind its cents: 79017.60000000001
            yield Cell(f"{float(value):.2f}".removesuffix(".00"))
