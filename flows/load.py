"""From the archive into the warehouse, batch by batch: read, type, load."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeVar

from extractors.archive import ArchivedRecord, Damage
from extractors.records import PARSER_VERSION
from flows.reading import Body
from flows.run import Run
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.observe import Observations
from warehouse import ledger
from warehouse.earlier import current_bodies, staged_bodies
from warehouse.load import Batch, load

_Item = TypeVar("_Item")
# Which bodies that are known already are read again: those that an older parser read, or all.
Again = Literal["never", "older", "all"]


class Pending(NamedTuple):
    """A batch of archived captures of which the new bodies are being read."""

    records: list[ArchivedRecord]
    indexed: Mapping[str, int]
    observations: Callable[[], Observations]
    again: Again


def load_records(
    run: Run, records: list[ArchivedRecord], indexed: Mapping[str, int], *, again: Again = "never"
) -> None:
    """Load archived captures in one transaction; only bodies that are new are read.

    `indexed` says how far, with them, each archive file is in the ledger (bytes). `again` says
    which of the bodies that are known already are read once more.
    """
    finish(run, begin(run, records, indexed, again=again))


def begin(
    run: Run, records: list[ArchivedRecord], indexed: Mapping[str, int], *, again: Again = "never"
) -> Pending:
    """Begin to read what a batch brings; `finish` loads it."""
    bodies = {r.capture.body_sha256: r.body for r in records if r.body is not None}
    known = _known(run, bodies, again)
    run.bodies_read += len(bodies) - len(known)
    new = [Body(sha, body) for sha, body in bodies.items() if sha not in known]
    return Pending(records, indexed, run.reader(new), again)


def finish(run: Run, pending: Pending) -> None:
    """Load a batch in one transaction, once it is read."""
    observations = pending.observations()
    load(
        run.con,
        Batch(
            observations=observations.frames,
            captures=capture_frame(record.capture for record in pending.records),
            quarantined=quarantine_frame(observations.quarantined),
            archive_files=archive_file_frame(pending.indexed),
        ),
        again=pending.again != "never",
        staged=run.staged,
    )
    for record in pending.records:
        run.met[record.capture.capture_id] = not record.capture.unchanged


def _known(run: Run, bodies: Iterable[str], again: Again) -> set[str]:
    """The bodies that need not be read."""
    match again:
        case "all":
            return set()
        case "older":
            return current_bodies(run.con, bodies, PARSER_VERSION)
        case "never":
            staged = staged_bodies(run.con, bodies) if run.staged else set()
            return ledger.known_bodies(run.con, bodies) | staged


def catch_up(run: Run, limits: Mapping[str, int] | None = None) -> None:
    """Load what the archive holds and the ledger does not: after a kill, or to rebuild it all.

    With `limits`, each file is read up to that byte only, and other files not at all.
    """
    done = ledger.indexed_bytes(run.con)
    orphans: list[ArchivedRecord] = []
    with_orphans: dict[str, int] = {}  # files are done when their last record is
    for name in run.home.archive.files():
        size = run.home.archive.size(name)
        stop = size if limits is None else limits.get(name, 0)
        if done.get(name, 0) >= stop:
            continue
        pending: Pending | None = None  # it is being read while the one before is loaded
        coming: set[str] = set()  # its bodies
        for batch in in_batches(run, _records(run, name, done.get(name, 0), stop), _body_size):
            brought = {r.capture.body_sha256 for r in batch if r.body is not None}
            bodies = brought | coming
            bodies |= ledger.known_bodies(run.con, [r.capture.body_sha256 for r in batch])
            ready = [r for r in batch if r.capture.body_sha256 in bodies]
            orphans += [r for r in batch if r.capture.body_sha256 not in bodies]
            following = begin(run, ready, {})
            if pending is not None:
                finish(run, pending)
            pending, coming = following, brought
            run.stop.check()
        if pending is not None:
            finish(run, pending)
        if any(record.capture.warc_file == name for record in orphans):
            with_orphans[name] = stop
        else:
            load_records(run, [], {name: stop})
    found = ledger.known_bodies(run.con, [record.capture.body_sha256 for record in orphans])
    load_records(run, [r for r in orphans if r.capture.body_sha256 in found], with_orphans)
    for record in orphans:
        if record.capture.body_sha256 not in found:
            run.fail(
                record.capture.url,
                "body_missing",
                "the archive does not hold the body that it refers to",
            )


def _records(run: Run, name: str, start: int, stop: int) -> Iterator[ArchivedRecord]:
    for found in run.home.archive.records(name, start):
        if isinstance(found, Damage):
            if found.offset < stop:
                where = f"{name}, bytes {found.offset}-{found.end}"
                run.fail(where, "archive_damaged", found.problem)
        elif found.capture.warc_offset < stop:
            yield found


def in_batches(
    run: Run, items: Iterable[_Item], size_of: Callable[[_Item], int]
) -> Iterator[list[_Item]]:
    """Items in batches that are full by number or by bytes."""
    settings = run.home.settings
    batch: list[_Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += size_of(item)
        if len(batch) >= settings.batch_captures or size >= settings.batch_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _body_size(record: ArchivedRecord) -> int:
    return len(record.body or b"")
