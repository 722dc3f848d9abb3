"""The work that a sync continues, and the archived copies that make its requests conditional."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from extractors.fetch.gateway import CachedCopy, usable_last_modified
from flows.crawl.selection import Selection
from flows.pipeline.run import Run
from flows.settings import Settings
from flows.terminal import counted
from warehouse import runs, visits
from warehouse.visits import Copy, Unfinished


@dataclass
class Work:
    """The runs that did one night's work, first to last, and the pages that they captured."""

    run_ids: list[str]
    captured: dict[str, str] = field(default_factory=dict)  # body by URL


def continue_unfinished(run: Run, selection: Selection) -> Unfinished | None:
    """Mark this run as the continuation of one that was cut short, if there is one."""
    if selection.fresh:
        return None
    oldest = run.started_at - timedelta(hours=run.home.settings.resume_hours)
    unfinished = visits.unfinished_run(run.con, run.run_id, oldest)
    if unfinished is not None:
        runs.resume_run(run.con, run.run_id, unfinished.run_id)
    return unfinished


def work_of(run: Run, unfinished: Unfinished | None) -> Work:
    """Return this run's work: new, or that of an earlier run with what it captured."""
    if unfinished is None:
        return Work([run.run_id])
    run_ids = [*visits.runs_of(run.con, unfinished.run_id)]
    captured = visits.captured_since(run.con, run_ids)
    run.log.earlier_runs += run_ids
    run.log.notes.append(
        f"going on with the work of {unfinished.began_at:%Y-%m-%d %H:%M}:"
        f" {counted(len(captured), 'page is', 'pages are')} there already"
    )
    return Work(run_ids, captured)


def copy_of_url(
    copies: Sequence[Copy], settings: Settings, today: date
) -> Callable[[str], CachedCopy | None]:
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
        for copy in copies
    }

    def copy_of(url: str) -> CachedCopy | None:
        copy = of_url.get(url)
        if copy is None or not (copy.etag or copy.last_modified):
            return None
        digest = hashlib.sha256(f"{url}\n{today.toordinal()}".encode()).digest()
        return None if int.from_bytes(digest[:8]) % settings.check_every == 0 else copy

    return copy_of
