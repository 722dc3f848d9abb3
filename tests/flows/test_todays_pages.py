"""Pages of the site since 2022 in the warehouse: what they add, and what they must not end."""

from pathlib import Path

import pytest

from tests.command import Mptf
from tests.flows.pages import PAGES, ROOT, factsheet, save
from tests.flows.tables import ask

REAL = ROOT.parent / "shared" / "real" / "new_site_fund_pb000.txt"
real = pytest.mark.skipif(not REAL.exists(), reason="the captured page is not shipped")
SITE = "https://mptf.undp.org"
NOTE = "1 page of today's site holds no figures: they come from its API"
_FIGURES = (
    "FROM core.expenditure_snapshot ORDER BY ALL",
    "SELECT organization, fiscal_year, basis, last_interim_usd FROM mart.missing_year_end",
    "SELECT organization, fiscal_year, basis, expenditure_usd FROM mart.expenditure_current"
    " ORDER BY ALL",
    "SELECT expected, fetched, with_figures, with_year_end FROM meta.coverage ORDER BY ALL",
    "FROM meta.layout_drift",
)


@pytest.mark.parametrize("path", ["/fund/pb000", "/factsheet/fund/PB000"])
@pytest.mark.parametrize(
    "page", [pytest.param(REAL, marks=real, id="real"), PAGES / "fund_of_today.txt"]
)
def test_a_fund_s_page_is_loaded_with_its_status_and_one_finding(
    page: Path, path: str, mptf: Mptf, home: Path
) -> None:
    """It names no fund, and a redirected capture has the old URL: the URL names the fund."""
    result = mptf("ingest", page, "--url", SITE + path, "--captured-at", "2024-05-01")
    assert result.exit_code == 0
    assert result.stderr.count(NOTE) == 1
    warehouse = home / "warehouse.duckdb"
    found = ask(warehouse, "SELECT fund_code, name, fund_type, status FROM core.fund")
    assert found == [("PB000", None, None, "Active")]
    found = ask(warehouse, "SELECT kind, subject FROM meta.finding")
    assert found == [("figures_filled_in_by_scripts", "fund_page")]
    assert ask(warehouse, "SELECT page_kind, state FROM raw.capture") == [("fund_page", "loaded")]


def test_a_fund_s_narrative_and_documents_are_loaded(mptf: Mptf, home: Path) -> None:
    page = PAGES / "fund_of_today.html"
    assert mptf("ingest", page, "--captured-at", "2024-05-01").exit_code == 0
    warehouse = home / "warehouse.duckdb"
    found = ask(warehouse, "SELECT section, text FROM core.fund_narrative")
    assert found == [("overview", "The fund pays for wells where rain is rare.")]
    found = ask(warehouse, "SELECT title, url FROM core.fund_document")
    url = "/sites/default/files/documents/2023-05/wells_report.pdf"
    assert found == [("Report of the wells", url)]


def test_the_note_counts_the_pages_of_its_run_once(mptf: Mptf, home: Path, tmp_path: Path) -> None:
    for name, path in (("1", "/fund/pb000"), ("2", "/fund/mdg00")):
        page = save(tmp_path / "pages", f"{name}.txt", (PAGES / "fund_of_today.txt").read_text())
        save(page.parent, f"{page.name}.json",
             f'{{"url": "{SITE}{path}", "captured_at": "2024-05-01T00:00:00Z"}}')  # fmt: skip
    result = mptf("ingest", tmp_path / "pages")
    assert result.exit_code == 0
    assert "2 pages of today's site hold no figures: they come from its API" in result.stderr
    other = save(tmp_path, "factsheet.txt", factsheet(figures={("FAO", 2015): "1"}))
    result = mptf("ingest", other, "--captured-at", "2024-05-01")
    assert result.exit_code == 0
    assert "today's site" not in result.stderr
    assert len(ask(home / "warehouse.duckdb", "FROM core.fund")) == 2


@pytest.mark.parametrize(
    ("name", "path", "rule"),
    [
        ("fund_of_today.html", "/factsheet/fund/OTH00", "fund_code_contradicts_address"),
        ("fund_of_today.html", "/factsheet/project/00067193", "kind_contradicts_address"),
        ("programme_of_today.html", "/project/67194", "programme_id_contradicts_address"),
        ("fund_of_today.txt", "/page/about-us", "subject_unknown"),
        ("site_with_todays_labels.html", "/project/67193", "not_a_gateway_page"),
    ],
)
def test_a_page_of_today_that_contradicts_its_address_is_quarantined(
    name: str, path: str, rule: str, mptf: Mptf, home: Path
) -> None:
    result = mptf("ingest", PAGES / name, "--url", SITE + path, "--captured-at", "2024-05-01")
    assert result.exit_code == 3
    assert f"[{rule}]" in result.stderr
    assert "today's site" not in result.stderr
    for table in ("core.fund", "core.programme"):
        assert ask(home / "warehouse.duckdb", f"FROM {table}") == []


@pytest.mark.parametrize("path", ["/factsheet/project/00067193", "/project/67193"])
def test_a_programme_s_page_of_today_ends_no_figure(
    path: str, mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """At the factsheet's own URL too, to which a redirected capture belongs."""
    warehouse = home / "warehouse.duckdb"
    known = factsheet("00067193", figures={("FAO", 2015): "100", ("FAO", 2020): "50"})
    url = f"{SITE}/factsheet/project/00067193"
    page = save(tmp_path, "factsheet.txt", known)
    mptf("ingest", page, "--url", url, "--captured-at", "2021-01-01")
    before = [ask(warehouse, query) for query in _FIGURES]
    assert [len(rows) for rows in before] == [2, 1, 2, 3, 0]
    today = PAGES / "programme_of_today.html"
    result = mptf("ingest", today, "--url", SITE + path, "--captured-at", "2021-02-01")
    assert result.exit_code == 0
    assert NOTE in result.stderr
    assert [ask(warehouse, query) for query in _FIGURES] == before
    newest = ask(warehouse, "SELECT title, description, status FROM mart.programme_current")
    assert newest == [
        ("Wells of Example", "RW-00067193 Reef Watch", "Operationally Closed")
    ]  # fmt: skip
    assert ask(warehouse, "SELECT title FROM core.document ORDER BY title") == [
        ("Final report",),
        ("Plan",),
    ]
