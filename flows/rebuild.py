"""The warehouse again from the archive, offline: all of it into a new file, or some programmes."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from itertools import chain
from pathlib import Path

from extractors.archive.reader import ArchivedRecord
from extractors.errors import MptfError
from extractors.records import PARSER_VERSION
from flows.pipeline.home import Home
from flows.pipeline.load import catch_up, load_records
from flows.pipeline.loader import Again, in_parts
from flows.pipeline.parse import read_bodies
from flows.pipeline.run import Run, run_on
from flows.pipeline.workers import helpers, reading
from warehouse import ledger
from warehouse.connection import discard_log, open_reader, remove_file
from warehouse.errors import DatabaseError, WarehouseError
from warehouse.parse_cache import copy_runs, stage_readings

_WORTH_HELPERS = 2 * 2**20  # bytes of the archive, packed


class ArchiveIncompleteError(MptfError):
    """The archive cannot give again what the warehouse holds; the message names what is missing."""


@contextmanager
def rebuild_all(
    home: Home,
    now: datetime,
    *,
    accept_loss: bool = False,
    reread: bool = False,
    wait: float = 0,
) -> Iterator[Run]:
    """Build a new file beside the old one; after the block, put it in the old one's place.

    The record of earlier runs, and what this version of the parser read (unless `reread`), are
    taken over as far as the old file can be read. A kill at any moment leaves the old file or the
    new one, whole.

    Raises:
        ArchiveIncompleteError: an archive file is missing, cut short or damaged, so that the new
            file would hold less than the old one, which is kept (unless `accept_loss`).
    """
    with home.writing("rebuild", now, wait=wait) as began:
        home.archive.recover()
        with _successor(home) as target, run_on(home, target, "rebuild", began) as run:
            if home.warehouse.exists() and not copy_runs(run.con, home.warehouse):
                run.notes.append("the record of earlier runs could not be read, and starts anew")
            if home.warehouse.exists() and not reread:
                run.staged = stage_readings(run.con, home.warehouse, PARSER_VERSION)
            for problem in _missing(home):
                run.fail(*problem)
            with _helped_reading(run):
                catch_up(run)
            if run.failures and home.warehouse.exists() and not accept_loss:
                problems = "; ".join(
                    f"{failed.subject}: {failed.detail}" for failed in run.failures
                )
                raise ArchiveIncompleteError(
                    f"{problems}: the warehouse is left as it is. Restore the "
                    "archive, or give --accept-loss to build it from what there is"
                )
            run.notes.append(_bodies_read(run))
            yield run


@contextmanager
def _successor(home: Home) -> Iterator[Path]:
    """A file that takes the old one's place after the block, or is removed if that fails."""
    target = home.folder / "warehouse.building.duckdb"
    remove_file(target)
    try:
        yield target
        discard_log(home.warehouse)
        target.replace(home.warehouse)
    except BaseException:
        remove_file(target)
        raise


def _helped_reading(run: Run) -> AbstractContextManager[object]:
    """Other processes read, where there is more than they cost to begin with."""
    settings, archive = run.home.settings, run.home.archive
    count = helpers(settings)
    packed = sum(archive.size(name) for name in archive.files())
    if not count or packed < _WORTH_HELPERS:
        return nullcontext()
    return reading(run, count, read_bodies.__module__)


def _missing(home: Home) -> Iterator[tuple[str, str, str]]:
    """Archive files that the old warehouse was built from and that are not there in full."""
    try:
        con = open_reader(home.warehouse)
    except (WarehouseError, DatabaseError):
        return
    try:
        indexed = ledger.indexed_bytes(con)
    finally:
        con.close()
    here = set(home.archive.files())
    for name, size in sorted(indexed.items()):
        if name not in here:
            yield name, "archive_damaged", "the archive file is missing"
        elif home.archive.size(name) < size:
            yield name, "archive_damaged", "the archive file is cut short"


def _bodies_read(run: Run) -> str:
    return f"pages read by parser {PARSER_VERSION}: {run.bodies_read}"


def rebuild_programmes(run: Run, programme_ids: Sequence[str], *, reread: bool = False) -> None:
    """Derive the vintages of some programmes anew, in place; read what an older parser read again.

    With `reread`, every body of theirs is read again. A programme of which the archive holds
    nothing is a failure of its own.
    """
    catch_up(run)
    for programme_id in dict.fromkeys(programme_ids):
        run.stop.check()
        captures = ledger.captures_of_programme(run.con, programme_id)
        if not captures:
            fail_without_capture(run, programme_id)
        read_again(run, captures, "all" if reread else "older")
    run.notes.append(_bodies_read(run))


def fail_without_capture(run: Run, programme_id: str) -> None:
    """A programme that was asked for, and of which nothing is there."""
    run.fail(f"programme {programme_id}", "no_capture", "the archive holds no capture of it")


def retry(run: Run, quarantine_ids: Sequence[str]) -> None:
    """Read again what is in quarantine, all of it or some; what no longer fails is loaded.

    A page is read once, however much of it was set aside.
    """
    catch_up(run)
    wanted = quarantine_ids or [row.quarantine_id for row in ledger.open_quarantine(run.con)]
    of_body: dict[str, list[ledger.Place]] = {}
    for quarantine_id in dict.fromkeys(wanted):
        places = ledger.captures_in_quarantine(run.con, quarantine_id)
        if places:
            of_body[places[0].body_sha256] = places
        else:
            run.fail(quarantine_id, "not_in_quarantine", "not in quarantine")
    for part in in_parts(run, of_body.values(), lambda _: 0):
        run.stop.check()
        read_again(run, list(chain.from_iterable(part)), "all")


def read_again(run: Run, places: Sequence[ledger.Place], which: Again) -> None:
    """Replace what the bodies of some captures say by a new reading, in one transaction.

    The captures must be all captures of these bodies. A body whose record the archive cannot give
    any more is left as it was read before, and is a failure of its own.
    """
    records: list[ArchivedRecord] = []
    lost: set[str] = set()
    for place in places:
        try:
            records.append(run.home.archive.record(place.warc_file, place.warc_offset))
        except (ValueError, OSError) as error:
            lost.add(place.body_sha256)
            why = str(getattr(error, "strerror", None) or error)
            run.fail(f"capture {place.capture_id}", "archive_damaged", why)
    whole = [record for record in records if record.capture.body_sha256 not in lost]
    if whole:
        load_records(run, whole, {}, again=which)
