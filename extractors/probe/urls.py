"""A URL that a script builds, taken apart: `/<base>/<method>/<columns>/<filters>`.

The base ends with a segment such as `api`, `rest_api` or `jsonapi`, and a version behind it. Lists
of columns and filters are separated by commas; a filter is `name:value`, and `--name:DESC` orders.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from extractors.probe.values import Hole

_API = re.compile(r"(?:^|[._-])rest$|api$", re.IGNORECASE)
_VERSION = re.compile(r"v\d+(?:\.\d+)*", re.IGNORECASE)
_ORIGIN = re.compile(r"(?:https?:)?//([^/?#]+)", re.IGNORECASE)
_NOT_IN_URLS = re.compile(r"[\s<>\"'\\^`|()*;$]")
_FILE = re.compile(
    r"\.(?:m?js|css|map|png|jpe?g|gif|svg|ico|woff2?|ttf|eot|html?|php|aspx?|md)$", re.IGNORECASE
)
_ORDERING = "--"

_Pieces: TypeAlias = tuple[str | Hole, ...]


class Filter(NamedTuple):
    """A filter of a call, or the column that it orders by."""

    name: str
    value: str
    is_ordering: bool = False


class ApiUrl(NamedTuple):
    """The URL of a call; holes stand in braces, and a brace of the URL itself is doubled."""

    base: str
    method: str
    columns: tuple[str, ...]
    filters: tuple[Filter, ...]
    template: str


def api_url(pieces: _Pieces, script_url: str, *, is_request: bool = False) -> ApiUrl | None:
    """Return what a URL asks of an API; None if it is no such URL.

    Args:
        pieces: the texts and holes of the URL.
        script_url: where the script is from; its own host is left out of the base.
        is_request: whether the script requests it, so that it may be relative.
    """
    pieces, *_ = _split(pieces, "#", 1)
    path, *query = _split(pieces, "?", 1)
    origin, path = _without_origin(path, script_url)
    starts_well = origin or (path and (isinstance(path[0], Hole) or path[0].startswith("/")))
    if not path or not (starts_well or is_request):
        return None
    segments = _split(path, "/")
    place = next((index for index, segment in enumerate(segments) if _is_api(segment)), None)
    if place is None:
        return None
    while place + 1 < len(segments) and _continues_base(segments[place + 1]):
        place += 1
    rest = segments[place + 1 :]
    if not rest or not rest[0] or not _is_clean(segments[: place + 2]) or _is_file(rest[-1]):
        return None
    base = origin + "/".join(render(segment) for segment in segments[: place + 1])
    template = origin + render(path) + "".join(f"?{render(part)}" for part in query)
    columns, filters = _lists(rest[1:])
    filters += tuple(_filter(part, "=") for part in _split(query[0], "&") if part) if query else ()
    return ApiUrl(base, render(rest[0]), columns, filters, template)


def render(pieces: Iterable[str | Hole]) -> str:
    """Return a text with its holes in braces."""
    return "".join(
        f"{{{piece.name}}}"
        if isinstance(piece, Hole)
        else piece.replace("{", "{{").replace("}", "}}")
        for piece in pieces
    )


def _split(pieces: _Pieces, separator: str, most: int = -1) -> list[_Pieces]:
    """Return the parts of a text between separators; those within a hole's name are none."""
    parts: list[list[str | Hole]] = [[]]
    for piece in pieces:
        if isinstance(piece, Hole):
            parts[-1].append(piece)
            continue
        left = most if most < 0 else most - (len(parts) - 1)
        begin, *others = piece.split(separator, left) if left else [piece]
        if begin:
            parts[-1].append(begin)
        parts.extend([other] if other else [] for other in others)
    return [tuple(part) for part in parts]


def _without_origin(path: _Pieces, script_url: str) -> tuple[str, _Pieces]:
    """Return a URL's scheme and host, if they are not the script's own, and the rest of it."""
    if not path or isinstance(path[0], Hole):
        return "", path
    origin = _ORIGIN.match(path[0])
    if origin is None:
        return "", path
    rest = (path[0][origin.end() :], *path[1:])
    is_own = origin[1].lower() == _host(script_url)
    kept = tuple(piece for piece in rest if piece)
    return "" if is_own else origin[0], kept


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _is_api(segment: _Pieces) -> bool:
    last = segment[-1] if segment else ""
    return isinstance(last, str) and _API.search(last) is not None


def _continues_base(segment: _Pieces) -> bool:
    return _is_api(segment) or (
        len(segment) == 1
        and isinstance(segment[0], str)
        and _VERSION.fullmatch(segment[0]) is not None
    )


def _is_clean(segments: Sequence[_Pieces]) -> bool:
    texts = (piece for segment in segments for piece in segment if isinstance(piece, str))
    return not any(_NOT_IN_URLS.search(piece) for piece in texts)


def _is_file(segment: _Pieces) -> bool:
    last = segment[-1] if segment else ""
    return isinstance(last, str) and _FILE.search(last) is not None


def _lists(segments: Sequence[_Pieces]) -> tuple[tuple[str, ...], tuple[Filter, ...]]:
    """Return the columns and filters of the segments behind a method.

    A segment that is one hole holds columns if it is the first, and otherwise filters.
    """
    columns: list[str] = []
    filters: list[Filter] = []
    for index, segment in enumerate(segments):
        parts = [part for part in _split(segment, ",") if part]
        is_hole = len(segment) == 1 and isinstance(segment[0], Hole)
        has_filters = any(isinstance(piece, str) and ":" in piece for piece in segment)
        if has_filters or (is_hole and index) or _starts_ordering(segment):
            filters.extend(_filter(part, ":") for part in parts)
        else:
            columns.extend(render(part) for part in parts)
    return tuple(columns), tuple(filters)


def _starts_ordering(segment: _Pieces) -> bool:
    return bool(segment) and isinstance(segment[0], str) and segment[0].startswith(_ORDERING)


def _filter(part: _Pieces, separator: str) -> Filter:
    named, *value = _split(part, separator, 1)
    name = render(named)
    is_ordering = name.startswith(_ORDERING)
    return Filter(name.removeprefix(_ORDERING), render(value[0]) if value else "", is_ordering)
