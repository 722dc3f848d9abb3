"""Comparison of two warehouses row by row, and a check of the keys that the schemas declare."""

from pathlib import Path
from typing import NamedTuple

from transforms.schemas import ALL_TABLES, CORE_TABLES, OBSERVED_TABLES, describe
from warehouse.connection import Connection, one, quoted

# Tables that the views of mart show, besides core.
_BEHIND_MART = ("vintage.absence", "vintage.restatement", "vintage.reconciliation")


class Difference(NamedTuple):
    """How many rows of one table only one side has, for one programme, fund, body or capture."""

    table_name: str
    key: str
    only_here: int
    only_there: int


def differences(con: Connection, other: Path) -> list[Difference]:
    """Return where this warehouse differs from another, in all that the archive determines."""
    con.execute(f"ATTACH {quoted(str(other))} AS other (READ_ONLY)")
    found = []
    tables = CORE_TABLES | OBSERVED_TABLES
    keys = {table: describe(model).key[0] for table, model in tables.items()}
    keys |= dict.fromkeys(("raw.capture", "raw.forgotten", "raw.forget_order"), "capture_id")
    keys |= {"meta.check_result": "coalesce(programme_id, fund_code)"}
    keys |= dict.fromkeys(_BEHIND_MART, "programme_id")
    keys |= {"vintage.passed_check": "about"}
    for table, key in keys.items():
        rows = con.execute(
            f"""
            WITH here AS (FROM {table} EXCEPT ALL FROM other.{table}),
            there AS (FROM other.{table} EXCEPT ALL FROM {table}),
            either AS (SELECT {key} AS key, 1 AS here, 0 AS there FROM here
                     UNION ALL SELECT {key}, 0, 1 FROM there)
            SELECT key, sum(here), sum(there) FROM either GROUP BY key ORDER BY key
            """  # noqa: S608 because the names come from the schemas
        ).fetchall()
        found += [Difference(table, key_value, here, there) for key_value, here, there in rows]
    con.execute("DETACH other")
    return found


def broken_keys(con: Connection) -> list[str]:
    """Return a line for each table in which a key stands twice."""
    found = []
    for table, model in ALL_TABLES.items():
        key = ", ".join(describe(model).key)
        twice = one(
            con,
            f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {key} HAVING count(*) > 1)",  # noqa: S608 because the names come from the schemas
        )
        if twice:
            found.append(f"{table}: {twice} keys ({key}) are there twice")
    return found
