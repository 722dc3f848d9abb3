"""The parts one by one, for who works on one of them: `make bench-full`.

Each module has READERS (the variants' names), BASELINE (which of them is the peer) and `run(name)`,
which gives how many units a second, and the unit.
"""

import importlib
import sys

from benchmarks.measure import Measured
from benchmarks.table import Table

_MODULES = ("extract", "archive", "ingest", "rebuild", "page", "scheduled", "replica")


def components(table: Table) -> None:
    """Every part, each variant in a process of its own."""
    for module in _MODULES:
        part = importlib.import_module(f"benchmarks.components.{module}")
        for name in part.READERS:
            table.measure(
                module, name, [sys.executable, "-m", "benchmarks.components", module, name],
                size=1, unit=part.UNIT, peer=name == part.BASELINE, count=_count,
            )  # fmt: skip


def _count(one: Measured) -> int:
    return int(one.told["count"])
