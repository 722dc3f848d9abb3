"""Answers to untrusted SQL: read-only, whole, and from a file that is closed right afterwards."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TextIO

from extractors.errors import UsageError
from flows.places import Places
from flows.releases import newest_file
from flows.table import write_table
from flows.terminal import shown_on
from warehouse.connection import Connection, check_version
from warehouse.errors import WarehouseBusyError, WarehouseMissingError, WarehouseVersionError
from warehouse.query import Statement, statements, untrusted, write_csv, write_json


class Source(NamedTuple):
    """What is queried.

    Attributes:
        places: the home.
        as_of: the moment as of which views answer; None for now.
        release: whether the newest release is queried rather than the working file.
    """

    places: Places
    as_of: datetime | None
    release: bool


@contextmanager
def opened(source: Source, scratch: Path | None = None) -> Iterator[Connection]:
    """Open what is queried for untrusted SQL, while the block runs.

    While the working file is being written, the newest release is opened instead. A file of
    another version answers with its own tables, and a line says so.

    Args:
        source: what is queried.
        scratch: a new file for a result that becomes a file (`warehouse.query.keep_result`).
    """
    places, settings = source.places, source.places.settings
    limits = (settings.sql_memory, settings.sql_seconds, source.as_of, scratch)
    file = newest_file(places.releases) if source.release else places.warehouse
    if file is None:
        raise WarehouseMissingError(f"there is no release in {places.releases} yet")
    with ExitStack() as stack:
        try:
            con = stack.enter_context(untrusted(file, *limits))
        except WarehouseBusyError:
            newest = newest_file(places.releases)
            if newest is None or source.release:
                raise
            sys.stderr.write(
                f"mptf: the working file is being written; {newest.name} answers,"
                " as of its newest capture\n"
            )
            con = stack.enter_context(untrusted(newest, *limits))
        try:
            check_version(con)
        except WarehouseVersionError as error:  # the tables are as they were, and can be asked
            sys.stderr.write(f"mptf: {error}\n")
        yield con


def answer(source: Source, text: str, form: str, out: TextIO, width: int | None = None) -> int:
    """Write the whole result of each statement, and return the number of rows.

    Args:
        source: what is queried.
        text: one or more statements.
        form: `table`, `csv` or `json`, which takes one statement.
        out: where the results are written; CSV for programs is not escaped.
        width: the width of a terminal, which tables fit.
    """
    if form != "csv" or width is not None:
        out = shown_on(out)
    with opened(source) as con:
        found = parsed(con, text)
        if form == "json":
            only(found, "--format json")
        rows = shown = 0
        for statement in found:
            if not statement.shows and form != "json":
                con.execute(statement.text)
                continue
            if shown:
                out.write("\n")
            rows += _write(con, statement, form, out, width)
            shown += 1
    return rows


def parsed(con: Connection, text: str) -> list[Statement]:
    """Return the statements of a text, one at least."""
    found = statements(con, text)
    if not found:
        raise UsageError("there is no statement in the query")
    return found


def only(found: list[Statement], what: str) -> Statement:
    """Return the only statement; refuse several."""
    if len(found) > 1:
        raise UsageError(f"{what} takes one statement; this query has {len(found)}")
    return found[0]


def _write(con: Connection, statement: Statement, form: str, out: TextIO, width: int | None) -> int:
    match form:
        case "csv":
            return write_csv(con, statement.text, out)
        case "json":
            return write_json(con, statement.text, out)
        case _:
            return write_table(con, statement.text, out, width)
