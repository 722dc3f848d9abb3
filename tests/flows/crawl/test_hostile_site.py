"""What a site, or who sits between, could do to a sync and to those who read what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from extractors.archive.inputs import CaptureOverrides
from flows.ingest import ingest
from flows.pipeline.home import Home
from flows.pipeline.report import report_of
from flows.pipeline.run import open_run, utc_now
from flows.scheduled.reporting import markdown_of, table_of
from flows.settings import Settings
from tests.command import Mptf
from tests.flows.pages import SAMPLES, SMALL_PAGES, factsheet, save
from tests.flows.tables import ask, dump
from tests.homes import with_warehouse
from tests.processes import http_server

INJECTION = "x'); DROP TABLE core.voucher; --\" $$"


class _Endless(BaseHTTPRequestHandler):
    """A list of which every page leads on to another."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        parts = urlsplit(self.path)
        page = int(parse_qs(parts.query).get("page", ["1"])[0])
        found = parts.path == "/portfolio/fund"
        body = (
            "<h1>Portfolio of Funds</h1><table><tr><th>Fund</th><th>Type</th></tr>"
            f"<tr><td>Fund {page}</td><td>Other Fund</td></tr></table>"
            f"<p><a href='/portfolio/fund?page={page + 1}'>Next</a></p>"
            f"<p><a href='http://127.0.0.1:1/portfolio/fund?page=1'>Next</a></p>"
        ).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 because http.server says so
        """Nothing is logged."""


@contextmanager
def endless() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (_Endless,), {"asked": asked})
    with http_server(handler) as base_url:
        yield base_url, asked


def test_paging_without_end_ends(mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the run says that it cannot have seen all."""
    monkeypatch.setenv("MPTF_MOST_PAGES", "5")
    monkeypatch.setenv("MPTF_SHORTEST_DELAY", "0")
    with endless() as (base_url, asked):
        done = mptf("sync", "--base-url", base_url)
    assert done.exit_code == 3
    assert len([path for path in asked if "page=" in path]) == 5
    assert "leads on to more than 5 pages" in done.stderr
    ((outcome,),) = ask(home / "warehouse.duckdb", "SELECT outcome FROM meta.run")
    assert outcome == "incomplete"


def test_sql_in_a_name_is_a_name(tmp_path: Path, mptf: Mptf, home: Path) -> None:
    """In a title, a fund, a status, an organization, a voucher, a file: kept as it is printed."""
    page = factsheet(figures={(INJECTION, 2015): "7"}, voucher=INJECTION, status=INJECTION)
    page = page.replace("Coastal Resilience Fund", INJECTION).replace("Reef Watch 0", INJECTION)
    file = save(tmp_path, f"{INJECTION}.txt", page)
    assert mptf("ingest", file, "--captured-at", "2016-06-01").exit_code == 0
    tables = dump(home / "warehouse.duckdb")
    assert len(tables["core.voucher"]) == 1
    assert ask(home / "warehouse.duckdb", "SELECT fund_name FROM core.programme") == [(INJECTION,)]
    shown = ask(home / "warehouse.duckdb", "SELECT organization FROM core.expenditure_snapshot")
    assert shown == [(INJECTION,)]
    assert mptf("publish").exit_code == 0
    assert mptf("quarantine", "retry", INJECTION).exit_code == 3
    assert dump(home / "warehouse.duckdb") == tables


def test_a_hostile_answer_is_quarantined_by_rule_and_url_beside_those_that_are_loaded(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """Of an answer whose amounts are wrong in part, each such row is, by rule and text."""
    url = (
        "https://mptf.undp.org/mptf_rest_api/getAnalyzeAllProjects/,BUDGET,/fromYear:2016,toYear:{}"
    )
    row = '{"agency_code": "%s", "ORGANIZATION": "%s", "BUDGET": %s}'
    nested, odd = "[" * 100_000, f"1e{'9' * 9}"
    some = ", ".join([row % ("1", "FAO", "7"), row % ("2", "WHO", odd), row % ("3", "ILO", "NaN")])
    for year, body in enumerate((nested, f"[{'[],' * 2_000_000}[]]", f"[{some}]", '"' * 99), 2016):
        file = tmp_path / f"{year}.json"
        file.write_text(body)
        done = mptf("ingest", file, "--url", url.format(year), "--captured-at", "2026-01-01")
        assert done.exit_code == 3, done.output
    warehouse = home / "warehouse.duckdb"
    loaded = ask(
        warehouse,
        "SELECT agency_code, approved_budget_usd::INT FROM core.organization_cumulative_snapshot",
    )
    assert loaded == [("1", 7)]
    pages = ask(
        warehouse,
        "SELECT right(url, 4)::INT, rule FROM meta.quarantine JOIN raw.capture USING (capture_id)"
        " ORDER BY ALL",
    )
    assert pages == [
        (2016, "nested_too_deep"), (2017, "table_too_large"), (2018, "amount"), (2018, "amount"),
        (2019, "api_not_json"),
    ]  # fmt: skip
    listed = mptf("quarantine", "list").stdout
    assert odd in listed
    assert url.format(2017) in listed


def test_no_report_of_a_run_names_a_contact(tmp_path: Path) -> None:
    """Neither a line of a command, nor a table, summary or log of a scheduled run."""
    home = Home(Settings(home=with_warehouse(tmp_path / "home")))
    with open_run(home, "ingest", utc_now()) as run:
        ingest(run, [*SMALL_PAGES, SAMPLES], CaptureOverrides())
        report = report_of(run, 1.0)
    told = "\n".join([markdown_of("x", report), str(table_of(report)), *report.problems,
                      *report.notes, report.summary])  # fmt: skip
    contacts = ask(home.warehouse, "SELECT name, telephone, email, skype FROM core.contact")
    private = {str(text) for row in contacts for text in row if text}
    assert len(private) > 5
    assert [text for text in private if text in told] == []
