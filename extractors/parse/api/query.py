"""The query that an API's answer answers: the method, columns and filters in its URL.

An answer does not say which rows it was asked for. So each filter must be understood, or nothing
can be said of the rows: a sum over one country looks like a sum over all.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from extractors.parse.api.body import refused
from extractors.parse.api.columns import Column, known_column, split_words

# A filter on years is one of these words beside `year`, the first or the last of a span, or both.
_KINDS_OF_YEAR = frozenset({"fiscal", "financial", "reporting", "budget", "calendar"})
_FIRST = frozenset({"from", "start", "min", "first", "begin", "since"})
_LAST = frozenset({"to", "end", "max", "last", "until"})
_PAGING = frozenset(
    {
        "page", "pg", "limit", "offset", "size", "row", "rows", "start", "first", "skip", "per",
        "max", "from", "count", "length", "number", "no", "index", "page_size", "perpage",
    }
)  # fmt: skip
# Filters that choose no rows: language, form and order.
_OF_FORM = frozenset({"lang", "language", "langcode", "format", "sort", "order", "_format", "_"})
# Filters whose value holds for every row that does not name one itself.
_SUBJECTS: frozenset[Column] = frozenset(
    {"programme_id", "fund_code", "agency_code", "organization", "contributor"}
)
_NO_CHOICE = frozenset({"", "all", "*", "any", "-1"})
_NAME_OF_YEAR = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")  # `year!` is not the year
_DIRECTIONS = frozenset({"", "asc", "desc"})


class ApiQuery(NamedTuple):
    """The query of an API answer: its method, columns and filters in order, percent-decoded.

    `order` are the columns by which rows are sorted, as in `--budget:DESC`.
    """

    method: str
    columns: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    order: tuple[tuple[str, str], ...]


class Asked(NamedTuple):
    """The rows that a query asks for.

    `subjects` hold for every row that does not name another. An answer that is one of several
    pages does not show every row.
    """

    from_year: str | None
    to_year: str | None
    subjects: dict[Column, str]
    is_one_page: bool


def query_of(context: str) -> ApiQuery:
    """Return the query in `<method>/<columns>/<filters>`; a query string adds filters.

    Raises:
        PageRefusedError: a filter has no colon, so that its name or its value is missing.
    """
    path, _, query_string = context.partition("?")
    method, _, rest = path.strip("/").partition("/")
    columns, _, filters = rest.partition("/")
    if ":" not in filters:  # as of a client that encodes them as a whole: `year%3A2015%2Climit%3A9`
        filters = unquote(filters)
    named = [_name_and_value(part) for part in filters.split(",") if part.strip(" /")]
    return ApiQuery(
        unquote(method),
        tuple(unquote(column).strip() for column in columns.split(",") if column.strip()),
        (
            *((name, value) for name, value in named if not name.startswith("--")),
            *parse_qsl(query_string, keep_blank_values=True),
        ),
        tuple((name[2:], value) for name, value in named if name.startswith("--")),
    )


def asked_by(query: ApiQuery) -> Asked:
    """Return which rows a query asks for.

    Raises:
        PageRefusedError: a filter is not understood, or the years contradict each other.
    """
    years: defaultdict[str, set[str]] = defaultdict(set)
    subjects: dict[Column, str] = {}
    is_one_page = False
    for name, value in query.filters:
        words = frozenset(split_words(name))
        if "year" in name.lower():
            for end in _ends_of_span(words, name):
                years[end] |= {value} - {""}
        elif value.lower() in _NO_CHOICE or name.lower() in _OF_FORM:
            continue
        elif (column := _subject(name)) is not None:
            if subjects.setdefault(column, value) != value:
                raise refused("api_query_filter", "the query asks for several subjects", name)
        elif words and words <= _PAGING:
            is_one_page = True
        else:
            message = "the query has a filter that is not understood, so its rows are not"
            raise refused("api_query_filter", message, f"{name}:{value}")
    for name, direction in query.order:
        if direction.lower() not in _DIRECTIONS:
            message = "the query has an ordering that is not understood, so its rows are not"
            raise refused("api_query_filter", message, f"--{name}:{direction}")
    if any(len(asked) > 1 for asked in years.values()):
        raise refused("api_query_years", "the query asks for several years", str(query.filters))
    return Asked(_one(years["from"]), _one(years["to"]), subjects, is_one_page)


def _subject(name: str) -> Column | None:
    """Return what a filter chooses; `fund` and `project` mean their codes there."""
    column = known_column(name)
    by_name: dict[Column | None, Column] = {
        "fund_name": "fund_code", "programme_title": "programme_id"
    }  # fmt: skip
    column = by_name.get(column, column)
    return column if column in _SUBJECTS else None


def _ends_of_span(words: frozenset[str], name: str) -> tuple[str, ...]:
    """Return whether a filter is the first year, the last or both."""
    beside = words - {"year"} - _KINDS_OF_YEAR
    if not _NAME_OF_YEAR.fullmatch(name):
        raise refused("api_query_years", "the query names years in an unknown way", name)
    if "fromyear" in beside or ("year" in words and beside and beside <= _FIRST):
        return ("from",)
    if "toyear" in beside or ("year" in words and beside and beside <= _LAST):
        return ("to",)
    if "year" in words and not beside:
        return ("from", "to")
    raise refused("api_query_years", "the query names years in an unknown way", name)


def _one(values: Iterable[str]) -> str | None:
    return next(iter(values), None)


def _name_and_value(part: str) -> tuple[str, str]:
    name, colon, value = part.partition(":")
    if not colon:
        raise refused("api_query_filter", "the query has a filter without a name or value", part)
    return unquote(name).strip(), unquote(value).strip()
