"""One model per table: types, keys, checks, and what each column means.

The tables, their comments, the data dictionary and the validation of every frame come from here.
"""

from transforms.schemas.core import CORE_TABLES
from transforms.schemas.ledger import LEDGER_TABLES
from transforms.schemas.observed import OBSERVED_TABLES
from transforms.schemas.table import Column, TableModel, columns_of, describe

ALL_TABLES: dict[str, type[TableModel]] = {**OBSERVED_TABLES, **CORE_TABLES, **LEDGER_TABLES}

__all__ = [
    "ALL_TABLES",
    "CORE_TABLES",
    "LEDGER_TABLES",
    "OBSERVED_TABLES",
    "Column",
    "TableModel",
    "columns_of",
    "describe",
]
