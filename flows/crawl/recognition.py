"""Which form the site has: the classic one with lists, or today's with an API.

Its first answers decide. Those of the form that it does not have are no failures.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from extractors.errors import MptfError
from extractors.fetch.errors import FailureKind
from extractors.fetch.gateway import PageRequest, Site
from extractors.profiles.profile import Profile
from flows.crawl.api import ApiVisit
from flows.crawl.crawler import Crawler
from flows.crawl.paths import profile_of
from flows.pipeline.run import Run
from warehouse import visits

# What some URLs have: what was looked for, another page in its place, a refusal to answer,
# nothing, or an answer that says nothing of it.
Verdict = Literal["there", "moved", "refused", "absent", "unclear"]
_OF_FAILURE: dict[str, Verdict] = {
    FailureKind.MOVED: "moved", FailureKind.NOT_FOUND: "absent", FailureKind.REFUSED: "refused",
    FailureKind.ROBOTS: "refused",
}  # fmt: skip
_OF_RULE: dict[str, tuple[Verdict, str]] = {
    "not_a_gateway_page": ("absent", "is another page"),
    "api_error_page": ("refused", "answers with a page in place of JSON"),
    "api_error": ("there", "answers with an error"),
    "login_page": ("unclear", "asks for a login"),
    "maintenance_page": ("unclear", "is down for maintenance"),
}


class UnknownSiteError(MptfError):
    """The site has neither lists nor an API where a shipped profile expects them."""

    hint = "is the base URL right? docs/site.md says what to do when the site has changed"


class _Seen(NamedTuple):
    """What became of some requests, in a word and in words."""

    verdict: Verdict
    why: str


class Recognition:
    """The look at a site that tells which of the shipped profiles fits it."""

    def __init__(
        self,
        run: Run,
        crawler: Crawler,
        site: Site,
        api: ApiVisit,
        captures: Callable[[], visits.Taken],
    ) -> None:
        self._run = run
        self._crawler = crawler
        self._site = site
        self._api = api
        self._captures = captures
        self._classic = profile_of(run.home.settings, "classic")
        self._today = profile_of(run.home.settings, "today")

    def remembered(self) -> Profile:
        """Return the profile of the form that the site had last; at first, the classic one."""
        return self._today if visits.form_seen(self._run.con) == "today" else self._classic

    def recognize(self) -> Profile:
        """Ask the site for its lists and for an answer of its API, and return what fits.

        Which of the two is asked first depends on the form that it had last: if that is there, the
        other is not asked for.

        Raises:
            UnknownSiteError: it has neither.
        """
        remembered = self.remembered()
        api = self._see_api() if remembered is self._today else None
        if api is not None and api.verdict == "there":
            return self._found("today", self._today, "the API answers")
        lists = self._see_lists()
        if lists.verdict == "there":
            return self._found("classic", self._classic, lists.why)
        api = api or self._see_api()
        if api.verdict == "there" or (api.verdict == "refused" and lists.verdict == "moved"):
            return self._found("today", self._today, f"{lists.why}, and {api.why}")
        if "unclear" in {lists.verdict, api.verdict} or self._crawler.gave_up:
            why = f"as before, since no answer tells: {lists.why}, and {api.why}"
            return self._found(remembered.name, remembered, why)
        raise UnknownSiteError(
            f"{self._site.base_url} has neither form of the Gateway: {lists.why}, and {api.why}"
        )

    def _found(self, name: str, profile: Profile, why: str) -> Profile:
        """Note which form it is, and forget the failures that belong to the other."""
        form = "today's site" if name == "today" else "the classic site"
        self._run.log.notes.append(f"{form}: {why}")
        lists = set(self._list_urls())
        failures = self._run.log.failures
        failures[:] = [
            failure
            for failure in failures
            if failure.kind not in _OF_FAILURE or (failure.subject in lists) == (name == "classic")
        ]
        return profile

    def _list_urls(self) -> list[str]:
        return [self._site.known_as + path for path in self._classic.lists]

    def _see_lists(self) -> _Seen:
        """Ask for the first list, and for the others unless it leads elsewhere."""
        first, *others = self._list_urls() or [""]
        if not first:
            return _Seen("unclear", "no list is known")
        self._crawler.crawl([PageRequest(first, stays=True)])
        seen = self._seen([first], "portfolio_list")
        if seen.verdict in {"there", "moved"} or self._crawler.gave_up:
            return seen
        self._crawler.crawl(PageRequest(url, stays=True) for url in others)
        return self._seen([first, *others], "portfolio_list")

    def _see_api(self) -> _Seen:
        if self._crawler.gave_up:
            return _Seen("unclear", "its API was not asked")
        return self._seen(self._api.ask_sample(self._today), "api_answer")

    def _seen(self, urls: Sequence[str], kind: str) -> _Seen:
        """Return what the URLs have: the best of what one of them has."""
        found = visits.answered(self._run.con, self._captures())
        seen = [self._seen_at(url, kind, found.get(url)) for url in urls]
        order: list[Verdict] = ["there", "unclear", "moved", "refused", "absent"]
        return min(seen, key=lambda one: order.index(one.verdict))

    def _seen_at(self, url: str, kind: str, answered: visits.Answered | None) -> _Seen:
        what = "the API" if kind == "api_answer" else url.removeprefix(self._site.known_as)
        if answered is not None and answered.state == "loaded" and answered.page_kind == kind:
            return _Seen(
                "there", "the API answers" if kind == "api_answer" else f"{what} is a list"
            )
        if answered is not None:
            rule = answered.rule or answered.page_kind
            verdict, why = _OF_RULE.get(rule, ("unclear", f"cannot be read ({rule})"))
            return _Seen(verdict, f"{what} {why}")
        for failure in self._run.log.failures:
            if url == failure.subject or url.startswith(f"{failure.subject}/"):
                return _failed(what, failure.kind, failure.detail)
        return _Seen("unclear", f"{what} was not asked")


def _failed(what: str, kind: str, detail: str) -> _Seen:
    """Return what a failure tells; an API that leads to a login refuses to answer."""
    verdict = _OF_FAILURE.get(kind, "unclear")
    if verdict == "moved" and what == "the API" and "login" in detail:
        verdict = "refused"
    without = " without a list" if verdict == "moved" and what != "the API" else ""
    if kind == FailureKind.ROBOTS:
        return _Seen(verdict, f"{what} is closed by robots.txt")
    return _Seen(verdict, f"{what} {detail}{without}")
