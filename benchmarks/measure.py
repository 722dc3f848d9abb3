"""Time, CPU time and peak memory of a command and its children.

The time is that of the whole command, as a user at a prompt would wait for it. CPU time is what the
system counts of the command and of the children that it has waited for. Peak memory is the largest
sum of resident memory of the command and its children, sampled ten times a second; memory that two
of them share counts twice.
"""

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

_SAMPLE_SECONDS = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
# Positions in /proc/PID/stat, counted after the name.
_USER, _SYSTEM, _RESIDENT = 11, 12, 21


class VariantError(Exception):
    """A failed command; the message is its last line of output."""


class Measured(NamedTuple):
    """The cost of a command, and the last line of its output if that is JSON.

    `own_cpu_seconds` is what the command's own process took of the CPU time, without its children.
    """

    seconds: float
    cpu_seconds: float
    own_cpu_seconds: float
    peak_mb: float
    told: dict[str, Any]


def bytes_of(path: Path) -> int:
    """Return the size of a file, or of all files in a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def measured(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    cores: int | None = None,
) -> Measured:
    """Run a command with additional environment variables, on so many cores or all.

    Raises:
        VariantError: The command failed.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begun = perf_counter()
        with _on_cores(cores):
            process = subprocess.Popen(
                list(map(str, command)), stdout=output, stderr=errors,
                env=os.environ | (environment or {}),
            )  # fmt: skip
        sampler = _Sampler(process.pid)
        try:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            seconds = perf_counter() - begun
            process.kill()
            sampler.stop()
        output.seek(0)
        errors.seek(0)
        lines = output.read().decode(errors="replace").splitlines()
        if process.returncode != 0:
            said = [line for line in errors.read().decode(errors="replace").splitlines() if line]
            raise VariantError(
                f"exit code {process.returncode}: {' '.join(said[-1:] or lines[-1:])}"
            )
    told: Mapping[str, Any] = {}
    with suppress(ValueError):
        told = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Measured(
        seconds, used.ru_utime + used.ru_stime, sampler.own_cpu_seconds, sampler.peak_mb,
        dict(told),
    )  # fmt: skip


@contextmanager
def _on_cores(cores: int | None) -> Iterator[None]:
    """Let processes that are started in the block run on so many cores."""
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(every)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


class _Sampler(threading.Thread):
    """A thread that samples a process and its descendants until it is stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self._own_cpu = 0.0
        self._peak = 0
        self.start()

    def stop(self) -> None:
        """Stop sampling."""
        self._done.set()
        self.join()

    @property
    def peak_mb(self) -> float:
        """Return the peak memory in MB."""
        return self._peak / 1e6

    @property
    def own_cpu_seconds(self) -> float:
        """Return the CPU time of the process itself."""
        return self._own_cpu

    def run(self) -> None:
        """Sample until stopped."""
        while True:
            resident = 0
            for pid in _tree(self._pid):
                with suppress(OSError, IndexError):  # the process has ended
                    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    if pid == self._pid:
                        self._own_cpu = (int(told[_USER]) + int(told[_SYSTEM])) / _TICKS
                    resident += int(told[_RESIDENT]) * _PAGE
            self._peak = max(self._peak, resident)
            if self._done.wait(_SAMPLE_SECONDS):
                return


def _tree(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found = [pid]
    for each in found:  # the list grows in the loop
        with suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                with suppress(OSError):
                    found += map(int, (task / "children").read_text().split())
    return found
