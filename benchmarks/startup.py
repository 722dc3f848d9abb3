"""Start-up time of our command and of the peers'."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.crawls import MPTF
from benchmarks.measure import Measured
from benchmarks.table import Table

_BIN = Path(sys.executable).parent
_SAMPLES = Path(__file__).parent.parent / "docs" / "samples"
_TIMES = 3
# Telemetry off.
_QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DO_NOT_TRACK": "1"}


def startup(table: Table) -> None:
    """Measure our help and status, beside the peers' version commands."""
    with tempfile.TemporaryDirectory() as folder:
        ours: list[str | Path] = [MPTF, "--home", Path(folder) / "home"]
        subprocess.run([*ours, "ingest", _SAMPLES], check=True, capture_output=True)
        commands: dict[str, list[str | Path]] = {
            "mptf --help": [MPTF, "--help"],
            "mptf status": [*ours, "status"],
            "scrapy version": [_BIN / "scrapy", "version"],
            "dlt --version": [_BIN / "dlt", "--version"],
            "prefect version": [_BIN / "prefect", "version"],
        }
        for variant, command in commands.items():
            table.measure(
                "start-up", variant, command, size=1, unit="start", times=_TIMES, count=_once,
                peer=not variant.startswith("mptf"), environment={"PREFECT_HOME": folder, **_QUIET},
            )  # fmt: skip


def _once(_: Measured) -> int:
    return 1
