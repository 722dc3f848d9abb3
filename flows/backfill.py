"""The history of some programmes again: from the archive, from the site, or from a web archive."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from extractors.captures import NewCapture, RevisitCapture
from extractors.fetch.clock import Clock, RealClock, StoppedError
from extractors.fetch.errors import Failure, FetchError, WebArchiveError
from extractors.fetch.http import host_of
from extractors.fetch.wayback import (
    BadIndexError,
    CdxRow,
    NotAPage,
    WebArchive,
    cdx_digest,
)
from extractors.ids import programme_id_of
from flows.crawl.crawler import Progress
from flows.crawl.selection import BackfillSelection, Selection
from flows.crawl.site import opened_exchange, rate_limiter
from flows.pipeline.home import Home
from flows.pipeline.intake import Intake
from flows.pipeline.load import catch_up
from flows.pipeline.run import InterruptedRunError, Run
from flows.rebuild import fail_without_capture, read_again
from flows.settings import Settings
from flows.sync import sync
from warehouse import ledger
from warehouse.connection import Connection, open_reader


@dataclass
class Plan:
    """What a web archive has of one programme: captures to fetch, by digest, and those known."""

    programme_id: str
    by_digest: dict[str, list[CdxRow]] = field(default_factory=dict)
    there_already: int = 0
    not_pages: int = 0

    @property
    def captures(self) -> int:
        """Captures that are not here yet."""
        return sum(map(len, self.by_digest.values()))

    @property
    def fetches(self) -> int:
        """Replays that have to be asked for, at least: one for each digest."""
        return len(self.by_digest)


def backfill(
    run: Run,
    wanted: BackfillSelection,
    *,
    clock: Clock | None = None,
    progress: Progress = lambda done, of: None,  # noqa: ARG005 because nobody is told
) -> None:
    """The history of some programmes from one source."""
    match wanted.source:
        case "archive":
            _from_archive(run, wanted)
        case "wayback":
            _from_web_archive(run, wanted, clock, progress)
        case "gateway":
            sync(run, Selection(programmes=wanted.programme_ids), clock, progress)


def dry_run(home: Home, wanted: BackfillSelection, clock: Clock | None = None) -> Iterator[str]:
    """What a backfill would take, and how long that takes at least. Nothing is written.

    Raises:
        WebArchiveError: the web archive's index cannot be had.
    """
    settings = home.settings
    con = open_reader(home.warehouse) if home.warehouse.exists() else None
    try:
        if wanted.source == "gateway":
            factsheets = len(wanted.programme_ids)
            yield f"{factsheets} factsheets of the site, and what they lead on to"
            yield f"at least {settings.shortest_delay * factsheets:.0f} seconds"
        elif wanted.source == "archive":
            for programme_id in wanted.programme_ids:
                places = ledger.captures_of_programme(con, programme_id) if con else []
                bodies = [place.body_sha256 for place in places if wanted.covers(place.captured_at)]
                yield (
                    f"programme {programme_id}: {len(set(bodies))} pages to read, of"
                    f" {len(bodies)} captures"
                )
        else:
            with opened_web_archive(settings, clock or RealClock()) as web:
                plans = [
                    _planned(web, con, settings, programme_id, wanted)
                    for programme_id in wanted.programme_ids
                ]
            yield from map(_noted, plans)
            seconds = sum(plan.fetches for plan in plans) * settings.wayback_replay_delay
            yield f"at least {seconds:.0f} seconds at the web archive's own rates"
    except (FetchError, BadIndexError) as error:
        raise WebArchiveError(f"the web archive's index: {error}") from error
    finally:
        if con is not None:
            con.close()


def _from_archive(run: Run, past: BackfillSelection) -> None:
    """Read again what the archive holds of some programmes, offline."""
    catch_up(run)
    for programme_id in past.programme_ids:
        run.stop.check()
        places = ledger.captures_of_programme(run.con, programme_id)
        wanted = [place for place in places if past.covers(place.captured_at)]
        if not wanted:
            fail_without_capture(run, programme_id)
            continue
        bodies = {place.body_sha256 for place in wanted}
        read_again(run, [place for place in places if place.body_sha256 in bodies], "all")


def _from_web_archive(
    run: Run, wanted: BackfillSelection, clock: Clock | None, progress: Progress
) -> None:
    """Fetch what a web archive has of some programmes and the archive has not.

    Killed, it goes on where it was: what was captured is not asked for again.
    """
    catch_up(run)
    clock = clock or RealClock(lambda: run.stop.asked)
    with opened_web_archive(run.home.settings, clock) as web, Intake(run) as intake:
        plans = []
        for programme_id in wanted.programme_ids:
            run.stop.check()
            try:
                plans.append(_planned(web, run.con, run.home.settings, programme_id, wanted))
            except (FetchError, BadIndexError) as error:
                kind = error.kind if isinstance(error, FetchError) else "index"
                run.fail(f"programme {programme_id}", kind, f"the web archive's index: {error}")
        try:
            _take_all(run, web, intake, plans, progress)
        except (InterruptedRunError, StoppedError):
            intake.load()
            raise
        intake.load()


def _take_all(
    run: Run, web: WebArchive, intake: Intake, plans: Sequence[Plan], progress: Progress
) -> None:
    """Fetch and archive what was planned.

    Raises:
        InterruptedRunError, StoppedError: the run was asked to stop, between two captures or while
            it waited for the next.
    """
    done, of = 0, sum(plan.captures for plan in plans)
    for plan in plans:
        run.notes.append(_noted(plan))
        for digest, listed in plan.by_digest.items():
            run.stop.check()
            for taken in _taken(run, web, digest, listed):
                intake.add([taken])
            done += len(listed)
            progress(done=done, of=of)
            intake.turn()


def _planned(
    web: WebArchive,
    con: Connection | None,
    settings: Settings,
    programme_id: str,
    wanted: BackfillSelection,
) -> Plan:
    """What the web archive lists of a programme, less what is here.

    Raises:
        FetchError: its index cannot be had.
        BadIndexError: it answers something else.
    """
    known = ledger.times_captured(con, programme_id, "wayback") if con else set()
    plan = Plan(programme_id)
    met: set[tuple[str, datetime]] = set()
    for path in settings.programme_paths:
        address = settings.archived_host + path.format(programme_id=programme_id)
        for listed in web.search(address, wanted.first, wanted.last):
            key = (listed.url, listed.captured_at)
            if programme_id_of(listed.original) != programme_id or key in met:
                continue
            met.add(key)
            if not listed.is_page:
                plan.not_pages += 1
            elif key in known:
                plan.there_already += 1
            else:
                plan.by_digest.setdefault(listed.digest, []).append(listed)
    for rows in plan.by_digest.values():
        rows.sort()
    return plan


@contextmanager
def opened_web_archive(settings: Settings, clock: Clock) -> Iterator[WebArchive]:
    """Open the web archive, which allows 60 index requests a minute, and 600 replays."""
    host = host_of(settings.wayback_url)
    index = rate_limiter(settings, f"{host}-index", clock, settings.wayback_index_delay)
    replay = rate_limiter(settings, f"{host}-replay", clock, settings.wayback_replay_delay)
    with opened_exchange(settings, host) as exchange:
        yield WebArchive(settings.wayback_url, exchange, index, replay, clock)


def _taken(
    run: Run, web: WebArchive, digest: str, listed: Sequence[CdxRow]
) -> Iterator[NewCapture | RevisitCapture]:
    """The captures of one digest: one is fetched, and proves the others where its digest holds."""
    proof: NewCapture | None = None
    for row in listed:
        if proof is not None:
            yield RevisitCapture(
                row.url, row.captured_at, "index", "wayback", proof.body_sha256,
                proof.body_bytes, proof.http_status,
            )  # fmt: skip
            continue
        match web.replay(row):
            case NewCapture() as capture:
                yield capture
                if cdx_digest(capture.body) == digest:
                    proof = capture
            case NotAPage(url, status):
                run.notes.append(f"{url} at {row.timestamp}: an archived {status}, passed over")
            case Failure() as failure:
                run.fail(f"{row.original} at {row.timestamp}", failure.kind, failure.detail)


def _noted(plan: Plan) -> str:
    return (
        f"programme {plan.programme_id}: {plan.captures} captures to take by {plan.fetches} "
        f"requests, {plan.there_already} there already, {plan.not_pages} redirects and errors"
    )
