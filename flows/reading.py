"""Bodies to observations: in this process, or in some beside the one that fetches and loads."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import NamedTuple

from extractors.pages import read_page
from extractors.records import Page, PageRefusedError
from transforms.observe import Observations, ReadBody, merged, observe

_FEWEST_BODIES = 25  # in one process's part of a batch: each part has its fixed cost


class Body(NamedTuple):
    """One distinct body."""

    sha256: str
    content: bytes


# Begins to read some bodies; what it gives waits for them.
Reader = Callable[[Sequence[Body]], Callable[[], Observations]]


def read_here(bodies: Sequence[Body]) -> Callable[[], Observations]:
    """Read in this process, when it is asked for."""
    return lambda: read_bodies(bodies)


@contextmanager
def readers(processes: int) -> Iterator[Reader]:
    """Read in so many processes while the block runs; in this one where there are none."""
    if processes == 0:
        yield read_here
        return
    pool = ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), initializer=_begin_process
    )
    try:
        yield lambda bodies: _read_in(pool, processes, bodies)
    finally:
        pool.shutdown(cancel_futures=True)


def _read_in(
    pool: ProcessPoolExecutor, processes: int, bodies: Sequence[Body]
) -> Callable[[], Observations]:
    size = max(_FEWEST_BODIES, -(-len(bodies) // processes))
    parts = [
        pool.submit(read_bodies, bodies[start : start + size])
        for start in range(0, len(bodies), size)
    ]
    return lambda: merged([part.result() for part in parts])


def _begin_process() -> None:
    """Leave signals to the process that started this one, and end when it has ended."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 because a pool's process has one

    def end_with_parent() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


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
