"""The table of results: the cost of each variant and the ratio to its peers."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.machine import machine, today, versions
from benchmarks.measure import Measured, measured

RESULTS = Path(__file__).parent / "results.json"
# A peer has neither validators nor an archive, so it has to crawl everything again.
_PEERS_OF = {"unchanged re-sync": "first sync", "rebuild": "first sync"}


class Row(NamedTuple):
    """The cost of one variant, or its error."""

    benchmark: str
    variant: str
    peer: bool
    size: int  # rows of equal size are compared
    units: int = 0
    unit: str = ""
    seconds: float = 0
    cpu_seconds: float = 0
    peak_mb: float = 0
    error: str | None = None
    details: dict[str, Any] = {}  # noqa: RUF012 because it is never modified

    @property
    def rate(self) -> float:
        """Return units per second."""
        return self.units / self.seconds


class Table:
    """Collects rows; prints and writes them at the end."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._date = today()
        self._machine = machine()

    def measure(
        self,
        benchmark: str,
        variant: str,
        command: Sequence[str | Path],
        *,
        size: int,
        unit: str,
        peer: bool = False,
        times: int = 1,
        count: Callable[[Measured], int] = lambda one: int(one.told["count"]),
        environment: Mapping[str, str] | None = None,
        details: Callable[[], Mapping[str, Any]] = dict,
    ) -> bool:
        """Measure a command `times` times, keep the medians, and return whether it succeeded.

        `count` verifies the result and returns the number of units. A command that measures
        itself prints its `seconds` in a last line of JSON. `details` tells more
        of what it left, before `count` may remove it.
        """
        of = f" of {size:,}" if size > 1 else ""
        print(f"{benchmark}{of}, {variant} ...", end=" ", file=sys.stderr, flush=True)
        try:
            runs = [measured(command, environment) for _ in range(times)]
            left = details()
            row = Row(
                benchmark, variant, peer, size, count(runs[-1]), unit,
                median(run.told.get("seconds", run.seconds) for run in runs),
                median(run.cpu_seconds for run in runs),
                max(run.peak_mb for run in runs),
                details={
                    **runs[-1].told, **left,
                    "own_cpu_seconds": median(run.own_cpu_seconds for run in runs),
                },
            )  # fmt: skip
        except Exception as error:  # the other variants still run
            row = Row(benchmark, variant, peer, size, unit=unit, error=_describe(error))
        self.rows.append(row)
        print(row.error or f"{row.seconds:.1f} s", file=sys.stderr, flush=True)
        return row.error is None

    def ratios(self, row: Row) -> dict[str, float]:
        """Return our rate divided by each peer's, at the same size or else at the largest."""
        if row.peer or row.error:
            return {}
        benchmark = _PEERS_OF.get(row.benchmark, row.benchmark)
        crawl = "" if benchmark == row.benchmark else " crawling"
        peers = [
            peer
            for peer in self.rows
            if peer.benchmark == benchmark and peer.peer and not peer.error
        ]
        same = [peer for peer in peers if peer.size == row.size]
        if same:
            return {f"{peer.variant}{crawl}": row.rate / peer.rate for peer in same}
        largest = {peer.variant: peer for peer in sorted(peers, key=lambda peer: peer.size)}
        return {
            f"{peer.variant}{crawl} {peer.size:,}": row.rate / peer.rate
            for peer in largest.values()
        }

    def finish(self) -> int:
        """Print and write all rows; return 1 if a variant failed."""
        about = {"machine": self._machine, "versions": versions()}
        rows = [
            {**row._asdict(), "rate": None if row.error else row.rate, "ratios": self.ratios(row)}
            for row in self.rows
        ]
        RESULTS.write_text(json.dumps({"date": self._date, **about, "rows": rows}, indent=1))
        print(f"date: {self._date} UTC")
        for name, told in about.items():
            print(f"{name}: {', '.join(f'{what} {value}' for what, value in told.items())}")
        print(
            f"\n{'':<18} {'':<16} {'of':>20} {'a second':>9} {'seconds':>8} {'CPU s':>6}"
            f" {'peak MB':>8}  times the rate of"
        )
        order = list(dict.fromkeys(row.benchmark for row in self.rows))
        for row in sorted(self.rows, key=lambda row: (order.index(row.benchmark), row.size)):
            print(self._line(row))
        print(f"\nresults: {RESULTS}")
        failed = [f"{row.benchmark}, {row.variant}" for row in self.rows if row.error]
        if failed:
            print(f"{len(failed)} failed: {'; '.join(failed)}")
        return 1 if failed else 0

    def _line(self, row: Row) -> str:
        start = f"{row.benchmark:<18} {row.variant:<16}"
        if row.error:
            return f"{start} FAILED: {row.error}"
        ratios = ", ".join(f"{name} {times:.2g}" for name, times in self.ratios(row).items())
        return (
            f"{start} {f'{row.units:,} {row.unit}':>20} {row.rate:>9,.1f} {row.seconds:>8.2f}"
            f" {row.cpu_seconds:>6.1f} {row.peak_mb:>8.0f}  {ratios}"
        ).rstrip()


def _describe(error: Exception) -> str:
    return str(error) or type(error).__name__
