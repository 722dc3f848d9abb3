"""One night's work: find the programmes and funds, ask for what may have changed, load it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from extractors.fetch.clock import Clock, RealClock
from extractors.fetch.gateway import CachedCopy, Site, usable_last_modified
from extractors.ids import fund_code_of, programme_id_of
from flows.crawl.crawler import Crawler, Progress
from flows.crawl.selection import Selection, is_wanted
from flows.crawl.site import opened_gateway, threads
from flows.pipeline.intake import Intake
from flows.pipeline.load import catch_up
from flows.pipeline.run import Run
from flows.pipeline.workers import reading
from flows.settings import Settings
from warehouse import ledger, visits
from warehouse.visits import KnownSubject, Unfinished


@dataclass
class _Work:
    """The runs whose work this is, first to last, and what they captured so far."""

    run_ids: list[str]
    seen: dict[str, str] = field(default_factory=dict)


class SyncSession:
    """One visit to the site under way, step by step."""

    def __init__(
        self, run: Run, wanted: Selection, visit: Crawler, site: Site, now: datetime, work: _Work
    ) -> None:
        self._run = run
        self._wanted = wanted
        self._visit = visit
        self._site = site
        self._now = now
        self._work = work

    @property
    def run_ids(self) -> list[str]:
        """The runs whose work this is: the one that began it, and those that went on with it."""
        return list(dict.fromkeys([*self._work.run_ids, self._run.run_id]))

    def discover(self) -> None:
        """Read the lists and the funds' pages, which say what programmes there are."""
        settings, site, funds = self._run.home.settings, self._site, self._wanted.funds
        if self._wanted.programmes:
            return
        if not funds:
            self._visit.crawl((site.known_as + path,) for path in settings.list_paths)
        if self._visit.gave_up:
            return
        known = {fund.key: fund for fund in visits.known_funds(self._run.con)}
        self._visit.crawl(
            _fund_addresses(site, settings, code, known.get(code)) for code in funds or known
        )

    @cached_property
    def _known(self) -> dict[str, KnownSubject]:
        return {programme.key: programme for programme in visits.known_programmes(self._run.con)}

    def due(self) -> list[str]:
        """The programmes that are to be visited, those seen longest ago first.

        Those that it has visited already come before them: there may be more of them to ask for.
        """
        if self._visit.gave_up:
            return []
        run, wanted = self._run, self._wanted
        if wanted.programmes:
            return list(wanted.programmes[: wanted.limit])
        visited = {programme_id_of(url) for url in self._work.seen}
        keys = [
            key
            for key, programme in self._known.items()
            if (not wanted.funds or programme.fund_code in wanted.funds)
            and (
                wanted.funds
                or key in visited
                or is_wanted(programme, wanted, self._now, run.home.settings.closed_days)
            )
        ]
        keys.sort(key=lambda key: key not in visited)  # they count towards the limit
        run.notes.append(f"programmes known {len(self._known)}, to be visited {len(keys)}")
        return keys[: wanted.limit]

    def visit(self, programme_ids: Sequence[str], *, last: bool = True) -> None:
        """Ask for programmes' pages, and load them. The last time, what failed before is asked too.

        Unless it is the last time, what is under way at its end goes on.

        Raises:
            InterruptedRunError: the run was asked to stop.
        """
        settings = self._run.home.settings
        self._visit.crawl(
            (
                _programme_addresses(self._site, settings, key, self._known.get(key))
                for key in programme_ids
            ),
            last=last,
        )

    def assess(self) -> None:
        """Whether all can have been seen: what ends early or shrinks by much is said, by name."""
        if not self._wanted.programmes:
            _assess(self._run, self.run_ids)


def sync(
    run: Run,
    wanted: Selection,
    clock: Clock | None = None,
    progress: Progress = lambda done, of: None,  # noqa: ARG005 because nobody is told
) -> None:
    """Visit the site once.

    Raises:
        SiteClosedError, SettingsError, BadBaseError: see `open_night`.
        InterruptedRunError: the run was asked to stop; the same command goes on with it.
    """
    with open_night(run, wanted, clock, progress) as night:
        night.discover()
        night.visit(night.due())
    night.assess()


@contextmanager
def open_night(
    run: Run,
    wanted: Selection,
    clock: Clock | None = None,
    progress: Progress = lambda done, of: None,  # noqa: ARG005 because nobody is told
) -> Iterator[SyncSession]:
    """The site's robots.txt is read, and what an earlier run left undone is gone on with.

    Raises:
        SiteClosedError: its robots.txt cannot be had, so nothing was asked.
        SettingsError: a site elsewhere, without a contact or without politeness.
        BadBaseError: the site's address is none.
    """
    settings = run.home.settings
    earlier = _gone_on_with(run, wanted)  # before anything can fail, so that the next run does, too
    catch_up(run)
    clock = clock or RealClock(lambda: run.stop.asked)
    with opened_gateway(settings, clock) as gateway, Intake(run) as intake:
        try:
            now = gateway.read_robots()
        finally:
            intake.archive_non_captures(gateway.pop_non_captures())
        work = _resumed(run, earlier)
        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(threads(settings)))
            if settings.processes:
                stack.enter_context(reading(run, settings.processes))
            visit = Crawler(
                run, gateway, pool, intake, clock,
                copy_of=_copies(run, settings, now.date()), captured=work.seen, progress=progress,
            )  # fmt: skip
            yield SyncSession(run, wanted, visit, gateway.site, now, work)


def _gone_on_with(run: Run, wanted: Selection) -> Unfinished | None:
    """The run whose work this one goes on with, if an earlier one did not come to its end."""
    if wanted.fresh:
        return None
    oldest = run.started_at - timedelta(hours=run.home.settings.resume_hours)
    earlier = visits.unfinished_run(run.con, run.run_id, oldest)
    if earlier is not None:
        ledger.resume_run(run.con, run.run_id, earlier.run_id)
    return earlier


def _resumed(run: Run, earlier: Unfinished | None) -> _Work:
    """This run's work: a new one, or that of an earlier run, with what is there of it."""
    work = _Work([run.run_id])
    if earlier is not None:
        work.run_ids = [*visits.runs_of(run.con, earlier.run_id)]
        work.seen = visits.captured_since(run.con, work.run_ids)
        run.notes.append(
            f"going on with the work of {earlier.began_at:%Y-%m-%d %H:%M}:"
            f" {len(work.seen)} pages are there already"
        )
    return work


def _copies(run: Run, settings: Settings, today: date) -> Callable[[str], CachedCopy | None]:
    """What makes a request conditional; one in so many is sent without, to find who lies."""
    of_url = {
        copy.url: CachedCopy(
            copy.etag,
            usable_last_modified(copy.last_modified, copy.captured_at),
            copy.body_sha256,
            copy.body_bytes,
        )
        for copy in visits.copies(run.con)
    }

    def held(url: str) -> CachedCopy | None:
        copy = of_url.get(url)
        if copy is None or not (copy.etag or copy.last_modified):
            return None
        digest = hashlib.sha256(f"{url}\n{today.toordinal()}".encode()).digest()
        return None if int.from_bytes(digest[:8]) % settings.check_every == 0 else copy

    return held


def _addresses(
    site: Site, known: KnownSubject | None, is_its: Callable[[str], bool], else_at: Iterable[str]
) -> tuple[str, ...]:
    """Where a page is: where it was listed last, else seen last, else may be."""
    if known is not None and known.address is not None and known.page is not None:
        listed = site.join(known.page, known.address)
        if listed is not None and is_its(listed):
            return (listed,)
    if known is not None and known.seen_url and site.allows(site.request_url(known.seen_url)):
        return (known.seen_url.partition("?")[0],)
    return tuple(site.known_as + path for path in else_at)


def _programme_addresses(
    site: Site, settings: Settings, key: str, known: KnownSubject | None
) -> tuple[str, ...]:
    paths = [path.format(programme_id=key) for path in settings.programme_paths]
    return _addresses(site, known, lambda url: programme_id_of(url) == key, paths)


def _fund_addresses(
    site: Site, settings: Settings, code: str, known: KnownSubject | None
) -> tuple[str, ...]:
    names = {"fund_code": code, "fund_code_lower": code.lower()}
    paths = [path.format(**names) for path in settings.fund_paths]
    return _addresses(site, known, lambda url: fund_code_of(url) == code, paths)


def _assess(run: Run, runs: Sequence[str]) -> None:
    share = run.home.settings.largest_drop
    for seen in visits.lists_seen(run.con, runs):
        if seen.rows_in_all is not None and seen.rows < seen.rows_in_all:
            run.miss(f"{seen.url} lists {seen.rows_in_all} rows, and {seen.rows} could be read")
        elif seen.rows_before is not None and seen.rows < (1 - share) * seen.rows_before:
            run.miss(f"{seen.url} lists {seen.rows} rows, after {seen.rows_before} the time before")
    shown = visits.shown(run.con, runs)
    if shown.with_figures < (1 - share) * shown.with_figures_before:
        run.miss(
            f"{shown.with_figures} of {shown.pages} factsheets show figures, after"
            f" {shown.with_figures_before} the time before"
        )
    elif shown.figures < (1 - share) * shown.figures_before:
        run.miss(f"the factsheets show {shown.figures} figures, after {shown.figures_before}")
