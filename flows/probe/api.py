"""The API that a site's scripts call: what of it is asked, and what is reported of it."""

from collections.abc import Iterable

from extractors.probe.findings.questions import (
    CannotAsk,
    Question,
    known_question,
    question_of,
    ranked,
    year_filters,
)
from extractors.probe.findings.report import Asked, MethodReport
from extractors.probe.scripts import ApiCall
from extractors.profiles.profile import Profile
from flows.probe.asking import Asker, Subjects
from flows.probe.sources import Source

_MOST_PLACES = 5  # of one call that are named
_MOST_METHODS = 200

_Shape = tuple[object, ...]
_Method = tuple[str, str]


class ApiSurvey:
    """The calls that were found, and the answers to those that were asked.

    Args:
        source: where responses come from.
        subjects: the funds and programmes to ask for; those of answers are added.
    """

    def __init__(self, source: Source, subjects: Subjects) -> None:
        self._source = source
        self._asker = Asker(source, subjects)
        self._questions: dict[_Shape, Question] = {}
        self._places: dict[_Shape, list[str]] = {}
        self._cannot: dict[_Method, list[Asked]] = {}
        self._calls: dict[_Method, set[str]] = {}
        self._asked: dict[_Method, list[Asked]] = {}

    def add(self, calls: Iterable[ApiCall], page: str) -> None:
        """Add the calls that the scripts of a page make."""
        for call in calls:
            found = question_of(call, page)
            if isinstance(found, CannotAsk):
                self._add_unasked(found)
                continue
            method = found.query.base, found.query.method
            self._calls.setdefault(method, set()).add(call.where)
            before = self._questions.get(found.shape, found)
            self._questions[found.shape] = min(before, found, key=lambda one: one.rank)
            places = self._places.setdefault(found.shape, [])
            if call.where not in places and len(places) < _MOST_PLACES:
                places.append(call.where)

    def add_known(self, profile: Profile) -> None:
        """Add the methods of a profile that no script calls in a way that is wholly known."""
        whole = {
            (one.query.base, one.query.method) for one in self._questions.values()
            if not one.left_out
        }  # fmt: skip
        for query in profile.queries:
            if (query.base, query.method) not in whole:
                question = known_question(query)
                self._questions.setdefault(question.shape, question)

    def ask(self) -> None:
        """Ask each method for what it has not answered yet."""
        years = year_filters(self._questions.values())
        for questions in ranked(self._questions.values()):
            method = questions[0].query.base, questions[0].query.method
            before = self._asked.setdefault(method, [])
            if len(self._asked) > _MOST_METHODS:
                return
            dated = [one.with_years(years) for one in questions if years and one.is_open]
            new = self._asker.ask([*questions, *dated], self._places)
            retried = {one.query for one in new}
            self._asked[method] = [one for one in before if one.query not in retried] + new

    def reports(self) -> tuple[MethodReport, ...]:
        """Return what is known of each method, the useful ones first."""
        found = [
            self._report(method, sorted(asked, key=_rank))
            for method, asked in self._asked.items()
            if asked
        ]
        found += [self._report(method, asked) for method, asked in self._cannot.items()]
        return tuple(sorted(found[:_MOST_METHODS], key=lambda one: _rank(one.best)))

    def _report(self, method: _Method, asked: list[Asked]) -> MethodReport:
        base, name = method
        url = f"{self._source.site.base_url}{base}/{name}/"
        calls = len(self._calls.get(method, ()))
        return MethodReport(base, name, self._source.robots.allows(url), tuple(asked), calls)

    def _add_unasked(self, found: CannotAsk) -> None:
        call = found.call
        method = call.base, call.method
        if call.where in self._calls.setdefault(method, set()):
            return
        self._calls[method].add(call.where)
        asked = Asked((call.where,), call.text, call.template, detail=found.reason)
        unasked = self._cannot.setdefault(method, [])
        if len(unasked) < _MOST_PLACES and len(self._cannot) <= _MOST_METHODS:
            unasked.append(asked)


def _rank(asked: Asked) -> tuple[bool, bool, bool]:
    is_narrow = asked.query is None or asked.query.per != "site"
    return not asked.is_useful, not asked.rows, is_narrow
