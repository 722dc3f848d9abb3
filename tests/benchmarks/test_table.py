"""Tests of the benchmarks' measurement and table."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import table as tables
from benchmarks.measure import VariantError, measured
from benchmarks.table import Table

_RESULT = "import json; print(json.dumps({'seconds': %s, 'count': 100}))"


def test_memory_is_that_of_a_process_and_its_children() -> None:
    """A child with 100 MB counts, although its parent has next to none."""
    child = "import time; held = b'x' * 100_000_000; time.sleep(2)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert measured([sys.executable, "-c", parent]).peak_mb > 100


def test_the_error_of_a_failed_command_is_its_last_line() -> None:
    with pytest.raises(VariantError, match="exit code 1: ValueError: no such page"):
        measured([sys.executable, "-c", "raise ValueError('no such page')"])


def test_a_failed_variant_is_reported_and_the_others_still_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The table names the error and has the other ratios; the exit code is 1."""
    monkeypatch.setattr(tables, "RESULTS", tmp_path / "results.json")
    table = Table()
    for variant, code, peer in (
        ("ours", _RESULT % 2, False),
        ("broken", "raise ValueError('no such page')", True),
        ("peer", _RESULT % 5, True),
    ):
        command = [sys.executable, "-c", code]
        table.measure("a crawl", variant, command, size=1, unit="pages", peer=peer)
    assert table.finish() == 1
    printed = capsys.readouterr().out
    assert "broken           FAILED: exit code 1: ValueError: no such page" in printed
    assert "1 failed: a crawl, broken" in printed
    ours, broken, peer_row = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert ours["ratios"] == {"peer": 2.5}
    assert broken["rate"] is None
    assert peer_row["rate"] == 20
