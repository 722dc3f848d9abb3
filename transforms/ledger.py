"""Captures, archive files and quarantined rows as frames for the warehouse."""

from collections.abc import Iterable, Mapping

import polars as pl
from pandera.typing.polars import DataFrame

from extractors.ledger import Capture, ForgetOrder
from extractors.records import PARSER_VERSION
from transforms.quarantine import Quarantined
from transforms.schemas import LEDGER_TABLES
from transforms.schemas.ledger import ArchiveFile, ForgetOrderRow
from transforms.validate import frame_of, frame_schema


def capture_frame(captures: Iterable[Capture]) -> pl.DataFrame:
    """Return the captures as a frame, with the subjects that their URLs name.

    A capture that was archived twice keeps its first place.
    """
    listed = list(captures)
    schema = frame_schema(LEDGER_TABLES["raw.capture"])
    columns = {name: kind for name, kind in schema.items() if name in Capture._fields}
    frame = pl.DataFrame(
        {name: [getattr(capture, name) for capture in listed] for name in columns},
        schema=columns,
        strict=True,
    )
    found = frame.with_columns(
        pl.Series("parse_key", [c.parse_key for c in listed], pl.String),
        pl.Series("statement_month", [c.statement_month for c in listed], pl.String),
        pl.Series("address_subject", [c.address_subject for c in listed], pl.String),
        pl.Series("address_programme_id", [c.address_programme_id for c in listed], pl.String),
        pl.Series("address_fund_code", [c.address_fund_code for c in listed], pl.String),
    )
    if found["capture_id"].n_unique() == len(found):
        return found
    return found.sort("warc_file", "warc_offset").unique("capture_id", keep="first")


def quarantine_frame(quarantined: Iterable[Quarantined]) -> pl.DataFrame:
    """Return the quarantined rows, each once, with their IDs and the parser version."""
    rows = {row.quarantine_id(): row for row in quarantined}
    return pl.DataFrame(
        [
            {"quarantine_id": key, **row._asdict(), "parser_version": PARSER_VERSION}
            for key, row in rows.items()
        ],
        schema=dict.fromkeys(("quarantine_id", *Quarantined._fields, "parser_version"), pl.String),
    )


def archive_file_frame(indexed: Mapping[str, int]) -> DataFrame[ArchiveFile]:
    """Return up to which byte each archive file is indexed, as a frame."""
    rows = [{"warc_file": name, "indexed_bytes": size} for name, size in indexed.items()]
    return frame_of(ArchiveFile, rows)


def order_frame(orders: Iterable[ForgetOrder]) -> DataFrame[ForgetOrderRow]:
    """Return orders to forget captures as a frame: the newest one about each capture."""
    newest: dict[str, ForgetOrder] = {}
    for order in sorted(orders, key=lambda order: (order.ordered_at, order.run_id)):
        newest[order.capture_id] = order
    return frame_of(ForgetOrderRow, [order._asdict() for order in newest.values()])
