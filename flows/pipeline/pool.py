"""Pools of worker processes, which import no more than the work that they are given."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait

from extractors.errors import MptfError
from flows.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_END_SECONDS = 60  # more than any killed process takes to end


class WorkerLostError(MptfError):
    """A worker process ended before its work did: killed, or out of memory."""

    retry_helps = True


def worker_count(settings: Settings) -> int:
    """Return how many worker processes may run: the setting, else one for each core."""
    return (os.cpu_count() or 1) if settings.processes is None else settings.processes


@contextmanager
def worker_pool(count: int) -> Iterator[ProcessPoolExecutor]:
    """Open a pool of worker processes, which end with the block or with this process.

    Raises:
        WorkerLostError: a worker ended before its time.
    """
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=_end_with_parent
    )
    try:
        # The parent alone handles signals: workers are started with them blocked.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            for _ in range(count):
                pool.submit(os.getpid)  # any work makes the pool start a worker
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield pool
    except BaseException as error:
        # A broken pool waits for its workers for ever, and they take no other signal.
        ended = set(multiprocessing.active_children()) - others
        for worker in ended:
            worker.kill()
        for worker in ended:  # until then it has a file open that this process may open next
            worker.join(_END_SECONDS)
        if isinstance(error, BrokenProcessPool):
            raise WorkerLostError(
                "a process that was helping has ended by itself (killed, or out of memory): run"
                " the same command again to go on"
            ) from error
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """Watch the parent from a thread of the worker, which ends as soon as the parent has."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 because a pool's process has one

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
