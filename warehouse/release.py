"""A release: the warehouse without what is private, complete, and in the forms that people read."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from transforms.schemas import STORED_TABLES, Column, columns_of, describe
from warehouse.changes import answers
from warehouse.connection import (
    Connection,
    discard_log,
    one,
    open_reader,
    open_writer,
    quoted,
    sql,
)
from warehouse.errors import WarehouseError
from warehouse.schema import prepare

# What is handed out table by table. The other schemas are how the program keeps its books.
_EXPORTED = ("raw", "core", "mart", "meta")
_KINDS = {
    "VARCHAR": "string", "BIGINT": "integer", "INTEGER": "integer", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP": "datetime", "DOUBLE": "number", "HUGEINT": "integer",
}  # fmt: skip


def build(source: Path, target: Path) -> None:
    """Write everything of a warehouse that is not private to a new file, and close it.

    The file is of a storage version that every DuckDB from 1.4 on reads, and has no log beside it.

    Raises:
        WarehouseMissingError, WarehouseBusyError, WarehouseVersionError: see `open_reader`.
    """
    open_reader(source).close()
    con = open_writer(target)
    try:
        con.execute("SET memory_limit = '1GB'")
        con.execute("SET threads = 2")
        prepare(con)
        con.execute(f"ATTACH {quoted(str(source))} AS working (READ_ONLY)")
        for table, model in STORED_TABLES.items():
            if describe(model).private:
                con.execute(f"DROP TABLE {table}")
            else:
                key = ", ".join(describe(model).key)
                columns = ", ".join(map(_public, columns_of(model)))
                con.execute(
                    f"INSERT INTO {table} BY NAME SELECT {columns} FROM working.{table}"  # noqa: S608 because the names are the models' own
                    f" ORDER BY {key}"
                )
        for view in _names(con, "VIEW"):
            if not _answers(con, view):
                _make_table(con, view)
        con.execute(
            "DELETE FROM meta.data_dictionary WHERE table_name IN (SELECT table_name"
            " FROM meta.data_dictionary WHERE private AND column_name = '')"
        )
        con.execute(sql("withheld"))
        con.execute("DETACH working")
        con.execute("CHECKPOINT")
    finally:
        con.close()
    discard_log(target)


def _answers(con: Connection, view: str) -> bool:
    """Whether a view rests on nothing that is private."""
    try:
        con.execute(f"EXPLAIN FROM {view}")
    except duckdb.CatalogException:
        return False
    return True


def _make_table(con: Connection, view: str) -> None:
    """What a view that rests on private tables says, as a table with the view's comments."""
    meanings = con.execute(
        "SELECT column_name, comment FROM duckdb_columns()"
        " WHERE database_name = current_database() AND schema_name || '.' || table_name = ?",
        [view],
    ).fetchall()
    about = _about(con, view)
    con.execute(f"DROP VIEW {view}")
    con.execute(f"CREATE TABLE {view} AS FROM working.{view}")
    con.execute(f"COMMENT ON TABLE {view} IS {quoted(about)}")
    for name, meaning in meanings:
        con.execute(f"COMMENT ON COLUMN {view}.{name} IS {quoted(meaning or '')}")


def _about(con: Connection, name: str) -> str:
    """The comment on a table or view."""
    about = one(
        con,
        "SELECT comment FROM (FROM duckdb_tables() SELECT database_name, schema_name,"
        " table_name AS name, comment UNION ALL FROM duckdb_views() SELECT database_name,"
        " schema_name, view_name AS name, comment)"
        " WHERE database_name = current_database() AND schema_name || '.' || name = ?",
        [name],
    )
    return about or ""


def _public(column: Column) -> str:
    return f"NULL AS {column.name}" if column.private else column.name


def checked(release: Path, source: Path) -> int:
    """Read a release as its readers will: how many rows its tables have.

    Raises:
        WarehouseError: a table has not the rows of the warehouse, or a view does not answer.
    """
    rows = 0
    con = open_reader(release)
    try:
        con.execute(f"ATTACH {quoted(str(source))} AS working (READ_ONLY)")
        for table, model in STORED_TABLES.items():
            if describe(model).private or table == "meta.data_dictionary":
                continue
            count = f"SELECT count(*) FROM {table}"  # noqa: S608 because the names are the models' own
            here, there = one(con, count), one(con, count.replace(table, f"working.{table}"))
            if here != there:
                raise WarehouseError(f"{release.name}: {table} has {here} rows instead of {there}")
            rows += here
        con.execute("DETACH working")
        for view in _names(con, "VIEW"):
            con.execute(f"SELECT count(*) FROM {view}").fetchall()  # noqa: S608 because the names are the release's own
    finally:
        con.close()
    return rows


def export(release: Path, folder: Path, name: str, published: date) -> None:
    """Write a release's tables and views as Parquet and CSV, with a description of each."""
    con = open_reader(release)
    try:
        resources: list[dict[str, Any]] = []
        for table in [*_names(con, "BASE TABLE"), *_names(con, "VIEW")]:
            if table.partition(".")[0] in _EXPORTED:
                resources += _written(con, table, folder)
        failing = con.execute(
            "SELECT check_name, count(*), count(*) FILTER (NOT passed)"
            " FROM meta.check_result GROUP BY check_name ORDER BY check_name"
        ).fetchall()
        version = one(con, "SELECT schema_version FROM meta.warehouse")
    finally:
        con.close()
    shutil.copyfile(folder / "mart.restatement.csv", folder / "restatements.csv")
    checks = [{"check": check, "subjects": of, "failed": failed} for check, of, failed in failing]
    _write_json(folder / "checks.json", checks)
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": "UN pooled funds: what was received, transferred and spent, vintage by vintage",
        "created": f"{published:%Y-%m-%d}T00:00:00Z",
        "version": f"{published:%Y.%m.%d}",
        "schema_version": version,
        "resources": resources,
    }
    _write_json(folder / "datapackage.json", package)


def changed(release: Path, before: Path | None) -> dict[str, list[dict[str, Any]]]:
    """What a release has that the one before it did not, by kind of change, row by row."""
    if before is None:
        return {}
    con = open_reader(release)
    try:
        con.execute(f"ATTACH {quoted(str(before))} AS before (READ_ONLY)")
        return {
            name: [dict(zip(columns, row, strict=True)) for row in rows]
            for name, columns, rows in answers(con, "releases")
        }
    finally:
        con.close()


def write_changes(file: Path, before: Path | None, found: dict[str, list[dict[str, Any]]]) -> None:
    """What has changed, as JSON."""
    _write_json(file, {"since": before and before.stem, "changes": found})


def write_sums(folder: Path) -> None:
    """SHA256SUMS of every file in a folder itself, as `sha256sum --check` takes it.

    Folders in it have their own, so that they can be removed.
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


def _written(con: Connection, table: str, folder: Path) -> Iterator[dict[str, Any]]:
    """One table in both forms; its resources for the package."""
    fields = [
        {"name": name, "type": _KINDS.get(kind, "number"), "description": meaning or ""}
        for name, kind, meaning in con.execute(
            "SELECT column_name, data_type, comment FROM duckdb_columns()"
            " WHERE database_name = current_database() AND schema_name || '.' || table_name = ?"
            " ORDER BY column_index",
            [table],
        ).fetchall()
    ]
    resource = {"name": table.replace(".", "-"), "description": _about(con, table)}
    parquet, plain = folder / f"{table}.parquet", folder / f"{table}.csv"
    con.execute(f"COPY (FROM {table}) TO {quoted(str(parquet))} (FORMAT parquet, COMPRESSION zstd)")
    yield {
        **resource, "path": parquet.name, "format": "parquet",
        "mediatype": "application/vnd.apache.parquet", "schema": {"fields": fields},
    }  # fmt: skip
    shown = ", ".join(_harmless(field) for field in fields)
    con.execute(
        f"COPY (SELECT {shown} FROM {table}) TO {quoted(str(plain))}"  # noqa: S608 because the names are the release's own
        " (FORMAT csv, HEADER, TIMESTAMPFORMAT '%Y-%m-%d %H:%M:%S')"
    )
    yield {
        **resource, "name": f"{resource['name']}-csv", "path": plain.name, "format": "csv",
        "mediatype": "text/csv", "encoding": "utf-8", "schema": {"fields": fields},
    }  # fmt: skip


def _harmless(field: dict[str, str]) -> str:
    """A column of a CSV file; text that a spreadsheet would run as a formula is quoted."""
    name = field["name"]
    if field["type"] != "string":
        return name
    return (
        f"CASE WHEN regexp_matches({name}, '^[=+@\\t\\r-]') THEN '''' || {name} ELSE {name} END"
        f" AS {name}"
    )


def _write_json(file: Path, content: Any) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
    file.write_text(f"{text}\n", encoding="utf-8")
