"""The table of results: what each variant costs, and how it compares with its peers."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.machine import machine, today, versions
from benchmarks.measure import Measured, measured

RESULTS = Path(__file__).parent / "results.json"
# Every benchmark, in the order of the table, and what its figures are good for.
GOOD_FOR = {
    "start": "what each command costs before it does anything",
    "a page": "what a parser change, a first sync and a rebuild cost by the page",
    "first sync": "CPU and memory of the first night; at the site's pace nobody sees the seconds",
    "unchanged re-sync": "CPU of a night that visits all; the seconds are those of no pace",
    "rebuild": "the wait after a parser change: every page is read again",
    "requests of a night": "how long a night takes at the site's pace, and what the site bears",
    "load": "the wait for derived figures in a rebuild or a big ingest",
    "release": "the wait for a release, and the memory that it needs",
    "mart views": "the wait of an analyst: for one programme, and for everything",
    "a night's load": "whether a night costs more as the ledger grows",
    "read": "what a second reader brings a rebuild by many; feeds the model",
    "rebuild by many": "what parts and shards bring; feeds the model",
}
# A peer has no validators, so it has to crawl everything again.
_PEERS_OF = {"unchanged re-sync": "first sync"}
_HEAD = (
    "| what | of | CPU s | CPU ms each | seconds | peak MB | times the rate of (by CPU) |",
    "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
)


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
        return self.units / self.seconds if self.seconds else 0

    @property
    def cpu_each(self) -> float:
        """Return CPU seconds per unit."""
        return self.cpu_seconds / self.units


class Ratio(NamedTuple):
    """How many times a peer's rate ours is: by the time, and by the CPU time."""

    time: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.time:.2g} ({self.cpu:.2g})"


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
        cores: int | None = None,
        count: Callable[[Measured], int] = lambda one: int(one.told["count"]),
        environment: Mapping[str, str] | None = None,
        details: Callable[[], Mapping[str, Any]] = dict,
    ) -> bool:
        """Measure a command `times` times, keep the medians, and return whether it succeeded.

        `count` verifies the result and returns the number of units. A command that measures
        itself prints its `seconds` and `cpu_seconds` in a last line of JSON. `details` tells more
        of what it left, before `count` may remove it.
        """
        of = f" of {size:,}" if size > 1 else ""
        print(f"{benchmark}{of}, {variant} ...", end=" ", file=sys.stderr, flush=True)
        try:
            runs = [measured(command, environment, cores) for _ in range(times)]
            left = details()
            row = Row(
                benchmark, variant, peer, size, count(runs[-1]), unit,
                median(run.told.get("seconds", run.seconds) for run in runs),
                median(run.told.get("cpu_seconds", run.cpu_seconds) for run in runs),
                max(run.peak_mb for run in runs),
                details={
                    **runs[-1].told, **left,
                    "own_cpu_seconds": median(run.own_cpu_seconds for run in runs),
                },
            )  # fmt: skip
        except Exception as error:  # the other variants still run
            row = Row(benchmark, variant, peer, size, unit=unit, error=_describe(error))
        self.add(row)
        told = row.error or f"{row.seconds:.1f} s, {row.cpu_seconds:.1f} s of CPU"
        print(told, file=sys.stderr, flush=True)
        return row.error is None

    def add(self, row: Row) -> None:
        """Add a row, of a benchmark that says what it is good for."""
        assert row.benchmark in GOOD_FOR, row.benchmark
        self.rows.append(row)

    def ratios(self, row: Row) -> dict[str, Ratio]:
        """Return our rate divided by each peer's, at the same size or else at the largest."""
        if row.peer or row.error or not row.seconds:
            return {}
        benchmark = _PEERS_OF.get(row.benchmark, row.benchmark)
        crawl = "" if benchmark == row.benchmark else " crawling"
        peers = [
            peer
            for peer in self.rows
            if peer.benchmark == benchmark and peer.peer and not peer.error
        ]
        if same := [peer for peer in peers if peer.size == row.size]:
            return {f"{peer.variant}{crawl}": _ratio(row, peer) for peer in same}
        largest = {peer.variant: peer for peer in sorted(peers, key=lambda peer: peer.size)}
        return {
            f"{peer.variant}{crawl} {peer.size:,}": _ratio(row, peer) for peer in largest.values()
        }

    def finish(self) -> int:
        """Print and write all rows; return 1 if a variant failed."""
        about = {"machine": self._machine, "versions": versions()}
        rows = [
            {**row._asdict(), "rate": None if row.error else row.rate, "ratios": self.ratios(row)}
            for row in self.rows
        ]
        RESULTS.write_text(json.dumps({"date": self._date, **about, "rows": rows}, indent=1))
        print(f"{self._date} UTC;", "; ".join(
            ", ".join(f"{what} {value}" for what, value in told.items()) for told in about.values()
        ), end="\n\n")  # fmt: skip
        print("\n".join(self.markdown()))
        print(f"\nresults: {RESULTS}", file=sys.stderr)
        failed = [f"{row.benchmark}, {row.variant}" for row in self.rows if row.error]
        if failed:
            print(f"{len(failed)} failed: {'; '.join(failed)}", file=sys.stderr)
        return 1 if failed else 0

    def markdown(self) -> list[str]:
        """Return the table's lines: below each benchmark's name its variants, smallest first."""
        lines = [*_HEAD]
        for benchmark, good_for in GOOD_FOR.items():
            found = [row for row in self.rows if row.benchmark == benchmark]
            if found:
                lines.append(f"| **{benchmark}**: {good_for} | | | | | | |")
            lines += map(self._line, sorted(found, key=lambda row: row.size))
        return lines

    def _line(self, row: Row) -> str:
        name = f"{row.variant}{f', {row.size:,}' if row.size > 1 else ''}"
        if row.error:
            return f"| {name} | FAILED: {row.error} | | | | | |"
        of = f"{row.units:,} {row.unit}"
        if not row.seconds:  # computed, not measured
            return f"| {name} | {of} | | | | | |"
        ratios = ", ".join(f"{peer} {ratio}" for peer, ratio in self.ratios(row).items())
        return (
            f"| {name} | {of} | {_short(row.cpu_seconds)} | {_short(1000 * row.cpu_each)} |"
            f" {_short(row.seconds)} | {row.peak_mb:,.0f} | {ratios} |".replace("|  |", "| |")
        )


def _ratio(row: Row, peer: Row) -> Ratio:
    cpu = peer.cpu_each / row.cpu_each if row.cpu_seconds else 0
    return Ratio(row.rate / peer.rate, cpu)


def _short(number: float) -> str:
    """Return a number with three digits that count."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _describe(error: Exception) -> str:
    return str(error) or type(error).__name__
