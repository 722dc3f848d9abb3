"""`make same` finds the rows that two checkouts do not have in common."""

import shutil
import sys
from pathlib import Path

import duckdb
import pytest

from tests.same import ROOT, Checkout, compare, differences


def test_two_warehouses_of_the_same_rows_do_not_differ(samples_home: Path, tmp_path: Path) -> None:
    warehouse = samples_home / "warehouse.duckdb"
    found, compared = differences(warehouse, shutil.copyfile(warehouse, tmp_path / "copy.duckdb"))
    assert found == []
    assert compared > 80


def test_a_row_that_differs_is_named_with_every_table_that_shows_it(
    samples_home: Path, tmp_path: Path
) -> None:
    """A lost row, a changed one and a new column are told apart; a run's own stamps are nothing."""
    there, here = samples_home / "warehouse.duckdb", tmp_path / "warehouse.duckdb"
    shutil.copyfile(there, here)
    with duckdb.connect(str(here)) as con:
        con.execute("UPDATE meta.run SET run_id = 'another'")
        con.execute("ALTER TABLE observed.document ADD COLUMN pages INTEGER")
        con.execute(
            "DELETE FROM observed.voucher WHERE rowid = (SELECT max(rowid) FROM observed.voucher)"
        )
        con.execute("UPDATE vintage.figure SET expenditure_usd = -1 WHERE rowid = 0")
    found = {one.table: one for one in differences(there, here)[0]}
    lost, changed = found["observed.voucher"], found["vintage.figure"]
    assert (lost.missing, lost.added, lost.rows[0] - lost.rows[1]) == (1, 0, 1)
    assert (changed.missing, changed.added, changed.rows[0] - changed.rows[1]) == (1, 1, 0)
    assert "-1" in changed.examples[1]
    assert found["observed.document"].columns == ["+pages INTEGER"]
    assert {"core.expenditure_snapshot", "mart.figure_history"} <= set(found)
    assert "meta.run" not in found


@pytest.mark.proof
def test_a_changed_rule_is_found_by_its_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A checkout in which no year ever becomes final has other vintages than this one."""
    other = Checkout(tmp_path / "other", Path(sys.executable))
    shutil.copytree(ROOT, other.root, ignore=shutil.ignore_patterns(".*", "tests", "data"))
    rule = other.root / "warehouse" / "sql" / "macros" / "basis.sql"
    text = rule.read_text()
    assert text.count("year(seen_at) - if(") == 1
    rule.write_text(text.replace("year(seen_at) - if(", "year(seen_at) - 9 - if("))
    here = Checkout(ROOT, other.python)
    assert compare(here, here, tmp_path / "same", "files") == 0
    assert compare(other, here, tmp_path / "different", "files") > 0
    assert "core.expenditure_snapshot" in capsys.readouterr().out
