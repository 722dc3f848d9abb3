"""Archive files read to parts, by as many processes and machines as there are.

A part is taken by every later rebuild, so that it parses nothing. Reading takes no lock and writes
nothing but parts: it can run beside a sync, and of two readers of one file both write the same.
"""

from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import Future, as_completed
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import current_thread, main_thread
from typing import Protocol

from extractors.archive.reader import ArchivedOrders, ArchivedRecord, Damage
from extractors.errors import UsageError
from extractors.objects import open_store
from flows.pipeline.home import Home
from flows.pipeline.loader import bodies_of, portions
from flows.pipeline.parse import parse_bodies
from flows.pipeline.parts import FaultyPageError, home_parts, open_parts, remove_parts
from flows.pipeline.pool import worker_count, worker_pool
from flows.pipeline.progress import Progress, no_progress
from flows.pipeline.stopping import StopRequest
from flows.settings import Settings
from flows.terminal import counted
from transforms.batches import validated
from transforms.readings import Damaged, Reading
from warehouse.derive import WHOLE, Share

_Found = ArchivedRecord | ArchivedOrders | Damage
_MIN_BYTES_FOR_WORKERS = 2 * 2**20  # compressed; less is read sooner here


@dataclass
class ReadReport:
    """What became of a share of the archive's files.

    Attributes:
        share: which share.
        files: how many files it has; those that a run is writing are in none.
        read: how many were read now.
        there: how many had their part already.
        faulty: those with a page on which the parser failed; a rebuild reads them itself.
        bytes: the size of the share, in bytes.
    """

    share: Share
    files: int = 0
    read: int = 0
    there: int = 0
    faulty: int = 0
    bytes: int = 0

    def __str__(self) -> str:
        """Return it as one line."""
        files = counted(self.files, "file")
        faulty = f", {self.faulty} without a part (the parser failed on a page)"
        return (
            f"share {self.share}: {files}, {self.read} read, {self.there} there"
            f" already{faulty if self.faulty else ''}"
        )


class SizedFiles(Protocol):
    """What shares are made of: the files of an archive that no run is writing."""

    def closed_files(self) -> list[str]:
        """Return their names."""

    def size(self, warc_file: str) -> int:
        """Return the size of one in bytes."""


def share_of(text: str) -> Share:
    """Parse `K/N`.

    Raises:
        UsageError: it is not a share.
    """
    number, _, of = text.partition("/")
    if number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= 10_000:  # noqa: PLR2004 because more shares than that are a slip
        return Share(int(number), int(of))
    raise UsageError(f"{text!r} is not a share such as 2/3")


def read_share(
    home: Home,
    share: Share = WHOLE,
    to: str | Path | None = None,
    progress: Progress = no_progress,
) -> ReadReport:
    """Read a share of the archive's files to parts; those that have their part are skipped.

    Each file belongs to one share of a number, also while new files are added, and the shares have
    about as many bytes each.

    Args:
        home: the home whose archive is read; nothing else of it is used or locked.
        share: which share; without one, all files.
        to: a folder, or `s3://bucket/prefix`; without one, the home's own parts.
        progress: is told how many bytes of the share are done.

    Raises:
        InterruptedRunError, DiskFullError: it stopped; the same command continues it.
        StoreUnreachableError: the place does not answer; the same command continues it.
        WorkerLostError: a worker process ended before its time; the same.
    """
    place = str(home_parts(home) if to is None else to)
    parts = open_parts(place, home.archive)
    home.archive.look()
    files = files_of_share(home.archive, share)
    report = ReadReport(share, len(files), bytes=sum(files.values()))
    stop = StopRequest([home.folder], home.settings.min_free_mb)
    # A thread, as of a mapped task, hears no signals: its process ends it.
    in_main = current_thread() is main_thread()
    with stop.listening() if in_main else nullcontext():
        missing = {}
        for name, size in files.items():
            stop.check()  # what is there is compared, byte by byte
            if not parts.of(name, size):
                missing[name] = size
        report.there = len(files) - len(missing)
        done = report.bytes - sum(missing.values())
        home.archive.fetch(missing, stop.check)
        with closing(_read_files(home, missing, place)) as results:
            for name, is_whole in results:
                report.read += is_whole
                report.faulty += not is_whole
                done += missing[name]
                progress(done=done, of=report.bytes)
                stop.check()
    _remove_replaced(home, missing, place)
    return report


def _remove_replaced(home: Home, files: Mapping[str, int], place: str) -> None:
    """Remove the parts of files from which others erased records while they were being read."""
    if files:
        home.archive.look()
        parts = open_parts(place, home.archive)
        if replaced := [name for name, size in files.items() if not parts.of(name, size)]:
            remove_parts(open_store(place), replaced)


def files_of_share(archive: SizedFiles, share: Share) -> dict[str, int]:
    """Return the files of a share and their sizes in bytes.

    Each file, by its name, goes to the share that has the fewest bytes by then.
    """
    sizes = [0] * share.of
    chosen = {}
    for name in archive.closed_files():
        size = archive.size(name)
        least = sizes.index(min(sizes))
        sizes[least] += size
        if least == share.number - 1:
            chosen[name] = size
    return chosen


def _read_files(home: Home, files: Mapping[str, int], place: str) -> Generator[tuple[str, bool]]:
    """Read each file in one process; yield it and whether it has its part now."""
    settings = home.settings
    processes = min(worker_count(settings), len(files))
    if processes < 2 or sum(files.values()) < _MIN_BYTES_FOR_WORKERS:  # noqa: PLR2004 because one worker beside this process gains nothing
        for name in files:
            yield name, _read_file(settings, name, place)
        return
    with worker_pool(processes) as pool:
        reading: dict[Future[bool], str] = {
            pool.submit(_read_file, settings, name, place): name for name in files
        }
        for future in as_completed(reading):
            yield reading[future], future.result()


def _read_file(settings: Settings, warc_file: str, place: str) -> bool:
    """Read one archive file to its part; return False if the parser failed on a page."""
    home = Home(settings)
    parts = open_parts(place, home.archive)
    try:
        parts.write(warc_file, home.archive.size(warc_file), _readings(home, warc_file))
    except FaultyPageError:
        return False
    return True


def _readings(home: Home, warc_file: str) -> Iterator[Reading]:
    """Yield what a file says; a body that it holds twice is parsed once."""
    settings = home.settings
    known: set[str] = set()
    for portion in portions(
        home.archive.records(warc_file), _size, settings.batch_captures, settings.batch_bytes
    ):
        records = [found for found in portion if isinstance(found, ArchivedRecord)]
        bodies = bodies_of(records)
        new = [body for parse_key, body in bodies.items() if parse_key not in known]
        known |= bodies.keys()
        yield Reading(
            captures=[record.capture for record in records],
            observations=validated([parse_bodies(new)]),
            orders=[
                order for found in portion if isinstance(found, ArchivedOrders)
                for order in found.orders
            ],
            damaged=[Damaged(*found[1:]) for found in portion if isinstance(found, Damage)],
        )  # fmt: skip


def _size(found: _Found) -> int:
    return len(found.body or b"") if isinstance(found, ArchivedRecord) else 0
