"""On what it was measured: the machine, the versions, the commit."""

import os
import platform
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("duckdb", "polars", "pandera", "prefect", "scrapy", "dlt", "pandas", "mptf-warehouse")


def machine() -> dict[str, str]:
    """Cores, memory, processor and system, and how busy it is already."""
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in cpus if line.startswith("model name")]
    return {
        "cores": f"{len(os.sched_getaffinity(0))}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "processor": names[0] if names else platform.processor(),
        "system": f"{platform.freedesktop_os_release().get('PRETTY_NAME', platform.system())},"
        f" Linux {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def versions() -> dict[str, str]:
    """Of Python and the packages that are measured, and our commit."""
    found = {"python": platform.python_version()}
    found |= {name: version(name) for name in _PACKAGES}
    with suppress(OSError, subprocess.CalledProcessError):
        found["commit"] = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607 because it is the user's own git
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
    return found


def today() -> str:
    """The time, in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
