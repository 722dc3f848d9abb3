"""Asking the site for addresses until nothing is left to ask, and taking in what comes."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

from extractors.archive import NewCapture, SeenAgain
from extractors.failures import Failure
from extractors.gateway import Ask, Gateway, Held
from extractors.ids import fund_code_of, programme_id_of
from extractors.waiting import Clock, StoppedError
from flows.frontier import Frontier, Patience
from flows.intake import Intake
from flows.run import Run
from warehouse import visits

_LOOK_SECONDS = 0.25  # how often a run that waits for answers looks whether it was asked to stop
# Flat out, answers are taken in together: each taking-in has its fixed cost.
_ASKED_AHEAD, _GATHER_SECONDS = 8, 0.05
_Outcome = NewCapture | SeenAgain | Failure


class Progress(Protocol):
    """Told how many addresses are done, of how many that are known so far."""

    def __call__(self, done: int, of: int) -> None:
        """Take it; it must not fail."""


class Visit:
    """One run's visit to the site. `held` are the copies that make a request conditional.

    `seen` are the addresses that the work this run goes on with has captured, each with its body:
    they are not asked again, but what they lead on to is.
    """

    def __init__(
        self,
        run: Run,
        gateway: Gateway,
        intake: Intake,
        clock: Clock,
        *,
        threads: int,
        flat_out: bool,
        held: Callable[[str], Held | None],
        seen: Mapping[str, str],
        progress: Progress,
    ) -> None:
        settings = run.home.settings
        self._run = run
        self._gateway = gateway
        self._intake = intake
        self._clock = clock
        self._threads = threads
        self._flat_out = flat_out
        self._held = held
        self._seen = dict(seen)
        self._progress = progress
        self._longest_wait = settings.longest_wait
        self._give_up_after = settings.give_up_after
        self._most_pages = settings.most_pages
        self._frontier = Frontier(
            Patience(settings.attempts, settings.longest_wait, settings.retry_seconds)
        )
        self._followed: Counter[str] = Counter()
        self._failures_in_a_row = 0
        self._done = 0
        self._known = 0
        self.given_up = False

    def drain(self, asks: Iterable[tuple[str, ...]]) -> None:
        """Ask for addresses, and for what they lead on to. Each comes with where else it may be.

        Raises:
            InterruptedRunError: the run was asked to stop; what came until then is loaded.
        """
        self._add(asks)
        window = self._threads * (_ASKED_AHEAD if self._flat_out else 1)
        look = _GATHER_SECONDS if self._flat_out else _LOOK_SECONDS
        until = ALL_COMPLETED if self._flat_out else FIRST_COMPLETED
        asked: dict[Future[_Outcome], Ask] = {}
        with ThreadPoolExecutor(self._threads) as pool:
            while True:
                while len(asked) < window and not self._run.stop.asked:
                    ask = self._frontier.take(self._clock.now())
                    if ask is None:
                        break
                    asked[pool.submit(self._gateway.ask, ask)] = ask
                if asked:
                    done, _ = wait(asked, look, until)
                    self._take([(asked.pop(future), future) for future in done])
                    if self._intake.is_full:
                        self._follow(self._intake.turn())
                elif self._run.stop.asked:
                    self._intake.load()
                    self._run.stop.check()
                elif not self._wait_for_more():
                    return

    def _wait_for_more(self) -> bool:
        """With nothing under way: whether there is more to ask, now or after some waiting."""
        seconds = self._frontier.next_at(self._clock.now())
        if seconds is None:
            self._follow(self._intake.load())
            return self._frontier.waiting > 0
        try:
            self._clock.sleep(seconds)
        except StoppedError:
            return True  # and `drain` sees that the run is to stop
        return True

    def _add(self, asks: Iterable[tuple[str, ...]]) -> None:
        """Add what was not met; what earlier runs of this work captured leads on at once."""
        places = list(asks)
        while places:
            bodies: list[str] = []
            new: list[Ask] = []
            for url, *otherwise in places:
                body = next((self._seen.pop(u) for u in (url, *otherwise) if u in self._seen), None)
                if body is None:
                    new.append(Ask(url, self._held(url), tuple(otherwise)))
                else:
                    self._frontier.met(url)
                    bodies.append(body)
            self._known += self._frontier.add(new)
            places = [(url,) for url in self._links(bodies)] if bodies else []

    def _follow(self, bodies: list[str]) -> None:
        """Ask for more of what some bodies show."""
        if bodies:
            self._add((url,) for url in self._links(bodies))

    def _links(self, bodies: list[str]) -> list[str]:
        """Addresses of more of what some bodies show, each of the page's own subject."""
        urls = []
        for found in visits.page_links(self._run.con, bodies):
            url = self._gateway.site.join(found.page_url, found.link)
            subject = _subject(found.page_url)
            if url is None or _subject(url) != subject:
                continue
            self._followed[subject] += 1
            if self._followed[subject] <= self._most_pages:
                urls.append(url)
        return urls

    def _take(self, done: list[tuple[Ask, Future[_Outcome]]]) -> None:
        """What came: captures into the archive, failures asked again or into the record."""
        captures = []
        for ask, future in done:
            try:
                outcome = future.result()
            except StoppedError:
                self._frontier.answered()
                continue
            if isinstance(outcome, Failure):
                self._take_failure(ask, outcome)
            else:
                self._frontier.answered()
                self._failures_in_a_row = 0
                self._done += 1
                captures.append(outcome)
        self._intake.add(captures)
        self._progress(self._done, self._known)

    def _take_failure(self, ask: Ask, failure: Failure) -> None:
        self._failures_in_a_row = self._failures_in_a_row + 1 if failure.passing else 0
        wait_asked = failure.retry_after
        if wait_asked is not None and wait_asked <= self._longest_wait:
            self._gateway.hold(wait_asked)
        if self._frontier.failed(ask, failure, self._clock.now()):
            if self._failures_in_a_row >= self._give_up_after:
                self._give_up()
            return
        if failure.kind == "not_found" and ask.otherwise:
            url, *otherwise = ask.otherwise
            self._frontier.add([Ask(url, self._held(url), tuple(otherwise))])
            return
        self._done += 1
        self._run.fail(failure.url, failure.kind, failure.detail)

    def _give_up(self) -> None:
        """The site does not answer any more: whoever asks on only makes it worse."""
        left = self._frontier.give_up()
        self.given_up = True
        self._run.miss(
            f"the site stopped answering: {self._failures_in_a_row} requests failed in a row, and"
            f" {len(left)} addresses were not asked any more"
        )
        for failure in left:
            self._done += 1
            self._run.fail(failure.url, failure.kind, failure.detail)


def _subject(url: str) -> str:
    """What an address is about, so far as following its links goes: one programme, fund or list."""
    return programme_id_of(url) or fund_code_of(url) or url.partition("?")[0]
