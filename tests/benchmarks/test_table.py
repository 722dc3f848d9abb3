"""Tests of the benchmarks' measurement and table."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import table as tables
from benchmarks.measure import VariantError, measured
from benchmarks.table import GOOD_FOR, Table
from tests.processes import PATIENCE
from tests.test_project import ROOT

_RESULT = "import json; print(json.dumps({'seconds': %s, 'cpu_seconds': %s, 'count': 100}))"


def test_memory_is_that_of_a_process_and_its_children() -> None:
    """A child with 100 MB counts, although its parent has next to none."""
    child = "import time; held = b'x' * 100_000_000; time.sleep(2)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert measured([sys.executable, "-c", parent]).peak_mb > 100


def test_the_error_of_a_failed_command_is_its_last_line() -> None:
    with pytest.raises(VariantError, match="exit code 1: ValueError: no such page"):
        measured([sys.executable, "-c", "raise ValueError('no such page')"])


def test_cpu_time_is_counted_of_what_ends_at_once_and_of_children() -> None:
    """A start of a tenth of a second is no 0, although memory is sampled as seldom."""
    spend = "import time\nwhile time.process_time() < 0.08: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spend!r}])"
    assert measured([sys.executable, "-c", parent]).cpu_seconds > 0.08


def test_a_command_runs_on_the_cores_that_it_is_given() -> None:
    script = "import json, os; print(json.dumps({'cores': len(os.sched_getaffinity(0))}))"
    command = [sys.executable, "-c", script]
    before = os.sched_getaffinity(0)
    assert measured(command, cores=1).told == {"cores": 1}
    assert os.sched_getaffinity(0) == before


def test_a_failed_variant_is_reported_and_the_others_still_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The table names the error and has the other ratios; the exit code is 1."""
    monkeypatch.setattr(tables, "RESULTS", tmp_path / "results.json")
    table = Table()
    for variant, code, peer in (
        ("ours", _RESULT % (2, 1), False),
        ("broken", "raise ValueError('no such page')", True),
        ("peer", _RESULT % (5, 4), True),
    ):
        command = [sys.executable, "-c", code]
        table.measure("rebuild", variant, command, size=1, unit="pages", peer=peer)
    assert table.finish() == 1
    printed = capsys.readouterr()
    assert "| broken | FAILED: exit code 1: ValueError: no such page |" in printed.out
    assert "| ours | 100 pages | 1 | 10 | 2 |" in printed.out
    assert "| peer 2.5 (4) |" in printed.out
    assert "1 failed: rebuild, broken" in printed.err
    ours, broken, peer_row = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert ours["ratios"] == {"peer": [2.5, 4]}
    assert broken["rate"] is None
    assert peer_row["rate"] == 20


def test_the_guide_has_every_row_of_the_table_and_what_it_is_good_for() -> None:
    """Between its two marks stands what `make bench` printed."""
    text = (ROOT / "docs" / "benchmarks.md").read_text()
    shown = text.partition("<!-- make bench -->\n")[2].partition("<!-- end -->")[0]
    lines = shown.strip().splitlines()
    assert lines[:2] == Table().markdown()
    named = [line.split("**")[1] for line in lines if line.startswith("| **")]
    assert named == list(GOOD_FOR)
    for benchmark, good_for in GOOD_FOR.items():
        assert f"| **{benchmark}**: {good_for} |" in shown
    assert all(line.count("|") == lines[0].count("|") for line in lines)


@pytest.mark.proof
def test_everything_runs_at_small_sizes() -> None:
    """Every benchmark has a row, and none of its variants fails."""
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--divided-by", "100"], cwd=ROOT,
        capture_output=True, text=True, check=False, timeout=10 * PATIENCE,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert [name for name in GOOD_FOR if f"| **{name}**" not in ran.stdout] == []
