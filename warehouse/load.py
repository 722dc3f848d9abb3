"""Load a batch of frames, and derive the vintages that it changes, in one transaction.

Where everything is loaded before anything is derived, as in a rebuild, `derive_all` comes last.
"""

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
from warehouse.derive import NO_SOURCE, NO_SUBJECT, derive
from warehouse.parse_cache import take_over_observations, take_over_quarantine


class Batch(NamedTuple):
    """The frames of one load.

    `observations` are by table name. `captures`, each there once, have the columns of raw.capture
    except those that the bodies decide, and the subject that each URL names. `archive_files` say
    how far each file has been read.
    """

    observations: Mapping[str, ArrowStream]
    captures: ArrowStream
    quarantined: ArrowStream
    archive_files: ArrowStream


def load(
    con: Connection,
    batch: Batch,
    *,
    again: bool = False,
    staged: bool = False,
    derives: bool = True,
) -> None:
    """Load a whole batch, or none of it. Loading it a second time changes no row.

    Args:
        con: the warehouse, open for writing.
        batch: the frames.
        again: replace the observations of the batch's bodies, decide anew whether their captures
            count, and mark quarantined rows that no longer fail as resolved. A body without new
            observations keeps those it has.
        staged: load observations that were staged from an older file as well.
        derives: derive what the batch changes; else nothing may be derived yet.
    """
    frames = {
        "new_capture": batch.captures,
        "new_quarantine": batch.quarantined,
        "new_archive_file": batch.archive_files,
    }
    # A nightly batch has few new bodies, so most of its frames are empty: skip those.
    said = {
        table: frame
        for table, frame in batch.observations.items()
        if len(frame) or table == "observed.body"
    }
    frames |= {_new(table): frame for table, frame in said.items()}
    # Registered outside the transaction: a connection whose transaction failed can only roll back.
    with registered(con, **frames):
        retry_with_more_memory(
            con, lambda: _load(con, batch, said, again=again, staged=staged, derives=derives)
        )


def _load(
    con: Connection, batch: Batch, said: Iterable[str], *, again: bool, staged: bool, derives: bool
) -> None:
    with transaction(con):
        con.execute(NO_SOURCE)
        if again:
            con.execute(sql("load/changed_before"))
            con.execute(sql("load/changed_source"))
            delete_observations(con, "new_body")
            con.execute(
                "DELETE FROM raw.capture WHERE capture_id IN (SELECT capture_id FROM new_capture)"
            )
            con.execute("CREATE OR REPLACE TEMP TABLE changed_body AS FROM new_capture")
        else:
            con.execute(NO_SUBJECT)
        _insert_observations(con, said)
        if staged:
            take_over_observations(con)
        _insert_captures(con, again=again)
        if one(con, "SELECT count(*) FROM raw.forget_order"):
            con.execute(sql("load/forgotten"))
        if len(batch.quarantined):
            con.execute(sql("load/quarantined_rows"))
        if staged:
            take_over_quarantine(con)
        if again:
            con.execute(sql("load/resolved"))
        con.execute(sql("load/archive_file"))
        if derives:
            con.execute(sql("load/changed_subject"))
            con.execute(sql("load/sighting"))
            if not again:
                con.execute(sql("load/known_page"))
            con.execute(sql("load/page_body_again" if again else "load/page_body"))
            con.execute(sql("load/changed_source"))
            derive(con, in_order=not again)


def _insert_captures(con: Connection, *, again: bool) -> None:
    first, last = con.execute(
        "SELECT min(captured_at), max(captured_at) FROM new_capture"
    ).fetchall()[0]
    con.execute(sql("load/arrived"), {"first": first, "last": last})
    con.execute(
        "INSERT INTO raw.capture BY NAME"
        " SELECT * EXCLUDE (content_digest, is_cut, rule) FROM arrived"
    )
    if again or one(con, "SELECT count(rule) FROM arrived"):
        con.execute(sql("load/quarantined_pages"))


def delete_observations(con: Connection, bodies: str) -> None:
    """Delete all observations of the bodies that a table lists."""
    for table in OBSERVED_TABLES:
        con.execute(
            f"DELETE FROM {table} WHERE parse_key IN (SELECT parse_key FROM {bodies})"  # noqa: S608 because the names are the models' own
        )


def _insert_observations(con: Connection, tables: Iterable[str]) -> None:
    """Insert the observations of new bodies; all known ones are searched once, not by table."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE known_body AS"
        " SELECT parse_key FROM observed.body SEMI JOIN new_body USING (parse_key)"
    )
    for table in tables:
        con.execute(
            f"INSERT INTO {table} BY NAME FROM {_new(table)} ANTI JOIN known_body USING (parse_key)"
        )


def _new(table: str) -> str:
    """Return the name under which a batch's frame for an observed table is registered."""
    return table.replace("observed.", "new_")
