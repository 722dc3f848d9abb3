"""Bodies that only the records of forgotten captures hold, for captures that show them again."""

from collections.abc import Sequence

from extractors.archive.reader import ArchivedRecord
from flows.pipeline.loader import bodies_of
from flows.pipeline.run import Run
from warehouse.forgetting import bodies_held


def with_bodies_held(run: Run, records: Sequence[ArchivedRecord]) -> list[ArchivedRecord]:
    """Return archived records; one of each body that only a forgotten capture holds is lent it.

    A body that the archive cannot give any more is a failure, and its captures are left out.
    """
    missing = {record.capture.parse_key for record in records} - bodies_of(records).keys()
    lent: dict[str, bytes | None] = {}
    lost: set[str] = set()
    for key, place in bodies_held(run.con, missing).items():
        try:
            lent[key] = run.home.archive.record(place.warc_file, place.warc_offset).body
        except (ValueError, OSError) as error:
            lost.add(key)
            run.log.fail(f"capture {place.capture_id}", "archive_damaged", str(error))
    return [
        record._replace(body=record.body or lent.pop(record.capture.parse_key, None))
        for record in records
        if record.capture.parse_key not in lost
    ]
