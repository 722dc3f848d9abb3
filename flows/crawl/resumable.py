"""A sync in steps, each of which can be retried."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic

from extractors.fetch.clock import Clock
from flows.crawl.selection import Selection
from flows.crawl.session import SyncSession, open_session
from flows.pipeline.home import Home
from flows.pipeline.progress import Progress
from flows.pipeline.report import Report, report_of
from flows.pipeline.run import Run, open_run, utc_now
from flows.pipeline.stopping import InterruptedRunError


class ResumableSync:
    """One night's work in steps.

    A step that fails closes its run, and the next step continues the work in another run, as after
    a kill: it finds pages in the archive, and the record of work that is not done. What earlier
    steps had requested is requested again, which costs nothing where it is archived.
    """

    def __init__(
        self,
        home: Home,
        selection: Selection,
        progress: Progress,
        *,
        wait: float,
        clock: Clock | None,
    ) -> None:
        self._home = home
        self._selection = selection
        self._progress = progress
        self._wait = wait
        self._clock = clock
        self._started = monotonic()
        self._resources = ExitStack()
        self._discovered = False
        self._visited: list[str] = []
        self._current: tuple[Run, SyncSession] | None = None

    def find(self) -> list[str]:
        """Fetch the lists and the funds' pages, and return the programmes that are due.

        Raises:
            HomeBusyError, SiteClosedError, SettingsError, BadBaseError: the run could not start.
            InterruptedRunError: the run was asked to stop.
        """
        with self._step() as (_, session):
            session.discover()
            due = session.due()
        self._discovered = True
        return due

    def visit(self, programme_ids: Sequence[str]) -> None:
        """Fetch and load the pages of some programmes.

        Raises:
            HomeBusyError, SiteClosedError, SettingsError, BadBaseError: the run could not start.
            InterruptedRunError: the run was asked to stop.
        """
        with self._step() as (_, session):
            session.visit(programme_ids, last=False)
        self._visited += programme_ids

    def end(self) -> Report:
        """Retry what failed, close the run, and return the report of all its work.

        Raises:
            HomeBusyError, SiteClosedError, SettingsError, BadBaseError: the run could not start.
            InterruptedRunError: the run was asked to stop.
        """
        with self._step() as (run, session):
            session.visit([], last=True)
            session.assess()
            report = report_of(run, monotonic() - self._started, session.run_ids)
        self._current = None
        self._resources.close()
        return report

    def abandon(self) -> None:
        """Close the current run, if there is one, as one that was cut short."""
        error = sys.exc_info()[1] or InterruptedRunError()
        self._current = None
        with suppress(InterruptedRunError):
            self._resources.__exit__(type(error), error, error.__traceback__)

    @contextmanager
    def _step(self) -> Iterator[tuple[Run, SyncSession]]:
        try:
            if self._current is None:
                self._current = self._open()
            yield self._current
        except BaseException as error:
            stop = self._current[0].stop if self._current is not None else None
            self.abandon()
            if stop is not None and stop.received:  # whatever a second signal broke off
                raise stop.error() from error
            raise

    def _open(self) -> tuple[Run, SyncSession]:
        """Open a run, and bring it to where the steps before it were."""
        enter = self._resources.enter_context
        run = enter(open_run(self._home, self._selection.command, utc_now(), wait=self._wait))
        session = enter(open_session(run, self._selection, self._clock, self._progress))
        if self._discovered:
            session.discover()
        if self._visited:
            session.visit(self._visited, last=False)
        return run, session


@contextmanager
def open_resumable_sync(
    home: Home,
    selection: Selection,
    progress: Progress,
    *,
    wait: float = 0,
    clock: Clock | None = None,
) -> Iterator[ResumableSync]:
    """Open one night's work; however the block ends, its run is closed.

    Args:
        home: the home to write to.
        selection: what to visit.
        progress: told how far the visit is.
        wait: how long (seconds) another process may hold the home.
        clock: the clock that requests are paced by.
    """
    work = ResumableSync(home, selection, progress, wait=wait, clock=clock)
    try:
        yield work
    finally:
        work.abandon()
