"""Profiles from TOML: those that are shipped, by name, and an operator's own, by file."""

import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from extractors.profiles.profile import Paging, Profile, ProfileError, Query

SHIPPED = ("classic", "today")
_MOST_BYTES = 4 * 2**20
_T = TypeVar("_T")


def load_profile(name_or_path: str | Path) -> Profile:
    """Return a shipped profile by its name, or the profile in a TOML file.

    A file with `extends = "today"` starts from that profile: its queries are added, or replace
    those of the same name, and what else it sets replaces what was there.

    Raises:
        ProfileError: there is no such profile or file, or it is invalid.
    """
    given = str(name_or_path)
    if given in SHIPPED:
        return _parse((files(__package__) / f"{given}.toml").read_text("utf-8"), given, given)
    path = Path(name_or_path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ProfileError(f"profile {given}: larger than {_MOST_BYTES:,} bytes")
        text = path.read_text("utf-8")
    except FileNotFoundError:
        names = ", ".join(SHIPPED)
        raise ProfileError(f"profile {given}: neither a file nor one of {names}") from None
    except UnicodeDecodeError as error:
        raise ProfileError(f"profile {given}: not UTF-8, at byte {error.start}") from None
    except (OSError, ValueError) as error:
        raise ProfileError(f"profile {given}: cannot be read: {error}") from error
    return _parse(text, given, path.stem)


def _parse(text: str, file: str, name: str) -> Profile:
    try:
        return _profile(_Table(tomllib.loads(text)), name)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"profile {file}: not TOML: {error}") from error
    except RecursionError:
        raise ProfileError(f"profile {file}: nested too deeply") from None
    except ProfileError as error:
        raise ProfileError(f"profile {file}: {error}") from error


class _Table:
    """A table of a TOML file, whose keys are taken one by one; those that are left are errors."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._left = dict(table)

    def take(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        """Remove and return a value; without a default it must be there."""
        value = self._left.pop(key, default)
        if value is None:
            raise ProfileError(f"{key} is missing")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ProfileError(f"{key} must be {_NAMES[kind]}, not {value!r:.80}")
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Remove and return a list of texts."""
        values = self.take(key, list, list(default))
        if not all(isinstance(value, str) for value in values):
            raise ProfileError(f"{key} must be a list of texts")
        return tuple(values)

    def tables(self, key: str) -> list["_Table"]:
        """Remove and return a list of tables."""
        values = self.take(key, list, [])
        if not all(isinstance(value, dict) for value in values):
            raise ProfileError(f"{key} must be tables, [[{key}]]")
        return [_Table(value) for value in values]

    def finish(self) -> None:
        """Raise an error if a key is left."""
        if self._left:
            raise ProfileError(f"unknown key {min(self._left)!r}")


_NAMES: dict[type, str] = {str: "a text", int: "a whole number", list: "a list", dict: "a table"}


def _profile(table: _Table, name: str) -> Profile:
    basis = _basis(table.take("extends", str, ""))
    queries = {} if basis is None else {query.name: query for query in basis.queries}
    own = [_query(one, at) for at, one in enumerate(table.tables("queries"), start=1)]
    names = [query.name for query in own]
    if len(set(names)) < len(names):
        _fail_twice(names)
    queries |= {query.name: query for query in own}
    profile = Profile(
        name=table.take("name", str, name),
        description=table.take("description", str, basis.description if basis else None),
        known_by=table.take("known_by", str, basis.known_by if basis else None),
        lists=table.texts("lists", basis.lists if basis else ()),
        programme_paths=table.texts("programme_paths", basis.programme_paths if basis else ()),
        fund_paths=table.texts("fund_paths", basis.fund_paths if basis else ()),
        queries=tuple(queries.values()),
    )
    table.finish()
    return profile


def _basis(name: str) -> Profile | None:
    if not name:
        return None
    if name not in SHIPPED:
        raise ProfileError(f"extends must be one of {', '.join(SHIPPED)}, not {name!r}")
    return load_profile(name)


def _fail_twice(names: list[str]) -> NoReturn:
    raise ProfileError(f"queries: two are named {next(n for n in names if names.count(n) > 1)!r}")


def _query(table: _Table, number: int) -> Query:
    name = ""
    try:
        name = table.take("name", str)
        query = Query(
            name=name,
            base=table.take("base", str),
            method=table.take("method", str),
            known_by=table.take("known_by", str),
            columns=table.texts("columns"),
            filters=table.texts("filters"),
            order=table.texts("order"),
            headers=_headers(table),
            on_behalf_of=table.take("on_behalf_of", str, ""),
            years=table.take("years", str, "none"),  # type: ignore[arg-type]  # Query checks it
            from_year=table.take("from_year", int, 2004),
            per=table.take("per", str, "site"),  # type: ignore[arg-type]  # Query checks it
            paging=_paging(table),
            fills=table.texts("fills"),  # type: ignore[arg-type]  # Query checks them
        )
        table.finish()
    except ProfileError as error:
        raise ProfileError(f"query {number}{f' {name!r}' if name else ''}: {error}") from error
    return query


def _headers(table: _Table) -> tuple[tuple[str, str], ...]:
    headers = table.take("headers", dict, {})
    if not all(isinstance(value, str) for value in headers.values()):
        raise ProfileError("headers must be texts")
    return tuple(headers.items())


def _paging(table: _Table) -> Paging | None:
    of_paging = table.take("paging", dict, {})
    if not of_paging:
        return None
    return _within("paging", lambda: _read_paging(_Table(of_paging)))


def _read_paging(table: _Table) -> Paging:
    paging = Paging(
        kind=table.take("kind", str),  # type: ignore[arg-type]  # Paging checks it
        filter=table.take("filter", str),
        size=table.take("size", int),
        size_filter=table.take("size_filter", str, ""),
        first=table.take("first", int, 0),
    )
    table.finish()
    return paging


def _within(where: str, read: Callable[[], _T]) -> _T:
    try:
        return read()
    except ProfileError as error:
        raise ProfileError(f"{where}: {error}") from error
