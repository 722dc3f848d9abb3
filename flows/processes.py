"""Processes beside the one that loads: they read pages, and ask a site that is asked flat out."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait

from flows.reading import read_in
from flows.run import Run
from flows.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class HelperLostError(Exception):
    """A process that helped has ended by itself: killed, or out of memory."""


def helpers(settings: Settings) -> int:
    """How many processes may help: as many as are set, else one a core."""
    return (os.cpu_count() or 1) if settings.processes is None else settings.processes


@contextmanager
def processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """So many processes while the block runs.

    Raises:
        HelperLostError: one of them has ended before its time.
    """
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=_begin_process
    )
    try:
        # Signals are for the process that starts them: they are born with these shut off.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            for _ in range(count):
                pool.submit(_begun)  # what each imports takes half a second: begin now
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield pool
    except BaseException as error:
        for helper in set(multiprocessing.active_children()) - others:
            helper.kill()  # they take no other signal, and a broken pool waits for them for ever
        if isinstance(error, BrokenProcessPool):
            raise HelperLostError(
                "a process that was helping has ended by itself (killed, or out of memory): run"
                " the same command again to go on"
            ) from error
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def reading(run: Run, count: int) -> Iterator[ProcessPoolExecutor]:
    """So many processes read what the run loads while the block runs, where there is enough of it.

    Raises:
        HelperLostError: see `processes`.
    """
    before = run.reader
    with processes(count) as pool:
        run.reader = read_in(pool, count)
        try:
            yield pool
        finally:
            run.reader = before


def _begin_process() -> None:
    """End when the process that started this one has ended."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 because a pool's process has one

    def end_with_parent() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _begun() -> None:
    """Nothing: that it was called is enough."""
    from flows import asking, reading  # noqa: F401, PLC0415 because each process will need them
