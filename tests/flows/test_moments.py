"""One rule for a moment, however it is given; and a release answers as of its own, everywhere."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from lxml.html import document_fromstring
from openpyxl import load_workbook

from flows.crawl.selection import BackfillSelection
from tests.command import run_mptf
from tests.flows.tables import ask

LAST_SECOND = "2016-06-15 23:59:59"
# What may be written, and the moment that it is; None: it is refused.
WRITTEN = {
    "2016-06-15": LAST_SECOND,
    "20160615": LAST_SECOND,
    " 2016-06-15 ": LAST_SECOND,
    "2016-06-15 00:00:00": "2016-06-15 00:00:00",
    "2016-06-15T13:05": "2016-06-15 13:05:00",
    "2016-06-15T13:05:07Z": "2016-06-15 13:05:07",
    "2016-06-15 13:05+02": "2016-06-15 11:05:00",
    "2016-06-15T01:05:00+05:45": "2016-06-14 19:20:00",
    "2016-06-15T22:05:00-0330": "2016-06-16 01:35:00",
    "2016": None,
    "2016-06": None,
    "201606": None,
    "2016-6-15": None,
    "2016-06-31": None,
    "20160631": None,
    "15 June 2016": None,
    "2016-06-15 24:61": None,
    "1465999507": None,
    "13:05": None,
    "now": None,
    "infinity": None,
    "": None,
}
# What SQL knows besides text.
TYPED = {
    "DATE '2016-06-15'": LAST_SECOND,
    "TIMESTAMP '2016-06-15'": "2016-06-15 00:00:00",
    "TIMESTAMP_S '2016-06-15 13:05:07'": "2016-06-15 13:05:07",
    "TIMESTAMP_MS '2016-06-15 13:05:07'": "2016-06-15 13:05:07",
    "TIMESTAMP_NS '2016-06-15 13:05:07'": "2016-06-15 13:05:07",
    "TIMESTAMPTZ '2016-06-15 13:05:07+02'": "2016-06-15 11:05:07",
    "DATE '2016-06-14' + 1": LAST_SECOND,
    "DATE '2016-06-14' + INTERVAL 1 DAY": "2016-06-15 00:00:00",  # a TIMESTAMP to DuckDB
    "20160615": LAST_SECOND,
    "2016": None,
    "2016.5": None,
    "TIME '13:05:07'": None,
    "INTERVAL 1 DAY": None,
    "true": None,
    "[DATE '2016-06-15']": None,
    "DATE 'infinity'": None,
    "TIMESTAMP 'infinity'": None,
    "DATE '0044-03-15 (BC)'": None,
}


@contextmanager
def opened(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(file), read_only=True) as con:
        con.execute("SET TimeZone = 'Asia/Kathmandu'")  # a session's zone changes nothing
        yield con


def test_a_moment_in_sql_is_what_it_says_or_an_error(published_home: Path) -> None:
    """By the variable, which the views read, and by the macros, for text and every other type."""
    quoted = {f"'{text}'": moment for text, moment in WRITTEN.items()}
    with opened(published_home / "warehouse.duckdb") as con:
        for value, moment in (quoted | TYPED).items():
            con.execute(f"SET VARIABLE as_of = {value}")
            as_of = f"SELECT DISTINCT as_of FROM mart.as_of({value})"  # noqa: S608 because it is our own
            if moment is None:
                for query in (as_of, "FROM mart.expenditure_as_of", "FROM mart.missing_year_end"):
                    with pytest.raises(duckdb.Error, match="is no moment: give a day"):
                        con.execute(query)
                continue
            for query in (as_of, "SELECT DISTINCT as_of FROM mart.expenditure_as_of"):
                found = con.execute(query).fetchall()
                assert found == [(datetime.fromisoformat(moment),)], (value, query)


@pytest.mark.parametrize(("text", "moment"), WRITTEN.items())
def test_a_moment_on_the_command_line_is_the_same_or_wrong_usage(
    text: str, moment: str | None, published_home: Path
) -> None:
    query = "SELECT getvariable('as_of') AS as_of"
    given = run_mptf(published_home, "sql", query, "--as-of", text, "--format", "csv")
    if moment is None:
        assert given.exit_code == 2
        assert "is neither a day such as" in given.stderr
    else:
        assert given.stdout == f"as_of\n{moment}\n"


def test_a_day_ends_a_backfill_with_its_last_second() -> None:
    """As it does for a scheduled one, which gives dates; a time stays as it is."""
    day = datetime.fromisoformat("2016-06-15")
    assert f"{BackfillSelection(['00067193'], until=day.date()).last}" == LAST_SECOND
    assert BackfillSelection(["00067193"], until=day).last == day


_LATE = ("programme_id", "organization", "fiscal_year", "days_late")
_LATE_QUERY = (
    "SELECT programme_id, organization, fiscal_year, days_late FROM mart.missing_year_end"
    " ORDER BY ALL"
)
_CSV = ("--format", "csv")


def _in_csv(file: Path) -> list[list[str]]:
    with file.open(newline="", encoding="utf-8") as text:
        return sorted([row[name] for name in _LATE] for row in csv.DictReader(text))


def _on_page(file: Path) -> list[list[str]]:
    (table,) = document_fromstring(file.read_bytes()).xpath("//table[@id='table-missing']")
    names = [cell.get("data-column") for cell in table.xpath("./thead/tr/th")]
    rows = [[cell.text_content() for cell in row] for row in table.xpath("./tbody/tr")]
    return sorted([dict(zip(names, row, strict=True))[name] for name in _LATE] for row in rows)


def _in_workbook(file: Path) -> list[list[str]]:
    head, *rows = load_workbook(file)["missing_year_end"].iter_rows(values_only=True)
    return sorted([str(dict(zip(head, row, strict=True))[name]) for name in _LATE] for row in rows)


def test_a_release_has_the_same_late_reports_wherever_one_looks(published_home: Path) -> None:
    """As of its newest capture; of two that are late now, one was late by then."""
    latest = published_home / "releases" / "latest"
    asked = run_mptf(published_home, "sql", _LATE_QUERY, "--release", *_CSV).stdout
    rows = [line.split(",") for line in asked.splitlines()[1:]]
    assert rows == [["00090077", "FAO", "2014", "412"]]
    with opened(latest / "mptf.duckdb") as con:
        assert [
            [str(value) for value in row] for row in con.execute(_LATE_QUERY).fetchall()
        ] == rows
        for view in ("mart.missing_year_end", "mart.expenditure_as_of"):
            found = con.sql(f"FROM {view} ORDER BY ALL").fetchall()
            assert con.sql(f"FROM '{latest}/{view}.parquet' ORDER BY ALL").fetchall() == found
            assert len(con.sql(f"FROM '{latest}/{view}.csv'").fetchall()) == len(found) > 0
    assert _in_csv(latest / "mart.missing_year_end.csv") == rows
    assert _on_page(latest / "page" / "missing.html") == rows
    overview = document_fromstring((latest / "page" / "index.html").read_bytes())
    assert overview.xpath("string(//dd[@data-column='missing_year_end'])") == "1"
    assert _in_workbook(latest / "mptf.xlsx") == rows
    now = run_mptf(published_home, "sql", _LATE_QUERY, *_CSV).stdout
    assert len(now.splitlines()) == 3, "in the working file, now stays now"
    (status,) = [json.loads(run_mptf(published_home, "status", "--json").stdout)]
    assert len(status["missing_year_end"]) == 2


def test_a_release_says_as_of_when_it_answers(published_home: Path) -> None:
    """In its tables, its package, its workbook and its page: the newest capture, to the second."""
    latest = published_home / "releases" / "latest"
    file = latest / "mptf.duckdb"
    (moment,) = ask(file, "SELECT max(captured_at) FROM raw.capture WHERE state = 'loaded'")
    assert moment == (datetime.fromisoformat("2016-06-15 13:21:00"),)
    assert ask(file, "SELECT as_of FROM meta.warehouse") == [moment]
    assert ask(file, "SELECT DISTINCT as_of FROM mart.expenditure_as_of") == [moment]
    table = f"'{latest}/mart.expenditure_as_of.csv'"
    assert ask(file, f"SELECT DISTINCT as_of FROM {table}") == [moment]  # noqa: S608 because it is our own
    described = json.loads((latest / "datapackage.json").read_text(encoding="utf-8"))
    assert described["as_of"] == "2016-06-15T13:21:00Z"
    title = load_workbook(latest / "mptf.xlsx")["About"]["A1"].value
    assert str(title).endswith(", as of 15 June 2016 13:21:00")
    assert "as of 15 Jun 2016" in (latest / "page" / "index.html").read_text(encoding="utf-8")
    working = published_home / "warehouse.duckdb"
    assert ask(working, "SELECT as_of FROM meta.warehouse") == [(None,)]


def test_the_variable_comes_before_the_moment_of_a_release(published_home: Path) -> None:
    asked = run_mptf(
        published_home, "sql", _LATE_QUERY, "--release", "--as-of", "2015-05-01", *_CSV
    ).stdout
    assert asked.splitlines()[1:] == ["00090077,FAO,2014,1"]
