"""A sheet of a workbook to cells, each as Excel shows it."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from extractors.parse.base.blocks import fold
from extractors.parse.sheets.bounds import MOST_COLUMNS, MOST_ROWS, damaged
from extractors.parse.sheets.number_formats import DoubtfulFormatError, shown_number, shown_text
from extractors.parse.sheets.sheet_styles import (
    RichText,
    Style,
    Styles,
    rich_text,
    unescaped,
)
from extractors.parse.sheets.spreadsheets import (
    Range,
    Sheet,
    SheetCell,
    doubtful_number,
    formula_cell,
    struck_cell,
)
from extractors.parse.sheets.xml_parts import children, each_element

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", re.IGNORECASE)
_TRUE = frozenset({"1", "true", "on"})
_SIGNIFICANT = 15  # digits that Excel stores
_PARTS = frozenset({"sheetFormatPr", "col", "row", "mergeCell", "headerFooter"})
_FILLING = frozenset({"array", "dataTable"})
_OF_SEVERAL = "(a formula of several cells)"
_ZERO_WIDTH = re.compile(r"0(?:\.0*)?")


def read_sheet(
    name: str, content: bytes, strings: Sequence[RichText], styles: Styles, *, since_1904: bool
) -> Sheet:
    """Return the cells of a sheet's part, and what is hidden and merged in it.

    Raises:
        PageRefusedError: it has more rows or columns than any view of the site.
    """
    sheet = Sheet(name)
    number = columns_told = 0
    for kind, element in each_element(content, _PARTS):
        if kind == "row":
            number = int(element.get("r", number + 1))
            if _is_hidden(element, "ht") and number <= MOST_ROWS:
                sheet.hidden_rows.add(number)
            for column, cell in _cells(element):
                style = styles.of(cell.get("s", "0"))
                sheet.add(number, column, _shown(cell, strings, style, since_1904=since_1904))
                sheet.computed += _computed(cell)
        elif kind == "col":
            first, last = int(element.get("min", "1")), int(element.get("max", "1"))
            if first <= columns_told:
                raise damaged(f"it describes column {first} twice")
            columns_told = last
            sheet.hide_columns(first, last, hidden=_is_hidden(element, "width"))
        elif kind == "sheetFormatPr":  # stands before the columns, and counts for all others
            sheet.hide_columns(1, MOST_COLUMNS, hidden=_is_hidden(element, "defaultColWidth"))
        elif kind == "headerFooter":
            sheet.headers += [text for part in element if (text := part.text)]
        else:
            sheet.merged.append(_range(element.get("ref", "")))
    sheet.set_computed_aside()
    return sheet


def _computed(cell: Element) -> Iterator[Range]:
    """Yield the cells that a cell's formula fills; the others have its results and no formula."""
    for formula in children(cell, "f"):
        if formula.get("t") in _FILLING and (reference := formula.get("ref")):
            yield _range(reference)


def _is_hidden(element: Element, size: str) -> bool:
    """Return whether a row or column is hidden, or has no height or width."""
    if element.get("hidden") in _TRUE:
        return True
    return _ZERO_WIDTH.fullmatch(element.get(size, "")) is not None


def _cells(row: Element) -> Iterator[tuple[int, Element]]:
    """Yield the cells of a row with their columns; one without a reference is the next one."""
    column = 0
    for cell in children(row, "c"):
        reference = cell.get("r")
        column = _place(reference)[1] if reference else column + 1
        yield column, cell


def _place(reference: str) -> tuple[int, int]:
    """Return the row and column of a reference such as `B12`."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise damaged(f"{reference!r} is not a cell")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _range(reference: str) -> Range:
    first, _, last = reference.partition(":")
    return Range(*_place(first), *_place(last or first))


def _shown(
    cell: Element, strings: Sequence[RichText], style: Style, *, since_1904: bool
) -> SheetCell:
    """Return a cell as Excel shows it."""
    formula = next(children(cell, "f"), None)
    if formula is not None:
        return formula_cell("=" + ((formula.text or "").strip() or _OF_SEVERAL))
    shown = _value_shown(cell, strings, style, since_1904=since_1904)
    return struck_cell(shown.text) if style.font.struck and not shown.doubt else shown


def _value_shown(
    cell: Element, strings: Sequence[RichText], style: Style, *, since_1904: bool
) -> SheetCell:
    value = next((child.text or "" for child in children(cell, "v")), "")
    match cell.get("t", "n"):
        case "e":
            return SheetCell(value)
        case "b":
            return SheetCell("" if not value else "TRUE" if value in _TRUE else "FALSE")
        case "s":
            return _text(_shared(strings, int(value)), style) if value else SheetCell("")
        case "inlineStr":
            return _text(next(map(rich_text, children(cell, "is")), RichText(())), style)
        case "str":
            return _text(RichText(((unescaped(value), None),)), style)
        case "d":
            return _iso(value)
        case _:
            return number_cell(value, style.code, since_1904=since_1904)


def _shared(strings: Sequence[RichText], number: int) -> RichText:
    if number < 0:
        raise damaged(f"it has no text {number}")
    return strings[number]


def _text(text: RichText, style: Style) -> SheetCell:
    return text_cell(text.shown_in(style.font), style.code)


def text_cell(shown: str, code: str) -> SheetCell:
    """Return a text as its cell's format shows it."""
    try:
        return SheetCell(shown_text(shown, code))
    except DoubtfulFormatError:
        return doubtful_number(f'"{shown}"', code)


def _iso(value: str) -> SheetCell:
    """Return the day of a date that is stored as such, or its text if it has no day."""
    try:
        return SheetCell(dt.datetime.fromisoformat(value).date().isoformat())
    except ValueError:
        return SheetCell(fold(value))


def number_cell(stored: str, code: str, *, since_1904: bool = False) -> SheetCell:
    """Return a stored number as its format shows it."""
    if not stored.strip():
        return SheetCell("")
    try:
        value = Decimal(f"{Decimal(stored.strip()):.{_SIGNIFICANT}g}")
        if not value.is_finite():
            raise InvalidOperation
        return SheetCell(shown_number(value, code, since_1904=since_1904))
    except DoubtfulFormatError:
        return doubtful_number(stored, code)
    except (InvalidOperation, OverflowError) as error:
        raise damaged(f"{stored!r} is not a number") from error
