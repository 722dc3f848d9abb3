"""The stand-in in its own process, with its pages rendered before the first request."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

NOW = datetime(2024, 4, 20)  # noqa: DTZ001 because every time here is naive UTC


@contextmanager
def site(programmes: int, now: datetime = NOW, seed: int = 1) -> Iterator[str]:
    """Yield the URL of a site with so many programmes while the block runs."""
    serve = "from flows.cli.main import main; main()"
    command = [sys.executable, "-c", serve, "replica", "serve", "--programmes", str(programmes)]
    command += ["--seed", str(seed), "--date", f"{now:%Y-%m-%d}", "--warm"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
