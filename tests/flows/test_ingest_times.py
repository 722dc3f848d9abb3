"""Capture times as evidence, from a file to the tables and back out of the archive."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extractors.archive.warc import make_record
from tests.command import Mptf
from tests.flows.pages import factsheet, save
from tests.flows.tables import ask, dump

URL = "https://mptf.undp.org/factsheet/project/00090001"
CLOCK = "15 Jun 2016 1:05 PM GMT"
_TIMES = (
    "SELECT captured_at::VARCHAR, captured_at_source, given_at::VARCHAR, shown_at::VARCHAR"
    " FROM raw.capture ORDER BY captured_at"
)
_FINDINGS = (
    "SELECT kind FROM meta.finding WHERE kind IN"
    " ('capture_time_corrected', 'shows_another_time') ORDER BY ALL"
)


def _warc(folder: Path, name: str, date: str, page: str, **headers: str) -> Path:
    path = folder / name
    body = page.encode()
    path.write_bytes(make_record(URL, {"WARC-Date": date}, body, 200, list(headers.items())))
    return path


def _page(spent: str, clock: str | None = None, year: int = 2015) -> str:
    page = factsheet(figures={("FAO", year): spent})
    return f"{clock}\n{page}" if clock else page


def test_a_warc_record_of_the_future_is_refused_whatever_the_file_s_time(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """The page's figures do not count, and those of another capture do."""
    result = mptf("ingest", _warc(tmp_path, "1.warc.gz", "2061-06-15T13:05:00Z", _page("7")))
    assert result.exit_code == 3
    assert "2061-06-15 13:05:00" in result.stderr
    assert "is in the future" in result.stderr
    right = _warc(tmp_path, "2.warc.gz", "2017-06-15T13:05:00Z", _page("9"))
    assert mptf("ingest", right).exit_code == 0
    figures = "SELECT expenditure_usd::INT, basis FROM core.expenditure_snapshot"
    assert ask(home / "warehouse.duckdb", figures) == [(9, "year_end")]


def test_two_refused_records_of_one_url_are_two_failures(tmp_path: Path, mptf: Mptf) -> None:
    file = _warc(tmp_path, "1.warc.gz", "2061-06-15T13:05:00Z", _page("7"))
    file.write_bytes(file.read_bytes() * 2)
    assert "failed 2" in mptf("ingest", file).stderr
    assert mptf("verify").exit_code == 0


@pytest.mark.parametrize("given", ["2061-06-15T13:05:00Z", "2015-01-01T00:00:00Z", "1980-01-01"])
def test_the_page_s_clock_dates_a_record(
    given: str, tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """The time that was given stays beside it, and a finding tells of both."""
    file = _warc(tmp_path, "1.warc.gz", given, _page("7", CLOCK))
    result = mptf("ingest", file)
    assert result.exit_code == 0
    assert "was captured at 2016-06-15 13:05:00 (page_clock), not at" in result.stderr
    warehouse = home / "warehouse.duckdb"
    times = ask(warehouse, _TIMES)
    assert [row[:2] for row in times] == [("2016-06-15 13:05:00", "page_clock")]
    assert str(times[0][2]).startswith(given[:10])
    assert ask(warehouse, _FINDINGS) == [("capture_time_corrected",)]


def test_a_record_that_the_page_s_clock_dated_comes_out_of_the_archive_again(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """Rebuilt equals grown, with the time that was given and the finding."""
    file = _warc(tmp_path, "1.warc.gz", "2061-06-15T13:05:00Z", _page("7", CLOCK))
    assert mptf("ingest", file).exit_code == 0
    warehouse = home / "warehouse.duckdb"
    grown, times = dump(warehouse), ask(warehouse, _TIMES)
    findings = ask(warehouse, _FINDINGS)
    assert "captures 1, loaded 0, unchanged 1" in mptf("ingest", file).stderr
    assert mptf("rebuild").exit_code == 0
    assert (dump(warehouse), ask(warehouse, _TIMES)) == (grown, times)
    assert ask(warehouse, _FINDINGS) == findings != []
    assert mptf("verify").exit_code == 0


def test_an_earlier_clock_and_date_header_are_a_finding_only(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    headers = {"Date": "Fri, 17 Jun 2016 09:00:00 GMT"}
    page = _page("7", CLOCK)
    file = _warc(tmp_path, "1.warc.gz", "2018-01-01T00:00:00Z", page, **headers)
    assert mptf("ingest", file).exit_code == 0
    assert ask(home / "warehouse.duckdb", _TIMES) == [
        ("2018-01-01 00:00:00", "warc", None, "2016-06-15 13:05:00")
    ]
    assert ask(home / "warehouse.duckdb", _FINDINGS) == [("shows_another_time",)]


def test_a_person_s_time_gives_way_to_a_later_clock_and_is_told(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """A page cannot be seen before the time that it shows."""
    page = save(tmp_path, "p.txt", _page("7", CLOCK))
    result = mptf("ingest", page, "--captured-at", "2015-06-15")
    assert result.exit_code == 0
    assert "not at 2015-06-15 00:00:00 (option)" in result.stderr
    assert ask(home / "warehouse.duckdb", _TIMES) == [
        ("2016-06-15 13:05:00", "page_clock", "2015-06-15 00:00:00", None)
    ]


def test_a_capture_time_in_the_future_is_wrong_usage(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    result = mptf("ingest", save(tmp_path, "p.txt", _page("7")), "--captured-at", later)
    assert result.exit_code == 2
    assert "is in the future" in result.stderr


def test_a_sidecar_of_the_future_is_refused_by_name(tmp_path: Path, mptf: Mptf, home: Path) -> None:
    page = save(tmp_path, "p.txt", _page("7"))
    save(tmp_path, "p.txt.json", json.dumps({"url": URL, "captured_at": "2061-01-01"}))
    result = mptf("ingest", page)
    assert result.exit_code == 3
    assert "its capture time, 2061-01-01 00:00:00 (sidecar), is in the future" in result.stderr
    assert not any(dump(home / "warehouse.duckdb").values())


def test_a_time_in_the_narrative_is_not_the_capture_s(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """A sentence of the year 2013 makes no figure of 2014 interim."""
    text = _page("7", year=2014).replace(
        "The programme watches",
        "Divers met online.\n14 Oct 2013 3:00 PM GMT\nThe programme watches",
    )
    save(tmp_path, "p.txt.json", json.dumps({"url": URL, "captured_at": "2016-06-15"}))
    assert mptf("ingest", save(tmp_path, "p.txt", text)).exit_code == 0
    assert ask(home / "warehouse.duckdb", _TIMES) == [
        ("2016-06-15 00:00:00", "sidecar", None, None)
    ]
