"""The tables whose sameness is what the invariants are about."""

import gzip
import zipfile
from contextlib import closing
from pathlib import Path

import duckdb

# Views that only add up what other views show: to plan one takes as long as to read all of core.
_SUMS = (
    "mart.contribution_not_covered",
    "mart.contributor_year",
    "mart.country_year",
    "mart.fund_year",
    "mart.money_flow",
    "mart.not_covered",
    "mart.not_covered_year",
    "mart.organization_year",
    "mart.revision_triangle",
)


def dump(warehouse: Path) -> dict[str, list[str]]:
    """Every row of every table in core and view in mart, sums left out, as text, sorted."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        names = [
            f"{schema}.{name}"
            for schema, name in con.execute(
                "SELECT table_schema, table_name FROM information_schema.tables"
                " WHERE table_schema IN ('core', 'mart') ORDER BY ALL"
            ).fetchall()
        ]
        names = [name for name in names if name not in _SUMS]
        con.execute("SET VARIABLE as_of = TIMESTAMP '2026-01-01'")
        return {name: _rows(con, name) for name in names}


def rows_of(warehouse: Path, table: str) -> list[str]:
    """Every row of one table or view, as text, sorted."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        con.execute("SET VARIABLE as_of = TIMESTAMP '2026-01-01'")
        return _rows(con, table)


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return sorted(map(repr, con.execute(f"FROM {table}").fetchall()))


def ask(warehouse: Path, query: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def dump_all(warehouse: Path) -> dict[str, list[str]]:
    """Every row of every table that the archive determines, as text, sorted."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        tables = con.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
            " WHERE (schema_name, table_name) NOT IN (('meta', 'run'), ('meta', 'failure'))"
            " ORDER BY ALL"
        ).fetchall()
        return {name: _rows(con, name) for (name,) in tables}


def holders(folder: Path, text: bytes) -> list[Path]:
    """The files below a folder that hold a text, as they are or unpacked."""
    return [path for path in folder.rglob("*") if path.is_file() and text in unpacked(path)]


def unpacked(file: Path) -> bytes:
    """The bytes of a file, and what it holds in another form."""
    content = file.read_bytes()
    if ".gz" in file.name:
        return gzip.decompress(content)
    if file.suffix in {".xlsx", ".zip"}:
        with zipfile.ZipFile(file) as parts:
            return b"".join(parts.read(name) for name in parts.namelist())
    if file.suffix == ".parquet":
        with closing(duckdb.connect()) as con:
            return content + str(con.read_parquet(str(file)).fetchall()).encode()
    if file.suffix == ".duckdb" and content:
        return content + str(dump(file)).encode()
    return content
