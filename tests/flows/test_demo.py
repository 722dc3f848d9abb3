"""`mptf demo`: three dates, something interim, something final, and a home of its own."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from tables import ask

from flows.cli import main


def test_the_demo_ends_with_interim_beside_year_end_and_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = CliRunner().invoke(main, ["demo"])
    assert first.exit_code == 0
    shown = ask(
        tmp_path / "data" / "demo" / "warehouse.duckdb",
        "SELECT organization, interim_usd::INT, year_end_usd::INT, difference_usd::INT"
        " FROM mart.interim_vs_year_end WHERE programme_id = '00091001' ORDER BY ALL",
    )
    assert shown == [
        ("FAO", 201774, 214069, 12295),
        ("UN Women", 88940, 117455, 28515),
        ("UNICEF", 198615, 191230, -7385),
    ]
    assert all(f" {figure}.00 " in first.stdout for row in shown for figure in row[1:])
    assert not (tmp_path / "data" / "warehouse.duckdb").exists()
    again = CliRunner().invoke(main, ["demo"])
    assert again.exit_code == 0
    assert "loaded 0, unchanged 4" in again.stderr
    assert again.stdout == first.stdout
