"""What a probe found on a site: the report's data, its conclusion in one line, and its JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from extractors.probe.findings.answers import LOGIN, AnswerSeen, ColumnSeen
from extractors.profiles.profile import Fills, Query

# What a method's rows can fill, in words and as a table of the warehouse.
TABLES: dict[Fills, tuple[str, str]] = {
    "programmes": ("programme figures", "core.expenditure_snapshot"),
    "organizations": ("organization years", "core.organization_snapshot"),
    "contributions": ("contributions", "core.contribution_snapshot"),
    "lists": ("list", "observed.listing"),
}
ROBOTS, NOT_ASKED = "robots", "not_asked"
_NOT_FOUND = "not_found"
_LOGINS = frozenset({LOGIN, "answered 401", "answered 403"})


@dataclass(frozen=True)
class PageReport:
    """A page that was asked for. `problem` is empty if it was answered with a page."""

    url: str
    problem: str = ""
    scripts: int = 0
    foreign_scripts: int = 0
    funds: int = 0
    programmes: int = 0


@dataclass(frozen=True)
class ScriptReport:
    """A script of the site. `problem` is empty if it was answered."""

    url: str
    problem: str = ""
    bytes: int = 0


@dataclass(frozen=True)
class Asked:
    """One call of a method and what came of it.

    Attributes:
        found_in: the scripts, lines and columns where the call stands.
        text: the beginning of the script's source there.
        template: its URL as the script builds it.
        left_out: what is known only when the script runs, and was not asked for.
        query: what was asked, as a profile has it; None if nothing could be.
        url: the URL that was asked for last; empty if none was.
        answer: what was answered.
        failure: the kind of failure if there was no answer; empty otherwise.
        detail: what failed, or why nothing was asked.
        paging: how further rows are asked for, in words.
    """

    found_in: tuple[str, ...]
    text: str
    template: str
    left_out: tuple[str, ...] = ()
    query: Query | None = None
    url: str = ""
    answer: AnswerSeen | None = None
    failure: str = ""
    detail: str = ""
    paging: str = ""

    @property
    def rows(self) -> int:
        """Return the number of rows that were answered."""
        return self.answer.rows if self.answer else 0

    @property
    def problem(self) -> str:
        """Return by name what was wrong; empty if nothing was."""
        if self.failure:
            return "login" if self.detail in _LOGINS else self.failure
        return self.answer.problem if self.answer else NOT_ASKED

    @property
    def is_useful(self) -> bool:
        """Return whether a profile can use it."""
        return bool(self.query and self.answer and self.answer.fills)


@dataclass(frozen=True)
class MethodReport:
    """A method of the API: its calls that were asked, the most telling one first, and the others.

    `allowed` is whether robots.txt allows it.
    """

    base: str
    method: str
    allowed: bool
    asked: tuple[Asked, ...]
    calls: int

    @property
    def best(self) -> Asked:
        """Return the call that tells most."""
        return self.asked[0]


@dataclass(frozen=True)
class ProbeReport:
    """What a probe found.

    `requests` counts those that were sent; `robots` says in words what robots.txt is.
    """

    site: str
    probed_at: datetime
    requests: int
    robots: str
    pages: tuple[PageReport, ...]
    scripts: tuple[ScriptReport, ...]
    methods: tuple[MethodReport, ...]
    truncated: bool = False

    @property
    def reached(self) -> bool:
        """Return whether the site answered anything, if only that a page is not there."""
        answered = any(page.problem in {"", _NOT_FOUND} for page in self.pages)
        return answered or _any_rows(self.methods)

    @property
    def conclusion(self) -> str:
        """Return in one line what the site has."""
        return _conclusion(self)


def _conclusion(report: ProbeReport) -> str:
    methods = report.methods
    problems = {page.problem for page in report.pages}
    if problems == {ROBOTS} and not report.reached:
        return "robots.txt forbids every page that a probe asks for, so nothing was found"
    if not report.reached:
        return f"no page was answered ({', '.join(sorted(problems))}), so nothing was found"
    useful = [method for method in methods if any(one.is_useful for one in method.asked)]
    if useful:
        kinds = [fills for fills in TABLES if any(fills in _fills(method) for method in useful)]
        words = ", ".join(TABLES[kind][0] + ("s" if kind == "lists" else "") for kind in kinds)
        return f"the API answers: {len(useful)} of {len(methods)} methods are useful, with {words}"
    if not [method for method in methods if method.calls] and not _any_rows(methods):
        if any(script.problem for script in report.scripts):
            return "no call of an API was found, but not every script could be read"
        return "no script of the site calls an API, and the API that was known does not answer"
    if not any(method.allowed for method in methods):
        return f"robots.txt forbids the API, so none of its {len(methods)} methods was asked"
    failed = {method.best.problem for method in methods if method.allowed} - {""}
    if "login" in failed or LOGIN in failed:
        return "the API asks for a login, or for headers that no script shows"
    if _any_rows(methods):
        return "the API answers, but no answer has columns that are understood"
    return f"no method of the API answers with rows ({', '.join(sorted(failed))})"


def _any_rows(methods: Iterable[MethodReport]) -> bool:
    return any(one.rows for method in methods for one in method.asked)


def _fills(method: MethodReport) -> set[Fills]:
    return {fills for one in method.asked if one.answer for fills in one.answer.fills}


def as_json(report: ProbeReport) -> dict[str, Any]:
    """Return the report as what JSON can hold."""
    return {
        "site": report.site,
        "probed_at": f"{report.probed_at.isoformat(timespec='seconds')}Z",
        "requests": report.requests,
        "robots": report.robots,
        "conclusion": report.conclusion,
        "truncated": report.truncated,
        "pages": [_fields(page) for page in report.pages],
        "scripts": [_fields(script) for script in report.scripts],
        "methods": [_method_json(method) for method in report.methods],
    }


def _fields(record: PageReport | ScriptReport) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _method_json(method: MethodReport) -> dict[str, Any]:
    return {
        "base": method.base,
        "method": method.method,
        "allowed_by_robots": method.allowed,
        "calls_found": method.calls,
        "asked": [_asked_json(one) for one in method.asked],
    }


def _asked_json(asked: Asked) -> dict[str, Any]:
    query, answer = asked.query, asked.answer or AnswerSeen()
    return {
        "found_in": list(asked.found_in),
        "script_text": asked.text,
        "script_url": asked.template,
        "left_out": list(asked.left_out),
        "columns_asked": list(filter(None, query.columns)) if query else [],
        "filters_asked": list(query.filters) if query else [],
        "headers": dict(query.headers) if query else {},
        "on_behalf_of": query.on_behalf_of if query else "",
        "url": asked.url,
        "problem": asked.problem,
        "detail": asked.detail or answer.detail,
        "rows": asked.rows,
        "paging": asked.paging,
        "columns": [_column_json(column) for column in answer.columns],
        "sample": answer.sample,
        "fills": [words_of(answer, kind) for kind in answer.fills],
        "tables": [TABLES[kind][1] for kind in answer.fills],
    }


def words_of(answer: AnswerSeen, kind: Fills) -> str:
    """Return in words what an answer can fill."""
    return f"list of {answer.lists}" if kind == "lists" else TABLES[kind][0]


def _column_json(column: ColumnSeen) -> dict[str, Any]:
    return {
        "name": column.name, "meaning": column.meaning, "how": column.how,
        "samples": list(column.samples),
    }  # fmt: skip
