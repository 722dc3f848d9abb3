"""Observations of an older file, reused by the new one that a rebuild makes.

The observations of a body depend only on its bytes and the parser's version. So a rebuild stages
those of the same version in temporary tables, and each batch loads from them the observations of
its captures' bodies.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb

from transforms.schemas import OBSERVED_TABLES
from warehouse.connection import (
    SCHEMA_VERSION,
    Connection,
    one,
    quoted,
    retry_with_more_memory,
    space_joined,
    sql,
    transaction,
)

# A fault of the parser may have been a passing one, so such bodies are parsed again.
_READ = "parser_version = ? AND refused_rule IS DISTINCT FROM 'parser_fault'"


class KnownBefore(NamedTuple):
    """What an older file, of any version, says of the work of building it again.

    Attributes:
        captures: how many captures it has.
        seconds_a_capture: of the last rebuild that came to its end in one go; None without one.
    """

    captures: int
    seconds_a_capture: float | None


def known_before(old: Path) -> KnownBefore | None:
    """Return what an older file says of a rebuild; None if it cannot be read."""
    if not old.exists():
        return None
    try:
        with closing(duckdb.connect()) as con, _attached(con, old):
            return KnownBefore(*con.execute(sql("known_before")).fetchall()[0])
    except duckdb.Error:
        return None


def copy_runs(con: Connection, old: Path) -> bool:
    """Copy the record of runs from an older file, those that are not there yet, and what failed.

    Returns:
        False if it is damaged, or its tables are others.
    """
    return _taken(con, old, lambda: _copy_runs(con))


def _copy_runs(con: Connection) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE run_before AS SELECT run_id FROM meta.run")
    con.execute(
        "INSERT INTO meta.run BY NAME FROM old.meta.run ANTI JOIN run_before USING (run_id)"
    )
    if one(con, sql("failures_alike")):  # else the next sync does not know what failed
        con.execute(
            "INSERT INTO meta.failure FROM old.meta.failure ANTI JOIN run_before USING (run_id)"
        )


def stage_readings(con: Connection, old: Path, parser_version: str) -> bool:
    """Stage the observations that this parser version made.

    Returns:
        False if the file is damaged, or of another version.
    """
    is_alike = _version(con, old) == SCHEMA_VERSION
    return is_alike and _taken(con, old, lambda: _stage(con, parser_version))


def _version(con: Connection, old: Path) -> int | None:
    """Return the version of an older file's tables; None if it cannot be read."""
    try:
        with _attached(con, old):
            version: int | None = one(con, "SELECT schema_version FROM old.meta.warehouse")
            return version
    except duckdb.Error:
        return None


def _stage(con: Connection, parser_version: str) -> None:
    con.execute(
        f"CREATE TEMP TABLE staged_body AS FROM old.observed.body WHERE {_READ}", [parser_version]
    )
    for table in OBSERVED_TABLES:
        if table != "observed.body":
            con.execute(
                f"CREATE TEMP TABLE {_staged(table)} AS FROM old.{table}"
                " SEMI JOIN staged_body USING (parse_key)"
            )
    con.execute(
        "CREATE TEMP TABLE staged_quarantine AS FROM old.meta.quarantine"
        " SEMI JOIN staged_body USING (parse_key)"
        " WHERE table_name <> 'raw.capture' AND resolved_at IS NULL"
    )


def _taken(con: Connection, old: Path, take: Callable[[], None]) -> bool:
    """Take something over from an older file, all of it or nothing.

    Returns:
        False if the file is damaged, or its tables are others. To lack memory says neither.
    """

    def take_all() -> None:
        with transaction(con):
            take()

    try:
        with _attached(con, old):
            retry_with_more_memory(con, take_all)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
    return True


def staged_bodies(con: Connection, sha256s: Iterable[str]) -> set[str]:
    """Return those of the bodies whose observations are staged."""
    rows = con.execute(
        "SELECT parse_key FROM staged_body"
        " WHERE parse_key IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(sha256s)],
    ).fetchall()
    return {sha256 for (sha256,) in rows}


def current_bodies(con: Connection, sha256s: Iterable[str], parser_version: str) -> set[str]:
    """Return those of the bodies that this parser version has parsed into this file."""
    rows = con.execute(
        f"SELECT parse_key FROM observed.body WHERE {_READ}"  # noqa: S608 because the condition is the one above
        " AND parse_key IN (SELECT unnest(string_split(?, ' ')))",
        [parser_version, space_joined(sha256s)],
    ).fetchall()
    return {sha256 for (sha256,) in rows}


def take_over_observations(con: Connection) -> None:
    """Load the staged observations of a batch's bodies that are not loaded yet."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE taken_over AS FROM (SELECT parse_key FROM new_capture UNION"
        " SELECT part_key FROM staged_part SEMI JOIN new_capture USING (parse_key) UNION"
        " SELECT empty_part_key FROM staged_answer SEMI JOIN new_capture USING (parse_key)"
        " WHERE empty_part_key IS NOT NULL) ANTI JOIN observed.body USING (parse_key)"
    )
    for table in OBSERVED_TABLES:
        con.execute(
            f"INSERT INTO {table} BY NAME FROM {_staged(table)}"
            " SEMI JOIN taken_over USING (parse_key)"
        )


def take_over_quarantine(con: Connection) -> None:
    """Load the staged quarantined rows of a batch's bodies, after its captures."""
    con.execute(sql("load/staged_quarantine"))


@contextmanager
def _attached(con: Connection, old: Path) -> Iterator[None]:
    con.execute(f"ATTACH {quoted(str(old))} AS old (READ_ONLY)")
    try:
        yield
    finally:
        con.execute("DETACH old")


def _staged(table: str) -> str:
    """Return the temporary table that stages an observed one."""
    return table.replace("observed.", "staged_")
