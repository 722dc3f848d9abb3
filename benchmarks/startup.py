"""What our commands cost before they do anything, beside the peers' version commands.

The files are compiled, as `make` leaves them.
"""

import compileall
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.crawls import MPTF
from benchmarks.measure import Measured
from benchmarks.table import Table

_BIN = Path(sys.executable).parent
_ROOT = Path(__file__).parent.parent
_PACKAGES = ("extractors", "transforms", "warehouse", "webpage", "flows", "replica")
_TIMES = 5
# Telemetry off.
_QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DO_NOT_TRACK": "1"}


def startup(table: Table) -> None:
    """Measure what users type most, on a home of the samples."""
    for package in _PACKAGES:
        compileall.compile_dir(_ROOT / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        ours: list[str | Path] = [MPTF, "--home", Path(folder) / "home"]
        subprocess.run([*ours, "ingest", _ROOT / "docs" / "samples"], check=True,
                       capture_output=True)  # fmt: skip
        commands: dict[str, list[str | Path]] = {
            "mptf --help": [MPTF, "--help"],
            'mptf sql "SELECT 1"': [*ours, "sql", "SELECT 1"],
            "mptf status": [*ours, "status"],
            "scrapy version": [_BIN / "scrapy", "version"],
            "dlt --version": [_BIN / "dlt", "--version"],
            "prefect version": [_BIN / "prefect", "version"],
        }
        for variant, command in commands.items():
            table.measure(
                "start", variant, command, size=1, unit="start", times=_TIMES, count=_once,
                peer=not variant.startswith("mptf"), environment={"PREFECT_HOME": folder, **_QUIET},
            )  # fmt: skip


def _once(_: Measured) -> int:
    return 1
