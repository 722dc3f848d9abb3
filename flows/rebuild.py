"""The warehouse again from the archive, offline: all of it into a new file, or some programmes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from extractors.archive.reader import ArchivedRecord
from extractors.errors import MptfError
from extractors.records import PARSER_VERSION
from flows.pipeline.catch_up import catch_up
from flows.pipeline.home import Home
from flows.pipeline.lending import with_bodies_held
from flows.pipeline.loader import Reparse, in_parts, load_records
from flows.pipeline.run import Run, run_on
from flows.pipeline.workers import parsing_in_workers, worker_count
from warehouse import ledger
from warehouse.connection import discard_log, open_reader, remove_file
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
    wait: float = 0,
) -> Iterator[Run]:
    """Build a new file beside the old one, and put it in its place after the block.

    The record of earlier runs, and the parses of this parser version (unless `reread`), are copied
    as far as the old file can be read. A kill at any moment leaves the old file or the new one,
    whole.

    Raises:
        ArchiveIncompleteError: an archive file is missing, cut short or damaged, so that the new
            file would hold less than the old one, which is kept (unless `accept_loss`).
    """
    with (
        home.writing("rebuild", now, wait=wait) as started_at,
        _recovered_successor(home) as target,
        run_on(home, target, "rebuild", started_at) as run,
    ):
        if home.warehouse.exists() and not copy_runs(run.con, home.warehouse):
            run.log.notes.append("the record of earlier runs could not be read, and starts anew")
        reuses_parses = False
        if home.warehouse.exists() and not reread:
            reuses_parses = stage_readings(run.con, home.warehouse, PARSER_VERSION)
        for problem in _missing(home):
            run.log.fail(*problem)
        with parsing_in_workers(run, _workers(home)) as parsing_run:
            catch_up(replace(parsing_run, reuses_parses=reuses_parses))
        if run.log.failures and home.warehouse.exists() and not accept_loss:
            problems = "; ".join(f"{one.subject}: {one.detail}" for one in run.log.failures)
            raise ArchiveIncompleteError(
                f"{problems}: the warehouse is left as it is. Restore the "
                "archive, or give --accept-loss to build it from what there is"
            )
        _note_bodies_parsed(run)
        yield run


@contextmanager
def _recovered_successor(home: Home) -> Iterator[Path]:
    """Yield a file that replaces the old one after the block, or is removed if the block fails."""
    home.archive.recover()
    target = home.folder / "warehouse.building.duckdb"
    remove_file(target)
    try:
        yield target
        discard_log(home.warehouse)
        target.replace(home.warehouse)
    except BaseException:
        remove_file(target)
        raise


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
    present = set(home.archive.files())
    for name, size in sorted(indexed.items()):
        if name not in present:
            yield name, "archive_damaged", "the archive file is missing"
        elif home.archive.size(name) < size:
            yield name, "archive_damaged", "the archive file is cut short"


def _note_bodies_parsed(run: Run) -> None:
    run.log.notes.append(f"pages read by parser {PARSER_VERSION}: {run.log.bodies_parsed}")


def rebuild_programmes(run: Run, programme_ids: Sequence[str], *, reread: bool = False) -> None:
    """Derive the vintages of some programmes anew; parse again what an older parser parsed.

    With `reread`, all their bodies are parsed again. A programme of which the archive holds nothing
    is a failure.
    """
    catch_up(run)
    for programme_id in dict.fromkeys(programme_ids):
        run.stop.check()
        captures = ledger.captures_of_programme(run.con, programme_id)
        if not captures:
            fail_without_capture(run, f"programme {programme_id}")
        parse_again(run, captures, "all" if reread else "older")
    _note_bodies_parsed(run)


def fail_without_capture(run: Run, subject: str) -> None:
    """Record a programme or fund that was named, and of which the archive holds nothing."""
    run.log.fail(subject, "no_capture", "the archive holds no capture of it")


def retry(run: Run, quarantine_ids: Sequence[str]) -> None:
    """Parse again what is in quarantine, all of it or some; load what no longer fails.

    A page is parsed once, however many of its rows are in quarantine.
    """
    catch_up(run)
    ids = quarantine_ids or [row.quarantine_id for row in ledger.open_quarantine(run.con)]
    of_parse: dict[str, list[ledger.Place]] = {}
    for quarantine_id in dict.fromkeys(ids):
        places = ledger.captures_in_quarantine(run.con, quarantine_id)
        if places:
            of_parse[places[0].parse_key] = places
        else:
            run.log.fail(quarantine_id, "not_in_quarantine", "not in quarantine")
    for part in in_parts(run, of_parse.values(), lambda _: 0):
        run.stop.check()
        parse_again(run, list(chain.from_iterable(part)), "all")


def parse_again(run: Run, places: Sequence[ledger.Place], which: Reparse) -> None:
    """Replace what the bodies of some captures say by a new parse, in one transaction.

    The captures must be all captures of these bodies. A body whose record the archive cannot give
    any more keeps its old parse, and is a failure.
    """
    records: list[ArchivedRecord] = []
    lost: set[str] = set()
    for place in places:
        try:
            records.append(run.home.archive.record(place.warc_file, place.warc_offset))
        except (ValueError, OSError) as error:
            lost.add(place.parse_key)
            why = str(getattr(error, "strerror", None) or error)
            run.log.fail(f"capture {place.capture_id}", "archive_damaged", why)
    whole = [record for record in records if record.capture.parse_key not in lost]
    if whole:
        load_records(run, with_bodies_held(run, whole), {}, reparse=which)
