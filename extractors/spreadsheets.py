"""Excel and CSV views to blocks: every cell as text, the way the program that opens them shows it.

Everything here is hostile until it is read: what a workbook unpacks to is counted before anything
of it is parsed, entities are refused, and no row is built that the sheet does not hold.
"""

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

from extractors.blocks import Block, Cell, Table, fold
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


def is_xlsx(body: bytes) -> bool:
    """Whether the bytes are a zip that names a workbook, damaged or not."""
    return body.startswith(_ZIP) and (b"xl/workbook.xml" in body or b"[Content_Types].xml" in body)


def read_xlsx(body: bytes) -> list[Block]:
    """A table for every sheet that holds something.

    Raises:
        PageRefusedError: the workbook is damaged, or larger than any view of the site.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 because few pages are workbooks, and it is large

    checked, declared = _checked(body)
    try:
        book = load_workbook(checked, read_only=True, data_only=True)
        try:
            if len(book.worksheets) > _MOST_SHEETS:
                raise _too_large("sheets")
            if len(book.sheetnames) < declared:  # openpyxl passes over a sheet that is not there
                raise _damaged(f"{declared} sheets are declared, {len(book.sheetnames)} are there")
            tables = [tuple(_rows(sheet)) for sheet in book.worksheets]
        finally:
            book.close()
    except PageRefusedError:
        raise
    except Exception as error:  # whatever a parser of hostile files may raise
        raise _damaged(f"{type(error).__name__}: {error}") from error
    return [Table(rows) for rows in tables if rows]


def _checked(body: bytes) -> tuple[io.BytesIO, int]:
    """The workbook again, and how many sheets it declares.

    Every member was unpacked within bounds, and holds no entity.
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
    """The rows that hold something; a sheet that claims more than is ever shown is refused."""
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # it says what it likes of its size
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
    """A cell as Excel shows it: fifteen digits of a number, a percentage where it is one."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            if "%" in (cell.number_format or ""):
                return f"{_digits(value * 100)}%"
            return _digits(value)
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return fold(str(value))


def _digits(value: float) -> str:
    """A number without an exponent, in the fifteen digits that Excel shows."""
    text = f"{value:.15g}"
    return f"{float(text):.0f}" if "e+" in text else text


def read_csv(text: str) -> list[Block] | None:
    """The one table of a CSV file; None where the text is none.

    Raises:
        PageRefusedError: it is one, and larger than any view of the site.
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
    return [Table(tuple(rows))]


def _delimiter(text: str) -> str | None:
    """What parts the cells: the same number of times in each of the first rows with several.

    Of several such, it is what parts most cells: the others stand within amounts.
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
