"""The release's read-only API: each subject as JSON beside its page, with lists and schemas.

docs/page.md describes it. Nothing but `api/index.json` depends on the release's name or day.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from warehouse.answers import QueryResult, types_of
from warehouse.connection import Connection
from webpage.cells import CACHED_CELLS, truncate
from webpage.pages import PageFolder, WrittenFile
from webpage.scripts import ReleaseInfo
from webpage.subjects import Subjects, listed
from webpage.tables import TableSpec

VERSION = 1
_CHARACTERS, _ROW_CHARACTERS = 4_000, 1_000  # of a text about the subject, and of one in a row
_LIST_BYTES = 400_000


@lru_cache(CACHED_CELLS)
def _time(value: datetime) -> str:
    return f"{value.isoformat()}Z"


_FORMS: dict[type, Callable[[Any], str]] = {
    Decimal: str,  # four decimals at most, so never `1E-7`
    datetime: _time,
    date: date.isoformat,
}
_LEFT_OUT = {"body_sha256"}  # the capture's ID leads to it


class Part(NamedTuple):
    """A part of a subject's JSON: a table of its page, as far as it fits into `limit` bytes."""

    name: str
    query: str
    limit: int


class Described(NamedTuple):
    """A kind of subject: the query with one row for each, and the parts of its JSON."""

    kind: str
    query: str
    parts: tuple[Part, ...]


def parts_of(specs: Iterable[TableSpec]) -> tuple[Part, ...]:
    """Return the tables of a page as parts of the JSON beside it."""
    return tuple(Part(spec.name.replace("-", "_"), spec.query, spec.limit) for spec in specs)


def write_subject(
    folder: PageFolder, described: Described, key: str, page: str,
    about: Mapping[str, Any] | None, own: Mapping[str, QueryResult],
) -> WrittenFile:  # fmt: skip
    """Write the JSON of a subject beside its page.

    Args:
        folder: the page's folder.
        described: the kind of the subject.
        key: what tells it from others of its kind.
        page: the file name of its page, without extension.
        about: its row of the kind's query; None if there is none.
        own: its rows of the other queries.
    """
    fields = {
        "api": VERSION,
        "kind": described.kind,
        "id": truncate(key, _CHARACTERS),
        "page": f"{page}.html",
        "schema": f"../api/{described.kind}.schema.json",
        "about": about and _record(about),
    }
    parts = ",".join(
        f"{_compact(part.name)}:{_rows(own.get(part.query), part.limit)}"
        for part in described.parts
    )
    text = f'{_compact(fields)[:-1]},"parts":{{{parts}}}}}\n'
    return folder.write(f"{described.kind}/{page}.json", text.encode())


def _rows(result: QueryResult | None, limit: int) -> str:
    """Return the number of rows, their columns, and the first of them that fit."""
    if result is None:
        return '{"total":0,"columns":[],"rows":[]}'
    places = [place for place, name in enumerate(result.columns) if place and name not in _LEFT_OUT]
    of_row = itemgetter(*places)
    text = _compact([of_row(row) for row in result.rows])
    if len(text) > limit:
        text = f"[{','.join(_fitting(map(of_row, result.rows), limit))}]"
    columns = _compact(of_row(result.columns))
    return f'{{"total":{len(result.rows)},"columns":{columns},"rows":{text}}}'


def _fitting(rows: Iterable[tuple[Any, ...]], limit: int) -> Iterator[str]:
    """Yield rows with texts of bounded length, one at least, as many as fit."""
    left = limit
    for row in rows:
        text = _compact([_cut(value, _ROW_CHARACTERS) for value in row])
        left -= len(text) + 1
        if left < 0 and left + len(text) + 1 < limit:
            return
        yield text


def _record(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _cut(value, _CHARACTERS) for name, value in record.items() if name not in _LEFT_OUT
    }


def _cut(value: Any, length: int) -> Any:
    return truncate(value, length) if isinstance(value, str) else value


def _plain(value: Any) -> str:
    """Return what JSON has no type for: decimals in full, times in UTC as ISO 8601."""
    return _FORMS[type(value)](value)


_ENCODER = json.JSONEncoder(separators=(",", ":"), default=_plain)


def _compact(value: Any) -> str:
    return _ENCODER.encode(value).replace("<", "\\u003c")  # harmless where a server calls it HTML


def write_index(
    con: Connection, folder: PageFolder, release: ReleaseInfo, subjects: Subjects,
    described: Iterable[Described],
) -> list[WrittenFile]:  # fmt: skip
    """Write the index of the API, and for each kind its lists and its JSON Schema."""
    written: list[WrittenFile] = []
    kinds: dict[str, Any] = {}
    for each in described:
        kind = each.kind
        lists = list(_lists(kind, getattr(subjects, kind)))
        files = [
            folder.write(f"api/{kind}-{number}.json", b"[\n%b\n]\n" % ",\n".join(part).encode())
            for number, part in enumerate(lists, 1)
        ]
        schema = folder.write(f"api/{kind}.schema.json", _text(_schema(con, each)))
        kinds[kind] = {
            "count": sum(map(len, lists)),
            "schema": schema.name.removeprefix("api/"),
            "lists": [file.name.removeprefix("api/") for file in files],
        }
        written += [*files, schema]
    seen = release.newest_capture
    index = {
        "api": VERSION,
        "release": release.name,
        "published": release.published.isoformat(),
        "newest_capture": f"{seen.isoformat()}Z" if seen else None,
        "currency": "USD",
        "kinds": kinds,
    }
    return [*written, folder.write("api/index.json", _text(index))]


def _lists(kind: str, rows: QueryResult) -> Iterator[list[str]]:
    """Yield the subjects of a kind, each as JSON, in parts of bounded size."""
    part: list[str] = []
    size = 0
    for subject in listed(kind, rows):
        text = _compact({
            "id": truncate(subject.key, _ROW_CHARACTERS),
            "name": subject.name and truncate(subject.name, _ROW_CHARACTERS),
            "json": f"../{kind}/{subject.file}.json",
            "page": f"../{kind}/{subject.file}.html",
        })  # fmt: skip
        if part and size + len(text) > _LIST_BYTES:
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield part


def _text(value: Any) -> bytes:
    return f"{json.dumps(value, indent=1)}\n".encode()


def _schema(con: Connection, described: Described) -> dict[str, Any]:
    """Return the JSON Schema of a kind, from the types of its queries' columns."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A {described.kind} in the API of a release, version {VERSION}",
        **_object({
            "api": {"const": VERSION},
            "kind": {"const": described.kind},
            "id": {"type": "string"},
            "page": {"type": "string"},
            "schema": {"type": "string"},
            "about": _object(_properties(types_of(con, described.query)), "null"),
            "parts": _object({
                part.name: _table(_properties(types_of(con, part.query)[1:]))
                for part in described.parts
            }),
        }),
    }  # fmt: skip


def _table(columns: dict[str, Any]) -> dict[str, Any]:
    row = {"type": "array", "prefixItems": [*columns.values()], "items": False,
           "minItems": len(columns)}  # fmt: skip
    return _object({
        "total": {"type": "integer"},
        "columns": {"enum": [[*columns], []]},
        "rows": {"type": "array", "items": row},
    })  # fmt: skip


def _object(properties: dict[str, Any], *others: str) -> dict[str, Any]:
    return {
        "type": ["object", *others] if others else "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _properties(columns: list[tuple[str, str]]) -> dict[str, Any]:
    return {name: _type(sql_type) for name, sql_type in columns if name not in _LEFT_OUT}


_TYPES: dict[str, dict[str, Any]] = {
    "BOOLEAN": {"type": ["boolean", "null"]},
    "INTEGER": {"type": ["integer", "null"]},
    "BIGINT": {"type": ["integer", "null"]},
    "HUGEINT": {"type": ["integer", "null"]},
    "VARCHAR": {"type": ["string", "null"]},
    "DATE": {"type": ["string", "null"], "format": "date"},
    "TIMESTAMP": {"type": ["string", "null"], "format": "date-time"},
    "DECIMAL": {"type": ["string", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
}


def _type(sql_type: str) -> dict[str, Any]:
    if sql_type.endswith("[]"):
        return {"type": ["array", "null"], "items": _type(sql_type[:-2])}
    return _TYPES[sql_type.partition("(")[0]]
