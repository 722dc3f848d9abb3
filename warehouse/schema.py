"""Creation of tables from the models, views and macros from .sql files, with their comments."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import takewhile
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
_RELATION = re.compile(rf"\b(?:{'|'.join(_SCHEMAS)})\.\w+")
_CREATED = re.compile(r"^CREATE OR REPLACE VIEW ([\w.]+)", re.MULTILINE)
_COLUMNS = (
    "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()"
    " WHERE NOT internal ORDER BY column_index"
)
# The source of columns that do not come from a part of a page.
_SOURCES = {
    "raw": "the archive's record of the capture",
    "observed": "the page as a whole",
    "vintage": "derived from captures and pages",
    "core": "derived from captures and pages",
    "meta": "kept by this program",
}
_DERIVED = "derived in this view"
# The columns of meta.warehouse: name, type, unit, meaning.
_OF_FILE = (
    ("schema_version", "INTEGER", None, "Version of these tables"),
    (
        "as_of", "TIMESTAMP", "UTC",
        "Moment as of which a release answers: its newest capture. NULL in the working file, which"
        " answers as of now",
    ),
)  # fmt: skip


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
    """Create all schemas, tables, macros and views in an empty file; leave others as they are.

    Raises:
        WarehouseVersionError: The file has another version.
    """
    if one(con, "SELECT count(*) FROM duckdb_tables()"):
        check_version(con)
        return
    con.begin()
    for name in _SCHEMAS:
        con.execute(f"CREATE SCHEMA {name}")
    for table, model in STORED_TABLES.items():
        con.execute(f"CREATE TABLE {table} ({', '.join(map(_definition, columns_of(model)))})")
    con.execute("CREATE TABLE meta.warehouse (schema_version INTEGER NOT NULL, as_of TIMESTAMP)")
    con.execute("INSERT INTO meta.warehouse VALUES (?, NULL)", [SCHEMA_VERSION])
    for name in [*sql_names("macros"), *sql_names("core"), *_view_files()]:
        con.execute(sql(name))
    entries = dictionary(con)
    con.execute("".join(map(_comment, entries)))
    # A list for each column: a parameter for each value would take 8 times as long.
    con.execute(
        "INSERT INTO meta.data_dictionary SELECT UNNEST($1), UNNEST($2), UNNEST($3),"
        " UNNEST($4), UNNEST($5), UNNEST($6), UNNEST($7)",
        list(map(list, zip(*entries, strict=True))),
    )
    con.commit()


def dictionary(con: Connection) -> list[_Entry]:
    """Return the entries of all tables, views and columns, from the models and the views' headers.

    Raises:
        LookupError: No header or model describes a column of a view.
    """
    entries = list(_tables())
    columns: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for relation, name, sql_type in con.execute(_COLUMNS).fetchall():
        columns[relation][name] = sql_type
    for name in _view_files():
        entries += view_entries(sql(name), columns, entries)
    return entries


def view_names(con: Connection) -> list[str]:
    """Return the views of a file, each behind those that it reads."""
    rows = con.execute(
        "SELECT schema_name || '.' || view_name FROM duckdb_views()"
        " WHERE NOT internal AND database_name = current_database() ORDER BY ALL"
    ).fetchall()
    created = [relation for name in _view_files() for relation in _CREATED.findall(sql(name))]
    places = {relation: place for place, relation in enumerate(created)}
    return sorted((name for (name,) in rows), key=lambda name: places.get(name, -1))


def _view_files() -> list[str]:
    """Return the .sql files of views; their numbers give the order over all folders."""
    folders = ("mart", "meta", "search")
    return sorted(
        (name for folder in folders for name in sql_names(folder)),
        key=lambda name: name.partition("/")[2],
    )


def _tables() -> Iterator[_Entry]:
    for table, model in ALL_TABLES.items():
        row, key, private, view = describe(model)
        about = f"One row is {row}. Key: {', '.join(key)}."
        yield _Entry(table, "", "VIEW" if view else "TABLE", None, about, None, private)
        for column in columns_of(model):
            yield _Entry(
                table, column.name, column.sql_type, column.unit, column.description,
                column.source or _source(table), private or column.private,
            )  # fmt: skip
    yield _Entry("meta.warehouse", "", "TABLE", None, "One row is this file.", None, False)
    for name, sql_type, unit, meaning in _OF_FILE:
        yield _Entry(
            "meta.warehouse", name, sql_type, unit, meaning, _source("meta.warehouse"), False
        )


def _source(table: str) -> str:
    return _SOURCES[table.partition(".")[0]]


def view_entries(
    text: str, columns: Mapping[str, Mapping[str, str]], known: Sequence[_Entry]
) -> list[_Entry]:
    """Return a view's entries, from its header and from the relations that its SQL names.

    A column that the header does not describe is described by the first named relation that has
    it, else by core, else by any other relation.

    Args:
        text: The .sql file that creates it.
        columns: The columns of each relation, with their types.
        known: The entries of all relations that it may name.

    Raises:
        LookupError: No header or model describes a column.
    """
    lines = text.splitlines()
    header = [line[3:] for line in takewhile(lambda line: line.startswith("-- "), lines)]
    view, about, own = _read_header(header)
    body = "\n".join(line for line in lines if not line.startswith("--"))
    inherited = _inherited(columns[view], body, known)
    entries = [_Entry(view, "", "VIEW", None, about, None, False)]
    for name, sql_type in columns[view].items():
        if name in own:
            entries.append(_Entry(view, name, sql_type, *own[name], _DERIVED, False))
        elif name in inherited:
            of = inherited[name]
            entries.append(_Entry(view, name, sql_type, of.unit, of.description, of.source, False))
        else:
            raise LookupError(f"{view}.{name}: nobody says what it is; the view's header should")
    return entries


def _read_header(header: Sequence[str]) -> tuple[str, str, dict[str, tuple[str | None, str]]]:
    """Return a view's name, its description, and the unit and meaning of each described column.

    The first line is a sentence, others may follow; then each column has a line and, if that
    is not enough, further ones.
    """
    view, about = header[0].split(": ", maxsplit=1)
    about = f"{about.rstrip('.')}."
    own: dict[str, tuple[str | None, str]] = {}
    for line in header[1:]:
        name, found, meaning = line.partition(": ")
        column, _, unit = name.partition(" [")
        if found and column.isidentifier() and column.islower():
            own[column] = (unit.rstrip("]") or None, meaning)
        elif own:
            last, (unit_of_last, begun) = own.popitem()
            own[last] = (unit_of_last, f"{begun} {line}")
        else:
            about += f" {line}"
    return view, about, own


def _inherited(names: Collection[str], body: str, known: Sequence[_Entry]) -> dict[str, _Entry]:
    """Return the entry for each column name, those of relations that the SQL names first."""
    named = {name: place for place, name in enumerate(dict.fromkeys(_RELATION.findall(body)))}

    def nearness(entry: _Entry) -> tuple[int, bool]:
        return named.get(entry.table_name, len(named)), not entry.table_name.startswith("core.")

    found: dict[str, _Entry] = {}
    for entry in sorted((entry for entry in known if entry.column_name in names), key=nearness):
        found.setdefault(entry.column_name, entry)
    return found


def _definition(column: Column) -> str:
    return f"{column.name} {column.sql_type}{'' if column.nullable else ' NOT NULL'}"


def _comment(entry: _Entry) -> str:
    """Return its COMMENT statement: the meaning, the unit and the source, in that order."""
    text = entry.description
    text += f" [{entry.unit}]" if entry.unit else ""
    text += f" (source: {entry.source})" if entry.source else ""
    what = (
        f"COLUMN {entry.table_name}.{entry.column_name}"
        if entry.column_name
        else f"{entry.type} {entry.table_name}"
    )
    return f"COMMENT ON {what} IS {quoted(text)};\n"
