"""Comparing archive, ledger and warehouse."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from extractors.archive.reader import ArchivedRecord, Damage
from extractors.records import PARSER_VERSION
from flows.pipeline.catch_up import load_archive, note_read
from flows.pipeline.home import Home
from flows.pipeline.run import run_on
from flows.terminal import counted
from warehouse import forgetting, ledger
from warehouse.compare import broken_keys, differences
from warehouse.connection import Connection, open_reader
from warehouse.derive import derive_all, derive_subjects


def verify(home: Home, now: datetime) -> list[str]:
    """Return a line for each mismatch.

    Rows that depend on an unreadable record are not listed again for every table. Captures that a
    killed run archived but did not load are no mismatch: the next run loads them. Neither is a
    torn last record of a file, which the next run moves to a `.torn` file.

    Raises:
        StoreUnreachableError: the archive's bucket cannot be reached.
    """
    con = open_reader(home.warehouse)
    try:
        problems = home.archive.differences()
        mismatches, lost, twice = _archive_against_ledger(home, con)
        problems += mismatches
        if older := ledger.bodies_of_other_parsers(con, PARSER_VERSION):
            problems.append(
                f"{counted(older, 'page was', 'pages were')} parsed by another version than"
                f" {PARSER_VERSION}: run `mptf rebuild` to parse again"
            )
        if unfinished := len(forgetting.bodies_to_erase(con)):
            problems.append(
                f"{counted(unfinished, 'page is', 'pages are')} to be erased, and may still be in"
                " the archive: run `mptf forget --erase` again, or `mptf rebuild` if another home"
                " has erased it"
            )
        problems += broken_keys(con)
        problems += _warehouse_against_archive(home, con, now, lost, twice)
    finally:
        con.close()
    return problems


class _Compared(NamedTuple):
    """What comparing archive and ledger has found.

    Attributes:
        problems: the mismatches.
        lost: the captures that the archive no longer holds.
        unlisted: the captures of records that the ledger does not name, by the mismatch that each
            is if the ledger does not name another record of the capture.
    """

    problems: list[str]
    lost: set[str]
    unlisted: dict[str, str]


def _archive_against_ledger(home: Home, con: Connection) -> tuple[list[str], set[str], set[str]]:
    """Return the mismatches, the captures that the archive has lost, and those that it has twice.

    Two homes that did not know of each other may have archived one capture twice. The ledger names
    the record that was loaded first, so the other is no mismatch.
    """
    found = _Compared([], set(), {})
    indexed = ledger.indexed_bytes(con)
    present = set(home.archive.files())
    for name in sorted(set(indexed) - present):
        found.problems.append(f"{name}: the archive file is missing")
        found.lost.update(ledger.captures_in_file(con, name).values())
    for name in sorted(present):
        _compare_file(home, con, name, indexed.get(name, 0), found)
    unlisted = found.unlisted
    elsewhere = ledger.capture_states(con, list(unlisted.values()), ledger.ALL_TIME)
    problems = [problem for problem, one in unlisted.items() if one not in elsewhere]
    twice = set(unlisted.values()) & elsewhere.keys()
    lost = found.lost | ledger.captures_without_body(con, found.lost)
    return found.problems + problems, lost, twice


def _compare_file(home: Home, con: Connection, name: str, read: int, found: _Compared) -> None:
    """Compare an archive file, of which some bytes were loaded, with the ledger."""
    size = home.archive.size(name)
    if size < read:
        found.problems.append(
            f"{name}: the archive file has {counted(size, 'byte')}; {read} of it were loaded"
        )
    listed = ledger.captures_in_file(con, name)
    for record in home.archive.records(name):
        if isinstance(record, Damage):
            if record.offset < read:
                where = f"{name}, bytes {record.offset}-{record.end}"
                found.problems.append(f"{where}: {record.problem}")
        elif isinstance(record, ArchivedRecord):
            capture = record.capture
            known = listed.pop(capture.warc_offset, None)
            if capture.warc_offset < read and known != capture.capture_id:
                problem = f"{name}, byte {capture.warc_offset}: does not match the ledger"
                if known is None:
                    found.unlisted[problem] = capture.capture_id
                else:
                    found.problems.append(problem)
    found.problems.extend(
        f"{name}, byte {offset}: capture {capture_id} of the ledger is not readable there"
        for offset, capture_id in sorted(listed.items())
    )
    found.lost.update(listed.values())


def _warehouse_against_archive(
    home: Home, con: Connection, now: datetime, lost: set[str], twice: set[str]
) -> list[str]:
    """Return the rows that differ, without those of lost captures and the ledger's of twofold."""
    keys_of_lost = forgetting.keys_that_hang_on(con, lost)
    with home.scratch_file() as rebuilt:
        with run_on(home, rebuilt, "verify", now) as run:
            run.log.counts_all = True
            faulty = load_archive(replace(run, derives=False), ledger.indexed_bytes(con))
            derive_all(run.con, partial(derive_subjects, pause=run.stop.check))
            note_read(run, faulty)
        return [
            f"{found.table_name}, {found.key}: {counted(found.only_here, 'row is', 'rows are')} not"
            f" what the archive gives, {counted(found.only_there, 'row')} that it gives"
            f" {'is' if found.only_there == 1 else 'are'} not here"
            for found in differences(con, rebuilt)
            if found.key not in keys_of_lost and found.key not in lost | twice
        ]
