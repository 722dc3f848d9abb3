"""Bodies to observations: in this process, or in some beside the one that fetches and loads."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from extractors.pages import read_page
from extractors.records import Page, PageRefusedError
from transforms.observe import Observations, ReadBody, merged, observe

_FEWEST_BODIES = 40  # in one process's part of a batch: each part has its fixed cost


class Body(NamedTuple):
    """One distinct body."""

    sha256: str
    content: bytes


# Begins to read some bodies; what it gives waits for them.
Reader = Callable[[Sequence[Body]], Callable[[], Observations]]


def read_here(bodies: Sequence[Body]) -> Callable[[], Observations]:
    """Read in this process, when it is asked for."""
    return lambda: read_bodies(bodies)


def read_in(pool: ProcessPoolExecutor, count: int) -> Reader:
    """Read in so many processes what is enough for one; fewer bodies in this one."""
    return lambda bodies: _read_in(pool, count, bodies)


def _read_in(
    pool: ProcessPoolExecutor, processes: int, bodies: Sequence[Body]
) -> Callable[[], Observations]:
    if len(bodies) < _FEWEST_BODIES:
        return read_here(bodies)
    size = max(_FEWEST_BODIES, -(-len(bodies) // processes))
    parts = [
        pool.submit(read_bodies, bodies[start : start + size])
        for start in range(0, len(bodies), size)
    ]
    return lambda: merged([part.result() for part in parts])


def read_body(body: bytes) -> Page | PageRefusedError:
    """A page, or why it was refused. A fault of ours sets its page aside and stops nothing else."""
    try:
        return read_page(body)
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
