"""Archive against ledger against warehouse: every mismatch by name."""

from datetime import datetime

from extractors.archive.reader import Damage
from extractors.records import PARSER_VERSION
from flows.pipeline.home import Home
from flows.pipeline.loader import catch_up
from flows.pipeline.run import run_on
from warehouse import ledger
from warehouse.compare import broken_keys, differences
from warehouse.connection import Connection, open_reader


def verify(home: Home, now: datetime) -> list[str]:
    """What does not fit together, one line each; nothing where all is well.

    What hangs on a record that the archive cannot give any more is not named again for every table.
    What a killed run archived but did not load is no mismatch: the next run loads it. Nor is a torn
    tail, which the next run sets aside.
    """
    con = open_reader(home.warehouse)
    try:
        problems, lost = _archive_against_ledger(home, con)
        if older := ledger.bodies_of_other_parsers(con, PARSER_VERSION):
            problems.append(
                f"{older} pages were read by another parser than this one, {PARSER_VERSION}: "
                "`mptf rebuild` reads them again"
            )
        problems += broken_keys(con)
        problems += _warehouse_against_archive(home, con, now, lost)
    finally:
        con.close()
    return problems


def _archive_against_ledger(home: Home, con: Connection) -> tuple[list[str], set[str]]:
    """What does not fit, and the captures of the ledger that the archive cannot give any more."""
    problems: list[str] = []
    lost: set[str] = set()
    indexed = ledger.indexed_bytes(con)
    here = set(home.archive.files())
    for name in sorted(set(indexed) - here):
        problems.append(f"{name}: the archive file is missing")
        lost |= set(ledger.captures_in_file(con, name).values())
    for name in sorted(here):
        size, read = home.archive.size(name), indexed.get(name, 0)
        if size < read:
            problems.append(f"{name}: the archive file has {size} bytes; {read} were read of it")
        listed = ledger.captures_in_file(con, name)
        for found in home.archive.records(name):
            if isinstance(found, Damage):
                if found.offset < read:
                    problems.append(f"{name}, bytes {found.offset}-{found.end}: {found.problem}")
                continue
            capture = found.capture
            known = listed.pop(capture.warc_offset, None)
            if capture.warc_offset < read and known != capture.capture_id:
                problems.append(f"{name}, byte {capture.warc_offset}: not in the ledger as it is")
        problems += [
            f"{name}, byte {offset}: capture {capture_id} of the ledger is not readable there"
            for offset, capture_id in sorted(listed.items())
        ]
        lost |= set(listed.values())
    return problems, lost | ledger.captures_without_body(con, lost)


def _warehouse_against_archive(
    home: Home, con: Connection, now: datetime, lost: set[str]
) -> list[str]:
    without_witness = ledger.keys_of_captures(con, lost)
    with home.scratch_file() as rebuilt:
        with run_on(home, rebuilt, "verify", now) as run:
            catch_up(run, limits=ledger.indexed_bytes(con))
        return [
            f"{found.table_name}, {found.key}: {found.only_here} rows are not what the archive "
            f"gives, {found.only_there} rows that it gives are not here"
            for found in differences(con, rebuilt)
            if found.key not in without_witness and found.key not in lost
        ]
