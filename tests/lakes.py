"""Lakes as their readers have them: beside the file of a release, and with all that is stored."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from extractors.records import Page, PrintedContact
from tests.warehouse.histories import Seen, annual, at, load_seen, page, row, voucher
from warehouse.connection import Connection, open_writer, quoted
from warehouse.lake import Place
from warehouse.release import build
from warehouse.schema import prepare

CONTACT = ("Ada Example", "ada@host.example")
# Questions to macros, which name no database: a reader says `USE mptf` first.
QUESTIONS = (
    "FROM mart.as_of(DATE '2016-05-02')",
    "FROM mart.search('water')",
    "FROM mart.search('pro*')",
    "SELECT core.utc('2016-06-15 13:05+02'), core.moment()",
    "SELECT core.absolute_url('../a b', 'https://host.example/x/y')",
)


def build_releases(folder: Path, *names: str) -> list[Path]:
    """Write releases of one warehouse, each with a year and a capture more than the one before.

    Its page shows a person, who is in none of them.
    """
    source = folder / "warehouse.duckdb"
    for number, name in enumerate(names):
        with closing(open_writer(source)) as con:
            prepare(con)
            years = range(2014, 2015 + number)
            load_seen(con, [Seen(at(f"{2015 + number}-01-01"), _page(*years))])
        build(source, folder / name)
    return [folder / name for name in names]


def _page(*years: int) -> Page:
    figures = annual(*(row("FAO", year, expenditure=str(year)) for year in years))
    shown = page(figures, narrative=["Wells and water."], vouchers=[voucher("V1")])
    shown.contacts = [PrintedContact(CONTACT[0], None, "Manager", CONTACT[1], None)]
    return shown


def local(folder: Path) -> Place:
    """A lake that needs no server."""
    return Place(f"ducklake:{folder / 'catalogue.ducklake'}", str(folder / "data"))


@contextmanager
def reading(url: str, version: int | None = None, *, setup: str = "") -> Iterator[Connection]:
    """Open a lake as docs/analysts.md says, at a snapshot or as it is."""
    con = duckdb.connect()
    try:
        for file in extension_files():
            con.execute(f"LOAD {quoted(str(file))}")
        con.execute(setup)
        at = f", SNAPSHOT_VERSION {version}" if version is not None else ""
        con.execute(f"ATTACH {quoted(url)} AS mptf (READ_ONLY{at})")
        con.execute("USE mptf")
        yield con
    finally:
        con.close()


def extension_files() -> list[Path]:
    """The files of DuckDB's extensions for a lake, from their packages."""
    return [
        Path(
            package.__path__[0], "extensions", f"v{duckdb.__version__}", f"{name}.duckdb_extension"
        )
        for name in ("ducklake", "postgres_scanner", "httpfs")
        for package in [import_module(f"duckdb_extension_{name}")]
    ]


def snapshots(con: Connection) -> dict[str, int]:
    """The snapshot of each release, by its name."""
    return dict(
        con.execute(
            "SELECT commit_message, snapshot_id FROM mptf.snapshots()"
            " WHERE commit_message IS NOT NULL ORDER BY snapshot_id"
        ).fetchall()
    )


def relations(con: Connection) -> dict[str, str]:
    """Every table and view of the database in use, with its kind."""
    return dict(
        con.execute(
            "SELECT table_schema || '.' || table_name, table_type FROM information_schema.tables"
            " WHERE table_catalog = current_database() ORDER BY ALL"
        ).fetchall()
    )


def unlike(
    con: Connection, release: Path, *, macros: bool = True, views: bool = False
) -> list[str]:
    """What of a lake differs from a release: tables, their columns and rows, and macros' answers.

    With `views`, the columns and rows of every view too, which takes ten times as long.
    """
    con.execute(f"ATTACH {quoted(str(release))} AS release (READ_ONLY)")
    asked = QUESTIONS if macros else ()
    here, answers = relations(con), [_answer(con, question) for question in asked]
    con.execute("USE release")
    there, expected = relations(con), [_answer(con, question) for question in asked]
    con.execute("USE mptf")
    found = [f"{kind} {name}" for name, kind in here.items() ^ there.items()]
    found += [
        question
        for question, answer, wanted in zip(asked, answers, expected, strict=True)
        if answer != wanted
    ]
    found += [
        name
        for name, kind in here.items()
        if (views or kind == "BASE TABLE")
        and name in there
        and _rows(con, name, "mptf") != _rows(con, name, "release")
    ]
    con.execute("DETACH release")
    return found


def _rows(con: Connection, name: str, database: str) -> tuple[list[Any], list[str]]:
    """The names and types of a relation's columns, and its rows in no order."""
    found = con.execute(f"FROM {database}.{name}")
    return [column[:2] for column in found.description or []], sorted(map(str, found.fetchall()))


def _answer(con: Connection, question: str) -> list[str]:
    return sorted(map(str, con.execute(question).fetchall()))


def stored_text(con: Connection, files: str, catalogue: Iterable[str]) -> str:
    """Everything in the Parquet files that a pattern names, and in tables of a catalogue."""
    parts = []
    for (file,) in con.execute(f"FROM glob({quoted(files)})").fetchall():
        parts += [file, _text(con, f"read_parquet({quoted(file)})")]
        parts.append(_text(con, f"parquet_metadata({quoted(file)})"))
    parts += [_text(con, table) for table in catalogue]
    return "\n".join(parts)


def _text(con: Connection, source: str) -> str:
    return "\n".join(map(str, con.execute(f"FROM {source}").fetchall()))
