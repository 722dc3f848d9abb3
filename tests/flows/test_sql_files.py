"""`mptf sql -o FILE`: other programs read what the query found, and SQL itself writes nothing."""

import csv
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.command import Mptf
from tests.flows.test_queries import DETOURS
from tests.processes import PATIENCE

_VALUES = (
    "SELECT '00060282' AS id, '=1+1' AS formula, 12.50::DECIMAL(18,2) AS usd,"
    " NULL::DATE AS nothing, TIMESTAMP '2016-01-02 03:04:05' AS at, DATE '2016-01-02' AS day,"
    " true AS yes, 2 AS n,"
    " sum(2)::HUGEINT AS large, [1, 2] AS list, 'é\"b,c' AS text, 3 AS n, 0.25::DOUBLE AS half"
)
_FOUND = (
    "00060282", "=1+1", Decimal("12.50"), None, datetime(2016, 1, 2, 3, 4, 5),  # noqa: DTZ001
    date(2016, 1, 2), True, 2, 2, [1, 2], 'é"b,c', 3, 0.25,
)  # fmt: skip
_NAMES = [
    "id", "formula", "usd", "nothing", "at", "day", "yes", "n", "large", "list", "text", "n_1",
    "half",
]  # fmt: skip


def test_csv_and_json_files_are_what_would_be_printed(
    mptf: Mptf, samples: None, tmp_path: Path
) -> None:
    for kind in ("csv", "json"):
        file = tmp_path / f"out.{kind}"
        done = mptf("sql", _VALUES, "-o", file)
        assert (done.exit_code, done.stdout) == (0, "")
        assert done.stderr == f"{file}: 1 row\n"
        assert file.read_bytes().decode() == mptf("sql", _VALUES, "--format", kind).stdout
    (row,) = json.loads((tmp_path / "out.json").read_text())
    assert list(row) == _NAMES
    with (tmp_path / "out.csv").open(newline="") as lines:
        _, values = csv.reader(lines)
    assert values[:3] == ["00060282", "=1+1", "12.50"]


def test_parquet_has_the_types_and_values_of_the_query(
    mptf: Mptf, samples: None, tmp_path: Path
) -> None:
    assert mptf("sql", f"{_VALUES}; -- all", "-o", tmp_path / "out.parquet").exit_code == 0
    found = duckdb.sql(f"FROM '{tmp_path}/out.parquet'")
    assert found.columns == _NAMES
    assert found.fetchall() == [_FOUND]
    assert [str(kind) for kind in found.types][2:5] == ["DECIMAL(18,2)", "DATE", "TIMESTAMP"]
    assert str(found.types[8]) == "DECIMAL(38,0)"  # which Parquet has, unlike HUGEINT
    described = mptf("sql", "DESCRIBE mart.fund_year -- all", "-o", tmp_path / "fund_year.parquet")
    assert "rows" in described.stderr
    figures = "FROM mart.expenditure_current ORDER BY ALL"
    assert mptf("sql", figures, "-o", tmp_path / "figures.parquet").exit_code == 0
    cli = Path(sys.executable).with_name("duckdb")
    read = subprocess.run(
        [cli, "-csv", "-nullvalue", "", "-c", f"FROM '{tmp_path}/figures.parquet'"],
        capture_output=True, text=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    printed = mptf("sql", figures, "--format", "csv").stdout
    assert list(csv.reader(read.stdout.splitlines())) == list(csv.reader(printed.splitlines()))


def test_parquet_rounds_no_whole_number(mptf: Mptf, samples: None, tmp_path: Path) -> None:
    """It has none as wide as DuckDB's: those that its decimals cannot hold are an error."""
    query = "SELECT [{0}::HUGEINT] AS list, {{'n': {0}::UHUGEINT}} AS struct"
    file = tmp_path / "wide.parquet"
    assert mptf("sql", query.format(2**53 + 1), "-o", file).exit_code == 0
    assert duckdb.sql(f"FROM '{file}'").fetchall() == [([2**53 + 1], {"n": 2**53 + 1})]
    failed = mptf("sql", query.format(2**127 - 1), "-o", file)
    assert failed.exit_code == 1
    assert "Could not cast value" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_sheet_has_numbers_texts_and_dates_and_no_formula(
    mptf: Mptf, samples: None, tmp_path: Path
) -> None:
    assert mptf("sql", _VALUES, "-o", tmp_path / "out.xlsx").exit_code == 0
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    names, cells = sheet.iter_rows()
    assert [cell.value for cell in names] == _NAMES
    values = [cell.value for cell in cells]
    at = _NAMES.index("day")
    assert values[at] == datetime(2016, 1, 2, tzinfo=UTC).replace(tzinfo=None)
    assert values[:at] == [*_FOUND[:2], 12.5, *_FOUND[3:5]]
    assert values[at + 1 :] == [True, 2, 2, "[1, 2]", 'é"b,c', 3, 0.25]
    assert cells[1].data_type == "s"
    assert cells[1].quotePrefix


def test_what_a_sheet_cannot_hold_is_an_error_that_names_what_can(
    mptf: Mptf, samples: None, tmp_path: Path
) -> None:
    for query, said in (
        ("FROM range(1048576)", "holds 1,048,575 rows"),
        ("SELECT repeat('x', 32768)", "holds 32,767 characters, and a text has 32,768"),
    ):
        failed = mptf("sql", query, "-o", tmp_path / "out.xlsx")
        assert failed.exit_code == 1
        assert said in failed.stderr
        assert "write .csv or .parquet" in failed.stderr


@pytest.mark.parametrize("kind", ["csv", "json", "parquet", "xlsx"])
def test_a_file_is_replaced_as_a_whole_or_stays(
    mptf: Mptf, samples: None, tmp_path: Path, kind: str
) -> None:
    """An error in the last row leaves the file as it was, and nothing beside it."""
    file = tmp_path / f"out.{kind}"
    file.write_text("before")
    before = sorted(tmp_path.iterdir())
    query = "SELECT CASE range WHEN {} THEN error('late') ELSE range END AS n FROM range(50000)"
    failed = mptf("sql", query.format(49_999), "-o", file)
    assert failed.exit_code == 1
    assert "late" in failed.stderr
    assert file.read_text() == "before"
    assert sorted(tmp_path.iterdir()) == before
    assert mptf("sql", query.format(-1), "-o", file).stderr == f"{file}: 50,000 rows\n"
    assert sorted(tmp_path.iterdir()) == before
    file.unlink()
    file.mkdir()
    assert mptf("sql", "SELECT 1", "-o", file).exit_code == 2
    assert list(file.iterdir()) == []


def test_sql_that_becomes_a_file_writes_no_other(
    mptf: Mptf, samples: None, tmp_path: Path, home: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    before = sorted(tmp_path.iterdir())
    kept = (home / "warehouse.duckdb").read_bytes()
    hostile = (
        *DETOURS, "COPY (SELECT 1) TO '{folder}/o.csv'", "SELECT * FROM '{file}'",
        "INSERT INTO result.main.result VALUES (1)", "CREATE TABLE result.other AS SELECT 1",
        "DETACH result", "SELECT 1) TO '{folder}/o.csv' (FORMAT csv); --",
    )  # fmt: skip
    for query in hostile:
        for kind in ("csv", "parquet"):
            done = mptf(
                "sql", query.format(file=secret, folder=tmp_path), "-o", tmp_path / f"o.{kind}"
            )
            assert done.exit_code in {1, 2}, query
            assert done.stdout == ""
            assert sorted(tmp_path.iterdir()) == before, query
    assert (home / "warehouse.duckdb").read_bytes() == kept
