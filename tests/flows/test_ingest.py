"""`mptf ingest`: the real page, again, in any order, and everything that is no factsheet."""

import re
import shutil
from collections.abc import Iterable
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from extractors.archive.warc import make_record, make_revisit
from tests.command import Mptf
from tests.flows.pages import SAMPLES, SEED, factsheet, save
from tests.flows.tables import ask, dump, rows_of

seed_page = pytest.mark.skipif(not SEED.exists(), reason="the captured page is not shipped")


def test_a_record_that_refers_to_what_was_taken_in_by_an_earlier_run_finds_it(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """A crawl's second file holds no page again, but where it was seen before, and when again."""
    url, first, again = "http://gateway.example/project/00090001", "2015-03-01", "2015-04-01"
    body = factsheet(figures={("FAO", 2014): "100"}).encode()
    page = make_record(url, {"WARC-Date": f"{first}T02:00:00Z"}, body, 200)
    seen_again = {
        "WARC-Date": f"{again}T02:00:00Z",
        "WARC-Payload-Digest": "sha1:ANOTHER",
        "WARC-Refers-To-Target-URI": url,
        "WARC-Refers-To-Date": f"{first}T02:00:00Z",
    }
    for name, record in (("1", page), ("2", make_revisit(url, seen_again, 200))):
        file = tmp_path / f"{name}.warc.gz"
        file.write_bytes(record)
        assert mptf("ingest", file).exit_code == 0
    (seen,) = ask(
        home / "warehouse.duckdb",
        "SELECT known_from::DATE::VARCHAR, last_seen::DATE::VARCHAR FROM core.expenditure_snapshot",
    )
    assert seen == (first, again)


@seed_page
def test_the_real_page_gives_what_it_prints(mptf: Mptf, home: Path) -> None:
    result = mptf("ingest", SEED, "--captured-at", "2022-05-25T09:58:00Z")
    warehouse = home / "warehouse.duckdb"
    assert result.exit_code == 0
    assert ask(warehouse, "SELECT * EXCLUDE (known_from, capture_id) FROM core.programme") == [
        (
            "00067193",
            "Creative Industries Support Programme",
            "MDGF-1838-G-KHM Creative Indus",
            None,
            "MDG Achievement Fund",
            "MDGF Culture & Development",
            *ask(warehouse, "SELECT DATE '2007-11-02', DATE '2011-11-30'")[0],
            "Cambodia",
            "KHM",
            "Cambodia",
            "Financially Closed",
            "Multiple",
            "day",
            "day",
        )
    ]
    passages = ask(
        warehouse,
        "SELECT section, outcome_no, count(*) FROM core.narrative GROUP BY ALL ORDER BY ALL",
    )
    assert passages == [
        ("achievement", 1, 6),
        ("achievement", 2, 4),
        ("achievement", 3, 4),
        ("lesson", 0, 6),
        ("other", 0, 1),
        ("outcome", 1, 1),
        ("outcome", 2, 1),
        ("outcome", 3, 1),
        ("overview", 0, 4),
    ]
    assert ask(warehouse, "SELECT count(*) FROM core.contact") == [(2,)]
    assert ask(warehouse, "SELECT count(*) FROM core.expenditure_snapshot") == [(0,)]
    assert ask(warehouse, "SELECT count(*) FROM core.cumulative_snapshot") == [(0,)]
    assert ask(warehouse, "SELECT kind, subject FROM meta.finding") == [("no_figures", "00067193")]


@seed_page
def test_the_real_page_carries_its_own_clock_or_the_time_that_is_given(
    mptf: Mptf, home: Path
) -> None:
    mptf("ingest", SEED, "--captured-at", "2022-05-25T11:58:00+02:00")
    rows = ask(home / "warehouse.duckdb", "SELECT captured_at, captured_at_source FROM raw.capture")
    assert [(str(time), source) for time, source in rows] == [("2022-05-25 09:58:00", "option")]


@pytest.mark.usefixtures("samples")
def test_the_same_command_again_changes_no_row(mptf: Mptf, home: Path) -> None:
    before = dump(home / "warehouse.duckdb")
    ledger = ask(home / "warehouse.duckdb", "FROM raw.capture ORDER BY ALL")
    result = mptf("ingest", SAMPLES)
    assert result.exit_code == 0
    assert "captures 13, loaded 0, unchanged 13, quarantined 0, failed 0" in result.stderr
    assert dump(home / "warehouse.duckdb") == before
    assert ask(home / "warehouse.duckdb", "FROM raw.capture ORDER BY ALL") == ledger
    assert sum(map(len, before.values())) > 200


def test_rebuilt_equals_grown(mptf: Mptf, home: Path) -> None:
    for date in sorted(SAMPLES.iterdir()):
        mptf("ingest", date)
    grown = dump(home / "warehouse.duckdb")
    runs = ask(home / "warehouse.duckdb", "SELECT run_id FROM meta.run ORDER BY ALL")
    assert mptf("rebuild").exit_code == 0
    assert dump(home / "warehouse.duckdb") == grown
    kept = ask(home / "warehouse.duckdb", "SELECT run_id FROM meta.run ORDER BY ALL")
    assert set(runs) < set(kept)
    assert mptf("rebuild", "91001", "00091002").exit_code == 0
    assert dump(home / "warehouse.duckdb") == grown
    assert mptf("verify").exit_code == 0


HISTORY = (
    ("2015-12-01T08:00:00Z", factsheet(figures={("FAO", 2014): "700,000", ("FAO", 2015): "1"})),
    ("2016-04-30T23:59:59Z", factsheet(figures={("FAO", 2014): "700,000", ("FAO", 2015): "1"})),
    ("2016-05-01T00:00:00Z", factsheet(figures={("UNICEF", 2015): "5", ("FAO", 2015): "-"})),
    ("2016-06-01T00:00:00Z", factsheet()),
    (
        "2016-07-01T00:00:00Z",
        factsheet(figures={("FAO", 2014): "650,000", ("FAO", 2015): "2"}, voucher="00012346"),
    ),
    (
        "2016-07-01T00:00:00Z",
        factsheet(figures={("FAO", 2014): "640,000"}, status="Financially Closed"),
    ),
)


def ingest_in_orders(
    mptf: Mptf, home: Path, orders: Iterable[tuple[tuple[Path, str], ...]]
) -> list[dict[str, list[str]]]:
    """The tables that each order gives, each in a home of its own."""
    seen = []
    for number, order in enumerate(orders):
        other = home.with_name(f"home{number}")
        for path, time in order:
            assert mptf("--home", other, "ingest", path, "--captured-at", time).exit_code == 0
        seen.append(dump(other / "warehouse.duckdb"))
        shutil.rmtree(other)
    return seen


def saved_history(folder: Path) -> list[tuple[Path, str]]:
    """Unchanged, restated, closed, lost and found again, and two captures of one second."""
    return [
        (save(folder, f"{number}.txt", page), time) for number, (time, page) in enumerate(HISTORY)
    ]


@pytest.mark.proof
def test_six_files_in_any_order_give_identical_tables(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """Every 29th of the 720 orders: 25, with each file first, last, and before each other."""
    orders = list(permutations(saved_history(tmp_path)))[::29]
    seen = ingest_in_orders(mptf, home, orders)
    assert len(seen) == 25
    assert all(tables == seen[0] for tables in seen)
    assert len(seen[0]["core.expenditure_snapshot"]) == 6


def test_one_unchanged_page_is_interim_and_then_year_end(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    page = save(tmp_path, "page.txt", factsheet(figures={("FAO", 2015): "812,345"}))
    times = ["2015-12-01T12:00:00Z", "2016-04-30T23:59:59Z", "2016-05-01T00:00:00Z"]
    for number, order in enumerate((times, times[::-1], [*times[1:], times[0]])):
        other = home.with_name(f"home{number}")
        for time in order:
            assert mptf("--home", other, "ingest", page, "--captured-at", time).exit_code == 0
        rows = ask(
            other / "warehouse.duckdb",
            "SELECT fiscal_year, basis, known_from::VARCHAR, last_seen::VARCHAR, expenditure_usd"
            " FROM core.expenditure_snapshot ORDER BY known_from",
        )
        assert [tuple(map(str, row)) for row in rows] == [
            ("2015", "interim", "2015-12-01 12:00:00", "2016-04-30 23:59:59", "812345.00"),
            ("2015", "year_end", "2016-05-01 00:00:00", "2016-05-01 00:00:00", "812345.00"),
        ]


WHOLE_PAGES = {
    "empty_body": b"",
    "not_text": bytes(range(256)) * 4,
    "not_a_gateway_page": b"<html><body><h1>Shop</h1><p>Buy things</p></body></html>",
    "maintenance_page": b"<html><body><h1>Down for maintenance</h1></body></html>",
    "login_page": b"<html><body><form>Please sign in</form></body></html>",
    "programme_id_missing": factsheet("").encode(),
    "subject_unknown": b"<html><body><h1>Trust Fund Factsheet</h1></body></html>",
}


def test_what_is_no_factsheet_is_quarantined_whole(tmp_path: Path, mptf: Mptf, home: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for rule, content in WHOLE_PAGES.items():
        (pages / f"{rule}.html").write_bytes(content)
    result = mptf("ingest", "-v", pages, "--captured-at", "2016-01-01")
    assert result.exit_code == 3
    said = dict(re.findall(r"([a-z_]+)\.html.* \[([a-z_]+)\]$", result.stderr, re.MULTILINE))
    assert said == {rule: rule for rule in WHOLE_PAGES}
    assert "captures 7, loaded 0, unchanged 0, quarantined 7, failed 0" in result.stderr
    assert not any(dump(home / "warehouse.duckdb").values())
    assert mptf("ingest", pages, "--captured-at", "2016-01-01").exit_code == 3


def test_random_bytes_are_quarantined_in_bounded_time(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    import random

    page = tmp_path / "page.html"
    page.write_bytes(random.Random(1).randbytes(10_000_000))  # noqa: S311 because nothing is secret
    assert mptf("ingest", page, "--captured-at", "2016-01-01").exit_code == 3
    assert ask(home / "warehouse.duckdb", "SELECT rule, row_text FROM meta.quarantine") == [
        ("not_text", "")
    ]


ROWS = {
    "amount": (
        factsheet(figures={("FAO", 2015): "1,23,456", ("UNICEF", 2015): "7"}),
        "FAO | 2015 | 1,000,000 | 1,23,456",
        {"core.programme": 1, "core.expenditure_snapshot": 2, "core.voucher": 1},
    ),
    "voucher_number_missing": (
        factsheet(figures={("FAO", 2015): "7"}, voucher=""),
        "3 Mar 2014 | FAO | 250,000.50",
        {"core.programme": 1, "core.expenditure_snapshot": 1, "core.voucher": 0},
    ),
}


@pytest.mark.parametrize("rule", ROWS)
def test_what_breaks_a_rule_is_set_aside_and_nothing_else_is(
    rule: str, tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """Of a row of figures the one measure, of a voucher the whole."""
    page, text, expected = ROWS[rule]
    result = mptf("ingest", save(tmp_path, "p.txt", page), "--captured-at", "2016-01-01")
    assert result.exit_code == 3
    assert f"[{rule}]" in result.stderr
    rows = ask(
        home / "warehouse.duckdb", "SELECT rule, row_text, parser_version FROM meta.quarantine"
    )
    assert [row[0] for row in rows] == [rule]
    assert text in str(rows[0][1])
    tables = dump(home / "warehouse.duckdb")
    assert {name: len(tables[name]) for name in expected} == expected


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ("31 Feb 2010", "unreadable_date"),
        ("TBD", "unreadable_date"),
        ("1 Jan 2012", "end_before_start"),
    ],
)
def test_the_totals_of_a_fund_do_not_fall_because_a_date_is_odd(
    end: str, kind: str, tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """The programme keeps its fund, and a finding quotes the date."""
    page = save(tmp_path, "p.txt", factsheet(end=end, figures={("FAO", 2015): "7"}))
    assert mptf("ingest", page, "--captured-at", "2016-01-01").exit_code == 0
    warehouse = home / "warehouse.duckdb"
    assert ask(warehouse, "SELECT fund_name, expenditure_usd FROM mart.fund_year") == [
        ("Coastal Resilience Fund", Decimal(7))
    ]
    found = ask(warehouse, "SELECT kind, detail FROM meta.finding")
    assert [end in str(detail) for found_kind, detail in found if found_kind == kind] == [True]


def test_a_page_that_contradicts_its_address_does_not_count(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    page = save(tmp_path, "p.txt", factsheet("00090001", figures={("FAO", 2015): "7"}))
    wrong = "https://mptf.undp.org/factsheet/project/00090002"
    result = mptf("ingest", page, "--captured-at", "2016-01-01", "--url", wrong)
    assert result.exit_code == 3
    assert "[programme_id_contradicts_address]" in result.stderr
    assert not any(dump(home / "warehouse.duckdb").values())
    right = "https://mptf.undp.org/factsheet/project/90001"
    assert mptf("ingest", page, "--captured-at", "2016-01-01", "--url", right).exit_code == 0
    assert len(rows_of(home / "warehouse.duckdb", "core.expenditure_snapshot")) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ingest", "no-such-file.html"], "does not exist"),
        (["ingest", ".", "--captured-at", "yesterday"], "is not a time such as"),
        (["ingest", ".", "--url", "https://x\n"], "invalid URL"),
        (["rebuild", "creative industries"], "is not a programme ID"),
        (["rebuild", "000671930"], "is not a programme ID"),
        (["sql"], "Missing argument"),
        (["no-such-command"], "No such command"),
    ],
)
@pytest.mark.usefixtures("no_home")
def test_wrong_usage_is_one_clear_error_and_exit_code_2(
    arguments: list[str], says: str, mptf: Mptf, home: Path
) -> None:
    result = mptf(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output
    assert not home.exists()


def test_a_file_that_is_larger_than_any_page_fails_by_name(
    tmp_path: Path, mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPTF_MAX_BODY_BYTES", "1000")
    result = mptf("ingest", save(tmp_path, "large.html", "x" * 1001))
    assert result.exit_code == 3
    assert "failed: large.html: larger than 1,000 bytes" in result.stderr
    assert "captures 1, loaded 0, unchanged 0, quarantined 0, failed 1" in result.stderr


def test_a_wrong_setting_is_named(mptf: Mptf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPTF_BATCH_CAPTURES", "none")
    result = mptf("status")
    assert result.exit_code == 2
    assert "MPTF_BATCH_CAPTURES" in result.stderr
