"""Releases in a lake whose catalogue is a file; tests/flows/test_lake.py has PostgreSQL and S3."""

import os
import socket
import time
from pathlib import Path

import duckdb
import pytest

from extractors.errors import UsageError
from tests.lakes import (
    CONTACT,
    build_releases,
    extension_files,
    local,
    reading,
    relations,
    snapshots,
    stored_text,
    unlike,
)
from tests.warehouse.histories import at
from warehouse.lake import LakeError, LakeExtensionError, Place, opened, place
from warehouse.lake_releases import (
    LakeOwnerError,
    Written,
    add_release,
    check_owner,
    releases_in,
)

pytestmark = pytest.mark.skipif(
    not all(file.exists() for file in extension_files()),
    reason=f"DuckDB {duckdb.__version__} has no packages of its extensions",
)
FIRST, SECOND = "mptf-2015-02-01", "mptf-2016-06-01"
HOME = "the identity of a home"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two releases of one warehouse: of one capture, then of three."""
    return build_releases(tmp_path_factory.mktemp("releases"), FIRST, SECOND)


@pytest.fixture(scope="module")
def both(
    built: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Place, list[Written]]:
    """A lake with the two, and what each changed in it."""
    lake = local(tmp_path_factory.mktemp("lake"))
    return lake, add(lake, *built)


def add(lake: Place, *files: Path) -> list[Written]:
    with opened(lake, {}) as con:
        return [add_release(con, file, file.name, HOME) for file in files]


def test_two_releases_are_two_snapshots_each_equal_to_its_file(
    built: list[Path], both: tuple[Place, list[Written]]
) -> None:
    """Tables row for row, and macros; the second writes only what has changed."""
    lake, (first, second) = both
    assert second.added < first.added / 2
    assert second.tables < first.tables
    with reading(lake.url) as con:
        versions = snapshots(con)
        assert list(versions) == [FIRST, SECOND]
        before = "SELECT as_of FROM meta.warehouse AT (VERSION => ?)"
        assert con.execute(before, [versions[FIRST]]).fetchall() == [(at("2015-01-01"),)]
        assert unlike(con, built[1]) == []
    with reading(lake.url, versions[FIRST]) as con:
        assert unlike(con, built[0], macros=False) == []


@pytest.mark.lake
def test_a_release_without_a_change_is_a_snapshot_too(built: list[Path], tmp_path: Path) -> None:
    lake = local(tmp_path)
    add(lake, built[0])
    again = tmp_path / f"{FIRST}.2"
    os.link(built[0], again)
    assert add(lake, again) == [Written(1, 1, 1)]
    with reading(lake.url) as con:
        assert list(snapshots(con)) == [FIRST, again.name]
        assert unlike(con, built[0]) == []


@pytest.mark.lake
def test_a_release_of_other_tables_and_views_changes_those_of_the_lake(
    built: list[Path], tmp_path: Path
) -> None:
    """In the one snapshot: new, changed and dropped ones; the earlier snapshot keeps its own."""
    lake, changed = local(tmp_path), tmp_path / SECOND
    changed.write_bytes(built[0].read_bytes())
    with duckdb.connect(str(changed)) as con:
        con.execute("ALTER TABLE core.programme ADD COLUMN seal VARCHAR")
        con.execute("UPDATE core.programme SET seal = 'red'")
        con.execute("CREATE SCHEMA extra")
        con.execute("CREATE TABLE extra.note AS SELECT 1 AS number, 'one' AS text")
        con.execute("DROP VIEW mart.money_flow")
        con.execute("ALTER TABLE raw.archive_file DROP COLUMN indexed_bytes")
        con.execute("DROP VIEW mart.country_year")
        con.execute("CREATE TABLE mart.country_year AS SELECT 'Chad' AS country")
        con.execute("CREATE VIEW mart.seal AS SELECT seal FROM core.programme")
    add(lake, built[0], changed)
    with reading(lake.url) as con:
        versions = snapshots(con)
        assert unlike(con, changed) == []
        assert "mart.money_flow" not in relations(con)
    with reading(lake.url, versions[FIRST]) as con:
        assert unlike(con, built[0]) == []


def test_nothing_private_is_in_the_files_or_in_the_catalogue(
    built: list[Path], both: tuple[Place, list[Written]]
) -> None:
    """Looked for in everything that a lake stores, decoded; what is public is found there."""
    lake, _ = both
    with duckdb.connect(str(built[0].with_name("warehouse.duckdb")), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM core.contact").fetchall() != [(0,)]
    with duckdb.connect(lake.url.removeprefix("ducklake:"), read_only=True) as con:
        stored = stored_text(con, f"{lake.data}/**/*.parquet", relations(con))
    assert "Wells and water." in stored
    assert [text for text in (*CONTACT, "core.contact") if text in stored] == []


@pytest.mark.lake
def test_rows_that_are_equal_are_counted(built: list[Path], tmp_path: Path) -> None:
    """In a table without a key: twice, three times, once."""
    lake = local(tmp_path)
    for number, times in enumerate((2, 3, 1)):
        release = tmp_path / f"mptf-2015-02-0{number + 1}"
        release.write_bytes(built[0].read_bytes())
        with duckdb.connect(str(release)) as con:
            con.execute(f"CREATE TABLE core.note AS SELECT 'one' AS text FROM range({times})")  # noqa: S608 because the number is the test's own
        add(lake, release)
        with reading(lake.url) as con:
            assert unlike(con, release, macros=False) == []


@pytest.mark.lake
def test_only_own_files_that_nobody_needs_are_removed_and_only_after_a_day(
    built: list[Path], tmp_path: Path
) -> None:
    lake = local(tmp_path)
    add(lake, built[0])
    folder = tmp_path / "data" / "core" / "fund"
    folder.mkdir(parents=True, exist_ok=True)
    old, young = (folder / f"ducklake-01{number}.parquet" for number in (1, 2))
    foreign = tmp_path / "data" / "observed.parquet"
    for file in (old, young, foreign):
        file.write_bytes(b"bytes")
    for file in (old, foreign):
        os.utime(file, (time.time() - 2 * 86_400,) * 2)
    add(lake, built[1])
    assert old.exists()
    assert foreign.exists()
    foreign.unlink()
    third = tmp_path / "mptf-2016-06-02"
    os.link(built[0], third)
    add(lake, third)
    assert not old.exists()
    assert young.exists()
    with reading(lake.url) as con:
        assert unlike(con, third, views=True) == []


def test_a_lake_with_the_releases_of_another_home_is_refused(
    both: tuple[Place, list[Written]], tmp_path: Path
) -> None:
    with opened(local(tmp_path), {}) as con:
        check_owner(con, "another home")
    with opened(both[0], {}) as con:
        check_owner(con, HOME)
        assert releases_in(con) == [FIRST, SECOND]
        with pytest.raises(LakeOwnerError, match="another home"):
            check_owner(con, "another home")


@pytest.mark.parametrize(
    "connection",
    [
        "host=127.0.0.1 port=1 user=mptf password=Xyzzy",
        "host=127.0.0.1 port=1 user=mptf password='Xyz zy",
        "host=127.0.0.1 port=1 password=Xyz zy",
        "postgresql://mptf:Xyzzy@127.0.0.1:1/lake",
        "postgresql://mptf:Xyzzy@127.0.0.1:port/lake",
        "postgresql://mptf:Xy@zzy@127.0.0.1:1/lake",
        "postgresql://mptf:Xy@@zzy@127.0.0.1:1/lake",
        "postgresql://mptf:Xy/zzy@127.0.0.1:1/lake",
        "postgresql://mptf:Xy%ZZzzy@127.0.0.1:1/lake",
        "postgresql://127.0.0.1:1/lake?passwrd=Xyzzy",
        "Xyzzy",
    ],
)
def test_an_error_never_repeats_the_password(connection: str, tmp_path: Path) -> None:
    at_nobody = place(f"ducklake:postgres:{connection}", str(tmp_path))
    with pytest.raises(LakeError) as refused, opened(at_nobody, {"PGPASSWORD": "Xyzzy"}):
        pass
    assert not {"Xyz", "zy"} & set(str(refused.value).replace("'", " ").split())
    assert "zzy" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.lake
@pytest.mark.parametrize(
    "connection",
    [
        "host=127.0.0.1 port={port} user=mptf dbname=lake",
        "host=127.0.0.1 port={port} user=mptf password='p://w' dbname=lake",
        "postgresql://mptf:a?b@127.0.0.1:{port}/lake",
        "postgresql://127.0.0.1:{port}/lake?user=mptf",
    ],
)
def test_a_server_that_never_answers_is_given_up(connection: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ducklake:postgres:{connection.format(port=silent.getsockname()[1])}"
        with pytest.raises(LakeError, match="timeout"), opened(place(url, str(tmp_path)), {}):
            pass


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("postgres:dbname=lake", "data"), ("ducklake:", "data"), ("ducklake:sqlite:x", "data"),
        ("ducklake:x", ""), ("ducklake:x", "https://host.example/data"),
    ],
)  # fmt: skip
def test_a_url_of_no_lake_is_wrong_usage(url: str, data: str) -> None:
    with pytest.raises(UsageError, match="lake"):
        place(url, data)


def test_extensions_that_are_missing_are_named_with_what_brings_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("warehouse.lake.find_spec", lambda _: None)
    with pytest.raises(LakeExtensionError, match="install the project's extra"):
        add(local(tmp_path))
    assert list(tmp_path.iterdir()) == []
