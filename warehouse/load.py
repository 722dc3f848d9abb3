"""Frames into the tables, and the vintages of the programmes that they touch. One transaction."""

from collections.abc import Mapping
from typing import NamedTuple

from transforms.schemas import OBSERVED_TABLES
from warehouse.connection import ArrowStream, Connection, registered, sql, sql_names, transaction
from warehouse.earlier import take_over_observations, take_over_quarantine


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
        **{_new(table): batch.observations[table] for table in OBSERVED_TABLES},
    }
    # Registered outside the transaction: a connection whose transaction failed can only roll back.
    with registered(con, **frames), transaction(con):
        con.execute("DROP TABLE IF EXISTS touched; DROP TABLE IF EXISTS touched_fund")
        con.execute(sql("load/touched"))
        if again:
            _forget(con)
        _insert_observations(con)
        if staged:
            take_over_observations(con)
        con.execute(sql("load/captures"))
        con.execute(sql("load/quarantined_pages"))
        con.execute(sql("load/quarantined_rows"))
        if staged:
            take_over_quarantine(con)
        if again:
            con.execute(sql("load/resolved"))
        con.execute(sql("load/archive_file"))
        con.execute(sql("load/touched"))
        derive_vintages(con)


def _forget(con: Connection) -> None:
    """Forget what the bodies that were read again said, and how the batch's captures counted."""
    for table in OBSERVED_TABLES:
        con.execute(
            f"DELETE FROM {table} WHERE body_sha256 IN (SELECT body_sha256 FROM new_body)"  # noqa: S608 because the names are the models' own
        )
    con.execute("DELETE FROM raw.capture WHERE capture_id IN (SELECT capture_id FROM new_capture)")


def derive_vintages(con: Connection) -> None:
    """Derive everything in core, and the checks, for what is in `touched` and `touched_fund`."""
    for name in sql_names("vintages"):
        con.execute(sql(name))
    con.execute(
        "DELETE FROM meta.check_result"
        " WHERE programme_id IN (FROM touched) OR fund_code IN (FROM touched_fund)"
    )
    for name in sql_names("checks"):
        check = name.partition("/")[2]
        con.execute(
            f"INSERT INTO meta.check_result BY NAME SELECT ? AS check_name, * FROM ({sql(name)})",  # noqa: S608 because a check is a file of ours
            [check],
        )


def _insert_observations(con: Connection) -> None:
    """What new bodies say; a body that is known already is left as it is. Bodies come last."""
    tables = [table for table in OBSERVED_TABLES if table != "observed.body"]
    for table in [*tables, "observed.body"]:
        con.execute(
            f"INSERT INTO {table} BY NAME FROM {_new(table)}"
            " ANTI JOIN observed.body USING (body_sha256)"
        )


def _new(table: str) -> str:
    """The name under which a batch's frame for an observed table is registered."""
    return table.replace("observed.", "new_")
