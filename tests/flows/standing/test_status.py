"""`mptf status`: whether anything needs a person, at a glance and for monitoring."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from extractors.times import utc_now
from flows.layout import WIDTH
from flows.pipeline.home import Home
from flows.settings import Settings
from flows.standing.health import Facts, Limits, Verdict, ago, reasons_of, verdict_of
from tests.command import COMMAND, Mptf
from tests.flows.pages import ROOT, factsheet, save
from tests.processes import PATIENCE
from warehouse import runs
from warehouse.connection import Connection, open_writer
from warehouse.status import News

NOW = datetime(2026, 5, 20, 8)  # noqa: DTZ001 because every time here is naive UTC
LIMITS = Limits(expect_every_hours=36, look_days=7, fail_above=0.25)
NO_NEWS = News((0, 0), 0, 0, 0, None)


def a_run(kind: str = "sync", outcome: str = "done", hours: float = 6, **found: Any) -> Any:
    """A run that began some hours ago, as `meta.run` has it."""
    counts = {name: found.pop(name, 0) for name in runs.Counts._fields}
    return {
        "kind": kind, "command": kind, "run_id": "20260520T020000Z-00000000", "outcome": outcome,
        "started_at": NOW - timedelta(hours=hours), "incomplete_because": None, **counts, **found,
    }  # fmt: skip


def facts(*runs: Any, news: News = NO_NEWS, synced: float | None = 6, unseen: int = 0) -> Facts:
    synced_at = None if synced is None else NOW - timedelta(hours=synced)
    return Facts(runs or [a_run()], news, synced_at, unseen)


FAILED: dict[str, Any] = {"captures": 100, "loaded": 97, "failed": 3}
SHORT: dict[str, Any] = {"incomplete_because": "the list has 90 rows, after 100 the time before"}
RULES = {
    "a sync that is done is fine": (facts(), Verdict.OK),
    "a sync with nothing new is fine": (facts(a_run(captures=9, unchanged=9)), Verdict.OK),
    "a sync that failed": (facts(a_run(outcome="failed")), Verdict.FAILED),
    "a sync that was killed": (facts(a_run(outcome="running")), Verdict.FAILED),
    "a sync of which a third failed": (
        facts(a_run(outcome="incomplete", captures=9, loaded=6, failed=3)), Verdict.FAILED,
    ),
    "a sync that was stopped": (facts(a_run(outcome="interrupted")), Verdict.LOOK),
    "a sync that set too much aside": (
        facts(a_run(outcome="incomplete", captures=9, loaded=6, quarantined=3)), Verdict.FAILED,
    ),
    "new failures": (
        facts(a_run(outcome="incomplete", **FAILED), news=NO_NEWS._replace(failures=1)),
        Verdict.LOOK,
    ),
    "failures that the week before had": (
        facts(a_run(outcome="incomplete", **FAILED)), Verdict.OK,
    ),
    "a list that is shorter": (facts(a_run(outcome="incomplete", **SHORT)), Verdict.LOOK),
    "a list that was shorter the week before too, by another number": (
        facts(
            a_run(outcome="incomplete", **SHORT),
            news=NO_NEWS._replace(incomplete_before=SHORT["incomplete_because"].replace("90", "8")),
        ),
        Verdict.OK,
    ),
    "a sync that is overdue": (facts(synced=37), Verdict.OVERDUE),
    "a home without a sync": (facts(a_run("ingest", hours=9999), synced=None), Verdict.OK),
    "an ingest with a bad file": (
        facts(a_run(), a_run("ingest", "incomplete", captures=9, failed=1)), Verdict.LOOK,
    ),
    "an ingest with a bad file, long ago": (
        facts(a_run(), a_run("ingest", "incomplete", hours=200, captures=9, failed=1)), Verdict.OK,
    ),
    "a rebuild that was killed": (facts(a_run(), a_run("rebuild", "running")), Verdict.LOOK),
    "a capture that was not forgotten": (facts(a_run(), a_run("forget", "failed")), Verdict.OK),
    "a row set aside": (facts(news=NO_NEWS._replace(set_aside=(0, 1))), Verdict.LOOK),
    "a check that fails": (facts(news=NO_NEWS._replace(failed_checks=1)), Verdict.LOOK),
    "a new layout": (facts(news=NO_NEWS._replace(drifted=1)), Verdict.LOOK),
    "a year-end figure that nobody asked for": (facts(unseen=1), Verdict.LOOK),
    "a home without a sync is asked for none": (facts(synced=None, unseen=1), Verdict.OK),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_verdict(rule: str) -> None:
    found, expected = RULES[rule]
    reasons = reasons_of(found, LIMITS, NOW)
    assert verdict_of(reasons) == expected
    assert all(reason.command.startswith("mptf ") for reason in reasons)


def test_the_worst_comes_first() -> None:
    found = facts(a_run(outcome="failed"), news=NO_NEWS._replace(set_aside=(1, 0)), synced=99)
    verdicts = [reason.verdict for reason in reasons_of(found, LIMITS, NOW)]
    assert verdicts == [Verdict.FAILED, Verdict.OVERDUE, Verdict.LOOK]


def test_times_are_told_in_the_unit_that_fits() -> None:
    told = [ago(NOW - timedelta(minutes=minutes), NOW) for minutes in (0, 1, 90, 100, 2880, 4320)]
    assert told == [
        "0 minutes ago", "1 minute ago", "90 minutes ago", "2 hours ago", "48 hours ago",
        "3 days ago",
    ]  # fmt: skip


@contextmanager
def writing(home: Path) -> Iterator[Connection]:
    with closing(open_writer(home / "warehouse.duckdb")) as con:
        yield con


def add_run(con: Connection, hours: float, outcome: str, command: str, because: str = "") -> str:
    """Record a run that began some hours ago, and ended unless it was killed."""
    at = utc_now() - timedelta(hours=hours)
    run_id = f"{at:%Y%m%dT%H%M%SZ}-00000000"
    runs.begin_run(con, run_id, command, at)
    if outcome != "running":
        counts = runs.Counts(captures=10**9, loaded=10**9)
        runs.end_run(con, run_id, at, outcome, counts, [], because or None)
    return run_id


def test_a_home_is_judged_in_one_line_and_by_the_exit_code(mptf: Mptf, home: Path) -> None:
    with writing(home) as con:
        add_run(con, 40, "done", "sync")
    overdue = mptf("status", "--check")
    assert overdue.exit_code == 1
    assert overdue.stdout.startswith("OVERDUE: the last sync that was done ended at ")
    assert len(overdue.stdout.splitlines()) == 1
    with writing(home) as con:
        add_run(con, 30, "failed", "sync", "robots.txt could not be fetched")
    failed = mptf("status", "--check")
    assert failed.exit_code == 1
    assert "robots.txt could not be fetched" in failed.stdout
    with writing(home) as con:
        add_run(con, 2, "done", "sync")
    fine = mptf("status", "--check")
    assert fine.exit_code == 0
    assert fine.stdout.startswith("OK: the last sync ended at ")


def test_what_was_set_aside_needs_a_look_and_is_in_the_json(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    mptf("ingest", save(tmp_path, "shop.html", "<html>Shop</html>"))
    look = mptf("status", "--check")
    assert look.exit_code == 3
    assert look.stdout == "LOOK: 1 page was set aside in the last 7 days\n"
    told = json.loads(mptf("status", "--json").stdout)
    assert (told["verdict"], told["exit_code"]) == ("look", 3)
    assert told["line"] == look.stdout.strip()
    assert told["reasons"] == [
        {
            "verdict": "look", "text": "1 page was set aside in the last 7 days",
            "command": f"mptf --home {home} quarantine list",
        }
    ]  # fmt: skip
    printed = mptf("status").stdout
    assert printed.startswith(
        "LOOK: 1 thing needs a person\n  1 page was set aside in the last 7 days\n"
    )
    with writing(home) as con:
        con.execute("UPDATE raw.capture SET fetched_at = fetched_at - INTERVAL 8 DAY")
    assert mptf("status", "--check").exit_code == 0  # it is known by now


def test_a_killed_run_tells_who_finished_its_work(mptf: Mptf, home: Path) -> None:
    with writing(home) as con:
        add_run(con, 30, "running", "sync")
        told = "a list has fewer rows than it claims"
        run_id = add_run(con, 20, "incomplete", "sync", told)
        finished = datetime.strptime(run_id[:11], "%Y%m%dT%H")  # noqa: DTZ007 because every time here is naive UTC
        add_run(con, 10, "running", "sync --limit 8")
    printed = mptf("status").stdout
    assert f"killed; finished by the run of {finished:%Y-%m-%d %H}" in " ".join(printed.split())
    assert told in " ".join(printed.split())
    assert "FAILED: the sync of" in mptf("status", "--check").stdout  # nobody finished the last


def test_no_line_is_wider_than_80_columns(mptf: Mptf, home: Path, tmp_path: Path) -> None:
    long = "https://mptf.undp.org/" + "x" * 200
    page = factsheet("00090001", figures={(f"Agency {'of' * 50}", 2014): "7", ("FAO", 2014): "x"})
    mptf("ingest", save(tmp_path, "p.txt", page), "--captured-at", "2014-06-01", "--url", long)
    with writing(home) as con:
        add_run(con, 2, "incomplete", f"sync --base-url {long}", f"{long} lists 7 rows")
        add_run(con, 1, "running", f"backfill {'00067193 ' * 40}")
    lines = mptf("status").stdout.splitlines()
    assert len(lines) > 20
    assert max(map(len, lines)) <= WIDTH == 80
    assert any("xxxxx" in line for line in lines)


def test_a_home_that_is_written_to_is_fine_until_that_takes_too_long(home: Path) -> None:
    """Its file cannot be read while a run holds it, so the run is judged."""
    state = Home(Settings(home=home))
    for hours, code, word in ((1, 0, "OK: "), (40, 1, "OVERDUE: ")):
        since = utc_now() - timedelta(hours=hours)
        with state.writing("sync", since), writing(home):
            done = subprocess.run(
                [*COMMAND, "--home", home, "status", "--check"],
                capture_output=True, text=True, check=False, timeout=PATIENCE,
            )  # fmt: skip
        assert done.returncode == code
        assert done.stdout.startswith(f"{word}`mptf sync` has been running since {since:%F %H:%M}")


@pytest.mark.usefixtures("no_home")
def test_a_home_without_a_warehouse_has_failed(mptf: Mptf) -> None:
    done = mptf("status", "--check")
    assert done.exit_code == 1
    assert done.stdout.startswith("FAILED: there is no warehouse")


def test_it_starts_without_what_loads_pages(home: Path) -> None:
    heavy = ("polars", "pandera", "bs4", "numpy", "selectolax", "warcio", "prefect", "rich")
    program = (
        "import sys; from flows.cli.main import main\n"
        f"main(['--home', {str(home)!r}, 'status'], standalone_mode=False)\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stderr == "[]\n"


def test_the_documents_name_every_verdict_and_its_exit_code() -> None:
    text = (ROOT / "docs" / "operators.md").read_text()
    for verdict in Verdict:
        assert f"| `{verdict.upper()}` | {verdict.exit_code} |" in text
