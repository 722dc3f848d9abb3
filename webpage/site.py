"""The page of a release, written from the release's own file and nothing else."""

from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import date
from pathlib import Path

from warehouse.answers import answer, opened
from warehouse.connection import Connection
from warehouse.release_changes import NO_CHANGES, Changes, Origin
from webpage import contributors, funds, places, programmes
from webpage.api import write_index
from webpage.assets import write_assets
from webpage.changes import write_changes_page
from webpage.contributors import write_contributors
from webpage.funds import write_funds
from webpage.general import write_general
from webpage.pages import PageFolder, WrittenFile, code_digest
from webpage.places import write_places
from webpage.programmes import write_programmes
from webpage.scripts import ReleaseInfo
from webpage.search import write_search
from webpage.subjects import find_subjects
from webpage.texts import write_texts

_DESCRIBED = (
    programmes.DESCRIBED, funds.DESCRIBED, contributors.DESCRIBED, *places.DESCRIBED.values(),
)  # fmt: skip
_PROGRAMMES_PER_TASK = 1_000  # the digests of more take more memory than their pages


def write_page(
    file: Path,
    path: Path,
    name: str,
    published: date,
    pool: Executor,
    earlier: Path | None = None,
    origin: Origin | None = None,
    changes: Changes = NO_CHANGES,
) -> int:
    """Write the page of a release, and return its number of files.

    The same release gives the same bytes, whether files of the earlier page are linked or not.

    Args:
        file: the release's DuckDB file, closed.
        path: the page's folder, which must not exist.
        name: the release's name.
        published: the release's day.
        pool: processes that write the pages.
        earlier: an earlier release's page, to whose files those that are the same are linked.
        origin: the site and the publisher, which a citation names.
        changes: what changed since the release before.

    Raises:
        WarehouseMissingError, WarehouseVersionError: see `open_reader`.
    """
    folder = PageFolder(path, earlier, code_digest())
    origins = (origin.site, origin.publisher) if origin else (None, None)
    with opened(file) as con:
        batches = [*_batches(con)]
    # Processes beside this one write all of it: what they need of memory goes with them.
    tasks = [
        pool.submit(_write_others, file, folder, (name, published), origins, changes),
        *(pool.submit(write_programmes, file, folder, batch) for batch in batches),
    ]
    return folder.finish([page for task in tasks for page in task.result()])


def _batches(con: Connection) -> Iterator[list[str]]:
    """Yield the IDs of all programmes, as many at a time as one task writes."""
    ids = [key for (key,) in answer(con, "programme_ids").rows]
    for start in range(0, len(ids), _PROGRAMMES_PER_TASK):
        yield ids[start : start + _PROGRAMMES_PER_TASK]


def _write_others(
    file: Path,
    folder: PageFolder,
    named: tuple[str, date],
    origins: tuple[str | None, str | None],
    changes: Changes,
) -> list[WrittenFile]:
    """Write the pages of all but programmes, with the indexes of search and API."""
    texts = write_texts(file, folder)
    with opened(file) as con:
        (overview,) = answer(con, "overview").records()
        release = ReleaseInfo(*named, overview["newest_capture"], *origins)
        subjects = find_subjects(con)
        sums = answer(con, "known_sums").by_key()
        return [
            *write_assets(folder),
            write_changes_page(folder, changes),
            *write_general(con, folder, release, overview, subjects.fund, sums),
            *write_funds(con, folder, subjects.fund, sums),
            *write_contributors(con, folder, subjects.contributor),
            *write_places(con, folder, subjects),
            *texts.files,
            *write_search(folder, subjects, texts),
            *write_index(con, folder, release, subjects, _DESCRIBED),
        ]
