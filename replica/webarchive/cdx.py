"""The index of a web archive as its CDX server answers: queries, and listings in text or JSON.

After internetarchive/wayback's wayback-cdx-server, its oddities included: a resume key comes with
every listing that reached its limit, even if nothing is left; collapsing begins anew after it; a
filter on an unknown field is tried on the whole line. Pages, offsets and sorting are left out.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple, cast, get_args
from urllib.parse import parse_qsl, quote_plus, unquote_plus

from replica.webarchive.captures import Captures, Row
from replica.webarchive.surt import BadAddressError, MatchType, key_range

FIELDS = Row._fields
# A pattern is tried on every row: one that backtracks without end would stop the whole stand-in.
_LONGEST_PATTERN, _MOST_REPEATS = 200, 3
_ESCAPED = re.compile(r"\\.")
_REPEATS = re.compile(r"[*+?{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")  # repeats within repeats

Test = Callable[[Row], bool]


class BadQueryError(ValueError):
    """A query that is answered 400; the message is the answer's text. Retrying does not help."""


class Query(NamedTuple):
    """A query of the index; keys run from `start` up to, not including, `end`."""

    start: str
    end: str
    first: str  # the bounds of timestamps, each of up to 14 digits
    last: str
    filters: tuple[Test, ...]
    collapse: tuple[tuple[int, int | None], ...]  # fields, and how many of their letters count
    fields: tuple[int, ...]
    limit: int  # the last rows if negative, all if 0
    resume: tuple[str, str]  # the key and timestamp to resume from
    shows_resume_key: bool
    is_json: bool

    def holds(self, timestamp: str) -> bool:
        """Return whether a timestamp is within the bounds, each as precise as it is written."""
        if timestamp < self.first:
            return False
        return not self.last or timestamp <= self.last or timestamp.startswith(self.last)


def parse_query(text: str) -> Query:
    """Parse a URL's query.

    Raises:
        BadQueryError: if a parameter is invalid, or `url` is missing.
    """
    pairs = [pair for pair in parse_qsl(text) if pair[1]]
    given = dict(reversed(pairs))
    start, end = _range(given)
    key, _, timestamp = unquote_plus(given.get("resumeKey", "")).rpartition(" ")
    limit = given.get("limit", "0")
    if not re.fullmatch("[+-]?[0-9]{1,9}", limit):
        raise BadQueryError(f"limit={limit} is not a number")
    return Query(
        start=start,
        end=end,
        first=_digits(given, "from"),
        last=_digits(given, "to"),
        filters=tuple(_filter(value) for name, value in pairs if name == "filter"),
        collapse=tuple(_collapse(value) for name, value in pairs if name == "collapse"),
        fields=tuple(_field(name) for name in given.get("fl", ",".join(FIELDS)).split(",")),
        limit=int(limit),
        resume=(key, timestamp),
        shows_resume_key=given.get("showResumeKey", "").lower() in ("true", "1"),
        is_json=given.get("output") == "json",
    )


def answer_query(query: Query, captures: Captures, now: datetime, most: int) -> str:
    """Return the listing of a query, of at most `most` rows."""
    limit = min(abs(query.limit) or most, most)
    found = _rows(query, captures, now)
    if query.limit < 0:
        return _listing(query, list(deque(found, maxlen=limit)))
    rows = list(islice(found, limit))
    if query.shows_resume_key and len(rows) == limit:
        return _listing(query, rows, _resume_key(rows[-1]))
    return _listing(query, rows)


def _rows(query: Query, captures: Captures, now: datetime) -> Iterator[Row]:
    """Yield the matching rows by key and time; only the keys that are reached are rendered."""
    seen: list[str] = []
    for key in captures.keys(max(query.start, query.resume[0]), query.end, now):
        if not any(map(query.holds, captures.timestamps(key, now))):
            continue
        for capture in captures.of(key, now):
            row = capture.row
            if not query.holds(row.timestamp) or (key, row.timestamp) < query.resume:
                continue
            if not all(passes(row) for passes in query.filters):
                continue
            values = [row[field][:letters] for field, letters in query.collapse]
            if not values or values != seen:
                seen = values
                yield row


def _resume_key(row: Row) -> str:
    """Return a key that sorts just after this row, and before the next."""
    later = row.timestamp[:-1] + chr(ord(row.timestamp[-1]) + 1)
    return quote_plus(f"{row.urlkey} {later}")


def _listing(query: Query, rows: list[Row], resume_key: str | None = None) -> str:
    lines = [[row[field] for field in query.fields] for row in rows]
    if not query.is_json:
        texts = [" ".join(line) for line in lines] + (["", resume_key] if resume_key else [])
        return "".join(f"{text}\n" for text in texts)
    if not lines:
        return "[]\n"
    lines.insert(0, [FIELDS[field] for field in query.fields])
    if resume_key:
        lines += [[], [resume_key]]
    return "[" + ",\n".join(map(json.dumps, lines)) + "]\n"


def _range(given: dict[str, str]) -> tuple[str, str]:
    url = given.get("url")
    if not url:
        raise BadQueryError("url parameter is required")
    match = given.get("matchType", "")
    if not match:
        match = "domain" if url.startswith("*.") else "prefix" if url.endswith("*") else "exact"
        url = url.removeprefix("*.").removesuffix("*" if match == "prefix" else "")
    if match not in get_args(MatchType):
        raise BadQueryError(f"matchType={match} is none of {', '.join(get_args(MatchType))}")
    try:
        return key_range(url, cast("MatchType", match))
    except BadAddressError as error:
        raise BadQueryError(f"url: {error}") from None


def _digits(given: dict[str, str], name: str) -> str:
    text = given.get(name, "")
    if text and not re.fullmatch("[0-9]{1,14}", text):
        raise BadQueryError(f"{name}={text} is not 1 to 14 digits")
    return text


def _field(name: str) -> int:
    if name not in FIELDS:
        raise BadQueryError(f"{name} is none of the fields {','.join(FIELDS)}")
    return FIELDS.index(name)


def _collapse(text: str) -> tuple[int, int | None]:
    """Parse `field` or `field:N`."""
    name, colon, letters = text.partition(":")
    if colon and not re.fullmatch(r"[0-9]{1,9}", letters):
        raise BadQueryError(f"collapse={text} is not of the form field or field:N")
    return _field(name), int(letters) if colon else None


def _filter(text: str) -> Test:
    """Parse `[~][!][field:]pattern`: a regex for the whole value, or after `~` a part of it."""
    pattern = text.removeprefix("~")
    contains = pattern != text
    inverted = pattern.startswith("!")
    pattern = pattern[inverted:]
    field: int | None = None
    name, colon, rest = pattern.partition(":")
    if colon:
        pattern = rest
        field = FIELDS.index(name) if name in FIELDS else None
    if contains:
        return lambda row: (pattern in _text(row, field)) != inverted
    plain = _ESCAPED.sub("", pattern)
    repeats_too_much = len(_REPEATS.findall(plain)) > _MOST_REPEATS or _REPEATED_GROUP.search(plain)
    if len(pattern) > _LONGEST_PATTERN or repeats_too_much:
        raise BadQueryError("the filter is too long, or repeats too much, to be tried on each row")
    try:
        regex = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadQueryError(f"filter={text} is no regular expression: {error}") from None
    return lambda row: bool(regex.fullmatch(_text(row, field))) != inverted


def _text(row: Row, field: int | None) -> str:
    return " ".join(row) if field is None else row[field]
