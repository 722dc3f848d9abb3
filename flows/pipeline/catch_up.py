"""What the archive holds and the ledger lacks: captures, and orders to forget some of them."""

from collections.abc import Iterator, Mapping, Sequence

from extractors.archive.erasing import erase_queued
from extractors.archive.reader import ArchivedOrders, ArchivedRecord, Damage
from extractors.ledger import ForgetOrder
from flows.pipeline.lending import with_bodies_held
from flows.pipeline.loader import Loader, bodies_of, in_parts, load_records
from flows.pipeline.parts import Part, PartDamagedError, Parts
from flows.pipeline.progress import Progress, no_progress
from flows.pipeline.run import Run
from transforms.batches import Observations
from transforms.ledger import archive_file_frame, order_frame
from transforms.readings import bodies_in
from warehouse import forgetting, ledger


def catch_up(run: Run, limits: Mapping[str, int] | None = None) -> None:
    """Load what the archive holds and the ledger lacks, and push files that wait for a bucket.

    Args:
        run: the run that loads.
        limits: up to which byte each archive file is read; without it, all of every file.
    """
    note_read(run, load_archive(run, limits))
    push_queued(run)


def push_queued(run: Run) -> None:
    """Push the files that wait for a bucket, without what other homes have erased since."""
    archive = run.home.archive
    if archive.queued() and (bodies := forgetting.bodies_to_erase(run.con)):
        erase_queued(archive, bodies, run.started_at)
    archive.push_finished()


def load_archive(
    run: Run,
    limits: Mapping[str, int] | None = None,
    progress: Progress = no_progress,
    parts: Parts | None = None,
) -> dict[str, int]:
    """Load what the archive holds and the ledger lacks.

    Then carry out the orders to forget captures that it holds, the newest about each capture.

    Args:
        run: the run that loads.
        limits: up to which byte each archive file is read; without it, all of every file.
        progress: is told how many bytes of the archive are read.
        parts: what was read of whole files before, which are not read again.

    Returns:
        The files with faults, each with the byte up to which it was read. Until `note_read` is
        called with them, the next run reads them again, and finds the faults again.
    """
    indexed = ledger.indexed_bytes(run.con)
    sizes = {name: run.home.archive.size(name) for name in run.home.archive.files()}
    stops = sizes if limits is None else {name: limits.get(name, 0) for name in sizes}
    if forgetting.has_orders(run.con):
        parts = None  # a part has what forgotten captures show, too
    loading = _Loading(run)
    of, done = sum(stops.values()), 0
    for name, stop in stops.items():
        start = indexed.get(name, 0)
        if start < stop:
            part = None if parts is None else parts.of(name, stop)
            for offset in loading.load(name, start, stop, part):
                progress(done=done + offset, of=of)
                run.stop.check()
        done += stop
    progress(done=of, of=of)
    return loading.finish()


def note_read(run: Run, files: Mapping[str, int]) -> None:
    """Let the ledger know that archive files are read up to some bytes, faults and all."""
    if files:
        load_records(run, [], files)


class _Loading:
    """The loading of archive files, and what of them has to wait for the last one."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._loader = Loader(run)
        self._orphans: list[ArchivedRecord] = []  # revisits whose bodies are not known yet
        self._orders: list[ForgetOrder] = []
        self._of_orders: dict[str, int] = {}  # a file is indexed when its last record is
        self._faulty: dict[str, int] = {}

    def load(self, name: str, start: int, stop: int, part: Part | None) -> Iterator[int]:
        """Load a file from its part, or from some of its bytes; yield how far it has come."""
        orders, faults = len(self._orders), len(self._run.log.failures)
        try:
            yield from self._read(name, start, stop) if part is None else self._take(name, part)
        except PartDamagedError as error:
            self._run.log.notes.append(f"{error}: read from the archive instead")
            yield from self._read(name, start, stop)
        if len(self._orders) > orders:
            self._of_orders[name] = stop
        elif len(self._run.log.failures) > faults or any(
            record.capture.warc_file == name for record in self._orphans
        ):
            self._faulty[name] = stop
        else:
            self._loader.add([], {name: stop})

    def finish(self) -> dict[str, int]:
        """Load what waited for the last file; return the files with faults, as `load_archive`."""
        run = self._run
        self._loader.collect(wait=True)
        self._loader.load()
        if self._orphans:
            _load_with_bodies(run, self._orphans)
        if self._orders:
            files = archive_file_frame(self._of_orders)
            forgetting.apply_orders(run.con, order_frame(self._orders), files, derives=run.derives)
        _restore(run)
        return self._faulty

    def _read(self, name: str, start: int, stop: int) -> Iterator[int]:
        """Read some bytes of a file; yield the offset of the last record of each portion."""
        records = _records(self._run, name, start, stop, self._orders)
        for portion in in_parts(self._run, records, _body_size):
            self._orphans += self._add(portion)
            yield portion[-1].capture.warc_offset

    def _take(self, name: str, part: Part) -> Iterator[int]:
        """Take a file's part; yield as `_read`. Of a damaged one, only captures are taken."""
        orphans, orders, damaged = [], [], []
        for reading in part.readings():
            portion = [ArchivedRecord(capture, None) for capture in reading.captures]
            orphans += self._add(portion, reading.observations)
            orders += reading.orders
            damaged += reading.damaged
            yield portion[-1].capture.warc_offset if portion else 0
        self._orphans += orphans
        self._orders += orders
        for one in damaged:
            _fail(self._run, Damage(name, *one))

    def _add(
        self, portion: Sequence[ArchivedRecord], observations: Observations | None = None
    ) -> list[ArchivedRecord]:
        """Load records, and return those whose bodies are not known yet.

        Forgotten captures only enter the ledger, and nothing is parsed for them.
        """
        run, loader = self._run, self._loader
        forgotten = forgetting.forgotten(run.con, [one.capture.capture_id for one in portion])
        counting = [one for one in portion if one.capture.capture_id not in forgotten]
        known = bodies_of(counting).keys() | loader.known_parses(
            record.capture.parse_key for record in counting
        )
        if observations is not None:
            known |= bodies_in(observations)
        taken = [
            record if record.capture.capture_id not in forgotten else record._replace(body=None)
            for record in portion
            if record.capture.capture_id in forgotten or record.capture.parse_key in known
        ]
        if observations is None:
            loader.add(taken, {})
        else:
            loader.add_parsed([record.capture for record in taken], observations)
        loader.collect()
        if loader.is_full:
            loader.load()
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
                _fail(run, found)
        elif isinstance(found, ArchivedOrders):
            orders += found.orders if found.warc_offset < stop else []
        elif found.capture.warc_offset < stop:
            yield found


def _fail(run: Run, damage: Damage) -> None:
    """Record a part of an archive file that cannot be read."""
    where = f"{damage.warc_file}, bytes {damage.offset}-{damage.end}"
    run.log.fail(where, "archive_damaged", damage.problem)


def _body_size(record: ArchivedRecord) -> int:
    return len(record.body or b"")
