"""One night's work: find the programmes and funds, fetch what may have changed, load it."""

from extractors.fetch.clock import Clock
from flows.crawl.selection import Selection
from flows.crawl.session import open_session
from flows.pipeline.progress import Progress, no_progress
from flows.pipeline.run import Run


def sync(
    run: Run, selection: Selection, clock: Clock | None = None, progress: Progress = no_progress
) -> None:
    """Visit the site once.

    Raises:
        SiteClosedError, SettingsError, BadBaseError: as `open_session`.
        InterruptedRunError: the run was asked to stop; the same command continues it.
    """
    with open_session(run, selection, clock, progress) as session:
        session.discover()
        session.visit(session.due())
    session.assess()
