"""The queue of requests: their order and their retries, without network or clock."""

import heapq
from collections import deque
from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

from extractors.fetch.errors import Failure, FailureKind
from extractors.fetch.gateway import PageRequest

_RETRY_GROWTH = 4.0


class RetryPolicy(NamedTuple):
    """The retry policy for temporary failures; times are in seconds.

    Attributes:
        attempts: requests for one URL, before one more at the end of the run.
        longest_wait: a URL with a longer Retry-After is put off to the end of the run.
        first_delay: delay before the first retry; each later one is four times as long.
    """

    attempts: int = 3
    longest_wait: float = 120.0
    first_delay: float = 2.0


class Frontier:
    """The requests of a run. Each URL is added once, and retried as the policy allows."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._ready: deque[PageRequest] = deque()
        self._delayed: list[tuple[float, int, PageRequest]] = []  # a heap
        self._put_off: list[tuple[float, PageRequest]] = []
        self._failures: dict[str, Failure] = {}
        self._order = count()
        self._attempts: dict[str, int] = {}
        self._final_attempts: set[str] = set()
        self._added: set[str] = set()

    def add(self, requests: Iterable[PageRequest], *, first: bool = False) -> int:
        """Add the requests whose URLs are new, optionally before all others; count them."""
        new = {request.url: request for request in requests if request.url not in self._added}
        self._added.update(new)
        if first:
            self._ready.extendleft(reversed(new.values()))
        else:
            self._ready.extend(new.values())
        return len(new)

    def skip(self, url: str) -> None:
        """Never request a URL, as if it had been added before."""
        self._added.add(url)

    def take(self, now: float) -> PageRequest | None:
        """Return the next request that is due at `now` (seconds), or None."""
        while self._delayed and self._delayed[0][0] <= now:
            self._ready.append(heapq.heappop(self._delayed)[2])
        return self._ready.popleft() if self._ready else None

    def retry(self, request: PageRequest, failure: Failure, now: float) -> bool:
        """Schedule a failed request again; return False if it is not to be retried."""
        if not failure.is_transient or request.url in self._final_attempts:
            return False
        self._failures[request.url] = failure
        attempts = self._attempts[request.url] = self._attempts.get(request.url, 0) + 1
        wait = failure.retry_after
        if attempts >= self._policy.attempts or (wait or 0) > self._policy.longest_wait:
            self._put_off.append((now + (wait or 0.0), request))
        else:
            delay = self._policy.first_delay * _RETRY_GROWTH ** (attempts - 1)
            self._delay(request, now + (delay if wait is None else max(wait, 0.0)))
        return True

    def next_at(self, now: float) -> float | None:
        """Return the seconds until a request is due, or None; call it with nothing in flight.

        When nothing else is left, requests put off to the end get their final attempt. Those that
        are due after `longest_wait` do not; `unattempted` returns their failures.
        """
        if self._ready:
            return 0.0
        if not self._delayed:
            due = [entry for entry in self._put_off if entry[0] - now <= self._policy.longest_wait]
            self._put_off = [entry for entry in self._put_off if entry not in due]
            for when, request in due:
                self._final_attempts.add(request.url)
                self._delay(request, when)
        return max(0.0, self._delayed[0][0] - now) if self._delayed else None

    def unattempted(self) -> list[Failure]:
        """Return the last failures of requests whose final attempt was not due."""
        left, self._put_off = self._put_off, []
        return [self._failures[request.url] for _, request in left]

    def give_up(self) -> list[Failure]:
        """Drop all requests; return a failure for each: its last one, or `not_asked`."""
        left = [
            *self._ready,
            *(request for *_, request in self._delayed),
            *(request for _, request in self._put_off),
        ]
        self._ready.clear()
        self._delayed.clear()
        self._put_off.clear()
        detail = "the run gave the site up before its turn came"
        return [
            self._failures.get(request.url) or Failure(request.url, FailureKind.NOT_ASKED, detail)
            for request in left
        ]

    def _delay(self, request: PageRequest, until: float) -> None:
        heapq.heappush(self._delayed, (until, next(self._order), request))
