"""Asking each method of an API for one answer, and how the rows behind it are asked for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from extractors.captures import NewCapture
from extractors.fetch.errors import Failure, FailureKind
from extractors.ids import api_query_of
from extractors.probe.findings.answers import EMPTY, AnswerSeen, read_answer
from extractors.probe.findings.questions import Question
from extractors.probe.findings.report import NOT_ASKED, Asked
from extractors.profiles.profile import Per, Query
from flows.probe.sources import Source
from flows.terminal import counted

_MOST_QUESTIONS = 4  # of one method
_MOST_TRIES = 3  # of one question, with other years or subjects
# The method is not there or not to be had, however it is asked.
_FINAL = frozenset({FailureKind.NOT_FOUND, FailureKind.ROBOTS, FailureKind.NOT_ASKED})


class Reply(NamedTuple):
    """What one URL was answered with."""

    url: str
    outcome: NewCapture | Failure
    seen: AnswerSeen

    @property
    def is_empty(self) -> bool:
        """Return whether it was answered with no rows."""
        return self.seen.problem == EMPTY


@dataclass
class Subjects:
    """The funds and programmes that were found so far, to ask for."""

    fund: list[str] = field(default_factory=list)
    programme: list[str] = field(default_factory=list)

    def of(self, per: Per) -> Sequence[str]:
        """Return those that a query is asked for."""
        return {"site": [""], "fund": self.fund, "programme": self.programme}[per]

    def add(self, funds: Iterable[str | None], programmes: Iterable[str | None]) -> None:
        """Add those that were found since."""
        self.fund += [one for one in funds if one and one not in self.fund]
        self.programme += [one for one in programmes if one and one not in self.programme]


class Asker:
    """Asks a site's API, at most a few requests for a method."""

    def __init__(self, source: Source, subjects: Subjects) -> None:
        self._source = source
        self._subjects = subjects
        self._year = source.started_at.year - 1  # the last one that is complete
        self._shapes: set[tuple[object, ...]] = set()  # that were asked
        self._answered: list[Question] = []

    def ask(
        self, questions: Sequence[Question], found_in: dict[tuple[object, ...], list[str]]
    ) -> list[Asked]:
        """Ask a method's questions, without those that an answered one covers.

        Returns:
            Those that were asked, with what came of them.
        """
        asked: list[Asked] = []
        for question in questions:
            is_covered = any(_covers(one, question) for one in self._answered)
            if is_covered or question.shape in self._shapes:
                continue
            asked.append(self._ask(question, found_in.get(question.shape, [])))
            if asked[-1].rows:
                self._answered.append(question)
            if asked[-1].failure in _FINAL or len(asked) == _MOST_QUESTIONS:
                break
        return asked

    def _ask(self, question: Question, found_in: list[str]) -> Asked:
        """Ask one question, with other years or subjects if an answer has no rows."""
        call, query = question.call, question.query
        reply: Reply | None = None
        for year, subject in self._tries(question):
            reply = self._get(query, year, subject)
            if not reply.is_empty:
                break
        told = Asked(tuple(found_in), call.text, call.template, question.left_out, query)
        if reply is None:
            return replace(told, failure=NOT_ASKED, detail=f"no {query.per} is known to ask for")
        self._shapes.add(question.shape)
        if isinstance(reply.outcome, Failure):
            detail = "" if reply.outcome.kind in _FINAL else reply.outcome.detail
            return replace(told, url=reply.url, failure=str(reply.outcome.kind), detail=detail)
        self._subjects.add(reply.seen.funds, reply.seen.programmes)
        told = replace(told, url=reply.url, answer=reply.seen)
        if not api_query_of(reply.url):
            return replace(told, query=None, detail="its URL is not one that is loaded as an API's")
        if query.paging is None or not reply.seen.rows:
            return told
        settled, words = self._settle(query, year, subject, reply)
        return replace(told, query=settled, paging=words)

    def _tries(self, question: Question) -> Iterator[tuple[int, str]]:
        """Yield years and subjects to ask with, the likeliest first."""
        years = [self._year]
        if question.query.years == "each":
            scripts = question.year if question.year and question.year < self._year else None
            years += [scripts or self._year - 1, self._year - 2]
        known = list(dict.fromkeys([*question.subjects, *self._subjects.of(question.query.per)]))
        tries = [(year, subject) for subject in known[:2] for year in years]
        yield from list(dict.fromkeys(tries))[:_MOST_TRIES]

    def _get(self, query: Query, year: int, subject: str, page: int = 0) -> Reply:
        call = query.calls(year, [subject])[0]._replace(page=page)
        url = self._source.site.known_as + call.path
        outcome = self._source.fetch(url, call.headers(self._source.site.base_url))
        if isinstance(outcome, Failure):
            return Reply(url, outcome, AnswerSeen())
        context = api_query_of(url) or call.path.removeprefix(f"{query.base}/")
        return Reply(url, outcome, read_answer(outcome.body, context))

    # Pages of rows

    def _settle(self, query: Query, year: int, subject: str, first: Reply) -> tuple[Query, str]:
        """Return a query with its paging as the site does it, and what that is in words."""
        paging, rows = query.paging, first.seen.rows
        assert paging is not None  # noqa: S101 because the caller asks only then
        asked = rows if not paging.size_filter or rows < paging.size else paging.size
        query_there = replace(query, paging=replace(paging, size=asked))
        after = self._get(query_there, year, subject, page=1)
        if _is_same(first, after) and paging.kind == "page" and paging.first == 0:
            one = replace(query, paging=replace(paging, size=asked, first=1))
            after = self._get(one, year, subject, page=1)
            query_there = one
        if _is_same(first, after):
            return replace(query, paging=None), "all rows at once; its paging changes nothing"
        if after.seen.rows:
            return query_there, f"{counted(asked, 'row')} an answer, by {paging.filter}"
        known = paging.size if paging.size_filter else rows
        settled = replace(query_there, paging=replace(query_there.paging or paging, size=known))
        if after.is_empty:
            return settled, f"by {paging.filter}, though one answer had all rows"
        problem = after.outcome.kind if isinstance(after.outcome, Failure) else after.seen.problem
        return settled, f"by {paging.filter}, which could not be tried ({problem})"


def _covers(answered: Question, other: Question) -> bool:
    """Return whether a question that was answered has all that another asks for."""
    mine, others = answered.query, other.query
    return (
        (mine.base, mine.method) == (others.base, others.method)
        and set(others.columns) <= set(mine.columns)
        and answered.narrowing <= other.narrowing
    )


def _is_same(first: Reply, second: Reply) -> bool:
    return (
        isinstance(first.outcome, NewCapture)
        and isinstance(second.outcome, NewCapture)
        and first.outcome.body == second.outcome.body
    )
