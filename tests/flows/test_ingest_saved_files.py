"""`mptf ingest` of saved files: containers, what names a page's subject, and folders of pages."""

from pathlib import Path

import pytest

from tests.command import Mptf
from tests.extractors.archive.saved_files import PNG, arc, gzipped, write, zipped
from tests.flows.pages import PAGES, factsheet, save
from tests.flows.tables import ask, dump

FIGURES = "SELECT programme_id, organization, expenditure_usd::INT FROM mart.expenditure_current"
VIEW = b"<table><tr><th>Organization<th>Year<th>Expenditure<tr><td>FAO<td>2014<td>100</table>"


def url(programme_id: str) -> str:
    return f"https://mptf.undp.org/factsheet/project/{programme_id}"


def test_the_records_of_an_arc_file_never_cross(mptf: Mptf, home: Path, tmp_path: Path) -> None:
    pages = {
        url(programme): factsheet(programme, figures={(name, 2014): amount}).encode()
        for programme, name, amount in (("00090001", "FAO", "1"), ("00090002", "UNDP", "2"))
    }
    assert mptf("ingest", write(tmp_path / "c.arc.gz", gzipped(arc(pages)))).exit_code == 0
    assert sorted(ask(home / "warehouse.duckdb", FIGURES)) == [
        ("00090001", "FAO", 1),
        ("00090002", "UNDP", 2),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("programme_00090001_key_figures.xls", [("00090001", "FAO", 100)]),
        ("00090001/key figures 20160615.xls", [("00090001", "FAO", 100)]),
        ("00090001_and_00090002.xls", []),
        ("key_figures_20160615.xls", []),
        ("mptf.undp.org/project/90001/figures.xls", [("00090001", "FAO", 100)]),
        ("backup/project/2016/figures.xls", []),
    ],
)
def test_a_file_name_with_exactly_one_id_is_a_view_s_subject(
    mptf: Mptf, home: Path, tmp_path: Path, name: str, expected: list[tuple[str, str, int]]
) -> None:
    write(tmp_path / "saved" / name, VIEW)
    result = mptf("ingest", tmp_path / "saved", "--captured-at", "2016-06-15")
    assert result.exit_code == (0 if expected else 3)
    assert ("[subject_unknown]" in result.stderr) == (not expected)
    assert ask(home / "warehouse.duckdb", FIGURES) == expected
    found = ask(home / "warehouse.duckdb", "SELECT kind, subject FROM meta.finding")
    assert found == [("subject_from_file_name", row[0]) for row in expected]


def test_a_subject_from_a_file_name_comes_out_of_the_archive_again(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    for name in ("programme_00090001_key_figures.xls", "key_figures_20160615.xls"):
        write(tmp_path / "saved" / name, VIEW)
    assert mptf("ingest", tmp_path / "saved", "--captured-at", "2016-06-15").exit_code == 3
    assert mptf("verify").exit_code == 0
    before = dump(home / "warehouse.duckdb")
    assert mptf("rebuild").exit_code == 3
    assert dump(home / "warehouse.duckdb") == before


def test_a_file_name_that_contradicts_its_page_is_refused(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    page = save(tmp_path, "programme_00090002.txt", factsheet("00090001"))
    result = mptf("ingest", page, "--captured-at", "2016-06-15")
    assert result.exit_code == 3
    assert "[programme_id_contradicts_address]" in result.stderr
    assert not any(dump(home / "warehouse.duckdb").values())


def test_a_fund_s_code_in_its_file_name_is_a_statement_s_subject(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    body = (PAGES / "statement_view_below_a_caption.xls").read_bytes()
    file = write(tmp_path / "fund_SMP00_status.xls", body)
    mptf("ingest", file, "--captured-at", "2016-06-15")
    assert ask(home / "warehouse.duckdb", "SELECT DISTINCT fund_code FROM core.funding_status") == [
        ("SMP00",)
    ]


def test_a_saved_folder_full_of_pictures_is_no_failure(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    save(folder, "page.html", factsheet("00090001"))
    for number in range(20):
        write(folder / "page_files" / f"{number}.png", PNG)
    for path in (folder, write(tmp_path / "saved.zip", zipped({"a.png": PNG}))):
        result = mptf("ingest", path)
        assert result.exit_code == 0
        assert "skipped: parts of pages" in result.stderr
        assert ("1 page has the time of the file" in result.stderr) == (path == folder)
    picture = mptf("ingest", write(tmp_path / "a.png", PNG))
    assert picture.exit_code == 3
    assert "a.png: not a page of the site: a PNG picture" in picture.stderr


def test_two_pages_in_one_file_give_no_figure(mptf: Mptf, home: Path) -> None:
    result = mptf("ingest", PAGES / "two_factsheets_in_one_file.html")
    assert result.exit_code == 3
    assert "00091001 and 00091002" in result.stderr
    assert ask(home / "warehouse.duckdb", FIGURES) == []


def test_a_page_saved_as_mhtml_is_loaded_with_its_url_and_time(mptf: Mptf, home: Path) -> None:
    assert mptf("ingest", PAGES / "saved_as_mhtml.mhtml").exit_code == 0
    assert ask(home / "warehouse.duckdb", FIGURES) == [("00091016", "FAO", 431207)]
    (capture,) = ask(
        home / "warehouse.duckdb",
        "SELECT url, captured_at::VARCHAR, captured_at_source FROM raw.capture",
    )
    assert capture == (url("00091016"), "2016-06-15 13:05:00", "mhtml")
