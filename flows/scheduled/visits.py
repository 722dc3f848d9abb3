"""Visits to the site: every night, every week in full, and once 30 April is past."""

from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.crawl.resumable import ResumableSync, open_resumable_sync
from flows.crawl.selection import Selection
from flows.late import done_since
from flows.pipeline.home import Home
from flows.pipeline.report import Report
from flows.pipeline.run import utc_now
from flows.publish import Published, publish
from flows.releases import newest_file
from flows.scheduled.parameters import FundCode, Limit, ProgrammeId
from flows.scheduled.reporting import Progress, as_of, is_first_try, leave_report, stoppable
from flows.scheduled.tasks import WAIT, step
from flows.settings import settings


@step("find programmes", hours=12)
def find(work: ResumableSync) -> list[str]:
    """The lists and the funds' pages: which programmes are due."""
    return work.find()


@step("visit programmes", hours=12)
def visit(work: ResumableSync, programme_ids: list[str]) -> None:
    """A few hundred programmes' pages."""
    work.visit(programme_ids)


@step("ask once more", hours=12)
def end(work: ResumableSync) -> Report:
    """What failed, a last time; then what came of all."""
    return work.end()


@step("publish", hours=12)
def release(home: Home) -> Published:
    """What analysts read."""
    return publish(home, utc_now(), as_of().date(), wait=WAIT)


@flow(name="nightly-sync", persist_result=False)
def nightly_sync(
    home: Path | None = None,
    base_url: str | None = None,
    funds: list[FundCode] = [],  # noqa: B006 because Prefect shows it as the default, and nothing changes it
    programmes: list[ProgrammeId] = [],  # noqa: B006 because Prefect shows it as the default, and nothing changes it
    limit: Limit = None,
) -> State[None]:
    """Find the programmes and funds, fetch what may have changed, load it."""
    wanted = Selection(tuple(funds), tuple(programmes), limit, base_url=base_url)
    return _visited("nightly-sync", home, base_url, wanted)


@flow(name="weekly-check", persist_result=False)
def weekly_check(home: Path | None = None, base_url: str | None = None) -> State[None]:
    """The same for every programme, closed ones too, due or not."""
    return _visited("weekly-check", home, base_url, Selection(everything=True, base_url=base_url))


@flow(name="year-end-close", persist_result=False)
def year_end_close(home: Path | None = None, base_url: str | None = None) -> State[None]:
    """Every programme not seen since 30 April: what is seen unchanged after it has become final."""
    return _visited("year-end-close", home, base_url, Selection(year_end=True, base_url=base_url))


def _visited(
    what: str, folder: Path | None, base_url: str | None, wanted: Selection
) -> State[None]:
    home = Home(settings(folder, base_url=base_url))
    ended = done_since(home, wanted.command, as_of(), wait=WAIT) if is_first_try() else None
    if ended:
        return Completed(name="PassedOver", message=f"its work was done by {ended} UTC")
    return stoppable(lambda: _in_steps(what, home, wanted))


def _in_steps(what: str, home: Home, wanted: Selection) -> State[None]:
    progress = Progress(what)
    with open_resumable_sync(home, wanted, progress, wait=WAIT) as work:
        due = find(work)
        size = home.settings.visit_batch
        for start in range(0, len(due), size):
            batch = due[start : start + size]
            name = f"visit programmes {start + 1} to {start + len(batch)} of {len(due)}"
            visit.with_options(task_run_name=name)(work, batch)
        report = end(work)
        progress.end()
        state = leave_report(what, report)
        new = report.counts.loaded or report.changes or newest_file(home.releases) is None
        if new and home.settings.publish:
            release(home)
        return state
