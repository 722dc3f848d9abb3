"""The page of a release, whole: written from the release's own file, and from nothing else."""

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from datetime import date
from pathlib import Path

from warehouse.answers import answer, opened
from webpage.assets import SUMS, chart_scripts, write_assets
from webpage.funds import write_funds
from webpage.general import write_general
from webpage.programmes import Job, write_programmes
from webpage.render import About, Written
from webpage.search import write_search

_AT_ONCE = 500  # programmes that one task writes
_SUMS_IN_A_FILE = 10_000


def write_page(
    release: Path,
    folder: Path,
    name: str,
    published: date,
    helpers: Executor,
    earlier: Path | None = None,
) -> int:
    """Write the page of a release to a folder: how many files it has.

    The same release gives the same bytes.

    Args:
        release: the release's DuckDB file, closed.
        folder: where the page is to be; it must not be there.
        name: the release's name.
        published: the release's day, at the beginning of which the page says what is missing.
        helpers: processes that write the programmes' pages.
        earlier: a page of the release before, of which what has not changed is taken.

    Raises:
        WarehouseMissingError, WarehouseVersionError: see `open_reader`.
    """
    with opened(release, published) as con:
        (overview,) = answer(con, "overview").records()
        funds = answer(con, "funds")
        about = About(name, published, overview["newest_capture"], chart_scripts())
        ids = [key for (key,) in answer(con, "programme_ids").rows]
        tasks = [
            helpers.submit(write_programmes, job) for job in _jobs(release, folder, about, ids)
        ]
        written = [
            *write_assets(folder, earlier),
            *write_general(con, folder, about, overview, funds),
            *write_funds(con, folder, about, funds),
            *write_search(con, folder, about, funds),
        ]
    written += _results(tasks)
    _write_sums(folder, written)
    return len(written)


def _jobs(release: Path, folder: Path, about: About, ids: list[str]) -> Iterator[Job]:
    for start in range(0, len(ids), _AT_ONCE):
        own = ids[start : start + _AT_ONCE]
        yield Job(release, folder, about, own[0], own[-1])


def _results(tasks: list[Future[list[Written]]]) -> Iterator[Written]:
    for task in tasks:
        yield from task.result()


def _write_sums(folder: Path, written: list[Written]) -> None:
    """As `sha256sum --check` takes them: SHA256SUMS, where that is full SHA256SUMS-2, and on."""
    lines = [f"{file.sha256}  {file.name}\n" for file in sorted(written)]
    for number, start in enumerate(range(0, len(lines), _SUMS_IN_A_FILE), start=1):
        file = folder / (f"{SUMS}-{number}" if number > 1 else SUMS)
        file.write_text("".join(lines[start : start + _SUMS_IN_A_FILE]))
