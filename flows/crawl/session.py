"""One visit to the site, step by step: discover what is there, visit what is due, assess it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from extractors.fetch.clock import Clock, RealClock
from extractors.fetch.gateway import CachedCopy, Site, usable_last_modified
from extractors.ids import fund_code_of, programme_id_of
from flows.crawl.crawler import Crawler, Progress, no_progress
from flows.crawl.selection import Selection, is_selected
from flows.crawl.site import open_gateway, request_threads
from flows.pipeline.intake import Intake
from flows.pipeline.loader import catch_up
from flows.pipeline.run import Run
from flows.pipeline.workers import parsing_in_workers
from flows.settings import Settings
from warehouse import ledger, visits
from warehouse.visits import KnownSubject, Unfinished


@dataclass
class _Work:
    """The runs that did one night's work, first to last, and the pages that they captured."""

    run_ids: list[str]
    captured: dict[str, str] = field(default_factory=dict)  # body by URL


class SyncSession:
    """One visit to the site, step by step."""

    def __init__(
        self,
        run: Run,
        selection: Selection,
        crawler: Crawler,
        site: Site,
        now: datetime,
        work: _Work,
    ) -> None:
        self._run = run
        self._selection = selection
        self._crawler = crawler
        self._site = site
        self._now = now
        self._work = work

    @property
    def run_ids(self) -> list[str]:
        """Return the runs of this night's work: the first one, and those that continued it."""
        return list(dict.fromkeys([*self._work.run_ids, self._run.run_id]))

    def discover(self) -> None:
        """Fetch the lists and the funds' pages, which say what programmes there are."""
        settings, site, funds = self._run.home.settings, self._site, self._selection.funds
        if self._selection.programmes:
            return
        if not funds:
            self._crawler.crawl((site.known_as + path,) for path in settings.list_paths)
        if self._crawler.gave_up:
            return
        known = {fund.key: fund for fund in visits.known_funds(self._run.con)}
        self._crawler.crawl(
            _fund_urls(site, settings, code, known.get(code)) for code in funds or known
        )

    def due(self) -> list[str]:
        """Return the programmes to visit, those seen longest ago first.

        Those that this work has visited already come before them, since the rest of their pages
        may be missing; they count towards the limit.
        """
        if self._crawler.gave_up:
            return []
        run, selection = self._run, self._selection
        if selection.programmes:
            return list(selection.programmes[: selection.limit])
        visited = {programme_id_of(url) for url in self._work.captured}
        closed_days = run.home.settings.closed_days
        keys = [
            key
            for key, programme in self._known.items()
            if (not selection.funds or programme.fund_code in selection.funds)
            and (
                selection.funds
                or key in visited
                or is_selected(programme, selection, self._now, closed_days)
            )
        ]
        keys.sort(key=lambda key: key not in visited)
        run.log.notes.append(f"programmes known {len(self._known)}, to be visited {len(keys)}")
        return keys[: selection.limit]

    @cached_property
    def _known(self) -> dict[str, KnownSubject]:
        return {programme.key: programme for programme in visits.known_programmes(self._run.con)}

    def visit(self, programme_ids: Sequence[str], *, last: bool = True) -> None:
        """Fetch and load programmes' pages.

        Unless it is the last call, requests under way at its end go on; the last one also retries
        what failed before.

        Raises:
            InterruptedRunError: the run was asked to stop.
        """
        settings = self._run.home.settings
        self._crawler.crawl(
            (
                _programme_urls(self._site, settings, key, self._known.get(key))
                for key in programme_ids
            ),
            last=last,
        )

    def assess(self) -> None:
        """Record, by name, what ended early or shrank too much for the visit to be complete."""
        if not self._selection.programmes:
            _assess(self._run, self.run_ids)


@contextmanager
def open_session(
    run: Run,
    selection: Selection,
    clock: Clock | None = None,
    progress: Progress = no_progress,
) -> Iterator[SyncSession]:
    """Read the site's robots.txt, and continue the work of an earlier run that was cut short.

    Raises:
        SiteClosedError: robots.txt cannot be fetched, so nothing was requested.
        SettingsError: the site is not on this machine, and no contact or no pace is set.
        BadBaseError: the base URL is invalid.
    """
    settings = run.home.settings
    unfinished = _continue_unfinished(run, selection)  # first, so that the next run does so, too
    catch_up(run)
    clock = clock or RealClock(lambda: run.stop.received)
    with (
        open_gateway(settings, clock) as gateway,
        parsing_in_workers(run, settings.processes or 0) as parsing_run,
        closing(Intake(parsing_run, follows_links=True)) as intake,
    ):
        try:
            now = gateway.read_robots()
        finally:
            intake.archive_non_captures(gateway.pop_non_captures())
        work = _work_of(run, unfinished)
        with ThreadPoolExecutor(request_threads(settings)) as pool:
            crawler = Crawler(
                run, gateway, pool, intake, clock,
                copy_of=_copies(run, settings, now.date()), captured=work.captured,
                progress=progress,
            )  # fmt: skip
            try:
                yield SyncSession(run, selection, crawler, gateway.site, now, work)
            except BaseException:
                gateway.abort()  # else the pool would wait for every response under way
                raise


def _continue_unfinished(run: Run, selection: Selection) -> Unfinished | None:
    """Mark this run as the continuation of one that was cut short, if there is one."""
    if selection.fresh:
        return None
    oldest = run.started_at - timedelta(hours=run.home.settings.resume_hours)
    unfinished = visits.unfinished_run(run.con, run.run_id, oldest)
    if unfinished is not None:
        ledger.resume_run(run.con, run.run_id, unfinished.run_id)
    return unfinished


def _work_of(run: Run, unfinished: Unfinished | None) -> _Work:
    """Return this run's work: new, or that of an earlier run with what it captured."""
    if unfinished is None:
        return _Work([run.run_id])
    run_ids = [*visits.runs_of(run.con, unfinished.run_id)]
    captured = visits.captured_since(run.con, run_ids)
    run.log.notes.append(
        f"going on with the work of {unfinished.began_at:%Y-%m-%d %H:%M}:"
        f" {len(captured)} pages are there already"
    )
    return _Work(run_ids, captured)


def _copies(run: Run, settings: Settings, today: date) -> Callable[[str], CachedCopy | None]:
    """Return a function that finds the copy which makes a request conditional.

    One request in `check_every` is sent without conditions, to find servers whose validators lie.
    """
    of_url = {
        copy.url: CachedCopy(
            copy.etag,
            usable_last_modified(copy.last_modified, copy.captured_at),
            copy.body_sha256,
            copy.body_bytes,
        )
        for copy in visits.copies(run.con)
    }

    def copy_of(url: str) -> CachedCopy | None:
        copy = of_url.get(url)
        if copy is None or not (copy.etag or copy.last_modified):
            return None
        digest = hashlib.sha256(f"{url}\n{today.toordinal()}".encode()).digest()
        return None if int.from_bytes(digest[:8]) % settings.check_every == 0 else copy

    return copy_of


def _programme_urls(
    site: Site, settings: Settings, programme_id: str, known: KnownSubject | None
) -> tuple[str, ...]:
    paths = [path.format(programme_id=programme_id) for path in settings.programme_paths]
    return _urls(site, known, lambda url: programme_id_of(url) == programme_id, paths)


def _fund_urls(
    site: Site, settings: Settings, code: str, known: KnownSubject | None
) -> tuple[str, ...]:
    names = {"fund_code": code, "fund_code_lower": code.lower()}
    paths = [path.format(**names) for path in settings.fund_paths]
    return _urls(site, known, lambda url: fund_code_of(url) == code, paths)


def _urls(
    site: Site,
    known: KnownSubject | None,
    belongs: Callable[[str], bool],
    default_paths: Iterable[str],
) -> tuple[str, ...]:
    """Return where a page is: as listed last, else as seen last, else at the default paths."""
    if known is not None and known.address is not None and known.page is not None:
        listed = site.join(known.page, known.address)
        if listed is not None and belongs(listed):
            return (listed,)
    if known is not None and known.seen_url and site.allows(site.request_url(known.seen_url)):
        return (known.seen_url.partition("?")[0],)
    return tuple(site.known_as + path for path in default_paths)


def _assess(run: Run, run_ids: Sequence[str]) -> None:
    kept = 1 - run.home.settings.largest_drop
    incomplete = run.log.incomplete
    for seen in visits.lists_seen(run.con, run_ids):
        if seen.rows_in_all is not None and seen.rows < seen.rows_in_all:
            incomplete.append(
                f"{seen.url} lists {seen.rows_in_all} rows, and {seen.rows} could be read"
            )
        elif seen.rows_before is not None and seen.rows < kept * seen.rows_before:
            incomplete.append(
                f"{seen.url} lists {seen.rows} rows, after {seen.rows_before} the time before"
            )
    shown = visits.shown(run.con, run_ids)
    if shown.with_figures < kept * shown.with_figures_before:
        incomplete.append(
            f"{shown.with_figures} of {shown.pages} factsheets show figures, after"
            f" {shown.with_figures_before} the time before"
        )
    elif shown.figures < kept * shown.figures_before:
        incomplete.append(
            f"the factsheets show {shown.figures} figures, after {shown.figures_before}"
        )
