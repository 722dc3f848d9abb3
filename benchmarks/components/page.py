"""The page of a release of 20,000 programmes with a million vintages, four in five restated.

Beside it the same pages with every query asked for one programme at a time (of fewer: it is slow).
Peak memory is that of the process that begins; its helpers' is printed apart.
"""

import os
import resource
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter

from benchmarks.store import filled
from flows.pipeline.workers import worker_pool
from warehouse.release import build
from webpage.programmes import Job, write_programmes
from webpage.render import About
from webpage.site import write_page

READERS = {"the page": None, "a query a programme": None}
BASELINE = "a query a programme"
UNIT = "pages"
_DAY = date(2016, 6, 16)
_PROGRAMMES = 20_000
_SOME = 200  # programmes


def run(name: str) -> tuple[int, float]:
    """How many pages, in how many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        release, page = Path(folder) / "mptf.duckdb", Path(folder) / "page"
        with worker_pool(1) as filler:  # so that what it takes is not measured
            filler.submit(_build, release).result()
        if name == BASELINE:
            begun = perf_counter()
            for number in range(_SOME):
                own = f"{number:08}"
                write_programmes(Job(release, page, About("mptf", _DAY, None, ()), own, own))
            return _SOME, perf_counter() - begun
        begun, before = perf_counter(), _used()[2]
        with worker_pool(os.cpu_count() or 1) as helpers:
            files = write_page(release, page, "mptf-2016-06-16", _DAY, helpers)
            seconds = perf_counter() - begun
            used = [task.result() for task in [helpers.submit(_used) for _ in range(20)]]
        sizes = sorted(path.stat().st_size for path in page.rglob("*") if path.is_file())
        of_all = sum({pid: spent for pid, _, spent in used}.values()) + _used()[2] - before
        print(f"  {files} files in {seconds:.0f} s ({of_all:.0f} s of all cores);"
              f" {sum(sizes) / 2**20:.0f} MB, the largest has {sizes[-1] / 1000:.0f} KB;"
              f" a helper's peak is {max(peak for _, peak, _ in used)} MB")  # fmt: skip
        assert sizes[-1] < 1_000_000
    return files, seconds


def _build(release: Path) -> None:
    filled(release.with_name("warehouse.duckdb"), _PROGRAMMES)
    build(release.with_name("warehouse.duckdb"), release)


def _used() -> tuple[int, int, float]:
    """This process, its peak memory in MB, and the seconds that it has had of a core."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return os.getpid(), used.ru_maxrss // 1024, used.ru_utime + used.ru_stime
