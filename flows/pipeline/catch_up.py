"""What the archive holds and the ledger lacks: captures, and orders to forget some of them."""

from collections.abc import Iterator, Mapping, Sequence

from extractors.archive.reader import ArchivedOrders, ArchivedRecord, Damage
from extractors.records import ForgetOrder
from flows.pipeline.lending import with_bodies_held
from flows.pipeline.loader import Loader, bodies_of, in_parts, load_records
from flows.pipeline.progress import Progress, no_progress
from flows.pipeline.run import Run
from transforms.ledger import archive_file_frame, order_frame
from warehouse import forgetting, ledger


def catch_up(run: Run, limits: Mapping[str, int] | None = None) -> None:
    """Load what the archive holds and the ledger lacks, after a kill for example.

    Args:
        run: the run that loads.
        limits: up to which byte each archive file is read; without it, all of every file.
    """
    note_read(run, load_archive(run, limits))


def load_archive(
    run: Run, limits: Mapping[str, int] | None = None, progress: Progress = no_progress
) -> dict[str, int]:
    """Load what the archive holds and the ledger lacks.

    Then carry out the orders to forget captures that it holds, the newest about each capture.

    Args:
        run: the run that loads.
        limits: up to which byte each archive file is read; without it, all of every file.
        progress: is told how many bytes of the archive are read.

    Returns:
        The files with faults, each with the byte up to which it was read. Until `note_read` is
        called with them, the next run reads them again, and finds the faults again.
    """
    indexed = ledger.indexed_bytes(run.con)
    sizes = {name: run.home.archive.size(name) for name in run.home.archive.files()}
    stops = sizes if limits is None else {name: limits.get(name, 0) for name in sizes}
    of, done = sum(stops.values()), 0
    loader = Loader(run)
    orphans: list[ArchivedRecord] = []  # revisits whose bodies are not known yet
    orders: list[ForgetOrder] = []
    of_orders: dict[str, int] = {}  # a file is indexed when its last record is
    faulty: dict[str, int] = {}
    for name, stop in stops.items():
        start = indexed.get(name, 0)
        if start >= stop:
            done += stop
            continue
        before, faults = len(orders), len(run.log.failures)
        for part in in_parts(run, _records(run, name, start, stop, orders), _body_size):
            orphans += _add(run, loader, part)
            loader.collect()
            if loader.is_full:
                loader.load()
            progress(done=done + part[-1].capture.warc_offset, of=of)
            run.stop.check()
        done += stop
        if len(orders) > before:
            of_orders[name] = stop
        elif len(run.log.failures) > faults or any(
            record.capture.warc_file == name for record in orphans
        ):
            faulty[name] = stop
        else:
            loader.add([], {name: stop})
    progress(done=of, of=of)
    loader.collect(wait=True)
    loader.load()
    if orphans:
        _load_with_bodies(run, orphans)
    if orders:
        forgetting.apply_orders(
            run.con, order_frame(orders), archive_file_frame(of_orders), derives=run.derives
        )
    _restore(run)
    return faulty


def note_read(run: Run, files: Mapping[str, int]) -> None:
    """Let the ledger know that archive files are read up to some bytes, faults and all."""
    if files:
        load_records(run, [], files)


def _add(run: Run, loader: Loader, part: Sequence[ArchivedRecord]) -> list[ArchivedRecord]:
    """Add records to the loader, and return those whose bodies are not known yet.

    Forgotten captures only enter the ledger, and nothing is parsed for them.
    """
    forgotten = forgetting.forgotten(run.con, [record.capture.capture_id for record in part])
    counting = [one for one in part if one.capture.capture_id not in forgotten]
    known = bodies_of(counting).keys() | loader.known_parses(
        record.capture.parse_key for record in counting
    )
    loader.add(
        [
            record if record.capture.capture_id not in forgotten else record._replace(body=None)
            for record in part
            if record.capture.capture_id in forgotten or record.capture.parse_key in known
        ],
        {},
    )
    return [record for record in counting if record.capture.parse_key not in known]


def _load_with_bodies(run: Run, records: Sequence[ArchivedRecord]) -> None:
    """Load captures whose bodies came in a later file, or with a forgotten capture.

    The others are failures.
    """
    known = ledger.known_parses(run.con, [record.capture.parse_key for record in records])
    unknown = [record for record in records if record.capture.parse_key not in known]
    lent = with_bodies_held(run, unknown)
    known |= bodies_of(lent).keys()
    found = [record for record in records if record.capture.parse_key in known]
    of_capture = {record.capture.capture_id: record for record in lent}
    load_records(run, [of_capture.get(one.capture.capture_id, one) for one in found], {})
    for record in unknown:
        if record.capture.parse_key not in known:
            run.log.fail(
                record.capture.url,
                "body_missing",
                "the archive does not hold the body that it refers to",
            )


def _restore(run: Run) -> None:
    """Load the captures that are to be restored."""
    for part in in_parts(run, forgetting.awaiting_restore(run.con), lambda _: 0):
        records = []
        for place in part:
            try:
                records.append(run.home.archive.record(place.warc_file, place.warc_offset))
            except (ValueError, OSError) as error:
                run.log.fail(f"capture {place.capture_id}", "archive_damaged", str(error))
        _load_with_bodies(run, records)


def _records(
    run: Run, name: str, start: int, stop: int, orders: list[ForgetOrder]
) -> Iterator[ArchivedRecord]:
    """Yield the records of an archive file that begin in some bytes; damage is a failure.

    Orders are appended to a list.
    """
    for found in run.home.archive.records(name, start):
        if isinstance(found, Damage):
            if found.offset < stop:
                where = f"{name}, bytes {found.offset}-{found.end}"
                run.log.fail(where, "archive_damaged", found.problem)
        elif isinstance(found, ArchivedOrders):
            orders += found.orders if found.warc_offset < stop else []
        elif found.capture.warc_offset < stop:
            yield found


def _body_size(record: ArchivedRecord) -> int:
    return len(record.body or b"")
