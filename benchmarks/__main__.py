"""Run every benchmark, each variant in a process of its own, and print one table."""

import importlib
import json
import resource
import subprocess
import sys
from typing import Any

_MODULES = (
    "extract", "archive", "ingest", "load", "views", "rebuild", "sync", "scheduled", "replica",
    "page",
)  # fmt: skip


def main() -> None:
    """Print a row per variant: rate, peak memory of its process, ratio to the baseline."""
    if len(sys.argv) > 1:
        module, name = sys.argv[1:]
        rate, unit = importlib.import_module(f"benchmarks.{module}").run(name)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"rate": rate, "unit": unit, "peak_mb": peak}))
        return
    print(f"{'benchmark':<10} {'variant':<20} {'rate':>10}  {'peak MB':>7}  ratio to baseline")
    for module in _MODULES:
        benchmark = importlib.import_module(f"benchmarks.{module}")
        found = {name: _measured(module, name) for name in benchmark.READERS}
        baseline = found[benchmark.BASELINE]["rate"]
        for name, row in found.items():
            ratio = f"{row['rate'] / baseline:6.1f} x {benchmark.BASELINE}"
            print(f"{module:<10} {name:<20} {row['rate']:>10.1f}  {row['peak_mb']:>7}  {ratio}"
                  f"  [{row['unit']}]", flush=True)  # fmt: skip


def _measured(module: str, name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks", module, name]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    *details, last = finished.stdout.splitlines()
    for line in details:
        print(line, flush=True)
    measured: dict[str, Any] = json.loads(last)
    return measured


main()
