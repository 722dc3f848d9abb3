"""Bodies to observations: in this process, or in some beside the one that fetches and loads."""

from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import NamedTuple, Protocol

from extractors.parse.pages import parse_page
from extractors.records import Page, PageRefusedError
from transforms.observe import Observations, ReadBody, observe

FEWEST_BODIES = 40  # that are worth another process: each time has its fixed cost


class Body(NamedTuple):
    """One distinct body."""

    sha256: str
    content: bytes


class Reader(Protocol):
    """Reads bodies. What is given to it at once is read in one process."""

    @property
    def processes(self) -> int:
        """How many it can be given so that they are read side by side."""

    def begin(self, bodies: Sequence[Body]) -> Future[Observations]:
        """Begin to read some."""


class ReadHere:
    """Reads in this process, at once."""

    processes = 1

    def begin(self, bodies: Sequence[Body]) -> Future[Observations]:
        """Read them."""
        done: Future[Observations] = Future()
        done.set_result(read_bodies(bodies))
        return done


class ReadInProcesses:
    """Reads in other processes what is enough for one; fewer bodies in this one."""

    def __init__(self, pool: ProcessPoolExecutor, processes: int) -> None:
        self.processes = processes
        self._pool = pool

    def begin(self, bodies: Sequence[Body]) -> Future[Observations]:
        """Begin to read them."""
        if len(bodies) < FEWEST_BODIES:
            return ReadHere().begin(bodies)
        return self._pool.submit(read_bodies, bodies)


def read_body(body: bytes) -> Page | PageRefusedError:
    """A page, or why it was refused. A fault of ours sets its page aside and stops nothing else."""
    try:
        return parse_page(body)
    except PageRefusedError as refusal:
        return refusal
    except Exception as error:
        return _fault(error)


def read_bodies(bodies: Sequence[Body]) -> Observations:
    """What the bodies say; one that this program fails on is set aside, and stops no other."""
    read = [ReadBody(body.sha256, read_body(body.content)) for body in bodies]
    try:
        return observe(read)
    except Exception:
        return observe([_observable(body) for body in read])


def _observable(body: ReadBody) -> ReadBody:
    try:
        observe([body])
    except Exception as error:
        return body._replace(page=_fault(error))
    return body


def _fault(error: Exception) -> PageRefusedError:
    return PageRefusedError("parser_fault", f"{type(error).__name__}: {error}")
