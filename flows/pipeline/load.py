"""From the archive into the warehouse: some records again, or all that is not there yet."""

from collections.abc import Iterator, Mapping

from extractors.archive.reader import ArchivedRecord, Damage
from flows.pipeline.loader import Again, Loading, begin_to_read, in_parts, load_read
from flows.pipeline.run import Run
from warehouse import ledger


def load_records(
    run: Run, records: list[ArchivedRecord], indexed: Mapping[str, int], *, again: Again = "never"
) -> None:
    """Load archived captures in one transaction; only bodies that are new are read.

    `indexed` says how far, with them, each archive file is in the ledger (bytes). `again` says
    which of the bodies that are known already are read once more.
    """
    bodies = {r.capture.body_sha256: r.body for r in records if r.body is not None}
    observations = begin_to_read(run, bodies, again=again).result()
    captures = [record.capture for record in records]
    load_read(run, captures, observations, indexed, again=again != "never")


def catch_up(run: Run, limits: Mapping[str, int] | None = None) -> None:
    """Load what the archive holds and the ledger does not: after a kill, or to rebuild it all.

    With `limits`, each file is read up to that byte only, and other files not at all.
    """
    done = ledger.indexed_bytes(run.con)
    loading = Loading(run)
    orphans: list[ArchivedRecord] = []
    with_orphans: dict[str, int] = {}  # files are done when their last record is
    for name in run.home.archive.files():
        size = run.home.archive.size(name)
        stop = size if limits is None else limits.get(name, 0)
        if done.get(name, 0) >= stop:
            continue
        for part in in_parts(run, _records(run, name, done.get(name, 0), stop), _body_size):
            brought = {r.capture.body_sha256 for r in part if r.body is not None}
            bodies = brought | loading.known(r.capture.body_sha256 for r in part)
            loading.add([r for r in part if r.capture.body_sha256 in bodies], {})
            orphans += [r for r in part if r.capture.body_sha256 not in bodies]
            loading.read()
            if loading.is_full:
                loading.load()
            run.stop.check()
        if any(record.capture.warc_file == name for record in orphans):
            with_orphans[name] = stop
        else:
            loading.add([], {name: stop})
    loading.read(everything=True)
    loading.load()
    found = ledger.known_bodies(run.con, [record.capture.body_sha256 for record in orphans])
    if orphans:
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


def _body_size(record: ArchivedRecord) -> int:
    return len(record.body or b"")
