"""What hostile pages, full disks and lost files do: less than everything, and never in silence."""

import base64
import errno
import os
import random
import resource
import subprocess
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from tests.command import COMMAND, Mptf
from tests.flows.pages import PAGES, SAMPLES, factsheet, save
from tests.flows.tables import ask, dump, rows_of
from tests.processes import PATIENCE


def test_a_full_rebuild_keeps_the_old_file_where_the_archive_lacks_something(
    mptf: Mptf, home: Path
) -> None:
    for date in sorted(SAMPLES.iterdir()):
        mptf("ingest", date)
    before = dump(home / "warehouse.duckdb")
    lost = sorted((home / "archive").glob("*.warc.gz"))[0]
    lost.unlink()
    result = mptf("rebuild")
    assert result.exit_code == 1
    assert f"{lost.name}: the archive file is missing" in result.stderr
    assert dump(home / "warehouse.duckdb") == before
    result = mptf("rebuild", "--accept-loss")
    assert result.exit_code == 3
    assert lost.name in result.stderr
    assert len(rows_of(home / "warehouse.duckdb", "core.programme")) > 0


def test_a_rebuild_that_cannot_put_its_file_in_place_is_not_done(
    mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it set aside: done in part is what has come to its end."""
    assert mptf("ingest", PAGES / "amount_grouped_wrongly.html").exit_code == 3

    def fail(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("flows.rebuilding.rebuild.discard_leftovers", fail)
        result = mptf("rebuild")
    assert "No space left on device" in result.stderr
    assert result.exit_code == 1
    result = mptf("rebuild")
    assert "going on with the rebuild" not in result.stderr
    assert result.exit_code == 3
    assert list(home.glob("warehouse.building*")) == []


def test_a_page_that_cannot_be_typed_stops_no_other_page(
    tmp_path: Path, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.pipeline.parse
    from transforms.batches import Typed
    from transforms.observe import ReadBody, typed

    def fail(bodies: Iterable[ReadBody]) -> Typed:
        read = list(bodies)
        if any(getattr(body.page, "programme_id", "") == "00090002" for body in read):
            raise OverflowError("too large")
        return typed(read)

    for number in (1, 2, 3):
        page = factsheet(f"0009000{number}", figures={("FAO", 2015): "7"})
        save(tmp_path / "pages", f"{number}.txt", page)
    with monkeypatch.context() as patched:
        patched.setattr(flows.pipeline.parse, "typed", fail)
        result = mptf("ingest", tmp_path / "pages", "--captured-at", "2016-01-01")
    assert result.exit_code == 3
    assert "OverflowError: too large [parser_fault]" in result.stderr
    assert "captures 3, loaded 2, unchanged 0, quarantined 1, failed 0" in result.stderr
    assert mptf("quarantine", "retry").exit_code == 0
    assert len(rows_of(home / "warehouse.duckdb", "core.programme")) == 3


def test_a_sum_larger_than_any_column_is_no_fault(tmp_path: Path, mptf: Mptf) -> None:
    rows = {(f"Agency {number}", 2015): "999,999,999,999" for number in range(10_001)}
    page = factsheet(figures={**rows, ("Total", 2015): "1"})
    result = mptf("ingest", save(tmp_path, "p.txt", page), "--captured-at", "2016-01-01")
    assert result.exit_code == 0


@pytest.mark.proof
def test_a_full_disk_leaves_nothing_half_written_and_the_same_command_finishes(
    tmp_path: Path, home: Path, mptf: Mptf
) -> None:
    chance = random.Random(1)  # noqa: S311 because nothing is secret
    largest_file = 12_000_000  # bytes: the schema alone takes a few million
    save(tmp_path / "pages", "0.txt", factsheet(figures={("FAO", 2015): "7"}))
    for number in (1, 2, 3, 4):
        noise = base64.b64encode(chance.randbytes(6_000_000)).decode()
        save(tmp_path / "pages", f"{number}.txt", factsheet(f"0009000{number + 1}") + "\n" + noise)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    arguments = ["--home", str(home), "ingest", str(tmp_path / "pages")]
    run = subprocess.run(
        [*COMMAND, *arguments], preexec_fn=limit, capture_output=True, text=True, check=False,
        timeout=PATIENCE,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.startswith("mptf: ")
    assert len(run.stderr.splitlines()) == 1
    assert mptf("ingest", tmp_path / "pages").exit_code == 0
    assert mptf("verify").exit_code == 0
    assert len(rows_of(home / "warehouse.duckdb", "core.programme")) == 5


@pytest.mark.usefixtures("samples")
def test_a_damaged_warehouse_file_is_one_clear_line_and_a_rebuild_mends_it(
    mptf: Mptf, home: Path
) -> None:
    before = dump(home / "warehouse.duckdb")
    file = home / "warehouse.duckdb"
    content = bytearray(file.read_bytes())
    content[16_384:] = random.Random(1).randbytes(len(content) - 16_384)  # noqa: S311 because nothing is secret
    file.write_bytes(content)
    for command in (["status"], ["verify"], ["ingest", SAMPLES], ["sql", "FROM core.narrative"]):
        result = mptf(*command)
        assert result.exit_code == 1, command
        assert len(result.stderr.splitlines()) == 1
        assert result.exception is None or isinstance(result.exception, SystemExit)
    judged = mptf("status", "--check")
    assert judged.exit_code == 1
    assert judged.stdout.startswith("FAILED: ")
    assert len(judged.stdout.splitlines()) == 1
    assert mptf("rebuild").exit_code == 0
    assert dump(file) == before


@pytest.mark.usefixtures("samples")
def test_verify_finds_every_falsified_table_and_a_rebuild_repairs_it(
    mptf: Mptf, home: Path
) -> None:
    assert mptf("verify").exit_code == 0
    changes = (
        "UPDATE raw.capture SET url = 'https://example.org/' WHERE programme_id = '00091003'",
        "UPDATE observed.figure SET expenditure_usd = 1",
        "DELETE FROM observed.finding",
        "INSERT INTO meta.check_result BY NAME SELECT 'sums' AS check_name, '' AS subject,"
        " '' AS capture_id, false AS passed, 0 AS tolerance, '00091003' AS programme_id",
        "UPDATE vintage.passed_check SET passed = passed + 1 WHERE about = '00091003'",
    )
    with duckdb.connect(str(home / "warehouse.duckdb")) as con:
        for change in changes:
            con.execute(change)
    found = mptf("verify")
    assert found.exit_code == 1
    falsified = {line.partition(",")[0].rpartition(" ")[2] for line in found.stdout.splitlines()}
    assert falsified == {
        "raw.capture", "observed.figure", "observed.finding", "meta.check_result",
        "vintage.passed_check",
    }  # fmt: skip
    assert mptf("rebuild", "--reread").exit_code == 0
    assert mptf("verify").exit_code == 0


def test_a_status_counts_for_the_basis_though_its_block_is_in_quarantine(
    tmp_path: Path, mptf: Mptf, home: Path
) -> None:
    page = factsheet(status="Financially Closed", end="31 Feb 2016", figures={("FAO", 2015): "7"})
    mptf("ingest", save(tmp_path, "p.txt", page), "--captured-at", "2016-01-10")
    rows = ask(home / "warehouse.duckdb", "SELECT basis FROM core.expenditure_snapshot")
    assert rows == [("year_end",)]


def test_a_sidecar_among_the_paths_is_no_page(mptf: Mptf) -> None:
    result = mptf("ingest", *sorted((SAMPLES / "2015-11-20").iterdir()))
    assert result.exit_code == 0
    assert "captures 4, loaded 4" in result.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [("MPTF_SQL_MEMORY", "lots"), ("MPTF_MAX_BODY_BYTES", "-1"), ("MPTF_SQL_SECONDS", "0")],
)
def test_a_setting_that_cannot_be_is_wrong_usage(
    setting: str, value: str, mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, value)
    result = mptf("status")
    assert result.exit_code == 2
    assert setting in result.stderr


def test_a_settings_file_that_is_no_toml_is_wrong_usage(tmp_path: Path, mptf: Mptf) -> None:
    (tmp_path / "mptf.toml").write_text("home = [")
    result = mptf("status")
    assert result.exit_code == 2
    assert "mptf.toml cannot be read" in result.stderr


def test_a_settings_file_of_another_user_is_refused(
    tmp_path: Path, mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in a folder that everybody writes to, such as /tmp, decides nothing."""
    file = tmp_path / "mptf.toml"
    file.write_text("keep_pages = 1")
    assert mptf("quarantine", "list").exit_code == 0
    if os.geteuid() == 0:
        os.chown(file, 65_534, -1)
    else:
        other = os.geteuid() + 1
        monkeypatch.setattr("flows.settings.os.geteuid", lambda: other)
    result = mptf("quarantine", "list")
    assert result.exit_code == 2
    assert f"{file} belongs to another user" in result.stderr


def test_an_address_that_readers_of_the_archive_would_change_is_refused(
    tmp_path: Path, mptf: Mptf
) -> None:
    page = save(tmp_path, "p.txt", factsheet())
    url = "<https://mptf.undp.org/factsheet/project/00090001>"
    assert mptf("ingest", page, "--url", url).exit_code == 2
