"""A rebuild reads again what an older version of the parser read, and nothing else."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Mptf, run_mptf
from tests.flows.pages import SMALL_PAGES, factsheet, save
from tests.flows.tables import ask, dump, rows_of

Read = Callable[[], list[bytes]]


@pytest.fixture
def read_since(monkeypatch: pytest.MonkeyPatch) -> Read:
    """The bodies that the parser read since this was asked last."""
    import flows.pipeline.parse

    seen: list[bytes] = []
    from extractors.parse.pages import parse_page

    def counted(body: bytes, query: str, *, cut_short: str | None) -> object:
        seen.append(body)
        return parse_page(body, query, cut_short=cut_short)

    def since() -> list[bytes]:
        found = list(seen)
        seen.clear()
        return found

    monkeypatch.setattr(flows.pipeline.parse, "parse_page", counted)
    return since


@pytest.fixture(scope="module")
def filled_home(samples_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the samples and with some small pages, a few of them quarantined."""
    home = tmp_path_factory.mktemp("filled") / "home"
    shutil.copytree(samples_home, home)
    assert run_mptf(home, "ingest", *SMALL_PAGES[::3]).exit_code == 3
    return home


@pytest.fixture
def filled(filled_home: Path, home: Path, mptf: Mptf) -> Mptf:
    """Return a function that runs a command on a copy of the filled home."""
    shutil.copytree(filled_home, home, dirs_exist_ok=True)
    return mptf


def _quarantine(home: Path) -> list[tuple[object, ...]]:
    query = (
        "SELECT * EXCLUDE (parser_version) FROM meta.quarantine WHERE resolved_at IS NULL"
        " ORDER BY quarantine_id"
    )
    return ask(home / "warehouse.duckdb", query)


def _observed(home: Path) -> list[list[tuple[object, ...]]]:
    tables = ask(
        home / "warehouse.duckdb",
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'observed' ORDER BY 1",
    )
    return [
        ask(home / "warehouse.duckdb", f"FROM observed.{name} ORDER BY ALL") for (name,) in tables
    ]


def _age(home: Path, condition: str = "true") -> int:
    """Make the pages those that an older parser read; how many there are."""
    import duckdb

    with duckdb.connect(str(home / "warehouse.duckdb")) as con:
        con.execute(f"UPDATE observed.body SET parser_version = '0' WHERE {condition}")  # noqa: S608 because it is a test's own
        con.execute("CHECKPOINT")
        count = con.execute(
            "SELECT count(*) FROM observed.body WHERE parser_version = '0'"
        ).fetchone()
    assert count is not None
    return int(count[0])


def test_what_this_parser_read_is_taken_over_whole_and_not_read_again(
    filled: Mptf, home: Path, read_since: Read
) -> None:
    tables, observed, quarantine = (
        dump(home / "warehouse.duckdb"),
        _observed(home),
        _quarantine(home),
    )
    assert len({row[5] for row in quarantine}) > 5
    result = filled("rebuild")
    assert read_since() == []
    assert "pages parsed: 0; any others were parsed by parser" in result.stderr
    assert dump(home / "warehouse.duckdb") == tables
    assert _observed(home) == observed
    assert _quarantine(home) == quarantine
    assert filled("verify").exit_code == 0


def test_what_an_older_parser_read_is_read_again_and_nothing_else(
    filled: Mptf, home: Path, read_since: Read
) -> None:
    tables, quarantine = dump(home / "warehouse.duckdb"), _quarantine(home)
    aged = _age(home, "programme_id LIKE '0009000%' OR refused_rule IS NOT NULL")
    assert aged > 5
    told = filled("verify")
    assert told.exit_code == 1
    assert f"{aged} pages were parsed by another version" in told.stdout
    read_since()
    filled("rebuild")
    assert len(read_since()) == aged
    assert dump(home / "warehouse.duckdb") == tables
    assert _quarantine(home) == quarantine
    assert filled("verify").exit_code == 0


def test_reread_reads_every_page(filled: Mptf, home: Path, read_since: Read) -> None:
    (count,) = ask(home / "warehouse.duckdb", "SELECT count(*) FROM observed.body")
    filled("rebuild", "--reread")
    assert (len(read_since()),) == count
    filled("rebuild", "91001")
    assert read_since() == []
    filled("rebuild", "91001", "--reread")
    of_programme = ask(
        home / "warehouse.duckdb",
        "SELECT count(*) FROM observed.body WHERE programme_id = '00091001'",
    )
    assert [(len(read_since()),)] == of_programme


def test_one_programme_is_read_again_where_an_older_parser_read_it(
    filled: Mptf, home: Path, read_since: Read
) -> None:
    tables, quarantine = dump(home / "warehouse.duckdb"), _quarantine(home)
    aged = _age(home, "programme_id IN ('00091001', '00091002')")
    filled("rebuild", "91001")
    once = len(read_since())
    assert 0 < once < aged
    filled("rebuild", "91001")
    assert read_since() == []
    assert dump(home / "warehouse.duckdb") == tables
    assert _quarantine(home) == quarantine


@pytest.mark.proof
def test_vintages_of_one_programme_are_derived_anew_without_reading(
    filled: Mptf, home: Path, read_since: Read
) -> None:
    import duckdb

    tables = dump(home / "warehouse.duckdb")
    with duckdb.connect(str(home / "warehouse.duckdb")) as con:
        con.execute("UPDATE vintage.figure SET expenditure_usd = 1 WHERE fiscal_year > 0")
        con.execute("UPDATE raw.capture SET state = 'quarantined' WHERE programme_id = '00091001'")
    first, *others = sorted({row[2:10] for row in tables["core.expenditure_snapshot"]})
    filled("rebuild", first)
    filled("rebuild", *others)
    assert read_since() == []
    assert dump(home / "warehouse.duckdb") == tables


def test_what_the_program_failed_on_is_read_again_by_the_same_version(
    mptf: Mptf, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.pipeline.parse

    def fail(*_: object, **_options: object) -> None:
        raise MemoryError("not now")

    page = save(tmp_path, "p.txt", factsheet(figures={("FAO", 2015): "7"}))
    with monkeypatch.context() as patched:
        patched.setattr(flows.pipeline.parse, "parse_page", fail)
        result = mptf("ingest", page, "--captured-at", "2016-01-01")
    assert "MemoryError: not now [parser_fault]" in result.stderr
    assert mptf("rebuild").exit_code == 0
    assert len(rows_of(home / "warehouse.duckdb", "core.programme")) == 1


def test_a_body_that_the_archive_lost_is_not_taken_over(filled: Mptf, home: Path) -> None:
    """The warehouse is a function of the archive, whatever the older file still knows."""
    lost = sorted((home / "archive").glob("*.warc.gz"))[0]
    lost.unlink()
    filled("rebuild", "--accept-loss")
    known = ask(home / "warehouse.duckdb", "SELECT DISTINCT warc_file FROM raw.capture")
    assert lost.name not in {name for (name,) in known}
    orphans = ask(
        home / "warehouse.duckdb",
        "FROM observed.body ANTI JOIN raw.capture USING (parse_key)",
    )
    assert orphans == []
    assert filled("verify").exit_code == 0
