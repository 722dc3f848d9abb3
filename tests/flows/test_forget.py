"""`mptf forget`: as if the captures had never been, but for what the archive keeps of them."""

import json
import random
import shutil
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace

import pytest

from extractors.archive.warc import make_record, make_revisit, parse_time
from extractors.archive.writer import ArchiveWriter
from extractors.ledger import ForgetAction
from flows.forget import forget
from flows.pipeline.home import Home
from flows.pipeline.run import open_run, utc_now
from flows.rebuilding.verify import verify
from flows.settings import Settings
from tests.command import COMMAND, Mptf
from tests.flows.nights import home_for, night
from tests.flows.pages import factsheet, many_factsheets, save
from tests.flows.tables import ask, dump, holders
from tests.processes import PATIENCE
from tests.stand_in import Replica

JUNE, JULY, AUGUST = (f"2015-{month}-01T08:00:00Z" for month in ("06", "07", "08"))
FIRST = factsheet(figures={("FAO", 2014): "100"})
SECOND = factsheet(figures={("FAO", 2014): "250"}, voucher="00077777")
PERSON = "Wilhelmina Featherstonehaugh"


def load(mptf: Mptf, folder: Path, name: str, text: str, time: str) -> Path:
    page = save(folder, name, text)
    assert mptf("ingest", page, "--captured-at", time).exit_code in {0, 3}
    return page


def spent(home: Path) -> list[tuple[object, ...]]:
    return ask(
        home / "warehouse.duckdb",
        "SELECT expenditure_usd::INTEGER FROM mart.expenditure_current ORDER BY ALL",
    )


def assert_sound(mptf: Mptf) -> None:
    """The archive, the ledger and the warehouse agree, and rebuilt equals grown."""
    result = mptf("verify")
    assert result.exit_code == 0, result.output


def test_a_forgotten_file_leaves_what_there_was_before_it_and_comes_back_when_restored(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    warehouse = home / "warehouse.duckdb"
    load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    before = dump(warehouse)
    second = load(mptf, tmp_path, "second.txt", SECOND, JULY)
    both = dump(warehouse)
    listed = mptf("forget", second, "--dry-run")
    assert "2015-07-01 08:00:00  file:second.txt" in listed.stdout
    assert dump(warehouse) == both
    result = mptf("forget", second)
    assert result.exit_code == 0, result.output
    assert result.stdout == listed.stdout
    assert "captures 1, loaded 0, unchanged 1, quarantined 0, failed 0" in result.stderr
    assert dump(warehouse) == before
    assert ask(warehouse, "SELECT url FROM raw.capture") == [("file:first.txt",)]
    assert ask(warehouse, "SELECT url FROM raw.forgotten") == [("file:second.txt",)]
    assert_sound(mptf)
    again = mptf("forget", second)
    assert (again.exit_code, again.stdout) == (0, "")
    result = mptf("ingest", second, "--captured-at", JULY)
    assert result.exit_code == 0
    assert "1 capture is forgotten, and not loaded: `mptf forget --restore" in result.stderr
    assert dump(warehouse) == before
    for _ in range(2):
        assert mptf("forget", second, "--restore").exit_code == 0
        assert dump(warehouse) == both
    assert mptf("rebuild").exit_code == 0
    assert dump(warehouse) == both
    assert_sound(mptf)


def test_a_capture_a_run_a_digest_and_an_archive_file_are_targets_too(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    load(mptf, tmp_path, "second.txt", SECOND, JULY)
    ((capture, run, digest, warc),) = ask(
        home / "warehouse.duckdb",
        "SELECT capture_id, run_id, body_sha256, warc_file FROM raw.capture"
        " WHERE url = 'file:second.txt'",
    )
    for target in (capture, run, digest, home / "archive" / str(warc), "file:second.txt"):
        listed = mptf("forget", str(target), "--dry-run").stdout
        assert listed == f"{capture}  2015-07-01 08:00:00  file:second.txt\n"
    assert spent(home) == [(250,)]
    assert mptf("forget", str(run)).exit_code == 0
    assert spent(home) == [(100,)]


def test_a_target_that_names_nothing_is_wrong_usage_and_a_run_without_captures_is_nothing_to_do(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    for target in (
        "0" * 32,
        "0" * 64,
        "nowhere.html",
        "a" * 5000,
        "file://[x",
        "20200101T000000Z-00000000",
    ):
        result = mptf("forget", target)
        assert result.exit_code == 2
        assert "names no capture of this home" in result.stderr
    ((run,),) = ask(
        home / "warehouse.duckdb", "SELECT max(run_id) FROM meta.run WHERE command LIKE 'forget%'"
    )
    result = mptf("forget", str(run))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to do" in result.stderr


@pytest.mark.usefixtures("no_home")
def test_in_an_empty_home_nothing_is_forgotten_and_nothing_is_written(
    mptf: Mptf, home: Path
) -> None:
    home.mkdir()
    result = mptf("forget", "0" * 32)
    assert (result.exit_code, list(home.iterdir())) == (1, [])
    assert "there is no warehouse" in result.stderr


def test_an_erasure_that_is_declined_is_no_run(
    mptf: Mptf, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("flows.cli.forget.sys", terminal)
    result = mptf("forget", "--erase", page)  # without an answer
    assert result.exit_code == 1
    assert "Erase these captures for good?" in result.stderr
    assert ask(home / "warehouse.duckdb", "SELECT command FROM meta.run") == [("ingest",)]
    assert spent(home) == [(100,)]


def test_status_names_the_runs_that_forgot_captures(mptf: Mptf, tmp_path: Path) -> None:
    page = load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    assert json.loads(mptf("status", "--json").stdout)["forgotten"] == []
    assert mptf("forget", page).exit_code == 0
    (found,) = json.loads(mptf("status", "--json").stdout)["forgotten"]
    assert (found["action"], found["captures"]) == ("forget", 1)
    assert mptf("forget", "--restore", page).exit_code == 0
    assert json.loads(mptf("status", "--json").stdout)["forgotten"] == []


def test_of_a_warc_file_all_records_are_forgotten_and_no_others(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """Another file holds the same page of another time, which stays."""
    url = "http://gateway.example/project/00090001"
    records = {
        "one": make_record(url, {"WARC-Date": JUNE}, FIRST.encode(), 200),
        "two": make_record(url, {"WARC-Date": JULY}, FIRST.encode(), 200)
        + make_record(url, {"WARC-Date": AUGUST}, SECOND.encode(), 200),
    }
    for name, content in records.items():
        (tmp_path / f"{name}.warc.gz").write_bytes(content)
        assert mptf("ingest", tmp_path / f"{name}.warc.gz").exit_code == 0
    assert mptf("forget", tmp_path / "two.warc.gz").exit_code == 0
    assert ask(home / "warehouse.duckdb", "SELECT captured_at::VARCHAR FROM raw.capture") == [
        ("2015-06-01 08:00:00",)
    ]
    assert_sound(mptf)


@pytest.mark.parametrize(
    ("clock", "options"),
    [("15 Jun 2016 1:05 PM GMT\n", ()), ("", ("--url", "https://mptf.undp.org/project/90001"))],
    ids=["time corrected", "URL given"],
)
def test_a_warc_file_is_a_target_whatever_replaced_its_time_or_url(
    clock: str, options: tuple[str, ...], mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    url = "http://gateway.example/project/00090001"
    file = tmp_path / "crawl.warc.gz"
    file.write_bytes(make_record(url, {"WARC-Date": JUNE}, f"{clock}{FIRST}".encode(), 200))
    assert mptf("ingest", file, *options).exit_code == 0
    assert mptf("forget", f"file://{file}").exit_code == 0
    assert spent(home) == []


def test_the_body_of_a_forgotten_capture_serves_later_captures_of_it(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """A revisit record that refers to it, and the same page at another time."""
    url = "http://gateway.example/project/00090001"
    page, again = tmp_path / "page.warc.gz", tmp_path / "again.warc.gz"
    page.write_bytes(make_record(url, {"WARC-Date": JUNE}, FIRST.encode(), 200))
    refers = {
        "WARC-Date": JULY,
        "WARC-Payload-Digest": "sha1:ANOTHER",
        "WARC-Refers-To-Target-URI": url,
        "WARC-Refers-To-Date": JUNE,
    }
    again.write_bytes(make_revisit(url, refers, 200))
    assert mptf("ingest", page).exit_code == 0
    assert mptf("forget", page).exit_code == 0
    assert spent(home) == []
    assert ask(home / "warehouse.duckdb", "SELECT count(*) FROM observed.body") == [(0,)]
    assert mptf("ingest", again).exit_code == 0
    assert spent(home) == [(100,)]
    assert ask(home / "warehouse.duckdb", "SELECT url, unchanged FROM raw.capture") == [(url, True)]
    assert mptf("rebuild", "--reread", "90001").exit_code == 0
    assert_sound(mptf)
    mptf("forget", again)
    load(mptf, tmp_path, "saved.txt", FIRST, AUGUST)
    assert spent(home) == [(100,)]
    assert_sound(mptf)


def test_quarantined_rows_go_with_the_capture_and_come_back_with_it(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    page = factsheet(figures={("FAO", 2014): "1,23,456", ("UNICEF", 2014): "7"})
    rows = "SELECT rule FROM meta.quarantine WHERE resolved_at IS NULL"
    bad = load(mptf, tmp_path, "bad.txt", page, JUNE)
    assert ask(home / "warehouse.duckdb", rows) == [("amount",)]
    mptf("forget", bad)
    assert ask(home / "warehouse.duckdb", rows) == []
    assert mptf("forget", "--restore", bad).exit_code == 3
    assert ask(home / "warehouse.duckdb", rows) == [("amount",)]


def order(home: Home, time: str, action: ForgetAction, run_id: str) -> None:
    """Archive an order about all captures that no run has carried out, as a kill leaves it."""
    at = parse_time(time)
    named = ask(home.warehouse, "SELECT capture_id, body_sha256 FROM raw.capture ORDER BY ALL")
    with ArchiveWriter(home.archive, run_id, at, lambda _: None) as writer:
        writer.add_orders(action, at, [(str(key), str(sha256)) for key, sha256 in named])


def test_the_newest_order_counts_in_whatever_order_they_are_read(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """Names sort the files of runs, and a clock may have been wrong; a kill came before all."""
    page = load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    of = Home(Settings(home=home))
    order(of, JULY, "forget", "c")
    order(of, AUGUST, "restore", "b")
    order(of, "2015-09-01T08:00:00Z", "forget", "a")
    assert mptf("rebuild").exit_code == 0
    assert spent(home) == []
    actions: list[ForgetAction] = ["restore", "forget"]
    for action in actions:
        with open_run(of, "forget", parse_time(JUNE)) as run:  # a clock that was set back
            forget(run, [str(page)], action)
        assert spent(home) == ([(100,)] if action == "restore" else [])
    assert_sound(mptf)


def test_a_capture_that_comes_after_the_order_about_it_is_forgotten(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """Its archive file was lost for a while."""
    page = load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    (file,) = (home / "archive").iterdir()
    assert mptf("forget", page).exit_code == 0
    file.rename(tmp_path / file.name)
    assert mptf("rebuild").exit_code == 1
    assert mptf("rebuild", "--accept-loss").exit_code == 3
    (tmp_path / file.name).rename(file)
    load(mptf, tmp_path, "second.txt", FIRST, JULY)
    assert ask(home / "warehouse.duckdb", "SELECT url FROM raw.forgotten") == [("file:first.txt",)]
    assert ask(home / "warehouse.duckdb", "SELECT url FROM raw.capture") == [("file:second.txt",)]
    assert_sound(mptf)


def test_erased_bytes_are_nowhere_in_the_home(mptf: Mptf, home: Path, tmp_path: Path) -> None:
    """With every capture of the same bytes; the rest is as if they had never been."""
    load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    before = dump(home / "warehouse.duckdb")
    page = load(mptf, tmp_path, "person.txt", SECOND.replace("Reef Watch", PERSON), JULY)
    load(mptf, tmp_path, "copy.txt", page.read_text(), AUGUST)
    assert len(holders(home / "archive", PERSON.encode())) == 1
    sizes = {path.name: path.stat().st_size for path in (home / "archive").iterdir()}
    for spilled in ("warehouse.duckdb.tmp", "warehouse.building.duckdb.tmp"):  # by killed runs
        (home / spilled).mkdir()
        (home / spilled / "duckdb_temp_storage_S32K-0.tmp").write_text(PERSON)
    (home / "verify-x").mkdir()
    (home / "verify-x" / "rebuilt.duckdb").write_text(PERSON)
    assert mptf("forget", "--erase", page).exit_code == 2  # without --yes, and not on a terminal
    result = mptf("forget", "--erase", "--yes", page)
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 2
    assert holders(home, PERSON.encode()) == []
    assert {name: (home / "archive" / name).stat().st_size for name in sizes} == sizes
    assert dump(home / "warehouse.duckdb") == before
    assert_sound(mptf)
    again = mptf("ingest", page, "--captured-at", "2015-09-01")
    assert again.exit_code == 3
    assert "its bytes were erased at a person's request" in again.stderr
    assert mptf("ingest", page, "--captured-at", JULY).exit_code == 0
    assert dump(home / "warehouse.duckdb") == before
    assert mptf("forget", "--erase", "--yes", page).exit_code == 0
    digest = ask(home / "warehouse.duckdb", "SELECT body_sha256 FROM raw.forget_order")[0][0]
    result = mptf("forget", "--restore", str(digest))
    assert "2 of them were erased: load their pages again" in result.stderr
    assert mptf("ingest", page, "--captured-at", JULY).exit_code == 0
    assert spent(home) == [(250,)]
    assert_sound(mptf)


@pytest.mark.lake
def test_what_was_erased_is_in_no_file_of_the_home_but_the_releases_that_are_named(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """Not in the next release, its page and its changes either, though the old one is there."""
    person = PERSON.encode()
    load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    page = load(mptf, tmp_path, "person.txt", SECOND.replace("Reef Watch", PERSON), JULY)
    assert mptf("publish").exit_code == 0
    old = (home / "releases" / "latest").resolve()
    assert len(holders(old, person)) > 10
    result = mptf("forget", "--erase", "--yes", page)
    assert result.exit_code == 0, result.output
    assert f"texts of the pages): {old.name}" in result.stderr
    assert mptf("publish").exit_code == 0
    shutil.rmtree(old)
    old.with_suffix(".duckdb").unlink()
    assert (home / "releases" / "latest" / "page" / "index.html").is_file()
    assert holders(home, person) == []


def test_an_erasure_that_was_killed_is_named_and_finished_by_the_same_command(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """After the order, while a file is written, and before the warehouse is built anew."""
    page = load(mptf, tmp_path, "person.txt", SECOND.replace("Reef Watch", PERSON), JULY)
    (file,) = (home / "archive").iterdir()
    file.with_name(f"{file.name}.erasing").write_bytes(file.read_bytes()[:500])
    of = Home(Settings(home=home))
    order(of, AUGUST, "erase", "zzz")
    load(mptf, tmp_path, "first.txt", FIRST, JUNE)
    result = mptf("verify")
    assert result.exit_code == 1
    assert "1 page is to be erased, and may still be in the archive" in result.stdout
    with open_run(of, "forget erase", parse_time(AUGUST)) as run:
        forget(run, [str(page)], "erase")
    assert mptf("verify").exit_code == 1
    (home / "releases").mkdir()
    (home / "releases" / "mptf-2026-01-02.duckdb").touch()
    result = mptf("forget", page, "--erase", "--yes")
    assert result.exit_code == 0
    assert "the warehouse was built anew" in result.stderr
    assert holders(home, PERSON.encode()) == []
    assert_sound(mptf)
    result = mptf("forget", tmp_path / "first.txt", "--erase", "--yes")
    named = "(they hold no contacts, but texts of the pages): mptf-2026-01-02"
    assert f"not changed {named}" in result.stderr


@pytest.mark.proof
def test_an_erasure_that_is_killed_at_any_moment_is_finished_by_the_same_command(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """SIGKILL at random moments, then again; the person's page stands in three archive files."""
    many_factsheets(tmp_path / "pages", 100)
    assert mptf("ingest", tmp_path / "pages", "--captured-at", JUNE).exit_code == 0
    before = dump(home / "warehouse.duckdb")
    text = SECOND.replace("Reef Watch", PERSON)
    pages = [load(mptf, tmp_path, f"person{n}.txt", f"{text}\n{n}", JULY) for n in range(3)]

    def start(folder: Path) -> subprocess.Popen[bytes]:
        arguments = [*COMMAND, "--home", str(folder), "forget", "--erase", "--yes"]
        return subprocess.Popen([*arguments, *map(str, pages)], stdout=subprocess.DEVNULL)

    whole = shutil.copytree(home, tmp_path / "whole")
    began = monotonic()
    assert start(whole).wait(PATIENCE) == 0
    seconds = monotonic() - began
    moments, cut_short, kills = random.Random(7), 0, 20  # noqa: S311 because it must repeat
    for kill in range(kills):
        folder = shutil.copytree(home, tmp_path / f"killed{kill}")
        run = start(folder)
        sleep(moments.uniform(0.2, 0.95) * seconds)
        run.send_signal(signal.SIGKILL)
        cut_short += run.wait(PATIENCE) == -signal.SIGKILL
        assert start(folder).wait(PATIENCE) == 0
        assert holders(folder, PERSON.encode()) == []
        assert dump(folder / "warehouse.duckdb") == before
        assert verify(Home(Settings(home=folder)), utc_now()) == []
    assert cut_short >= kills / 2


@pytest.mark.proof
def test_after_a_forgotten_night_every_page_is_fetched_in_full(
    replica: Replica, tmp_path: Path
) -> None:
    """The validators of forgotten pages make no request conditional; those of others do."""
    _, running = replica(programmes=4)
    of = home_for(tmp_path / "home", running)
    night(of, running)
    ((first, pages),) = ask(of.warehouse, "SELECT run_id, count(*) FROM raw.capture GROUP BY 1")
    running.move_to(running.now + timedelta(days=1))
    with open_run(of, "forget", running.now) as run:
        assert len(forget(run, [str(first)], "forget")) == pages
    night(of, running)
    statuses = "SELECT http_status, count(*) FROM raw.capture GROUP BY 1 ORDER BY 1"
    assert ask(of.warehouse, statuses) == [(200, pages)]
    running.move_to(running.now + timedelta(days=1))
    night(of, running)
    assert {status for status, _ in ask(of.warehouse, statuses)} == {200, 304}
