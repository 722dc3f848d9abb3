"""One model per table: types, keys, checks, and what each column means.

The tables, their comments, the data dictionary and the validation of every frame come from here.
"""

from transforms.schemas.core import CORE_TABLES
from transforms.schemas.ledger import LEDGER_TABLES
from transforms.schemas.observed import OBSERVED_TABLES
from transforms.schemas.table import Column, TableModel, columns_of, describe
from transforms.schemas.vintage import VINTAGE_TABLES

# All of them, and those that are stored: some of core are views.
ALL_TABLES: dict[str, type[TableModel]] = {
    **OBSERVED_TABLES,
    **VINTAGE_TABLES,
    **CORE_TABLES,
    **LEDGER_TABLES,
}
STORED_TABLES = {name: model for name, model in ALL_TABLES.items() if not describe(model).view}

__all__ = [
    "ALL_TABLES",
    "CORE_TABLES",
    "LEDGER_TABLES",
    "OBSERVED_TABLES",
    "STORED_TABLES",
    "VINTAGE_TABLES",
    "Column",
    "TableModel",
    "columns_of",
    "describe",
]
