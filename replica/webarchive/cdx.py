"""The index of a web archive as its CDX server answers: queries, and listings in text or JSON.

After internetarchive/wayback's wayback-cdx-server, its oddities included: a resume key comes with
every listing that reached its limit, even where nothing is left; collapsing begins anew after it;
`offset` counts rows before filters; a filter on a field that there is not meets the whole line;
pages are cut before filters, so they may be empty.
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
_MOST_BLOCKS = 5  # a page has at most so many blocks, and that is the default
_BLOCK_KEYS = 100  # keys in one block of the index

Test = Callable[[Row], bool]


class BadQueryError(ValueError):
    """A query that is answered 400; the message is the answer's text. Retrying is no use."""


class Query(NamedTuple):
    """What is asked of the index; keys run from `start` up to, not including, `end`."""

    start: str
    end: str
    first: str  # the timestamps' bounds, each of up to 14 digits
    last: str
    filters: tuple[Test, ...]
    collapse: tuple[tuple[int, int | None], ...]  # fields and how many letters of them
    fields: tuple[int, ...]
    limit: int
    offset: int
    resume: tuple[str, str]  # the key and timestamp to go on from
    shows_resume_key: bool
    is_json: bool
    is_reverse: bool
    page: int | None
    page_blocks: int
    counts_pages: bool

    def holds(self, timestamp: str) -> bool:
        """Whether a timestamp is within the bounds, each as precise as it is written."""
        if timestamp < self.first:
            return False
        return not self.last or timestamp <= self.last or timestamp.startswith(self.last)


def parse_query(text: str) -> Query:
    """The query in a URL.

    Raises:
        BadQueryError: where a parameter does not mean anything, or there is no `url`.
    """
    pairs = [pair for pair in parse_qsl(text) if pair[1]]
    given = dict(reversed(pairs))
    start, end = _range(given)
    key, _, timestamp = unquote_plus(given.get("resumeKey", "")).rpartition(" ")
    return Query(
        start=start,
        end=end,
        first=_digits(given, "from"),
        last=_digits(given, "to"),
        filters=tuple(_filter(value) for name, value in pairs if name == "filter"),
        collapse=tuple(_collapse(value) for name, value in pairs if name == "collapse"),
        fields=tuple(_field(name) for name in given.get("fl", ",".join(FIELDS)).split(",")),
        limit=_number(given, "limit"),
        offset=max(0, _number(given, "offset")),
        resume=(key, timestamp),
        shows_resume_key=_flag(given, "showResumeKey"),
        is_json=given.get("output") == "json",
        is_reverse=given.get("sort") == "reverse",
        page=max(0, _number(given, "page")) if "page" in given else None,
        page_blocks=_blocks(_number(given, "pageSize")),
        counts_pages=_flag(given, "showNumPages"),
    )


def answer_query(query: Query, captures: Captures, now: datetime, most: int) -> str:
    """The listing of a query, of at most so many rows; or the number of its pages."""
    keys = list(captures.keys(max(query.start, query.resume[0]), query.end, now))
    per_page = query.page_blocks * _BLOCK_KEYS
    if query.counts_pages:
        return f"{max(1, -(-len(keys) // per_page))}\n"
    limit = min(abs(query.limit) or most, most)
    if query.page is not None:
        keys = keys[query.page * per_page :][:per_page]
        limit = abs(query.limit)
    if query.limit < 0 and not query.collapse:
        rows = list(_first(_rows(query, keys[::-1], captures, now, reverse=True), limit))[::-1]
    elif query.limit < 0:
        rows = list(deque(_rows(query, keys, captures, now), maxlen=limit or None))
    elif query.is_reverse:
        rows = list(_first(_rows(query, keys[::-1], captures, now, reverse=True), limit))
    else:
        rows = list(_first(_rows(query, keys, captures, now), limit))
        if query.shows_resume_key and limit and len(rows) == limit:
            return _written(query, rows, _resume_key(rows[-1]))
    return _written(query, rows)


def _first(rows: Iterator[Row], limit: int) -> Iterator[Row]:
    return islice(rows, limit or None)


def _rows(
    query: Query, keys: list[str], captures: Captures, now: datetime, *, reverse: bool = False
) -> Iterator[Row]:
    """The rows that pass, in the order of the keys; only what is read is rendered."""
    seen: list[str] = []
    left = query.offset
    for key in keys:
        if not any(map(query.holds, captures.timestamps(key, now))):
            continue
        of_key = captures.of(key, now)
        for capture in reversed(of_key) if reverse else of_key:
            row = capture.row
            if not query.holds(row.timestamp) or (key, row.timestamp) < query.resume:
                continue
            if left:
                left -= 1
                continue
            if not all(passes(row) for passes in query.filters):
                continue
            values = [row[field][:letters] for field, letters in query.collapse]
            if values and values == seen:
                continue
            seen = values
            yield row


def _resume_key(row: Row) -> str:
    """What sorts just after this row, and before the next."""
    later = row.timestamp[:-1] + chr(ord(row.timestamp[-1]) + 1)
    return quote_plus(f"{row.urlkey} {later}")


def _written(query: Query, rows: list[Row], resume_key: str | None = None) -> str:
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


def _number(given: dict[str, str], name: str) -> int:
    text = given.get(name, "0")
    if not re.fullmatch("[+-]?[0-9]{1,9}", text):
        raise BadQueryError(f"{name}={text} is not a number")
    return int(text)


def _flag(given: dict[str, str], name: str) -> bool:
    return given.get(name, "").lower() in ("true", "1")


def _blocks(asked: int) -> int:
    return asked if 0 < asked <= _MOST_BLOCKS else _MOST_BLOCKS


def _field(name: str) -> int:
    """The index of a field that is called by its name or by its index."""
    if name in FIELDS:
        return FIELDS.index(name)
    if re.fullmatch(r"[0-9]{1,2}", name) and int(name) < len(FIELDS):
        return int(name)
    raise BadQueryError(f"{name} is none of the fields {','.join(FIELDS)}")


def _collapse(text: str) -> tuple[int, int | None]:
    """The meaning of `field` or `field:N`."""
    name, colon, letters = text.partition(":")
    if colon and not re.fullmatch(r"[0-9]{1,9}", letters):
        raise BadQueryError(f"collapse={text} is not of the form field or field:N")
    return _field(name), int(letters) if colon else None


def _filter(text: str) -> Test:
    """The meaning of `[~][!][field:]pattern`: a regex for all of it, or after `~` a part of it."""
    pattern = text.removeprefix("~")
    contains = pattern != text
    inverted = pattern.startswith("!")
    pattern = pattern[inverted:]
    field: int | None = None
    name, colon, rest = pattern.partition(":")
    if colon:
        pattern = rest
        field = _field(name) if name in FIELDS or re.fullmatch(r"[0-9]+", name) else None
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
