"""A sync step by step, as the schedule runs it: what a step that fails leaves is gone on with."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.crawl.resumable import ResumableSync, open_resumable_sync
from flows.crawl.selection import Selection
from flows.pipeline.home import Home
from flows.pipeline.outcome import DONE, INCOMPLETE, NOT_DONE
from flows.pipeline.progress import Progress
from flows.pipeline.report import Report
from flows.pipeline.run import utc_now
from flows.places import HomeBusyError
from flows.scheduled.visits import done_since
from replica.server.serving import Running
from tests.flows.nights import SiteTime, home_for, night
from tests.flows.tables import ask, rows_of
from tests.stand_in import Replica

EVERYTHING = Selection(everything=True)


def _nobody(done: int, of: int) -> None:
    """Nobody looks."""


def _in_steps(
    home: Home, running: Running, progress: Progress = _nobody, *, tries: int = 1
) -> tuple[Report, int]:
    """A night in steps of three programmes, each tried so often; and how many of them failed."""
    failed = 0

    def tried(step: object, *given: object) -> object:
        nonlocal failed
        for left in reversed(range(tries)):
            try:
                return step(*given)  # type: ignore[operator]  # it is a step
            except RuntimeError:
                failed += 1
                if not left:
                    raise
        raise AssertionError

    with open_resumable_sync(home, EVERYTHING, progress, clock=SiteTime(running)) as work:
        due = tried(work.find)
        assert isinstance(due, list)
        for start in range(0, len(due), 3):
            tried(work.visit, due[start : start + 3])
        report = tried(work.end)
        assert isinstance(report, Report)
    return report, failed


@pytest.mark.parametrize("faults", [(), ("reset=0.1", "503=0.1")])
def test_a_night_in_steps_is_a_night_in_one_go(
    faults: tuple[str, ...], replica: Replica, tmp_path: Path
) -> None:
    """What fails again and again is asked once more at the very end, as ever."""
    _, running = replica(programmes=14, faults=faults)
    home = home_for(tmp_path / "steps", running)
    report, _ = _in_steps(home, running)
    assert report.counts.captures == report.counts.loaded + report.counts.failed
    if not faults:
        other = home_for(tmp_path / "one", running)
        night(other, running)
        assert _without_times(home) == _without_times(other)
        assert report.outcome == (DONE, "")


def _without_times(home: Home) -> list[tuple[object, ...]]:
    return ask(
        home.warehouse,
        "SELECT programme_id, organization, fiscal_year, basis, expenditure_usd, transfers_usd"
        " FROM core.expenditure_snapshot ORDER BY ALL",
    )


def test_a_step_that_fails_is_tried_again_in_a_run_that_goes_on_with_its_work(
    replica: Replica, tmp_path: Path
) -> None:
    """No page is asked for again, and all is there in the end."""
    _, running = replica(programmes=14)
    home = home_for(tmp_path / "home", running)
    calls = 0

    def fails_twice(done: int, of: int) -> None:
        nonlocal calls
        calls += 1
        if calls in {4, 15}:
            raise RuntimeError("out of luck")

    report, failed = _in_steps(home, running, fails_twice, tries=2)
    assert failed == 2
    outcomes = ask(home.warehouse, "SELECT outcome FROM meta.run ORDER BY started_at, run_id")
    assert sorted(str(outcome) for (outcome,) in outcomes) == ["done", "failed", "failed"]
    other = home_for(tmp_path / "other", running)
    before = len(running.log())
    night(other, running)
    assert _without_times(home) == _without_times(other)
    asked = [e.target for e in running.log()[:before] if e.target != "/robots.txt"]
    assert len(asked) - len(set(asked)) <= 2
    programmes = ask(home.warehouse, "SELECT count(DISTINCT programme_id) FROM core.programme")
    assert report.change_count("new programmes") == programmes[0][0]
    captures = ask(home.warehouse, "SELECT count(*) FROM raw.capture")
    assert report.counts.captures == report.counts.loaded == captures[0][0]


def test_what_an_earlier_step_put_off_is_asked_for_after_a_later_one_failed(
    replica: Replica, tmp_path: Path
) -> None:
    """And is a failure of the run that ends, if it fails once more."""
    world, running = replica(programmes=14, faults=("503=1@/*project/*1",))
    home = home_for(tmp_path / "home", running, longest_wait=0)
    with open_resumable_sync(home, EVERYTHING, _nobody, clock=SiteTime(running)) as work:
        due = work.find()
        broken = [key for key in due if key.endswith("1")]
        assert broken
        work.visit(due)
        with pytest.raises(ZeroDivisionError), work._step():
            _ = 1 / 0
        report = work.end()
    assert report.outcome.ending is INCOMPLETE
    assert report.counts.failed >= len(broken)
    assert world


def test_what_is_current_at_the_end_of_a_step_goes_on_in_the_next(
    replica: Replica, tmp_path: Path
) -> None:
    """The site is not left idle between two steps; in the end all that was asked for is there."""
    _, running = replica(programmes=14)
    home = home_for(tmp_path / "home", running, shortest_delay=0, target_concurrency=4)
    left: list[int] = []
    with open_resumable_sync(home, EVERYTHING, _nobody) as work:
        due = work.find()
        for key in due:
            work.visit([key])
            assert work._current is not None
            left.append(len(work._current[1]._crawler._in_flight))
        report = work.end()
    assert max(left) > 0
    assert report.outcome == (DONE, "")
    visited = ask(home.warehouse, "SELECT count(DISTINCT programme_id) FROM core.programme")
    assert visited == [(len(due),)]


def test_what_came_before_the_site_was_given_up_is_loaded(replica: Replica, tmp_path: Path) -> None:
    """In the run that gave it up: it says what it brought, and what it could not."""
    _, running = replica(programmes=14)
    home = home_for(tmp_path / "home", running, give_up_after=3)
    with open_resumable_sync(home, EVERYTHING, _nobody, clock=SiteTime(running)) as work:
        due = work.find()
        work.visit(due[:4])
        running.set_faults(("503=1",))
        work.visit(due[4:])
        report = work.end()
    assert report.outcome.ending is NOT_DONE
    assert "3 requests failed in a row" in report.outcome.reason
    factsheets = "SELECT count(*) FROM meta.failure WHERE subject NOT LIKE '%?%'"
    assert ask(home.warehouse, factsheets) == [(len(due) - 4,)]
    assert report.counts.loaded == report.counts.captures - report.counts.failed
    shown = ask(home.warehouse, "SELECT count(DISTINCT programme_id) FROM core.programme")
    assert shown == [(4,)]


def test_whoever_is_not_asked_in_a_later_step_either_is_named(
    replica: Replica, tmp_path: Path
) -> None:
    """The site was given up before that step began."""
    _, running = replica(programmes=24)
    home = home_for(tmp_path / "home", running, give_up_after=3)
    with open_resumable_sync(home, EVERYTHING, _nobody, clock=SiteTime(running)) as work:
        due = work.find()
        running.set_faults(("503=1",))
        work.visit(due[:8])
        asked = len(running.log())
        work.visit(due[8:])
        report = work.end()
    assert len(running.log()) == asked
    assert report.counts.failed == len(due)
    rows = ask(home.warehouse, "SELECT programme_id, kind FROM meta.failure")
    kinds = {str(key): kind for key, kind in rows}
    assert {kinds[key] for key in due[8:]} == {"not_asked"}


@pytest.mark.parametrize(("error", "outcome"), [(RuntimeError, "failed"), (None, "interrupted")])
def test_a_night_that_is_left_between_two_steps_is_not_done(
    error: type[Exception] | None, outcome: str, replica: Replica, tmp_path: Path
) -> None:
    _, running = replica(programmes=12)
    home = home_for(tmp_path / "home", running)
    try:
        with open_resumable_sync(home, EVERYTHING, _nobody, clock=SiteTime(running)) as work:
            work.find()
            if error:
                raise error
    except RuntimeError:
        pass
    assert ask(home.warehouse, "SELECT outcome FROM meta.run") == [(outcome,)]
    assert done_since(home, EVERYTHING.command, datetime(2016, 1, 1), wait=0) is None  # noqa: DTZ001 because every time here is naive UTC


def test_a_report_says_what_changed(replica: Replica, tmp_path: Path) -> None:
    """Against the views: programmes that are new, years that became final, restatements."""
    _, running = replica(programmes=60, seed=3, now=datetime(2019, 12, 20, 3, 7))  # noqa: DTZ001 because every time here is naive UTC
    home = home_for(tmp_path / "home", running)
    first, _ = _in_steps(home, running)
    running.move_to(datetime(2020, 5, 6, 3, 7))  # noqa: DTZ001 because every time here is naive UTC
    second, _ = _in_steps(home, running)
    known = "SELECT count(DISTINCT programme_id) FROM core.programme"
    all_known = ask(home.warehouse, known)[0][0]
    assert first.change_count("new programmes") + second.change_count("new programmes") == all_known
    assert second.covered["programmes"] == all_known
    assert not first.change_count("restatements")
    listed = ask(
        home.warehouse,
        "SELECT programme_id, organization, fiscal_year, measure, old_value, new_value"
        " FROM mart.restatement",
    )
    assert second.change_count("restatements") == len(listed) > 0
    changes = {change.name: change for change in second.changes}
    assert set(changes["restatements"].rows) <= set(listed)
    final = ask(
        home.warehouse,
        "SELECT fiscal_year, count(DISTINCT programme_id), count(*), sum(expenditure_usd)"
        " FROM (SELECT fiscal_year, programme_id, basis, expenditure_usd, known_from,"
        "   lag(basis) OVER (PARTITION BY programme_id, organization, fiscal_year"
        "     ORDER BY known_from) AS before FROM core.expenditure_snapshot)"
        " WHERE before = 'interim' AND basis = 'year_end' AND known_from > '2020-05-01'"
        " GROUP BY fiscal_year ORDER BY fiscal_year",
    )
    assert changes["years become final"].rows == final
    assert 2019 in {row[0] for row in final}


def test_nothing_changed_leaves_nothing_to_report(replica: Replica, tmp_path: Path) -> None:
    _, running = replica(programmes=12)
    home = home_for(tmp_path / "home", running)
    _in_steps(home, running)
    before = rows_of(home.warehouse, "core.programme")
    report, _ = _in_steps(home, running)
    assert report.changes == []
    assert report.counts.loaded == 0
    assert rows_of(home.warehouse, "core.programme") == before


def test_a_late_run_learns_that_its_work_is_done(replica: Replica, tmp_path: Path) -> None:
    """By a run of the same command that began at its time or later, and came to its end."""
    _, running = replica(programmes=12)
    home = home_for(tmp_path / "home", running)
    scheduled = datetime(2016, 4, 20, 2, 15)  # noqa: DTZ001 because every time here is naive UTC
    assert done_since(home, EVERYTHING.command, scheduled, wait=0) is None
    holder = json.loads((home.folder / "writer.lock").read_text())
    assert holder["command"] == "sync --all"  # as who finds the home held is told
    night(home, running)
    assert done_since(home, EVERYTHING.command, scheduled, wait=0) is not None
    assert done_since(home, Selection().command, scheduled, wait=0) is None
    tomorrow = datetime(2016, 4, 21, 2, 15)  # noqa: DTZ001 because every time here is naive UTC
    assert done_since(home, EVERYTHING.command, tomorrow, wait=0) is None


def test_a_clock_that_was_ahead_keeps_no_later_night_from_its_work(
    replica: Replica, tmp_path: Path
) -> None:
    """Neither a run that ended in a time to come, nor one that did not end there."""
    _, running = replica(programmes=12)
    home = home_for(tmp_path / "home", running)
    night(home, running, started_at=utc_now() + timedelta(days=400))
    assert done_since(home, EVERYTHING.command, utc_now() - timedelta(days=1), wait=0) is None
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("UPDATE meta.run SET outcome = 'running'")
    for _ in range(2):
        running.move_to(running.now + timedelta(days=1))
        counts, _ = night(home, running)
        assert counts.captures > 12


def test_a_home_that_is_held_is_waited_for_no_longer_than_said(
    replica: Replica, tmp_path: Path
) -> None:
    _, running = replica(programmes=12)
    home = home_for(tmp_path / "home", running)
    with (
        home.writing("another", running.now),
        pytest.raises(HomeBusyError, match="another"),
    ):
        ResumableSync(home, EVERYTHING, _nobody, wait=0.1, clock=None).find()
