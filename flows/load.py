"""From the archive into the warehouse, batch by batch: read, type, load."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, TypeVar

from extractors.archive import ArchivedRecord, Damage
from extractors.pages import read_page
from extractors.records import PARSER_VERSION, Page, PageRefusedError
from flows.run import Run
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.observe import Observations, ReadBody, observe
from warehouse import ledger
from warehouse.earlier import current_bodies, staged_bodies
from warehouse.load import Batch, load

_Item = TypeVar("_Item")
# Which bodies that are known already are read again: those that an older parser read, or all.
Again = Literal["never", "older", "all"]


def read_body(body: bytes) -> Page | PageRefusedError:
    """A page, or why it was refused. A fault of ours sets its page aside and stops nothing else."""
    try:
        return read_page(body)
    except PageRefusedError as refusal:
        return refusal
    except Exception as error:
        return _fault(error)


def load_records(
    run: Run, records: list[ArchivedRecord], indexed: Mapping[str, int], *, again: Again = "never"
) -> None:
    """Load archived captures in one transaction; only bodies that are new are read.

    `indexed` says how far, with them, each archive file is in the ledger (bytes). `again` says
    which of the bodies that are known already are read once more.
    """
    bodies = {r.capture.body_sha256: r.body for r in records if r.body is not None}
    known = _known(run, bodies, again)
    run.bodies_read += len(bodies) - len(known)
    read = [ReadBody(sha, read_body(body)) for sha, body in bodies.items() if sha not in known]
    observations = _observe(read)
    load(
        run.con,
        Batch(
            observations=observations.frames,
            captures=capture_frame(record.capture for record in records),
            quarantined=quarantine_frame(observations.quarantined),
            archive_files=archive_file_frame(indexed),
        ),
        again=again != "never",
        staged=run.staged,
    )
    for record in records:
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


def _observe(read: list[ReadBody]) -> Observations:
    """What the bodies say; one that this program fails on is set aside, and stops no other."""
    try:
        return observe(read)
    except Exception:
        return observe([_observable(body) for body in read])


def _observable(body: ReadBody) -> ReadBody:
    try:
        observe([body])
    except Exception as error:
        return body._replace(page=_fault(error))
    return body


def _fault(error: Exception) -> PageRefusedError:
    return PageRefusedError("parser_fault", f"{type(error).__name__}: {error}")


def catch_up(run: Run, limits: Mapping[str, int] | None = None) -> None:
    """Load what the archive holds and the ledger does not: after a kill, or to rebuild it all.

    With `limits`, each file is read up to that byte only, and other files not at all.
    """
    done = ledger.indexed_bytes(run.con)
    orphans: list[ArchivedRecord] = []
    for name in run.home.archive.files():
        size = run.home.archive.size(name)
        stop = size if limits is None else limits.get(name, 0)
        if done.get(name, 0) >= stop:
            continue
        for batch in in_batches(run, _records(run, name, done.get(name, 0), stop), _body_size):
            bodies = {r.capture.body_sha256 for r in batch if r.body is not None}
            bodies |= ledger.known_bodies(run.con, [r.capture.body_sha256 for r in batch])
            ready = [r for r in batch if r.capture.body_sha256 in bodies]
            orphans += [r for r in batch if r.capture.body_sha256 not in bodies]
            load_records(run, ready, {})
            run.stop.check()
        load_records(run, [], {name: stop})
    found = ledger.known_bodies(run.con, [record.capture.body_sha256 for record in orphans])
    load_records(run, [r for r in orphans if r.capture.body_sha256 in found], {})
    for record in orphans:
        if record.capture.body_sha256 not in found:
            run.fail(f"{record.capture.url}: the archive does not hold the body that it refers to")


def _records(run: Run, name: str, start: int, stop: int) -> Iterator[ArchivedRecord]:
    for found in run.home.archive.records(name, start):
        if isinstance(found, Damage):
            if found.offset < stop:
                run.fail(f"{name}, bytes {found.offset}-{found.end}: {found.problem}")
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
