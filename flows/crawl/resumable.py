"""A sync in steps, each of which can be tried again, for whoever runs it step by step."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic

from extractors.fetch.clock import Clock
from flows.crawl.crawler import Progress
from flows.crawl.selection import Selection
from flows.pipeline.home import Home
from flows.pipeline.report import Report, report_of
from flows.pipeline.run import InterruptedRunError, Run, open_run, utc_now
from flows.sync import SyncSession, open_night


class ResumableSync:
    """One night's work. A step that fails closes its run, and the next one goes on in another.

    So whatever a step leaves behind when it fails, the next try finds what any run finds after a
    kill: pages in the archive, and a record of work that is not done. What the steps before had
    asked for it asks for again, which costs nothing where it is in the archive. `wait` is how long
    (seconds) another process may hold the home.
    """

    def __init__(
        self, home: Home, wanted: Selection, progress: Progress, *, wait: float, clock: Clock | None
    ) -> None:
        self._home = home
        self._wanted = wanted
        self._progress = progress
        self._wait = wait
        self._clock = clock
        self._begun = monotonic()
        self._open = ExitStack()
        self._found = False
        self._visited: list[str] = []
        self._under_way: tuple[Run, SyncSession] | None = None

    def find(self) -> list[str]:
        """Read the lists and the funds' pages: the programmes that are due.

        Raises:
            HomeBusyError, SiteClosedError, SettingsError, BadBaseError: it could not begin.
            InterruptedRunError: the run was asked to stop.
        """
        with self._step() as (_, night):
            night.discover()
            due = night.due()
        self._found = True
        return due

    def visit(self, programme_ids: Sequence[str]) -> None:
        """Ask for some programmes' pages, and load them.

        Raises:
            As `find`.
        """
        with self._step() as (_, night):
            night.visit(programme_ids, last=False)
        self._visited += programme_ids

    def end(self) -> Report:
        """Ask once more for what failed, and say what came of all of it.

        Raises:
            As `find`.
        """
        with self._step() as (run, night):
            night.visit([], last=True)
            night.assess()
            report = report_of(run, monotonic() - self._begun, night.run_ids)
        self._under_way = None
        self._open.close()
        return report

    def abandon(self) -> None:
        """Close the run under way, if there is one, as one that did not come to its end."""
        error = sys.exc_info()[1] or InterruptedRunError()
        self._under_way = None
        with suppress(InterruptedRunError):
            self._open.__exit__(type(error), error, error.__traceback__)

    @contextmanager
    def _step(self) -> Iterator[tuple[Run, SyncSession]]:
        try:
            if self._under_way is None:
                self._begin()
            assert self._under_way is not None  # noqa: S101 because _begin has just set it
            yield self._under_way
        except BaseException as error:
            asked_to_stop = self._under_way is not None and self._under_way[0].stop.asked
            self.abandon()
            if asked_to_stop:  # whatever it is that a second signal broke off
                raise InterruptedRunError from error
            raise

    def _begin(self) -> None:
        run = self._open.enter_context(
            open_run(self._home, self._wanted.command, utc_now(), wait=self._wait)
        )
        night = self._open.enter_context(open_night(run, self._wanted, self._clock, self._progress))
        if self._found:
            night.discover()
        if self._visited:
            night.visit(self._visited, last=False)
        self._under_way = run, night


@contextmanager
def steps(
    home: Home,
    wanted: Selection,
    progress: Progress,
    *,
    wait: float = 0,
    clock: Clock | None = None,
) -> Iterator[ResumableSync]:
    """One night's work, to be done step by step; however the block ends, its run is closed."""
    work = ResumableSync(home, wanted, progress, wait=wait, clock=clock)
    try:
        yield work
    finally:
        work.abandon()
