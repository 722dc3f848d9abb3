"""Worker processes that parse pages beside the process that loads."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flows.pipeline.parse import PoolParser
from flows.pipeline.pool import worker_pool
from flows.pipeline.run import Run


@contextmanager
def parsing_in_workers(run: Run, count: int) -> Iterator[Run]:
    """Yield the run with a parser of `count` worker processes; with 0, the run as it is.

    Raises:
        WorkerLostError: a worker ended before its time.
    """
    if count == 0:
        yield run
        return
    with worker_pool(count) as pool:
        yield replace(run, parser=PoolParser(pool, count))
