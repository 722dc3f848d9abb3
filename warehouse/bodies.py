"""Archived bodies by where and when they were captured, for revisits that refer to them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from warehouse.connection import Connection, space_joined


class CapturedBody(NamedTuple):
    """A capture, with what its site sent to tell versions apart, and where the archive has it.

    A forgotten one has the body that a revisit names, and is no evidence of a page's versions.
    `body_file` and `body_offset` are of the record that has the body: the first with these bytes.
    """

    url: str
    captured_at: datetime
    body_sha256: str
    body_bytes: int
    cut_short: str | None
    etag: str | None
    last_modified: str | None
    warc_file: str
    warc_offset: int
    body_file: str
    body_offset: int
    forgotten: bool


def captured_bodies(con: Connection, urls: Iterable[str]) -> list[CapturedBody]:
    """Return the captures of some URLs, the newest first."""
    rows = con.execute(
        """
        WITH archived AS (
            SELECT *, false AS forgotten FROM raw.capture
            UNION ALL BY NAME
            SELECT *, true AS forgotten FROM raw.forgotten
            ANTI JOIN (FROM raw.forget_order WHERE action = 'erase') AS o USING (capture_id)
        )
        SELECT c.url, c.captured_at, c.body_sha256, c.body_bytes, c.cut_short, c.etag,
            c.last_modified, c.warc_file, c.warc_offset, b.warc_file, b.warc_offset, c.forgotten
        FROM archived AS c
        JOIN archived AS b ON b.parse_key = c.parse_key AND NOT b.unchanged
        WHERE c.url IN (SELECT unnest(string_split(?, ' ')))
        ORDER BY c.captured_at DESC, c.capture_id
        """,
        [space_joined(urls)],
    ).fetchall()
    return [CapturedBody(*row) for row in rows]
