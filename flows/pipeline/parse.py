"""Bodies to typed rows: in this process, or in worker processes beside it."""

from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import NamedTuple, Protocol

from extractors.page_kinds import PageRefusedError
from extractors.parse.pages import parse_page
from extractors.records import Page
from transforms.batches import Typed
from transforms.observe import ReadBody, typed

MIN_BODIES = 40  # fewer cost more to send to another process than to parse here


class Body(NamedTuple):
    """One distinct body, by the key of its parse.

    `query` is that of an API's answer; `cut_short` says why bytes are missing behind it.
    """

    parse_key: str
    content: bytes
    query: str = ""
    cut_short: str | None = None


class BodyParser(Protocol):
    """A parser of bodies; the bodies of one call are parsed in one process."""

    @property
    def processes(self) -> int:
        """Return how many calls are parsed at the same time."""

    def submit(self, bodies: Sequence[Body]) -> Future[Typed]:
        """Start to parse some bodies."""


class InlineParser:
    """A parser that works in this process; `submit` returns when it is done."""

    processes = 1

    def submit(self, bodies: Sequence[Body]) -> Future[Typed]:
        """Parse some bodies."""
        done: Future[Typed] = Future()
        done.set_result(parse_bodies(bodies))
        return done


class PoolParser:
    """A parser that hands bodies to worker processes, unless they are too few to be worth it."""

    def __init__(self, pool: ProcessPoolExecutor, processes: int) -> None:
        self.processes = processes
        self._pool = pool

    def submit(self, bodies: Sequence[Body]) -> Future[Typed]:
        """Start to parse some bodies."""
        if len(bodies) < MIN_BODIES:
            return InlineParser().submit(bodies)
        return self._pool.submit(parse_bodies, bodies)


def parse_bodies(bodies: Sequence[Body]) -> Typed:
    """Return what the bodies say, to be validated; quarantine a body that this program fails on.

    Each page is typed as soon as it is parsed: of all pages, only their rows are in memory.
    """
    try:
        return typed(map(_read, bodies))
    except Exception:
        return typed([_without_fault(_read(body)) for body in bodies])


def _read(body: Body) -> ReadBody:
    return ReadBody(body.parse_key, _parse_body(body))


def _parse_body(body: Body) -> Page | PageRefusedError:
    """Return a page, or why it was refused. A bug of ours costs its own page and no other."""
    try:
        return parse_page(body.content, body.query, cut_short=body.cut_short)
    except PageRefusedError as refusal:
        return refusal
    except Exception as error:
        return _fault(error)


def _without_fault(body: ReadBody) -> ReadBody:
    try:
        typed([body])
    except Exception as error:
        return body._replace(page=_fault(error))
    return body


def _fault(error: Exception) -> PageRefusedError:
    return PageRefusedError("parser_fault", f"{type(error).__name__}: {error}")
