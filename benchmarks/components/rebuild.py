"""The warehouse of 3,000 programmes again from its archive, every page read anew."""

import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.site import site
from flows.crawl.selection import Selection
from flows.pipeline.home import Home
from flows.pipeline.run import open_run, utc_now
from flows.rebuild import rebuild_all
from flows.settings import Settings
from flows.sync import sync

_PROGRAMMES = 3_000
READERS = {"a process a core": None, "one process": None}
BASELINE = "one process"
UNIT = "captures"


def run(name: str) -> tuple[int, float]:
    """How many captures, in how many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Settings(home=Path(folder), known_as="http://site", shortest_delay=0))
        with site(_PROGRAMMES) as base_url:
            visited = home.changed(base_url=base_url)
            with open_run(visited, "sync", utc_now()) as night:
                sync(night, Selection(everything=True, fresh=True))
        if name == BASELINE:
            home = home.changed(processes=0)
        begun = perf_counter()
        with rebuild_all(home, utc_now(), reread=True) as rebuilt:
            captures = rebuilt.counts().captures
        return captures, perf_counter() - begun
