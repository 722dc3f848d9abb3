"""The warehouse of 3,000 programmes again from its archive, every page read anew."""

import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.sync import count, night, site
from flows.home import Home
from flows.rebuild import rebuild_all
from flows.run import utc_now
from flows.settings import Settings

_PROGRAMMES = 3_000
READERS = {"a process a core (ours)": None, "one process": None}
BASELINE = "one process"


def run(name: str) -> tuple[float, str]:
    """Captures a second."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Settings(home=Path(folder), known_as="http://site"))
        with site(_PROGRAMMES) as base_url:
            night(home.changed(base_url=base_url))
        before = count(home.warehouse, "SELECT count(*) FROM core.expenditure_snapshot")
        if name == BASELINE:
            home = home.changed(processes=0)
        begun = perf_counter()
        with rebuild_all(home, utc_now(), reread=True) as rebuilt:
            captures = rebuilt.counts().captures
        seconds = perf_counter() - begun
        assert count(home.warehouse, "SELECT count(*) FROM core.expenditure_snapshot") == before
    return captures / seconds, "captures/s"
