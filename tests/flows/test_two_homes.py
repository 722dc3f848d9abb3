"""Two homes with one bucket: one history, as one home would have it."""

import json
import os
from datetime import timedelta
from pathlib import Path
from unittest.mock import ANY

import pytest

from extractors.archive.inputs import CaptureOverrides
from extractors.archive.reader import ArchivedRecord
from extractors.objects import open_store
from flows.ingest import ingest
from flows.pipeline.home import Home
from flows.pipeline.lease import Lease
from flows.pipeline.run import open_run, utc_now
from flows.pipeline.stopping import LeaseLostError
from flows.settings import Settings
from tests.command import run_mptf
from tests.flows.pages import factsheet, save
from tests.flows.tables import ask, dump
from tests.homes import with_warehouse
from tests.processes import eventually
from tests.services import S3, use

_HOUR = timedelta(hours=1)


@pytest.fixture
def bucket(s3: S3, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set an empty bucket's prefix as the archive of every home of the test."""
    use(monkeypatch, s3)
    place = f"s3://{s3.bucket()}/archive"
    monkeypatch.setenv("MPTF_ARCHIVE", place)
    return place


def _home(folder: Path, name: str) -> Path:
    return with_warehouse(folder / name)


def _page(folder: Path, number: int, spent: str) -> Path:
    """A page of one programme, captured on one day after the other."""
    page = save(folder, f"{number}.txt", factsheet(figures={("FAO", 2014): spent}))
    save(folder, f"{number}.txt.json", f'{{"captured_at": "2015-03-{number:02}T03:00:00Z"}}')
    return page


def _away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # where nothing listens


@pytest.mark.lake
def test_two_homes_that_take_turns_have_the_history_of_one(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each loads what the other archived, at the beginning of its next run."""
    one, two, alone = (_home(tmp_path, name) for name in ("one", "two", "alone"))
    pages = [_page(tmp_path / "in", number, str(spent)) for number, spent in
             enumerate((100, 200, 200, 300), 1)]  # fmt: skip
    for number, page in enumerate([*pages, pages[3], pages[0]]):
        assert run_mptf((one, two)[number % 2], "ingest", page).exit_code == 0
    monkeypatch.delenv("MPTF_ARCHIVE")
    for page in pages:
        assert run_mptf(alone, "ingest", page).exit_code == 0
    grown = dump(alone / "warehouse.duckdb")
    assert len(grown["core.expenditure_snapshot"]) == 3
    monkeypatch.setenv("MPTF_ARCHIVE", bucket)
    for home in (one, two):
        assert dump(home / "warehouse.duckdb") == grown
        verified = run_mptf(home, "verify")
        assert (verified.exit_code, verified.stdout) == (0, "")
    third = _home(tmp_path, "third")
    assert run_mptf(third, "rebuild").exit_code == 0
    assert dump(third / "warehouse.duckdb") == grown


def test_a_night_without_the_bucket_is_told_and_not_lost(
    bucket: str, tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = _home(tmp_path, "one"), _home(tmp_path, "two")
    assert run_mptf(two, "ingest", _page(tmp_path / "in", 1, "100")).exit_code == 0
    _away(monkeypatch)
    night = run_mptf(one, "ingest", _page(tmp_path / "in", 2, "200"))
    assert night.exit_code == 3
    told = f"the archive's bucket could not be reached ({bucket}: it cannot be reached): 1 file"
    assert f"incomplete: {told} waits here to be pushed" in night.stderr
    assert not [secret for secret in s3.environment.values() if secret in night.output]
    ((recorded,),) = ask(
        one / "warehouse.duckdb",
        "SELECT incomplete_because FROM meta.run WHERE outcome = 'incomplete'",
    )
    assert told in str(recorded)
    check = run_mptf(one, "status", "--check")
    assert told in check.output
    for command in ("rebuild", "verify"):
        refused = run_mptf(one, command)
        assert refused.exit_code == 1
        assert f"mptf: {bucket}: it cannot be reached" in refused.stderr
    use(monkeypatch, s3)
    for home in (one, two):
        assert run_mptf(home, "ingest", _page(tmp_path / "in", 1, "100")).exit_code == 0
    assert dump(two / "warehouse.duckdb") == dump(one / "warehouse.duckdb")


@pytest.mark.lake
def test_a_capture_that_two_homes_archived_is_no_mismatch(
    bucket: str, tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tables are the same, whichever record the ledger names."""
    one, two = _home(tmp_path, "one"), _home(tmp_path, "two")
    pages = [_page(tmp_path / "in", number, f"{number}00") for number in (1, 2)]
    assert run_mptf(two, "ingest", pages[0]).exit_code == 0
    _away(monkeypatch)
    assert run_mptf(one, "ingest", *pages).exit_code == 3
    use(monkeypatch, s3)
    for home in (one, two, one):
        assert run_mptf(home, "ingest", pages[1]).exit_code == 0
    assert dump(two / "warehouse.duckdb") == dump(one / "warehouse.duckdb")
    for home in (one, two):
        verified = run_mptf(home, "verify")
        assert (verified.exit_code, verified.stdout) == (0, "")


@pytest.mark.lake
def test_a_page_that_one_home_erases_is_erased_for_all(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = _home(tmp_path, "one"), _home(tmp_path, "two")
    first, second = (_page(tmp_path / "in", number, "100") for number in (1, 2))
    second.write_text(factsheet("00090002", figures={("WHO", 2014): "7"}))
    for home in (one, two):
        assert run_mptf(home, "ingest", first, second).exit_code == 0
    with monkeypatch.context() as gone:
        _away(gone)
        refused = run_mptf(one, "forget", second, "--erase", "--yes")
        assert refused.exit_code == 1
        assert "it cannot be reached" in refused.stderr
    erased = run_mptf(one, "forget", second, "--erase", "--yes")
    assert erased.exit_code == 0, erased.output
    assert run_mptf(two, "ingest", first).exit_code == 0
    assert run_mptf(two, "rebuild").exit_code == 0
    for home in (one, two):
        assert dump(home / "warehouse.duckdb") == dump(one / "warehouse.duckdb")
        assert run_mptf(home, "verify").stdout == ""
        held = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        assert b"00090001" in held
        assert b"RW-00090002" not in held


@pytest.mark.lake
def test_what_was_erased_while_a_file_waited_is_not_pushed_with_it(
    bucket: str, tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the bucket comes back in the middle of a run, which has not seen the order."""
    one, two = _home(tmp_path, "one"), _home(tmp_path, "two")
    first, second = (_page(tmp_path / "in", number, "100") for number in (1, 2))
    second.write_text(factsheet("00090002", figures={("WHO", 2014): "7"}))
    _away(monkeypatch)
    assert run_mptf(two, "ingest", first, second).exit_code == 3
    with open_run(Home(Settings(home=two)), "ingest", utc_now()) as run:
        use(monkeypatch, s3)
        assert run_mptf(one, "ingest", first, second).exit_code == 0
        assert run_mptf(one, "forget", second, "--erase", "--yes").exit_code == 0
        before = open_store(bucket).names()
        ingest(run, [_page(tmp_path / "in", 3, "300")], CaptureOverrides())
    assert open_store(bucket).names() == before
    for home in (two, one):
        assert run_mptf(home, "ingest", first).exit_code == 0
    assert len(open_store(bucket).names()) == len(before) + 2
    archived = Home(Settings(home=one)).archive
    urls = [found.capture.url for name in archived.files() for found in archived.records(name)
            if isinstance(found, ArchivedRecord)]  # fmt: skip
    assert sorted(url.rpartition(":")[2] for url in urls) == ["1.txt", "1.txt", "3.txt"]
    assert dump(two / "warehouse.duckdb") == dump(one / "warehouse.duckdb")


def test_status_names_the_bucket_what_waits_and_who_writes(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = _home(tmp_path, "one"), _home(tmp_path, "two")
    with monkeypatch.context() as gone:
        _away(gone)
        run_mptf(one, "ingest", _page(tmp_path / "in", 1, "100"))
        assert f"{bucket}: it cannot be reached" in run_mptf(one, "status").output
    with Home(Settings(home=two)).writing("sync --all", utc_now()):
        told = " ".join(run_mptf(one, "status").output.split())
        assert f"archive {bucket}: 1 file waits here to be pushed" in told
        assert "`mptf sync --all` (process " in told
        busy = run_mptf(one, "ingest", tmp_path / "in")
        assert busy.exit_code == 1
        assert f"is writing to {bucket}: try again when it has finished" in busy.stderr
    assert json.loads(run_mptf(one, "status", "--json").output)["archive"] == {
        "place": bucket, "waiting": 1, "waiting_since": ANY, "writer": "no home is writing to it",
    }  # fmt: skip
    (waiting,) = (one / "archive").glob("*.warc.gz")
    os.utime(waiting, (0, 0))
    check = run_mptf(one, "status", "--check")
    assert check.exit_code == 3
    assert f"1 file waits to be pushed to {bucket}, the oldest since 1970-01-01" in check.output


def test_a_run_whose_lease_another_home_has_taken_stops_between_two_batches(
    bucket: str, tmp_path: Path
) -> None:
    """What it archived until then is in the bucket all the same."""
    home = Home(Settings(home=_home(tmp_path, "one"), lease_seconds=5, batch_captures=1))
    other = Lease(open_store(bucket), "another", "1", "sync", 300, lambda: utc_now() + _HOUR)

    def work() -> None:
        with open_run(home, "ingest", utc_now()) as run:
            ingest(run, [_page(tmp_path / "in", 1, "100")], CaptureOverrides())
            other.take()
            eventually(lambda: home.lost_lease, "loss of the lease")
            ingest(run, [_page(tmp_path / "in", 2, "200")], CaptureOverrides())

    with pytest.raises(LeaseLostError, match=r"`mptf sync` .* is writing to s3://"):
        work()
    ((outcome, because),) = ask(home.warehouse, "SELECT outcome, incomplete_because FROM meta.run")
    assert outcome == "failed"
    assert "is writing to s3://" in str(because)
    names = open_store(bucket).names()
    assert [name for name in names if name != "lease.json"] == home.archive.files()
    assert len(names) == 2
