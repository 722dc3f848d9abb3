"""Excel and CSV views to blocks: every cell is the text that Excel shows in it.

Workbooks may be hostile: their unpacked size is counted before anything is parsed, entities are
refused, and no row is built that the sheet does not hold.
"""

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from typing import Any, NamedTuple

from extractors.parse.blocks import Block, Cell, TableBlock, fold
from extractors.records import PageRefusedError

_ZIP = b"PK\x03\x04"
_WORKBOOK = "xl/workbook.xml"
_MOST_UNPACKED = 32 * 2**20  # bytes, of all members together
_MOST_MEMBERS = 200
_MOST_SHEETS, _MOST_ROWS, _MOST_COLUMNS = 20, 20_000, 400
_SHEET = re.compile(rb"<(?:\w+:)?sheet[\s/>]")
_ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
_DELIMITERS = ",;\t"
_MOST_CAPTIONS = 2
_SNIFFED_LINES = 20
_FEWEST_CSV_ROWS = 2
_NO_RESULT = frozenset({"#DIV/0!", "#N/A"})
# In a number format: a quoted text, a currency or condition in brackets, and an escaped, blank or
# repeated character.
_LITERAL = re.compile(r'"([^"]*)"|\[(?:\$([^\]-]*))?[^\]]*\]|[\\_*].')
_OTHER_MONEY = re.compile(r"[€£¥]|\b(?!USD\b)[A-Z]{3}\b")
# Digits of a number format without scale or exponent.
_DIGITS = re.compile(r"[$\s()+-]*([#0?,]*[#0?])(?:\.([#0?]{0,8}))?[$\s()+-]*")
_LONGEST_NUMBER, _LONGEST_FORMAT = 18, 255  # digits; characters


def is_xlsx(body: bytes) -> bool:
    """Return whether the bytes are a zip file that names a workbook; it may be damaged."""
    return body.startswith(_ZIP) and (b"xl/workbook.xml" in body or b"[Content_Types].xml" in body)


def parse_xlsx(body: bytes) -> list[Block]:
    """Return a table for every sheet that is not empty.

    Raises:
        PageRefusedError: the workbook is damaged, or larger than any view of the site.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 because few pages are workbooks, and its import is slow

    checked, declared = _checked(body)
    try:
        book = load_workbook(checked, read_only=True, data_only=True)
        try:
            if len(book.worksheets) > _MOST_SHEETS:
                raise _too_large("sheets")
            if len(book.sheetnames) < declared:  # openpyxl skips a missing sheet
                raise _damaged(f"{declared} sheets are declared, {len(book.sheetnames)} are there")
            tables = [tuple(_rows(sheet)) for sheet in book.worksheets]
        finally:
            book.close()
    except PageRefusedError:
        raise
    except Exception as error:  # openpyxl raises many kinds on hostile files
        raise _damaged(f"{type(error).__name__}: {error}") from error
    return [TableBlock(rows) for rows in tables if rows]


def _checked(body: bytes) -> tuple[io.BytesIO, int]:
    """Check every member's unpacked size, and that it declares no entities.

    Return the workbook and the number of sheets that it declares.
    """
    unpacked = declared = 0
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                raise _too_large("members")
            if _WORKBOOK not in archive.namelist():
                raise _damaged("it is a zip without a workbook")
            for member in members:
                with archive.open(member) as stream:
                    content = stream.read(_MOST_UNPACKED - unpacked + 1)
                unpacked += len(content)
                if member.filename == _WORKBOOK:
                    declared = len(_SHEET.findall(content))
                if unpacked > _MOST_UNPACKED:
                    raise _too_large("content")
                plain = content.replace(b"\x00", b"").upper()  # in UTF-16 too
                if any(mark in plain for mark in _ENTITIES):
                    raise _damaged(f"{member.filename} declares entities, as no view does")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, ValueError, EOFError,
            NotImplementedError) as error:  # fmt: skip
        raise _damaged(str(error)) from error
    return io.BytesIO(body), declared


def _rows(sheet: Any) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows that are not empty, up to the limits."""
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # the declared size may be wrong
    for number, row in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS + 1), start=1):
        if number > _MOST_ROWS:
            raise _too_large("rows")
        texts = [_shown(cell) for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > _MOST_COLUMNS:
            raise _too_large("columns")
        if texts:
            yield tuple(Cell(text) for text in texts)


def _shown(cell: Any) -> str:
    """Return a cell's text as Excel shows it, without separators between thousands."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            return _number(
                Decimal(f"{value:.15g}"),
                _number_format((cell.number_format or "")[:_LONGEST_FORMAT]),
            )
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _ if value in _NO_RESULT and cell.data_type == "e":
            return ""
        case _:
            return fold(str(value))


class _NumberFormat(NamedTuple):
    """A number format; `decimals` is None if the format does not give them."""

    decimals: int | None
    percent: bool = False
    zeros: int = 0  # digits, filled up with zeros
    currency: str = ""  # unless it is US$


def _number_format(printed: str) -> _NumberFormat:
    """Parse the first part of a number format, which is that of positive numbers."""
    literals = " ".join(found[1] or found[2] or "" for found in _LITERAL.finditer(printed))
    plain = _LITERAL.sub("", printed).partition(";")[0].strip()
    currency = _OTHER_MONEY.search(literals)
    digits = _DIGITS.fullmatch(plain.replace("%", ""))
    return _NumberFormat(
        decimals=len(digits[2] or "") if digits else None,
        percent="%" in plain,
        zeros=len(plain) if plain.strip("0") == "" else 0,
        currency=currency[0] if currency else "",
    )


def _number(value: Decimal, form: _NumberFormat) -> str:
    """Format a number with the decimals of its format, or else with up to fifteen digits."""
    shown = value * 100 if form.percent else value
    if form.decimals is not None and shown.adjusted() < _LONGEST_NUMBER:
        shown = shown.quantize(Decimal(1).scaleb(-form.decimals), ROUND_HALF_UP) + 0
    text = f"{shown:f}".zfill(form.zeros)
    if form.decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}{'%' * form.percent} {form.currency}".rstrip()


def parse_csv(text: str) -> list[Block] | None:
    """Return the table of a CSV file, or None if the text is not CSV.

    Raises:
        PageRefusedError: the file is larger than any view of the site, or damaged.
    """
    delimiter = _delimiter(text)
    if delimiter is None:
        return None
    rows: list[tuple[Cell, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if len(rows) >= _MOST_ROWS:
                raise _too_large("rows")
            if len(row) > _MOST_COLUMNS:
                raise _too_large("columns")
            if any(row):
                rows.append(tuple(Cell(fold(cell)) for cell in row))
    except csv.Error as error:
        raise _damaged(f"not the CSV that it looks like: {error}") from error
    return [TableBlock(tuple(rows))]


def _delimiter(text: str) -> str | None:
    """Return the delimiter that gives each of the first rows the same number of cells.

    If there are several, it is the one with most cells: the others stand within amounts.
    """
    lines = [line for line in islice(io.StringIO(text), _SNIFFED_LINES) if line.strip()]
    if any(line.lstrip().startswith("|") for line in lines):
        return None
    found: dict[int, str] = {}
    for delimiter in _DELIMITERS:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        widths = [len(row) for row in rows if len(row) > 1]
        captions = len(rows) - len(widths)  # and "no data"
        if len(rows) >= _FEWEST_CSV_ROWS and len(set(widths)) == 1 and captions <= _MOST_CAPTIONS:
            found.setdefault(widths[0], delimiter)
    return found[max(found)] if found else None


def _too_large(what: str) -> PageRefusedError:
    return PageRefusedError(
        "spreadsheet_too_large", f"the spreadsheet has more {what} than any view of the site"
    )


def _damaged(why: str) -> PageRefusedError:
    return PageRefusedError("spreadsheet_damaged", f"the spreadsheet cannot be read: {why}")
