"""What is to be asked, in which order, and how often again. It knows no network and no clock."""

import heapq
from collections import deque
from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

from extractors.fetch.errors import Failure, FailureKind
from extractors.fetch.gateway import PageRequest

_RETRY_GROWTH = 4.0


class Patience(NamedTuple):
    """How often an address is asked, and how long it waits in between (seconds).

    It is asked `attempts` times, and once more at the end of the run; after `first_delay`, and then
    after four times that. What the site makes wait longer than `longest_wait` is left for the end.
    """

    attempts: int = 3
    longest_wait: float = 120.0
    first_delay: float = 2.0


class Frontier:
    """Addresses to ask, each once, and again only as far as patience goes."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._ready: deque[PageRequest] = deque()
        self._later: list[tuple[float, int, PageRequest]] = []
        self._last: list[tuple[float, PageRequest]] = []
        self._failures: dict[str, Failure] = {}
        self._order = count()
        self._attempts: dict[str, int] = {}
        self._given_last_chance: set[str] = set()
        self._met: set[str] = set()

    def add(self, asks: Iterable[PageRequest], *, first: bool = False) -> int:
        """Add what was not met before, before all others if that is said; how many those are."""
        new = {ask.url: ask for ask in asks if ask.url not in self._met}
        self._met.update(new)
        if first:
            self._ready.extendleft(reversed(new.values()))
        else:
            self._ready.extend(new.values())
        return len(new)

    def met(self, url: str) -> None:
        """Count an address as asked."""
        self._met.add(url)

    def take(self, now: float) -> PageRequest | None:
        """The next to be asked by now (seconds); None where nothing is ready."""
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[2])
        if not self._ready:
            return None
        return self._ready.popleft()

    def failed(self, ask: PageRequest, failure: Failure, now: float) -> bool:
        """What was taken has failed: whether it will be asked again."""
        if not failure.is_transient or ask.url in self._given_last_chance:
            return False
        self._failures[ask.url] = failure
        attempts = self._attempts[ask.url] = self._attempts.get(ask.url, 0) + 1
        wait = failure.retry_after
        if attempts >= self._patience.attempts or (wait or 0) > self._patience.longest_wait:
            self._last.append((now + (wait or 0.0), ask))
        else:
            delay = self._patience.first_delay * _RETRY_GROWTH ** (attempts - 1)
            when = now + (delay if wait is None else max(wait, 0.0))
            heapq.heappush(self._later, (when, next(self._order), ask))
        return True

    def next_at(self, now: float) -> float | None:
        """Seconds until something is ready, with nothing under way; None where nothing will be.

        When nothing else is left, what was put off to the end gets its last chance, as soon as the
        site allows it: what would have to wait longer than patience goes is left (`forgone`).
        """
        if self._ready:
            return 0.0
        if self._later:
            return max(0.0, self._later[0][0] - now)
        if self._last:
            chances = [at for at in self._last if at[0] - now <= self._patience.longest_wait]
            self._last = [at for at in self._last if at not in chances]
            for when, ask in chances:
                self._given_last_chance.add(ask.url)
                heapq.heappush(self._later, (when, next(self._order), ask))
            if chances:
                return max(0.0, self._later[0][0] - now)
        return None

    def forgone(self) -> list[Failure]:
        """What is left at the end of the run, as it failed: its time has not come."""
        left, self._last = self._last, []
        return [self._failures[ask.url] for _, ask in left]

    def give_up(self) -> list[Failure]:
        """Ask nothing more: what is left, as it failed, or as not asked."""
        left = [*self._ready, *(at[-1] for at in self._later), *(ask for _, ask in self._last)]
        self._ready.clear()
        self._later.clear()
        self._last.clear()
        detail = "the run gave the site up before its turn came"
        return [
            self._failures.get(ask.url) or Failure(ask.url, FailureKind.NOT_ASKED, detail)
            for ask in left
        ]
