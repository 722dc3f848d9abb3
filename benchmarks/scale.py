"""What histories of other sizes cost: a model, computed from what the benchmarks measured.

Costs grow with captures and with pages (distinct bodies), by the difference between two measured
sizes. Reading and deriving are divided among cores; loading, uniting and writing are done by one
process. One and two cores are measured, everything else is the model. `make bench` prints it;
again: `python -m benchmarks.scale [FILE]`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.table import RESULTS

_CORES = (1, 2, 8, 32)


class History(NamedTuple):
    """Captures of a site or of many, over some years."""

    name: str
    captures: float
    pages: float  # distinct


# 20,000 programmes, of which a quarter is asked for each night; one capture in 200 is a new page.
HISTORIES = (
    History("the Gateway, a year", 2e6, 20_000 + 2e6 / 200),
    History("the Gateway, 20 years", 40e6, 20_000 + 40e6 / 200),
    History("the Gateway, 20 years, all pages differ", 40e6, 40e6),
    History("a hundred times, a year", 200e6, 2e6 + 200e6 / 200),
    History("a hundred times, 20 years", 4e9, 2e6 + 4e9 / 200),
)


class Costs(NamedTuple):
    """What one page or capture costs: CPU seconds, and bytes."""

    read_page: float
    load_capture: float  # by one process, with the union of shards
    derive_capture: float  # in shards
    sync_capture: float
    archive_page: float
    archive_capture: float
    warehouse_page: float
    warehouse_capture: float
    parts_page: float

    def read_hours(self, history: History, cores: int) -> float:
        """Return the hours in which so many cores read a history to parts."""
        return history.pages * self.read_page / cores / 3600

    def rebuild_hours(self, history: History, cores: int) -> float:
        """Return the hours of a rebuild from parts, with a shard on each core."""
        each = self.load_capture + self.derive_capture / cores
        return history.captures * each / 3600

    def gigabytes(self, history: History) -> dict[str, float]:
        """Return the sizes of the archive, the warehouse and the parts."""
        captures, pages = history.captures, history.pages
        return {
            "archive": (pages * self.archive_page + captures * self.archive_capture) / 1e9,
            "warehouse": (pages * self.warehouse_page + captures * self.warehouse_capture) / 1e9,
            "parts": pages * self.parts_page / 1e9,
        }


def costs_of(rows: list[dict[str, Any]]) -> Costs:
    """Return what one page or capture more costs: the difference between two measured sizes.

    Raises:
        ValueError: A row is missing or failed at one of the two sizes.
    """
    first, again = _Sizes(rows, "first sync", "ours"), _Sizes(rows, "unchanged re-sync", "ours")
    read, ledger = _Sizes(rows, "read", "one reader"), _Sizes(rows, "a ledger")
    shards = _Sizes(rows, "rebuild alone", "parts, 2 shards")
    pages, visits = first.more("captures"), again.more("captures") - first.more("captures")
    load = shards.more("own_cpu_seconds")
    return Costs(
        read_page=read.more("cpu_seconds") / read.more("units"),
        load_capture=load / shards.more("units"),
        derive_capture=(shards.more("cpu_seconds") - load) / shards.more("units"),
        sync_capture=again.more("cpu_seconds") / visits,
        archive_page=first.more("archive_bytes") / pages,
        archive_capture=(again.more("archive_bytes") - first.more("archive_bytes")) / visits,
        warehouse_page=first.more("warehouse_bytes") / pages,
        warehouse_capture=ledger.more("file_bytes") / ledger.more("units"),
        parts_page=read.more("parts_bytes") / read.more("units"),
    )


class _Sizes:
    """The smallest and the largest size of one variant, or of all of a benchmark."""

    def __init__(self, rows: list[dict[str, Any]], benchmark: str, variant: str = "") -> None:
        found = [
            {**row["details"], **row}
            for row in sorted(rows, key=lambda row: int(row["size"]))
            if row["benchmark"] == benchmark
            and (not variant or row["variant"] == variant)
            and row["error"] is None
        ]
        if len({row["units"] for row in found}) < 2:
            raise ValueError(f"{benchmark} {variant}".strip() + " was not measured at two sizes")
        self._least, self._most = found[0], found[-1]

    def more(self, name: str) -> float:
        """Return how much more there is of something at the largest size."""
        return float(self._most[name]) - float(self._least[name])


def lines(costs: Costs) -> Iterator[str]:
    """Yield the model as text: the costs, then a line for each history."""
    yield "a model, computed from the rows above: each page or capture costs"
    yield "  CPU ms: " + ", ".join(
        f"{name.replace('_', ' a ')} {getattr(costs, name) * 1000:.3g}"
        for name in Costs._fields[:4]
    )
    yield "  bytes: " + ", ".join(
        f"{name.replace('_', ' a ')} {getattr(costs, name):,.0f}" for name in Costs._fields[4:]
    )
    yield (
        f"{'':<40} {'captures':>9} {'pages':>7} {'archive':>8} {'warehouse':>9} {'parts':>7} GB;"
        f" hours to read and to rebuild from parts, on {', '.join(map(str, _CORES))} cores"
    )
    for history in HISTORIES:
        size = costs.gigabytes(history)
        hours = "   ".join(
            f"{costs.read_hours(history, cores):.3g} + {costs.rebuild_hours(history, cores):.3g}"
            for cores in _CORES
        )
        yield (
            f"{history.name:<40} {history.captures / 1e6:>7,.0f} M {history.pages / 1e6:>5.2f} M"
            f" {size['archive']:>8,.1f} {size['warehouse']:>9,.1f} {size['parts']:>7,.1f}   {hours}"
        )


def main(file: Path = RESULTS) -> None:
    """Print the model by a file of results."""
    try:
        costs = costs_of(json.loads(file.read_text())["rows"])
    except ValueError as error:
        print(f"no model: {error}")
        return
    print("\n".join(lines(costs)))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
