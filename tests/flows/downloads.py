"""What a page saves to the reader's disk, and how it compares with SQL."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from playwright.sync_api import Locator, Page

from webpage.cells import visible

_CUT = re.compile(r"… \([\d,]+ more characters\)$")
_FORMULA = re.compile(r"[=+@\t\r-]")


def saved(page: Page, button: Locator) -> tuple[str, bytes]:
    """Press a button, and return the name and content of the file that it saves."""
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def table_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def says(text: str, value: Any) -> bool:
    """Whether a field has a value in full; a text that the page cuts, as far as the page has it."""
    match value:
        case None:
            return text == ""
        case bool():
            return text == str(value).lower()
        case Decimal() | int():
            return bool(re.fullmatch(r"-?\d+(\.\d+)?", text)) and Decimal(text) == value
        case datetime():
            return text == f"{value.isoformat()}Z"
        case date():
            return text == value.isoformat()
    whole = ("'" if _FORMULA.match(value) else "") + visible(value)
    return text == whole or (bool(_CUT.search(text)) and whole.startswith(_CUT.sub("", text)))


def records(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a query."""
    result = con.execute(sql)
    columns = [column[0] for column in result.description]
    for row in result.fetchall():
        yield dict(zip(columns, row, strict=True))
