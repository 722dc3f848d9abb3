"""SpreadsheetML 2003 to sheets: a workbook as one XML file, usually named .xls or .xml."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from extractors.page_kinds import PageRefusedError
from extractors.parse.sheets.bounds import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, damaged, too_large
from extractors.parse.sheets.number_formats import GENERAL
from extractors.parse.sheets.sheet_styles import Font, Style, shown_runs
from extractors.parse.sheets.sheet_xml import number_cell, text_cell
from extractors.parse.sheets.spreadsheets import (
    Range,
    Sheet,
    SheetCell,
    Spreadsheet,
    formula_cell,
    shown_sheets,
    struck_cell,
)
from extractors.parse.sheets.xml_parts import attribute, children, local, parse_xml

_NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_ROOT = re.compile(r"<(?:\w+:)?Workbook\b")
_HEAD = 4_000  # characters
_HIDDEN = frozenset({"SheetHidden", "SheetVeryHidden"})
_DEFAULT = "Default"
# Formats that have a name in this language.
_NAMED = {
    "": GENERAL, "General Number": GENERAL, "Currency": "$#,##0.00", "Fixed": "0.00",
    "Standard": "#,##0.00", "Percent": "0.00%", "Scientific": "0.00E+00",
    "General Date": "yyyy-mm-dd", "Long Date": "yyyy-mm-dd", "Medium Date": "yyyy-mm-dd",
    "Short Date": "yyyy-mm-dd", "Euro Currency": "€#,##0.00",
    "Yes/No": '"Yes";"Yes";"No"', "True/False": '"TRUE";"TRUE";"FALSE"',
    "On/Off": '"On";"On";"Off"',
}  # fmt: skip
_ZERO = re.compile(r"0(?:\.0*)?")
_HEIGHTS = {"Sup": 1, "Superscript": 1, "Sub": -1, "Subscript": -1}
_DEEPEST = 20  # elements in a cell's text
_ARRAY = re.compile("R({0})C({0}):R({0})C({0})".format(r"[0-9]{1,5}|\[-?[0-9]{1,5}\]|"))
_EPOCH = dt.date(1899, 12, 30)


class _Layout(NamedTuple):
    """The styles of a workbook by their IDs, and the styles of a sheet's columns."""

    styles: Mapping[str, Style]
    columns: Mapping[int, str]


def is_spreadsheetml(text: str) -> bool:
    """Return whether a text is a workbook in one XML file."""
    head = text[:_HEAD]
    return _NAMESPACE in head and _ROOT.search(head) is not None


def parse_spreadsheetml(text: str) -> Spreadsheet:
    """Return a table for every sheet that shows something, and findings about what is hidden.

    Raises:
        PageRefusedError: it is damaged, or larger than any view of the site.
    """
    try:
        book = parse_xml(text.lstrip())
        styles = _styles(book)
        worksheets = list(children(book, "Worksheet"))
        if len(worksheets) > MOST_SHEETS:
            raise too_large("sheets")
        return shown_sheets([_sheet(worksheet, styles) for worksheet in worksheets])
    except PageRefusedError:
        raise
    except (ParseError, ValueError, ArithmeticError) as error:
        raise damaged(f"{type(error).__name__}: {error}") from error


def _styles(book: Element) -> Mapping[str, Style]:
    """Return the styles by their IDs; each is as its parent where it says nothing."""
    styles: dict[str, Style] = {}
    for group in children(book, "Styles"):
        for element in children(group, "Style"):
            style = styles.get(attribute(element, "Parent") or _DEFAULT, Style())
            for form in children(element, "NumberFormat"):
                printed = attribute(form, "Format") or ""
                style = style._replace(code=_NAMED.get(printed, printed))
            for font in children(element, "Font"):
                style = style._replace(font=_font(font, style.font))
            styles[attribute(element, "ID") or ""] = style
    return styles


def _font(element: Element, around: Font) -> Font:
    size, struck = attribute(element, "Size"), attribute(element, "StrikeThrough")
    return Font(
        float(size) if size else around.size,
        _HEIGHTS.get(attribute(element, "VerticalAlign") or "", around.height),
        struck == "1" if struck else around.struck,
    )


def _sheet(worksheet: Element, styles: Mapping[str, Style]) -> Sheet:
    """Return the cells of a sheet, and what is hidden and merged in it."""
    sheet = Sheet(attribute(worksheet, "Name") or "")
    sheet.hidden = any(
        (visible.text or "").strip() in _HIDDEN
        for options in children(worksheet, "WorksheetOptions")
        for visible in children(options, "Visible")
    )
    for table in children(worksheet, "Table"):
        columns: dict[int, str] = {}
        for at, span, column in _placed(table, "Column"):
            if _is_hidden(column, "Width"):
                sheet.hide_columns(at, at + span)
            if style := attribute(column, "StyleID"):
                columns |= dict.fromkeys(range(at, min(at + span, MOST_COLUMNS) + 1), style)
        for number, span, row in _placed(table, "Row"):
            if _is_hidden(row, "Height"):
                sheet.hidden_rows.update(range(number, min(number + span, MOST_ROWS) + 1))
            _add_row(sheet, number, row, _Layout(styles, columns))
    sheet.set_computed_aside()
    return sheet


def _placed(parent: Element, name: str) -> Iterator[tuple[int, int, Element]]:
    """Yield rows, columns or cells with their numbers, and over how many more each extends."""
    reached = 0
    for element in children(parent, name):
        number = int(attribute(element, "Index") or reached + 1)
        if number <= reached:
            raise damaged(f"its {name} {number} stands behind {name} {reached}")
        span = int(attribute(element, "Span") or attribute(element, "MergeAcross") or 0)
        yield number, span, element
        reached = number + max(span, 0)


def _is_hidden(element: Element, size: str) -> bool:
    if attribute(element, "Hidden") == "1":
        return True
    return _ZERO.fullmatch(attribute(element, size) or "") is not None


def _add_row(sheet: Sheet, number: int, row: Element, layout: _Layout) -> None:
    for at, across, cell in _placed(row, "Cell"):
        down = int(attribute(cell, "MergeDown") or 0)
        if across or down:
            sheet.merged.append(Range(number, at, number + down, at + across))
        style = (
            attribute(cell, "StyleID")
            or attribute(row, "StyleID")
            or layout.columns.get(at, _DEFAULT)
        )
        sheet.add(number, at, _shown(cell, layout.styles.get(style, Style())))
        if found := _ARRAY.fullmatch(attribute(cell, "ArrayRange") or ""):
            sheet.computed.append(_array(found, number, at))


def _array(found: re.Match[str], row: int, column: int) -> Range:
    """Return the range of a formula of several cells: `R4C2:R6C2`, or `RC:R[2]C` from its cell."""
    numbers = [
        int(printed.strip("[]")) + (at if printed[0] == "[" else 0) if printed else at
        for printed, at in zip(found.groups(default=""), (row, column) * 2, strict=True)
    ]
    return Range(*numbers)


def _shown(cell: Element, style: Style) -> SheetCell:
    """Return a cell as Excel shows it; its comment is no part of it."""
    formula = attribute(cell, "Formula")
    if formula is not None:
        return formula_cell(formula)
    data = next(children(cell, "Data"), None)
    if data is None:
        return SheetCell("")
    shown = _value_shown(data, style)
    return struck_cell(shown.text) if style.font.struck and not shown.doubt else shown


def _value_shown(data: Element, style: Style) -> SheetCell:
    text = shown_runs(list(_runs(data, None)), style.font)
    match attribute(data, "Type"):
        case "Number":
            return number_cell(text, style.code)
        case "DateTime":
            return _date(text, style.code)
        case "Boolean":
            return SheetCell("TRUE" if text == "1" else "FALSE")
        case "Error":
            return SheetCell(text)
        case _:
            return text_cell(text, style.code)


def _date(text: str, code: str) -> SheetCell:
    """Return a date as its format shows it."""
    moment = dt.datetime.fromisoformat(text)
    days = Decimal((moment.date() - _EPOCH).days)
    return SheetCell(moment.date().isoformat()) if code == GENERAL else number_cell(f"{days}", code)


def _runs(data: Element, around: Font | None, depth: int = 0) -> Iterator[tuple[str, Font | None]]:
    """Yield the runs of a cell's text, with what the elements around them say of their font."""
    if depth > _DEEPEST:
        raise damaged(f"a cell has elements more than {_DEEPEST} deep in each other")
    yield data.text or "", around
    for part in data:
        font = around or Font()
        match local(part):
            case "Sup" | "Sub" as name:
                font = font._replace(height=_HEIGHTS[name])
            case "S":
                font = font._replace(struck=True)
            case "Font":
                font = _font(part, font)
        yield from _runs(part, None if font == Font() else font, depth + 1)
        yield part.tail or "", around
