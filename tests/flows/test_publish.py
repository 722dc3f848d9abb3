"""Releases: complete, without what is private, and whole at every moment."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from frictionless import Package
from hypothesis import given
from hypothesis import strategies as st

from extractors.times import utc_now
from flows.pipeline.home import Home
from flows.publish import is_behind
from flows.releases import Release, expired_releases, newest_file, releases
from flows.settings import Settings
from tests.command import COMMAND, Mptf
from tests.flows.pages import factsheet, save
from tests.flows.tables import ask, dump
from tests.processes import PATIENCE, killed_after
from warehouse.connection import open_reader
from warehouse.package import package
from warehouse.release_changes import Origin, write_changes
from warehouse.runs import changed_since


@pytest.fixture(scope="module")
def published(published_home: Path) -> Path:
    """Return the home with a release of docs/samples, which no test here writes to."""
    return published_home


def test_a_release_says_what_the_warehouse_says(published: Path) -> None:
    """Row for row, in every table of core but the contacts, and in every view of mart."""
    there = dump(published / "warehouse.duckdb")
    assert there.pop("core.contact")
    assert dump(published / "releases" / "latest.duckdb") == there


def test_a_release_is_behind_what_any_command_has_loaded_or_changed_since(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """Also if there is none yet, or the run was killed; one that brought nothing new puts none."""
    page, places = save(tmp_path, "page.txt", factsheet()), Home(Settings(home=home))
    assert mptf("ingest", page, "--captured-at", "2015-12-31").exit_code == 0
    assert is_behind(places, utc_now())
    release = places.releases / "mptf-2016-01-01.duckdb"
    release.parent.mkdir()
    release.touch()
    with duckdb.connect(str(places.warehouse)) as con:
        con.execute("UPDATE meta.run SET ended_at = ended_at - INTERVAL 1 HOUR")
    half_an_hour_ago = time.time() - 1800
    os.utime(release, (half_an_hour_ago, half_an_hour_ago))
    assert not is_behind(places, utc_now())
    assert mptf("ingest", page, "--captured-at", "2015-12-31").exit_code == 0
    assert not is_behind(places, utc_now())
    with duckdb.connect(str(places.warehouse)) as con:
        con.execute("BEGIN; UPDATE meta.run SET ended_at = NULL, outcome = 'running'")
        assert changed_since(con, utc_now() - timedelta(minutes=30))
        con.execute("ROLLBACK")
    assert mptf("forget", page).exit_code == 0
    assert is_behind(places, utc_now())


def test_nothing_of_a_contact_is_in_any_byte_of_a_release(published: Path) -> None:
    contacts = ask(
        published / "warehouse.duckdb", "SELECT name, telephone, email, skype FROM observed.contact"
    )
    told = {str(text).encode() for row in contacts for text in row if text}
    assert len(told) > 3
    latest = published / "releases" / "latest"
    files = [path for path in latest.rglob("*") if path.is_file()]
    assert latest / "page" / "programme" / "00067193.html" in files
    for file in files:
        content = file.read_bytes()
        assert [text for text in told if text in content] == [], file.name
    tables = ask(
        published / "releases" / "latest.duckdb",
        "SELECT schema_name || '.' || table_name FROM duckdb_tables()",
    )
    assert not {("core.contact",), ("observed.contact",), ("meta.quarantine",)} & set(tables)


def test_every_table_column_and_view_of_a_release_is_explained_in_it(published: Path) -> None:
    """By a comment, and by an entry of the dictionary."""
    release = published / "releases" / "latest.duckdb"
    silent = ask(
        release,
        "SELECT schema_name, table_name, column_name FROM duckdb_columns()"
        " WHERE NOT internal AND coalesce(comment, '') = ''",
    )
    assert silent == []
    unlisted = ask(
        release,
        "SELECT c.schema_name, c.table_name, c.column_name FROM duckdb_columns() AS c"
        " ANTI JOIN meta.data_dictionary AS d"
        "   ON d.table_name = c.schema_name || '.' || c.table_name"
        "   AND d.column_name = c.column_name WHERE NOT c.internal",
    )
    assert unlisted == []


_COUNTED = ("core-expenditure_snapshot", "mart-expenditure_current", "meta-data_dictionary")
_COUNTS = """
    SELECT (SELECT count(*) FROM core.expenditure_snapshot),
        (SELECT count(*) FROM mart.expenditure_current), (SELECT count(*) FROM meta.data_dictionary)
"""


def test_the_package_is_valid_and_so_is_every_row_by_it(published: Path) -> None:
    """By frictionless, as a stranger reads it: types, keys and what is required, CSV and workbook.

    It reads Parquet with pyarrow, which nothing here needs: that has its own test.
    """
    package = Package(str(published / "releases" / "latest" / "datapackage.json"))
    assert package.to_descriptor()["$schema"].endswith("/2.0/datapackage.json")
    resources = {resource.name: resource for resource in package.resources}
    for name, resource in resources.items():
        if resource.format == "parquet":
            assert (
                resource.schema.to_descriptor() == resources[f"{name}-csv"].schema.to_descriptor()
            )
            package.remove_resource(name)
    report = package.validate()
    assert report.flatten(["name", "type", "rowNumber", "fieldName", "note"]) == []
    rows = {task.name: task.stats.get("rows", 0) for task in report.tasks}
    release = published / "releases" / "latest.duckdb"
    (counts,) = ask(release, _COUNTS)
    for name, count in zip(_COUNTED, counts, strict=True):
        assert rows[f"{name}-csv"] == count
    assert rows["workbook-expenditure_current"] == rows["mart-expenditure_current-csv"] > 3
    assert resources["core-voucher"].schema.primary_key == [
        "programme_id", "voucher_number", "line_no",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("mart.expenditure_current", "expenditure_usd", "1,000"),
        ("core.expenditure_snapshot", "known_from", "2016-06-15"),
        ("core.voucher", "amount_usd", ""),
    ],
)
def test_a_value_that_is_not_what_the_package_says_is_found(
    table: str, column: str, value: str, published: Path, tmp_path: Path
) -> None:
    """So the claim above can fail."""
    folder = published / "releases" / "latest"
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        head, first, *rest = csv.reader(file)
    first[head.index(column)] = value
    with (tmp_path / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, first, *rest])
    described = json.loads((folder / "datapackage.json").read_text())
    (described["resources"],) = [
        [each] for each in described["resources"] if each["path"] == f"{table}.csv"
    ]
    report = Package.from_descriptor(described, basepath=str(tmp_path)).validate()
    assert report.flatten(["rowNumber", "fieldName"]) == [[2, column]]


def test_the_package_describes_every_file_of_it_and_explains_every_field(published: Path) -> None:
    """And says nothing of a publisher or a licence that nobody has named."""
    folder = published / "releases" / "latest"
    package = json.loads((folder / "datapackage.json").read_text())
    assert "licenses" not in package
    assert "contributors" not in package
    for resource in package["resources"]:
        assert resource["description"]
        assert all(field["description"] for field in resource["schema"]["fields"])
    amounts = [
        field
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
        if field["name"].endswith("_usd")
    ]
    assert len(amounts) > 100
    assert all("[US$]" in field["description"] for field in amounts)
    described = {resource["path"] for resource in package["resources"]}
    assert {"core.expenditure_snapshot.parquet", "mart.restatement.csv", "mptf.xlsx"} <= described
    rest = {path.name for path in folder.iterdir()} - described
    assert rest == {
        "mptf.duckdb", "datapackage.json", "SHA256SUMS", "restatements.csv", "checks.json",
        "changes.json", "schema.json", "page",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("licence", "said"),
    [
        ("CC-BY-4.0", {"name": "CC-BY-4.0"}),
        ("https://x.example/l", {"path": "https://x.example/l"}),
    ],
)
def test_publisher_and_licence_are_said_as_the_standard_has_them(
    licence: str, said: dict[str, str], published: Path
) -> None:
    origin = Origin("https://gateway.example", "A Foundation", licence)
    con = open_reader(published / "releases" / "latest.duckdb")
    try:
        described = package(con, "mptf-2026-11-26", date(2026, 11, 26), origin, [])
    finally:
        con.close()
    assert described["licenses"] == [said]
    assert described["sources"][0]["path"] == "https://gateway.example"
    resource = {"name": "one", "path": "one.csv"}
    assert list(Package.metadata_validate({**described, "resources": [resource]})) == []
    wrong = {**described, "resources": [resource], "licenses": [{"title": "Free"}]}
    assert list(Package.metadata_validate(wrong))


def test_parquet_and_csv_have_every_row(published: Path) -> None:
    folder = published / "releases" / "latest"
    with duckdb.connect(str(folder / "mptf.duckdb"), read_only=True) as con:
        for file in folder.glob("*.parquet"):
            rows = con.sql(f"FROM {file.stem}").count("*").fetchall()
            assert con.sql(f"FROM '{file}'").count("*").fetchall() == rows, file.name
            with file.with_suffix(".csv").open(encoding="utf-8", newline="") as plain:
                assert sum(1 for _ in csv.reader(plain)) - 1 == rows[0][0], file.name


def test_the_schema_reads_every_csv_file_as_it_was_written(published: Path) -> None:
    """IDs keep their zeros, no text becomes a number or a gap, and every number is one."""
    folder = published / "releases" / "latest"
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    assert {f"{table}.csv" for table in schema} == {
        file.name for file in folder.glob("*.csv") if file.name != "restatements.csv"
    }
    assert schema["mart.expenditure_current"]["programme_id"] == "string"
    read = 0
    with duckdb.connect(str(folder / "mptf.duckdb"), read_only=True) as con:
        for table, kinds in schema.items():
            types = {name: getattr(pl, kind.capitalize()) for name, kind in kinds.items()}
            found = pl.read_csv(folder / f"{table}.csv", schema_overrides=types)
            assert dict(found.schema) == types, table
            con.execute(f"FROM {table}")
            names = [column[0] for column in con.description or []]
            for name, *values in zip(names, *con.fetchall(), strict=True):
                if "_id" in name or kinds[name] in {"Int64", "boolean"}:
                    assert Counter(found[name].to_list()) == Counter(values), (table, name)
                    read += len(values)
    assert read > 1000


def test_the_sums_are_those_of_the_files(published: Path) -> None:
    assert _is_whole(published / "releases")


def _is_whole(folder: Path) -> bool:
    """Whether `latest` has all its files as they were written, and answers."""
    release = folder / "latest"
    for place in (release, release / "page"):
        for line in (place / "SHA256SUMS").read_text().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256((place / name).read_bytes()).hexdigest() == digest, name
    assert (release / "page" / "index.html").exists()
    assert not list(folder.glob("[!.]*/*.wal")) + list(folder.glob("*.wal"))
    return bool(ask(folder / "latest.duckdb", "SELECT count(*) FROM mart.expenditure_current"))


def test_what_a_spreadsheet_would_run_is_text_in_a_csv_file(
    mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And in the tables as printed. With no page wanted, none is there."""
    page = factsheet(figures={("FAO", 2015): "7"}).replace("Country: Fiji", "Country: =1+1")
    save(home / "inbox", "page.txt", page)
    assert mptf("ingest", home / "inbox").exit_code == 0
    monkeypatch.setenv("MPTF_KEEP_PAGES", "0")
    assert mptf("publish").exit_code == 0
    latest = home / "releases" / "latest"
    assert not (latest / "page").exists()
    with (latest / "mart.programme_current.csv").open(newline="") as file:
        (shown,) = csv.DictReader(file)
    assert shown["country"] == "'=1+1"
    assert ask(latest / "mptf.duckdb", "SELECT country FROM core.programme") == [("=1+1",)]


@pytest.mark.proof
def test_readers_keep_the_old_release_or_get_the_new_and_never_wait(
    mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who opens `latest` meanwhile, in another process, gets one of them whole.

    What is new in the new one is listed beside it. Of as many releases as said the page is kept.
    """
    monkeypatch.setenv("MPTF_KEEP_PAGES", "1")
    save(home / "one", "page.txt", factsheet(figures={("FAO", 2015): "7"}))
    mptf("ingest", home / "one", "--captured-at", "2016-06-01T00:00:00Z")
    assert mptf("publish").exit_code == 0
    latest = home / "releases" / "latest.duckdb"
    count = "SELECT count(*) FROM core.expenditure_snapshot"
    with duckdb.connect(str(latest), read_only=True) as reader, _reading_on(latest) as told:
        save(home / "two", "page.txt", factsheet(figures={("FAO", 2015): "9"}))
        mptf("ingest", home / "two", "--captured-at", "2017-06-01T00:00:00Z")
        result = mptf("publish")
        assert "new vintages 1" in result.stderr
        assert "restatements 1" in result.stderr
        assert reader.execute(count).fetchall() == [(1,)]
    assert told["opened"] > 5
    assert told["answers"] == [1, 2]
    assert ask(latest, count) == [(2,)]
    assert newest_file(home / "releases") == Path(result.stdout.strip())
    changes = json.loads((home / "releases" / "latest" / "changes.json").read_text())["changes"]
    (restated,) = changes["restatements"]
    assert (restated["old_value"], restated["new_value"]) == ("7.0000", "9.0000")
    assert restated["restated_at"] == "2017-06-01 00:00:00"
    assert restated["fiscal_year"] == 2015
    assert changes["new_programmes"] == []
    assert mptf("sql", count, "--release").stdout.count("2") >= 1
    pages = [path.parents[1].name for path in (home / "releases").glob("mptf-*/page/index.html")]
    assert pages == [newest_file(home / "releases").stem]  # type: ignore[union-attr]  # said above
    assert len(list((home / "releases").glob("mptf-*/mptf.duckdb"))) == 2


def test_figures_that_were_taken_back_are_named(mptf: Mptf, home: Path, tmp_path: Path) -> None:
    """A figure of a capture that was forgotten leaves no release in silence."""
    for year, amount in (("2016", "7"), ("2017", "9")):
        page = save(home / year, "page.txt", factsheet(figures={("FAO", 2015): amount}))
        mptf("ingest", page, "--captured-at", f"{year}-06-01")
    warehouse, before = home / "warehouse.duckdb", tmp_path / "mptf-1.duckdb"
    shutil.copy(warehouse, before)
    assert mptf("forget", page).exit_code == 0
    write_changes(warehouse, before, tmp_path / "changes.json")
    changes = json.loads((tmp_path / "changes.json").read_text())["changes"]
    (taken_back,) = changes["withdrawn"]
    assert (taken_back["fiscal_year"], taken_back["expenditure_usd"]) == (2015, "9.00")
    again = write_changes(before, warehouse, tmp_path / "again.json").counts
    assert (again["withdrawn"], again["new_vintages"]) == (0, 1)


@contextmanager
def _reading_on(latest: Path) -> Iterator[dict[str, Any]]:
    """A process that opens the latest release again and again; what it was told, at the end."""
    told: dict[str, Any] = {}
    command = [sys.executable, "-c", _READ_ON, str(latest)]
    with killed_after(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"reading\n"
        yield told
        said, _ = process.communicate(b"enough\n", timeout=PATIENCE)
    assert process.returncode == 0
    told.update(json.loads(said))


_READ_ON = """
import json, select, sys, duckdb
answers, opened, last = [], 0, False
print("reading", flush=True)
while not last:
    last = bool(select.select([sys.stdin], [], [], 0.05)[0])  # told enough: once more
    with duckdb.connect(sys.argv[1], read_only=True) as con:
        (answer,) = con.sql("SELECT count(*) FROM core.expenditure_snapshot").fetchone()
    opened += 1
    if answers[-1:] != [answer]:
        answers.append(answer)
print(json.dumps({"opened": opened, "answers": answers}))
"""


@pytest.mark.usefixtures("no_home")
def test_nothing_is_published_where_there_is_no_warehouse(mptf: Mptf, home: Path) -> None:
    result = mptf("publish")
    assert result.exit_code == 1
    assert "there is no warehouse" in result.stderr
    assert not list((home / "releases").glob("*"))


@pytest.mark.proof
def test_killed_at_any_moment_the_latest_is_the_old_or_the_new_whole(
    published: Path, tmp_path: Path
) -> None:
    kills, killed = 40, 0
    home = tmp_path / "home"
    shutil.copytree(published, home, symlinks=True)
    command = [*COMMAND, "--home", str(home), "publish"]
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    seconds = time.monotonic() - begun
    before = _number(home)
    for kill in range(kills):
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
        time.sleep(seconds * (kill + 1) / (kills + 0.5))
        os.killpg(process.pid, signal.SIGKILL)
        killed += process.wait(PATIENCE) == -signal.SIGKILL
        assert _number(home) >= before
        assert _is_whole(home / "releases")
    assert killed >= kills / 2
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    assert _is_whole(home / "releases")
    assert not (home / "releases" / ".building").exists()


def _number(home: Path) -> int:
    """Which release of its day is the latest."""
    return int((home / "releases" / "latest").readlink().name.partition(".")[2] or 1)


@given(days=st.lists(st.integers(0, 900), max_size=60), keep=st.integers(1, 20))
def test_the_newest_and_the_last_of_each_month_are_kept(days: list[int], keep: int) -> None:
    first = date(2024, 1, 1)
    found = sorted(
        Release(first + timedelta(days=day), days[:at].count(day) + 1)
        for at, day in enumerate(days)
    )
    gone = expired_releases(found, keep)
    kept = [release for release in found if release not in gone]
    assert kept[-keep:] == found[-keep:]
    months = {(release.day.year, release.day.month) for release in found}
    assert {(release.day.year, release.day.month) for release in kept} == months
    for release in gone:
        later = [r for r in kept if r > release and r.day.month == release.day.month]
        assert later


def test_the_second_release_of_a_day_is_the_newer_one(tmp_path: Path) -> None:
    for name in ("mptf-2026-11-26", "mptf-2026-11-26.2", "mptf-2026-11-26.10", "mptf-2026-11-25"):
        (tmp_path / f"{name}.duckdb").touch()
    (tmp_path / "mptf-unfinished.duckdb").touch()
    assert [release.name for release in releases(tmp_path)] == [
        "mptf-2026-11-25", "mptf-2026-11-26", "mptf-2026-11-26.2", "mptf-2026-11-26.10",
    ]  # fmt: skip
