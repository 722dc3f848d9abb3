"""The tables whose sameness is what the invariants are about."""

from pathlib import Path

import duckdb


def dump(warehouse: Path) -> dict[str, list[str]]:
    """Every row of every table in core and view in mart, as text, sorted."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        names = [
            f"{schema}.{name}"
            for schema, name in con.execute(
                "SELECT table_schema, table_name FROM information_schema.tables"
                " WHERE table_schema IN ('core', 'mart') ORDER BY ALL"
            ).fetchall()
        ]
        con.execute("SET VARIABLE as_of = TIMESTAMP '2026-01-01'")
        return {name: sorted(map(repr, con.execute(f"FROM {name}").fetchall())) for name in names}


def ask(warehouse: Path, query: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(query).fetchall()
