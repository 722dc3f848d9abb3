"""A release: the complete warehouse without its private parts, as DuckDB, Parquet and CSV."""

import hashlib
import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from transforms.schemas import STORED_TABLES, Column, columns_of, describe
from warehouse.connection import (
    Connection,
    discard_leftovers,
    one,
    open_reader,
    open_writer,
    quoted,
    sql,
)
from warehouse.errors import WarehouseError
from warehouse.package import (
    Described,
    Entry,
    catalogue,
    column_types,
    package,
    sheet_resource,
    table_resources,
)
from warehouse.release_changes import Origin
from warehouse.schema import prepare
from warehouse.settled import materialize
from warehouse.sheets import Sheet

# Schemas that are exported table by table; the others are internal.
_EXPORTED = ("raw", "core", "mart", "meta")
_DICTIONARY = "meta.data_dictionary"
# What a formula begins with: `=`, `+`, `-`, `@`, a tab, a carriage return.
_FORMULA = ", ".join(str(ord(character)) for character in "=+-@\t\r")
# Views that a release has as tables, in the order in which one reads the other: a search of the
# working file takes seconds, since it parses every text into terms.
_INDEXES = ("vintage.search_text", "vintage.search_term")


def build(source: Path, target: Path) -> None:
    """Write everything in a warehouse that is not private to a new file.

    Every DuckDB from 1.4 on can read it, and no log is left beside it.

    Raises:
        WarehouseMissingError, WarehouseBusyError, WarehouseVersionError: as `open_reader`.
    """
    open_reader(source).close()
    con = open_writer(target)
    try:
        con.execute("SET memory_limit = '400MB'")
        con.execute("SET threads = 2")
        prepare(con)
        con.execute(f"ATTACH {quoted(str(source))} AS working (READ_ONLY)")
        _copy_tables(con)
        _drop_private_macros(con)
        known = catalogue(con)
        for view in _names(con, "VIEW"):
            if not _is_public(con, view):
                _materialize(con, view, known[view], f"working.{view}")
        con.execute(
            "DELETE FROM meta.data_dictionary WHERE table_name IN (SELECT table_name"
            " FROM meta.data_dictionary WHERE private AND column_name = '')"
        )
        con.execute(sql("withheld"))
        con.execute(
            "UPDATE meta.warehouse SET as_of ="
            " (SELECT max(captured_at) FROM raw.capture WHERE state = 'loaded')"
        )
        con.execute("DETACH working")
        for view in _INDEXES:
            _materialize(con, view, known[view], view)
        con.execute("CHECKPOINT")
    finally:
        con.close()
    discard_leftovers(target)


def _copy_tables(con: Connection) -> None:
    """Copy the rows of the working file's tables, each by its key, and drop the private tables."""
    for table, model in STORED_TABLES.items():
        if describe(model).private:
            con.execute(f"DROP TABLE {table}")
        elif table != _DICTIONARY:  # which `prepare` has filled
            key = ", ".join(describe(model).key)
            columns = ", ".join(map(_public, columns_of(model)))
            con.execute(
                f"INSERT INTO {table} BY NAME SELECT {columns} FROM working.{table}"  # noqa: S608 because the names come from the schemas
                f" ORDER BY {key}"
            )


def _drop_private_macros(con: Connection) -> None:
    """Drop the table macros that read a private table, which a release and a lake lack."""
    private = [table for table, model in STORED_TABLES.items() if describe(model).private]
    for (macro,) in con.execute(
        "SELECT DISTINCT schema_name || '.' || function_name FROM duckdb_functions()"
        " WHERE function_type = 'table_macro' AND NOT internal"
        " AND database_name = current_database()"
        " AND list_any_value(list_filter($private, LAMBDA name: contains(macro_definition, name)))"
        " IS NOT NULL",
        {"private": private},
    ).fetchall():
        con.execute(f"DROP MACRO TABLE {macro}")


def _is_public(con: Connection, view: str) -> bool:
    """Return whether a view reads no private table."""
    try:
        con.execute(f"DESCRIBE {view}")  # a plan would take three times as long
    except duckdb.CatalogException:
        return False
    return True


def _materialize(con: Connection, view: str, entry: Entry, source: str) -> None:
    """Replace a view by a table with the rows of `source` and the view's comments."""
    materialize(con, view, source, "ORDER BY ALL")
    con.execute(f"COMMENT ON TABLE {view} IS {quoted(entry.comment)}")
    for column, _, comment in entry.columns:
        con.execute(f"COMMENT ON COLUMN {view}.{column} IS {quoted(comment)}")


def _public(column: Column) -> str:
    return f"NULL AS {column.name}" if column.private else column.name


def checked(release: Path, source: Path) -> int:
    """Count a release's rows as its readers will, and return how many its tables have.

    Raises:
        WarehouseError: a table lacks rows of the warehouse.
    """
    rows = 0
    con = open_reader(release)
    try:
        con.execute(f"ATTACH {quoted(str(source))} AS working (READ_ONLY)")
        for table, model in STORED_TABLES.items():
            if describe(model).private or table == _DICTIONARY:
                continue
            count = f"SELECT count(*) FROM {table}"  # noqa: S608 because the names come from the schemas
            here, there = one(con, count), one(con, count.replace(table, f"working.{table}"))
            if here != there:
                raise WarehouseError(f"{release.name}: {table} has {here} rows instead of {there}")
            rows += here
    finally:
        con.close()
    return rows


def export(
    release: Path,
    settled: Path,
    folder: Path,
    name: str,
    published: date,
    origin: Origin,
    sheets: list[Sheet],
) -> None:
    """Write a release's tables and views as Parquet and CSV, with a data package for its files.

    `schema.json` has the columns' types again, in the one form that CSV readers take as it is.
    `settled` has the rows; `sheets` are those of the workbook.
    """
    con = open_reader(release)
    rows = open_reader(settled)
    try:
        rows.execute("SET memory_limit = '200MB'")
        rows.execute("SET threads = 1")
        resources: list[Described] = []
        known = catalogue(con)
        for table in [*_names(con, "BASE TABLE"), *_names(con, "VIEW")]:
            if table.partition(".")[0] in _EXPORTED:
                _write_table(rows, table, folder)
                resources += table_resources(table, known[table])
        resources += [sheet_resource(sheet, known[sheet.view]) for sheet in sheets]
        _write_json(folder / "datapackage.json", package(con, name, published, origin, resources))
        _write_json(folder / "schema.json", column_types(resources))
        failing = con.execute(
            "SELECT check_name, passed + failed, failed FROM meta.check_summary ORDER BY check_name"
        ).fetchall()
    finally:
        con.close()
        rows.close()
    _link(folder / "mart.restatement.csv", folder / "restatements.csv")
    checks = [{"check": check, "subjects": of, "failed": failed} for check, of, failed in failing]
    _write_json(folder / "checks.json", checks)


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS for the files of a folder, in the format of `sha256sum --check`.

    Its subfolders have files of their own, so that they can be removed.
    """
    lines = []
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        with file.open("rb") as content:
            lines.append(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {file.name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))


def _names(con: Connection, kind: str) -> list[str]:
    rows = con.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables"
        " WHERE table_catalog = current_database() AND table_type = ? ORDER BY ALL",
        [kind],
    ).fetchall()
    return [name for (name,) in rows]


def _write_table(con: Connection, table: str, folder: Path) -> None:
    """Write one table as Parquet and as CSV."""
    parquet, plain = folder / f"{table}.parquet", folder / f"{table}.csv"
    con.execute(f"COPY (FROM {table}) TO {quoted(str(parquet))} (FORMAT parquet, COMPRESSION zstd)")
    columns = con.execute(f"DESCRIBE {table}").fetchall()
    shown = ", ".join(_harmless(name, kind) for name, kind, *_ in columns)
    # Without a format for times, which are whole seconds: it would cost a tenth of all.
    con.execute(
        f"COPY (SELECT {shown} FROM {table}) TO {quoted(str(plain))}"  # noqa: S608 because the names come from the catalogue
        " (FORMAT csv, HEADER)"
    )


def _harmless(name: str, kind: str) -> str:
    """Return a CSV column in which text that a spreadsheet would run as a formula is quoted."""
    if kind != "VARCHAR":
        return name
    return f"CASE WHEN ascii({name}) IN ({_FORMULA}) THEN '''' || {name} ELSE {name} END AS {name}"


def _link(file: Path, other: Path) -> None:
    """Give a file a second name; copy it where the file system has no links."""
    try:
        os.link(file, other)
    except OSError:
        shutil.copyfile(file, other)


def _write_json(file: Path, content: Any) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
    file.write_text(f"{text}\n", encoding="utf-8")
