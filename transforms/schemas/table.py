"""How a table is described: pandera models whose fields carry unit, meaning and source."""

from datetime import date
from typing import Annotated, Any, ClassVar, NamedTuple

import pandera.polars as pa
import polars as pl

Text = str
Integer = pl.Int64
Flag = bool
Day = date
Usd = Annotated[pl.Decimal, 18, 2]
Percent = Annotated[pl.Decimal, 12, 4]
UsdOrPercent = Annotated[pl.Decimal, 18, 4]
Time = Annotated[pl.Datetime, "us", None]

# How each type of a column is called in SQL, and what it is in a frame.
FRAME_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "BIGINT": pl.Int64(),
    "BOOLEAN": pl.Boolean(),
    "DATE": pl.Date(),
    "DECIMAL(18,2)": pl.Decimal(18, 2),
    "DECIMAL(12,4)": pl.Decimal(12, 4),
    "DECIMAL(18,4)": pl.Decimal(18, 4),
    "TIMESTAMP": pl.Datetime("us"),
}
_SQL_TYPES = {str(of_frame): sql for sql, of_frame in FRAME_TYPES.items()}


class TableModel(pa.DataFrameModel):
    """A table's columns. `Config.metadata` says what a row is, its key, and if it is private."""

    class Config:
        """Frames hold exactly the model's columns, in any order, uncoerced."""

        strict = True
        metadata: ClassVar[dict[str, Any]] = {}


class Column(NamedTuple):
    """One column as the dictionary has it."""

    name: str
    sql_type: str
    nullable: bool
    unit: str | None
    description: str
    source: str | None
    private: bool


class Description(NamedTuple):
    """What one row is, the key that is never NULL and never twice; private, or a view, if so."""

    row: str
    key: tuple[str, ...]
    private: bool
    view: bool


def column(
    description: str,
    *,
    unit: str | None = None,
    source: str | None = None,
    nullable: bool = False,
    private: bool = False,
    **checks: Any,
) -> Any:
    """Return a field of a model; units are words (`US$`, `percent`, `UTC`), checks are pandera's.

    What is private is NULL in a release.
    """
    return pa.Field(
        description=description,
        metadata={"unit": unit, "source": source, "private": private},
        nullable=nullable,
        **checks,
    )


def table(row: str, *key: str, private: bool = False, view: bool = False) -> dict[str, Any]:
    """Return a model's `Config.metadata`; views are created by warehouse/sql/core."""
    return {"row": row, "key": key, "private": private, "view": view}


def describe(model: type[TableModel]) -> Description:
    """Return what the rows of a table are, its key, and whether it is private or a view."""
    told = model.Config.metadata
    return Description(told["row"], tuple(told["key"]), told["private"], told["view"])


def columns_of(model: type[TableModel]) -> list[Column]:
    """Return a table's columns: the key first, then in the order of the model."""
    schema = model.to_schema()
    parts = [part for part in model.__bases__ if issubclass(part, TableModel)]
    inherited = [name for part in parts for name in part.to_schema().columns]
    order = dict.fromkeys((*describe(model).key, *inherited, *schema.columns))
    found = []
    for name in order:
        field = schema.columns[name]
        metadata = field.metadata or {}
        found.append(
            Column(
                name=name,
                sql_type=_SQL_TYPES[str(field.dtype)],
                nullable=bool(field.nullable),
                unit=metadata.get("unit"),
                description=field.description or "",
                source=metadata.get("source"),
                private=bool(metadata.get("private")),
            )
        )
    return found
