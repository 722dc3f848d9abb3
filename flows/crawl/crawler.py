"""Fetching pages until none is left, and archiving and loading what arrives."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from queue import Empty, SimpleQueue

from extractors.captures import NewCapture, RevisitCapture
from extractors.fetch.clock import Clock, StoppedError
from extractors.fetch.errors import Failure, FailureKind
from extractors.fetch.gateway import CachedCopy, Gateway, PageRequest
from extractors.ids import api_query_of, fund_code_of, programme_id_of
from flows.crawl.frontier import Frontier, RetryPolicy
from flows.crawl.site import request_threads
from flows.pipeline.intake import Intake
from flows.pipeline.loader import ParsedPage
from flows.pipeline.progress import Progress
from flows.pipeline.run import Run
from flows.terminal import counted

_POLL_SECONDS = 0.25  # how often a run that waits for responses checks whether to stop

_Outcome = NewCapture | RevisitCapture | Failure


class Crawler:
    """The fetching of one run.

    Args:
        pool: threads that fetch; as many as the settings allow requests in flight.
        copy_of: returns the archived copy that makes a request for a URL conditional.
        captured: URLs that the resumed work captured, each with its body's SHA-256. They are not
            fetched again, but their links are followed.
    """

    def __init__(
        self,
        run: Run,
        gateway: Gateway,
        pool: Executor,
        intake: Intake,
        clock: Clock,
        *,
        copy_of: Callable[[str], CachedCopy | None],
        captured: Mapping[str, str],
        progress: Progress,
    ) -> None:
        settings = run.home.settings
        self._run = run
        self._gateway = gateway
        self._pool = pool
        self._intake = intake
        self._clock = clock
        self._copy_of = copy_of
        self._captured = dict(captured)
        self._progress = progress
        self._max_in_flight = request_threads(settings)
        self._longest_wait = settings.longest_wait
        self._give_up_after = settings.give_up_after
        self._most_pages = settings.most_pages
        self._frontier = Frontier(
            RetryPolicy(settings.attempts, settings.longest_wait, settings.retry_seconds)
        )
        self._in_flight: dict[Future[_Outcome], PageRequest] = {}
        self._completed: SimpleQueue[Future[_Outcome]] = SimpleQueue()
        self._afresh: set[str] = set()  # subjects of which every page is requested in full
        self._links_followed: set[str] = set()  # pages
        self._pages_followed: Counter[str] = Counter()  # by subject
        self._failures_in_a_row = 0
        self._done = 0
        self._known = 0
        self.gave_up = False
        self.api_requests = 0  # that were answered or failed, each retry included

    def allows(self, url: str) -> bool:
        """Return whether robots.txt allows a request for a URL."""
        return self._gateway.robots.allows(self._gateway.site.request_url(url))

    def crawl(self, pages: Iterable[PageRequest], *, last: bool = True) -> None:
        """Fetch pages and the pages they link to.

        Only the last call retries what was put off to the end of the run, follows every link and
        loads everything before it returns. Any other returns as soon as another request fits in;
        requests in flight continue in the next call.

        Raises:
            InterruptedRunError: the run was asked to stop; what arrived before is loaded.
        """
        self._add(pages)
        while True:
            self._submit()
            if self._run.stop.received:
                self._cancel_waiting()
            elif not last and len(self._in_flight) < self._max_in_flight:
                return
            if self._in_flight:
                self._handle_next()
            elif self._run.stop.received:
                self._intake.load_all()
                self._run.stop.check()
            elif not self._wait_for_more():
                return

    def _submit(self) -> None:
        while len(self._in_flight) < self._max_in_flight and not self._run.stop.received:
            request = self._frontier.take(self._clock.now())
            if request is None:
                return
            future: Future[_Outcome] = self._pool.submit(self._gateway.fetch, request)
            self._in_flight[future] = request
            future.add_done_callback(self._completed.put)

    def _handle_next(self) -> None:
        """Handle the next response, if one arrives soon."""
        with suppress(Empty):
            future = self._completed.get(timeout=_POLL_SECONDS)
            if future in self._in_flight:  # else it was cancelled
                self._handle(self._in_flight.pop(future), future)
        self._intake.collect()
        self._follow(self._intake.take_parsed())
        self._intake.load_if_full()

    def _cancel_waiting(self) -> None:
        for future in [future for future in self._in_flight if future.cancel()]:
            del self._in_flight[future]

    def _wait_for_more(self) -> bool:
        """Wait until a request is due; return False if there is none left."""
        seconds = self._frontier.next_at(self._clock.now())
        if seconds is None:
            self._intake.collect(wait=True)
            self._follow(self._intake.take_parsed())
            if self._frontier.next_at(self._clock.now()) is not None:
                return True
            self._intake.load_all()
            self._fail_all(self._frontier.unattempted())
            return False
        with suppress(StoppedError):  # `crawl` sees that the run is to stop
            self._clock.sleep(seconds)
        return True

    def _add(self, pages: Iterable[PageRequest], *, first: bool = False) -> None:
        """Add pages to the frontier, and the links of those that the resumed work captured."""
        pending = list(pages)
        self._afresh.update(_subject(page.url) for page in pending if page.afresh)
        while pending:
            captured: list[ParsedPage] = []
            requests: list[PageRequest] = []
            for page in pending:
                urls = (page.url, *page.alternatives)
                at = next((url for url in urls if url in self._captured), None)
                if at is None:
                    requests.append(self._conditional(page))
                else:
                    self._frontier.skip(page.url)
                    captured.append(ParsedPage(at, self._captured.pop(at)))
            self._known += self._frontier.add(requests, first=first)
            pending = list(map(PageRequest, self._links(captured)))
        if self.gave_up:
            self._fail_all(self._frontier.give_up())

    def _conditional(self, page: PageRequest) -> PageRequest:
        """Return a request with the copy that makes it conditional, unless it is to be in full."""
        in_full = _subject(page.url) in self._afresh
        return page._replace(cached=None if in_full else self._copy_of(page.url))

    def _follow(self, pages: Sequence[ParsedPage]) -> None:
        """Fetch the other pages of some subjects next, so that each is fetched as a whole."""
        self._add(map(PageRequest, self._links(pages)), first=True)

    def _links(self, pages: Sequence[ParsedPage]) -> list[str]:
        new = [page for page in pages if page.url not in self._links_followed]
        if not new:
            return []
        links = self._intake.links(page.parse_key for page in new)
        return [url for page in new for url in self._own_links(page.url, links.get(page.parse_key))]

    def _own_links(self, page: str, links: Sequence[str] | None) -> Iterator[str]:
        """Yield the links of a page that stay with its subject, up to the allowed number."""
        self._links_followed.add(page)
        subject = _subject(page)
        for link in links or ():
            url = self._gateway.site.join(page, link)
            if url is not None and _subject(url) == subject:
                self._pages_followed[subject] += 1
                if self._pages_followed[subject] <= self._most_pages:
                    yield url
                elif self._pages_followed[subject] == self._most_pages + 1:
                    self._run.log.incomplete.append(
                        f"{page} leads on to more than {counted(self._most_pages, 'page')}"
                    )

    def _handle(self, request: PageRequest, future: Future[_Outcome]) -> None:
        """Archive a capture; retry or record a failure."""
        self._intake.archive_non_captures(self._gateway.pop_non_captures())
        try:
            outcome = future.result()
        except StoppedError:
            return
        self.api_requests += bool(api_query_of(request.url))
        if isinstance(outcome, Failure):
            self._handle_failure(request, outcome)
        else:
            self._failures_in_a_row = 0
            self._done += 1
            self._intake.add([outcome])
            self._follow(self._intake.take_parsed())
        self._progress(self._done, self._known)

    def _handle_failure(self, request: PageRequest, failure: Failure) -> None:
        if self.gave_up:
            self._fail(failure)
            return
        if not _is_known(request, failure):
            counts = _wants_no_more(request, failure)
            self._failures_in_a_row = self._failures_in_a_row + 1 if counts else 0
        if failure.retry_after is not None and failure.retry_after <= self._longest_wait:
            self._gateway.pause(failure.retry_after)
        if not self._frontier.retry(request, failure, self._clock.now()):
            self._try_alternative(request, failure)
        if self._failures_in_a_row >= self._give_up_after:
            self._give_up()

    def _try_alternative(self, request: PageRequest, failure: Failure) -> None:
        """Try the next URL of a page that was not found; record any other failure."""
        if failure.kind == "not_found" and request.alternatives:
            url, *rest = request.alternatives
            following = request._replace(url=url, alternatives=tuple(rest))
            self._frontier.add([self._conditional(following)])
        else:
            self._fail(failure)

    def _fail_all(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            self._fail(failure)

    def _fail(self, failure: Failure) -> None:
        self._done += 1
        self._run.log.fail(failure.url, failure.kind, failure.detail)

    def _give_up(self) -> None:
        """Stop fetching: more requests would only make a failing site worse."""
        self.gave_up = True
        self._run.log.given_up = (
            f"the site stopped answering: {counted(self._failures_in_a_row, 'request')} failed in a"
            " row, and nothing was asked after them"
        )
        self._fail_all(self._frontier.give_up())


def _wants_no_more(request: PageRequest, failure: Failure) -> bool:
    """Return whether a failure says that the site wants or can have no more requests.

    So does a page that is refused, as by a firewall; a call of the API may only be a wrong one.
    """
    refused = failure.kind == FailureKind.REFUSED and not api_query_of(request.url)
    return failure.is_transient or refused


def _is_known(request: PageRequest, failure: Failure) -> bool:
    """Return whether a page is refused again, which tells nothing new of the site.

    Else as many pages as it refuses for good would end every night.
    """
    return request.refused_before and failure.kind == FailureKind.REFUSED


def _subject(url: str) -> str:
    """Return the programme, fund or list that a URL is about; links to others are not followed."""
    return programme_id_of(url) or fund_code_of(url) or url.partition("?")[0]
