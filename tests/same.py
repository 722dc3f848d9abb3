"""Compare the rows that another commit and this working tree make of the same sites and files.

`make same REV=<commit>` fills homes with both: nights of the stand-in in each layout, with faults
and restatements, and saved files. This working tree also rebuilds what the other one has archived.
It prints how many rows differ in each table, examples of them, and the columns that only one has.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from extractors.profiles.write import dump_profile
from replica.server.serving import serving
from replica.world import Layout, open_world
from tests.flows.todays_profile import profile_for

ROOT = Path(__file__).parents[1]
SCHEMAS = ("core", "mart", "observed", "vintage", "meta")
_LONGEST = 3_600  # seconds that a command may take on a busy machine
_EXAMPLES = 3
# What tells how a warehouse came about, and what describes columns rather than rows.
_LEFT_OUT = {"meta.run", "meta.failure", "meta.data_dictionary"}
_STAMPS = {"run_id", "fetched_at", "started_at", "ended_at"}
_FILES = "files"
_SAVED = (ROOT / "tests" / "pages", ROOT / "docs" / "samples", ROOT.parent / "shared" / "real")
_SEED = 4
_PROGRAMMES: dict[Layout, int] = {"classic": 80, "today": 40}
# The site's time on each night, and its faults: none that is waited for.
_CLASSIC = (
    ("2015-11-20 03:07", ()),
    ("2016-04-20 03:11", ("maintenance=0.04", "404=0.04", "no_tables=0.04", "truncated=0.04")),
    ("2016-06-15 03:04", ("short_list=0.5", "other_programme=0.02")),
    ("2017-06-20 03:04", ()),
)
_TODAY = (
    ("2023-11-20 03:07", ()),
    ("2024-04-20 03:11", ("maintenance=0.04", "404=0.04", "truncated=0.04")),
    ("2024-06-15 03:04", ()),
)
_NIGHTS: dict[Layout, Sequence[tuple[str, Sequence[str]]]] = {
    "classic": _CLASSIC, "today": _TODAY,
}  # fmt: skip


class Checkout(NamedTuple):
    """Code of the project, and a Python that has what it needs."""

    root: Path
    python: Path

    def run(self, home: Path, *arguments: str | Path, **environment: str) -> None:
        """Run a command of the project on a home.

        Raises:
            RuntimeError: The command failed.
        """
        command = [self.python, "-c", "from flows.cli.main import main; main()", "--home", home]
        ran = subprocess.run(
            [str(part) for part in (*command, *arguments)], cwd=self.root, check=False,
            env={"PATH": "", "PYTHONPATH": str(self.root), "HOME": str(home), **environment},
            capture_output=True, text=True, timeout=_LONGEST,
        )  # fmt: skip
        if ran.returncode not in {0, 3}:  # 3: some pages failed, or were quarantined
            raise RuntimeError(f"{self.root}: {arguments}: {ran.stderr[-2000:]}")


class Difference(NamedTuple):
    """What a table holds in one warehouse and not in the other.

    Attributes:
        rows: the number of rows there and here.
        missing: the number of rows that are not here.
        added: the number of rows that are only here.
        columns: the columns that only one of the two has, with `-` or `+`.
        examples: some of the rows, with `-` or `+`.
    """

    table: str
    rows: tuple[int, int]
    missing: int
    added: int
    columns: list[str]
    examples: list[str]


def differences(there: Path, here: Path) -> tuple[list[Difference], int]:
    """Return the tables of two warehouses that differ, and the number of all that were compared."""
    with duckdb.connect() as con:
        for name, file in (("there", there), ("here", here)):
            con.execute(f"ATTACH '{file}' AS {name} (READ_ONLY)")
        con.execute("SET VARIABLE as_of = TIMESTAMP '2024-05-01'")
        con.execute("SET TimeZone = 'UTC'")
        first, second = _tables(con, "there"), _tables(con, "here")
        found = [
            _difference(con, name, first.get(name, {}), second.get(name, {}))
            for name in sorted({*first, *second} - _LEFT_OUT)
        ]
    return [one for one in found if one.missing or one.added or one.columns], len(found)


def _tables(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    """Return the types of columns, by table and name."""
    found = con.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()"
        " WHERE database_name = ? AND list_contains(?, schema_name) ORDER BY ALL",
        [database, SCHEMAS],
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in found:
        tables.setdefault(table, {})[column] = kind
    return tables


def _difference(
    con: duckdb.DuckDBPyConnection, table: str, there: dict[str, str], here: dict[str, str]
) -> Difference:
    lost, new = there.items() - here.items(), here.items() - there.items()
    columns = [f"-{name} {kind}" for name, kind in sorted(lost)]
    columns += [f"+{name} {kind}" for name, kind in sorted(new)]
    if not there or not here:
        return Difference(table, (0, 0), 0, 0, [f"{'-' if there else '+'}all"], [])
    shared = ", ".join(sorted((there.keys() & here.keys()) - _STAMPS))
    for name in ("there", "here"):
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE of_{name} AS SELECT {shared} FROM {name}.{table}"  # noqa: S608 because the names are the warehouse's own
        )
    con.execute("CREATE OR REPLACE TEMP TABLE lost AS FROM of_there EXCEPT ALL FROM of_here")
    con.execute("CREATE OR REPLACE TEMP TABLE added AS FROM of_here EXCEPT ALL FROM of_there")
    rows, now, missing, added = (
        _count(con, name) for name in ("of_there", "of_here", "lost", "added")
    )
    examples = [
        f"{sign} {row}"
        for sign, name in (("-", "lost"), ("+", "added"))
        for row in _rows(con, name)
    ]
    return Difference(table, (rows, now), missing, added, columns, examples)


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    ((count,),) = con.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608 because the name is a constant
    return int(count)


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """Return the first rows, as values by column."""
    found = con.execute(f"FROM {table} ORDER BY ALL LIMIT {_EXAMPLES}")
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def fill(
    there: Checkout, here: Checkout, folder: Path, only: str | None = None
) -> Iterator[tuple[str, Path, Path]]:
    """Fill homes with both; yield a name and two warehouses that should have the same rows."""
    for layout in _NIGHTS:
        if only in {None, layout}:
            yield from _compared(layout, here, _spend_nights(layout, there, here, folder))
    if only in {None, _FILES}:
        yield from _compared(_FILES, here, _ingest(there, here, folder))


def _ingest(there: Checkout, here: Checkout, folder: Path) -> tuple[Path, Path]:
    homes = folder / "files there", folder / "files here"
    for checkout, home in zip((there, here), homes, strict=True):
        checkout.run(home, "ingest", *(path for path in _SAVED if path.exists()))
    return homes


def _compared(
    name: str, here: Checkout, homes: tuple[Path, Path]
) -> Iterator[tuple[str, Path, Path]]:
    """Yield the warehouses of two homes, then that of the first one rebuilt by the second."""
    first, second = (home / "warehouse.duckdb" for home in homes)
    yield name, first, second
    again = homes[0].with_name(f"{name} rebuilt")
    shutil.copytree(homes[0] / "archive", again / "archive", symlinks=True)
    here.run(again, "rebuild", "--reread")
    yield f"{name}, rebuilt", first, again / "warehouse.duckdb"


def _spend_nights(
    layout: Layout, there: Checkout, here: Checkout, folder: Path
) -> tuple[Path, Path]:
    """Sync both with one stand-in, at the same times of its clock."""
    homes = folder / f"{layout} there", folder / f"{layout} here"
    world = open_world(_SEED, _PROGRAMMES[layout], layout=layout)
    profile = folder / "today.toml"
    profile.write_text(dump_profile(profile_for(world.today.names)))
    with serving(world, now=datetime.fromisoformat("2015-01-01"), seed=_SEED) as running:
        settings = {
            "MPTF_BASE_URL": running.base_url, "MPTF_KNOWN_AS": "http://gateway.example",
            "MPTF_SITE_CLOCK": "true", "MPTF_SHORTEST_DELAY": "0", "MPTF_RETRY_SECONDS": "0.1",
            "MPTF_PROFILE": str(profile) if layout == "today" else "classic",
        }  # fmt: skip
        for time, faults in _NIGHTS[layout]:
            running.move_to(datetime.fromisoformat(time))
            for checkout, home in zip((there, here), homes, strict=True):
                running.set_faults(faults)  # which counts requests anew
                checkout.run(home, "sync", "--all", "--fresh", **settings)
    return homes


@contextmanager
def checked_out(revision: str) -> Iterator[Checkout]:
    """Check a commit out while the block runs; its packages are ours if its lock is."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "there"
        _git("worktree", "add", "--quiet", "--detach", root, revision)
        try:
            yield Checkout(root, _python_for(root, Path(folder) / "environment"))
        finally:
            _git("worktree", "remove", "--force", root)


def _python_for(root: Path, environment: Path) -> Path:
    lock = "requirements.lock"
    if (root / lock).read_bytes() == (ROOT / lock).read_bytes():
        return Path(sys.executable)
    python = environment / "bin" / "python"
    install = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    for command in (
        [sys.executable, "-m", "venv", environment],
        [python, *install, "--require-hashes", "-r", root / lock],
    ):
        subprocess.run(list(map(str, command)), check=True, timeout=_LONGEST)
    return python


def _git(*arguments: str | Path) -> None:
    subprocess.run(["git", *map(str, arguments)], cwd=ROOT, check=True, timeout=_LONGEST)


def compare(there: Checkout, here: Checkout, folder: Path, only: str | None = None) -> int:
    """Fill homes with both, print what differs, and return the number of rows that do."""
    different = 0
    for name, first, second in fill(there, here, folder, only):
        found, compared = differences(first, second)
        print(f"{name}: {compared - len(found)} of {compared} tables are the same", flush=True)
        for one in found:
            different += one.missing + one.added
            print(f"  {one.table:<40} {one.rows[0]:>9,} rows there, {one.rows[1]:>9,} here:"
                  f" -{one.missing:,} +{one.added:,}", *one.columns)  # fmt: skip
            print("".join(f"    {example}\n" for example in one.examples), end="", flush=True)
    return different


def main() -> int:
    """Compare a commit with this working tree; return 1 if rows differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.same", description=__doc__)
    parser.add_argument("revision", help="the commit to compare this working tree with")
    parser.add_argument("--keep", type=Path, help="a folder in which to leave the homes")
    parser.add_argument("--only", choices=[*_NIGHTS, _FILES], help="nights of a layout, or files")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, checked_out(given.revision) as there:
        homes = Path(given.keep or folder).absolute()
        homes.mkdir(parents=True, exist_ok=True)
        different = compare(there, Checkout(ROOT, Path(sys.executable)), homes, given.only)
    print(f"{different:,} rows differ" if different else "all rows are the same")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
