"""What a profile asks of the site's API: first a sample, then the rest, then the pages of rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from extractors.fetch.errors import TRANSIENT, FailureKind
from extractors.fetch.gateway import PageRequest, Site
from extractors.profiles.profile import Per, Profile, Query, QueryCall
from flows.crawl.crawler import Crawler
from flows.crawl.selection import Selection
from flows.pipeline.run import Run
from flows.terminal import counted
from warehouse import visits

_SAMPLE = 2  # calls of a method; if both are refused, so would be the others
_UNANSWERED = frozenset({"api_error_page", "login_page", "not_a_gateway_page"})


class ApiVisit:
    """The API of a site, asked as a profile says.

    Args:
        captures: returns the captures of this night's work.
        this_year: the last year to ask for.
    """

    def __init__(
        self,
        run: Run,
        crawler: Crawler,
        site: Site,
        captures: Callable[[], visits.Taken],
        this_year: int,
    ) -> None:
        self._run = run
        self._crawler = crawler
        self._site = site
        self._captures = captures
        self._this_year = this_year
        self._requested: set[str] = set()
        self._programmes: dict[str, str] = {}  # by the URL that was requested for one

    def ask_sample(self, profile: Profile) -> list[str]:
        """Ask the first calls of the profile's first method; return their URLs."""
        calls = next(iter(self._by_method(_queries(profile, "site"))), [])[:_SAMPLE]
        self._request([call for call in calls if self._is_allowed(call)])
        return list(map(self._url, calls))

    def ask(self, profile: Profile, selection: Selection) -> None:
        """Ask the queries for all programmes and funds, or those for the selected funds.

        If programmes are selected, and the profile has a query for each, nothing is asked yet.
        """
        site, funds = _queries(profile, "site"), _queries(profile, "fund")
        if selection.programmes:
            self._ask([] if _queries(profile, "programme") else site)
        elif selection.funds:
            self._ask(funds or site, selection.funds)
        else:
            self._ask(site)  # first, since it may list funds
            self._ask(funds, [fund.key for fund in visits.known_funds(self._run.con)])

    def ask_for(self, profile: Profile, selection: Selection, programmes: Sequence[str]) -> None:
        """Ask the queries for each of some programmes, unless others have covered them.

        A call without an answer is a failure of its programme, so that the next night visits it
        again.
        """
        if selection.programmes or not profile.covers_programmes:
            queries = _queries(profile, "programme")
            self._ask(queries, programmes)
            for query in queries:
                self._fail_unanswered(query.calls(self._this_year, programmes))

    def _fail_unanswered(self, calls: Sequence[QueryCall]) -> None:
        """Let each programme fail of which a call failed, was not made, or got no answer."""
        if not calls or not self._crawler.allows(self._url(calls[0])):
            return
        log, answered = self._run.log, visits.answered(self._run.con, self._captures())
        not_made: dict[str, str] = {}  # the first call of each programme
        for call in calls:
            url = self._url(call)
            if url not in self._requested:
                not_made.setdefault(call.subject, url)
            elif url in answered and answered[url].state == "quarantined":
                log.fail(url, "unanswered", "what came in place of an answer is in quarantine")
        why = "its turn did not come" if self._crawler.gave_up else "the calls before it failed"
        for programme_id, url in not_made.items():
            self._programmes[url] = programme_id
            log.fail(url, FailureKind.NOT_ASKED, why)
        log.failures[:] = [
            one._replace(programme_id=self._programmes.get(one.subject, one.programme_id))
            for one in log.failures
        ]

    def _ask(self, queries: Iterable[Query], subjects: Sequence[str] = ()) -> None:
        for calls in self._by_method(queries, subjects):
            if self._is_allowed(calls[0]):
                self._ask_method(calls)

    def _by_method(
        self, queries: Iterable[Query], subjects: Sequence[str] = ()
    ) -> Iterator[list[QueryCall]]:
        for _, same in groupby(sorted(queries, key=_method_of), key=_method_of):
            if calls := [call for one in same for call in one.calls(self._this_year, subjects)]:
                yield calls

    def _ask_method(self, calls: list[QueryCall]) -> None:
        """Ask all calls of one method, unless the first ones are refused."""
        sample, rest = calls[:_SAMPLE], calls[_SAMPLE:]
        self._request(sample)
        if rest and self._is_refused(sample):
            self._report_once(sample)
            self._run.log.notes.append(
                f"{counted(len(rest), 'more call', 'more calls')} of {calls[0].query.method}"
                f" {'was' if len(rest) == 1 else 'were'} not made"
            )
            return
        self._request(rest)
        self._follow_pages([call for call in calls if call.query.paging])

    def _follow_pages(self, calls: list[QueryCall]) -> None:
        """Ask for the rows behind a full page, until a page is not full."""
        most = self._run.home.settings.most_pages
        before: dict[QueryCall, str] = {}  # the bodies of the pages before, by their next page
        while calls and not self._crawler.gave_up:
            answers = visits.api_answers(self._run.con, self._captures())
            following: dict[QueryCall, str] = {}
            for call in calls:
                answer = answers.get(self._url(call))
                if answer is None or answer.rows < _size(call):
                    continue
                if answer.body_sha256 == before.get(call):
                    self._note_incomplete(call, "has the rows of the page before")
                elif call.page + 1 >= most:
                    self._note_incomplete(call, f"leads on to more than {counted(most, 'page')}")
                else:
                    following[call.next_page] = answer.body_sha256
            before, calls = following, [*following]
            self._request(calls)

    def _note_incomplete(self, call: QueryCall, why: str) -> None:
        self._run.log.incomplete.append(f"{self._url(call)} {why}")

    def _request(self, calls: Sequence[QueryCall]) -> None:
        if self._crawler.gave_up:
            return
        for call in calls:
            self._requested.add(self._url(call))
            if call.query.per == "programme":
                self._programmes[self._url(call)] = call.subject
        base_url = self._site.base_url
        self._crawler.crawl(
            PageRequest(self._url(call), headers=tuple(call.headers(base_url).items()), stays=True)
            for call in calls
        )

    def _is_allowed(self, call: QueryCall) -> bool:
        """Return whether robots.txt allows a call; one that it forbids is a failure, once."""
        url = self._url(call)
        if self._crawler.allows(url):
            return True
        failed = (self._site.known_as + call.query.base, FailureKind.ROBOTS)
        if failed not in {(failure.subject, failure.kind) for failure in self._run.log.failures}:
            self._run.log.fail(*failed, "robots.txt does not allow the site's API")
        return False

    def _is_refused(self, sample: Iterable[QueryCall]) -> bool:
        """Return whether every call of a sample was refused."""
        urls = {self._url(call): call.query.per for call in sample}
        refused = {
            failure.subject
            for failure in self._run.log.failures
            if (per := urls.get(failure.subject))
            and failure.kind not in TRANSIENT | {FailureKind.NOT_ASKED}
            and (failure.kind != FailureKind.NOT_FOUND or per == "site")  # else of one subject
        }
        rules = visits.answered(self._run.con, self._captures())
        unread = {url for url in urls if url in rules and rules[url].rule in _UNANSWERED}
        return refused | unread == set(urls)

    def _report_once(self, sample: Iterable[QueryCall]) -> None:
        """Report the refusal of a whole sample once, unless each call is of another programme."""
        urls = {self._url(call) for call in sample if call.query.per != "programme"}
        log = self._run.log
        repeated = [failure for failure in log.failures if failure.subject in urls][1:]
        log.failures[:] = [failure for failure in log.failures if failure not in repeated]

    def _url(self, call: QueryCall) -> str:
        return self._site.known_as + call.path


def _queries(profile: Profile, per: Per) -> list[Query]:
    return [query for query in profile.queries if query.per == per]


def _method_of(query: Query) -> tuple[str, str]:
    return query.base, query.method


def _size(call: QueryCall) -> int:
    assert call.query.paging is not None  # noqa: S101 because only such calls are followed
    return call.query.paging.size
