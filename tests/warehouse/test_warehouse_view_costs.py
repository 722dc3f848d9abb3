"""What a view of mart costs, beside a grouping of core by figure: in CPU time, in one run."""

from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from benchmarks.drawn import VISITS, captures, drawn
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from warehouse.connection import Connection, WriterLimits, open_reader, open_writer
from warehouse.load import Batch, load
from warehouse.schema import prepare, view_names

_PROGRAMMES, _AT_ONCE = 10_000, 2_000
_ONE = f"{_PROGRAMMES // 2:08}"
_GROUPING = """
    SELECT programme_id, organization, fiscal_year, max(known_from)
    FROM core.expenditure_snapshot GROUP BY ALL
"""


def _fill(file: Path) -> None:
    """Load half a million vintages."""
    con = open_writer(file, WriterLimits("1GB", 2))
    prepare(con)
    for start in range(0, _PROGRAMMES, _AT_ONCE):
        numbers = range(start, start + _AT_ONCE)
        load(
            con,
            Batch(
                observations=drawn(numbers, range(VISITS)),
                captures=capture_frame(captures(numbers, range(VISITS))),
                quarantined=quarantine_frame([]),
                archive_files=archive_file_frame({}),
            ),
        )
    con.close()


def _cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of the cheapest of three runs."""
    spent = []
    for _ in range(3):
        begun = process_time()
        work()
        spent.append(process_time() - begun)
    return min(spent)


def _columns(con: Connection, view: str) -> list[str]:
    return [name for name, *_ in con.execute(f"DESCRIBE {view}").fetchall()]


def _read(con: Connection, query: str) -> float:
    """Return the CPU seconds of all columns of a query, without their conversion for Python."""
    hashed = f"SELECT bit_xor(hash(COLUMNS(*))) FROM ({query})"  # noqa: S608 because the names come from the catalogue
    return _cpu_seconds(lambda: con.execute(hashed).fetchall())


@pytest.mark.proof
def test_a_view_costs_a_few_groupings_of_core_and_of_one_programme_about_one(
    tmp_path: Path,
) -> None:
    """Views choose rows before they widen them, and let a filter on a programme through."""
    _fill(tmp_path / "warehouse.duckdb")
    with open_reader(tmp_path / "warehouse.duckdb") as con:
        views = [view for view in view_names(con) if view.startswith("mart.")]
        grouping = _read(con, _GROUPING)
        whole = {view: _read(con, f"FROM {view}") / grouping for view in views}
        one = {
            view: _read(con, f"FROM {view} WHERE programme_id = '{_ONE}'") / grouping
            for view in views
            if "programme_id" in _columns(con, view)
        }
    assert len(views) > 25
    assert len(one) > 10
    assert sum(whole.values()) < 170, whole  # 100 when this was written, 300 before
    assert max(one.values()) < 3, one  # 1.5 when this was written, 6 before
