"""Archived bodies by where and when they were captured, for revisits that refer to them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from warehouse.connection import Connection, space_joined


class CapturedBody(NamedTuple):
    """A capture, with what its site sent to tell versions apart, and where the archive has it.

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


def captured_bodies(con: Connection, urls: Iterable[str]) -> list[CapturedBody]:
    """Return the captures of some URLs, the newest first."""
    rows = con.execute(
        """
        SELECT c.url, c.captured_at, c.body_sha256, c.body_bytes, c.cut_short, c.etag,
            c.last_modified, c.warc_file, c.warc_offset, b.warc_file, b.warc_offset
        FROM raw.capture AS c
        JOIN raw.capture AS b ON b.parse_key = c.parse_key AND NOT b.unchanged
        WHERE c.url IN (SELECT unnest(string_split(?, ' ')))
        ORDER BY c.captured_at DESC, c.capture_id
        """,
        [space_joined(urls)],
    ).fetchall()
    return [CapturedBody(*row) for row in rows]
