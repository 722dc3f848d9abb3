"""A profile as TOML that a person can go on writing."""

import json
from collections.abc import Iterator, Sequence

from extractors.profiles.profile import Paging, Profile, Query

_LONGEST_LINE = 100


def dump_profile(profile: Profile) -> str:
    """Return a profile as TOML; `load_profile` reads it as an equal one."""
    lines = [
        f"name = {_text(profile.name)}",
        f"description = {_text(profile.description)}",
        f"known_by = {_text(profile.known_by)}",
        *_texts("lists", profile.lists),
        *_texts("programme_paths", profile.programme_paths),
        *_texts("fund_paths", profile.fund_paths),
    ]
    for query in profile.queries:
        lines += ["", "[[queries]]", *_query_lines(query)]
    return "\n".join(lines) + "\n"


def _query_lines(query: Query) -> Iterator[str]:
    yield f"name = {_text(query.name)}"
    yield f"known_by = {_text(query.known_by)}"
    yield f"base = {_text(query.base)}"
    yield f"method = {_text(query.method)}"
    for key in ("columns", "filters", "order"):
        yield from _texts(key, getattr(query, key))
    if query.headers:
        pairs = ", ".join(f"{_text(name)} = {_text(value)}" for name, value in query.headers)
        yield f"headers = {{ {pairs} }}"
    if query.on_behalf_of:
        yield f"on_behalf_of = {_text(query.on_behalf_of)}"
    yield f"years = {_text(query.years)}"
    yield f"from_year = {query.from_year}"
    yield f"per = {_text(query.per)}"
    yield from _texts("fills", query.fills)
    if query.paging:
        yield f"paging = {_paging(query.paging)}"


def _paging(paging: Paging) -> str:
    sized = f", size_filter = {_text(paging.size_filter)}" if paging.size_filter else ""
    return (
        f"{{ kind = {_text(paging.kind)}, filter = {_text(paging.filter)}, first = {paging.first},"
        f" size = {paging.size}{sized} }}"
    )


def _texts(key: str, values: Sequence[str]) -> list[str]:
    """Return the lines of a list of texts; none if it is empty, one if it is short."""
    if not values:
        return []
    line = f"{key} = [{', '.join(map(_text, values))}]"
    if len(line) <= _LONGEST_LINE:
        return [line]
    return [f"{key} = [", *(f"    {_text(value)}," for value in values), "]"]


def _text(text: str) -> str:
    """Return a TOML string: JSON's, which leaves alone one character that TOML escapes."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
