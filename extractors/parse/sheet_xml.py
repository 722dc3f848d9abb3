"""The parts of a workbook to cells: shared strings, styles and sheets."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from xml.etree.ElementTree import Element

from extractors.parse.blocks import fold
from extractors.parse.charset import DAMAGED
from extractors.parse.number_formats import (
    BUILT_IN,
    GENERAL,
    DoubtfulFormatError,
    shown_number,
    shown_text,
)
from extractors.parse.spreadsheets import (
    MOST_ROWS,
    Merged,
    Sheet,
    SheetCell,
    damaged,
    doubtful_number,
    formula_cell,
    struck_cell,
)
from extractors.parse.xml_parts import attribute, children, each_element, local

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", re.IGNORECASE)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FOOTNOTE = re.compile(r"[\d\s*†‡§()\[\],]*")
_TRUE = frozenset({"1", "true", "on"})
_OFF = frozenset({"0", "false", "off"})
_SIGNIFICANT = 15  # digits that Excel stores
_ZERO_WIDTH = re.compile(r"0(?:\.0*)?")


class Styles(NamedTuple):
    """By the number of a cell's style: its number format, and whether its text is struck out."""

    codes: Sequence[str] = ()
    struck: Sequence[bool] = ()

    def code(self, style: int) -> str:
        """Return a style's number format; a workbook may have no styles at all."""
        return self.codes[style] if style < len(self.codes) else GENERAL

    def is_struck(self, style: int) -> bool:
        """Return whether a style strikes its text out."""
        return style < len(self.struck) and self.struck[style]


class Strings(NamedTuple):
    """The texts that cells share."""

    texts: Sequence[str]


def read_strings(content: bytes) -> Strings:
    """Return the shared strings, in their order."""
    return Strings([rich_text(item) for _, item in each_element(content, {"si"})])


def read_styles(content: bytes) -> Styles:
    """Return the styles of cells."""
    codes = dict(BUILT_IN)
    struck_fonts: list[bool] = []
    styles: list[Element] = []
    for name, element in each_element(content, {"numFmts", "fonts", "cellXfs"}):
        if name == "numFmts":
            for form in children(element, "numFmt"):
                codes[int(form.get("numFmtId", "0"))] = form.get("formatCode", GENERAL)
        elif name == "fonts":
            struck_fonts = [_is_on(font, "strike") for font in children(element, "font")]
        else:
            styles = list(children(element, "xf"))
    fonts = [int(style.get("fontId", "0")) for style in styles]
    return Styles(
        [codes.get(int(style.get("numFmtId", "0")), GENERAL) for style in styles],
        [font < len(struck_fonts) and struck_fonts[font] for font in fonts],
    )


def rich_text(item: Element) -> str:
    """Return a string without its pronunciation, struck parts, and footnote marks.

    A run that is raised, or smaller than the first one, behind other text is such a mark.
    """
    shown = ""
    first_size: float | None = None
    for part in item:
        if local(part) == "t":
            shown += unescaped(part.text or "")
        elif local(part) == "r":
            text = unescaped("".join(t.text or "" for t in children(part, "t")))
            properties = next(children(part, "rPr"), None)
            size = _size(properties)
            first_size = size if first_size is None else first_size
            small = size is not None and first_size is not None and size < first_size
            raised = properties is not None and _value(properties, "vertAlign") == "superscript"
            is_mark = (raised or small) and shown.strip() and _FOOTNOTE.fullmatch(text)
            if not is_mark and not (properties is not None and _is_on(properties, "strike")):
                shown += text
    return shown


def unescaped(text: str) -> str:
    """Return a text without Excel's escapes: `_x000D_` is a carriage return."""
    return _ESCAPE.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character.isprintable() or character.isspace() else DAMAGED


def _size(properties: Element | None) -> float | None:
    value = None if properties is None else _value(properties, "sz")
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def _value(properties: Element, name: str) -> str | None:
    return next((attribute(child, "val") for child in children(properties, name)), None)


def _is_on(properties: Element, name: str) -> bool:
    return any(child.get("val", "1") not in _OFF for child in children(properties, name))


def read_sheet(
    name: str, content: bytes, strings: Strings, styles: Styles, *, since_1904: bool
) -> Sheet:
    """Return the cells of a sheet's part, and what is hidden and merged in it.

    Raises:
        PageRefusedError: it has more rows or columns than any view of the site.
    """
    sheet = Sheet(name)
    number = 0
    for kind, element in each_element(content, {"row", "col", "mergeCell"}):
        if kind == "row":
            number = int(element.get("r", number + 1))
            if _is_hidden(element, "ht") and number <= MOST_ROWS:
                sheet.hidden_rows.add(number)
            for column, cell in _cells(element):
                sheet.add(number, column, _shown(cell, strings, styles, since_1904=since_1904))
        elif kind == "col":
            if _is_hidden(element, "width"):
                sheet.hide_columns(int(element.get("min", "1")), int(element.get("max", "1")))
        else:
            sheet.merged.append(_merged(element.get("ref", "")))
    return sheet


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


def _merged(reference: str) -> Merged:
    first, _, last = reference.partition(":")
    return Merged(*_place(first), *_place(last or first))


def _shown(cell: Element, strings: Strings, styles: Styles, *, since_1904: bool) -> SheetCell:
    """Return a cell as Excel shows it."""
    shown = _value_shown(cell, strings, styles, since_1904=since_1904)
    is_struck = styles.is_struck(int(cell.get("s", "0"))) and not shown.doubt
    return struck_cell(shown.text) if is_struck else shown


def _value_shown(cell: Element, strings: Strings, styles: Styles, *, since_1904: bool) -> SheetCell:
    formula = next(children(cell, "f"), None)
    if formula is not None:
        return formula_cell("=" + ((formula.text or "").strip() or "(a formula of several cells)"))
    kind = cell.get("t", "n")
    style = int(cell.get("s", "0"))
    value = next((child.text or "" for child in children(cell, "v")), "")
    match kind:
        case "e":
            return SheetCell(value)
        case "b":
            return SheetCell("" if not value else "TRUE" if value in _TRUE else "FALSE")
        case "s":
            return _text(strings.texts[int(value)] if value else "", styles.code(style))
        case "inlineStr":
            texts = [rich_text(item) for item in children(cell, "is")]
            return _text("".join(texts), styles.code(style))
        case "str":
            return _text(unescaped(value), styles.code(style))
        case "d":
            return _iso(value)
        case _:
            return number_cell(value, styles.code(style), since_1904=since_1904)


def _text(text: str, code: str) -> SheetCell:
    try:
        return SheetCell(fold(shown_text(text, code)))
    except DoubtfulFormatError:
        return doubtful_number(f'"{text}"', code)


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
