"""Deriving in shards: each derives a share of the programmes and funds into a file of its own.

A shard reads the captures and observations of a file that nobody is writing, and derives as a load
does. Then one process unites the shards' rows in that file. What sources say of organizations and
contributions is not of one programme or fund: it is derived there, at the end.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from transforms.schemas import STORED_TABLES
from warehouse.connection import (
    Connection,
    WriterLimits,
    one,
    open_writer,
    quoted,
    remove_file,
    sql,
    sql_names,
    transaction,
)
from warehouse.derive import DERIVED_TABLES, Share, derive_all, derive_subjects
from warehouse.schema import prepare

# What a shard derives from, and how.
_BASE_TABLES = [table for table in STORED_TABLES if table.startswith(("raw.", "observed."))]
_STEPS = ("whole", "compare", "derive", "checks", "fund_checks", "macros", "core")


def fingerprint(con: Connection) -> str:
    """Return a digest of all that shards are derived from: what is loaded, and the steps."""
    loaded = one(con, sql("shards/loaded"))
    steps = (sql(name) for folder in _STEPS for name in sql_names(folder))
    return hashlib.sha256("\n".join([str(loaded), *steps]).encode()).hexdigest()[:32]


def derive_shard(loaded: Path, shard: Path, share: Share, limits: WriterLimits) -> None:
    """Derive a share of the programmes and funds into a file, which appears whole or not at all.

    Args:
        loaded: a warehouse file in which everything is loaded, and which nobody is writing.
        shard: the file to write.
        share: which share.
        limits: of this process.
    """
    beside = shard.with_name(f"{shard.name}.part")
    remove_file(beside)
    con = open_writer(beside, limits)
    try:
        prepare(con)
        con.execute(f"ATTACH {quoted(str(loaded))} AS loaded (READ_ONLY)")
        for table in _BASE_TABLES:
            con.execute(f"DROP TABLE {table}")
            con.execute(f"CREATE VIEW {table} AS FROM loaded.{table}")
        derive_subjects(con, share)
    finally:
        con.close()
    beside.replace(shard)


def unite(con: Connection, shards: Sequence[Path]) -> None:
    """Put the rows of all shards in the place of what is derived, and derive what is left."""
    derive_all(con, partial(_insert, shards=shards))


def _insert(con: Connection, shards: Sequence[Path]) -> None:
    for shard in shards:
        con.execute(f"ATTACH {quoted(str(shard))} AS shard (READ_ONLY)")
        with transaction(con):
            for table in DERIVED_TABLES:
                con.execute(f"INSERT INTO {table} BY NAME FROM shard.{table}")
        con.execute("DETACH shard")
