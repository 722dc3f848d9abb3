"""The one table: what each variant took, and how many times as fast as its peers that is."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.machine import machine, today, versions
from benchmarks.measure import Measured, measured

RESULTS = Path(__file__).parent / "results.json"
# A peer has neither conditions nor an archive: to see it all again, it has to crawl it all again.
_PEERS_OF = {"unchanged re-sync": "first sync", "rebuild": "first sync"}


class Row(NamedTuple):
    """What one variant took for so many units; an error instead where it failed."""

    benchmark: str
    variant: str
    peer: bool
    size: int  # rows of one size are compared with each other
    units: int = 0
    unit: str = ""
    seconds: float = 0
    cpu_seconds: float = 0
    peak_mb: float = 0
    error: str | None = None
    details: dict[str, Any] = {}  # noqa: RUF012 because nobody writes to it

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.seconds


class Table:
    """Rows as they come; printed and written when all are there."""

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
    ) -> bool:
        """Measure a command so many times (the median counts); whether it went well.

        `count` checks what it did, and says how many units that were. A command that measures a
        part of itself says so (`seconds`) in the JSON of its last line.
        """
        of = f" of {size:,}" if size > 1 else ""
        print(f"{benchmark}{of}, {variant} ...", end=" ", file=sys.stderr, flush=True)
        try:
            runs = [measured(command, environment) for _ in range(times)]
            row = Row(
                benchmark, variant, peer, size, count(runs[-1]), unit,
                median(run.told.get("seconds", run.seconds) for run in runs),
                median(run.cpu_seconds for run in runs),
                max(run.peak_mb for run in runs),
                details=runs[-1].told,
            )  # fmt: skip
        except Exception as error:  # whatever it is, the others still run
            row = Row(benchmark, variant, peer, size, unit=unit, error=_in_words(error))
        self.rows.append(row)
        print(row.error or f"{row.seconds:.1f} s", file=sys.stderr, flush=True)
        return row.error is None

    def ratios(self, row: Row) -> dict[str, float]:
        """How many times a peer's rate ours is: at its size, else at the largest that there is."""
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
        """Print and write all; 1 if a variant failed."""
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
        print(f"\nwritten to {RESULTS}")
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


def _in_words(error: Exception) -> str:
    return str(error) or type(error).__name__
