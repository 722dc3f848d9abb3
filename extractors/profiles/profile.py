"""Profiles: the paths of a site's pages, and what its API is asked, year by year or at once."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self, get_args

from extractors.errors import UsageError

Years = Literal["each", "span", "none"]
Per = Literal["site", "fund", "programme"]
PagingKind = Literal["offset", "page"]
Fills = Literal["lists", "organizations", "programmes", "contributions"]

_FIRST_YEAR, _LAST_YEAR = 1990, 2100  # each year from the first costs a request
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_OF_YEARS: dict[Years, frozenset[str]] = {
    "each": frozenset({"year", "from_year", "to_year"}),
    "span": frozenset({"from_year", "to_year"}),
    "none": frozenset(),
}
_OF_SUBJECT: dict[Per, frozenset[str]] = {
    "site": frozenset(),
    "fund": frozenset({"fund_code", "fund_code_lower"}),
    "programme": frozenset({"programme_id", "programme_number"}),
}
_PATH = re.compile(r"/(?!/)[\w.~%/?&=+,:;@!{}-]*", re.ASCII)
_SEGMENT = re.compile(r"[\w.~%+@!=-]*", re.ASCII)
_FILTER = re.compile(r"-{0,2}[\w.~%+@!=-]+:[\w.~%+@!={}-]*", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# Sent by the program itself, or a login, which public data does not need.
_OWN_HEADERS = frozenset(
    {
        "accept-encoding", "authorization", "connection", "content-length", "cookie", "host",
        "if-modified-since", "if-none-match", "proxy-authorization", "transfer-encoding",
        "user-agent",
        # With one of these, a GET is another method, which may change something.
        "x-http-method", "x-http-method-override", "x-method-override",
    }
)  # fmt: skip


class ProfileError(UsageError, ValueError):
    """An invalid profile; the message names the file, the key and what is wrong."""


@dataclass(frozen=True)
class Paging:
    """How an answer is asked for in parts.

    Attributes:
        kind: whether `filter` has the number of rows to skip, or the number of the page.
        filter: the filter that moves on.
        size: the rows in one answer; fewer mean that it is the last.
        size_filter: the filter that has `size`; empty if the API alone decides.
        first: the value of `filter` in the first request.
    """

    kind: PagingKind
    filter: str
    size: int
    size_filter: str = ""
    first: int = 0

    def __post_init__(self) -> None:
        _check_choice("kind", self.kind, get_args(PagingKind))
        _check("filter", self.filter, _SEGMENT, "a filter's name")
        _check("size_filter", self.size_filter, _SEGMENT, "a filter's name")
        if not self.filter:
            raise ProfileError("filter must name the filter that moves on")
        if self.size < 1 or self.first < 0:
            raise ProfileError("size must be at least 1, and first at least 0")

    def filters(self, page: int) -> list[str]:
        """Return the filters of a page, counted from 0."""
        step = self.size if self.kind == "offset" else 1
        sized = [f"{self.size_filter}:{self.size}"] if self.size_filter else []
        return [f"{self.filter}:{self.first + page * step}", *sized]


@dataclass(frozen=True)
class Query:
    """One method of the API and how it is asked.

    Filters are templates with `{year}`, `{from_year}`, `{to_year}`, and of a fund or programme
    `{fund_code}`, `{fund_code_lower}`, `{programme_id}` (eight digits), `{programme_number}`.

    Attributes:
        name: a name of it, for messages and for a profile that replaces it.
        base: the path of the API.
        method: the method.
        columns: the columns to ask for; an empty one is a comma at the start or end.
        filters: the filters, `name:value` each.
        order: the orderings, `--column:DESC` each; they come last.
        headers: headers to send.
        on_behalf_of: the page whose script makes the call; it is sent as `drupal-page-url` and,
            with the site's URL, as `Referer`.
        years: whether there is one request a year, one for all years, or none has a year.
        from_year: the first year.
        per: whether it is asked once, for each fund or for each programme.
        paging: how to ask for the rows that are not in the first answer.
        fills: what its rows tell of.
        known_by: how all this is known.
    """

    name: str
    base: str
    method: str
    known_by: str
    columns: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    on_behalf_of: str = ""
    years: Years = "none"
    from_year: int = 2004
    per: Per = "site"
    paging: Paging | None = None
    fills: tuple[Fills, ...] = ()

    def __post_init__(self) -> None:
        _check_choice("years", self.years, get_args(Years))
        _check_choice("per", self.per, get_args(Per))
        for kind in self.fills:
            _check_choice("fills", kind, get_args(Fills))
        if not _FIRST_YEAR <= self.from_year <= _LAST_YEAR:
            raise ProfileError(
                f"from_year must be within {_FIRST_YEAR}-{_LAST_YEAR}, not {self.from_year}"
            )
        _check("base", self.base, _PATH, "a path such as /mptf_rest_api")
        for name in ("name", "method", "known_by"):
            if not getattr(self, name).strip():
                raise ProfileError(f"{name} must not be empty")
        _check("method", self.method, _SEGMENT, "one segment of a path")
        _check_each("columns", self.columns, _SEGMENT, "a column's name")
        _check_each("filters", self.filters, _FILTER, "a filter such as fromYear:{year}")
        _check_each("order", self.order, _FILTER, "an ordering such as --budget:DESC")
        _check_headers(self.headers)
        if self.on_behalf_of:
            _check("on_behalf_of", self.on_behalf_of, _PATH, "a page such as /fund/{fund_code}")
        allowed = _OF_SUBJECT[self.per]
        _check_placeholders("on_behalf_of", [self.on_behalf_of], allowed, f"per = '{self.per}'")
        allowed |= _OF_YEARS[self.years]
        why = f"years = '{self.years}' and per = '{self.per}'"
        used = _check_placeholders("filters", self.filters, allowed, why)
        if self.per != "site" and not used & _OF_SUBJECT[self.per]:
            raise ProfileError(f"filters must name the {self.per}, since per = '{self.per}'")
        if self.years != "none" and not used & _OF_YEARS[self.years]:
            raise ProfileError(f"filters must name the year, since years = '{self.years}'")

    def calls(self, this_year: int, subjects: Sequence[str] = ()) -> list["QueryCall"]:
        """Return the first request of each year and subject.

        Args:
            this_year: the last year to ask for.
            subjects: the funds' codes or programmes' IDs to ask for, if it is asked for each.
        """
        spans = {
            "each": [(year, year) for year in range(this_year, self.from_year - 1, -1)],
            "span": [(self.from_year, this_year)] if this_year >= self.from_year else [],
            "none": [(0, 0)],
        }[self.years]
        of = ("",) if self.per == "site" else subjects
        return [QueryCall(self, *span, subject) for span in spans for subject in of]

    def urls(self, site: str, this_year: int, subjects: Sequence[str] = ()) -> list[str]:
        """Return the URLs of the first requests; `site` is a URL without a slash at its end."""
        return [site + call.path for call in self.calls(this_year, subjects)]


class QueryCall(NamedTuple):
    """One request of a query: for some years, of one subject, and for one page of its rows."""

    query: Query
    first_year: int
    last_year: int
    subject: str = ""
    page: int = 0

    @property
    def path(self) -> str:
        """Return the path to request."""
        query, values = self.query, self._values()
        filters = [filter_.format_map(values) for filter_ in query.filters]
        filters += query.paging.filters(self.page) if query.paging else []
        columns = ",".join(query.columns)
        return f"{query.base}/{query.method}/{columns}/{','.join([*filters, *query.order])}"

    @property
    def next_page(self) -> Self:
        """Return the request for the rows after this one's."""
        return self._replace(page=self.page + 1)

    def headers(self, site: str) -> dict[str, str]:
        """Return the headers to send; `site` is the URL of the site's host."""
        headers = dict(self.query.headers)
        if self.query.on_behalf_of:
            page = self.query.on_behalf_of.format_map(self._values())
            headers |= {"drupal-page-url": page, "Referer": site + page}
        return headers

    def _values(self) -> dict[str, object]:
        return {
            "year": self.last_year, "from_year": self.first_year, "to_year": self.last_year,
            "fund_code": self.subject, "fund_code_lower": self.subject.lower(),
            "programme_id": self.subject, "programme_number": self.subject.lstrip("0"),
        }  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """What to request from one form of the site.

    Attributes:
        name: its name.
        description: what site it is for.
        known_by: how its paths are known.
        lists: the paths of the lists of funds and programmes.
        programme_paths: paths to try, in order, for a programme that no list links to.
        fund_paths: paths to try, in order, for a fund that no list links to.
        queries: what its API is asked.
    """

    name: str
    description: str
    known_by: str
    programme_paths: tuple[str, ...]
    fund_paths: tuple[str, ...]
    lists: tuple[str, ...] = ()
    queries: tuple[Query, ...] = ()

    def __post_init__(self) -> None:
        for name in ("name", "description", "known_by"):
            if not getattr(self, name).strip():
                raise ProfileError(f"{name} must not be empty")
        per: Mapping[str, Per] = {
            "lists": "site", "fund_paths": "fund", "programme_paths": "programme",
        }  # fmt: skip
        for name, of in per.items():
            paths = getattr(self, name)
            if not paths and of != "site":
                raise ProfileError(f"{name} must have at least one path")
            _check_each(name, paths, _PATH, "a path such as /fund/{fund_code}")
            for path in paths:
                used = _check_placeholders(name, [path], _OF_SUBJECT[of], name)
                if of != "site" and not used:
                    raise ProfileError(f"{name}: {path!r} must name the {of}")
        names = [query.name for query in self.queries]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ProfileError(f"queries: two are named {min(twice)!r}")

    @property
    def covers_programmes(self) -> bool:
        """Return whether some query has the figures of many programmes in one answer."""
        return any("programmes" in one.fills and one.per != "programme" for one in self.queries)


def _check(name: str, text: str, pattern: re.Pattern[str], what: str) -> None:
    if not pattern.fullmatch(text):
        raise ProfileError(f"{name} must be {what}, not {text!r}")


def _check_each(name: str, texts: Iterable[str], pattern: re.Pattern[str], what: str) -> None:
    for text in texts:
        _check(name, text, pattern, what)


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        listed = ", ".join(map(repr, choices))
        raise ProfileError(f"{name} must be one of {listed}, not {value!r}")


def _check_placeholders(
    name: str, templates: Iterable[str], allowed: frozenset[str], why: str
) -> set[str]:
    """Return the placeholders in some templates, all of which are allowed and closed."""
    used = set()
    for template in templates:
        if "{" in _PLACEHOLDER.sub("", template) or "}" in _PLACEHOLDER.sub("", template):
            raise ProfileError(f"{name}: a brace in {template!r} has no partner")
        used |= set(_placeholders(template))
    if unknown := used - allowed:
        known = ", ".join(f"{{{one}}}" for one in sorted(allowed)) or "none"
        raise ProfileError(f"{name}: {{{min(unknown)}}} is unknown; with {why} use {known}")
    return used


def _placeholders(template: str) -> Iterator[str]:
    return (match[1] for match in _PLACEHOLDER.finditer(template))


def _check_headers(headers: Iterable[tuple[str, str]]) -> None:
    for name, value in headers:
        _check("headers", name, _HEADER, "named as in HTTP")
        if name.lower() in _OWN_HEADERS:
            raise ProfileError(f"headers: {name!r} is not a profile's to set")
        if not (value.isascii() and value.isprintable()):
            raise ProfileError(f"headers: the value of {name!r} must be printable ASCII")
