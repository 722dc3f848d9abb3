"""Releases in a lake on PostgreSQL and S3, read by others while they are published."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.lake import LakeNewerError, share
from flows.pipeline.home import Home
from flows.pipeline.run import utc_now
from flows.releases import file_of, releases
from flows.settings import Settings
from tests.command import Mptf
from tests.flows.pages import ROOT, SAMPLES
from tests.lakes import (
    CONTACT,
    build_releases,
    extension_files,
    reading,
    relations,
    snapshots,
    stored_text,
    unlike,
)
from tests.processes import PATIENCE, eventually, killed_after
from tests.services import S3, Postgres, use
from warehouse.connection import Connection, quoted
from warehouse.lake import LakeError, Place, opened
from warehouse.lake_releases import add_release

pytestmark = pytest.mark.lake
NAMES = ("mptf-2015-01-01", "mptf-2016-01-01", "mptf-2017-01-01")
# A process that brings a release into a lake; arguments: the lake's URL and data, and a file.
ADD = """
import os, sys
from pathlib import Path
from warehouse.lake import Place, opened
from warehouse.lake_releases import add_release
file = Path(sys.argv[3])
with opened(Place(sys.argv[1], sys.argv[2]), os.environ) as con:
    add_release(con, file, file.name, "home")
"""


class Lake(NamedTuple):
    """An empty database and an empty bucket for a lake."""

    postgres: Postgres
    database: str
    s3: S3
    bucket: str

    @property
    def place(self) -> Place:
        return Place(f"ducklake:postgres:dbname={self.database}", f"s3://{self.bucket}/lake")

    def add(self, file: Path) -> None:
        with opened(self.place, os.environ) as con:
            add_release(con, file, file.name, "home")

    @property
    def _secret(self) -> str:
        return (
            "CREATE SECRET (TYPE s3, KEY_ID 'id', SECRET 'secret', REGION 'us-east-1', ENDPOINT"
            f" '{self.s3.endpoint.removeprefix('http://')}', URL_STYLE 'path', USE_SSL false)"
        )

    def here(self, text: str) -> str:
        """A text of the documents for this lake, on a machine without a network."""
        load = "; ".join(f"LOAD {quoted(str(file))}" for file in extension_files())
        text = re.sub(r"INSTALL [\w; ]+\b", load, text)
        text = re.sub(r"CREATE SECRET [^\n]+?\)", self._secret, text)
        return re.sub(r"(?<=ducklake:postgres:)[^'\"]+", f"dbname={self.database}", text)

    @contextmanager
    def reading(self, version: int | None = None) -> Iterator[Connection]:
        """Open the lake as an analyst does."""
        with reading(self.place.url, version, setup=self._secret) as con:
            yield con

    @contextmanager
    def commits_waiting(self) -> Iterator[Callable[[int], None]]:
        """Let no snapshot be made; the function waits until so many processes want to make one."""
        lock = "BEGIN; LOCK TABLE ducklake_snapshot IN SHARE MODE; SELECT 'locked';\n"
        with self.postgres.session(self.database) as session:
            session.ask(lock, "locked")
            yield self._wait_for

    def _wait_for(self, processes: int) -> None:
        waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
        eventually(
            lambda: self.postgres.query(self.database, waiting) == [str(processes)] or None,
            f"{processes} processes that want to make a snapshot",
        )

    def written(self) -> int:
        """The bytes of all Parquet files."""
        with self.reading() as con:
            size = "SELECT sum(size) FROM read_blob(?)"
            return int(con.execute(size, [f"{self.place.data}/**/*.parquet"]).fetchall()[0][0])


@pytest.fixture
def lake(postgres: Postgres, s3: S3, monkeypatch: pytest.MonkeyPatch) -> Lake:
    use(monkeypatch, postgres, s3)
    return Lake(postgres, postgres.database(), s3, s3.bucket())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three releases of one warehouse."""
    return build_releases(tmp_path_factory.mktemp("releases"), *NAMES)


def test_the_releases_of_the_command_are_snapshots_equal_to_their_files(
    lake: Lake, mptf: Mptf, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every table and view, row for row; macros answer the same.

    One that the lake missed, because it could not be reached, comes with the next.
    """
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("MPTF_KEEP_PAGES", "0")  # which are not what this is about
    to_lake = ("publish", "--lake", lake.place.url, "--data", lake.place.data)
    nights = sorted(SAMPLES.iterdir())
    for night in nights:
        assert mptf("ingest", night).exit_code == 0
        with monkeypatch.context() as away:
            if night == nights[1]:
                away.setenv("PGPORT", "1")
            published = mptf(*to_lake)
        if night == nights[1]:
            assert published.exit_code == 1
            assert "port 1 failed" in published.stderr
            assert "the next `mptf publish` brings it to the lake" in published.stderr
        else:
            assert published.exit_code == 0, published.stderr
            assert "is in the lake: " in published.stderr
    folder = home / "releases"
    files = [file_of(folder, release) for release in releases(folder)]
    with lake.reading() as con:
        versions = snapshots(con)
    assert list(versions) == [file.stem for file in files]
    for file in files:
        with lake.reading(versions[file.stem]) as con:
            assert unlike(con, file, views=True) == []
    assert not (tmp_path / "user" / ".duckdb").exists()


def test_a_changed_night_writes_little(lake: Lake, built: list[Path]) -> None:
    """Of a release with a capture more a tenth of a full one, at most."""
    written = [0]
    for file in built:
        lake.add(file)
        written.append(lake.written())
    full, *nights = [after - before for before, after in pairwise(written)]
    print(f"bytes of Parquet: a full release {full}, nights {nights}")
    assert max(nights) < full / 10


def test_nothing_private_is_in_the_bucket_or_in_the_database(lake: Lake, built: list[Path]) -> None:
    for file in built:
        lake.add(file)
    with lake.reading() as con:
        stored = stored_text(con, f"{lake.place.data}/**/*.parquet", [])
    stored += lake.postgres.dump(lake.database)
    public = ("Wells and water.", "mart.fund_year", built[-1].name)
    assert [text for text in public if text not in stored] == []
    private = (*CONTACT, "core.contact", lake.postgres.password, "secret-of-the-tests")
    assert [text for text in private if text in stored] == []


def test_a_reader_sees_whole_releases_while_they_are_published(
    lake: Lake, built: list[Path]
) -> None:
    """Each look is one transaction over several tables; it is that of one release."""
    look = (
        "SELECT (SELECT as_of FROM meta.warehouse), (SELECT count(*) FROM raw.capture),"
        " (SELECT sum(expenditure_usd) FROM mart.expenditure_current),"
        " (SELECT count(*) FROM vintage.figure)"
    )
    lake.add(built[0])

    def looks() -> list[object]:
        """Everything that was seen, until the last release is."""
        found: list[object] = []
        with lake.reading() as con:

            def last() -> list[object] | None:
                seen = con.execute(look).fetchall()[0]
                found.append(seen)
                return found if seen[1] == len(built) else None

            return eventually(last, "sight of the last release")

    with ThreadPoolExecutor() as pool:
        seen = pool.submit(looks)
        for file in built[1:]:
            lake.add(file)
        found = seen.result(PATIENCE)
    with lake.reading() as con:
        versions = snapshots(con)
    whole = []
    for version in versions.values():
        with lake.reading(version) as con:
            whole += con.execute(look).fetchall()
    assert len(set(whole)) == len(built)
    assert set(found) <= set(whole)


def test_a_kill_before_the_end_leaves_the_lake_as_it_was(lake: Lake, built: list[Path]) -> None:
    """Its files are written, and its snapshot is not; the same command again succeeds."""
    lake.add(built[0])
    with lake.commits_waiting() as wait_for:
        command = [sys.executable, "-c", ADD, *lake.place, str(built[1])]
        with killed_after(subprocess.Popen(command)) as process:
            wait_for(1)
            process.kill()
            process.wait(PATIENCE)
    with lake.reading() as con:
        assert list(snapshots(con)) == [built[0].name]
        assert unlike(con, built[0]) == []
    lake.add(built[1])
    with lake.reading() as con:
        assert list(snapshots(con)) == [built[0].name, built[1].name]
        assert unlike(con, built[1]) == []


def test_a_machine_whose_releases_are_older_leaves_the_lake_as_it_is(
    lake: Lake, built: list[Path], tmp_path: Path
) -> None:
    """Homes with one archive are one home to the lake, and have releases of the same names."""
    home = Home(Settings(home=tmp_path / "home"))

    def share_of(*files: Path) -> list[str]:
        folder = tmp_path / f"{len(files)} to {files[-1].name}"
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder / f"{file.name}.duckdb")
        return [name for name, _ in share(home, lake.place, utc_now(), folder=folder)]

    assert share_of(built[1]) == [NAMES[1]]
    with pytest.raises(LakeNewerError, match=f"has {NAMES[1]}, which is newer than {NAMES[0]}"):
        share_of(built[0])
    assert share_of(built[0], built[2]) == [NAMES[2]]
    with lake.reading() as con:
        assert list(snapshots(con)) == [NAMES[1], NAMES[2]]


def test_of_two_writers_at_once_one_is_refused(lake: Lake, built: list[Path]) -> None:
    """So no snapshot mixes two releases."""
    lake.add(built[0])

    def refusal(file: Path) -> str:
        try:
            lake.add(file)
        except LakeError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor() as pool:
        with lake.commits_waiting() as wait_for:
            both = [pool.submit(refusal, file) for file in built[1:]]
            wait_for(2)
        refusals = [each.result(PATIENCE) for each in both]
    assert sorted(map(bool, refusals)) == [False, True]
    assert "another process has published to it meanwhile" in max(refusals)
    winner = built[1 + refusals.index("")]
    with lake.reading() as con:
        assert list(snapshots(con)) == [built[0].name, winner.name]
        assert unlike(con, winner) == []


def test_a_reader_needs_no_more_than_to_read_the_catalogue(
    lake: Lake, built: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the statements of docs/operators.md, run once; and then it cannot write."""
    lake.add(built[0])
    (statements,) = _shown("operators.md", "sql", "CREATE ROLE")
    lake.postgres.query(lake.database, statements)
    lake.add(built[1])
    monkeypatch.setenv("PGUSER", "analyst")
    monkeypatch.setenv("PGPASSWORD", "...")
    with lake.reading() as con:
        assert unlike(con, built[1]) == []
        assert "mart.fund_year" in relations(con)
    with pytest.raises(LakeError, match="permission denied"):
        lake.add(built[2])


def test_the_ways_in_that_the_guide_shows_lead_into_the_lake(lake: Lake, built: list[Path]) -> None:
    """In DuckDB's command line and in Python, with extensions from packages, not from the net."""
    for file in built:
        lake.add(file)
    (statements,) = _shown("analysts.md", "sql", "ducklake:")
    (script,) = _shown("analysts.md", "python", "ducklake:")
    shell = Path(sys.executable).with_name("duckdb")
    said = _output([shell, "-csv", "-bail"], lake.here(statements))
    assert f"{NAMES[0]}\n" in said
    assert "FAO" in said
    assert "expenditure_usd" in _output([sys.executable, "-"], lake.here(script))


def _shown(document: str, language: str, word: str) -> list[str]:
    """The blocks of a document that have a word in them."""
    text = (ROOT / "docs" / document).read_text()
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for block in blocks if word in block]


def _output(command: list[str | Path], text: str) -> str:
    done = subprocess.run(
        command, input=text, check=False, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
