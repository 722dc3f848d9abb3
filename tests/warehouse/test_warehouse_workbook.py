"""The workbook of a release: the warehouse's rows, exact, and nothing in it that a program runs."""

import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from defusedxml.ElementTree import fromstring
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape

from tests.warehouse.histories import Seen, annual, at, load_seen, page, row, voucher
from warehouse.connection import open_reader, open_writer, sql, sql_names
from warehouse.schema import prepare
from warehouse.sheet_rows import Column, rows_as_xml
from warehouse.workbook import write_workbook

_DAY = date(2018, 1, 1)
_FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x.example","y")')
_STRANGE = (
    "a\x00b\x1bc",
    "bell\x07",
    "no\ufffecharacter",
    "_x0041_",
    "<r><t>x</t></r>",
    "a\r\nb",
    " b ",
)
_LARGEST, _TOO_LONG = "9999999999999.99", "-99999999999999.99"  # 15 and 16 digits
_AMOUNTS = (_LARGEST, _TOO_LONG, "0.10", "-1234567.89", "0", "100")
_YEARS = range(2010, 2016)
_VISITS = ("2015-11-20", "2016-06-15", "2017-06-15")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with a programme for every odd title, and figures of six years in each."""
    file = tmp_path_factory.mktemp("release") / "mptf.duckdb"
    con = open_writer(file)
    prepare(con)
    titles = ["Water", *_FORMULAS, *_STRANGE, "long " * 8000]
    seen = []
    for number in range(len(titles)):
        programme_id = f"{91000 + number:08}"
        for change, time in enumerate(_VISITS[: 1 if number == len(titles) - 1 else None]):
            rows = [row("FAO", year, expenditure=f"{change}.10") for year in _YEARS]
            said = page(
                annual(*rows), programme_id=programme_id, title="Water", fund_code="MDG00",
                documents=["=1+1", "Report"], narrative=["=1+1"], vouchers=[voucher("1")],
            )  # fmt: skip
            seen.append(Seen(at(time), said, f"https://gateway.example/{programme_id}"))
    load_seen(con, seen)
    for number, title in enumerate(titles):
        con.execute(
            "UPDATE core.programme SET title = ? WHERE programme_id = ?",
            [title, f"{91000 + number:08}"],
        )
    for year, amount in zip(_YEARS, _AMOUNTS, strict=True):
        con.execute(
            "UPDATE vintage.figure SET expenditure_usd = ? WHERE fiscal_year = ?", [amount, year]
        )
    con.execute(
        "UPDATE vintage.figure SET"
        " known_from = known_from - (TIMESTAMP '2017-06-15' - TIMESTAMP '1850-01-02 03:04:05')"
        " WHERE programme_id = '00091000' AND fiscal_year = 2010"
    )
    con.execute(
        "INSERT INTO core.contribution_snapshot BY NAME SELECT 'MDG00' AS fund_code,"
        " unnest(['=1+1', 'Spain']) AS contributor, contributor AS contributor_printed,"
        " 2015 AS fiscal_year, 12.50 AS commitments_usd, NULL AS deposits_usd,"
        " captured_at AS known_from, captured_at AS last_seen, capture_id"
        " FROM raw.capture QUALIFY row_number() OVER (ORDER BY captured_at, capture_id) = 1"
    )
    con.close()
    return file


@pytest.fixture(scope="module")
def written(release: Path) -> Path:
    file = release.with_suffix(".xlsx")
    write_workbook(release, file, "mptf-2018-01-01", _DAY)
    return file


@pytest.fixture(scope="module")
def book(written: Path) -> Workbook:
    return load_workbook(written)


def _rows(release: Path, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    con = open_reader(release)
    try:
        found = con.execute(sql(query))
        return [column[0] for column in found.description], found.fetchall()
    finally:
        con.close()


def _same(cell: Any, value: Any) -> bool:
    """Whether a cell says what the warehouse says: exact, and of its kind."""
    match value:
        case None:
            return cell is None
        case Decimal():
            return Decimal(str(cell)) == value and (isinstance(cell, int | float) or len(cell) > 16)
        case datetime() if value.year < 1900:
            return bool(cell == str(value))
        case date() if not isinstance(value, datetime):
            return isinstance(cell, datetime) and cell.date() == value
        case _:
            return type(cell) is type(value) and cell == value


@pytest.mark.parametrize("query", sql_names("workbook"))
def test_a_sheet_has_every_row_and_every_value_to_the_cent(
    query: str, release: Path, book: Workbook
) -> None:
    """Titles are looked at below."""
    name = query.split("_", 1)[1]
    columns, expected = _rows(release, query)
    head, *found = book[name].iter_rows(values_only=True)
    assert list(head) == columns
    assert len(found) == len(expected)
    assert expected or name == "fund_status_current"
    for cells, values in zip(found, expected, strict=True):
        for column, cell, value in zip(columns, cells, values, strict=True):
            assert column == "title" or _same(cell, value), (column, cell, value)


def test_identifiers_keep_their_zeros_and_times_are_times(book: Workbook) -> None:
    sheet = book["expenditure_current"]
    columns = [cell.value for cell in sheet[1]]
    first = sheet[3]
    assert first[columns.index("programme_id")].value == "00091000"
    assert isinstance(first[columns.index("known_from")].value, datetime)
    assert sheet[2][columns.index("known_from")].value == "1850-01-02 03:04:05"


def test_an_amount_that_no_cell_can_hold_is_text_in_full(book: Workbook) -> None:
    sheet = book["expenditure_current"]
    at_column = [cell.value for cell in sheet[1]].index("expenditure_usd")
    assert sheet[2][at_column].value == float(_LARGEST)
    assert f"{sheet[2][at_column].value:.2f}" == _LARGEST
    assert sheet[3][at_column].value == _TOO_LONG


def _titles(book: Workbook) -> dict[str, Any]:
    sheet = book["expenditure_current"]
    at_column = [cell.value for cell in sheet[1]].index("title")
    return {str(row[0].value): row[at_column] for row in sheet.iter_rows(min_row=2)}


def test_what_a_spreadsheet_would_run_is_text_and_stays_text_when_edited(book: Workbook) -> None:
    """Its content is the warehouse's: a cell knows that it is text, as a CSV file cannot."""
    cells = list(_titles(book).values())[1 : 1 + len(_FORMULAS)]
    assert [cell.value for cell in cells] == [text.replace("\r", "␍") for text in _FORMULAS]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert [cell.value for cell in cells if not cell.quotePrefix] == ["␍=1"]


def test_nothing_in_the_workbook_is_a_formula_or_a_link(written: Path) -> None:
    with zipfile.ZipFile(written) as parts:
        for name in parts.namelist():
            content = parts.read(name)
            fromstring(content)
            assert not re.search(rb"<f[ >]|<hyperlink|externalLink|TargetMode", content), name


def test_what_no_cell_can_hold_is_shown_for_what_it_is(book: Workbook) -> None:
    """Control characters by their pictures; markup, blanks and escapes are text like any other."""
    titles = [unescape(cell.value) for cell in _titles(book).values()]
    assert titles[1 + len(_FORMULAS) : -1] == [
        "a␀b␛c", "bell␇", "no�character", "_x0041_", "<r><t>x</t></r>", "a␍\nb", " b ",
    ]  # fmt: skip
    assert len(titles[-1]) == 32767
    assert titles[-1].startswith("long long ")
    assert titles[-1].endswith("[... cut: 40,000 characters; the whole is in mptf.duckdb]")


def test_about_explains_the_release_every_sheet_and_every_column(book: Workbook) -> None:
    """With meaning, unit and source, as the dictionary has them."""
    assert book.sheetnames[0] == "About"
    said = list(book["About"].iter_rows(values_only=True))
    assert said[0][0] == "Release mptf-2018-01-01, published 01 January 2018"
    words = {line[0] for line in said}
    assert {"Interim", "Year-end", "Restatement", "Empty cells", "Amounts"} <= words
    explained = {(line[0], line[1]): line for line in said if line[4]}
    for sheet in book.worksheets[1:]:
        assert explained[sheet.title, sheet.max_row - 1]
        for column in next(sheet.iter_rows(max_row=1, values_only=True)):
            _, _, kind, unit, meaning, _ = explained[sheet.title, column]
            assert kind
            assert meaning
            assert (unit == "US$") == (str(column).endswith("_usd")), column
    assert explained["expenditure_current", "expenditure_usd"][5] == "factsheet, Key Figures"


def test_what_does_not_fit_on_a_sheet_goes_on_on_the_next(release: Path, tmp_path: Path) -> None:
    """No row is lost or twice there, About says so, and no sheet behind a full one is empty."""
    file = tmp_path / "narrow.xlsx"
    sheets = write_workbook(release, file, "mptf-2018-01-01", _DAY, rows_of_sheet=33)
    book = load_workbook(file)
    names = [sheet.name for sheet in sheets if sheet.view == "mart.expenditure_current"]
    assert names == ["expenditure_current", "expenditure_current (2)", "expenditure_current (3)"]
    found = []
    for name in names:
        head, *rows = book[name].iter_rows(values_only=True)
        key = [head.index(column) for column in ("programme_id", "organization", "fiscal_year")]
        assert len(rows) == 32
        found += [tuple(cells[at] for at in key) for cells in rows]
    assert len(set(found)) == len(found) == 96
    notes = [line for line in book["About"].iter_rows(values_only=True) if line[0] in names]
    assert all("continued on the next" in str(line[5]) for line in notes[:3])


@pytest.mark.parametrize("text", ["𝄞" * 20_000, "𝄞" * 16_383 + "x", "a&b<c>" * 6_000, "é" * 32_767])
def test_a_text_is_cut_only_where_a_cell_cannot_hold_it(text: str) -> None:
    """A cell holds 32,767 characters of UTF-16; the cut leaves no half of a character."""
    con = duckdb.connect()
    columns = [Column("title", "VARCHAR", 1)]
    query = rows_as_xml("SELECT $1 AS title", columns, 2, 10)
    ((xml,),) = con.execute(query, [text]).fetchall()
    shown = "".join(fromstring(xml).itertext())
    assert len(shown.encode("utf-16-le")) // 2 <= 32_767
    if len(text.encode("utf-16-le")) // 2 <= 32_767:
        assert shown == text
    else:
        kept, _, note = shown.partition(" [... cut: ")
        assert text.startswith(kept)
        assert len(kept) > 16_000
        assert note.startswith(f"{len(text):,} characters")
