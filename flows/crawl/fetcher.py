"""Who asks the site: threads of this process at its pace, or processes where it is asked flat out.

On loopback a request costs its asker half a millisecond. In threads that adds up, with the time
that they wait for one another; in other processes it is spent while this one archives and loads.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from typing import NamedTuple, Protocol

from extractors.captures import NewCapture, NonCapture, RevisitCapture
from extractors.fetch.clock import RealClock
from extractors.fetch.errors import Failure
from extractors.fetch.gateway import Gateway, PageRequest
from extractors.fetch.robots import Robots
from flows.crawl.site import opened_gateway, threads
from flows.settings import Settings

Outcome = NewCapture | RevisitCapture | Failure


class Asked(NamedTuple):
    """What came of a job's addresses, in their order, and answers beside them to be archived."""

    outcomes: list[Outcome]
    aside: list[NonCapture]


class Fetcher(Protocol):
    """Takes a few addresses at a time, and a few such jobs at once."""

    @property
    def addresses(self) -> int:
        """The most addresses in one job."""

    @property
    def jobs(self) -> int:
        """The most jobs under way."""

    def submit(self, asks: Sequence[PageRequest]) -> Future[Asked]:
        """Ask. The future may raise `StoppedError`."""


class InThreads:
    """At the site's pace. Close it at the end: what is under way is waited for."""

    addresses = 1

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self.jobs = threads(settings)
        self._gateway = gateway
        self._pool: Executor = ThreadPoolExecutor(self.jobs)

    def submit(self, asks: Sequence[PageRequest]) -> Future[Asked]:
        """Ask."""
        return self._pool.submit(_asked, self._gateway, asks)

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown()


class InProcesses:
    """Flat out, by the rules of robots.txt as this process read them."""

    addresses = 80
    jobs = 4

    def __init__(self, pool: ProcessPoolExecutor, settings: Settings, robots: Robots) -> None:
        self._pool = pool
        self._rules = _Rules(settings.model_dump_json(), robots)

    def submit(self, asks: Sequence[PageRequest]) -> Future[Asked]:
        """Ask."""
        return self._pool.submit(_ask_all, self._rules, tuple(asks))


class _Rules(NamedTuple):
    settings: str
    robots: Robots


def _ask_all(rules: _Rules, asks: Sequence[PageRequest]) -> Asked:
    gateway = _gateway(rules.settings)
    gateway.robots = rules.robots
    return _asked(gateway, asks)


def _asked(gateway: Gateway, asks: Sequence[PageRequest]) -> Asked:
    return Asked([gateway.ask(ask) for ask in asks], gateway.taken_aside())


@cache
def _gateway(settings: str) -> Gateway:
    """This process's own; it stays open until the process ends."""
    return ExitStack().enter_context(
        opened_gateway(Settings.model_validate_json(settings), RealClock())
    )
