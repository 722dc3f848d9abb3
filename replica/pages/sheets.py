"""The Excel view: in practice often an HTML table named .xls, sometimes real .xlsx or CSV."""

import csv
import io
import re
from datetime import datetime

from xlsxwriter import Workbook

from replica.books.layouts import Spreadsheet
from replica.pages.grids import Row, texts_of
from replica.pages.skins import escaped

MEDIA_TYPES: dict[Spreadsheet, str] = {
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3})*|(?:19|20)[0-9]{2})(?:\.[0-9]{2})?")
_CREATED = datetime(2010, 1, 1)  # noqa: DTZ001 because a workbook has no zone; the same bytes always


def spreadsheet(form: Spreadsheet, caption: str, rows: list[Row]) -> bytes:
    """Return one table with a caption above it, in one of the three formats."""
    if form == "xls":
        return _html(caption, rows)
    return _xlsx(caption, rows) if form == "xlsx" else _csv(caption, rows)


def _html(caption: str, rows: list[Row]) -> bytes:
    parts = ['<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>'
             '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>\n'
             f"<table border=1>\n<tr><td colspan={len(rows[0])}>{caption}</td></tr>\n"]  # fmt: skip
    for row in rows:
        cells = "".join(f"<td x:str>{escaped(text)}</td>" for text in texts_of(row))
        parts.append(f"<tr>{cells}</tr>\n")
    parts.append("</table></body></html>\n")
    return "".join(parts).encode()


def _csv(caption: str, rows: list[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([caption])
    writer.writerows(texts_of(row) for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(caption: str, rows: list[Row]) -> bytes:
    """Return a workbook; amounts and years are numbers in it, without separators."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": _CREATED})
        sheet = book.add_worksheet("Report")
        sheet.write_string(0, 0, caption)
        for at, row in enumerate(rows, start=1):
            for column, text in enumerate(texts_of(row)):
                if _NUMBER.fullmatch(text):
                    sheet.write_number(at, column, float(text.replace(",", "")))
                elif text:
                    sheet.write_string(at, column, text)
    return out.getvalue()
