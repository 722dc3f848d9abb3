"""A command in a process of its own: how long it took, and what it and its children held.

Seconds are those of the whole command, from its start to its end, as somebody at a prompt would
wait for it. Peak memory is the most that it and all of its children held resident at one time, in
looks ten times a second: memory that two of them share counts for both. Processor seconds are
those of the same processes, as last seen.
"""

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

_LOOK_SECONDS = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
# Where a line of /proc/PID/stat has them, counted behind the name.
_USER, _SYSTEM, _RESIDENT = 11, 12, 21


class VariantError(Exception):
    """A measured command failed; the message is the last line of what it said."""


class Measured(NamedTuple):
    """What a command took, and the last line that it printed, if that is JSON."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    told: dict[str, Any]


def measured(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> Measured:
    """Run a command to its end, with some variables of its environment.

    Raises:
        VariantError: it did not end well.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begun = perf_counter()
        process = subprocess.Popen(
            list(map(str, command)), stdout=output, stderr=errors,
            env=os.environ | (environment or {}),
        )  # fmt: skip
        watch = _Watch(process.pid)
        try:
            code = process.wait()
        finally:
            seconds = perf_counter() - begun
            process.kill()
            watch.stop()
        output.seek(0)
        errors.seek(0)
        lines = output.read().decode(errors="replace").splitlines()
        if code != 0:
            said = [line for line in errors.read().decode(errors="replace").splitlines() if line]
            raise VariantError(f"exit code {code}: {' '.join(said[-1:] or lines[-1:])}")
    told: Mapping[str, Any] = {}
    with suppress(ValueError):
        told = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Measured(seconds, watch.cpu_seconds, watch.peak_mb, dict(told))


class _Watch(threading.Thread):
    """Looks at a process and its descendants until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self._cpu: dict[int, float] = {}
        self._peak = 0
        self.start()

    def stop(self) -> None:
        """Stop looking."""
        self._done.set()
        self.join()

    @property
    def peak_mb(self) -> float:
        """The most memory that was seen, in MB."""
        return self._peak / 1e6

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all that were seen."""
        return sum(self._cpu.values())

    def run(self) -> None:
        """Look, and look again."""
        while True:
            resident = 0
            for pid in _tree(self._pid):
                with suppress(OSError, IndexError):  # it has ended meanwhile
                    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    self._cpu[pid] = (int(told[_USER]) + int(told[_SYSTEM])) / _TICKS
                    resident += int(told[_RESIDENT]) * _PAGE
            self._peak = max(self._peak, resident)
            if self._done.wait(_LOOK_SECONDS):
                return


def _tree(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for each in found:  # which grows meanwhile
        with suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                with suppress(OSError):
                    found += map(int, (task / "children").read_text().split())
    return found
