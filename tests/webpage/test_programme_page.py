"""A programme's or fund's page stays small and harmless for any content of the release."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from warehouse.answers import QueryResult, answer, opened, ready
from warehouse.connection import open_writer
from warehouse.schema import prepare
from webpage import funds, programmes
from webpage.pages import PageFolder

DAY = date(2017, 6, 20)
ID = "00067193"
WORST = "\u202e<script>\"'&{{ 7 }}</script>" * 20
ROWS = 1500
AT = datetime(2016, 6, 15, 3, 4)  # noqa: DTZ001 because every time here is naive UTC


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """Return the columns of each query of these pages, from an empty release."""
    file = tmp_path_factory.mktemp("empty") / "mptf.duckdb"
    con = open_writer(file)
    prepare(con)
    con.close()
    queries = [*programmes._QUERIES, *programmes._BESIDE, "known_sums", "funds", *funds._QUERIES]
    with opened(file) as reader:
        return {query: answer(reader, query).columns for query in queries}


def worst(name: str, number: int) -> Any:
    """Return a very long value for a column."""
    if name.endswith(("_usd", "_pct", "_value")) or name in {
        "expected",
        "actual",
        "tolerance",
        "pct",
    }:
        return Decimal(f"-9999999999999{number:03}.99")
    if name.endswith(("_at", "_from", "_seen", "_since", "_until")):
        return AT
    if name.endswith(("_date", "until_end_of")):
        return DAY
    fixed = {
        "programme_id": ID, "fund_code": "PB000", "basis": "year_end", "fiscal_year": 2015,
        "capture_id": f"{number:032x}", "body_sha256": "f" * 64, "agrees": False,
        "measure": "expenditure_usd", "section": "outcome", "outcome_no": 1, "vouchers": 1,
        "title": WORST * 20, "organizations": 1, "seq": number, "vintage_no": number,
        "programmes": 1, "funds": 1, "first_year": 2015, "last_year": 2015,
        "start_date_precision": "day", "end_date_precision": "day",
    }  # fmt: skip
    if name == "source_url":
        return f"https://host/{WORST}"
    return fixed.get(name, f"{number}{WORST}")


def worst_result(names: tuple[str, ...], rows: int = ROWS) -> QueryResult:
    return QueryResult(names, [tuple(worst(name, n) for name in names) for n in range(rows)])


def assert_cut(file: Path) -> None:
    """Assert that each part of a subject's JSON has some of its rows, and says of how many."""
    content = file.read_bytes()
    assert content.isascii()
    for name, part in json.loads(content)["parts"].items():
        assert 0 < len(part["rows"]) < part["total"] == ROWS, name


def test_the_worst_programme_has_a_page_below_a_megabyte(
    columns: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    """Every table has 1,500 very long rows; the page says how many it leaves out."""
    found = {
        query: {ID: worst_result(names)}
        for query, names in columns.items()
        if query.startswith("programme")
    }
    restated = columns["programme_restatements"].index("change")
    rows = found["programme_restatements"][ID].rows
    rows[:] = [(*row[:restated], Decimal(1), *row[restated + 1 :]) for row in rows]
    written, beside = programmes._write(PageFolder(tmp_path), ID, found)
    text = (tmp_path / written.name).read_text()
    assert 500_000 < written.size < 1_000_000
    assert "<script>\"'" not in text
    assert "\u202e" not in text
    assert text.count("of 1,500 rows") == len(programmes._TABLES) + 1  # and the captures
    assert "more passages" in text
    assert beside.size < 1_000_000
    assert_cut(tmp_path / beside.name)


def test_the_worst_fund_has_pages_below_a_megabyte(
    columns: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    """Its programmes go on on further pages; of other tables, the first page says what it lacks."""
    own = {query: worst_result(columns[query]) for query in ("known_sums", *funds._QUERIES)}
    fund = worst_result(columns["funds"], 1)
    statement = own["fund_statement"]
    block = statement.columns.index("block")
    statement.rows[:] = [
        (*row[:block], list(funds._BLOCKS)[n % 2], *row[block + 1 :])
        for n, row in enumerate(statement.rows)
    ]
    first, *others, beside = funds._write(PageFolder(tmp_path), fund, own)
    assert 500_000 < first.size < 1_000_000
    assert len(others) > 1
    text = (tmp_path / first.name).read_text()
    assert "<script>\"'" not in text
    assert "\u202e" not in text
    assert text.count("of 1,500 rows") == len(funds._TABLES) + 2  # programmes, captures
    assert text.count("of 750 rows") == len(funds._BLOCKS)
    assert beside.size < 1_000_000
    assert_cut(tmp_path / beside.name)


def test_the_printed_sql_is_the_query_that_ran() -> None:
    """It is limited to one programme or fund."""
    assert "WHERE p.programme_id = '00067193'" in ready("programme", ID)
    assert "IS NOT NULL" in ready("funds")
    assert "$first" not in ready("fund_years") + ready("fund_years", "PB000")
    assert "'O''B'" in ready("fund_years", "O'B")
    assert "= 'a' || chr(8238) || 'b'" in ready("fund_years", "a\u202eb")
