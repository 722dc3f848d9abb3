"""The page of a release, written from the release's own file and nothing else."""

from concurrent.futures import Executor
from datetime import date
from pathlib import Path

from warehouse.answers import answer, opened
from webpage.assets import SUMS, chart_scripts, write_assets
from webpage.contributors import write_contributors
from webpage.funds import write_funds
from webpage.general import write_general
from webpage.places import write_places
from webpage.programmes import write_programmes
from webpage.render import ReleaseInfo, WrittenFile
from webpage.search import write_search
from webpage.texts import write_texts

_PROGRAMMES_PER_TASK = 500
_SUMS_PER_FILE = 10_000


def write_page(
    file: Path,
    folder: Path,
    name: str,
    published: date,
    pool: Executor,
    previous_page: Path | None = None,
) -> int:
    """Write the page of a release, and return its number of files.

    The same release gives the same bytes.

    Args:
        file: the release's DuckDB file, closed.
        folder: the page's folder, which must not exist.
        name: the release's name.
        published: the release's day.
        pool: processes that write the programmes' pages.
        previous_page: an earlier release's page, whose unchanged scripts are copied.

    Raises:
        WarehouseMissingError, WarehouseVersionError: see `open_reader`.
    """
    with opened(file) as con:
        (overview,) = answer(con, "overview").records()
        funds = answer(con, "funds")
        release = ReleaseInfo(name, published, overview["newest_capture"], chart_scripts())
        ids = [key for (key,) in answer(con, "programme_ids").rows]
        batches = [
            ids[start : start + _PROGRAMMES_PER_TASK]
            for start in range(0, len(ids), _PROGRAMMES_PER_TASK)
        ]
        text_index = pool.submit(write_texts, file, folder)
        tasks = [
            pool.submit(write_programmes, file, folder, release, batch[0], batch[-1])
            for batch in batches
        ]
        written = [
            *write_assets(folder, previous_page),
            *write_general(con, folder, release, overview, funds),
            *write_funds(con, folder, release, funds),
            *write_contributors(con, folder, release),
            *write_places(con, folder, release),
            *text_index.result().files,
            *write_search(con, folder, release, funds, text_index.result()),
        ]
    written += [page for task in tasks for page in task.result()]
    _write_sums(folder, written)
    return len(written)


def _write_sums(folder: Path, written: list[WrittenFile]) -> None:
    """Write SHA256SUMS for `sha256sum --check`; what exceeds it goes to SHA256SUMS-2 and on."""
    lines = [f"{file.sha256}  {file.name}\n" for file in sorted(written)]
    for number, start in enumerate(range(0, len(lines), _SUMS_PER_FILE), start=1):
        file = folder / (f"{SUMS}-{number}" if number > 1 else SUMS)
        file.write_text("".join(lines[start : start + _SUMS_PER_FILE]))
