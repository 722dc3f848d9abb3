"""The main tables of a release as an Excel workbook, with a sheet that explains them."""

import tempfile
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from warehouse.connection import Connection, one, open_reader, sql, sql_names
from warehouse.sheets import ROWS, Sheet, Workbook, write_sheets

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
            Workbook(file, scratch, "mptf.duckdb") as book,
        ):
            about = book.sheet("About")
            sheets = [
                sheet
                for query in sql_names("workbook")
                for sheet in write_sheets(
                    con, book, f"mart.{query.partition('_')[2]}", sql(query), rows_of_sheet
                )
            ]
            as_of = one(
                con, "SELECT strftime(as_of, ', as of %d %B %Y %H:%M:%S') FROM meta.warehouse"
            )
            title = f"Release {name}, published {published:%d %B %Y}{as_of or ''}"
            _write_about(con, book, about, sheets, title)
    finally:
        con.close()
    return sheets


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
