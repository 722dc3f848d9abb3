"""Processes beside the one that loads: they read pages, and ask a site that is asked flat out."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from extractors.errors import MptfError
from flows.pipeline.helper import begin, begun
from flows.pipeline.parse import ReadInProcesses
from flows.pipeline.run import Run
from flows.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class WorkerLostError(MptfError):
    """A worker process ended before its work did: killed, or out of memory."""

    retry_helps = True


def helpers(settings: Settings) -> int:
    """How many processes may help: as many as are set, else one a core."""
    return (os.cpu_count() or 1) if settings.processes is None else settings.processes


@contextmanager
def processes(count: int, *modules: str) -> Iterator[ProcessPoolExecutor]:
    """So many processes while the block runs, each of which will need some modules.

    Raises:
        WorkerLostError: one of them has ended before its time.
    """
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=begin, initargs=(modules,)
    )
    try:
        # Signals are for the process that starts them: they are born with these shut off.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            for _ in range(count):
                pool.submit(begun)  # what each imports takes half a second: begin now
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield pool
    except BaseException as error:
        for helper in set(multiprocessing.active_children()) - others:
            helper.kill()  # they take no other signal, and a broken pool waits for them for ever
        if isinstance(error, BrokenProcessPool):
            raise WorkerLostError(
                "a process that was helping has ended by itself (killed, or out of memory): run"
                " the same command again to go on"
            ) from error
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # there is other work while they end


@contextmanager
def reading(run: Run, count: int, *modules: str) -> Iterator[ProcessPoolExecutor]:
    """So many processes read what the run loads while the block runs, where there is enough of it.

    Each will need some modules in any case, and what reads only where it is given something.

    Raises:
        WorkerLostError: see `processes`.
    """
    before = run.reader
    with processes(count, *modules) as pool:
        run.reader = ReadInProcesses(pool, count)
        try:
            yield pool
        finally:
            run.reader = before
