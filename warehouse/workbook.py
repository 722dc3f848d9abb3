"""The main tables of a release as an Excel workbook, with a sheet that explains them.

XlsxWriter makes the workbook without its rows; they are added as DuckDB writes them.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter.utility import xl_rowcol_to_cell

from warehouse.connection import FETCH_ROWS, Connection, one, open_reader, sql, sql_names
from warehouse.sheet_rows import Column, rows_as_xml
from warehouse.sheets import ROWS, Sheet, Workbook, begin_sheet

_LEVEL = 3  # of compression: higher ones take twice as long for a tenth less
_END = b"</sheetData>"
_STYLES = re.compile(rb'<col min="(\d+)" max="(\d+)" width="[^"]*" style="(\d+)"')
_SIZE = re.compile(rb'<dimension ref="[^"]*"/>')
_QUOTED_AT = 25  # a column of About that is empty, and has the style of quoted text
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


class _Begun(NamedTuple):
    """A sheet without its rows, its query, its columns with their types, and its place."""

    sheet: Sheet
    query: str
    kinds: list[tuple[str, str]]
    number: int  # from 1, of the sheets of the query


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
        con.execute("SET memory_limit = '200MB'")
        con.execute("SET threads = 1")  # the tables' other forms are being written beside it
        with TemporaryDirectory(dir=file.parent) as scratch:
            empty = Path(scratch) / "empty.xlsx"
            with Workbook(empty, scratch, "mptf.duckdb") as book:
                about = book.sheet("About")
                begun = [
                    each
                    for query in sql_names("workbook")
                    for each in _begin(con, book, query, rows_of_sheet)
                ]
                sheets = [each.sheet for each in begun]
                as_of = one(
                    con, "SELECT strftime(as_of, ', as of %d %B %Y %H:%M:%S') FROM meta.warehouse"
                )
                title = f"Release {name}, published {published:%d %B %Y}{as_of or ''}"
                _write_about(con, book, about, sheets, title)
            _fill(con, empty, file, begun, rows_of_sheet)
    finally:
        con.close()
    return sheets


def _begin(con: Connection, book: Workbook, query: str, rows_of_sheet: int) -> Iterator[_Begun]:
    """Begin the sheets of one query, as many as its rows need, with header and formats."""
    name = query.partition("_")[2]
    left = one(con, f"SELECT count(*) FROM ({sql(query)})")  # noqa: S608 because the query is one of ours
    for number in count(1):
        title = name if number == 1 else f"{name} ({number})"
        rows = min(left, rows_of_sheet - 1)
        sheet, kinds = begin_sheet(con, book, title, sql(query))
        sheet.autofilter(0, 0, rows, len(kinds) - 1)
        columns = [column for column, _ in kinds]
        yield _Begun(Sheet(title, f"mart.{name}", columns, rows), query, kinds, number)
        left -= rows
        if not left:
            return


def _fill(
    con: Connection, empty: Path, file: Path, begun: list[_Begun], rows_of_sheet: int
) -> None:
    """Copy a workbook, and add the rows of its sheets, which follow About."""
    names = {f"xl/worksheets/sheet{at}.xml": each for at, each in enumerate(begun, 2)}
    with ZipFile(empty) as source, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as target:
        quoted = _styles(source.read("xl/worksheets/sheet1.xml"))[_QUOTED_AT]
        for part in source.infolist():
            content = source.read(part)
            with target.open(part.filename, "w", force_zip64=True) as out:
                if part.filename in names:
                    _write_rows(con, out, content, names[part.filename], quoted, rows_of_sheet)
                else:
                    out.write(content)


def _write_rows(
    con: Connection, out: IO[bytes], content: bytes, begun: _Begun, quoted: int, rows_of_sheet: int
) -> None:
    """Write a sheet with its rows; those of a query's next sheet follow in the same result."""
    sheet, styles = begun.sheet, _styles(content)
    before, after = content.split(_END)
    size = f'<dimension ref="A1:{xl_rowcol_to_cell(sheet.rows, len(sheet.columns) - 1)}"/>'
    out.write(_SIZE.sub(size.encode(), before))
    if begun.number == 1:
        columns = [Column(*kind, styles[at]) for at, kind in enumerate(begun.kinds)]
        con.execute(rows_as_xml(sql(begun.query), columns, quoted, rows_of_sheet))
    left = sheet.rows
    while left:
        rows = con.fetchmany(min(left, FETCH_ROWS))
        out.write("".join([row for (row,) in rows]).encode())
        left -= len(rows)
    out.write(_END + after)


def _styles(content: bytes) -> dict[int, int]:
    """Return the style of each column of a sheet, by the column's place."""
    return {
        at: int(style)
        for first, last, style in _STYLES.findall(content)
        for at in range(int(first) - 1, int(last))
    }


def _write_about(
    con: Connection, book: Workbook, about: Any, sheets: list[Sheet], title: str
) -> None:
    """Write the sheet About: the release, the terms, every sheet and column."""
    bold = book.format(bold=True)
    wide = book.format(text_wrap=True, valign="top")
    rows = count()
    about.set_column(0, 1, 24)
    about.set_column(2, 3, 14)
    about.set_column(4, 4, 90, wide)
    about.set_column(5, 5, 40, wide)
    about.set_column(_QUOTED_AT, _QUOTED_AT, 12, book.format(num_format="@", quote_prefix=True))
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
            about.write_string(row, 5, "more rows than a sheet can hold: continued on the next")
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
