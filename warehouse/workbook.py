"""The main tables of a release as an Excel workbook, with a sheet that explains them.

Amounts are numbers. A cell holds a double, which keeps 15 digits: every amount below US$ 10
trillion to the cent. A longer amount is written as text in full, and never rounded.

What a CSV file must mark, since a spreadsheet would run it as a formula (text that begins with `=`,
`+`, `-`, `@` or a tab), needs no mark here: a cell knows that it is text. It has the quote prefix,
which Excel itself gives to what is typed behind an apostrophe, so that it stays text when somebody
edits it, and its content is the warehouse's. Control characters, which XML forbids or changes, are
shown by their pictures (`␀`, `␍`).
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

from warehouse.connection import Connection, one, open_reader, sql, sql_names

ROWS = 1_048_576  # of a sheet, its header included
_ROWS_AT_ONCE = 10_000
_DIGITS = 15  # that a double keeps
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 because every time here is naive UTC
_FIRST_DAY = 61.0  # 1 March 1900; Excel counts a 29 February before it that never was
_LONGEST = 32_767  # characters of a cell, in UTF-16
_CUT = " [... cut: {:,} characters; the whole is in mptf.duckdb]"
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # by XML, or changed by it
_FORMULA = re.compile(r"[=+@\t-]")

_WIDE = {
    "title", "document_title", "url", "fund_name", "contributor", "not_covered",
    "balance_not_known_because", "source_url", "text", "agrees_not_known_because",
}  # fmt: skip

_MEANINGS = {
    "Interim": "Organizations report a year's expenditure by 30 April of the following year. What"
    " a page showed on or before that day is not final: the column basis says interim.",
    "Year-end": "What a page showed after that day, or of a programme that is financially closed:"
    " basis says year_end. Quote these; say beside the others that they are interim.",
    "Restatement": "A year-end figure that a later page showed with another value. Both are kept.",
    "Empty cells": "No page showed a value. That is not zero.",
    "(all)": "The page names no organization for that figure; no fund or contributor, for a"
    " contribution.",
    "Commitments and deposits": "What contributors have signed, and what of it has arrived: two"
    " measures of the same money. Do not add them together.",
    "Not covered": "The column not_covered names what a sum leaves out: add nothing to the sum,"
    " but say so beside it.",
    "Amounts": "US$, exact to the cent. What has more than 15 digits fits in no cell, and is text.",
    "IDs": "Text, with their leading zeros.",
    "Times": "UTC.",
    "As of": "The time of the newest capture in this release: what is late is late as of then, and"
    " days late are counted to it.",
    "All of it": "Every table, vintage and source is in mptf.duckdb, beside this file.",
}


class Sheet(NamedTuple):
    """One sheet of the workbook: its name, its view, its columns and number of rows."""

    name: str
    view: str
    columns: list[str]
    rows: int


class _Shown(NamedTuple):
    """A column of a sheet: its SQL, the function that writes it, its format and width."""

    query: str
    write: Callable[[Any, int, int, Any], None]
    format: str
    width: int


def write_workbook(
    release: Path, file: Path, name: str, published: date, rows_of_sheet: int = ROWS
) -> list[Sheet]:
    """Write a release's workbook row by row; rows that exceed a sheet continue on the next.

    Args:
        release: the release's DuckDB file.
        file: where the workbook is written.
        name: the release's name.
        published: its day.
        rows_of_sheet: how many rows a sheet takes, its header included.
    """
    con = open_reader(release)
    try:
        con.execute("SET memory_limit = '1GB'")
        con.execute("SET threads = 1")  # the tables' other forms are being written beside it
        with (
            tempfile.TemporaryDirectory(dir=file.parent) as scratch,
            _Workbook(file, scratch) as book,
        ):
            about = book.sheet("About")
            sheets = [
                sheet
                for query in sql_names("workbook")
                for sheet in _tables(con, book, query, rows_of_sheet)
            ]
            as_of = one(
                con, "SELECT strftime(as_of, ', as of %d %B %Y %H:%M:%S') FROM meta.warehouse"
            )
            title = f"Release {name}, published {published:%d %B %Y}{as_of or ''}"
            _write_about(con, book, about, sheets, title)
    finally:
        con.close()
    return sheets


class _Workbook:
    """An XlsxWriter workbook in constant memory, with its formats."""

    def __init__(self, file: Path, scratch: str) -> None:
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True, "tmpdir": scratch, "use_zip64": True,
                "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            },
        )  # fmt: skip
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.quoted = self.format(num_format="@", quote_prefix=True)

    def __enter__(self) -> "_Workbook":
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def sheet(self, name: str) -> Any:
        return self._book.add_worksheet(name)

    def format(self, **properties: Any) -> Any:
        key = tuple(properties.items())
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def write_text(self, sheet: Any, row: int, column: int, text: str) -> None:
        """Write text as it is; characters that no cell can hold are shown as pictures."""
        text = _holdable(text)
        if _FORMULA.match(text):
            sheet.write_string(row, column, text, self.quoted)
        else:
            sheet.write_string(row, column, text)


def _tables(con: Connection, book: _Workbook, query: str, rows_of_sheet: int) -> Iterator[Sheet]:
    """Write the rows of one query, on as many sheets as needed."""
    name = query.partition("_")[2]
    kinds = con.execute(f"DESCRIBE {sql(query)}").fetchall()
    columns = [column for column, *_ in kinds]
    shown = [_shown(book, column, kind) for column, kind, *_ in kinds]
    con.execute(f"SELECT {', '.join(each.query for each in shown)} FROM ({sql(query)})")  # noqa: S608 because the names are the release's own
    rows = _rows(con)
    row = next(rows, None)
    for number in count(1):
        title = name if number == 1 else f"{name} ({number})"
        sheet = _begun(book, title, columns, shown)
        written = 0
        while row is not None and written < rows_of_sheet - 1:
            written += 1
            for at, value in enumerate(row):
                if value is not None:
                    shown[at].write(sheet, written, at, value)
            row = next(rows, None)
        sheet.autofilter(0, 0, written, len(columns) - 1)
        yield Sheet(title, f"mart.{name}", columns, written)
        if row is None:
            return


def _rows(con: Connection) -> Iterator[tuple[Any, ...]]:
    while rows := con.fetchmany(_ROWS_AT_ONCE):
        yield from rows


def _begun(book: _Workbook, title: str, columns: list[str], shown: list[_Shown]) -> Any:
    sheet = book.sheet(title)
    head = book.format(bold=True, bottom=1)
    sheet.freeze_panes(1, 0)
    for at, (column, each) in enumerate(zip(columns, shown, strict=True)):
        sheet.set_column(at, at, each.width, book.format(num_format=each.format))
        sheet.write_string(0, at, column, head)
    return sheet


def _shown(book: _Workbook, column: str, kind: str) -> _Shown:
    """Return how a column of some type is written.

    Numbers come as text, so that each is converted once and exactly; dates as Excel counts them.
    """
    match kind.partition("(")[0]:
        case "VARCHAR":
            wide = column in _WIDE or column.endswith("_source_url")
            return _Shown(column, book.write_text, "@", 40 if wide else 18)
        case "DECIMAL":
            return _Shown(f"{column}::VARCHAR", _write_number, "#,##0.00##", 18)
        case "BIGINT" | "INTEGER" | "HUGEINT":
            return _Shown(f"{column}::VARCHAR", _write_number, "0", 12)
        case "BOOLEAN":
            return _Shown(column, _write_flag, "General", 10)
        case "DATE":
            return _Shown(_days(column), _write_day, "yyyy-mm-dd", 12)
        case "TIMESTAMP":
            return _Shown(_days(column), _write_time, "yyyy-mm-dd hh:mm:ss", 20)
        case _:
            raise TypeError(f"no cell is known for {column}, which is {kind}")


def _days(column: str) -> str:
    """Return SQL for a date or time as Excel counts: days since 30 December 1899."""
    return f"epoch({column}) / 86400 + 25569"


def _write_number(sheet: Any, row: int, column: int, printed: str) -> None:
    digits = printed.lstrip("-0.").replace(".", "")
    if len(digits) <= _DIGITS or len(digits.rstrip("0")) <= _DIGITS:
        sheet.write_number(row, column, float(printed))
    else:
        sheet.write_string(row, column, printed)


def _write_flag(sheet: Any, row: int, column: int, flag: bool) -> None:
    sheet.write_boolean(row, column, flag)


def _write_day(sheet: Any, row: int, column: int, days: float) -> None:
    """Write a date; one before Excel's calendar as text."""
    if days < _FIRST_DAY:
        sheet.write_string(row, column, f"{(_EPOCH + timedelta(days=days)).date()}")
    else:
        sheet.write_number(row, column, days)


def _write_time(sheet: Any, row: int, column: int, days: float) -> None:
    if days < _FIRST_DAY:
        sheet.write_string(row, column, f"{_EPOCH + timedelta(seconds=round(days * 86400))}")
    else:
        sheet.write_number(row, column, days)


def _holdable(text: str) -> str:
    """Return text that a cell can hold: pictures for control characters, a mark where it is cut."""
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub(_picture, text)
    if text.startswith("<r>") and text.endswith("</r>"):
        text = f"'{text}"  # XlsxWriter would write it as markup, unescaped
    if 2 * len(text) > _LONGEST and _length(text) > _LONGEST:
        end = _CUT.format(len(text))
        cut = text.encode("utf-16-le")[: 2 * (_LONGEST - len(end))]
        text = cut.decode("utf-16-le", errors="ignore") + end
    return text


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"  # noqa: PLR2004 because below it are the C0 controls


def _write_about(
    con: Connection, book: _Workbook, about: Any, sheets: list[Sheet], title: str
) -> None:
    """Write the sheet About: the release, the terms, every sheet and column."""
    bold = book.format(bold=True)
    wide = book.format(text_wrap=True, valign="top")
    rows = count()
    about.set_column(0, 1, 24)
    about.set_column(2, 3, 14)
    about.set_column(4, 4, 90, wide)
    about.set_column(5, 5, 40, wide)
    about.write_string(next(rows), 0, title, book.format(bold=True, font_size=14))
    for word, meaning in _MEANINGS.items():
        row = next(rows)
        about.write_string(row, 0, word, bold)
        about.write_string(row, 4, meaning)
    next(rows)
    _write_row(about, next(rows), ("sheet", "rows", "", "", "what a row is"), bold)
    for sheet in sheets:
        row = next(rows)
        about.write_string(row, 0, sheet.name)
        about.write_number(row, 1, sheet.rows)
        about.write_string(row, 4, _explained(con, sheet.view)[""][3])
        if sum(each.view == sheet.view for each in sheets) > 1:
            about.write_string(row, 5, "more rows than a sheet can hold: it goes on on the next")
    next(rows)
    _write_row(about, next(rows), ("sheet", "column", "type", "unit", "meaning", "source"), bold)
    for sheet in {sheet.view: sheet for sheet in reversed(sheets)}.values():
        explained = _explained(con, sheet.view)
        for column in sheet.columns:
            _write_row(about, next(rows), (sheet.name, *explained[column]))


def _explained(con: Connection, view: str) -> dict[str, tuple[str, str, str, str, str]]:
    """Return name, type, unit, meaning and source of a view and its columns."""
    found = con.execute(
        "SELECT column_name, type, coalesce(unit, ''), description, coalesce(source, '')"
        " FROM meta.data_dictionary WHERE table_name = ?",
        [view],
    ).fetchall()
    return {row[0]: row for row in found}


def _write_row(sheet: Any, row: int, texts: tuple[str, ...], style: Any = None) -> None:
    for at, text in enumerate(texts):
        if text:
            sheet.write_string(row, at, text, style)
