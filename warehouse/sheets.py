"""Tables as sheets of an Excel workbook.

Amounts are numbers. A cell holds a double, which keeps 15 digits: every amount below US$ 10
trillion to the cent. A longer amount is written as text in full, and never rounded.

What a CSV file must mark, since a spreadsheet would run it as a formula (text that begins with `=`,
`+`, `-`, `@` or a tab), needs no mark here: a cell knows that it is text. It has the quote prefix,
which Excel itself gives to what is typed behind an apostrophe, so that it stays text when somebody
edits it, and its content is the warehouse's. Control characters, which XML forbids or changes, are
shown by their pictures (`␀`, `␍`).
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

from warehouse.connection import Connection, fetched, quoted_name
from warehouse.errors import QueryError

ROWS = 1_048_576  # of a sheet, its header included
WORKBOOK = "mptf.xlsx"  # of a release
DIGITS = 15  # that a double keeps
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 because every time here is naive UTC
FIRST_DAY = 61.0  # 1 March 1900; Excel counts a 29 February before it that never was
LONGEST = 32_767  # characters of a cell, in UTF-16
_CUT = " [... cut: {:,} characters; the whole is in {}]"
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # by XML, or changed by it
_FORMULA = re.compile(r"[=+@\t-]")

_WIDE = {
    "title", "document_title", "url", "fund_name", "contributor", "not_covered",
    "balance_not_known_because", "source_url", "text", "agrees_not_known_because",
}  # fmt: skip


class Sheet(NamedTuple):
    """One sheet of a workbook: its name, its view, its columns and number of rows."""

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


class Workbook:
    """An XlsxWriter workbook in constant memory, with its formats.

    Args:
        file: where it is written.
        scratch: a folder for its parts.
        whole: the file that has the whole of a text that no cell can hold; None if no file has it,
            and such a text is an error.
    """

    def __init__(self, file: Path, scratch: str, whole: str | None) -> None:
        self._whole = whole
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True, "tmpdir": scratch, "use_zip64": True,
                "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            },
        )  # fmt: skip
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.quoted = self.format(num_format="@", quote_prefix=True)

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def sheet(self, name: str) -> Any:
        """Return a new sheet."""
        return self._book.add_worksheet(name)

    def format(self, **properties: Any) -> Any:
        """Return the format with these properties, made once."""
        key = tuple(properties.items())
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def write_text(self, sheet: Any, row: int, column: int, text: str) -> None:
        """Write text as it is; characters that no cell can hold are shown as pictures."""
        text = _holdable(text, self._whole)
        if _FORMULA.match(text):
            sheet.write_string(row, column, text, self.quoted)
        else:
            sheet.write_string(row, column, text)


def write_rows(con: Connection, book: Workbook, title: str, query: str) -> None:
    """Write the rows of one query on a new sheet, which must have room for them."""
    kinds = _columns(con, query)
    shown = [_shown(book, column, kind) for column, kind in kinds]
    sheet = _begun(book, title, kinds, shown)
    con.execute(f"SELECT {', '.join(each.query for each in shown)} FROM ({query})")  # noqa: S608 because the query is our own, and names are quoted
    written = 0
    for written, row in enumerate(fetched(con), 1):
        for at, value in enumerate(row):
            if value is not None:
                shown[at].write(sheet, written, at, value)
    sheet.autofilter(0, 0, written, len(kinds) - 1)


def begin_sheet(
    con: Connection, book: Workbook, title: str, query: str
) -> tuple[Any, list[tuple[str, str]]]:
    """Return a sheet with the header and formats of a query, and the query's columns and types."""
    kinds = _columns(con, query)
    shown = [_shown(book, column, kind) for column, kind in kinds]
    return _begun(book, title, kinds, shown), kinds


def _columns(con: Connection, query: str) -> list[tuple[str, str]]:
    """Return the names and types of a query's columns."""
    return [(column, kind) for column, kind, *_ in con.execute(f"DESCRIBE {query}").fetchall()]


def _begun(book: Workbook, title: str, kinds: list[tuple[str, str]], shown: list[_Shown]) -> Any:
    sheet = book.sheet(title)
    head = book.format(bold=True, bottom=1)
    sheet.freeze_panes(1, 0)
    for at, ((column, _), each) in enumerate(zip(kinds, shown, strict=True)):
        sheet.set_column(at, at, each.width, book.format(num_format=each.format))
        sheet.write_string(0, at, column, head)
    return sheet


def _shown(book: Workbook, column: str, kind: str) -> _Shown:
    """Return how a column of some type is written.

    Numbers come as text, so that each is converted once and exactly; dates as Excel counts them.
    """
    wide = column in _WIDE or column.endswith("_source_url")
    name = quoted_name(column)
    as_text = f"{name}::VARCHAR"
    match "text" if kind.endswith("]") else kind.partition("(")[0]:
        case "DECIMAL":
            return _Shown(as_text, _write_number, "#,##0.00##", 18)
        case (
            "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT"
            | "UTINYINT" | "USMALLINT" | "UINTEGER" | "UBIGINT" | "UHUGEINT"
        ):  # fmt: skip
            return _Shown(as_text, _write_number, "0", 12)
        case "FLOAT" | "DOUBLE":
            return _Shown(name, _write_float, "General", 18)
        case "BOOLEAN":
            return _Shown(name, _write_flag, "General", 10)
        case "DATE":
            return _Shown(_days(name), _write_day, "yyyy-mm-dd", 12)
        case "TIMESTAMP":
            return _Shown(_days(name), _write_time, "yyyy-mm-dd hh:mm:ss", 20)
        case _:
            return _Shown(as_text, book.write_text, "@", 40 if wide else 18)


def _days(column: str) -> str:
    """Return SQL for a date or time as Excel counts: days since 30 December 1899."""
    return f"epoch({column}) / 86400 + 25569"


def _write_number(sheet: Any, row: int, column: int, printed: str) -> None:
    digits = printed.lstrip("-0.").replace(".", "")
    if len(digits) <= DIGITS or len(digits.rstrip("0")) <= DIGITS:
        sheet.write_number(row, column, float(printed))
    else:
        sheet.write_string(row, column, printed)


def _write_float(sheet: Any, row: int, column: int, number: float) -> None:
    """Write a number; one that Excel does not know (NaN, infinity) as text."""
    if isfinite(number):
        sheet.write_number(row, column, number)
    else:
        sheet.write_string(row, column, str(number))


def _write_flag(sheet: Any, row: int, column: int, flag: bool) -> None:
    sheet.write_boolean(row, column, flag)


def _write_day(sheet: Any, row: int, column: int, days: float) -> None:
    """Write a date; one before Excel's calendar as text."""
    if days < FIRST_DAY:
        sheet.write_string(row, column, f"{(_EPOCH + timedelta(days=days)).date()}")
    else:
        sheet.write_number(row, column, days)


def _write_time(sheet: Any, row: int, column: int, days: float) -> None:
    if days < FIRST_DAY:
        sheet.write_string(row, column, f"{_EPOCH + timedelta(seconds=round(days * 86400))}")
    else:
        sheet.write_number(row, column, days)


def _holdable(text: str, whole: str | None) -> str:
    """Return text that a cell can hold: pictures for control characters, a mark where it is cut."""
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub(_picture, text)
    if text.startswith("<r>") and text.endswith("</r>"):
        text = f"'{text}"  # XlsxWriter would write it as markup, unescaped
    if 2 * len(text) > LONGEST and _length(text) > LONGEST:
        if whole is None:
            raise QueryError(
                f"a cell of Excel holds {LONGEST:,} characters, and a text has {len(text):,}:"
                " write .csv or .parquet"
            )
        end = _CUT.format(len(text), whole)
        cut = text.encode("utf-16-le")[: 2 * (LONGEST - len(end))]
        text = cut.decode("utf-16-le", errors="ignore") + end
    return text


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"  # noqa: PLR2004 because below it are the C0 controls
