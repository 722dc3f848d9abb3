"""Scheduled visits to the site: every night, after 30 April, and in full on demand."""

from datetime import date, datetime
from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.crawl.resumable import ResumableSync, open_resumable_sync
from flows.crawl.selection import Selection
from flows.lake import Shared, lake_of, share
from flows.pipeline.home import Home
from flows.pipeline.outcome import PASSED_OVER
from flows.pipeline.report import Report
from flows.pipeline.run import utc_now
from flows.publish import Published, is_behind, publish
from flows.scheduled.homes import identity_for_this_run
from flows.scheduled.parameters import FundCode, Limit, ProgrammeId
from flows.scheduled.reporting import Progress, as_of, ended, is_first_try, leave_report
from flows.scheduled.tasks import WAIT, home_slot, step
from flows.settings import settings
from warehouse import runs
from warehouse.connection import open_reader
from warehouse.errors import WarehouseMissingError


@step("find programmes", hours=12)
def find(work: ResumableSync) -> list[str]:
    """Fetch the lists and the funds' pages and return the programmes that are due."""
    return work.find()


@step("visit programmes", hours=12)
def visit(work: ResumableSync, programme_ids: list[str]) -> None:
    """Fetch and load the pages of one batch of programmes."""
    work.visit(programme_ids)


@step("ask once more", hours=12)
def end(work: ResumableSync) -> Report:
    """Retry failed requests a last time and return the report of the whole visit."""
    return work.end()


@step("publish", hours=12)
def release(folder: Path, base_url: str | None, day: date) -> Published:
    """Publish a release for analysts; its source is the site that was visited."""
    return publish(Home(settings(folder, base_url=base_url)), utc_now(), day, wait=WAIT)


@step("publish to the lake", hours=12)
def to_lake(folder: Path) -> list[Shared]:
    """Bring the releases that the lake has missed into it."""
    home = Home(settings(folder))
    lake = lake_of(home)
    return share(home, lake, utc_now(), wait=WAIT) if lake else []


@flow(name="nightly-sync", persist_result=False)
def nightly_sync(
    home: Path | None = None,
    base_url: str | None = None,
    funds: list[FundCode] = [],  # noqa: B006 because Prefect shows it as the default, and nothing changes it
    programmes: list[ProgrammeId] = [],  # noqa: B006 because Prefect shows it as the default, and nothing changes it
    limit: Limit = None,
) -> State[None]:
    """Find the programmes and funds, fetch pages that may have changed, and load them."""
    wanted = Selection(tuple(funds), tuple(programmes), limit, base_url=base_url)
    return _visited("nightly-sync", home, base_url, wanted)


@flow(name="weekly-check", persist_result=False)
def weekly_check(home: Path | None = None, base_url: str | None = None) -> State[None]:
    """Visit every programme, including closed ones and those that are not due."""
    return _visited("weekly-check", home, base_url, Selection(everything=True, base_url=base_url))


@flow(name="year-end-close", persist_result=False)
def year_end_close(home: Path | None = None, base_url: str | None = None) -> State[None]:
    """Visit programmes not seen since 30 April: figures seen unchanged after it are final."""
    return _visited("year-end-close", home, base_url, Selection(year_end=True, base_url=base_url))


def _visited(
    name: str, folder: Path | None, base_url: str | None, wanted: Selection
) -> State[None]:
    return ended(lambda: _visit_unless_done(name, folder, base_url, wanted))


def _visit_unless_done(
    name: str, folder: Path | None, base_url: str | None, wanted: Selection
) -> State[None]:
    home = Home(settings(folder, base_url=base_url))
    with home_slot(identity_for_this_run(home, folder)):
        done = done_since(home, wanted.command, as_of(), wait=WAIT) if is_first_try() else None
        if done:
            return Completed(name=PASSED_OVER.state, message=f"its work was done by {done} UTC")
        return _visit_in_batches(name, home, wanted)


def _visit_in_batches(name: str, home: Home, wanted: Selection) -> State[None]:
    progress = Progress(name)
    with open_resumable_sync(home, wanted, progress, wait=WAIT) as work:
        due = find(work)
        size = home.settings.visit_batch
        for start in range(0, len(due), size):
            batch = due[start : start + size]
            batch_name = f"visit programmes {start + 1} to {start + len(batch)} of {len(due)}"
            visit.with_options(task_run_name=batch_name)(work, batch)
        report = end(work)
        progress.end()
        state = leave_report(name, report)
        if home.settings.publish:
            if report.changes or is_behind(home, utc_now(), wait=WAIT):
                release(home.folder, home.settings.base_url, as_of().date())
            if lake_of(home):
                to_lake(home.folder)
        return state


def done_since(home: Home, command: str, scheduled: datetime, *, wait: float) -> datetime | None:
    """Return when a run of a command that began at or after a time ended; None if none did.

    A run that starts long after its scheduled time may find its work done.

    Raises:
        HomeBusyError: another process is writing to this home, and still is after `wait` seconds.
    """
    with home.writing(command, utc_now(), wait=wait, archive="none") as now:
        try:
            con = open_reader(home.warehouse)
        except WarehouseMissingError:
            return None
        try:
            return runs.ended_since(con, command, scheduled, now)
        finally:
            con.close()
