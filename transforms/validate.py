"""Validation of typed frames by their models; a row that fails is returned with its rule.

pandera has traps: it runs value checks on collected frames only, and an empty frame passes all of
them. So frames are collected, and nothing is concluded from an empty one. Nothing is coerced: the
columns are built with their types.
"""

from collections.abc import Sequence
from functools import cache
from typing import TypeVar, cast

import pandera.errors
import polars as pl
from pandera.typing.polars import DataFrame

from transforms.schemas import TableModel, columns_of
from transforms.schemas.table import FRAME_TYPES
from transforms.typed import Row

Model = TypeVar("Model", bound=TableModel)


@cache
def frame_schema(model: type[TableModel]) -> pl.Schema:
    """Return the polars schema of a table, in the order of its columns."""
    return pl.Schema({column.name: FRAME_TYPES[column.sql_type] for column in columns_of(model)})


def empty_frame(model: type[Model]) -> DataFrame[Model]:
    """Return a table's frame without rows."""
    return cast("DataFrame[Model]", pl.DataFrame(schema=frame_schema(model)))


def frame_of(model: type[Model], rows: Sequence[Row]) -> DataFrame[Model]:
    """Return rows as a typed frame; a value of another type is an error, never converted."""
    schema = frame_schema(model)
    columns = {name: [row[name] for row in rows] for name in schema}
    return cast("DataFrame[Model]", pl.DataFrame(columns, schema=schema, strict=True))


def checked(
    model: type[Model], frame: pl.DataFrame
) -> tuple[DataFrame[Model], list[tuple[int, str, str]]]:
    """Validate a frame whose columns have their types already.

    Return the valid rows, and of each other row its place, the rule that it breaks, and how.
    """
    typed = cast("DataFrame[Model]", frame)
    try:
        model.validate(typed, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return typed, []
    if cases["index"].null_count():
        # A failure without a row is a bug of ours: a missing column, or one of another type.
        raise TypeError(f"{model.__name__}: {cases['check'].to_list()}")
    failed: dict[int, tuple[int, str, str]] = {}
    for case in cases.sort("index").iter_rows(named=True):
        rule = str(case["check"]).split("(", maxsplit=1)[0]
        message = f"{case['column']}: {case['failure_case']} breaks {case['check']}"
        failed.setdefault(case["index"], (case["index"], rule, message))
    kept = frame.with_row_index("_row").filter(~pl.col("_row").is_in(list(failed))).drop("_row")
    return cast("DataFrame[Model]", kept), list(failed.values())
