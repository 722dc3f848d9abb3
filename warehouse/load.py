"""Frames into the tables, and the vintages of the programmes that they touch. One transaction."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from transforms.schemas import OBSERVED_TABLES
from warehouse.connection import (
    ArrowStream,
    Connection,
    one,
    registered,
    retry_with_more_memory,
    sql,
    transaction,
)
from warehouse.derive import derive
from warehouse.parse_cache import take_over_observations, take_over_quarantine


class Batch(NamedTuple):
    """What is loaded at once.

    Frames: `observations` by table name; `captures` as raw.capture less what the bodies say, with
    what the address says that they are about; `quarantined` rows; `archive_files` with how far
    each has now been read.
    """

    observations: Mapping[str, ArrowStream]
    captures: ArrowStream
    quarantined: ArrowStream
    archive_files: ArrowStream


def load(con: Connection, batch: Batch, *, again: bool = False, staged: bool = False) -> None:
    """Load one batch, or nothing of it. Loading what is loaded changes no row.

    With `again`, what the batch's bodies said before is replaced by its reading of them (a body of
    which it has none keeps the one before), how their captures count is settled anew, and what was
    in quarantine and no longer fails is marked resolved. With `staged`, what its bodies say may be
    taken over from an older file.
    """
    frames = {
        "new_capture": batch.captures,
        "new_quarantine": batch.quarantined,
        "new_archive_file": batch.archive_files,
    }
    # Most nights bring few bodies that are new: what is empty is not worth a statement.
    said = {
        table: frame
        for table, frame in batch.observations.items()
        if len(frame) or table == "observed.body"
    }
    frames |= {_new(table): frame for table, frame in said.items()}
    # Registered outside the transaction: a connection whose transaction failed can only roll back.
    with registered(con, **frames):
        retry_with_more_memory(con, lambda: _load(con, batch, said, again=again, staged=staged))


def _load(con: Connection, batch: Batch, said: Iterable[str], *, again: bool, staged: bool) -> None:
    with transaction(con):
        if again:
            con.execute(sql("load/changed_before"))
            _forget(con)
        else:
            con.execute("CREATE OR REPLACE TEMP TABLE changed_subject (about VARCHAR)")
        _insert_observations(con, said)
        if staged:
            take_over_observations(con)
        if len(batch.captures):
            _insert_captures(con)
        if len(batch.quarantined):
            con.execute(sql("load/quarantined_rows"))
        if staged:
            take_over_quarantine(con)
        if again:
            con.execute(sql("load/resolved"))
        con.execute(sql("load/archive_file"))
        if len(batch.captures):
            con.execute(sql("load/changed_subject"))
            if one(con, "SELECT count(*) FROM changed_subject"):
                derive(con)


def _insert_captures(con: Connection) -> None:
    first, last = con.execute(
        "SELECT min(captured_at), max(captured_at) FROM new_capture"
    ).fetchall()[0]
    con.execute(sql("load/arrived"), {"first": first, "last": last})
    con.execute("INSERT INTO raw.capture BY NAME SELECT * EXCLUDE (content_digest) FROM arrived")
    con.execute(sql("load/quarantined_pages"))


def _forget(con: Connection) -> None:
    """Forget what the bodies that were read again said, and how the batch's captures counted."""
    for table in OBSERVED_TABLES:
        con.execute(
            f"DELETE FROM {table} WHERE body_sha256 IN (SELECT body_sha256 FROM new_body)"  # noqa: S608 because the names are the models' own
        )
    con.execute("DELETE FROM raw.capture WHERE capture_id IN (SELECT capture_id FROM new_capture)")


def _insert_observations(con: Connection, tables: Iterable[str]) -> None:
    """What new bodies say; a body that is known already is left as it is. Bodies come last."""
    for table in sorted(tables, key=lambda table: table == "observed.body"):
        con.execute(
            f"INSERT INTO {table} BY NAME FROM {_new(table)}"
            " ANTI JOIN observed.body USING (body_sha256)"
        )


def _new(table: str) -> str:
    """The name under which a batch's frame for an observed table is registered."""
    return table.replace("observed.", "new_")
