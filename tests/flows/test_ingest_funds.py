"""Funds in the warehouse: statements by vintage, and pages that contradict their address."""

import random
from decimal import Decimal
from pathlib import Path

import pytest

from tests.command import Mptf
from tests.flows.pages import PAGES, factsheet, save
from tests.flows.tables import ask, dump
from tests.statements import AGENT, FORMS, PB000, SIGNS, Printed

FUND = "https://mptf.undp.org/factsheet/fund/PB000"
# A year later: more contributions, and so a larger source, balance and total balance.
_LATER = {
    "contributions": "800,000,000",
    "total_source": "823,128,434",
    "balance": "134,078,587",
    "total_balance": "243,718,509",
}
LATER = [
    line._replace(amount=_LATER.get(line.line, line.amount))
    if line.block == AGENT or line.line == "total_balance"
    else line
    for line in PB000
]
Visit = tuple[str, str, bytes]  # time, address, page


def statement(lines: list[Printed], form: str, signs: str) -> bytes:
    return FORMS[form](lines, SIGNS[signs])


VISITS: list[Visit] = [
    ("2014-06-01", FUND, statement(PB000, "two tables", "operator in a column")),
    ("2014-09-01", FUND, b"<h1>Trust Fund Factsheet</h1><p>Tools for \xc2\xbb Sample Fund</p>"),
    ("2015-01-01", f"{FUND}/status/excel", statement(PB000, "one table", "operator in a column")),
    ("2015-06-01", FUND, statement(LATER, "two tables", "operator in a column")),
    ("2016-06-01", FUND, statement(LATER, "two tables", "operator in a column")),
]


def visit(mptf: Mptf, folder: Path, visits: list[Visit]) -> None:
    for time, address, page in visits:
        path = folder / "page.html"
        path.write_bytes(page)
        result = mptf("ingest", path, "--url", address, "--captured-at", time)
        assert result.exit_code == 0, result.stderr


def test_a_statement_has_a_vintage_whenever_it_changes(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """A page without its statement ends nothing; the Excel view of the same is the same."""
    visit(mptf, tmp_path, VISITS)
    vintages = ask(
        home / "warehouse.duckdb",
        "SELECT known_from::VARCHAR, count(*), max(amount_usd) FILTER (line = 'total_source')"
        " FROM core.funding_status WHERE fund_code = 'PB000' GROUP BY ALL ORDER BY 1",
    )
    assert vintages == [
        ("2014-06-01 00:00:00", len(PB000), Decimal("779950166.00")),
        ("2015-06-01 00:00:00", len(PB000), Decimal("823128434.00")),
    ]
    names = ask(home / "warehouse.duckdb", "SELECT fund_code, name, fund_type FROM core.fund")
    assert names == [("PB000", "Sample Fund", "Trust Fund")]
    checks = ask(
        home / "warehouse.duckdb",
        "FROM meta.check_summary",
    )
    assert checks == [("statement_lines_sum_to_total", 8, 0)]
    coverage = mptf("sql", "FROM meta.extraction_field WHERE field = 'statement'").stdout
    assert "fund_factsheet" in coverage


@pytest.mark.parametrize("orders", [1, pytest.param(10, marks=pytest.mark.proof)])
def test_funds_come_out_the_same_in_whatever_order_their_pages_come(
    orders: int, mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    visit(mptf, tmp_path, VISITS)
    wanted = dump(home / "warehouse.duckdb")
    for seed in range(orders):
        other = home.with_name(f"home{seed}")
        order = random.Random(seed).sample(VISITS, len(VISITS))  # noqa: S311 because nothing is secret
        visit(lambda *arguments, at=other: mptf("--home", at, *arguments), tmp_path, order)
        assert dump(other / "warehouse.duckdb") == wanted
    assert mptf("verify").exit_code == 0


def test_a_statement_whose_total_is_wrong_is_kept_and_fails_its_check(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    wrong = [line._replace(amount="1") if line.line == "total_source" else line for line in PB000]
    visit(mptf, tmp_path, [("2014-06-01", FUND, statement(wrong, "pipes", "no sign"))])
    failed = ask(
        home / "warehouse.duckdb",
        "SELECT check_name, subject FROM meta.check_result ORDER BY ALL",
    )
    assert failed == [
        ("statement_lines_sum_to_total", f"PB000, {AGENT}, {line}")
        for line in ("balance", "total_source")
    ]
    assert "failed checks" in mptf("status").stdout


@pytest.mark.parametrize(
    ("page", "address", "rule"),
    [
        (factsheet("00067193").encode(), FUND, "kind_contradicts_address"),
        (
            (PAGES / "fund_factsheet.html").read_bytes(),
            "https://mptf.undp.org/factsheet/project/00067193",
            "kind_contradicts_address",
        ),
        ((PAGES / "portfolio_of_funds.html").read_bytes(), FUND, "kind_contradicts_address"),
        (
            (PAGES / "fund_factsheet.html").read_bytes(),
            "https://mptf.undp.org/factsheet/fund/OTH00",
            "fund_code_contradicts_address",
        ),
        (
            factsheet("00067193").encode(),
            "https://mptf.undp.org/factsheet/project/00067194",
            "programme_id_contradicts_address",
        ),
        (statement(PB000, "one table", "no sign"), "file:statement.xls", "subject_unknown"),
    ],
)
def test_a_page_that_contradicts_its_address_is_quarantined_and_nothing_of_it_counts(
    page: bytes, address: str, rule: str, mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "page"
    path.write_bytes(page)
    result = mptf("ingest", path, "--url", address, "--captured-at", "2016-01-01")
    assert result.exit_code == 3
    assert f"[{rule}]" in result.stderr
    assert not any(dump(home / "warehouse.duckdb").values())


def test_a_list_is_kept_row_by_row_with_what_it_links_to(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    page = save(tmp_path, "list.html", (PAGES / "portfolio_of_funds.html").read_text())
    address = "https://mptf.undp.org/portfolio/fund"
    assert mptf("ingest", page, "--url", address, "--captured-at", "2023-01-01").exit_code == 0
    rows = ask(
        home / "warehouse.duckdb",
        "SELECT listed, seq, name, url, fund_code FROM observed.listing ORDER BY seq",
    )
    assert rows == [
        ("funds", 1, "Sample Fund", "/fund/smp00", "SMP00"),
        ("funds", 2, "Fund without a link", None, None),
    ]


def test_a_statement_of_an_earlier_month_is_never_the_current_one(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """It is captured later, and older: of the end of its month. The page's identity counts."""
    now = statement(LATER, "two tables", "operator in a column")
    then = statement(PB000, "two tables", "operator in a column")
    titled = b"<h1>Trust Fund Factsheet</h1><p>Tools for \xc2\xbb Sample Fund</p>" + then
    month = f"{FUND}?fund_status_year_to=2017&fund_status_month_to=12"
    visits = [
        ("2021-06-01", FUND, now),
        ("2022-03-01", month, titled),
        ("2022-03-02", month.replace("=12", "=13"), then),
        ("2022-03-03", month.replace("2017", "2031"), titled),
    ]
    visit(mptf, tmp_path, visits[:3])
    warehouse = home / "warehouse.duckdb"
    query = "SELECT DISTINCT statement_month, as_of::VARCHAR FROM mart.fund_status_current"
    assert ask(warehouse, query) == [("(current)", "2021-06-01 00:00:00")]
    query = query.replace("mart.fund_status_current", "core.funding_status ORDER BY as_of")
    vintages = [("2017-12", "2017-12-31 23:59:59"), ("(current)", "2021-06-01 00:00:00")]
    assert ask(warehouse, query) == vintages
    assert ask(warehouse, "SELECT name FROM core.fund") == [("Sample Fund",)]
    found = "SELECT subject FROM meta.finding WHERE kind = 'statement_month_unknown'"
    assert ask(warehouse, found) == [("PB000",)]
    grown = dump(warehouse)
    assert mptf("rebuild").exit_code == 0
    assert dump(warehouse) == grown
    # No statement is of a later time than its capture.
    visit(mptf, tmp_path, visits[3:])
    assert ask(warehouse, query)[-1] == ("2031-12", "2022-03-03 00:00:00")


def test_the_address_of_a_factsheet_says_whose_it_is_where_its_text_cannot(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """The same bytes are a fund's at one URL, a programme's at another, and nobody's at none."""
    path = tmp_path / "page.txt"
    path.write_bytes((PAGES / "factsheet_whose_address_says_of_what.txt").read_bytes())
    for url in (FUND, "https://mptf.undp.org/factsheet/project/00090099"):
        assert mptf("ingest", path, "--url", url, "--captured-at", "2021-06-12").exit_code == 0
    assert mptf("ingest", path, "--captured-at", "2021-06-12").exit_code == 3
    warehouse = home / "warehouse.duckdb"
    assert ask(warehouse, "SELECT fund_code, name FROM core.fund") == [("PB000", None)]
    assert ask(warehouse, "SELECT programme_id FROM core.narrative") == [("00090099",)]
    assert ask(warehouse, "SELECT rule FROM meta.quarantine") == [("subject_unknown",)]
