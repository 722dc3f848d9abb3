"""Calls that scripts make to questions that a probe can ask: queries, as profiles have them.

A script's call of one year becomes a query of any year, and one of a fund or programme a query of
any. What is known only when the script runs is filled in if its name says what it is, and is left
out otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, Self
from urllib.parse import quote, unquote, urljoin, urlsplit

from extractors.ids import fund_code_of, programme_id_of
from extractors.parse.api.columns import split_words
from extractors.probe.findings.filters import CallFilters, has_hole, pieces_of, plain, segment
from extractors.probe.scripts import ApiCall
from extractors.profiles.profile import Per, ProfileError, Query

FIRST_YEAR = 2004  # since when the site has figures
# A GET must change nothing, but nobody tries that on another's site.
_CHANGING = frozenset(
    {"add", "create", "delete", "edit", "insert", "login", "logout", "post", "put", "register",
     "remove", "save", "send", "set", "submit", "subscribe", "unsubscribe", "update", "upload"}
)  # fmt: skip
_BY_PROBE = frozenset({"drupal-page-url", "referer"})


@dataclass(frozen=True)
class Question:
    """A call as a query that can be asked.

    Attributes:
        call: the call.
        query: what to ask.
        year: the year with which the script calls, if it names one.
        subjects: the fund's code or programme's ID with which it calls, if it names one.
        narrowing: how many of its filters choose among the rows.
        left_out: what is known only when the script runs.
    """

    call: ApiCall
    query: Query
    year: int | None
    subjects: tuple[str, ...]
    narrowing: int
    left_out: tuple[str, ...]

    @property
    def shape(self) -> tuple[object, ...]:
        """Return what tells it from other questions."""
        query = self.query
        return query.base, query.method, query.columns, query.filters, query.order

    @property
    def rank(self) -> tuple[int, int, int]:
        """Return a key that puts first what is likely to answer most."""
        return self.narrowing, len(self.left_out), -len(self.query.columns)

    @property
    def is_open(self) -> bool:
        """Return whether filters are left out that may be of years."""
        return self.query.years == "none" and any("filter" in one for one in self.left_out)

    def with_years(self, filters: tuple[str, ...]) -> Self:
        """Return the same question with filters of years, as another call has them."""
        query = replace(self.query, filters=(*self.query.filters, *filters), years="each")
        return replace(self, query=query)


class CannotAsk(NamedTuple):
    """A call that a probe does not ask, and why."""

    call: ApiCall
    reason: str


def question_of(call: ApiCall, page: str) -> Question | CannotAsk:
    """Return a call as a question.

    Args:
        call: the call.
        page: the URL of the page whose script makes it.
    """
    try:
        return _question(call, page)
    except (ProfileError, _CannotAskError) as error:
        return CannotAsk(call, str(error))


def known_question(query: Query) -> Question:
    """Return a query that is known without a script as a question."""
    call = ApiCall(query.base, query.method, (), (), (), "", "", query.known_by)
    return Question(call, query, None, (), 0, ())


class _CannotAskError(Exception):
    """A call that cannot be asked; its text says why."""


def _question(call: ApiCall, page: str) -> Question:
    if has_hole(call.method):
        raise _CannotAskError("its method is known only when the script runs")
    method = plain(call.method)
    words = split_words(method)
    if words and words[0] in _CHANGING:
        raise _CannotAskError("its name says that it changes something")
    filters, behind = CallFilters(), _filters_behind(call)
    for one in call.filters[: len(call.filters) - behind]:
        filters.add(one)
    left_out = [*filters.left_out, *(name for name in call.columns if has_hole(name))]
    left_out += ["what follows ? in its URL"] if behind else []
    headers = {name: value for name, value in call.headers if name.lower() not in _BY_PROBE}
    left_out += [f"header {name}" for name, value in headers.items() if has_hole(value)]
    columns, per = _columns(call), filters.per
    if {unquote(method), unquote(",".join(columns))} & {".", ".."}:
        raise _CannotAskError("its URL leads elsewhere")
    query = Query(
        name=method,
        base=_base(call.base, page),
        method=segment(call.method),
        known_by="a script that makes the call",
        columns=columns,
        filters=tuple(filters.templates),
        order=tuple(filters.order),
        headers=tuple((n, plain(v)) for n, v in headers.items() if not has_hole(v)),
        on_behalf_of=_page_path(page, per),
        years=filters.years,
        from_year=min(FIRST_YEAR, filters.first_year or FIRST_YEAR),
        per=per,
        paging=filters.paging,
    )
    return Question(
        call, query, filters.last_year, tuple(filters.subjects), filters.narrowing, tuple(left_out)
    )


def year_filters(questions: Iterable[Question]) -> tuple[str, ...]:
    """Return the filters of years that some question has; none if no question has any."""
    for question in questions:
        if question.query.years == "each":
            return tuple(one for one in question.query.filters if "year}" in one)
    return ()


def ranked(questions: Iterable[Question]) -> list[list[Question]]:
    """Return the questions method by method, those first that are likely to answer most."""
    by_method: dict[tuple[str, str], dict[tuple[object, ...], Question]] = {}
    for question in questions:
        of_method = by_method.setdefault((question.query.base, question.query.method), {})
        before = of_method.setdefault(question.shape, question)
        of_method[question.shape] = min(before, question, key=lambda one: one.rank)
    return [sorted(each.values(), key=lambda one: one.rank) for each in by_method.values()]


def _columns(call: ApiCall) -> tuple[str, ...]:
    """Return the columns to ask for; an empty one is a comma at the start or end."""
    known = [segment(name) for name in call.columns if not has_hole(name)]
    _, _, behind = call.template.partition(f"/{call.method}/")
    listed = behind.partition("/")[0]
    first = [""] if listed.startswith(",") else []
    last = [""] if known and listed.endswith(",") else []
    return (*first, *known, *last)


def _filters_behind(call: ApiCall) -> int:
    """Return how many of the filters stand behind a question mark, where no profile has any."""
    shown = "".join("x" if is_hole else text for is_hole, text in pieces_of(call.template))
    return sum(map(bool, shown.partition("?")[2].split("&")))


def _base(base: str, page: str) -> str:
    """Return the path of an API, whose host a script may put before it when it runs."""
    pieces = list(pieces_of(base))
    if len(pieces) > 1 and pieces[0][0] and pieces[1][1].startswith("/"):
        del pieces[0]
    if any(is_hole for is_hole, _ in pieces):
        raise _CannotAskError("its URL is known only when the script runs")
    try:
        parts = urlsplit(urljoin(page, "".join(text for _, text in pieces)))
        of_page = urlsplit(page)
    except ValueError:
        raise _CannotAskError("its URL is invalid") from None
    if parts.netloc.lower() != of_page.netloc.lower():
        raise _CannotAskError(f"it is on another host, {parts.netloc}")
    path = quote(parts.path.rstrip("/"), safe="/%~+@!=-._")
    if not path:
        raise _CannotAskError("its URL has no path of an API")
    return path


def _page_path(page: str, per: Per) -> str:
    """Return the path of the page on whose behalf a call is made, of any subject if it has one."""
    path = quote(urlsplit(page).path or "/", safe="/%~+@!=-._,")
    *before, name = path.rstrip("/").split("/")
    folder = "/".join(before)
    if per == "fund" and fund_code_of(path) == name.upper():
        return f"{folder}/{{{'fund_code' if name.isupper() else 'fund_code_lower'}}}"
    if per == "programme" and name and programme_id_of(path) == name.zfill(8):
        is_whole = len(name) == 8  # noqa: PLR2004 because an ID has eight digits
        return f"{folder}/{{{'programme_id' if is_whole else 'programme_number'}}}"
    return path
