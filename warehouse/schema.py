"""Tables from the models, views and macros from .sql files, and a comment on every one of them."""

from collections.abc import Iterator
from typing import NamedTuple

from transforms.schemas import ALL_TABLES, STORED_TABLES, Column, columns_of, describe
from warehouse.connection import (
    SCHEMA_VERSION,
    Connection,
    check_version,
    one,
    quoted,
    sql,
    sql_names,
)

_SCHEMAS = ("raw", "observed", "vintage", "core", "mart", "meta")


class _Entry(NamedTuple):
    """A row of meta.data_dictionary."""

    table_name: str
    column_name: str
    type: str
    unit: str | None
    description: str
    source: str | None
    private: bool


def prepare(con: Connection) -> None:
    """Create everything in an empty file; leave a file of this version as it is.

    Raises:
        WarehouseVersionError: the file is of another version.
    """
    if one(con, "SELECT count(*) FROM duckdb_tables()"):
        check_version(con)
        return
    con.begin()
    for name in _SCHEMAS:
        con.execute(f"CREATE SCHEMA {name}")
    for table, model in STORED_TABLES.items():
        con.execute(f"CREATE TABLE {table} ({', '.join(map(_definition, columns_of(model)))})")
    con.execute("CREATE TABLE meta.warehouse (schema_version INTEGER NOT NULL)")
    con.execute("INSERT INTO meta.warehouse VALUES (?)", [SCHEMA_VERSION])
    for name in [*sql_names("macros"), *sql_names("core"), *sql_names("views")]:
        con.execute(sql(name))
    entries = dictionary(con)
    con.execute("".join(map(_comment, entries)))
    row = f"({', '.join('?' * len(_Entry._fields))})"
    con.execute(
        f"INSERT INTO meta.data_dictionary VALUES {', '.join([row] * len(entries))}",  # noqa: S608 because only placeholders are made
        [value for entry in entries for value in entry],
    )
    con.commit()


def dictionary(con: Connection) -> list[_Entry]:
    """What every table, view and column is, from the models and from the views' own headers."""
    entries = list(_tables())
    meanings: dict[str, _Entry] = {}
    for entry in entries:
        meanings.setdefault(entry.column_name, entry)
    for name in sql_names("views"):
        for entry in _view(con, sql(name), meanings):
            meanings.setdefault(entry.column_name, entry)
            entries.append(entry)
    return entries


def _tables() -> Iterator[_Entry]:
    for table, model in ALL_TABLES.items():
        row, key, private, view = describe(model)
        about = f"One row is {row}. Key: {', '.join(key)}."
        yield _Entry(table, "", "VIEW" if view else "TABLE", None, about, None, private)
        for column in columns_of(model):
            yield _Entry(
                table, column.name, column.sql_type, column.unit, column.description,
                column.source, private or column.private,
            )  # fmt: skip
    yield _Entry("meta.warehouse", "", "TABLE", None, "One row is this file.", None, False)
    yield _Entry(
        "meta.warehouse", "schema_version", "INTEGER", None, "Version of these tables", None, False
    )


def _view(con: Connection, text: str, meanings: dict[str, _Entry]) -> Iterator[_Entry]:
    """A view's entries: its header says what it is, and what its own columns mean."""
    header = [line[3:] for line in text.splitlines() if line.startswith("-- ")]
    view, about = header[0].split(": ", maxsplit=1)
    own: dict[str, tuple[str | None, str]] = {}
    for line in header[1:]:
        name, found, meaning = line.partition(": ")
        column, _, unit = name.partition(" [")
        if found and column.isidentifier() and column.islower():
            own[column] = (unit.rstrip("]") or None, meaning)
        else:
            about += f" {line}"
    yield _Entry(view, "", "VIEW", None, f"{about}.".replace("..", "."), None, False)
    columns = con.execute(f"DESCRIBE {view}").fetchall()
    for name, sql_type, *_ in columns:
        if name in own:
            yield _Entry(view, name, sql_type, *own[name], None, False)
        else:
            known = meanings[name]
            yield _Entry(view, name, sql_type, known.unit, known.description, known.source, False)


def _definition(column: Column) -> str:
    return f"{column.name} {column.sql_type}{'' if column.nullable else ' NOT NULL'}"


def _comment(entry: _Entry) -> str:
    """The statement that comments it: the meaning, the unit and the source, in that order."""
    text = entry.description
    text += f" [{entry.unit}]" if entry.unit else ""
    text += f" (source: {entry.source})" if entry.source else ""
    what = (
        f"COLUMN {entry.table_name}.{entry.column_name}"
        if entry.column_name
        else f"{entry.type} {entry.table_name}"
    )
    return f"COMMENT ON {what} IS {quoted(text)};\n"
