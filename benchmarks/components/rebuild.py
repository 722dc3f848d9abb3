"""Rebuilding a warehouse of 3,000 programmes from its archive, parsing every page."""

import os
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.crawls import MPTF
from benchmarks.site import site
from warehouse.connection import open_reader

_PROGRAMMES = 3_000
VARIANTS = ("a process per core", "one process")
BASELINE = "one process"
UNIT = "captures"


def run(name: str) -> tuple[int, float]:
    """Sync once, then rebuild and count the captures."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(MPTF), "--home", folder]
        with site(_PROGRAMMES) as url:
            sync = [*command, "sync", "--base-url", url, "--all", "--pace", "0"]
            subprocess.run(sync, check=True)
        processes = {"MPTF_PROCESSES": "0"} if name == BASELINE else {}
        begun = perf_counter()
        subprocess.run([*command, "rebuild", "--reread"], check=True, env=os.environ | processes)
        seconds = perf_counter() - begun
        with open_reader(Path(folder) / "warehouse.duckdb") as con:
            ((captures,),) = con.execute("SELECT count(*) FROM raw.capture").fetchall()
        return int(captures), seconds
