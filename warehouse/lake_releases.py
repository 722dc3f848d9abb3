"""Releases in a lake: each is one snapshot, and only rows that have changed are written.

One transaction makes one snapshot, so readers see whole releases, and any that was published
before, while the next is written.
"""

import hashlib
import json
import re
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from transforms.schemas import STORED_TABLES, describe
from warehouse.connection import Connection, one, open_reader, quoted, transaction
from warehouse.lake import LakeError

_AUTHOR = "mptf publish"  # of our snapshots; DuckLake makes the first, empty one itself
_NAMED = re.compile(r'\b(\w+)\."?(\w+)"?')
_OWN_FILE = re.compile(r".*/ducklake-[0-9a-f-]+\.\w+")
# A table that is written even where it is equal, so that every release is a snapshot.
_ALWAYS_WRITTEN = "meta.warehouse"


class LakeOwnerError(LakeError):
    """A lake has the releases of another home."""

    retry_helps = False


class Written(NamedTuple):
    """What a release changed in a lake: tables, rows removed and rows added."""

    tables: int
    removed: int
    added: int


class _Table(NamedTuple):
    """A table of a release: its definition, its columns with type and NOT NULL, its comments."""

    sql: str
    columns: list[tuple[str, str, bool]]
    comments: list[str]


def releases_in(con: Connection) -> list[str]:
    """Return the names of the releases in a lake, in the order in which they came."""
    return [name for name, _ in _ours(con)]


def check_owner(con: Connection, home: str) -> None:
    """Refuse a lake that has the releases of another home: ours would replace their rows.

    Raises:
        LakeOwnerError: it has.
    """
    if any(known["home"] != home for _, known in _ours(con)):
        raise LakeOwnerError(
            "the lake has the releases of another home: publish to a database and a folder of this"
            " home's own, or restore the home's file home.json"
        )


def add_release(con: Connection, release: Path, name: str, home: str) -> Written:
    """Make a lake equal to a release, as one snapshot that has the release's name.

    A kill before the end leaves the lake as it was. Files that it left are removed a day later.

    Args:
        con: an opened lake.
        release: the release's file.
        name: its name.
        home: the identity of the home whose release it is.

    Raises:
        WarehouseVersionError: another version of this program wrote the release.
    """
    open_reader(release).close()
    con.execute("USE lake")
    if not _ours(con):
        con.execute("CALL lake.set_option('parquet_compression', 'zstd')")
    con.execute(f"SET temp_directory = {quoted(str(release.with_name('.lake.tmp')))}")
    con.execute(f"ATTACH {quoted(str(release))} AS release (READ_ONLY)")
    try:
        definitions = _definitions(con)
        digest = hashlib.sha256(json.dumps(definitions).encode()).hexdigest()
        with transaction(con):
            is_new = [known["definitions"] for _, known in _ours(con)][-1:] != [digest]
            if is_new:
                _drop_definitions(con)
            written = _write_tables(con)
            for definition in definitions if is_new else ():
                con.execute(definition)
            con.execute(
                "CALL lake.set_commit_message(?, ?, extra_info => ?)",
                [_AUTHOR, name, json.dumps({"definitions": digest, "home": home})],
            )
    finally:
        con.execute("DETACH release")
    _remove_orphans(con)
    return written


def _ours(con: Connection) -> list[tuple[str, dict[str, str]]]:
    """Return the name of each release in a lake, and what was noted with it, in order."""
    rows = con.execute(
        "SELECT commit_message, commit_extra_info FROM lake.snapshots() WHERE author = ?"
        " ORDER BY snapshot_id",
        [_AUTHOR],
    ).fetchall()
    return [(name, json.loads(known)) for name, known in rows]


def _definitions(con: Connection) -> list[str]:
    """Return the statements that create a release's macros and views, each behind what it reads."""
    rows = con.execute(
        """
        SELECT schema_name || '.' || view_name, sql
        FROM duckdb_views() WHERE database_name = 'release' AND NOT internal
        UNION ALL
        SELECT
            schema_name || '.' || function_name,
            format(
                'CREATE MACRO {}.{}({}) AS {}{}', schema_name, function_name,
                array_to_string(parameters, ', '),
                if(function_type = 'table_macro', 'TABLE ', ''), macro_definition
            )
        FROM duckdb_functions() WHERE database_name = 'release' AND NOT internal
        ORDER BY ALL
        """
    ).fetchall()
    statements: dict[str, str] = dict(rows)
    reads = {
        name: {".".join(pair) for pair in _NAMED.findall(sql)} & statements.keys() - {name}
        for name, sql in statements.items()
    }
    return [statements[name] for name in TopologicalSorter(reads).static_order()]


def _drop_definitions(con: Connection) -> None:
    for kind, name in con.execute(
        """
        SELECT 'VIEW', schema_name || '.' || view_name
        FROM duckdb_views() WHERE database_name = 'lake' AND NOT internal
        UNION ALL
        SELECT
            if(function_type = 'table_macro', 'MACRO TABLE', 'MACRO'),
            schema_name || '.' || function_name
        FROM duckdb_functions() WHERE database_name = 'lake' AND NOT internal
        """
    ).fetchall():
        con.execute(f"DROP {kind} {name}")


def _write_tables(con: Connection) -> Written:
    here, there = _tables(con, "release"), _tables(con, "lake")
    for schema in sorted({name.partition(".")[0] for name in here} | _schemas(con)):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for gone in there.keys() - here.keys():
        con.execute(f"DROP TABLE {gone}")
    changes = []
    for name, table in here.items():
        if name not in there or there[name].columns != table.columns:
            con.execute(f"DROP TABLE IF EXISTS {name}")
            changes.append(_write_anew(con, name, table))
        elif name == _ALWAYS_WRITTEN:
            changes.append(_write_again(con, name))
        else:
            changes.append(_write_changes(con, name, table))
    removed, added = (sum(count) for count in zip(*changes, strict=True))
    return Written(sum(any(change) for change in changes), removed, added)


def _schemas(con: Connection) -> set[str]:
    """Return the schemas of a release that are not empty of views and macros."""
    rows = con.execute(
        "SELECT DISTINCT schema_name FROM duckdb_views()"
        " WHERE database_name = 'release' AND NOT internal UNION SELECT DISTINCT schema_name"
        " FROM duckdb_functions() WHERE database_name = 'release' AND NOT internal"
    ).fetchall()
    return {name for (name,) in rows}


def _tables(con: Connection, database: str) -> dict[str, _Table]:
    found = {
        name: _Table(sql, [], [_comment(f"TABLE {name}", comment)] if comment else [])
        for name, sql, comment in con.execute(
            "SELECT schema_name || '.' || table_name, sql, comment FROM duckdb_tables()"
            " WHERE database_name = ? ORDER BY ALL",
            [database],
        ).fetchall()
    }
    for name, column, kind, is_nullable, comment in con.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type, is_nullable, comment"
        " FROM duckdb_columns() WHERE database_name = ? ORDER BY column_index",
        [database],
    ).fetchall():
        if name in found:
            found[name].columns.append((column, kind, is_nullable))
            if comment:
                found[name].comments.append(_comment(f"COLUMN {name}.{column}", comment))
    return found


def _comment(what: str, text: str) -> str:
    return f"COMMENT ON {what} IS {quoted(text)}"


def _write_anew(con: Connection, name: str, table: _Table) -> tuple[int, int]:
    con.execute(table.sql)
    for comment in table.comments:
        con.execute(comment)
    return 0, one(con, f"INSERT INTO {name} BY NAME FROM release.{name}")


def _write_again(con: Connection, name: str) -> tuple[int, int]:
    removed = one(con, f"DELETE FROM {name}")  # noqa: S608 because the name is ours
    return removed, one(con, f"INSERT INTO {name} BY NAME FROM release.{name}")


def _write_changes(con: Connection, name: str, table: _Table) -> tuple[int, int]:
    """Delete the rows that the release has otherwise or not, by their key, and insert its own.

    Rows are compared by a hash of 64 bits of all their columns: to compare 12 million captures as
    they are takes minutes. What is missing is looked for behind the deletion, and the rows are
    counted, so two rows of one key, or two that are equal, do no harm.
    """
    columns = [column for column, *_ in table.columns]
    model = STORED_TABLES.get(name)
    key = describe(model).key if model else columns
    same = " AND ".join(f"t.{column} IS NOT DISTINCT FROM g.{column}" for column in key)
    removed = added = 0
    if one(
        con, f"CREATE OR REPLACE TEMP TABLE gone AS {_missing('lake', 'release', name, columns)}"
    ):
        removed = one(con, f"DELETE FROM {name} AS t USING temp.gone AS g WHERE {same}")  # noqa: S608 because the names come from the catalogue
    if removed or _count(con, f"release.{name}") != _count(con, name):
        added = one(con, f"INSERT INTO {name} BY NAME {_missing('release', 'lake', name, columns)}")
        if _count(con, f"release.{name}") != _count(con, name):
            return _write_again(con, name)
    return removed, added


def _missing(here: str, there: str, name: str, columns: list[str]) -> str:
    """Return a query for the rows of a table in one database that it has not in another."""
    row = f"hash({', '.join(columns)})"
    return (
        f"SELECT * EXCLUDE (row_hash) FROM (SELECT *, {row} AS row_hash FROM {here}.{name})"  # noqa: S608 because the names come from the catalogue
        f" ANTI JOIN (SELECT {row} AS row_hash FROM {there}.{name}) USING (row_hash)"
    )


def _count(con: Connection, table: str) -> int:
    return int(one(con, f"SELECT count(*) FROM {table}"))  # noqa: S608 because the names come from the catalogue


def _remove_orphans(con: Connection) -> None:
    """Remove the files of publications that were killed more than a day ago.

    DuckLake would remove every Parquet file in the folder that it does not know, so nothing is
    removed where others have such files, too.
    """
    orphans = "CALL ducklake_delete_orphaned_files('lake', older_than => now() - INTERVAL 1 DAY"
    found = con.execute(f"{orphans}, dry_run => true)").fetchall()
    if found and all(_OWN_FILE.fullmatch(path) for (path,) in found):
        con.execute(f"{orphans})")
