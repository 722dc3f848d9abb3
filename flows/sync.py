"""One night's work: find the programmes and funds, ask for what may have changed, load it."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from extractors.gateway import Gateway, Held, Site, usable_last_modified
from extractors.ids import fund_code_of, programme_id_of
from extractors.waiting import Clock, RealClock
from flows.asking import Asking, InProcesses, InThreads
from flows.intake import Intake
from flows.load import catch_up
from flows.processes import processes
from flows.reading import read_in
from flows.run import Run
from flows.settings import Settings
from flows.site import is_polite, opened_gateway
from flows.visit import Progress, Visit
from warehouse import ledger, visits
from warehouse.visits import Known

_CLOSED = "Financially Closed"
_MAY_DEADLINE = (5, 1)  # from which day on the year before is final


@dataclass(frozen=True)
class Wanted:
    """What a sync is to visit: all that is due, or less. `limit` is the most programmes."""

    funds: Sequence[str] = ()
    programmes: Sequence[str] = ()
    limit: int | None = None
    everything: bool = False
    fresh: bool = False

    @property
    def command(self) -> str:
        """The command as the run's record has it: only the same work is gone on with."""
        words = ["sync", *(f"--fund {code}" for code in self.funds)]
        words += [f"--programme {programme_id}" for programme_id in self.programmes]
        words += [f"--limit {self.limit}"] if self.limit is not None else []
        return " ".join([*words, *(["--all"] if self.everything else [])])


@dataclass
class _Work:
    """The runs whose work this is, first to last, and what they captured so far."""

    run_ids: list[str]
    seen: dict[str, str] = field(default_factory=dict)


def sync(
    run: Run,
    wanted: Wanted,
    clock: Clock | None = None,
    progress: Progress = lambda done, of: None,  # noqa: ARG005 because nobody is told
) -> None:
    """Visit the site once.

    Raises:
        SiteClosedError: its robots.txt cannot be had, so nothing was asked.
        SettingsError: a site elsewhere, without a contact or without politeness.
        BadBaseError: the site's address is none.
        InterruptedRunError: the run was asked to stop; the same command goes on with it.
    """
    catch_up(run)
    settings = run.home.settings
    clock = clock or RealClock(lambda: run.stop.asked)
    with opened_gateway(settings, clock) as gateway, Intake(run) as intake:
        try:
            now = gateway.read_robots()
        finally:
            intake.set_aside(gateway.taken_aside())
        work = _resumed(run, wanted)
        with _helped(run, gateway, polite=is_polite(settings)) as asking:
            visit = Visit(
                run, gateway, asking, intake, clock,
                held=_copies(run, settings, now.date()), seen=work.seen, progress=progress,
            )  # fmt: skip
            _discover(run, visit, gateway.site, wanted)
            if not visit.given_up:
                visit.drain(_due(run, gateway.site, wanted, now, work))
    if not wanted.programmes:
        _assess(run, work)


@contextmanager
def _helped(run: Run, gateway: Gateway, *, polite: bool) -> Iterator[Asking]:
    """Who asks while the block runs. Flat out, processes ask, and read where there is enough."""
    settings = run.home.settings
    count = settings.processes
    if count is None:
        count = 0 if polite else os.cpu_count() or 1
    with ExitStack() as stack:
        asking: Asking
        if polite or count == 0:
            asking = threads = InThreads(gateway, settings)
            stack.callback(threads.close)
        if count:
            pool = stack.enter_context(processes(count))
            stack.callback(setattr, run, "reader", run.reader)
            run.reader = read_in(pool, count)
            if not polite:
                asking = InProcesses(pool, settings, gateway.robots)
        yield asking


def _resumed(run: Run, wanted: Wanted) -> _Work:
    """This run's work: a new one, or that of an earlier run which did not come to its end."""
    work = _Work([run.run_id])
    if wanted.fresh:
        return work
    oldest = run.started_at - timedelta(hours=run.home.settings.resume_hours)
    earlier = visits.unfinished_run(run.con, run.run_id, oldest)
    if earlier is not None:
        ledger.resume_run(run.con, run.run_id, earlier.run_id)
        work.run_ids = [*visits.runs_of(run.con, earlier.run_id)]
        work.seen = visits.captured_since(run.con, work.run_ids)
        run.notes.append(
            f"going on with the work of {earlier.began_at:%Y-%m-%d %H:%M}:"
            f" {len(work.seen)} pages are there already"
        )
    return work


def _copies(run: Run, settings: Settings, today: date) -> Callable[[str], Held | None]:
    """What makes a request conditional; one in so many is sent without, to find who lies."""
    of_url = {
        copy.url: Held(
            copy.etag,
            usable_last_modified(copy.last_modified, copy.captured_at),
            copy.body_sha256,
            copy.body_bytes,
        )
        for copy in visits.copies(run.con)
    }

    def held(url: str) -> Held | None:
        copy = of_url.get(url)
        if copy is None or not (copy.etag or copy.last_modified):
            return None
        digest = hashlib.sha256(f"{url}\n{today.toordinal()}".encode()).digest()
        return None if int.from_bytes(digest[:8]) % settings.check_every == 0 else copy

    return held


def _discover(run: Run, visit: Visit, site: Site, wanted: Wanted) -> None:
    """Read the lists and the funds' pages, which say what programmes there are."""
    settings = run.home.settings
    if wanted.programmes:
        return
    if not wanted.funds:
        visit.drain((site.known_as + path,) for path in settings.list_paths)
    if visit.given_up:
        return
    known = {fund.key: fund for fund in visits.known_funds(run.con)}
    codes = wanted.funds or list(known)
    visit.drain(_fund_addresses(site, settings, code, known.get(code)) for code in codes)


def _due(
    run: Run, site: Site, wanted: Wanted, now: datetime, work: _Work
) -> Iterator[tuple[str, ...]]:
    """The addresses of the programmes that this work visits, those seen longest ago first.

    Those that it has visited already come before them: there may be more of them to ask for.
    """
    settings = run.home.settings
    known = {programme.key: programme for programme in visits.known_programmes(run.con)}
    visited = {programme_id_of(url) for url in work.seen}
    if wanted.programmes:
        keys = list(dict.fromkeys(wanted.programmes))
    else:
        keys = [
            programme.key
            for programme in known.values()
            if (not wanted.funds or programme.fund_code in wanted.funds)
            and (
                wanted.everything
                or wanted.funds
                or programme.key in visited
                or is_due(programme, now, settings.closed_days)
            )
        ]
        keys.sort(key=lambda key: key not in visited)  # they count towards the limit
        run.notes.append(f"programmes known {len(known)}, to be visited {len(keys)}")
    for key in keys[: wanted.limit]:
        yield _programme_addresses(site, settings, key, known.get(key))


def is_due(programme: Known, now: datetime, closed_days: int) -> bool:
    """Whether a programme's page may have changed, or what is known of it become final.

    A closed programme is visited now and then, after a failure, and once after every 30 April:
    what is seen unchanged after it has become final.
    """
    if programme.seen_at is None or programme.status != _CLOSED or programme.failed:
        return True
    if now - programme.seen_at >= timedelta(days=closed_days):
        return True
    return _newest_final_year(now) != _newest_final_year(programme.seen_at)


def _newest_final_year(time: datetime) -> int:
    return time.year - (1 if (time.month, time.day) >= _MAY_DEADLINE else 2)


def _addresses(
    site: Site, known: Known | None, is_its: Callable[[str], bool], else_at: Iterable[str]
) -> tuple[str, ...]:
    """Where a page is: where it was listed last, else seen last, else may be."""
    if known is not None and known.address is not None and known.page is not None:
        listed = site.join(known.page, known.address)
        if listed is not None and is_its(listed):
            return (listed,)
    if known is not None and known.seen_url and site.allows(site.asked(known.seen_url)):
        return (known.seen_url.partition("?")[0],)
    return tuple(site.known_as + path for path in else_at)


def _programme_addresses(
    site: Site, settings: Settings, key: str, known: Known | None
) -> tuple[str, ...]:
    paths = [path.format(programme_id=key) for path in settings.programme_paths]
    return _addresses(site, known, lambda url: programme_id_of(url) == key, paths)


def _fund_addresses(
    site: Site, settings: Settings, code: str, known: Known | None
) -> tuple[str, ...]:
    names = {"fund_code": code, "fund_code_lower": code.lower()}
    paths = [path.format(**names) for path in settings.fund_paths]
    return _addresses(site, known, lambda url: fund_code_of(url) == code, paths)


def _assess(run: Run, work: _Work) -> None:
    """Whether the run can have seen all: what ends early or shrinks by much is said, by name."""
    share = run.home.settings.largest_drop
    runs = list(dict.fromkeys([*work.run_ids, run.run_id]))
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
