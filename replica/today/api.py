"""The API: `GET /mptf_rest_api/<method>/<columns>/<filters>`, answered as of the site's time."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from replica.books.dice import share
from replica.http import Answer, ContentFault, Request
from replica.pages.answers import HTML, NOT_FOUND, tag_of, validators
from replica.today.calls import asked_by
from replica.today.names import BASE, Method, Names
from replica.today.tables import TableRow, Tables

_MOST_BYTES = 64 * 2**20
_JSON = (("Content-Type", "application/json"),)
# The faults that change a body; others leave it, or there is none.
_OF_BODY = frozenset({"short_list", "cut_json", "renamed_column", "repeated_key"})
_NEEDED_HEADERS = ("drupal-page-url", "referer")
_BROKEN_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Error | MPTF Office</title></head><body>"
    b"<h1>Error</h1><p>The website encountered an unexpected error. Try again later.</p>"
    b"</body></html>\n"
)


class Options(NamedTuple):
    """The rules of today's site.

    Attributes:
        api_headers: whether the API answers 403 without the headers of the site's own scripts.
        api_page_rows: the most rows in one answer of the API; 0 for all at once.
        robots_forbids_api: whether robots.txt disallows the API.
    """

    api_headers: bool = True
    api_page_rows: int = 0
    robots_forbids_api: bool = False


class _Cached(NamedTuple):
    """An answer's body with its tag."""

    body: bytes
    tag: str


_Key = tuple[str, ContentFault | None]


class Api:
    """The API of one seed's site; answers of the site's current time are cached."""

    def __init__(self, seed: int, tables: Tables, names: Names, options: Options) -> None:
        self._seed = seed
        self._tables = tables
        self._names = names
        self._options = options
        self._cached: OrderedDict[_Key, _Cached] = OrderedDict()
        self._cached_at = 0
        self._bytes = 0

    def answer(self, request: Request, now: int, fault: ContentFault | None) -> Answer:
        """Return the answer to a call."""
        if self._options.api_headers and any(h not in request.headers for h in _NEEDED_HEADERS):
            return _error(403, "Access denied")
        name, _, rest = request.path.removeprefix(BASE).partition("/")
        method = self._names.by_name(name)
        if method is None or "/" not in rest:
            return NOT_FOUND
        if method.role == "broken":
            with_page = share(self._seed, "broken method") < 0.5  # noqa: PLR2004 because it is a coin
            status = 200 if with_page else 500
            return Answer(status, (("Content-Type", HTML),), _BROKEN_PAGE)
        if fault == "bad_filter":
            return _error(400, "Bad filter")
        key = (request.path, fault if fault in _OF_BODY else None)
        found = self._cached_answer(key, now)
        if found is None:
            made = self._answer(method, rest, now, key[1])
            if isinstance(made, Answer):
                return made
            found = self._keep(key, made)
        tag = tag_of(request.path) if fault == "lying_validator" else found.tag
        checked = validators("weak" if method.has_tag else "none", tag, now, now, request)
        if checked.unchanged:
            return Answer(304, checked.headers, b"")
        return Answer(200, (*_JSON, *checked.headers), found.body)

    def _answer(
        self, method: Method, rest: str, now: int, fault: ContentFault | None
    ) -> _Cached | Answer:
        columns, _, filter_text = rest.partition("/")
        filters = dict(_split(part) for part in filter_text.split(",") if part)
        try:
            asked = asked_by(method, filters)
            first, size = self._page(filters)
        except ValueError:
            return _error(400, "Bad filter")
        if asked is None:
            return _error(400, "Missing filter")
        rows = self._tables.rows(method, asked, now)
        for name, value in filters.items():
            if name.startswith("--"):
                rows = _ordered(rows, method, name.removeprefix("--"), value)
        rows = rows[first : first + size] if size else rows
        rows = rows[: (len(rows) + 1) // 2] if fault == "short_list" else rows
        if fault == "renamed_column":
            method = _with_renamed(method, f"{BASE}{method.name}/{rest}")
        body = _body(
            _chosen(rows, method, columns, self._names.absent), repeats=fault == "repeated_key"
        )
        body = body[: len(body) // 2] if fault == "cut_json" else body
        return _Cached(body, tag_of(body.decode()))

    def _page(self, filters: Mapping[str, str]) -> tuple[int, int]:
        """Return the first row asked for and the number of rows; 0 rows means all."""
        most, paging = self._options.api_page_rows, self._names.paging
        if not most:
            return 0, 0
        size = int(filters.get(paging.size) or most) if paging.size else most
        size = max(1, min(size, most))
        number = int(filters.get(paging.first) or paging.base) - paging.base
        return max(0, number * (1 if paging.kind == "offset" else size)), size

    def _cached_answer(self, key: _Key, now: int) -> _Cached | None:
        if now != self._cached_at:
            self._cached.clear()
            self._cached_at, self._bytes = now, 0
        return self._cached.get(key)

    def _keep(self, key: _Key, cached: _Cached) -> _Cached:
        self._cached[key] = cached
        self._bytes += len(cached.body)
        while self._bytes > _MOST_BYTES:
            self._bytes -= len(self._cached.popitem(last=False)[1].body)
        return cached


def _split(part: str) -> tuple[str, str]:
    name, _, value = part.partition(":")
    return name, value


def _ordered(rows: list[TableRow], method: Method, name: str, order: str) -> list[TableRow]:
    """Return the rows by a column, under either of its names; unknown ones are ignored."""
    for meaning, column in [*method.columns.items(), *method.asked.items()]:
        if column.lower() == name.lower():
            return sorted(rows, key=lambda row: _rank(row[meaning]), reverse=order == "DESC")
    return rows


def _rank(value: str | None) -> tuple[float, str]:
    try:
        return float(value or "-inf"), ""
    except ValueError:
        return 0.0, value or ""


def _chosen(rows: list[TableRow], method: Method, columns: str, absent: str) -> list[TableRow]:
    """Return the rows under the method's column names, with those asked for and its keys."""
    asked = set(columns.split(","))
    chosen = [
        (meaning, column)
        for meaning, column in method.columns.items()
        if meaning not in method.asked or method.asked[meaning] in asked
    ]
    nothing = None if absent == "null" else absent
    return [
        {column: nothing if row[meaning] is None else row[meaning] for meaning, column in chosen}
        for row in rows
    ]


def renamed_column(method: Method, path: str) -> str:
    """Return the meaning of the column whose name the fault `renamed_column` changes in a call."""
    return list(method.columns)[int(len(method.columns) * share("renamed column", path))]


def _with_renamed(method: Method, path: str) -> Method:
    """Return a method that answers one column under a name that nobody knows."""
    meaning = renamed_column(method, path)
    renamed = {**method.columns, meaning: method.columns[meaning][::-1]}
    return method._replace(columns=renamed)


def _body(rows: list[TableRow], *, repeats: bool) -> bytes:
    """Return a JSON string that holds JSON; `repeats` a key of its first row."""
    inner = json.dumps({"data": rows})
    if repeats and rows:
        first, name = json.dumps(rows[0]), list(rows[0])[-1]
        inner = inner.replace(first, f'{first[:-1]}, "{name}": "7.000"}}', 1)
    return json.dumps(inner).encode()


def _error(status: int, message: str) -> Answer:
    return Answer(status, _JSON, json.dumps({"message": message}).encode())
