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
_MS_AN_HOUR = 3_600_000


class History(NamedTuple):
    """Captures of a site or of many, over some years."""

    name: str
    captures: float
    pages: float  # distinct


# 20,000 programmes, of which a quarter is asked for each night; one capture in 200 is a new page.
HISTORIES = (
    History("the Gateway, a year", 2e6, 20_000 + 2e6 / 200),
    History("the Gateway, 20 years", 40e6, 20_000 + 40e6 / 200),
    History("the same, if every page differs", 40e6, 40e6),
    History("a hundred times, a year", 200e6, 2e6 + 200e6 / 200),
    History("a hundred times, 20 years", 4e9, 2e6 + 4e9 / 200),
)


class Costs(NamedTuple):
    """What one page or capture costs: CPU milliseconds, and bytes."""

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
        return history.pages * self.read_page / cores / _MS_AN_HOUR

    def rebuild_hours(self, history: History, cores: int) -> float:
        """Return the hours of a rebuild from parts, with a shard on each core."""
        each = self.load_capture + self.derive_capture / cores
        return history.captures * each / _MS_AN_HOUR

    def gigabytes(self, history: History) -> dict[str, float]:
        """Return the sizes of the archive, the warehouse and the parts."""
        again, pages = history.captures - history.pages, history.pages
        return {
            "archive": (pages * self.archive_page + again * self.archive_capture) / 1e9,
            "warehouse": (pages * self.warehouse_page + again * self.warehouse_capture) / 1e9,
            "parts": pages * self.parts_page / 1e9,
        }


def costs_of(rows: list[dict[str, Any]]) -> Costs:
    """Return what one page or capture more costs: the difference between two measured sizes.

    Raises:
        ValueError: A row is missing or failed at one of the two sizes, or they are too small.
    """
    first, again = _Sizes(rows, "first sync", "ours"), _Sizes(rows, "unchanged re-sync", "ours")
    read, ledger = (
        _Sizes(rows, "read", "one reader"),
        _Sizes(rows, "a night's load", "a generated ledger"),
    )
    shards = _Sizes(rows, "rebuild by many", "parts, 2 shards")
    pages, visits = first.more("captures"), again.more("captures") - first.more("captures")
    load = shards.more("own_cpu_seconds")
    exact = Costs(
        read_page=1000 * read.more("cpu_seconds") / read.more("units"),
        load_capture=1000 * load / shards.more("units"),
        derive_capture=1000 * (shards.more("cpu_seconds") - load) / shards.more("units"),
        sync_capture=1000 * again.more("cpu_seconds") / visits,
        archive_page=first.more("archive_bytes") / pages,
        archive_capture=(again.more("archive_bytes") - first.more("archive_bytes")) / visits,
        warehouse_page=first.more("warehouse_bytes") / pages,
        warehouse_capture=ledger.more("file_bytes") / ledger.more("units"),
        parts_page=read.more("parts_bytes") / read.more("units"),
    )
    if free := [name for name, cost in exact._asdict().items() if cost <= 0]:
        raise ValueError(f"the sizes are too small to say what {free[0].replace('_', ' a ')} costs")
    return Costs(*(float(f"{cost:.3g}") for cost in exact))


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
    named = [f"{name.replace('_', ' a ')} {cost:,g}" for name, cost in costs._asdict().items()]
    yield f"CPU ms: {', '.join(named[:4])}"
    yield f"bytes: {', '.join(named[4:])}"
    yield (
        f"{'':<38}{'million':>8}{'million':>9}{'GB of':>9}{'GB of':>10}"
        f"   hours on {', '.join(map(str, _CORES))} cores"
    )
    yield (
        f"{'':<38}{'captures':>8}{'pages':>9}{'archive':>9}{'warehouse':>10}"
        f"   {'to read to parts':<30}to rebuild from them"
    )
    for history in HISTORIES:
        size = costs.gigabytes(history)
        read, rebuilt = (
            "".join(f"{_short(of(history, cores)):<7}" for cores in _CORES)
            for of in (costs.read_hours, costs.rebuild_hours)
        )
        yield (
            f"{history.name:<38}{history.captures / 1e6:>8,.0f}{history.pages / 1e6:>9.2f}"
            f"{size['archive']:>9,.1f}{size['warehouse']:>10,.1f}   {read:<30}{rebuilt}"
        ).rstrip()


def _short(hours: float) -> str:
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}"


def main(file: Path = RESULTS) -> None:
    """Print the model by a file of results."""
    try:
        costs = costs_of(json.loads(file.read_text())["rows"])
    except ValueError as error:
        print(f"no model: {error}")
        return
    print("\na model of other sizes, by what a page or a capture costs in the rows above")
    print("\n".join(lines(costs)))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
