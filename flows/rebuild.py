"""The warehouse again from the archive, offline: all of it into a new file, or some programmes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from extractors.archive import ArchivedRecord
from flows.home import Home
from flows.load import catch_up, load_records
from flows.run import Run, run_on
from warehouse import ledger
from warehouse.connection import discard_log, remove_file
from warehouse.schema import copy_runs


@contextmanager
def rebuild_all(home: Home, now: datetime) -> Iterator[Run]:
    """Build a new file beside the old one; after the block, put it in the old one's place.

    The record of earlier runs is taken over, as far as the old file can be read. A kill at any
    moment leaves the old file or the new one, whole.
    """
    with home.writing("rebuild", now):
        home.archive.recover()
        target = home.folder / "warehouse.building.duckdb"
        remove_file(target)
        with run_on(home, target, "rebuild", now) as run:
            copy_runs(run.con, home.warehouse)
            catch_up(run)
            yield run
        discard_log(home.warehouse)
        target.replace(home.warehouse)


def rebuild_programmes(run: Run, programme_ids: Sequence[str]) -> None:
    """Read every body of some programmes again and derive their vintages anew, in place.

    A programme of which the archive holds nothing is a failure of its own.
    """
    catch_up(run)
    for programme_id in programme_ids:
        run.stop.check()
        captures = ledger.captures_of_programme(run.con, programme_id)
        if not captures:
            run.fail(f"programme {programme_id}: the archive holds no capture of it")
        read_again(run, captures)


def retry(run: Run, quarantine_ids: Sequence[str]) -> None:
    """Read again what is in quarantine, all of it or some; what no longer fails is loaded."""
    catch_up(run)
    wanted = quarantine_ids or [row.quarantine_id for row in ledger.open_quarantine(run.con)]
    done: set[str] = set()
    for quarantine_id in wanted:
        run.stop.check()
        captures = ledger.captures_in_quarantine(run.con, quarantine_id)
        if not captures and quarantine_id not in done:
            run.fail(f"{quarantine_id}: not in quarantine")
        elif captures:
            done |= {row.quarantine_id for row in ledger.open_quarantine(run.con)}
            read_again(run, captures)


def read_again(run: Run, places: Sequence[ledger.Place]) -> None:
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
            run.fail(f"capture {place.capture_id}: {error}")
    whole = [record for record in records if record.capture.body_sha256 not in lost]
    if whole:
        load_records(run, whole, {}, again=True)
