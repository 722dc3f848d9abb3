"""SpreadsheetML 2003 to sheets: a workbook as one XML file, usually named .xls or .xml."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from extractors.parse.blocks import fold
from extractors.parse.number_formats import GENERAL
from extractors.parse.sheet_xml import number_cell
from extractors.parse.spreadsheets import (
    MOST_SHEETS,
    Merged,
    Sheet,
    SheetCell,
    Spreadsheet,
    damaged,
    formula_cell,
    shown_sheets,
    too_large,
)
from extractors.parse.xml_parts import attribute, children, local, parse_xml
from extractors.records import PageRefusedError

_NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_ROOT = re.compile(r"<(?:\w+:)?Workbook\b")
_HEAD = 4_000  # characters
_MOST_CHARACTERS = 8 * 2**20
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
_MARKS = frozenset({"Sup", "S"})
_EPOCH = dt.date(1899, 12, 30)


class _Layout(NamedTuple):
    """The number formats of a workbook by its styles, and the styles of a sheet's columns."""

    formats: Mapping[str, str]
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
    if len(text) > _MOST_CHARACTERS:
        raise too_large("content")
    try:
        book = parse_xml(text.lstrip())
        formats = {
            attribute(style, "ID") or "": _number_format(style)
            for styles in children(book, "Styles")
            for style in children(styles, "Style")
        }
        worksheets = list(children(book, "Worksheet"))
        if len(worksheets) > MOST_SHEETS:
            raise too_large("sheets")
        return shown_sheets([_sheet(worksheet, formats) for worksheet in worksheets])
    except PageRefusedError:
        raise
    except (ParseError, ValueError, ArithmeticError) as error:
        raise damaged(f"{type(error).__name__}: {error}") from error


def _number_format(style: Element) -> str:
    printed = next((attribute(form, "Format") for form in children(style, "NumberFormat")), None)
    return _NAMED.get(printed or "", printed or GENERAL)


def _sheet(worksheet: Element, formats: Mapping[str, str]) -> Sheet:
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
                columns |= dict.fromkeys(range(at, at + min(span, _HEAD) + 1), style)
        for number, span, row in _placed(table, "Row"):
            if _is_hidden(row, "Height"):
                sheet.hidden_rows.update(range(number, number + min(span, _HEAD) + 1))
            _add_row(sheet, number, row, _Layout(formats, columns))
    return sheet


def _placed(parent: Element, name: str) -> Iterator[tuple[int, int, Element]]:
    """Yield rows, columns or cells with their numbers, and over how many more each extends."""
    number = 0
    for element in children(parent, name):
        number = int(attribute(element, "Index") or number + 1)
        span = int(attribute(element, "Span") or attribute(element, "MergeAcross") or 0)
        yield number, span, element
        number += span


def _is_hidden(element: Element, size: str) -> bool:
    if attribute(element, "Hidden") == "1":
        return True
    return _ZERO.fullmatch(attribute(element, size) or "") is not None


def _add_row(sheet: Sheet, number: int, row: Element, layout: _Layout) -> None:
    for at, across, cell in _placed(row, "Cell"):
        down = int(attribute(cell, "MergeDown") or 0)
        if across or down:
            sheet.merged.append(Merged(number, at, number + down, at + across))
        style = (
            attribute(cell, "StyleID")
            or attribute(row, "StyleID")
            or layout.columns.get(at, _DEFAULT)
        )
        sheet.add(number, at, _shown(cell, layout.formats.get(style, GENERAL)))


def _shown(cell: Element, code: str) -> SheetCell:
    """Return a cell as Excel shows it; its comment is no part of it."""
    formula = attribute(cell, "Formula")
    if formula is not None:
        return formula_cell(formula)
    data = next(children(cell, "Data"), None)
    if data is None:
        return SheetCell("")
    text = _text(data)
    match attribute(data, "Type"):
        case "Number":
            return number_cell(text, code)
        case "DateTime":
            return _date(text.strip(), code)
        case "Boolean":
            return SheetCell("TRUE" if text.strip() == "1" else "FALSE")
        case "Error":
            return SheetCell(text.strip())
        case _:
            return SheetCell(fold(text))


def _date(text: str, code: str) -> SheetCell:
    """Return a date as its format shows it."""
    moment = dt.datetime.fromisoformat(text)
    days = Decimal((moment.date() - _EPOCH).days)
    return SheetCell(moment.date().isoformat()) if code == GENERAL else number_cell(f"{days}", code)


def _text(data: Element) -> str:
    """Return the text of a cell without its raised and struck parts, which come behind it."""
    shown = data.text or ""
    for part in data:
        if local(part) not in _MARKS or not shown.strip():
            shown += _text(part)
        shown += part.tail or ""
    return shown
