"""The history of programmes and funds again: from the archive, the site, or a web archive."""

from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

from extractors.fetch.clock import Clock, RealClock, StoppedError
from extractors.fetch.errors import FetchError, WebArchiveError
from extractors.fetch.wayback import BadIndexError, WebArchive
from flows.crawl.selection import BackfillSelection, Chosen, Selection
from flows.crawl.web_history import (
    Patience,
    Plan,
    open_web_archive,
    plan_line,
    plan_of,
    replayed,
)
from flows.pipeline.catch_up import catch_up
from flows.pipeline.home import Home
from flows.pipeline.intake import Intake
from flows.pipeline.progress import Progress, no_progress
from flows.pipeline.run import Run
from flows.pipeline.stopping import InterruptedRunError
from flows.rebuilding.reparse import fail_without_capture, parse_again
from flows.settings import Settings
from flows.sync import sync
from flows.terminal import counted
from warehouse import ledger, visits
from warehouse.connection import Connection, open_reader


def backfill(
    run: Run,
    selection: BackfillSelection,
    *,
    clock: Clock | None = None,
    progress: Progress = no_progress,
) -> None:
    """Load the history of some programmes and funds from one source.

    A fund stands for its own pages, and for the programmes that are known to be its.
    """
    match selection.source:
        case "archive":
            _from_archive(run, selection)
        case "wayback":
            _from_web_archive(run, selection, clock, progress)
        case "gateway":
            chosen = Selection(funds=selection.funds, programmes=selection.programme_ids)
            sync(run, chosen, clock, progress)


class Estimate(NamedTuple):
    """What a backfill would fetch or parse.

    Attributes:
        lines: the same in words.
        subjects: of each programme and fund its numbers, by name.
        seconds_at_least: how long the requests take; None if nothing is fetched.
    """

    lines: list[str]
    subjects: list[dict[str, str | int]]
    seconds_at_least: float | None

    @property
    def for_json(self) -> dict[str, object]:
        """Return the numbers."""
        return {"subjects": self.subjects, "seconds_at_least": self.seconds_at_least}


def dry_run(home: Home, selection: BackfillSelection, clock: Clock | None = None) -> Estimate:
    """Return what a backfill would fetch or parse, and how long that takes at least.

    Nothing is written.

    Raises:
        WebArchiveError: the web archive's index cannot be fetched.
    """
    settings = home.settings
    con = open_reader(home.warehouse) if home.warehouse.exists() else None
    try:
        subjects = [*_funds(selection), *_programmes(con, selection)]
        match selection.source:
            case "gateway":
                return _of_site(settings, subjects)
            case "archive":
                return _of_archive(con, subjects, selection)
            case "wayback":
                with open_web_archive(settings, clock or RealClock()) as web:
                    return _of_web_archive(
                        settings, [plan_of(web, con, settings, one, selection) for one in subjects]
                    )
    except (FetchError, BadIndexError) as error:
        raise WebArchiveError(f"the web archive's index: {error}") from error
    finally:
        if con is not None:
            con.close()


def _of_site(settings: Settings, subjects: Sequence[Chosen]) -> Estimate:
    seconds = settings.shortest_delay * len(subjects)
    lines = [
        f"{counted(len(subjects), 'factsheet')} of the site, and what they lead on to",
        f"at least {counted(round(seconds), 'second')}",
    ]
    return Estimate(lines, [{"subject": str(one), "requests": 1} for one in subjects], seconds)


def _of_archive(
    con: Connection | None, subjects: Sequence[Chosen], selection: BackfillSelection
) -> Estimate:
    found = Estimate([], [], None)
    for subject in subjects:
        places = _places(con, subject) if con else []
        bodies = [place.parse_key for place in places if selection.covers(place.captured_at)]
        pages, captures = len(set(bodies)), len(bodies)
        found.lines.append(
            f"{subject}: {counted(pages, 'page')} to read, of {counted(captures, 'capture')}"
        )
        found.subjects.append({"subject": str(subject), "pages": pages, "captures": captures})
    return found


def _of_web_archive(settings: Settings, plans: Sequence[Plan]) -> Estimate:
    seconds = sum(plan.requests for plan in plans) * settings.wayback_replay_delay
    at_least = f"at least {counted(round(seconds), 'second')} at the web archive's own rates"
    subjects: list[dict[str, str | int]] = [
        {
            "subject": str(plan.subject), "captures": plan.captures, "requests": plan.requests,
            "archived_before": plan.archived_before, "not_pages": plan.not_pages,
            "bad_rows": len(plan.bad_rows),
        }
        for plan in plans
    ]  # fmt: skip
    return Estimate([*map(plan_line, plans), at_least], subjects, seconds)


def _funds(selection: BackfillSelection) -> list[Chosen]:
    return [Chosen("fund", code) for code in selection.funds]


def _programmes(con: Connection | None, selection: BackfillSelection) -> list[Chosen]:
    """Return the programmes that are named, and those that are known to be of the funds named."""
    known = visits.known_programmes(con) if con and selection.funds else []
    of_funds = [one.key for one in known if one.fund_code in selection.funds]
    keys = dict.fromkeys([*selection.programme_ids, *of_funds])
    return [Chosen("programme", key) for key in keys]


def _places(con: Connection, subject: Chosen) -> list[ledger.Place]:
    if subject.kind == "programme":
        return ledger.captures_of_programme(con, subject.key)
    return ledger.captures_of_fund(con, subject.key)


def _from_archive(run: Run, selection: BackfillSelection) -> None:
    """Parse again what the archive holds of some programmes and funds, offline."""
    catch_up(run)
    for subject in [*_funds(selection), *_programmes(run.con, selection)]:
        run.stop.check()
        places = _places(run.con, subject)
        bodies = {place.parse_key for place in places if selection.covers(place.captured_at)}
        if not bodies:
            fail_without_capture(run, str(subject))
            continue
        parse_again(run, [place for place in places if place.parse_key in bodies], "all")


def _from_web_archive(
    run: Run, selection: BackfillSelection, clock: Clock | None, progress: Progress
) -> None:
    """Fetch the captures that a web archive has of some subjects and the archive lacks.

    The same command finishes a killed run: what was captured is not fetched again. Funds come
    first, since their pages list their programmes. What was named and is not listed is a failure.

    Raises:
        WebArchiveError: the web archive stopped answering; what it gave before is loaded.
    """
    catch_up(run)
    clock, patience = clock or RealClock(lambda: run.stop.received), Patience()
    named = {*_funds(selection), *(Chosen("programme", key) for key in selection.programme_ids)}
    with open_web_archive(run.home.settings, clock) as web, closing(Intake(run)) as intake:
        try:
            for subjects in (_funds, lambda chosen: _programmes(run.con, chosen)):
                plans = _plans(run, web, subjects(selection), selection, patience)
                _fetch_all(run, web, intake, plans, patience, progress)
                for plan in plans:
                    if plan.is_empty and plan.subject in named:
                        _fail_unlisted(run, plan.subject, selection)
                intake.load_all()
        except (InterruptedRunError, StoppedError, WebArchiveError):
            intake.load_all()
            raise


def _fail_unlisted(run: Run, subject: Chosen, selection: BackfillSelection) -> None:
    """Record a programme or fund that was named, and of which a web archive lists no page."""
    when = " between these times" if selection.since or selection.until else ""
    run.log.fail(str(subject), "no_capture", f"the web archive lists no page of it{when}")


def _plans(
    run: Run, web: WebArchive, subjects: Sequence[Chosen], selection: BackfillSelection,
    patience: Patience,
) -> list[Plan]:  # fmt: skip
    """Return what a web archive lists of each subject; a failure costs its subject alone.

    Raises:
        WebArchiveError: the web archive stopped answering.
    """
    plans = []
    for subject in subjects:
        run.stop.check()
        try:
            plans.append(plan_of(web, run.con, run.home.settings, subject, selection))
            patience.answered()
        except (FetchError, BadIndexError) as error:
            kind = error.kind if isinstance(error, FetchError) else "index"
            run.log.fail(str(subject), kind, f"the web archive's index: {error}")
            run.log.asks_site = True
            patience.failed(kind)
    return plans


def _fetch_all(
    run: Run, web: WebArchive, intake: Intake, plans: Sequence[Plan], patience: Patience,
    progress: Progress,
) -> None:  # fmt: skip
    """Fetch and archive what was planned.

    Raises:
        WebArchiveError: the web archive stopped answering.
        InterruptedRunError, StoppedError: the run was asked to stop, between two captures or while
            it waited for the next.
    """
    done, of = 0, sum(plan.captures for plan in plans)
    for plan in plans:
        run.log.notes.append(plan_line(plan))
        for text in plan.bad_rows:
            subject = f"{plan.subject}, {text}"
            run.log.fail(subject, "index", "the web archive's index has a row that cannot be read")
        for digest, listed in plan.by_digest.items():
            run.stop.check()
            run.log.asks_site = True
            for capture in replayed(run, web, digest, listed, patience):
                intake.add([capture])
            done += len(listed)
            progress(done=done, of=of)
            intake.collect()
            intake.load_if_full()
