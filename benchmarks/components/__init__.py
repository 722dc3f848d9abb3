"""Benchmarks of single components (`make bench-full`).

Each module has VARIANTS (names), BASELINE (the one that is the peer), UNIT, and `run(name)`, which
returns the number of units and the seconds.
"""

import importlib
import sys

from benchmarks.measure import Measured
from benchmarks.table import Table

_MODULES = ("extract", "archive", "ingest", "rebuild", "scheduled")


def components(table: Table) -> None:
    """Measure every variant in its own process."""
    for module in _MODULES:
        component = importlib.import_module(f"benchmarks.components.{module}")
        for name in component.VARIANTS:
            table.measure(
                module, name, [sys.executable, "-m", "benchmarks.components", module, name],
                size=1, unit=component.UNIT, peer=name == component.BASELINE, count=_count,
            )  # fmt: skip


def _count(one: Measured) -> int:
    return int(one.told["count"])
