"""A rebuild's derivation in shards, in processes beside it; finished shards outlive a kill."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from pathlib import Path
from shutil import rmtree

from flows.pipeline.home import Home
from flows.pipeline.pool import worker_count, worker_pool
from flows.pipeline.run import Run
from warehouse.connection import WriterLimits
from warehouse.derive import Share, derive_all, derive_subjects
from warehouse.ledger import count_captures
from warehouse.shards import derive_shard, fingerprint, unite

_POLL_SECONDS = 0.5  # between two looks at whether the run is to stop
_MIN_CAPTURES = 50_000  # fewer are derived sooner in one process
_MOST_CAPTURES = 1_000_000  # in a shard, so that a kill costs little


def derive(run: Run, shards: int | None = None) -> None:
    """Derive everything that a run has loaded, in some shards.

    Args:
        run: the run; what is derived in its file is replaced.
        shards: how many; without a number, one for each core if there is enough to derive.

    Raises:
        InterruptedRunError, DiskFullError: it stopped; finished shards are taken the next time.
        WorkerLostError: a worker process ended before its time; the same.
    """
    count = _default_shards(run) if shards is None else shards
    if count == 1:
        derive_all(run.con, partial(derive_subjects, pause=run.stop.check))
    else:
        _derive_in_shards(run, count)
    discard_shards(run.home)


def discard_shards(home: Home) -> None:
    """Remove what an earlier rebuild has derived in shards."""
    rmtree(_folder(home), ignore_errors=True)


def _default_shards(run: Run) -> int:
    captures = count_captures(run.con)
    if captures < _MIN_CAPTURES:
        return 1
    return max(worker_count(run.home.settings), 1, captures // _MOST_CAPTURES)


def _derive_in_shards(run: Run, count: int) -> None:
    folder = _folder(run.home) / fingerprint(run.con)
    for other in _folder(run.home).glob("*"):
        if other != folder:
            rmtree(other)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = {folder / f"{number + 1}-of-{count}.duckdb": number + 1 for number in range(count)}
    with run.writer.lent() as loaded:
        missing = {file: Share(n, count) for file, n in files.items() if not file.exists()}
        if missing:
            _derive_missing(run, loaded, missing)
    unite(run.con, list(files))


def _derive_missing(run: Run, loaded: Path, missing: dict[Path, Share]) -> None:
    settings = run.home.settings
    limits = WriterLimits(settings.writer_memory, settings.writer_threads)
    processes = min(worker_count(settings), len(missing))
    if processes == 0:
        for file, share in missing.items():
            run.stop.check()
            derive_shard(loaded, file, share, limits)
        return
    with worker_pool(processes) as pool:
        futures = [
            pool.submit(derive_shard, loaded, file, share, limits)
            for file, share in missing.items()
        ]
        _await(run, futures)


def _await(run: Run, futures: Sequence[Future[None]]) -> None:
    """Wait for all, and stop if the run is to."""
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, _POLL_SECONDS, FIRST_COMPLETED)
        for future in done:
            future.result()
        run.stop.check()


def _folder(home: Home) -> Path:
    return home.folder / "shards"
