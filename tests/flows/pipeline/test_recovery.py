"""Killed equals finished later; two writers at once; damage is named."""

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import pytest

from flows.pipeline.home import Home
from flows.pipeline.run import open_run, utc_now
from flows.rebuilding.reparse import retry
from flows.settings import Settings
from tests.command import COMMAND, Mptf
from tests.flows.pages import PAGES, SAMPLES, factsheet, many_factsheets, save
from tests.flows.tables import ask, dump, rows_of
from tests.processes import PATIENCE, eventually, killed_after
from warehouse.errors import WarehouseBusyError
from warehouse.ledger import open_quarantine

SMALL_BATCHES = {**os.environ, "MPTF_BATCH_CAPTURES": "20"}


@pytest.mark.proof
def test_an_ingest_that_is_killed_at_any_moment_is_finished_by_the_same_command(
    tmp_path: Path,
) -> None:
    """SIGKILL at random moments of 200 pages, each followed by the same command."""
    pages = tmp_path / "pages"
    many_factsheets(pages, 200)

    def start(home: Path) -> subprocess.Popen[bytes]:
        arguments = [*COMMAND, "--home", str(home), "ingest", str(pages)]
        return subprocess.Popen(arguments, env=SMALL_BATCHES, stderr=subprocess.DEVNULL)

    whole = tmp_path / "whole"
    began = time.monotonic()
    assert start(whole).wait(PATIENCE) == 0
    seconds = time.monotonic() - began
    expected = dump(whole / "warehouse.duckdb")
    assert len(expected["core.programme"]) == 133
    moments = random.Random(30)  # noqa: S311 because nothing is secret
    cut_short = 0
    kills = 20
    for kill in range(kills):
        home = tmp_path / f"killed{kill}"
        started = time.monotonic()
        run = start(home)
        time.sleep(moments.uniform(0.2, 0.8) * seconds)
        run.send_signal(signal.SIGKILL)
        print(f"killed after {time.monotonic() - started:.2f} of {seconds:.2f} seconds")
        cut_short += run.wait(PATIENCE) == -signal.SIGKILL
        assert start(home).wait(PATIENCE) == 0
        assert dump(home / "warehouse.duckdb") == expected
        captures = "SELECT capture_id FROM raw.capture ORDER BY ALL"
        assert ask(home / "warehouse.duckdb", captures) == ask(whole / "warehouse.duckdb", captures)
    assert cut_short >= kills / 2


def test_an_interrupt_stops_after_the_batch_in_hand_and_says_how_to_resume(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    many_factsheets(pages, 1500)  # so many that it is not done before the signal comes
    arguments = [*COMMAND, "--home", str(tmp_path / "home"), "ingest", str(pages)]
    archive = tmp_path / "home" / "archive"
    with killed_after(
        subprocess.Popen(arguments, env=SMALL_BATCHES, stderr=subprocess.PIPE)
    ) as run:
        eventually(lambda: any(archive.glob("*.open")) or None, "open archive file")
        run.send_signal(signal.SIGTERM)
        _, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1
    assert b"run the same command again to go on" in errors
    warehouse = tmp_path / "home" / "warehouse.duckdb"
    assert ask(warehouse, "SELECT outcome FROM meta.run") == [("interrupted",)]
    loaded = ask(warehouse, "SELECT count(*) FROM raw.capture")[0][0]
    assert isinstance(loaded, int)
    assert 0 < loaded < 1500
    assert not any(archive.glob("*.open"))


def test_a_second_writer_is_refused_with_the_name_of_the_first(mptf: Mptf, home: Path) -> None:
    with (home / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps({"pid": 4711, "command": "sync", "since": "2026-01-01 02:00:00"}))
        lock.flush()
        result = mptf("ingest", SAMPLES)
    assert result.exit_code == 1
    assert "`mptf sync` (process 4711, since 2026-01-01 02:00:00 UTC)" in result.stderr
    assert mptf("ingest", SAMPLES).exit_code == 0


def test_a_reader_of_the_working_file_is_waited_for_no_longer_than_said(home: Path) -> None:
    """With the home held meanwhile, so that the run is the next to have the file."""
    opened, now = Home(Settings(home=home)), utc_now()
    with open_run(opened, "sync", now):
        pass
    read = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(flush=True)"
    arguments = [sys.executable, "-c", f"{read}; sys.stdin.read()", str(opened.warehouse)]
    with killed_after(
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdout.readline()
        with pytest.raises(WarehouseBusyError), open_run(opened, "sync", now):
            pass
        left = threading.Event()

        def leave(held: IO[bytes]) -> None:
            left.set()
            held.close()

        threading.Timer(0.3, leave, [reader.stdin]).start()
        with open_run(opened, "sync", now, wait=PATIENCE):
            assert left.is_set()


@pytest.mark.usefixtures("samples")
def test_a_torn_tail_is_set_aside_and_no_damage(mptf: Mptf, home: Path) -> None:
    expected = dump(home / "warehouse.duckdb")
    (file,) = (home / "archive").glob("*.warc.gz")
    whole = file.read_bytes()
    open_file = file.with_name(f"{file.name}.open")
    file.rename(open_file)
    with open_file.open("ab") as tail:
        tail.write(whole[:100])
    assert mptf("verify").exit_code == 0
    assert mptf("ingest", SAMPLES).exit_code == 0
    assert file.read_bytes() == whole
    assert file.with_name(f"{file.name}.torn").read_bytes() == whole[:100]
    assert dump(home / "warehouse.duckdb") == expected
    assert mptf("verify").exit_code == 0


def test_what_a_killed_verify_built_is_removed_by_the_next_run(home: Path) -> None:
    """And no folder but that."""
    for name in ("verify-1a2b3c/rebuilt.duckdb", "verify-notes/mine.txt"):
        save((home / name).parent, (home / name).name, "")
    with open_run(Home(Settings(home=home)), "ingest", utc_now()):
        assert [path.name for path in home.glob("verify-*")] == ["verify-notes"]


@pytest.mark.usefixtures("samples")
def test_verify_names_every_planted_damage_and_nothing_else(mptf: Mptf, home: Path) -> None:
    import duckdb

    (file,) = (home / "archive").glob("*.warc.gz")
    offsets = ask(
        home / "warehouse.duckdb", "SELECT warc_offset, capture_id FROM raw.capture ORDER BY 1"
    )
    offset, capture_id = offsets[4]
    assert isinstance(offset, int)
    damaged = bytearray(file.read_bytes())
    damaged[offset + 200] ^= 0xFF
    file.write_bytes(damaged)
    with duckdb.connect(str(home / "warehouse.duckdb")) as con:
        con.execute(
            "UPDATE vintage.figure SET expenditure_usd = expenditure_usd + 1"
            " WHERE programme_id = '00091003' AND fiscal_year = 2012"
        )
    result = mptf("verify", "--json")
    assert result.exit_code == 1
    problems = json.loads(result.stdout)["problems"]
    planted = [f"byte {offset}: capture {capture_id}", f"bytes {offset}-", "00091003: 1 row is"]
    for sign in planted:
        assert any(sign in problem for problem in problems), sign
    programme = ask(
        home / "warehouse.duckdb",
        f"SELECT programme_id FROM raw.capture WHERE capture_id = '{capture_id}'",  # noqa: S608 because it is our own
    )[0][0]
    named = [*planted, f"{programme}: "]
    assert [p for p in problems if not any(sign in p for sign in named)] == []


def test_what_hangs_on_a_lost_file_is_not_named_again(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    """Neither a fund nor a page that other files only say was seen again."""
    first = [
        save(tmp_path, "programme.txt", factsheet(figures={("FAO", 2015): "7"})),
        Path(shutil.copy(PAGES / "fund_factsheet.html", tmp_path / "fund.html")),
    ]
    mptf("ingest", *first, "--captured-at", "2016-06-01")
    (lost,) = (home / "archive").glob("*.warc.gz")
    other = save(tmp_path, "other.txt", factsheet("00090002"))
    mptf("ingest", *first, other, "--captured-at", "2016-07-01")
    assert mptf("verify").exit_code == 0
    lost.rename(tmp_path / lost.name)
    problems = json.loads(mptf("verify", "--json").stdout)["problems"]
    assert problems == [f"{lost.name}: the archive file is missing"]


@pytest.mark.usefixtures("samples")
def test_a_rebuild_never_loses_what_only_a_damaged_record_told(mptf: Mptf, home: Path) -> None:
    """Rebuilding one programme leaves alone what the archive cannot give again."""
    expected = dump(home / "warehouse.duckdb")
    (file,) = (home / "archive").glob("*.warc.gz")
    ((offset,),) = ask(
        home / "warehouse.duckdb",
        "SELECT max(warc_offset) FROM raw.capture WHERE programme_id = '00091001'",
    )
    assert isinstance(offset, int)
    damaged = bytearray(file.read_bytes())
    damaged[offset + 200] ^= 0xFF
    file.write_bytes(damaged)
    result = mptf("rebuild", "91001")
    assert result.exit_code == 3
    assert "damaged" in result.stderr
    assert dump(home / "warehouse.duckdb") == expected


def test_a_fault_of_the_parser_sets_its_page_aside_and_a_retry_loads_it(
    tmp_path: Path, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.pipeline.parse

    def fail(*_: object, **_options: object) -> None:
        raise IndexError("out of range")

    page = save(tmp_path, "p.txt", factsheet(figures={("FAO", 2015): "7"}))
    with monkeypatch.context() as patched:
        patched.setattr(flows.pipeline.parse, "parse_page", fail)
        result = mptf("ingest", page, "--captured-at", "2016-01-01")
    assert result.exit_code == 3
    assert "IndexError: out of range [parser_fault]" in result.stderr
    assert not any(dump(home / "warehouse.duckdb").values())
    assert "parser_fault" in mptf("quarantine", "list").stdout
    assert mptf("quarantine", "retry").exit_code == 0
    assert mptf("quarantine", "list").stdout == ""
    assert len(rows_of(home / "warehouse.duckdb", "core.expenditure_snapshot")) == 1
    assert ask(
        home / "warehouse.duckdb", "SELECT resolved_at IS NOT NULL FROM meta.quarantine"
    ) == [(True,)]


def test_a_page_of_which_several_rows_were_set_aside_is_read_again_once(
    mptf: Mptf, home: Path
) -> None:
    """And what is in quarantine no longer, or never was, is named."""
    mptf("ingest", PAGES / "duplicate_and_contradicting_rows.html")
    opened = Home(Settings(home=home))
    with open_run(opened, "quarantine retry", utc_now()) as run:
        set_aside = [row.quarantine_id for row in open_quarantine(run.con)]
        assert len(set_aside) == 2
        retry(run, [*set_aside, *set_aside, "nothing"])
        assert run.log.bodies_parsed == 1
        assert [failed.subject for failed in run.log.failures] == ["nothing"]


def test_counts_add_up_in_every_run(tmp_path: Path, mptf: Mptf, home: Path) -> None:
    many_factsheets(tmp_path / "pages", 6)
    save(tmp_path / "pages", "shop.html", "<html><body>Shop</body></html>")
    save(tmp_path / "pages", "bad.txt", "x").with_name("bad.txt.json").write_text("{")
    mptf("ingest", tmp_path / "pages")
    mptf("ingest", tmp_path / "pages")
    runs = ask(
        home / "warehouse.duckdb",
        "SELECT captures, loaded, unchanged, quarantined, failed FROM meta.run ORDER BY started_at,"
        " loaded DESC",
    )
    assert runs == [(8, 6, 0, 1, 1), (8, 0, 6, 1, 1)]
