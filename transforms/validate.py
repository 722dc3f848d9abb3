"""Validation of typed frames by their models; what fails is set aside, row by row, never dropped.

pandera's traps, and how they are avoided: value checks run on collected frames only; an empty frame
passes everything, so it is not asked; nothing is coerced, since the columns are built typed.
"""

from collections.abc import Sequence
from functools import cache

import pandera.errors
import polars as pl

from transforms.quarantine import Quarantined
from transforms.schemas import TableModel, columns_of
from transforms.schemas.table import FRAME_TYPES
from transforms.typed import Row


@cache
def frame_schema(model: type[TableModel]) -> pl.Schema:
    """Return the polars schema of a table, in the order of its columns."""
    return pl.Schema({column.name: FRAME_TYPES[column.sql_type] for column in columns_of(model)})


def empty_frame(model: type[TableModel]) -> pl.DataFrame:
    """Return a table's frame without rows."""
    return pl.DataFrame(schema=frame_schema(model))


def frame_of(model: type[TableModel], rows: Sequence[Row]) -> pl.DataFrame:
    """Return rows as a typed frame; a value of another type is an error, never converted."""
    schema = frame_schema(model)
    return pl.DataFrame(
        {name: [row[name] for row in rows] for name in schema}, schema=schema, strict=True
    )


def validated(
    model: type[TableModel], rows: Sequence[Row], origins: Sequence[Quarantined]
) -> tuple[pl.DataFrame, list[Quarantined]]:
    """Return the valid rows, and the others with the rule that each breaks.

    `origins` says, row by row, where a row stood.
    """
    return checked(model, frame_of(model, rows), origins)


def checked(
    model: type[TableModel], frame: pl.DataFrame, origins: Sequence[Quarantined]
) -> tuple[pl.DataFrame, list[Quarantined]]:
    """Validate a frame whose columns have their types already."""
    try:
        model.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return frame, []
    if cases["index"].null_count():
        raise TypeError(f"{model.__name__}: {cases['check'].to_list()}")  # not of a row: our fault
    failed: dict[int, Quarantined] = {}
    for case in cases.sort("index").iter_rows(named=True):
        rule = str(case["check"]).split("(", maxsplit=1)[0]
        message = f"{case['column']}: {case['failure_case']} breaks {case['check']}"
        failed.setdefault(
            case["index"], origins[case["index"]]._replace(rule=rule, message=message)
        )
    kept = frame.with_row_index("_row").filter(~pl.col("_row").is_in(list(failed))).drop("_row")
    return kept, list(failed.values())
