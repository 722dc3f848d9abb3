"""The whole warehouse again from the archive, offline, into a file that replaces the old one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from extractors.errors import MptfError
from extractors.records import PARSER_VERSION
from flows.pipeline.catch_up import load_archive, note_read, push_queued
from flows.pipeline.home import Home
from flows.pipeline.parts import Parts, has_parts, home_parts, open_parts
from flows.pipeline.pool import worker_count
from flows.pipeline.progress import Progress, no_progress
from flows.pipeline.run import Run, run_on
from flows.pipeline.stopping import check_room
from flows.pipeline.workers import parsing_in_workers
from flows.rebuilding.estimate import Estimate, estimate
from flows.rebuilding.reparse import note_bodies_parsed
from flows.rebuilding.shards import derive, discard_shards
from warehouse import ledger, runs, visits
from warehouse.connection import discard_leftovers, open_reader, remove_file
from warehouse.errors import DatabaseError, WarehouseError
from warehouse.parse_cache import copy_runs, stage_readings

_MIN_BYTES_FOR_WORKERS = 2 * 2**20  # of the archive, compressed; less is parsed sooner here


class ArchiveIncompleteError(MptfError):
    """The archive lacks something that the warehouse holds; the message names it."""


@contextmanager
def rebuild_all(
    home: Home,
    now: datetime,
    *,
    accept_loss: bool = False,
    reread: bool = False,
    fresh: bool = False,
    parts: str | Path | None = None,
    shards: int | None = None,
    wait: float = 0,
    tell: Callable[[Estimate], None] = lambda _: None,
    progress: Progress = no_progress,
) -> Iterator[Run]:
    """Build a new file beside the old one, and put it in its place after the block.

    The record of earlier runs, and the parses of this parser version (unless `reread`), are copied
    as far as the old file can be read. Until the new file is in its place, readers have the old
    one. A rebuild that was cut short is continued, unless `fresh`.

    Args:
        home: the home.
        now: the current time.
        accept_loss: whether a new file that holds less than the old one may replace it.
        reread: whether every page is parsed again.
        fresh: whether what an earlier rebuild left is thrown away.
        parts: where the parts are that `mptf read` wrote, which are not read again unless `reread`;
            without a place, those of the home.
        shards: in how many shards everything is derived; without a number, as `derive` decides.
        wait: for how many seconds to wait for another run on this home.
        tell: is given the estimate before the work begins.
        progress: is told how many bytes of the archive are read.

    Raises:
        NoRoomError: the new file would not fit on the disk; nothing was done.
        StoreUnreachableError: the archive's bucket cannot be reached; the old file is kept.
        InterruptedRunError, DiskFullError: it stopped; the same command continues it.
        ArchiveIncompleteError: an archive file is missing, cut short or damaged, so that the new
            file would hold less than the old one, which is kept (unless `accept_loss`).
    """
    command = _command(reread)
    with home.writing(command, now, wait=wait, archive="read") as started_at:
        home.archive.recover()
        home.archive.look()
        continues = not fresh and _can_be_continued(home, command)
        if not continues:
            remove_file(home.building)
        if fresh:
            discard_shards(home)
        expected = estimate(home, continues=continues)
        tell(expected)
        check_room(
            "the new file", expected.disk_bytes, expected.free_bytes, home.settings.min_free_mb
        )
        with run_on(home, home.building, command, started_at) as run:
            _continue(run)
            known = None if reread else _parts(home, parts)
            _fill(run, known, shards, accept_loss=accept_loss, reread=reread, progress=progress)
            note_bodies_parsed(run)
            yield run
        discard_leftovers(home.warehouse)
        home.building.replace(home.warehouse)


def expected_rebuild(home: Home, *, reread: bool = False, fresh: bool = False) -> Estimate:
    """Return what a rebuild would cost; write nothing."""
    return estimate(home, continues=not fresh and _can_be_continued(home, _command(reread)))


def _command(reread: bool) -> str:
    return "rebuild --reread" if reread else "rebuild"


def _can_be_continued(home: Home, command: str) -> bool:
    """Return whether the file of a rebuild that was cut short is as this command would have it."""
    try:
        con = open_reader(home.building)
    except (WarehouseError, DatabaseError):  # none, of another version, or damaged
        return False
    try:
        return (
            runs.newest_command(con) == command
            and ledger.bodies_of_other_parsers(con, PARSER_VERSION) == 0
            and not list(_cut_short(home, ledger.indexed_bytes(con)))
        )
    finally:
        con.close()


def _continue(run: Run) -> None:
    """Count what an earlier rebuild left in the file as done by this run, which continues it."""
    run.log.counts_all = True
    unfinished = visits.unfinished_run(run.con, run.run_id)
    if unfinished is not None:
        runs.resume_run(run.con, run.run_id, unfinished.run_id)
        run.log.notes.append(f"going on with the rebuild of {unfinished.began_at:%Y-%m-%d %H:%M}")


def _fill(
    run: Run,
    parts: Parts | None,
    shards: int | None,
    *,
    accept_loss: bool,
    reread: bool,
    progress: Progress,
) -> None:
    """Load the archive, and what of the old file still holds; derive everything."""
    home = run.home
    reuses_parses = False
    if home.warehouse.exists():
        if not copy_runs(run.con, home.warehouse):
            run.log.notes.append("the record of earlier runs could not be read, and starts anew")
        if not reread:
            reuses_parses = stage_readings(run.con, home.warehouse, PARSER_VERSION)
    for problem in _missing(home):
        run.log.fail(*problem)
    with parsing_in_workers(run, _workers(home)) as parsing_run:
        faulty = load_archive(
            replace(parsing_run, reuses_parses=reuses_parses, derives=False),
            progress=progress,
            parts=parts,
        )
    if parts is not None:
        files = len(home.archive.files())
        run.log.notes.append(f"archive files loaded from parts: {len(parts.taken)} of {files}")
    if run.log.failures and home.warehouse.exists() and not accept_loss:
        problems = "; ".join(f"{one.subject}: {one.detail}" for one in run.log.failures)
        raise ArchiveIncompleteError(
            f"{problems}: the warehouse is left as it is. Restore the "
            "archive, or give --accept-loss to build it from what there is"
        )
    derive(run, shards)
    note_read(run, faulty)
    push_queued(run)


def _parts(home: Home, place: str | Path | None) -> Parts | None:
    """Return the parts at a place, or the home's own if it has any."""
    if place is None and not has_parts(home):
        return None
    return open_parts(home_parts(home) if place is None else place, home.archive)


def _workers(home: Home) -> int:
    """Return how many worker processes parse; none where they would cost more than they save."""
    compressed = sum(home.archive.size(name) for name in home.archive.files())
    return worker_count(home.settings) if compressed >= _MIN_BYTES_FOR_WORKERS else 0


def _missing(home: Home) -> Iterator[tuple[str, str, str]]:
    """Yield the archive files that the old warehouse was built from and that are not whole."""
    try:
        con = open_reader(home.warehouse)
    except (WarehouseError, DatabaseError):
        return
    try:
        indexed = ledger.indexed_bytes(con)
    finally:
        con.close()
    for name, problem in _cut_short(home, indexed):
        yield name, "archive_damaged", problem


def _cut_short(home: Home, indexed: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield the archive files that have fewer bytes than were read of them, and how."""
    present = set(home.archive.files())
    for name, size in sorted(indexed.items()):
        if name not in present:
            yield name, "the archive file is missing"
        elif home.archive.size(name) < size:
            yield name, "the archive file is cut short"
