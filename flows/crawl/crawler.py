"""Asking the site for addresses until nothing is left to ask, and taking in what comes."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Protocol

from extractors.fetch.clock import Clock, StoppedError
from extractors.fetch.errors import Failure
from extractors.fetch.gateway import CachedCopy, Gateway, PageRequest
from extractors.ids import fund_code_of, programme_id_of
from flows.crawl.fetcher import Asked, Fetcher
from flows.crawl.frontier import Frontier, Patience
from flows.pipeline.intake import Intake
from flows.pipeline.loader import ReadPage
from flows.pipeline.run import Run

_LOOK_SECONDS = 0.25  # how often a run that waits for answers looks whether it was asked to stop


class Progress(Protocol):
    """Told how many addresses are done, of how many that are known so far."""

    def __call__(self, done: int, of: int) -> None:
        """Take it; it must not fail."""


class Crawler:
    """One run's visit to the site. `held` are the copies that make a request conditional.

    `seen` are the addresses that the work this run goes on with has captured, each with its body:
    they are not asked again, but what they lead on to is.
    """

    def __init__(
        self,
        run: Run,
        gateway: Gateway,
        asking: Fetcher,
        intake: Intake,
        clock: Clock,
        *,
        held: Callable[[str], CachedCopy | None],
        seen: Mapping[str, str],
        progress: Progress,
    ) -> None:
        settings = run.home.settings
        self._run = run
        self._gateway = gateway
        self._intake = intake
        self._clock = clock
        self._asking = asking
        self._held = held
        self._seen = dict(seen)
        self._led_on: set[str] = set()
        self._progress = progress
        self._longest_wait = settings.longest_wait
        self._give_up_after = settings.give_up_after
        self._most_pages = settings.most_pages
        self._frontier = Frontier(
            Patience(settings.attempts, settings.longest_wait, settings.retry_seconds)
        )
        self._jobs: dict[Future[Asked], list[PageRequest]] = {}  # under way
        self._answered: SimpleQueue[Future[Asked]] = SimpleQueue()
        self._followed: Counter[str] = Counter()
        self._failures_in_a_row = 0
        self._done = 0
        self._known = 0
        self.given_up = False

    def drain(self, asks: Iterable[tuple[str, ...]], *, last: bool = True) -> None:
        """Ask for addresses, and for what they lead on to. Each comes with where else it may be.

        What has failed so often that it is left for the end is asked again only if this is it
        (`last`); and only then is all that came loaded when it returns, and followed. Before, it
        returns as soon as there is room for more: what is under way goes on, for the next call.

        Raises:
            InterruptedRunError: the run was asked to stop; what came until then is loaded.
        """
        self._add(asks)
        while True:
            self._submit()
            if self._run.stop.asked:
                self._take_back()
            elif not last and len(self._jobs) < self._asking.jobs:
                return
            if self._jobs:
                self._take_one()
            elif self._run.stop.asked:
                self._intake.load()
                self._run.stop.check()
            elif not self._wait_for_more():
                return

    def _submit(self) -> None:
        """As many jobs as there is room for and something to ask."""
        while len(self._jobs) < self._asking.jobs and (asks := self._next()):
            future = self._asking.submit(asks)
            self._jobs[future] = asks
            future.add_done_callback(self._answered.put)

    def _take_one(self) -> None:
        """What comes first of all that is under way, if it comes soon."""
        with suppress(Empty):
            future = self._answered.get(timeout=_LOOK_SECONDS)
            if future in self._jobs:  # else it was taken back
                self._take(self._jobs.pop(future), future)
        self._follow(self._intake.turn())

    def _take_back(self) -> None:
        """The run is to stop: what nobody has begun to ask is not asked."""
        for future in [job for job in self._jobs if job.cancel()]:
            del self._jobs[future]

    def _next(self) -> list[PageRequest]:
        """The addresses of one more job; none where nothing is ready, or the run is to stop."""
        asks: list[PageRequest] = []
        while len(asks) < self._asking.addresses and not self._run.stop.asked:
            ask = self._frontier.take(self._clock.now())
            if ask is None:
                break
            asks.append(ask)
        return asks

    def _wait_for_more(self) -> bool:
        """With nothing under way: whether there is more to ask, now or after some waiting."""
        seconds = self._frontier.next_at(self._clock.now())
        if seconds is None:
            self._follow(self._intake.read())
            if self._frontier.next_at(self._clock.now()) is not None:
                return True
            self._intake.load()
            self._fail_all(self._frontier.forgone())
            return False
        try:
            self._clock.sleep(seconds)
        except StoppedError:
            return True  # and `drain` sees that the run is to stop
        return True

    def _add(self, asks: Iterable[tuple[str, ...]], *, first: bool = False) -> None:
        """Add what was not met; what earlier runs of this work captured leads on at once.

        Once the site is given up, what is added is a failure: it is not asked.
        """
        places = list(asks)
        while places:
            seen: list[ReadPage] = []
            new: list[PageRequest] = []
            for url, *otherwise in places:
                at = next((u for u in (url, *otherwise) if u in self._seen), None)
                if at is None:
                    new.append(PageRequest(url, self._held(url), tuple(otherwise)))
                else:
                    self._frontier.met(url)
                    seen.append(ReadPage(at, self._seen.pop(at)))
            self._known += self._frontier.add(new, first=first)
            places = [(url,) for url in self._next_of(seen)]
        if self.given_up:
            self._fail_all(self._frontier.give_up())

    def _follow(self, shown: Sequence[ReadPage]) -> None:
        """Ask for more of what some pages show, before all else: a factsheet's pages are one."""
        self._add(((url,) for url in self._next_of(shown)), first=True)

    def _next_of(self, shown: Sequence[ReadPage]) -> list[str]:
        """Addresses of more of what some pages show, each of the page's own subject."""
        new = [page for page in shown if page.url not in self._led_on]
        if not new:
            return []
        links = self._intake.links(page.body_sha256 for page in new)
        return [url for page in new for url in self._joined(page.url, links.get(page.body_sha256))]

    def _joined(self, page: str, links: Sequence[str] | None) -> Iterator[str]:
        """The addresses that a page's links mean, up to the most that are followed."""
        self._led_on.add(page)
        subject = _subject(page)
        for link in links or ():
            url = self._gateway.site.join(page, link)
            if url is not None and _subject(url) == subject:
                self._followed[subject] += 1
                if self._followed[subject] <= self._most_pages:
                    yield url
                elif self._followed[subject] == self._most_pages + 1:
                    self._run.miss(f"{page} leads on to more than {self._most_pages} pages")

    def _take(self, asks: list[PageRequest], answered: Future[Asked]) -> None:
        """What came: captures into the archive, failures asked again or into the record."""
        try:
            outcomes, aside = answered.result()
        except StoppedError:
            return
        self._intake.archive_aside(aside)
        captures = []
        for ask, outcome in zip(asks, outcomes, strict=True):
            if isinstance(outcome, Failure):
                self._take_failure(ask, outcome)
            else:
                self._failures_in_a_row = 0
                self._done += 1
                captures.append(outcome)
        self._follow(self._intake.add(captures))
        self._progress(self._done, self._known)

    def _take_failure(self, ask: PageRequest, failure: Failure) -> None:
        if self.given_up:
            self._fail(failure)
            return
        self._failures_in_a_row = self._failures_in_a_row + 1 if failure.passing else 0
        wait_asked = failure.retry_after
        if wait_asked is not None and wait_asked <= self._longest_wait:
            self._gateway.hold(wait_asked)
        if not self._frontier.failed(ask, failure, self._clock.now()):
            self._end(ask, failure)
        if self._failures_in_a_row >= self._give_up_after:
            self._give_up()

    def _end(self, ask: PageRequest, failure: Failure) -> None:
        """An address that is not asked again: there is another place for its page, or none."""
        if failure.kind == "not_found" and ask.otherwise:
            url, *otherwise = ask.otherwise
            self._frontier.add([PageRequest(url, self._held(url), tuple(otherwise))])
        else:
            self._fail(failure)

    def _fail_all(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            self._fail(failure)

    def _fail(self, failure: Failure) -> None:
        self._done += 1
        self._run.fail(failure.url, failure.kind, failure.detail)

    def _give_up(self) -> None:
        """The site does not answer any more: whoever asks on only makes it worse."""
        self.given_up = True
        self._run.miss(
            f"the site stopped answering: {self._failures_in_a_row} requests failed in a row, and"
            " nothing was asked after them"
        )
        self._fail_all(self._frontier.give_up())


def _subject(url: str) -> str:
    """What an address is about, so far as following its links goes: one programme, fund or list."""
    return programme_id_of(url) or fund_code_of(url) or url.partition("?")[0]
