"""The history of some programmes again: from the archive, from the site, or from a web archive."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from extractors.captures import NewCapture, RevisitCapture
from extractors.fetch.clock import Clock, RealClock, StoppedError
from extractors.fetch.errors import Failure, FetchError, WebArchiveError
from extractors.fetch.http import host_of
from extractors.fetch.wayback import (
    BadIndexError,
    BadRow,
    CdxRow,
    NotAPage,
    WebArchive,
    cdx_digest,
)
from extractors.ids import programme_id_of
from extractors.profiles.read import load_profile
from flows.crawl.crawler import Progress, no_progress
from flows.crawl.selection import BackfillSelection, Selection
from flows.crawl.site import open_client, rate_limiter
from flows.pipeline.catch_up import catch_up
from flows.pipeline.home import Home
from flows.pipeline.intake import Intake
from flows.pipeline.run import InterruptedRunError, Run
from flows.rebuild import fail_without_capture, parse_again
from flows.settings import Settings
from flows.sync import sync
from warehouse import ledger
from warehouse.connection import Connection, open_reader


@dataclass
class Plan:
    """What a web archive lists of one programme: captures to fetch by digest, and the others."""

    programme_id: str
    by_digest: dict[str, list[CdxRow]] = field(default_factory=dict)
    bad_rows: list[str] = field(default_factory=list)
    archived_before: int = 0
    not_pages: int = 0

    @property
    def captures(self) -> int:
        """Return how many captures the archive lacks."""
        return sum(map(len, self.by_digest.values()))

    @property
    def requests(self) -> int:
        """Return how many replays are needed at least: one for each digest."""
        return len(self.by_digest)


def backfill(
    run: Run,
    selection: BackfillSelection,
    *,
    clock: Clock | None = None,
    progress: Progress = no_progress,
) -> None:
    """Load the history of some programmes from one source."""
    match selection.source:
        case "archive":
            _from_archive(run, selection)
        case "wayback":
            _from_web_archive(run, selection, clock, progress)
        case "gateway":
            sync(run, Selection(programmes=selection.programme_ids), clock, progress)


def dry_run(home: Home, selection: BackfillSelection, clock: Clock | None = None) -> Iterator[str]:
    """Yield lines that say what a backfill would fetch or parse, and how long that takes at least.

    Nothing is written.

    Raises:
        WebArchiveError: the web archive's index cannot be fetched.
    """
    settings = home.settings
    con = open_reader(home.warehouse) if home.warehouse.exists() else None
    try:
        if selection.source == "gateway":
            factsheets = len(selection.programme_ids)
            yield f"{factsheets} factsheets of the site, and what they lead on to"
            yield f"at least {settings.shortest_delay * factsheets:.0f} seconds"
        elif selection.source == "archive":
            for programme_id in selection.programme_ids:
                places = ledger.captures_of_programme(con, programme_id) if con else []
                bodies = [
                    place.parse_key for place in places if selection.covers(place.captured_at)
                ]
                yield (
                    f"programme {programme_id}: {len(set(bodies))} pages to read, of"
                    f" {len(bodies)} captures"
                )
        else:
            with open_web_archive(settings, clock or RealClock()) as web:
                plans = [
                    _plan(web, con, settings, programme_id, selection)
                    for programme_id in selection.programme_ids
                ]
            yield from map(_plan_line, plans)
            seconds = sum(plan.requests for plan in plans) * settings.wayback_replay_delay
            yield f"at least {seconds:.0f} seconds at the web archive's own rates"
    except (FetchError, BadIndexError) as error:
        raise WebArchiveError(f"the web archive's index: {error}") from error
    finally:
        if con is not None:
            con.close()


def _from_archive(run: Run, selection: BackfillSelection) -> None:
    """Parse again what the archive holds of some programmes, offline."""
    catch_up(run)
    for programme_id in selection.programme_ids:
        run.stop.check()
        places = ledger.captures_of_programme(run.con, programme_id)
        bodies = {place.parse_key for place in places if selection.covers(place.captured_at)}
        if not bodies:
            fail_without_capture(run, programme_id)
            continue
        parse_again(run, [place for place in places if place.parse_key in bodies], "all")


def _from_web_archive(
    run: Run, selection: BackfillSelection, clock: Clock | None, progress: Progress
) -> None:
    """Fetch the captures that a web archive has of some programmes and the archive lacks.

    The same command finishes a killed run: what was captured is not fetched again.
    """
    catch_up(run)
    clock = clock or RealClock(lambda: run.stop.received)
    with open_web_archive(run.home.settings, clock) as web, closing(Intake(run)) as intake:
        plans = []
        for programme_id in selection.programme_ids:
            run.stop.check()
            try:
                plans.append(_plan(web, run.con, run.home.settings, programme_id, selection))
            except (FetchError, BadIndexError) as error:
                kind = error.kind if isinstance(error, FetchError) else "index"
                message = f"the web archive's index: {error}"
                run.log.fail(f"programme {programme_id}", kind, message)
        try:
            _fetch_all(run, web, intake, plans, progress)
        except (InterruptedRunError, StoppedError):
            intake.load_all()
            raise
        intake.load_all()


def _fetch_all(
    run: Run, web: WebArchive, intake: Intake, plans: Sequence[Plan], progress: Progress
) -> None:
    """Fetch and archive what was planned.

    Raises:
        InterruptedRunError, StoppedError: the run was asked to stop, between two captures or while
            it waited for the next.
    """
    done, of = 0, sum(plan.captures for plan in plans)
    for plan in plans:
        run.log.notes.append(_plan_line(plan))
        for text in plan.bad_rows:
            subject = f"programme {plan.programme_id}, {text}"
            run.log.fail(subject, "index", "the web archive's index has a row that cannot be read")
        for digest, listed in plan.by_digest.items():
            run.stop.check()
            for capture in _replayed(run, web, digest, listed):
                intake.add([capture])
            done += len(listed)
            progress(done=done, of=of)
            intake.collect()
            intake.load_if_full()


def _plan(
    web: WebArchive,
    con: Connection | None,
    settings: Settings,
    programme_id: str,
    selection: BackfillSelection,
) -> Plan:
    """Return what the web archive lists of a programme, less what the archive holds.

    Raises:
        FetchError: the index cannot be fetched.
        BadIndexError: its answer is no index.
    """
    known = ledger.times_captured(con, programme_id, "wayback") if con else set()
    plan = Plan(programme_id)
    planned: set[tuple[str, datetime]] = set()
    # Of both forms of the site, whatever form it has now.
    for path in settings.programme_paths or load_profile("classic").programme_paths:
        url = settings.archived_host + path.format(programme_id=programme_id)
        for listed in web.search(url, selection.first, selection.last):
            if isinstance(listed, BadRow):
                plan.bad_rows.append(listed.text)
                continue
            key = (listed.url, listed.captured_at)
            if programme_id_of(listed.original) != programme_id or key in planned:
                continue
            planned.add(key)
            if not listed.is_page:
                plan.not_pages += 1
            elif key in known:
                plan.archived_before += 1
            else:
                plan.by_digest.setdefault(listed.digest, []).append(listed)
    for rows in plan.by_digest.values():
        rows.sort()
    return plan


def _plan_line(plan: Plan) -> str:
    return (
        f"programme {plan.programme_id}: {plan.captures} captures to take by {plan.requests} "
        f"requests, {plan.archived_before} there already, {plan.not_pages} redirects and errors"
        + (f", {len(plan.bad_rows)} rows of the index that cannot be read" if plan.bad_rows else "")
    )


@contextmanager
def open_web_archive(settings: Settings, clock: Clock) -> Iterator[WebArchive]:
    """Open the web archive, which allows 60 index requests a minute, and 600 replays.

    Raises:
        SettingsError: one of its delays is 0, and it is not on this machine.
    """
    host = host_of(settings.wayback_url)
    index = rate_limiter(settings, "wayback_index_delay", host, f"{host}-index", clock)
    replay = rate_limiter(settings, "wayback_replay_delay", host, f"{host}-replay", clock)
    with open_client(settings, host) as client:
        yield WebArchive(settings.wayback_url, client, index, replay, clock)


def _replayed(
    run: Run, web: WebArchive, digest: str, listed: Sequence[CdxRow]
) -> Iterator[NewCapture | RevisitCapture]:
    """Yield the captures of one digest: one is fetched, the others are revisits of its body.

    If the body of the fetched one has another digest, the next is fetched as well.
    """
    proof: NewCapture | None = None
    for row in listed:
        if proof is not None:
            yield RevisitCapture(
                row.url, row.captured_at, "index", "wayback", proof.body_sha256,
                proof.body_bytes, proof.http_status, cut_short=proof.cut_short,
            )  # fmt: skip
            continue
        match web.replay(row):
            case NewCapture() as capture:
                yield capture
                if cdx_digest(capture.body) == digest:
                    proof = capture
            case NotAPage(url, status):
                run.log.notes.append(f"{url} at {row.timestamp}: an archived {status}, passed over")
            case Failure() as failure:
                subject = f"{row.original} at {row.timestamp}"
                run.log.fail(subject, failure.kind, failure.detail)
