"""What the Gateway really showed comes out as it was, file by file."""

from pathlib import Path

import pytest

from tests.command import Mptf
from tests.flows.tables import ask

REAL = Path(__file__).parents[2] / "../shared/real"
SITE = "https://mptf.undp.org"
# File, URL, and a time; statement after statement in the order in which they were captured.
CAPTURES = [
    ("programme_00067193_pipes.txt", f"{SITE}/factsheet/project/00067193", "2022-05-25"),
    ("fund_AFI00_pipes.txt", f"{SITE}/factsheet/fund/AFI00", "2022-06-30"),
    ("fund_JXF00.txt", f"{SITE}/factsheet/fund/JXF00", "2022-02-01"),
    ("fund_CLH00.txt", f"{SITE}/factsheet/fund/CLH00", "2022-02-02"),
    ("fund_JPS10.txt", f"{SITE}/factsheet/fund/JPS10", "2022-02-03"),
    ("statement_PB000_newest.txt", f"{SITE}/factsheet/fund/PB000", "2021-01-05"),
    (
        "statement_PB000_as_of_earlier_month.txt",
        f"{SITE}/factsheet/fund/PB000?fund_status_month_to=12&fund_status_year_to=2017",
        "2021-03-01",
    ),
    ("new_site_fund_pb000.txt", f"{SITE}/fund/pb000", "2023-05-01"),
]


@pytest.fixture
def warehouse(mptf: Mptf, home: Path) -> Path:
    if not REAL.is_dir():
        pytest.skip("the real captures are not kept in the repository, and not beside it here")
    for name, url, time in CAPTURES:
        result = mptf("ingest", REAL / name, "--url", url, "--captured-at", time)
        assert result.exit_code == 0, (name, result.stderr)
    return home / "warehouse.duckdb"


def test_each_real_capture_gives_what_it_shows(warehouse: Path) -> None:
    """Identities, kinds, and statements whose every sum is proved; and nothing is set aside."""
    identity = "SELECT description, title, fund_name, start_date::VARCHAR, status"
    assert ask(warehouse, f"{identity} FROM core.programme") == [
        ("MDGF-1838-G-KHM Creative Indus", None, None, "2007-11-02", "Financially Closed")
    ]
    funds = "SELECT fund_code, left(name, 13), fund_type, status FROM core.fund ORDER BY 1"
    assert ask(warehouse, funds) == [
        ("AFI00", None, None, None),
        ("CLH00", "UN Haiti Chol", "Trust Fund", None),
        ("JPS10", "Promoting the", "Joint Programme", None),
        ("JXF00", "JP Financing ", "Joint Programme", None),
        ("PB000", None, None, "Active"),
    ]
    dated = "SELECT fund_code, start_date::VARCHAR, start_date_precision FROM core.fund"
    assert ask(warehouse, f"{dated} WHERE start_date IS NOT NULL ORDER BY 1") == [
        ("CLH00", "2016-10-01", "month"), ("JXF00", "2021-01-01", "month"),
    ]  # fmt: skip
    lines = "SELECT fund_code, statement_month, count(*) FROM core.funding_status GROUP BY ALL"
    assert sorted(ask(warehouse, lines)) == [
        ("JPS10", "(current)", 21), ("PB000", "(current)", 23), ("PB000", "2017-12", 23),
    ]  # fmt: skip
    assert ask(warehouse, "FROM meta.check_summary") == [("statement_lines_sum_to_total", 23, 0)]
    current = "SELECT amount_usd::BIGINT FROM mart.fund_status_current WHERE fund_code = 'PB000'"
    assert ask(warehouse, f"{current} AND line = 'contributions'") == [(1_016_268_638,)]
    told = "SELECT kind, subject FROM meta.finding WHERE kind NOT LIKE 'no_%' ORDER BY 1"
    assert ask(warehouse, told) == [
        ("figures_filled_in_by_scripts", "fund_page"),
        ("statement_blocks_differ", "Funding Status"),
    ]
    assert ask(warehouse, "SELECT rule FROM meta.quarantine") == []
    assert ask(warehouse, "SELECT count(*) FROM observed.listing") == [(0,)]
