"""The past again: backfills of programmes, and rebuilds from the archive."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from time import monotonic

from prefect import flow
from prefect.client.schemas.objects import State

from extractors.archive.inputs import CaptureOverrides
from flows import backfill as past
from flows.crawl.selection import BackfillSelection, Source
from flows.ingest import ingest
from flows.pipeline.home import Home
from flows.pipeline.report import Report, report_of
from flows.pipeline.run import Run, open_run, utc_now
from flows.rebuild import rebuild_all, rebuild_programmes
from flows.scheduled.parameters import Day, ProgrammeId, ProgrammeIds
from flows.scheduled.reporting import Progress, leave_report, stoppable
from flows.scheduled.tasks import WAIT, step
from flows.settings import settings


@step("take in", hours=24)
def take(opened: Callable[[], AbstractContextManager[Run]], work: Callable[[Run], None]) -> Report:
    """One run, whole; again, it goes on where it was."""
    begun = monotonic()
    with opened() as run:
        work(run)
        return report_of(run, monotonic() - begun)


def _taken(
    what: str, opened: Callable[[], AbstractContextManager[Run]], work: Callable[[Run], None]
) -> State[None]:
    return stoppable(lambda: leave_report(what, take(opened, work)))


@flow(name="backfill", persist_result=False)
def backfill(
    programme_ids: ProgrammeIds,
    source: Source = "archive",
    since: Day = None,
    until: Day = None,
    home: Path | None = None,
    base_url: str | None = None,
) -> State[None]:
    """The history of some programmes again: from the archive, a web archive, or the site as it is.

    `since` and `until` (both included) are for archives: the site shows only now.
    """
    wanted = BackfillSelection(programme_ids, source, since, until, base_url)
    here = Home(settings(home, **wanted.settings))
    progress = Progress("backfill")

    def fetch(run: Run) -> None:
        past.backfill(run, wanted, progress=progress)
        progress.end()

    return _taken("backfill", lambda: open_run(here, wanted.command, utc_now(), wait=WAIT), fetch)


@flow(name="rebuild", persist_result=False)
def rebuild(
    programme_ids: list[ProgrammeId] = [],  # noqa: B006 because Prefect shows it as the default, and nothing changes it
    reread: bool = False,
    accept_loss: bool = False,
    home: Path | None = None,
) -> State[None]:
    """The warehouse again from the archive, offline: all of it, or some programmes."""
    here = Home(settings(home))
    if programme_ids:
        return _taken(
            "rebuild",
            lambda: open_run(here, "rebuild", utc_now(), wait=WAIT),
            lambda run: rebuild_programmes(run, programme_ids, reread=reread),
        )
    return _taken(
        "rebuild",
        lambda: rebuild_all(here, utc_now(), accept_loss=accept_loss, reread=reread, wait=WAIT),
        lambda run: None,  # noqa: ARG005 because it is built when it is there
    )


@flow(name="nightly-ingest", persist_result=False)
def nightly_ingest(home: Path | None = None) -> State[None]:
    """Archive and load every saved capture in the home's folder `inbox`."""
    here = Home(settings(home))
    inbox = here.folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    return _taken(
        "nightly-ingest",
        lambda: open_run(here, "ingest", utc_now(), wait=WAIT),
        lambda run: ingest(run, [inbox], CaptureOverrides()),
    )
