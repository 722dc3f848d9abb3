"""Orders of `mptf forget`, as WARC `metadata` records: the captures that they name, and the action.

The fields of a record are `action` and, for each capture, `capture` with its ID and the SHA-256 of
its body. The record's date is that of the order.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast, get_args

from warcio.recordloader import ArcWarcRecord

from extractors.archive.warc import make_fields, parse_time, warc_date
from extractors.ledger import ForgetAction, ForgetOrder

# Header of a record with orders; its value is the run that gave them.
ORDERED_BY = "MPTF-Ordered-By"
_CAPTURES_A_RECORD = 1000
_CAPTURE = re.compile(r"([0-9a-f]{32}) sha256:([0-9a-f]{64})")


def make_orders(
    action: ForgetAction, time: datetime, run_id: str, captures: Sequence[tuple[str, str]]
) -> Iterator[bytes]:
    """Yield the records of an order about captures, each given as its ID and its body's SHA-256."""
    headers = {"WARC-Date": warc_date(time), ORDERED_BY: run_id}
    for start in range(0, len(captures), _CAPTURES_A_RECORD):
        some = captures[start : start + _CAPTURES_A_RECORD]
        named = [("capture", f"{capture_id} sha256:{sha256}") for capture_id, sha256 in some]
        yield make_fields("metadata", headers, [("action", action), *named])


def parse_orders(record: ArcWarcRecord, payload: bytes) -> list[ForgetOrder]:
    """Parse a record's orders; return none if it has no orders.

    Raises:
        ValueError: another version of this program wrote them, or they are damaged.
    """
    run_id = record.rec_headers.get_header(ORDERED_BY)
    if run_id is None:
        return []
    fields = [line.partition(": ")[::2] for line in payload.decode().splitlines()]
    actions = [value for name, value in fields if name == "action"]
    captures = [_CAPTURE.fullmatch(value) for name, value in fields if name == "capture"]
    if len(actions) != 1 or actions[0] not in get_args(ForgetAction) or None in captures:
        raise ValueError(f"an order to forget captures that cannot be read: {payload[:80]!r}")
    action = cast("ForgetAction", actions[0])
    time = parse_time(record.rec_headers.get_header("WARC-Date") or "")
    return [
        ForgetOrder(match[1], match[2], action, time, run_id)
        for match in captures
        if match is not None
    ]
