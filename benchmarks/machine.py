"""Description of the machine, the package versions and the commit."""

import os
import platform
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("duckdb", "polars", "pandera", "prefect", "scrapy", "dlt", "pandas", "mptf-warehouse")


def machine() -> dict[str, str]:
    """Return the cores, memory, processor, system and present load."""
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
    """Return the versions of Python and the measured packages, and our commit."""
    found = {"python": platform.python_version()}
    found |= {name: version(name) for name in _PACKAGES}
    with suppress(OSError, subprocess.CalledProcessError):
        found["commit"] = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607 because git is the user's own
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
    return found


def today() -> str:
    """Return the present time in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
