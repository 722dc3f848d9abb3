"""Captures into the archive, and from there into the warehouse."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from extractors.archive import ArchivedRecord, ArchiveWriter, NewCapture, NotCaptured
from extractors.saved import Given, find_saved
from flows.load import catch_up, in_batches, load_records
from flows.run import Run
from warehouse import ledger

Progress = Callable[[int], None]


def ingest(
    run: Run, paths: Sequence[Path], given: Given, progress: Progress = lambda _: None
) -> None:
    """Archive and load every capture under some paths; what is loaded already is passed over."""
    limit = run.home.settings.max_body_bytes
    take_in(run, (new for path in paths for new in find_saved(path, given, limit)), progress)


def take_in(
    run: Run, found: Iterable[NewCapture | NotCaptured], progress: Progress = lambda _: None
) -> None:
    """Archive and load captures, wherever they come from.

    Each batch is in the archive before any of it is read, so a run that is killed at any moment is
    finished by the same command.
    """
    catch_up(run)
    with ArchiveWriter(
        run.home.archive,
        run.run_id,
        run.started_at,
        lambda sha256: ledger.first_capture_of(run.con, sha256),
    ) as writer:
        for batch in in_batches(run, _captures(run, found), lambda new: len(new.body)):
            run.stop.check()
            _take_batch(run, writer, batch)
            progress(len(batch))


def _take_batch(run: Run, writer: ArchiveWriter, batch: Sequence[NewCapture]) -> None:
    captures = {new.capture_id: new for new in batch}
    known = ledger.capture_states(run.con, list(captures))
    for capture_id in known:
        run.met.setdefault(capture_id, False)
    records = []
    for capture_id, new in captures.items():
        if capture_id not in known:
            capture = writer.add(new)
            records.append(ArchivedRecord(capture, None if capture.unchanged else new.body))
    if records:
        writer.sync()
        load_records(run, records, writer.indexed())


def _captures(run: Run, found: Iterable[NewCapture | NotCaptured]) -> Iterator[NewCapture]:
    """The captures; what could not be taken is noted on the way."""
    for item in found:
        if isinstance(item, NotCaptured):
            run.fail(f"{item.name}: {item.message}")
        else:
            yield item
