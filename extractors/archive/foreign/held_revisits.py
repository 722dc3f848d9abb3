"""Revisits whose pages are not archived yet: they wait in the archive, and are no captures there.

Such a record is a `resource` with what the revisit says, as JSON.
"""

import json
from collections.abc import Iterable, Iterator

from extractors.archive.inputs import Reference, Revisit
from extractors.archive.reader import Archive
from extractors.archive.warc import NOT_A_CAPTURE, parse_record, parse_time, warc_date
from extractors.captures import NonCapture

_REASON = "revisit-of-unknown-page"


def held_record(revisit: Revisit) -> NonCapture:
    """Return a revisit as what is archived of it."""
    refers_to = revisit.refers_to
    fields = revisit._asdict() | {
        "captured_at": warc_date(revisit.captured_at),
        "refers_to": refers_to._asdict()
        | {"digests": sorted(refers_to.digests), "before": warc_date(refers_to.before)},
    }
    body = json.dumps(fields, ensure_ascii=False).encode()
    return NonCapture(revisit.url, revisit.captured_at, _REASON, None, (), body)


def held_revisits(archive: Archive, warc_files: Iterable[str]) -> Iterator[Revisit]:
    """Yield the revisits that wait in some files of the archive."""
    for warc_file in warc_files:
        for _, content in archive.contents(warc_file):
            try:
                record, payload = parse_record(content)
            except ValueError:
                continue  # damage, which reading the file reports
            if record.rec_headers.get_header(NOT_A_CAPTURE) == _REASON:
                yield _revisit(payload)


def _revisit(payload: bytes) -> Revisit:
    fields = json.loads(payload)
    said = fields["refers_to"]
    refers_to = Reference(
        **said
        | {
            "names": tuple(said["names"]),
            "digests": frozenset(said["digests"]),
            "urls": tuple(said["urls"]),
            "before": parse_time(said["before"]),
        }
    )
    headers = tuple((name, value) for name, value in fields["headers"])
    return Revisit(
        **fields
        | {
            "captured_at": parse_time(fields["captured_at"]),
            "headers": headers,
            "known_as": tuple(fields["known_as"]),
            "refers_to": refers_to,
        }
    )
