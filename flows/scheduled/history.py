"""Scheduled work on the past: backfills, rebuilds, and the inbox of saved captures."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from time import monotonic

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger

from extractors.archive.inputs import CaptureOverrides
from flows import backfill as past
from flows.crawl.selection import BackfillSelection, Source
from flows.ingest import ingest
from flows.pipeline.home import Home
from flows.pipeline.report import Report, report_of
from flows.pipeline.run import Run, open_run, utc_now
from flows.rebuilding.rebuild import rebuild_all
from flows.rebuilding.reparse import rebuild_programmes
from flows.scheduled.homes import identity_for_this_run
from flows.scheduled.parameters import Day, ProgrammeId, ProgrammeIds
from flows.scheduled.reporting import Progress, ended, leave_report
from flows.scheduled.tasks import WAIT, home_slot, step
from flows.settings import settings


@flow(name="backfill", persist_result=False)
def backfill(
    programme_ids: ProgrammeIds,
    source: Source = "archive",
    since: Day = None,
    until: Day = None,
    home: Path | None = None,
    base_url: str | None = None,
) -> State[None]:
    """Load the history of some programmes: from the archive, a web archive, or the site as it is.

    `since` and `until` (both included) are for archives: the site shows only now.
    """
    selection = BackfillSelection(programme_ids, source, since, until, base_url)
    return _reported("backfill", home, lambda: backfill_programmes(home, selection))


@flow(name="rebuild", persist_result=False)
def rebuild(
    programme_ids: list[ProgrammeId] = [],  # noqa: B006 because Prefect shows it as the default, and nothing changes it
    reread: bool = False,
    accept_loss: bool = False,
    parts: str | None = None,
    home: Path | None = None,
) -> State[None]:
    """Build the warehouse again from the archive, offline: all of it, or some programmes.

    `parts` is where read-archive wrote its parts, if not to its default.
    """
    if programme_ids:
        return _reported("rebuild", home, lambda: rebuild_some(home, programme_ids, reread))
    return _reported("rebuild", home, lambda: rebuild_everything(home, reread, accept_loss, parts))


@flow(name="nightly-ingest", persist_result=False)
def nightly_ingest(home: Path | None = None) -> State[None]:
    """Archive and load every saved capture in the home's folder `inbox`."""
    return _reported("nightly-ingest", home, lambda: ingest_inbox(home))


@step("backfill programmes", hours=24)
def backfill_programmes(folder: Path | None, selection: BackfillSelection) -> Report:
    """Fetch and load the history of the selected programmes."""
    home = Home(settings(folder, **selection.settings))
    progress = Progress("backfill")

    def fetch(run: Run) -> None:
        past.backfill(run, selection, progress=progress)
        progress.end()

    return _report(open_run(home, selection.command, utc_now(), wait=WAIT), fetch)


@step("rebuild programmes", hours=24)
def rebuild_some(folder: Path | None, programme_ids: list[str], reread: bool) -> Report:
    """Derive the vintages of some programmes again."""
    return _report(
        open_run(Home(settings(folder)), "rebuild", utc_now(), wait=WAIT),
        lambda run: rebuild_programmes(run, programme_ids, reread=reread),
    )


@step("rebuild the warehouse", hours=24)
def rebuild_everything(
    folder: Path | None, reread: bool, accept_loss: bool, parts: str | None
) -> Report:
    """Build a new warehouse file and put it in the old one's place."""
    home, now = Home(settings(folder)), utc_now()
    building = rebuild_all(
        home, now, accept_loss=accept_loss, reread=reread, parts=parts, wait=WAIT,
        tell=lambda expected: get_run_logger().info("%s", expected),
        progress=Progress("rebuild", "bytes"),
    )  # fmt: skip
    return _report(building, lambda run: None)  # noqa: ARG005 because opening it builds it


@step("ingest the inbox", hours=24)
def ingest_inbox(folder: Path | None) -> Report:
    """Archive and load the files in the inbox."""
    home = Home(settings(folder))
    inbox = home.folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    return _report(
        open_run(home, "ingest", utc_now(), wait=WAIT),
        lambda run: ingest(run, [inbox], CaptureOverrides()),
    )


def _report(opened: AbstractContextManager[Run], work: Callable[[Run], None]) -> Report:
    started = monotonic()
    with opened as run:
        work(run)
        return report_of(run, monotonic() - started)


def _reported(name: str, folder: Path | None, task: Callable[[], Report]) -> State[None]:
    def work() -> State[None]:
        with home_slot(identity_for_this_run(Home(settings(folder)), folder)):
            return leave_report(name, task())

    return ended(work)
