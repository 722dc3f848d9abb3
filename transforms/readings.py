"""What an archive file says, as Parquet tables: written once, loaded as often as need be.

A reading has the captures as archived, and what their bodies say; what the ledger adds to a capture
is left out, as it depends on more than the file.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from types import NoneType
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import polars as pl

from extractors.ledger import Capture, ForgetOrder
from transforms.batches import Observations
from transforms.quarantine import Quarantined
from transforms.schemas import OBSERVED_TABLES
from transforms.validate import empty_frame, frame_schema

_TYPES: Mapping[type, pl.DataType] = {
    str: pl.String(),
    int: pl.Int64(),
    bool: pl.Boolean(),
    datetime: pl.Datetime("us"),
}
_FAULT = "parser_fault"
Row = TypeVar("Row", Capture, ForgetOrder, Quarantined, "Damaged")


class Damaged(NamedTuple):
    """Bytes of an archive file that are not a whole record, and what is wrong with them."""

    offset: int
    end: int
    problem: str


class Reading(NamedTuple):
    """What some records of an archive file say.

    Attributes:
        captures: the captures, revisits too.
        observations: what the bodies say that these records hold.
        orders: orders to forget captures.
        damaged: what is not a whole record.
    """

    captures: list[Capture]
    observations: Observations
    orders: list[ForgetOrder]
    damaged: list[Damaged]

    @property
    def has_fault(self) -> bool:
        """Return whether the parser failed on a body; it may have been a passing fault."""
        return _FAULT in set(self.observations.frames["observed.body"]["refused_rule"])


def tables_of(reading: Reading) -> dict[str, tuple[bytes, int]]:
    """Return a reading as Parquet files by table, with their rows; one without rows has none."""
    frames = {
        **reading.observations.frames,
        "capture": _frame(Capture, reading.captures),
        "quarantined": _frame(Quarantined, reading.observations.quarantined),
        "forget_order": _frame(ForgetOrder, reading.orders),
        "damaged": _frame(Damaged, reading.damaged),
    }
    return {
        name.removeprefix("observed."): (_parquet(frame), len(frame))
        for name, frame in frames.items()
        if len(frame)
    }


def reading_of(tables: Mapping[str, bytes]) -> Reading:
    """Return the reading that some Parquet files hold.

    Raises:
        ValueError: one is not as `tables_of` writes it.
    """
    frames = {}
    for name, model in OBSERVED_TABLES.items():
        content = tables.get(name.removeprefix("observed."))
        frames[name] = (
            empty_frame(model) if content is None else _read(content, frame_schema(model))
        )
    return Reading(
        captures=_rows(Capture, tables.get("capture")),
        observations=Observations(frames, _rows(Quarantined, tables.get("quarantined"))),
        orders=_rows(ForgetOrder, tables.get("forget_order")),
        damaged=_rows(Damaged, tables.get("damaged")),
    )


def bodies_in(observations: Observations) -> set[str]:
    """Return the keys of all bodies that are observed, parts of answers too."""
    return set(observations.frames["observed.body"]["parse_key"])


def without(observations: Observations, parse_keys: Collection[str]) -> Observations:
    """Return the observations without those of some bodies."""
    if not parse_keys:
        return observations
    left_out = pl.Series(sorted(parse_keys))
    return Observations(
        {
            name: frame.filter(~pl.col("parse_key").is_in(left_out.implode()))
            for name, frame in observations.frames.items()
        },
        [row for row in observations.quarantined if row.parse_key not in parse_keys],
    )


def schema_digest() -> str:
    """Return a digest of all columns of all tables: other columns are another digest."""
    told = [
        *((name, frame_schema(model)) for name, model in OBSERVED_TABLES.items()),
        *((row.__name__, _schema(row)) for row in (Capture, Quarantined, ForgetOrder, Damaged)),
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _schema(row: type[Any]) -> dict[str, pl.DataType]:
    """Return the polars schema of a named tuple."""
    return {name: _type(hint) for name, hint in get_type_hints(row).items()}


def _type(hint: Any) -> pl.DataType:
    choices = [choice for choice in get_args(hint) if choice is not NoneType]
    if not choices:
        return _TYPES[hint]
    return _type(choices[0]) if isinstance(choices[0], type) else pl.String()


def _frame(row: type[Any], rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_schema(row), orient="row", strict=True)


def _rows(row: type[Row], content: bytes | None) -> list[Row]:
    if content is None:
        return []
    return [row(*values) for values in _read(content, pl.Schema(_schema(row))).iter_rows()]


def _parquet(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_parquet(file, compression="zstd")
    return file.getvalue()


def _read(content: bytes, schema: pl.Schema) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(BytesIO(content))
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"not Parquet: {error}") from error
    if frame.schema != schema:
        raise ValueError("the table has other columns")
    return frame
