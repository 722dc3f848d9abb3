"""datapackage.json: the files of a release, described by the Data Package standard, version 2."""

import re
from datetime import date
from typing import Any, NamedTuple

from transforms.schemas import ALL_TABLES, columns_of, describe
from warehouse.connection import Connection, one
from warehouse.release_changes import Origin
from warehouse.sheets import WORKBOOK, Sheet

Described = dict[str, Any]
# The address that the standard gives, which frictionless 5 knows too.
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {
    "VARCHAR": "string", "BIGINT": "integer", "INTEGER": "integer", "HUGEINT": "integer",
    "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime", "DOUBLE": "number",
    "DECIMAL": "number",
}  # fmt: skip
_TIME = "%Y-%m-%d %H:%M:%S"
# The types of the standard, as `pandas.read_csv` takes them. It parses no date by its type.
_DTYPES = {
    "string": "string", "integer": "Int64", "boolean": "boolean", "number": "float64",
    "date": "string", "datetime": "string",
}  # fmt: skip


class Entry(NamedTuple):
    """A table or view in the catalogue: its comment, and its columns in order."""

    comment: str
    columns: list[tuple[str, str, str]]  # name, type and comment


Catalogue = dict[str, Entry]


def catalogue(con: Connection) -> Catalogue:
    """Return every table and view of a file by its name."""
    found = con.execute(
        "SELECT schema_name || '.' || name, coalesce(comment, ''), columns FROM ("
        "FROM duckdb_tables() SELECT database_name, schema_name, table_name AS name, comment"
        " UNION ALL"
        " FROM duckdb_views() SELECT database_name, schema_name, view_name AS name, comment)"
        " JOIN (FROM duckdb_columns() SELECT database_name, schema_name, table_name AS name,"
        " list((column_name, data_type, coalesce(comment, '')) ORDER BY column_index) AS columns"
        " GROUP BY ALL) USING (database_name, schema_name, name)"
        " WHERE database_name = current_database()"
    ).fetchall()
    return {name: Entry(comment, columns) for name, comment, columns in found}


def schema_of(table: str, entry: Entry) -> Described:
    """Return a table's Table Schema: its key, and each column's type, meaning, unit and source.

    NULL is empty in a CSV file. A column without NULL is required, unless releases withhold it.
    """
    model = ALL_TABLES.get(table)
    certain = (
        {c.name for c in columns_of(model) if not c.nullable and not c.private} if model else ()
    )
    fields = [_field(*column, required=column[0] in certain) for column in entry.columns]
    key = {"primaryKey": list(describe(model).key)} if model else {}
    return {"fields": fields, "missingValues": [""], **key}


def _field(name: str, kind: str, meaning: str, *, required: bool) -> Described:
    field: Described = {"name": name, "type": _TYPES[kind.partition("(")[0]]}
    if kind == "TIMESTAMP":
        field["format"] = _TIME
    field["description"] = meaning
    if required:
        field["constraints"] = {"required": True}
        if kind == "VARCHAR":
            field["missingValues"] = []  # an empty text is one
    return field


def table_resources(table: str, entry: Entry) -> list[Described]:
    """Return the resources of a table: its Parquet and its CSV file."""
    name = table.replace(".", "-")
    schema = schema_of(table, entry)
    common = {"type": "table", "description": entry.comment}
    return [
        {
            "name": name, "path": f"{table}.parquet", **common, "format": "parquet",
            "mediatype": "application/vnd.apache.parquet", "schema": schema,
        },
        {
            "name": f"{name}-csv", "path": f"{table}.csv", **common, "format": "csv",
            "mediatype": "text/csv", "encoding": "utf-8", "schema": schema,
        },
    ]  # fmt: skip


def column_types(resources: list[Described]) -> dict[str, dict[str, str]]:
    """Return the type of each column of each CSV file, by table, as pandas takes it."""
    return {
        resource["path"].removesuffix(".csv"): {
            field["name"]: _DTYPES[field["type"]] for field in resource["schema"]["fields"]
        }
        for resource in resources
        if resource["format"] == "csv"
    }


def sheet_resource(sheet: Sheet, entry: Entry) -> Described:
    """Return the resource of a sheet of the workbook; the sheet About is no table."""
    schema = schema_of(sheet.view, entry)
    fields = {field["name"]: field for field in schema["fields"]}
    return {
        "name": re.sub(r"[^a-z0-9_]+", "-", f"workbook-{sheet.name}").strip("-"),
        "path": WORKBOOK,
        "type": "table",
        "description": entry.comment,
        "format": "xlsx",
        "mediatype": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        # The sheet as the standard names it, and as frictionless 5 does.
        "dialect": {"sheetName": sheet.name, "excel": {"sheet": sheet.name}},
        "schema": {**schema, "fields": [fields[column] for column in sheet.columns]},
    }


def package(
    con: Connection, name: str, published: date, origin: Origin, resources: list[Described]
) -> Described:
    """Return the data package; publisher and licence are left out if they are not set."""
    described: Described = {
        "$schema": _PROFILE,
        "name": name,
        "title": "UN pooled funds: what was received, transferred and spent, vintage by vintage",
        "created": f"{published:%Y-%m-%d}T00:00:00Z",
        "version": f"{published:%Y.%m.%d}",
        "schema_version": one(con, "SELECT schema_version FROM meta.warehouse"),
        "as_of": one(con, "SELECT strftime(as_of, '%Y-%m-%dT%H:%M:%SZ') FROM meta.warehouse"),
        "sources": [{"title": "UN Multi-Partner Trust Fund Office, Gateway", "path": origin.site}],
    }
    if origin.publisher:
        described["contributors"] = [{"title": origin.publisher, "roles": ["publisher"]}]
    if origin.licence:
        address = origin.licence.startswith(("https://", "http://"))
        described["licenses"] = [{"path" if address else "name": origin.licence}]
    return {**described, "resources": resources}
